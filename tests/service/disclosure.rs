//! What look-ups revealed, and to whom, stands beside the case: ids alone, by every route that tells of entries.

use super::support::{OK, Setting, off_by, picture, some_hash};
use adlink::api::{TokenFile, TokenScope, token_path};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tempfile::TempDir;

/// The lines of the log, once the service has ended.
fn lines(setting: &Setting) -> (String, Vec<Value>) {
    setting.service.close();
    let path = setting.folder.path().join("case.adlink-disclosures.jsonl");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    (text, lines)
}

#[tokio::test]
async fn every_route_that_tells_of_entries_is_logged() {
    let setting = Setting::empty();
    let (hash, photo) = (some_hash(1), picture("openboard.example/O1007_0.jpg"));
    setting.post("/v1/banks", &json!({ "name": "LIST" })).await.expect(201);
    setting.post("/v1/banks/LIST/entries", &json!({ "pdq": hash, "note": "secret words" })).await.expect(201);
    setting.upload("/v1/banks/LIST/entries", photo.clone()).await.expect(201);
    setting.form("/c/bank/LIST/content", &[("video", Some("v.mp4"), b"abc")]).await.expect(OK);
    let near = off_by(&hash, 3);
    setting.post("/v1/match", &json!({ "pdq": near })).await.expect(OK);
    setting.upload("/v1/match", photo.clone()).await.expect(OK);
    setting.get(&format!("/m/raw_lookup?signal_type=pdq&signal={near}")).await.expect(OK);
    setting.get(&format!("/m/lookup?signal_type=pdq&signal={near}")).await.expect(OK);
    setting.form("/m/lookup", &[("photo", Some("a.jpg"), &photo)]).await.expect(OK);
    setting.form("/m/lookup", &[("video", Some("a.mp4"), b"abc")]).await.expect(OK);
    setting.get("/v1/banks/LIST/entries/1").await.expect(OK);
    setting.get("/c/bank/LIST/content/3").await.expect(OK);
    // These reveal nothing.
    setting.post("/v1/match", &json!({ "pdq": some_hash(9) })).await.expect(OK);
    setting.get(&format!("/m/lookup?signal_type=pdq&signal={}", some_hash(9))).await.expect(OK);
    setting.get("/v1/banks/LIST/entries/9").await.refused(404);
    let (text, lines) = lines(&setting);
    let mut by_route: BTreeMap<&str, (u64, Vec<u64>)> = BTreeMap::new();
    for line in &lines {
        assert_eq!((&line["by"], &line["revealed"][0]["bank"]), (&json!("local"), &json!("LIST")), "{line}");
        let told = by_route.entry(line["route"].as_str().unwrap()).or_default();
        told.0 += line["lookups"].as_u64().unwrap();
        told.1
            .extend(line["revealed"][0]["entries"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()));
        told.1.sort_unstable();
        told.1.dedup();
    }
    let expected = BTreeMap::from([
        ("POST /v1/match", (2, vec![1, 2])),
        ("GET /m/raw_lookup", (1, vec![1])),
        ("GET /m/lookup", (1, vec![1])),
        ("POST /m/lookup", (2, vec![2, 3])),
        ("GET /v1/banks/{name}/entries/{id}", (1, vec![1])),
        ("GET /c/bank/{name}/content/{id}", (1, vec![3])),
    ]);
    assert_eq!(by_route, expected);
    let id = adlink::analysis::digest(&photo).sha256.to_string();
    for secret in [hash.as_str(), &near, &id, "secret words"] {
        assert!(!text.contains(secret), "{text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = setting.folder.path().join("case.adlink-disclosures.jsonl");
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn posts_are_counted_and_tokens_named() {
    let folder = TempDir::new().unwrap();
    let mut file = TokenFile::default();
    let token =
        file.create("partner", &[TokenScope::Match, TokenScope::Write], None, Timestamp::now()).unwrap();
    file.write(&token_path(&folder.path().join("case.adlink"))).unwrap();
    let setting = Setting::with(folder, |_| {});
    let send = async |path: &str, body: Value| {
        let mut request =
            super::support::request("POST", path, Some("application/json"), body.to_string().into_bytes());
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        setting.send(request).await
    };
    let ad = |id: &str| json!({ "site": "a.example", "ad_id": id, "images": [{ "path": "x", "pdq": some_hash(1) }] });
    send("/v1/ads", ad("1")).await.expect(201);
    send("/v1/ads", ad("2")).await.expect(201);
    send("/v1/match", json!({ "pdq": some_hash(1) })).await.expect(OK);
    let (text, lines) = lines(&setting);
    let id = &file.tokens()[0].id;
    assert!(lines.iter().all(|line| line["by"] == **id && line["revealed"] == json!([])), "{text}");
    let posts = |route: &str| -> u64 {
        let told = lines.iter().filter(|line| line["route"] == route);
        told.map(|line| line["posts"].as_u64().unwrap()).sum()
    };
    assert!(posts("POST /v1/ads") == 1 && posts("POST /v1/match") >= 1, "{text}");
}

/// Nothing is told that nobody would know of.
#[tokio::test(flavor = "multi_thread")]
async fn where_the_log_cannot_be_written_nothing_is_revealed() {
    let setting = Setting::empty();
    let hash = some_hash(1);
    setting.post("/v1/banks", &json!({ "name": "LIST" })).await.expect(201);
    setting.post("/v1/banks/LIST/entries", &json!({ "pdq": hash })).await.expect(201);
    let path = setting.folder.path().join("case.adlink-disclosures.jsonl");
    std::fs::create_dir(&path).unwrap();
    let look = format!("/m/raw_lookup?signal_type=pdq&signal={hash}");
    setting.get(&look).await.expect(OK);
    let until = async |status: u16| {
        for _ in 0..100 {
            if setting.get("/readyz").await.status == status {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("not {status}");
    };
    until(503).await;
    setting.get(&look).await.refused(503);
    setting.post("/v1/match", &json!({ "pdq": hash })).await.refused(503);
    assert!(setting.log.lock().unwrap().iter().any(|line| line.starts_with("error: cannot write")));
    std::fs::remove_dir(&path).unwrap();
    until(OK).await;
    setting.get(&look).await.expect(OK);
    setting.service.close();
    let text = std::fs::read_to_string(&path).unwrap();
    let told: u64 = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["lookups"].as_u64().unwrap())
        .sum();
    assert_eq!(told, 2, "{text}");
}
