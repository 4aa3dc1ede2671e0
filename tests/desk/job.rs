//! The whole job through the desk: from an empty folder to a judged network, an export and a withdrawal; and what is
//! refused.

use super::marked::unmarked;
use super::{HOST, Reviewer, Served, get, image, post, scripted, text};
use adlink::case::Case;
use adlink::language::Language;
use adlink::link::LinkOptions;
use adlink::record::Ruling;
use adlink::review::{Workplace, workplace_router};
use axum::Router;
use axum::http::{StatusCode, header};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A workplace that may see `in/`, with a scrape of two sites in it; beside it lies what it may not see.
struct Job {
    folder: TempDir,
    place: Arc<Workplace>,
    router: Router,
}

impl Served for Job {
    fn router(&self) -> &Router {
        &self.router
    }
}

impl Job {
    fn new() -> Self {
        Self::speaking(None)
    }

    fn speaking(language: Option<Language>) -> Self {
        let folder = TempDir::new().unwrap();
        let copies = [
            ("in/scrape/a.example/1/a.jpg", "lakeside.example/L1163_0.jpg"),
            ("in/scrape/b.example/7/b.jpg", "openboard.example/O1228_0.jpg"),
            ("in/scrape/c.example/3/c.jpg", "lakeside.example/L1202_0.jpg"),
            ("out/secret.jpg", "lakeside.example/L1202_0.jpg"),
        ];
        for (to, from) in copies {
            let to = folder.path().join(to);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(image(from), to).unwrap();
        }
        let roots = [folder.path().join("in")];
        let who = ["ann".to_string()];
        let place =
            Workplace::new(&roots, &who, HOST.parse().unwrap(), language, LinkOptions::default()).unwrap();
        Self { router: workplace_router(place.clone()), folder, place }
    }

    /// A path in the folder, as the system resolves it.
    fn path(&self, name: &str) -> String {
        let top = fs::canonicalize(self.folder.path()).unwrap();
        top.join(name).to_str().unwrap().to_string()
    }

    async fn reviewer(&self) -> Reviewer {
        let (_, address) = self.place.entrances().next().unwrap();
        let answer = self.send(get(address.strip_prefix(&format!("http://{HOST}")).unwrap(), None)).await;
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_string();
        let page = text(self.send(get("/start", Some(&cookie))).await).await;
        let form = page.split_once("data-form=\"").unwrap().1[..64].to_string();
        Reviewer { cookie, form }
    }

    /// Where a form leads.
    async fn act(&self, who: &Reviewer, path: &str, fields: &str) -> String {
        let answer = self.send(post(path, who, fields)).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path} {fields}");
        answer.headers()[header::LOCATION].to_str().unwrap().to_string()
    }

    /// The page that says how work ended.
    async fn ended(&self, who: &Reviewer) -> String {
        let started = Instant::now();
        while self.page(who, "/start/state").await.contains("\"ended\":false") {
            assert!(started.elapsed() < Duration::from_secs(120), "it never ends");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.page(who, "/start/progress").await
    }

    /// A case made in `in/` of the whole scrape.
    async fn linked(&self, who: &Reviewer) {
        self.act(who, "/start/case", &format!("path={}&name=x.adlink", self.path("in"))).await;
        self.act(who, "/start/add", &format!("path={}", self.path("in/scrape"))).await;
        assert_eq!(self.act(who, "/start/run", "").await, "/start/progress");
        let page = self.ended(who).await;
        assert!(page.contains("Reading in and linking: done"), "{page}");
    }

    fn case(&self) -> Case {
        Case::open_read(&PathBuf::from(self.path("in/x.adlink"))).unwrap()
    }
}

/// Without what is no word of a page: columns as a list calls them, profiles as the terminal does.
fn without_names(mut page: String) -> String {
    for column in ["site", "ad_id", "images", "odd"] {
        page = page.replace(&format!("\u{27e7}{column}\u{27e6}"), "");
    }
    for profile in ["hash-only", "shared", "full"] {
        page = page.replace(&format!(">{profile}: "), ">");
    }
    page
}

