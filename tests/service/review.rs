//! Decisions, feedback, networks, and the feed of changes.

use super::support::{OK, Setting, some_hash};
use adlink::case::Case;
use serde_json::json;
use std::process::Command;
use tempfile::TempDir;

#[tokio::test]
async fn decisions_are_in_the_case() {
    let setting = Setting::of_fixture();
    let snapshot = Case::open_read(&setting.path()).unwrap().snapshot().unwrap();
    let ids: Vec<String> = snapshot.images.iter().take(2).map(|image| image.id().to_string()).collect();
    let decision =
        json!({ "subject": { "pair": ids }, "ruling": "reject", "reviewer": "ann", "reason": "no" });
    assert_eq!(setting.post("/v1/decisions", &decision).await.expect(201).json(), json!({ "number": 1 }));
    for bad in [
        json!({}),
        json!({ "subject": { "pair": ids }, "ruling": "maybe", "reviewer": "ann" }),
        json!({ "subject": { "pair": ids }, "ruling": "reject" }),
        json!({ "subject": { "pair": [ids[0], ids[0]] }, "ruling": "reject", "reviewer": "ann" }),
        json!({ "subject": 5, "ruling": "reject", "reviewer": "ann" }),
        json!({ "subject": { "pair": ids }, "ruling": "reject", "reviewer": "ann", "at": "yesterday" }),
        json!([]),
    ] {
        setting.post("/v1/decisions", &bad).await.refused(400);
    }
    let (_folder, case) = setting.case();
    let decisions = case.decisions().unwrap();
    assert_eq!((decisions.len(), decisions[0].reviewer.as_str()), (1, "ann"));
    assert!(decisions[0].shown.contains("service, local"), "{}", decisions[0].shown);
    assert_eq!(case.check_audit().unwrap().faults, []);
    assert!(case.check_data().unwrap().faults.is_empty());
}

#[tokio::test]
async fn feedback_is_noted_in_the_words_of_exchanges() {
    let setting = Setting::empty();
    setting.post("/v1/banks", &json!({ "name": "LIST" })).await.expect(201);
    setting.post("/v1/banks/LIST/entries", &json!({ "pdq": some_hash(1) })).await.expect(201);
    let feedback = json!({ "bank": "LIST", "entry": 1, "feedback": "NotBlocked", "reason": "another photo", "tags": ["t"] });
    let number = setting.post("/v1/feedback", &feedback).await.expect(201).json()["number"].as_u64().unwrap();
    for bad in [
        json!({ "bank": "LIST", "entry": 1 }),
        json!({ "bank": "LIST", "entry": 1, "feedback": "nice" }),
        json!({ "bank": "LIST", "entry": "x", "feedback": "Blocked" }),
        json!({ "bank": "LIST", "entry": 1, "feedback": "Blocked", "reason": "x".repeat(501) }),
        json!({ "bank": "LIST", "entry": 1, "feedback": "Blocked", "mood": "x" }),
    ] {
        setting.post("/v1/feedback", &bad).await.refused(400);
    }
    setting
        .post("/v1/feedback", &json!({ "bank": "LIST", "entry": 9, "feedback": "Blocked" }))
        .await
        .refused(404);
    let told = setting.get(&format!("/v1/changes?since={}", number - 1)).await.expect(OK).json();
    let change = &told["changes"][0];
    assert_eq!((&change["number"], &change["action"]), (&json!(number), &json!("feedback")));
    assert_eq!(
        (&change["detail"]["feedback"], &change["detail"]["token"]),
        (&json!("NotBlocked"), &json!("local"))
    );
}

#[tokio::test]
async fn changes_are_told_in_order_and_page_by_page() {
    let setting = Setting::empty();
    setting.post("/v1/banks", &json!({ "name": "LIST" })).await.expect(201);
    for number in 0..5 {
        let ad = json!({ "site": "a.example", "ad_id": number.to_string(), "images": [{ "path": "x", "pdq": some_hash(number) }] });
        setting.post("/v1/ads", &ad).await.expect(201);
    }
    let (mut since, mut all) = (0, Vec::new());
    loop {
        let told = setting.get(&format!("/v1/changes?since={since}&limit=3")).await.expect(OK).json();
        all.extend(told["changes"].as_array().unwrap().clone());
        since = told["next"].as_u64().unwrap();
        if told["more"] == false {
            break;
        }
    }
    let numbers: Vec<u64> = all.iter().map(|change| change["number"].as_u64().unwrap()).collect();
    assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{numbers:?}");
    let posted: Vec<&str> = all
        .iter()
        .filter(|change| change["action"] == "post-ads")
        .flat_map(|change| change["detail"]["ads"].as_array().unwrap())
        .map(|ad| ad["key"].as_str().unwrap())
        .collect();
    assert_eq!(posted, ["a.example/0", "a.example/1", "a.example/2", "a.example/3", "a.example/4"]);
    assert_eq!(setting.get(&format!("/v1/changes?since={since}")).await.json()["changes"], json!([]));
    for bad in ["since=-1", "since=x", "limit=0", "limit=5000", "from=1"] {
        setting.get(&format!("/v1/changes?{bad}")).await.refused(400);
    }
}

#[tokio::test]
async fn networks_are_those_of_the_last_run() {
    use assert_cmd::cargo::CommandCargoExt;
    let setting = Setting::of_fixture();
    assert!(setting.get("/v1/networks/1").await.refused(404).contains("no run"));
    setting.service.close();
    let out = TempDir::new().unwrap();
    let report = Command::cargo_bin("adlink")
        .unwrap()
        .args(["report", "--case"])
        .arg(setting.path())
        .arg("--out")
        .arg(out.path())
        .output()
        .unwrap();
    assert!(report.status.code() == Some(3) || report.status.success());
    let listed = std::fs::read_to_string(out.path().join("networks.jsonl")).unwrap();
    let first: serde_json::Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    let again = Setting::with(setting.folder, |_| {});
    let id = first["network_id"].as_str().unwrap();
    let told = again.get(&format!("/v1/networks/{id}")).await.expect(OK).json();
    assert_eq!(told["ads"].as_array().unwrap().len(), first["ads"].as_array().unwrap().len());
    let number = told["number"].as_u64().unwrap();
    assert_eq!(again.get(&format!("/v1/networks/{number}")).await.expect(OK).json(), told);
    assert!(!told["links"].as_array().unwrap().is_empty());
    for none in ["0", "n-0000000000000000", "x", "n-xyz", "%2e%2e"] {
        again.get(&format!("/v1/networks/{none}")).await.refused(404);
    }
}
