//! A service on a case of its own, and requests to it.

use adlink::api::{Service, ServiceOptions, api};
use adlink::case::Case;
use adlink::ingest::{IngestOptions, Input, ingest};
use adlink::progress::Silent;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) const HOST: &str = "127.0.0.1:4720";

/// A running service.
pub(crate) struct Setting {
    pub(crate) folder: TempDir,
    pub(crate) service: Arc<Service>,
    pub(crate) router: Router,
    pub(crate) log: Arc<Mutex<Vec<String>>>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Told {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Fails unless this is the status.
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The message of a refusal, which has the one form.
    pub(crate) fn refused(self, status: u16) -> String {
        let told = self.expect(status);
        let problem = told.json();
        let fields: Vec<&String> = problem.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["message", "details"]);
        problem["message"].as_str().expect("text").to_string()
    }
}

/// A picture of the bundled ads.
pub(crate) fn picture(name: &str) -> Vec<u8> {
    fs::read(fixture().join("images").join(name)).expect("a fixture")
}

pub(crate) fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads")
}

/// A case of the bundled ads, read in once.
fn ingested() -> &'static Path {
    static CASE: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = TempDir::new().expect("a folder");
        let mut case = Case::open_or_create(&folder.path().join("case.adlink")).expect("a case");
        let input = Input::Path(fixture().join("ads.jsonl"));
        ingest(&mut case, &[input], &IngestOptions::default(), &Silent).expect("an ingest");
        folder
    });
    CASE.path()
}

impl Setting {
    /// On a case that holds nothing.
    pub(crate) fn empty() -> Self {
        Self::with(TempDir::new().expect("a folder"), |_| {})
    }

    /// On the bundled ads.
    pub(crate) fn of_fixture() -> Self {
        let folder = TempDir::new().expect("a folder");
        fs::copy(ingested().join("case.adlink"), folder.path().join("case.adlink")).expect("a copy");
        Self::with(folder, |_| {})
    }

    pub(crate) fn with(folder: TempDir, set: impl FnOnce(&mut ServiceOptions)) -> Self {
        let mut options = ServiceOptions::new(HOST.parse().expect("an address"));
        set(&mut options);
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = log.clone();
        let note = move |line: &str| lines.lock().expect("no panic").push(line.to_string());
        let service = Service::open(&folder.path().join("case.adlink"), options, note).expect("a service");
        Self { router: api(&service), service, folder, log }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("case.adlink")
    }

    /// Ends the service and opens what it left.
    pub(crate) fn case(self) -> (TempDir, Case) {
        self.service.close();
        let case = Case::open_read(&self.path()).expect("a case");
        (self.folder, case)
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Told {
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, 64 << 20).await.expect("a body").to_vec();
        Told { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Told {
        self.send(request("GET", path, None, Vec::new())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Told {
        self.send(request("DELETE", path, None, Vec::new())).await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> Told {
        self.send(request(method, path, Some("application/json"), body.to_string().into_bytes())).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Told {
        self.json("POST", path, body).await
    }

    /// A body as it is.
    pub(crate) async fn upload(&self, path: &str, bytes: Vec<u8>) -> Told {
        self.send(request("POST", path, Some("application/octet-stream"), bytes)).await
    }

    pub(crate) async fn form(&self, path: &str, parts: Form<'_>) -> Told {
        let (kind, body) = form(parts);
        self.send(request("POST", path, Some(&kind), body)).await
    }
}

pub(crate) fn request(method: &str, path: &str, kind: Option<&str>, body: Vec<u8>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
    if let Some(kind) = kind {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    request.body(Body::from(body)).expect("a request")
}

/// A form: of each part its name, the name of the file if it is one, and its bytes.
pub(crate) type Form<'a> = &'a [(&'a str, Option<&'a str>, &'a [u8])];

/// The content type and the body of a form.
pub(crate) fn form(parts: Form<'_>) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        body.extend(
            format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--frontier--\r\n");
    ("multipart/form-data; boundary=frontier".into(), body)
}

/// A part of a picture, as a file; `None` for one that cannot be decoded.
pub(crate) fn crop(bytes: &[u8]) -> Option<Vec<u8>> {
    let whole = adlink::decode::decode(bytes, &adlink::Limits::default()).ok()?.luma;
    let (w, h) = (whole.width(), whole.height());
    let part = whole.part(adlink::hash::Rect { x: w / 5, y: h / 6, width: w / 2, height: h / 2 })?;
    let mut file = format!("P5 {} {} 255\n", part.width(), part.height()).into_bytes();
    file.extend_from_slice(part.pixels());
    Some(file)
}

/// A hash that is near no other of these.
pub(crate) fn some_hash(number: u64) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1);
    let mut word = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        format!("{:016x}", state.wrapping_mul(0x2545_f491_4f6c_dd1d))
    };
    [word(), word(), word(), word()].concat()
}

/// The hash with its first bits turned over.
pub(crate) fn off_by(hash: &str, bits: u32) -> String {
    let head = u64::from_str_radix(&hash[..16], 16).expect("hex") ^ (u64::MAX << (64 - bits));
    format!("{head:016x}{}", &hash[16..])
}

pub(crate) const OK: u16 = StatusCode::OK.as_u16();
