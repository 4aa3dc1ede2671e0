//! A request to the service: a line `METHOD /path`, lines of headers, an empty line, a body.
//!
//! Whatever comes is answered, by no fault of the service's own, and the case is sound afterwards. The trap: one service
//! answers all inputs, so that what one of them left behind is met by the next.
#![no_main]
use adlink::api::{Service, ServiceOptions, api};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

const HOST: &str = "127.0.0.1:4720";

struct Served {
    runtime: Runtime,
    router: Router,
    _folder: TempDir,
}

static SERVED: LazyLock<Served> = LazyLock::new(|| {
    let folder = TempDir::new().expect("a temporary folder");
    let options = ServiceOptions::new(HOST.parse().expect("an address"));
    let service = Service::open(&folder.path().join("case.adlink"), options, |_| {}).expect("a service");
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads");
    Served { runtime, router: api(&service), _folder: folder }
});

fuzz_target!(|bytes: &[u8]| {
    let Some(request) = request(bytes) else { return };
    let Served { runtime, router, .. } = &*SERVED;
    let answer = runtime.block_on(async {
        let answer = router.clone().oneshot(request).await.expect("an answer");
        let status = answer.status();
        to_bytes(answer.into_body(), 64 << 20).await.map(|body| (status, body))
    });
    let (status, body) = answer.expect("a whole answer");
    assert!(status.as_u16() < 500 || status.as_u16() == 503, "{status}: {}", String::from_utf8_lossy(&body));
});

fn request(bytes: &[u8]) -> Option<Request<Body>> {
    let split = bytes.windows(2).position(|two| two == b"\n\n");
    let (head, body) = split.map_or((bytes, &b""[..]), |at| (&bytes[..at], &bytes[at + 2..]));
    let mut lines = std::str::from_utf8(head).ok()?.lines();
    let (method, path) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        request = request.header(name, value);
    }
    request.body(Body::from(body.to_vec())).ok()
}
