//! Too large, too slow, too many, and what hostile files do to a service: nothing.

use super::support::{OK, Setting, picture, request};
use adlink::api::{api, listen};
use serde_json::json;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

fn tight() -> Setting {
    Setting::with(TempDir::new().unwrap(), |options| {
        options.most_bytes = 64 << 10;
        options.budget = 64 << 10;
        options.body_patience = Duration::from_millis(300);
    })
}

/// The service on a socket; what ends it.
async fn on_socket(
    setting: &Setting,
    connections: usize,
) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let router = api(&setting.service);
    let served = tokio::spawn(async move {
        let stop = async { drop(stopped.await) };
        listen(router, listener, None, connections, stop).await;
    });
    (address, stop, served)
}

async fn said(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut text)).await;
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn too_large_is_413_whether_it_says_so_or_not() {
    let setting = tight();
    let large = vec![0; (64 << 10) + 1];
    setting.upload("/v1/hash", large.clone()).await.refused(413);
    let mut honest = request("POST", "/v1/hash", None, large);
    honest.headers_mut().insert("content-length", "70000".parse().unwrap());
    setting.send(honest).await.refused(413);
    setting.post("/c/banks", &json!({ "name": "A" })).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_bodies_end_in_408_and_leave_room_for_others() {
    let setting = tight();
    let (address, _stop, _) = on_socket(&setting, 8).await;
    let head =
        "POST /v1/hash HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\nConnection: close\r\n\r\nx";
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    // The slow one holds nearly all that bodies may take together.
    let busy = setting.upload("/v1/hash", vec![0; 32 << 10]).await;
    assert_eq!(busy.headers["retry-after"], "1");
    busy.refused(429);
    let told = said(&mut slow).await;
    assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    setting.upload("/v1/hash", vec![0; 32 << 10]).await.refused(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_line_is_429_with_a_time_to_come_again() {
    let setting =
        Setting::with(TempDir::new().unwrap(), |options| (options.workers, options.waiting) = (1, 1));
    let photo = picture("openboard.example/O1007_0.jpg");
    let many = (0..24).map(|_| {
        let (router, photo) = (setting.router.clone(), photo.clone());
        tokio::spawn(async move {
            use tower::ServiceExt;
            router.oneshot(request("POST", "/v1/hash", Some("image/jpeg"), photo)).await.unwrap()
        })
    });
    let (mut done, mut turned_away) = (0, 0);
    for one in many.collect::<Vec<_>>() {
        let answer = one.await.unwrap();
        match answer.status().as_u16() {
            OK => done += 1,
            429 => {
                assert_eq!(answer.headers()["retry-after"], "1");
                turned_away += 1;
            }
            other => panic!("{other}"),
        }
    }
    assert!(done >= 2 && turned_away >= 1, "{done} done, {turned_away} turned away");
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_stop_it_ends_what_is_under_way() {
    let setting = Setting::empty();
    let (address, stop, served) = on_socket(&setting, 8).await;
    let photo = picture("openboard.example/O1007_0.jpg");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head =
        format!("POST /v1/hash HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n", photo.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    let (first, rest) = photo.split_at(photo.len() / 2);
    stream.write_all(first).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(address).await.is_err(), "a new connection was taken");
    stream.write_all(rest).await.unwrap();
    let told = said(&mut stream).await;
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("\"pdq\""), "{told}");
    tokio::time::timeout(Duration::from_secs(10), served).await.expect("it ends").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_bound_wait() {
    let setting = Setting::empty();
    let (address, _stop, _) = on_socket(&setting, 1).await;
    let silent = TcpStream::connect(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(200), second.readable()).await;
    assert!(early.is_err(), "it was served beside the first");
    drop(silent);
    assert!(said(&mut second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn hostile_files_and_paths_are_refused() {
    let setting = Setting::empty();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bad");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            files += 1;
            let told = setting.upload("/v1/match", std::fs::read(&path).unwrap()).await;
            assert!(matches!(told.status, 200 | 400 | 413), "{}: {}", path.display(), told.text());
        }
    }
    assert!(files > 5);
    for path in [
        "/v1/ads/../../etc/passwd",
        "/v1/ads/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/v1/ads/%00",
        "/c/bank/%2e%2e/content/1",
    ] {
        setting.get(path).await.refused(404);
    }
    setting.get("/m/lookup?signal=%ff%fe&signal_type=pdq").await.refused(400);
}

/// Whatever of an address cannot be read, the answer has the one form of all refusals.
#[tokio::test]
async fn addresses_that_are_no_text_are_refused_as_everything_is() {
    let setting = Setting::empty();
    let document = setting.get("/openapi.json").await.expect(OK).json();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let of = |part: &str| if part.starts_with('{') { "%ff".to_string() } else { part.to_string() };
        let bad = path.split('/').map(of).collect::<Vec<_>>().join("/");
        if bad == *path {
            continue;
        }
        for method in methods.as_object().unwrap().keys() {
            let request = request(&method.to_uppercase(), &bad, Some("application/json"), b"{}".to_vec());
            setting.send(request).await.refused(400);
            asked += 1;
        }
    }
    assert!(asked > 10, "{asked}");
}

#[tokio::test]
async fn the_pixels_of_one_ad_are_bounded_together() {
    let photo = picture("openboard.example/O1007_0.jpg");
    let image = adlink::analysis::analyse(&photo, &adlink::Limits::default()).unwrap();
    let pixels = u64::from(image.width) * u64::from(image.height);
    let setting = Setting::with(TempDir::new().unwrap(), |options| options.most_pixels = 2 * pixels);
    let post = async |id: &str, pictures: usize| {
        let ad = json!({ "site": "a.example", "ad_id": id }).to_string();
        let mut parts = vec![("ad", None, ad.as_bytes())];
        parts.extend((0..pictures).map(|_| ("p", Some("p.jpg"), photo.as_slice())));
        setting.form("/v1/ads", &parts).await
    };
    post("1", 2).await.expect(201);
    assert!(post("2", 3).await.refused(413).contains("pixels"));
    // What is no picture takes none.
    let ad = json!({ "site": "a.example", "ad_id": "3" }).to_string();
    let parts: super::support::Form<'_> = &[
        ("ad", None, ad.as_bytes()),
        ("p", Some("a"), &photo),
        ("p", Some("b"), b"text"),
        ("p", Some("c"), &photo),
    ];
    setting.form("/v1/ads", parts).await.expect(201);
    let (_folder, case) = setting.case();
    assert_eq!(case.snapshot().unwrap().ads.len(), 2);
}
