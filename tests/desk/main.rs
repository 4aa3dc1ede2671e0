//! The review desk as a browser, a stranger and a second reviewer meet it.
//!
//! Requests go straight into the router, a few over a socket. What a decision did is read from the case file, never
//! from what the desk says about it.
#![cfg(feature = "serve")]

mod between;
mod job;
mod language;
mod marked;
mod notes;
mod search;

use adlink::case::Case;
use adlink::corpus::Header;
use adlink::ingest::{IngestOptions, Input, ingest};
use adlink::language::Language;
use adlink::link::LinkOptions;
use adlink::progress::Silent;
use adlink::record::{Ruling, Subject};
use adlink::review::{Desk, MOST_UPLOADED, router, serve};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

const HOST: &str = "127.0.0.1:4711";

const ADS: &str = r#"{"site":"a.example","ad_id":"1","posted_at":"2024-01-02","title":"<script>alert(1)</script>","text":"\u202egnp","phones":["555-0101"],"images":["a.jpg"]}
{"site":"b.example","ad_id":"<img src=x onerror=alert(2)>","posted_at":"2024-02-03","phones":["+1 000 555 0101"],"images":["b.jpg"]}
{"site":"c.example","ad_id":"3","images":["c.jpg"]}
"#;

/// Two copies of one photo on two sites, a bystander, and names that would like to be markup.
struct Setting {
    folder: TempDir,
    desk: Arc<Desk>,
    router: Router,
}

/// Something that answers without a socket.
trait Served {
    fn router(&self) -> &Router;

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router().clone().oneshot(request).await.unwrap()
    }

    async fn page(&self, who: &Reviewer, path: &str) -> String {
        let answer = self.send(get(path, Some(&who.cookie))).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        text(answer).await
    }
}

/// A reviewer who came in through the printed address.
struct Reviewer {
    cookie: String,
    form: String,
}

fn image(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads/images").join(name)
}

impl Served for Setting {
    fn router(&self) -> &Router {
        &self.router
    }
}

impl Setting {
    fn new() -> Self {
        Self::of(&Header::default())
    }

    /// A case that is held as its header says.
    fn of(header: &Header) -> Self {
        Self::made(header, ADS)
    }

    /// Of these ads, which may show `a.jpg`, its copy `b.jpg` and the other `c.jpg`.
    fn with_ads(ads: &str) -> Self {
        Self::made(&Header::default(), ads)
    }

    /// A desk that was started in a language.
    fn speaking(language: Language) -> Self {
        Self::opened(&Header::default(), ADS, Some(language))
    }

    fn made(header: &Header, ads: &str) -> Self {
        Self::opened(header, ads, None)
    }

    fn opened(header: &Header, ads: &str, language: Option<Language>) -> Self {
        let folder = TempDir::new().unwrap();
        let copies = [
            ("a.jpg", "lakeside.example/L1163_0.jpg"),
            ("b.jpg", "openboard.example/O1228_0.jpg"),
            ("c.jpg", "lakeside.example/L1202_0.jpg"),
        ];
        for (to, from) in copies {
            fs::copy(image(from), folder.path().join(to)).unwrap();
        }
        fs::write(folder.path().join("ads.jsonl"), ads).unwrap();
        let path = folder.path().join("case.adlink");
        let mut case = Case::open_or_create(&path).unwrap();
        let input = Input::Path(folder.path().join("ads.jsonl"));
        ingest(&mut case, &[input], &IngestOptions::default(), &Silent).unwrap();
        case.set_header(header).unwrap();
        drop(case);
        // A name as somebody may type or send it: what cannot be seen of it is not kept.
        let names = ["\u{202e}an\u{200b}n\n".to_string(), "bo".to_string()];
        let desk =
            Desk::open(&path, &names, HOST.parse().unwrap(), language, LinkOptions::default(), &Silent)
                .unwrap();
        Self { folder, router: router(desk.clone()), desk }
    }

    fn case(&self) -> Case {
        Case::open_read(&self.folder.path().join("case.adlink")).unwrap()
    }