#[tokio::test]
async fn no_word_of_the_pages_around_a_desk_is_beside_the_table() {
    let job = Job::speaking(Some(Language::Marked));
    let who = job.reviewer().await;
    let look = async |paths: &[&str]| {
        for path in paths {
            let page = job.page(&who, path).await;
            let page = without_names(page);
            assert_eq!(unmarked(&page), Vec::<String>::new(), "{path}");
        }
    };
    look(&["/start", "/start/folder?what=case"]).await;
    job.act(&who, "/start/case", &format!("path={}&name=x", job.path("in"))).await;
    look(&["/start", "/start/folder?what=ads", "/start/folder?what=images"]).await;
    fs::write(job.path("in/list.csv"), "site,ad_id,images,odd\na.example,1,none.jpg,x\nb.example,2,,y\n")
        .unwrap();
    job.act(&who, "/start/add", &format!("path={}", job.path("in/list.csv"))).await;
    look(&["/start", "/start/check"]).await;
    job.act(&who, "/start/remove", &format!("path={}", job.path("in/list.csv"))).await;
    job.act(&who, "/start/add", &format!("path={}", job.path("in/scrape"))).await;
    look(&["/start/check"]).await;
    job.act(&who, "/start/run", "").await;
    assert_eq!(unmarked(&job.ended(&who).await), Vec::<String>::new());
    let folder = job.path("in");
    job.act(&who, "/hand-out/report", &format!("folder={folder}&name=report&previews=none")).await;
    assert_eq!(unmarked(&job.ended(&who).await), Vec::<String>::new());
    let report = fs::read_to_string(job.path("in/report/report.html")).unwrap();
    assert!(report.contains("lang=\"en\""), "a report does not follow the language of the desk");
    job.act(&who, "/hand-out/report", &format!("folder={folder}&name=bericht&lang=de")).await;
    job.ended(&who).await;
    let german = fs::read_to_string(job.path("in/bericht/report.html")).unwrap();
    assert!(german.contains("lang=\"de\"") && german.contains("Netzwerk"), "unless somebody says so");
    job.act(&who, "/hand-out/withdraw", "site=c.example&ad_id=3&reason=asked&sure=1").await;
    assert_eq!(unmarked(&job.ended(&who).await), Vec::<String>::new());
    look(&["/hand-out", "/start"]).await;
}

#[tokio::test]
async fn from_an_empty_folder_to_a_judged_network_and_what_is_handed_out() {
    let job = Job::new();
    let who = job.reviewer().await;
    let answer = job.send(get("/", Some(&who.cookie))).await;
    assert_eq!(answer.headers()[header::LOCATION], "/start", "without a case all begins with choosing one");
    let view = job.page(&who, "/start/folder?what=case").await;
    assert!(view.contains("scrape") && view.contains("New case in this folder"));
    job.act(&who, "/start/case", &format!("path={}&name=x", job.path("in"))).await;
    assert!(!PathBuf::from(job.path("in/x.adlink")).exists(), "nothing is made before something is read");
    job.act(&who, "/start/add", &format!("path={}", job.path("in/scrape"))).await;
    let check = job.page(&who, "/start/check").await;
    assert!(check.contains("a folder") && check.contains("3 records looked at, and that is all"), "{check}");
    assert!(check.contains("a.example") && check.contains("every file is there"));
    job.act(&who, "/start/run", "").await;
    let page = job.ended(&who).await;
    assert!(page.contains("3 records read: 3 used"), "{page}");
    assert!(job.page(&who, "/networks").await.contains("1 network<"));
    // The desk of the case answers, and decides.
    let next = job.send(get("/next", Some(&who.cookie))).await;
    let pair = next.headers()[header::LOCATION].to_str().unwrap().split('?').next().unwrap().to_string();
    let (a, b) = pair["/pair/".len()..].split_once('/').unwrap();
    job.act(&who, "/decide", &format!("a={a}&b={b}&ruling=confirm")).await;
    let rulings: Vec<_> = job.case().decisions().unwrap().iter().map(|made| made.ruling).collect();
    assert_eq!(rulings, [Ruling::Confirm]);
    assert!(job.page(&who, "/decisions").await.contains("1 decision<"));
    // What is handed out.
    let folder = job.path("in");
    job.act(&who, "/hand-out/report", &format!("folder={folder}&name=report&previews=none")).await;
    assert!(job.ended(&who).await.contains("report.html"));
    for file in ["report.html", "links.csv", "run.json", "manifest-sha256.txt"] {
        assert!(PathBuf::from(job.path("in/report")).join(file).is_file(), "{file}");
    }
    let order = "format=hashes.csv&profile=hash-only&recipient=Unit+3&purpose=case+12";
    job.act(&who, "/hand-out/export", &format!("folder={folder}&name=h.csv&{order}")).await;
    assert!(job.ended(&who).await.contains("profile hash-only"));
    assert!(fs::read_to_string(job.path("in/h.csv")).unwrap().contains("Unit 3"));
    let entries = job.case().audit_entries().unwrap();
    assert!(entries.iter().any(|entry| entry.action == "export" && entry.detail["recipient"] == "Unit 3"));
    assert!(job.page(&who, "/hand-out").await.contains("Unit 3"), "what left is on record");
    // A withdrawal takes the ad's network along.
    let fields = "site=a.example&ad_id=1&image=&reason=request+7&sure=1";
    job.act(&who, "/hand-out/withdraw", fields).await;
    assert!(job.ended(&who).await.contains("Withdrawn: 1 ad"));
    assert!(job.page(&who, "/networks").await.contains("0 networks<"));
    assert_eq!(job.case().counts().unwrap().records, 2);
}

