//! Who is let in, and what is written down of them.

use super::support::{HOST, OK, Setting, picture, request, some_hash};
use adlink::api::{TokenFile, TokenScope, token_path};
use axum::body::Body;
use axum::http::Request;
use jiff::{Timestamp, ToSpan};
use serde_json::json;
use tempfile::TempDir;

/// A service with a token of each scope, and one that has ended.
fn guarded() -> (Setting, impl Fn(TokenScope) -> String, String) {
    let folder = TempDir::new().unwrap();
    let (mut file, now) = (TokenFile::default(), Timestamp::now());
    let tokens: Vec<(TokenScope, String)> = TokenScope::ALL
        .into_iter()
        .map(|scope| (scope, file.create(scope.name(), &[scope], None, now).unwrap()))
        .collect();
    let ended = file.create("ended", &TokenScope::ALL, Some(now - 1.hour()), now - 2.hours()).unwrap();
    file.write(&token_path(&folder.path().join("case.adlink"))).unwrap();
    let of = move |scope| tokens.iter().find(|(known, _)| *known == scope).unwrap().1.clone();
    (Setting::with(folder, |_| {}), of, ended)
}

fn with_token(method: &str, path: &str, token: &str) -> Request<Body> {
    let mut request = request(method, path, Some("application/json"), b"{}".to_vec());
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

#[tokio::test]
async fn a_token_opens_its_scope_and_no_other() {
    let (setting, token, ended) = guarded();
    let routes = [
        ("POST", "/v1/match", TokenScope::Match),
        ("GET", "/m/raw_lookup", TokenScope::Match),
        ("POST", "/v1/ads", TokenScope::Write),
        ("POST", "/c/bank/A/signal", TokenScope::Write),
        ("GET", "/v1/changes", TokenScope::Review),
        ("GET", "/v1/ads/a/b", TokenScope::Review),
        ("DELETE", "/v1/banks/A", TokenScope::Admin),
        ("GET", "/metrics", TokenScope::Admin),
    ];
    for (method, path, needed) in routes {
        setting.send(request(method, path, None, Vec::new())).await.refused(401);
        setting.send(with_token(method, path, &ended)).await.refused(401);
        setting.send(with_token(method, path, "adlink_t00000000_0")).await.refused(401);
        for scope in TokenScope::ALL {
            let status = setting.send(with_token(method, path, &token(scope))).await.status;
            let let_in = scope == needed || scope == TokenScope::Admin;
            assert_eq!(status != 403, let_in, "{method} {path} with {scope:?}: {status}");
            assert_ne!(status, 401);
        }
    }
    for open in ["/healthz", "/readyz", "/status", "/status/live", "/openapi.json"] {
        setting.get(open).await.expect(OK);
    }
}

#[tokio::test]
async fn a_name_that_was_pointed_here_is_not_answered_without_tokens() {
    let setting = Setting::empty();
    let with = |name: &'static str, value: &str| {
        let mut request = request("GET", "/c/banks", None, Vec::new());
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    setting.send(with("host", "evil.example")).await.refused(421);
    setting.send(with("origin", "http://evil.example")).await.refused(403);
    setting.send(with("sec-fetch-site", "cross-site")).await.refused(403);
    setting.send(with("origin", &format!("http://{HOST}"))).await.expect(OK);
}

#[tokio::test]
async fn nothing_of_a_request_is_logged_but_its_route() {
    let setting = Setting::empty();
    let (hash, photo) = (some_hash(7), picture("openboard.example/O1007_0.jpg"));
    setting.post("/c/banks", &json!({ "name": "SECRET_BANK" })).await.expect(201);
    setting
        .post("/c/bank/SECRET_BANK/signal", &json!({ "pdq": hash, "note": "secret words" }))
        .await
        .expect(OK);
    setting.get(&format!("/m/lookup?signal_type=pdq&signal={hash}")).await.expect(OK);
    let ad = json!({ "site": "secret.example", "ad_id": "9", "text": "secret words", "images": [{ "path": "x", "pdq": hash }] });
    setting.post("/v1/ads", &ad).await.expect(201);
    setting.get("/v1/ads/secret.example/9").await.expect(OK);
    setting.form("/v1/match", &[("picture", Some("secret.jpg"), &photo)]).await.expect(OK);
    setting.get("/nothing/here?secret=1").await.refused(404);
    let log = setting.log.lock().unwrap().join("\n");
    assert_eq!(log.lines().count(), 7, "{log}");
    assert!(log.lines().any(|line| line == "GET - 404 0 ms -"), "{log}");
    assert!(log.contains("GET /m/lookup 200 ") && log.contains("GET /v1/ads/{*key} 200 "), "{log}");
    assert!(!log.to_lowercase().contains("secret") && !log.contains(&hash), "{log}");
}

#[tokio::test]
async fn every_answer_says_that_it_is_not_to_be_kept() {
    let setting = Setting::empty();
    for path in ["/healthz", "/c/banks", "/nothing", "/v1/hash"] {
        let told = setting.get(path).await;
        assert_eq!(told.headers["cache-control"], "no-store", "{path}");
        assert_eq!(told.headers["x-content-type-options"], "nosniff", "{path}");
    }
    setting.get("/v1/hash").await.refused(405);
}