    /// The path and query of a reviewer's printed address.
    fn entrance(&self, name: &str) -> String {
        let (_, address) = self.desk.entrances().find(|(reviewer, _)| *reviewer == name).unwrap();
        address.strip_prefix(&format!("http://{HOST}")).unwrap().to_string()
    }

    async fn reviewer(&self, name: &str) -> Reviewer {
        let answer = self.send(get(&self.entrance(name), None)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let set = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(set.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{set}");
        let cookie = set.split(';').next().unwrap().to_string();
        let page = text(self.send(get("/", Some(&cookie))).await).await;
        let form = page.split_once("data-form=\"").unwrap().1[..64].to_string();
        Reviewer { cookie, form }
    }

    /// `/pair/A/B` of the only pair.
    async fn pair(&self, who: &Reviewer) -> String {
        let answer = self.send(get("/next?show=all", Some(&who.cookie))).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let to = answer.headers()[header::LOCATION].to_str().unwrap();
        to.split('?').next().unwrap().to_string()
    }

    async fn decide(&self, who: &Reviewer, ruling: &str) -> Response<Body> {
        let pair = self.pair(who).await;
        let (a, b) = pair["/pair/".len()..].split_once('/').unwrap();
        self.send(post("/decide", who, &format!("a={a}&b={b}&ruling={ruling}&reason=because"))).await
    }

    async fn networks_follow(&self, who: &Reviewer) {
        let started = Instant::now();
        while self.page(who, "/status").await.contains("\"updating\":true") {
            assert!(started.elapsed() < Duration::from_secs(60), "the networks never follow");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn get(path: &str, cookie: Option<&str>) -> Request<Body> {
    let request = Request::get(path).header(header::HOST, HOST);
    let request = if let Some(cookie) = cookie { request.header(header::COOKIE, cookie) } else { request };
    request.body(Body::empty()).unwrap()
}

/// A form as the reviewer's own browser sends it.
fn post(path: &str, who: &Reviewer, fields: &str) -> Request<Body> {
    from_site(path, who, fields, Some("null"), Some("same-origin"))
}

fn from_site(
    path: &str,
    who: &Reviewer,
    fields: &str,
    origin: Option<&str>,
    site: Option<&str>,
) -> Request<Body> {
    let mut request = Request::post(path)
        .header(header::HOST, HOST)
        .header(header::COOKIE, &who.cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    request.body(Body::from(format!("form={}&{fields}", who.form))).unwrap()
}

/// A request of the page's script.
fn scripted(path: &str, who: &Reviewer, body: Vec<u8>) -> Request<Body> {
    Request::post(path)
        .header(header::HOST, HOST)
        .header(header::COOKIE, &who.cookie)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header("x-adlink-form", &who.form)
        .body(Body::from(body))
        .unwrap()
}

async fn bytes(answer: Response<Body>) -> Vec<u8> {
    to_bytes(answer.into_body(), 64 << 20).await.unwrap().to_vec()
}

async fn text(answer: Response<Body>) -> String {
    String::from_utf8(bytes(answer).await).unwrap()
}

#[tokio::test]
async fn only_the_printed_address_lets_in() {
    let at = Setting::new();
    for path in
        ["/", "/queue", "/networks", "/search", "/status", "/enter", "/enter?token=", "/enter?token=0"]
    {
        let answer = at.send(get(path, Some("adlink-0=1; session=x"))).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        assert!(answer.headers().get(header::SET_COOKIE).is_none(), "{path}");
    }
    let mut wrong = at.entrance("ann");
    let last = wrong.pop().unwrap();
    wrong.push(if last == '0' { '1' } else { '0' });
    assert_eq!(at.send(get(&wrong, None)).await.status(), StatusCode::FORBIDDEN);
    let who = at.reviewer("ann").await;
    let answer = at.send(get("/", Some(&who.cookie))).await;
    let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
}

#[tokio::test]
async fn a_printed_address_lets_in_one_browser_once() {
    let at = Setting::new();
    let address = at.entrance("ann");
    let head = Request::head(&*address).header(header::HOST, HOST).body(Body::empty()).unwrap();
    assert!(at.send(head).await.headers().get(header::SET_COOKIE).is_none(), "a look ahead uses nothing up");
    let who = at.reviewer("ann").await;
    for cookie in [None, Some("adlink-0=1"), Some(&*at.reviewer("bo").await.cookie)] {
        let answer = at.send(get(&address, cookie)).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{cookie:?}");
        assert!(answer.headers().get(header::SET_COOKIE).is_none());
        assert!(text(answer).await.contains("used already"));
    }
    assert_eq!(at.send(get(&address, Some(&who.cookie))).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn another_host_name_is_refused_even_with_the_cookie() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    for host in ["evil.example", "evil.example:4711", "127.0.0.1", "127.0.0.1:4712", "[::1]:4711", ""] {
        let request = Request::get("/").header(header::HOST, host).header(header::COOKIE, &who.cookie);
        let answer = at.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    let request =
        Request::get("/").header(header::HOST, "localhost:4711").header(header::COOKIE, &who.cookie);
    assert_eq!(at.send(request.body(Body::empty()).unwrap()).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn requests_of_other_sites_change_nothing() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let pair = at.pair(&who).await;
    let (a, b) = pair["/pair/".len()..].split_once('/').unwrap();
    let fields = format!("a={a}&b={b}&ruling=reject");
    let ours = format!("http://{HOST}");
    let stranger = Reviewer { cookie: who.cookie.clone(), form: "0".repeat(64) };
    let refused = [
        from_site("/decide", &who, &fields, Some("http://evil.example"), None),
        from_site("/decide", &who, &fields, Some("http://evil.example"), Some("same-origin")),
        from_site("/decide", &who, &fields, Some(&ours), Some("cross-site")),
        from_site("/decide", &who, &fields, Some(&ours), Some("same-site")),
        from_site("/decide", &who, &fields, None, Some("none")),
        from_site("/decide", &who, &fields, Some("null"), None),
        from_site("/decide", &who, &fields, None, None),
        from_site("/decide", &stranger, &fields, Some(&ours), Some("same-origin")),
        scripted(&format!("/reveal/{a}"), &stranger, Vec::new()),
        scripted("/search/image", &stranger, Vec::new()),
    ];
    for request in refused {
        let shown = format!("{request:?}");
        assert_eq!(at.send(request).await.status(), StatusCode::FORBIDDEN, "{shown}");
    }
    let by_address = format!("/decide?form={}&{fields}", who.form);
    assert_eq!(at.send(get(&by_address, Some(&who.cookie))).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(at.case().decisions().unwrap().is_empty());
    assert_eq!(at.send(post("/decide", &who, &fields)).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(at.case().decisions().unwrap().len(), 1);
}

#[tokio::test]
async fn no_path_reaches_the_file_system() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let pair = at.pair(&who).await;
    let (known, _) = pair["/pair/".len()..].split_once('/').unwrap();
    let unknown = "ab".repeat(32);
    let passwd = "..%2f..%2f..%2f..%2fetc%2fpasswd";
    let paths = [
        format!("/image/{passwd}"),
        "/image/../../../../etc/passwd".into(),
        "/image/%2e%2e".into(),
        format!("/image/{}", known.to_uppercase()),
        format!("/image/{known}%00"),
        format!("/image/{unknown}"),
        format!("/picture/{known}/{known}/first"),
        format!("/picture/{known}/{passwd}/first"),
        format!("{}/{passwd}", pair.replace("/pair/", "/picture/")),
        format!("/pair/{unknown}/{known}"),
        format!("/photo/{passwd}"),
        "/network/n-0".into(),
        "/desk.css/../../Cargo.toml".into(),
        "//etc/passwd".into(),
    ];
    for path in paths {
        let answer = at.send(get(&path, Some(&who.cookie))).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!text(answer).await.contains("root:"), "{path}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_what_is_no_image_is_said() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let large = scripted("/search/image", &who, vec![0; MOST_UPLOADED + 1]);
    assert_eq!(at.send(large).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let form = post("/decide", &who, &"x=1&".repeat(200_000));
    assert_eq!(at.send(form).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    for no_image in [
        Vec::new(),
        b"<html>".to_vec(),
        fs::read(image("lakeside.example/L1163_0.jpg")).unwrap()[..90].to_vec(),
    ] {
        let answer = at.send(scripted("/search/image", &who, no_image)).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let query = fs::read(image("lakeside.example/L1163_0.jpg")).unwrap();
    let found = text(at.send(scripted("/search/image", &who, query)).await).await;
    assert!(found.contains("2 images with this photo, in 2 ads"), "{found}");
    assert!(at.page(&who, "/search?q=555-0101").await.contains("2 ads found"));
    assert!(at.page(&who, "/search?q=C.EXAMPLE").await.contains("1 ad found"));
}

#[tokio::test]
async fn two_reviewers_on_one_pair_are_both_heard() {
    let at = Setting::new();
    let (ann, bo) = (at.reviewer("ann").await, at.reviewer("bo").await);
    let pair = at.pair(&ann).await;
    let (first, second) = tokio::join!(at.decide(&ann, "confirm"), at.decide(&bo, "reject"));
    assert_eq!((first.status(), second.status()), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    let decisions = at.case().decisions().unwrap();
    let mut said: Vec<_> = decisions.iter().map(|d| (&*d.reviewer, d.ruling, &*d.reason)).collect();
    said.sort_unstable();
    assert_eq!(said, [("ann", Ruling::Confirm, "because"), ("bo", Ruling::Reject, "because")]);
    assert!(decisions.iter().all(|d| matches!(d.subject, Subject::Pair(a, b) if a < b)));
    assert!(at.page(&ann, &pair).await.contains("Reviewers disagree"));
    assert!(at.page(&bo, "/queue?show=disputed").await.contains("1 pair, reviewers disagree"));
}

#[tokio::test]
async fn a_second_opinion_does_not_know_the_first() {
    let at = Setting::new();
    let (ann, bo) = (at.reviewer("ann").await, at.reviewer("bo").await);
    let pair = at.pair(&ann).await;
    at.decide(&ann, "reject").await;
    let before = at.page(&bo, &pair).await;
    assert!(before.contains("Another reviewer has looked at this pair") && !before.contains("because"));
    assert!(before.contains("Now: <strong>decided by others</strong>"), "{before}");
    let second = at.page(&bo, "/queue?show=second").await;
    assert!(
        second.contains("1 pair, decided by others only") && second.contains("<div>decided by others</div>")
    );
    let list = at.page(&bo, "/decisions").await;
    assert!(list.contains("shown after your own: 1.") && !list.contains("because"), "{list}");
    let own = at.page(&ann, &pair).await;
    assert!(own.contains("Now: <strong>different photos</strong>") && own.contains("because"));
    assert_eq!(at.page(&ann, "/decisions").await.matches("because").count(), 1);
    at.decide(&bo, "reject").await;
    assert_eq!(at.page(&bo, &pair).await.matches("because").count(), 2);
    assert_eq!(at.page(&bo, "/decisions").await.matches("because").count(), 2);
}

#[tokio::test]
async fn a_rejection_takes_the_network_apart_and_taking_it_back_restores_it() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    assert!(at.page(&who, "/networks").await.contains("1 network<"));
    assert!(at.page(&who, &at.pair(&who).await).await.contains("nothing else holds them together"));
    at.decide(&who, "reject").await;
    at.networks_follow(&who).await;
    assert!(at.page(&who, "/networks").await.contains("0 networks<"));
    let answer = at.send(post("/undo", &who, "")).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert!(answer.headers()[header::LOCATION].to_str().unwrap().ends_with("&said=undone"));
    at.networks_follow(&who).await;
    assert!(at.page(&who, "/networks").await.contains("1 network<"));
    let rulings: Vec<_> = at.case().decisions().unwrap().iter().map(|decision| decision.ruling).collect();
    assert_eq!(rulings, [Ruling::Reject, Ruling::Unsure], "taking back is one more decision");
    assert!(at.page(&who, "/queue").await.contains("1 pair, not decided"));
}

#[tokio::test]
async fn clear_pictures_come_only_on_request_and_each_is_in_the_audit() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let pair = at.pair(&who).await;
    for kind in ["first", "second", "plain", "mapped", "difference"] {
        let blurred =
            at.send(get(&format!("{}/{kind}", pair.replace("/pair/", "/picture/")), Some(&who.cookie))).await;
        assert_eq!(blurred.headers()[header::CONTENT_TYPE], "image/jpeg", "{kind}");
        let reveal = format!("{}/{kind}", pair.replace("/pair/", "/reveal/"));
        assert_eq!(at.send(get(&reveal, Some(&who.cookie))).await.status(), StatusCode::METHOD_NOT_ALLOWED);
        let clear = at.send(scripted(&reveal, &who, Vec::new())).await;
        assert_eq!(clear.headers()[header::CONTENT_TYPE], "image/jpeg", "{kind}");
        assert!(bytes(clear).await.len() > bytes(blurred).await.len(), "{kind}: detail takes room");
    }
    let entries = at.case().audit_entries().unwrap();
    let reveals: Vec<_> = entries.iter().filter(|entry| entry.action == "reveal").collect();
    // The difference shows something of both.
    assert_eq!(reveals.len(), 6);
    assert!(reveals.iter().all(|entry| entry.detail["reviewer"] == "ann"));
    at.decide(&who, "confirm").await;
    assert!(at.case().decisions().unwrap()[0].shown.starts_with("revealed 2 of 2"));
}

#[tokio::test]
async fn missing_and_changed_originals_are_said() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let pair = at.pair(&who).await;
    let words = format!("{}/words", pair.replace("/pair/", "/picture/"));
    fs::write(at.folder.path().join("a.jpg"), fs::read(at.folder.path().join("c.jpg")).unwrap()).unwrap();
    assert!(at.page(&who, &words).await.contains("has changed since it was read"));
    fs::remove_file(at.folder.path().join("a.jpg")).unwrap();
    fs::remove_file(at.folder.path().join("b.jpg")).unwrap();
    let page = at.page(&who, &pair).await;
    assert_eq!(page.matches("The original is not at its place").count(), 2);
    assert!(!page.contains("<img"));
    assert!(page.contains("name=\"shown\" value=\"none\""));
    let picture = at
        .send(get(&format!("{}/first?grey=1", pair.replace("/pair/", "/picture/")), Some(&who.cookie)))
        .await;
    assert_eq!(picture.headers()[header::CONTENT_TYPE], "image/svg+xml");
}

#[tokio::test]
async fn a_group_is_decided_at_once() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let page = at.page(&who, &at.pair(&who).await).await;
    let group = page.split_once("href=\"/photo/").unwrap().1.split('"').next().unwrap();
    let path = format!("/photo/{group}");
    assert!(at.page(&who, &path).await.contains("One photo, 2 image files"));
    let nothing_picked = at.send(post(&path, &who, "ruling=reject")).await;
    assert_eq!(nothing_picked.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(at.send(post(&path, &who, "ruling=common")).await.status(), StatusCode::SEE_OTHER);
    let decisions = at.case().decisions().unwrap();
    assert!(
        matches!(&decisions[..], [one] if one.ruling == Ruling::Common && matches!(&one.subject, Subject::Photo(of) if of.len() == 2))
    );
}

#[tokio::test]
async fn what_one_calls_common_is_told_to_another_after_an_own_word() {
    let at = Setting::new();
    let (ann, bo) = (at.reviewer("ann").await, at.reviewer("bo").await);
    let page = at.page(&ann, &at.pair(&ann).await).await;
    let group = page.split_once("href=\"/photo/").unwrap().1.split('"').next().unwrap();
    let path = format!("/photo/{group}");
    at.send(post(&path, &ann, "ruling=common")).await;
    at.networks_follow(&ann).await;
    assert!(at.page(&ann, &path).await.contains("Held to be common"));
    let before = at.page(&bo, &path).await;
    assert!(
        !before.contains("Held to be common") && before.contains("Another reviewer has looked at this photo")
    );
    at.send(post(&path, &bo, "ruling=common")).await;
    at.networks_follow(&bo).await;
    let after = at.page(&bo, &path).await;
    assert!(after.contains("Held to be common") && !after.contains("Another reviewer has looked"));
}

/// Enter in a field of a form presses its first button that sends. Were that a ruling, a reason typed for a rejection
/// and closed with Enter would be stored as a confirmation.
#[tokio::test]
async fn what_must_stop_is_said_on_every_page() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    for path in ["/", &at.pair(&who).await, "/networks"] {
        let page = at.page(&who, path).await;
        assert!(page.contains("If a child may be depicted") && page.contains("inhope.org"), "{path}");
    }
}

#[tokio::test]
async fn whom_to_report_to_is_that_of_the_country_of_the_case_on_every_page() {
    let at = Setting::of(&Header { country: "GB".into(), ..Header::default() });
    let who = at.reviewer("ann").await;
    for path in ["/", &at.pair(&who).await, "/networks"] {
        let page = at.page(&who, path).await;
        assert!(page.contains("report.iwf.org.uk") && !page.contains("inhope.org"), "{path}");
    }
}

#[tokio::test]
async fn enter_in_a_field_sends_no_ruling() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let pair = at.page(&who, &at.pair(&who).await).await;
    let group = pair.split_once("href=\"/photo/").unwrap().1.split('"').next().unwrap();
    let photo = at.page(&who, &format!("/photo/{group}")).await;
    for page in [&pair, &photo] {
        let forms = page.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap());
        let rulings: Vec<&str> = forms.filter(|form| form.contains("name=\"ruling\"")).collect();
        assert_eq!(rulings.len(), 1);
        let first = rulings[0].split_once("<button").unwrap().1.split('>').next().unwrap();
        assert!(first.contains("type=\"submit\"") && first.contains(" disabled"), "{first}");
    }
}

#[tokio::test]
async fn hostile_names_are_text() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let pair = at.pair(&who).await;
    let network = at
        .page(&who, "/networks")
        .await
        .split_once("href=\"/network/")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap()
        .to_string();
    for path in ["/queue", "/search?q=%3Cscript%3E", &pair, &format!("/network/{network}")] {
        let page = at.page(&who, path).await;
        assert!(
            !page.contains("<script>") && !page.contains("<img src=x") && !page.contains('\u{202e}'),
            "{path}"
        );
    }
    assert!(at.page(&who, &pair).await.contains("&lt;script&gt;alert(1)"));
}

#[tokio::test]
async fn over_a_socket_bad_peers_disturb_nobody() {
    let at = Setting::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(at.router.clone(), listener));
    let ask = async |head: String| {
        let mut peer = tokio::net::TcpStream::connect(address).await.unwrap();
        peer.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        peer.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    // More than a browser opens, and none says a word.
    let mut silent = Vec::new();
    for _ in 0..130 {
        silent.push(tokio::net::TcpStream::connect(address).await.unwrap());
    }
    let started = Instant::now();
    assert!(ask("\u{1}\u{2} nonsense\r\n\r\n".into()).await.starts_with("HTTP/1.1 400"));
    assert!(
        ask(format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nX: {}\r\n\r\n", "x".repeat(1 << 20)))
            .await
            .contains("431")
    );
    let answer =
        ask(format!("GET {} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n", at.entrance("ann")))
            .await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("set-cookie"), "{answer}");
    let traversal =
        ask(format!("GET /../../etc/passwd HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n")).await;
    assert!(!traversal.starts_with("HTTP/1.1 200"), "{traversal}");
    assert!(started.elapsed() < Duration::from_secs(8), "silent peers kept others waiting");
    drop(silent);
}