#[tokio::test]
async fn columns_are_mapped_by_hand_where_they_must_be() {
    let job = Job::new();
    let who = job.reviewer().await;
    job.act(&who, "/start/case", &format!("path={}&name=x.adlink", job.path("in"))).await;
    let list =
        "nr;place;bild;age\n1;City 1;scrape/a.example/1/a.jpg;30\n2;City 2;scrape/b.example/7/b.jpg;31\n";
    let sent = job.send(scripted("/start/list?path=list.csv", &who, list.into())).await;
    assert_eq!(sent.status(), StatusCode::OK);
    let again = job.send(scripted("/start/list?path=list.csv", &who, list.into())).await;
    assert!(text(again).await.ends_with("list-2.csv"), "a list is never stored over another");
    job.act(&who, "/start/remove", &format!("path={}", job.path("in/list-2.csv"))).await;
    let check = job.page(&who, "/start/check").await;
    for said in ["a table (CSV)", "left out: not understood", "something of a person", "No image is named"] {
        assert!(check.contains(said), "{said}: {check}");
    }
    let mapped = "column=nr&field=ad_id&column=bild&field=images&column=place&field=&site=s.example&dates=&ad_per=folder";
    assert_eq!(job.act(&who, "/start/check", mapped).await, "/start/check");
    let check = job.page(&who, "/start/check").await;
    assert!(check.contains("2 images named, and every file is there"), "{check}");
    assert!(check.contains("<strong><bdi>s.example</bdi></strong> <bdi>1</bdi>"), "{check}");
    job.act(&who, "/start/run", "").await;
    assert!(job.ended(&who).await.contains("2 records read: 2 used"));
    let ads = job.case().snapshot().unwrap().ads;
    let keys: Vec<String> = ads.iter().map(|ad| ad.key.to_string()).collect();
    assert_eq!(keys, ["s.example/1", "s.example/2"]);
    assert!(ads.iter().all(|ad| ad.kept.is_empty()), "what says something of a person is not kept");
}

