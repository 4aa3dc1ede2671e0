//! Addresses of ads: the site that an address stands for, and what of it names the ad.
//!
//! The trap: two visits of one page have two addresses. What is about the visit is left out of the name.

/// Host of a URL, in lower case, without user and port.
pub(super) fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("//")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty()).then(|| host.to_lowercase())
}

/// What tells an ad's URL from others of its site: its path, and what of its query is not about the visit.
pub(super) fn id_from_url(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("//")?;
    let (_, local) = rest.split('#').next()?.split_once('/')?;
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    let mut query: Vec<&str> = query.split('&').filter(|part| !is_about_the_visit(part)).collect();
    query.sort_unstable();
    let id = match (path.trim_matches('/'), query.join("&")) {
        (path, query) if query.is_empty() => path.to_string(),
        (path, query) => format!("{path}?{query}"),
    };
    (!id.is_empty()).then_some(id)
}

/// Query parameters that change from crawl to crawl.
fn is_about_the_visit(parameter: &str) -> bool {
    const NAMES: [&str; 14] = [
        "",
        "expires",
        "fbclid",
        "gclid",
        "phpsessid",
        "policy",
        "ref",
        "referrer",
        "session",
        "sessionid",
        "sid",
        "sig",
        "signature",
        "token",
    ];
    let name = parameter.split('=').next().unwrap_or_default().to_lowercase();
    NAMES.contains(&name.as_str()) || name.starts_with("utm_") || name.starts_with("x-amz-")
}
