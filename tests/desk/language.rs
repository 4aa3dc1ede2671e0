//! The language of pages: the browser's, that of `--lang`, that of the switch; and whether anything was forgotten.
//!
//! The trap: what a case says is never translated, so a page in German has English in it wherever an ad has.

use super::marked::unmarked;
use super::{HOST, Reviewer, Served, Setting, get, post, scripted, text};
use adlink::language::Language;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

fn asking(path: &str, who: &Reviewer, accepted: &str) -> Request<Body> {
    let request = Request::get(path).header(header::HOST, HOST).header(header::COOKIE, &who.cookie);
    request.header(header::ACCEPT_LANGUAGE, accepted).body(Body::empty()).unwrap()
}

/// Every page of the desk, by its address.
async fn pages(at: &Setting, who: &Reviewer) -> Vec<String> {
    let pair = at.pair(who).await;
    let page = at.page(who, &pair).await;
    let group = page.split_once("href=\"/photo/").unwrap().1.split('"').next().unwrap();
    let networks = at.page(who, "/networks").await;
    let network = networks.split_once("href=\"/network/").unwrap().1.split('"').next().unwrap();
    let fixed = ["/", "/queue?show=all", "/networks", "/decisions", "/ads", "/search", "/search?q=555-0101"];
    let ads = ["/ads?ad=a.example/1&ad=c.example/3", "/ads?ad=a.example/1&ad=b.example/none"];
    let own =
        [pair, format!("/photo/{group}"), format!("/photo/{group}?on=photos"), format!("/network/{network}")];
    fixed.into_iter().chain(ads).map(String::from).chain(own).collect()
}

#[tokio::test]
async fn pages_are_in_the_language_of_the_browser_and_evidence_in_its_own() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    for path in pages(&at, &who).await {
        let german = text(at.send(asking(&path, &who, "de-AT,de;q=0.9,en;q=0.5")).await).await;
        assert!(german.contains("<html lang=\"de\">") && german.contains("Prüfplatz"), "{path}: {german}");
        let other = text(at.send(asking(&path, &who, "fr")).await).await;
        assert!(other.contains("<html lang=\"en\">") && !other.contains("Prüfplatz"), "{path}");
    }
    let pair = at.pair(&who).await;
    let page = text(at.send(asking(&pair, &who, "de")).await).await;
    assert!(
        page.contains("Zeigen diese dasselbe Foto?") && page.contains("&lt;script&gt;alert(1)"),
        "{page}"
    );
    let refused = text(at.send(asking("/none", &who, "de")).await).await;
    assert!(refused.contains("lang=\"de\"") && refused.contains("gibt es nichts"), "{refused}");
    let status = text(at.send(asking("/status", &who, "de")).await).await;
    assert!(status.contains("Netzwerke sind aktuell"), "{status}");
}

#[tokio::test]
async fn pictures_that_are_kept_speak_the_language_of_whoever_asks() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let words = format!("{}/words", at.pair(&who).await.replace("/pair/", "/picture/"));
    for (accepted, start) in
        [("en", "Laid over each other: "), ("de", "Übereinandergelegt: "), ("en", "Laid")]
    {
        let said = text(at.send(asking(&words, &who, accepted)).await).await;
        assert!(said.starts_with(start), "{said}");
    }
}

#[tokio::test]
async fn a_choice_at_the_foot_leads_back_and_holds_for_one_reviewer() {
    let at = Setting::new();
    let (ann, bo) = (at.reviewer("ann").await, at.reviewer("bo").await);
    let path = "/queue?order=site&show=all";
    let page = at.page(&ann, path).await;
    assert!(page.contains("name=\"back\" value=\"/queue?order=site&amp;show=all\""), "{page}");
    let chosen =
        at.send(post("/language", &ann, "language=de&back=%2Fqueue%3Forder%3Dsite%26show%3Dall")).await;
    assert_eq!(chosen.status(), StatusCode::SEE_OTHER);
    assert_eq!(chosen.headers()[header::LOCATION], path);
    let said = text(at.send(asking("/", &ann, "en")).await).await;
    assert!(said.contains("lang=\"de\"") && said.contains("Stärkste Netzwerke"), "goes before the browser");
    assert!(at.page(&bo, "/").await.contains("Strongest networks"));
    for (fields, to) in
        [("language=en&back=%2F%2Fevil.example", "/"), ("language=en&back=http%3A%2F%2Fx", "/")]
    {
        let chosen = at.send(post("/language", &ann, fields)).await;
        assert_eq!(chosen.headers()[header::LOCATION], to, "{fields}");
    }
    assert!(at.page(&ann, "/").await.contains("Strongest networks"));
    let unknown = at.send(post("/language", &ann, "language=tlh&back=%2F")).await;
    assert_eq!(unknown.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let stranger = Reviewer { cookie: ann.cookie.clone(), form: "0".repeat(64) };
    assert_eq!(at.send(post("/language", &stranger, "language=de")).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_desk_that_was_started_in_a_language_speaks_it_to_strangers_too() {
    let at = Setting::speaking(Language::German);
    let refused = at.send(get("/", None)).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(text(refused).await.contains("Öffnen Sie den Prüfplatz mit der Adresse"));
    let who = at.reviewer("ann").await;
    assert!(text(at.send(asking("/", &who, "en")).await).await.contains("Stärkste Netzwerke"));
}

#[tokio::test]
async fn no_word_of_a_page_is_beside_the_table() {
    let at = Setting::speaking(Language::Marked);
    let (who, other) = (at.reviewer("ann").await, at.reviewer("bo").await);
    let pages = pages(&at, &who).await;
    let network = pages.last().unwrap();
    for fields in ["kind=name&text=42", "kind=note&text=43", "kind=name&text="] {
        at.send(post(&format!("{network}/note"), &who, fields)).await;
    }
    let mut forgotten: Vec<(String, Vec<String>)> = Vec::new();
    for path in &pages {
        forgotten.push((path.clone(), unmarked(&at.page(&who, path).await)));
    }
    at.decide(&other, "confirm").await;
    forgotten.push(("second opinion".into(), unmarked(&at.page(&who, &at.pair(&who).await).await)));
    at.decide(&who, "reject").await;
    at.networks_follow(&who).await;
    let still = |path: &&String| !path.starts_with("/network/") && !path.starts_with("/photo/");
    for path in pages.iter().filter(still) {
        forgotten.push((format!("{path} of what was rejected"), unmarked(&at.page(&who, path).await)));
    }
    let query = std::fs::read(super::image("lakeside.example/L1163_0.jpg")).unwrap();
    let found = text(at.send(scripted("/search/image", &who, query)).await).await;
    forgotten.push(("/search/image".into(), unmarked(&found)));
    forgotten.retain(|(_, words)| !words.is_empty());
    assert!(forgotten.is_empty(), "{forgotten:#?}");
}