#[tokio::test]
async fn nothing_outside_the_roots_is_seen_read_or_written() {
    let job = Job::new();
    let who = job.reviewer().await;
    let out = job.path("out");
    for path in ["/etc", "/", &out, &format!("{}/../out", job.path("in")), "", "no/such"] {
        if !path.is_empty() {
            let view = job.send(get(&format!("/start/folder?what=ads&path={path}"), Some(&who.cookie))).await;
            assert_eq!(view.status(), StatusCode::NOT_FOUND, "{path}");
        }
        for (form, fields) in [
            ("/start/add", format!("path={path}")),
            ("/start/case", format!("path={path}&name=x")),
            ("/start/case", format!("path={path}")),
        ] {
            let status = job.send(post(form, &who, &fields)).await.status();
            assert!(status.is_client_error(), "{form} {fields}: {status}");
        }
    }
    job.linked(&who).await;
    for name in ["..%2Fx", "x%2Fy", ".x", "", "x%00"] {
        let sent = scripted(&format!("/start/list?path={name}"), &who, b"a,b\n".to_vec());
        assert_eq!(job.send(sent).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let report = format!("folder={}&name={name}&previews=none", job.path("in"));
        let refused = job.send(post("/hand-out/report", &who, &report)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
    let elsewhere = format!("folder={out}&name=r&previews=none");
    let refused = job.send(post("/hand-out/report", &who, &elsewhere)).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "nothing was written there");
    // What is there is never replaced: an original, the case, a stranger's file.
    for name in ["x.adlink", "scrape"] {
        let order = "format=hashes.csv&profile=hash-only&recipient=R&purpose=P";
        job.act(&who, "/hand-out/export", &format!("folder={}&name={name}&{order}", job.path("in"))).await;
        assert!(job.ended(&who).await.contains(": not done"), "{name}");
    }
    assert_eq!(job.case().counts().unwrap().records, 3);
}

#[tokio::test]
async fn strangers_and_other_sites_get_nowhere_and_work_is_one_at_a_time() {
    let job = Job::new();
    let who = job.reviewer().await;
    let stranger = Reviewer { cookie: who.cookie.clone(), form: "0".repeat(64) };
    let paths = [
        "/start/case",
        "/start/add",
        "/start/run",
        "/start/stop",
        "/start/close",
        "/hand-out/report",
        "/hand-out/export",
        "/hand-out/withdraw",
    ];
    for path in paths {
        assert_eq!(job.send(post(path, &stranger, "")).await.status(), StatusCode::FORBIDDEN, "{path}");
        let foreign = super::from_site(path, &who, "", Some("http://evil.example"), None);
        assert_eq!(job.send(foreign).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    let list = scripted("/start/list?path=a.csv", &stranger, Vec::new());
    assert_eq!(job.send(list).await.status(), StatusCode::FORBIDDEN);
    for path in
        ["/start", "/start/folder?what=ads", "/start/check", "/start/progress", "/start/state", "/hand-out"]
    {
        assert_eq!(job.send(get(path, None)).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    let none = job.send(post("/start/run", &who, "")).await;
    assert_eq!(none.status(), StatusCode::CONFLICT, "there is no case to read into");
    job.linked(&who).await;
    // While the case is opened again nothing else begins, and a second window is shown what goes on.
    job.act(&who, "/start/run", "").await;
    let state = text(job.send(get("/start/state", Some(&who.cookie))).await).await;
    if state.contains("\"ended\":false") {
        let second = job.send(post("/start/run", &who, "")).await;
        assert!([StatusCode::CONFLICT, StatusCode::SEE_OTHER].contains(&second.status()));
        let start = job.send(get("/start", Some(&who.cookie))).await;
        assert!([StatusCode::SEE_OTHER, StatusCode::OK].contains(&start.status()));
    }
    job.ended(&who).await;
    let large = scripted("/start/list?path=a.csv", &who, vec![b'a'; (16 << 20) + 1]);
    assert_eq!(job.send(large).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_cannot_be_read_is_said_with_its_remedy_and_nothing_stops() {
    let job = Job::new();
    let who = job.reviewer().await;
    fs::write(job.path("in/notes.bin"), [0u8, 1, 2, 3]).unwrap();
    fs::write(job.path("in/<img src=x onerror=alert(1)>.csv"), "a,b\n1,2\n").unwrap();
    job.act(&who, "/start/case", &format!("path={}&name=x.adlink", job.path("in"))).await;
    let view = job.page(&who, "/start/folder?what=ads").await;
    assert!(!view.contains("<img src=x"), "names of files are text");
    job.act(&who, "/start/add", &format!("path={}", job.path("in/notes.bin"))).await;
    let check = job.page(&who, "/start/check").await;
    assert!(check.contains("It cannot be read.") && check.contains("no layout that adlink knows"), "{check}");
    job.act(&who, "/start/run", "").await;
    let page = job.ended(&who).await;
    assert!(page.contains(": not done") && page.contains("no layout that adlink knows"), "{page}");
    job.act(&who, "/start/remove", &format!("path={}", job.path("in/notes.bin"))).await;
    job.act(&who, "/start/add", &format!("path={}", job.path("in/scrape"))).await;
    job.act(&who, "/start/run", "").await;
    assert!(
        job.ended(&who).await.contains("3 records read: 3 used"),
        "the next run is none the worse for it"
    );
}
