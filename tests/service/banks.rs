//! Banks and entries by adlink's own routes.

use super::support::{OK, Setting, picture, some_hash};
use serde_json::json;

#[tokio::test]
async fn banks_say_what_they_are() {
    let setting = Setting::empty();
    let facts = json!({ "name": "LIST", "kind": "theirs", "source": "partner", "handling": "TLP:AMBER", "expires": "2099-01-31", "ratio": 0.5 });
    let made = setting.post("/v1/banks", &facts).await.expect(201).json();
    for (name, value) in facts.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(setting.get("/v1/banks/LIST").await.expect(OK).json()["entries"], 0);
    setting.post("/v1/banks", &facts).await.refused(409);
    for bad in [
        json!({}),
        json!({ "name": "x" }),
        json!({ "name": "B", "kind": "other" }),
        json!({ "name": "B", "expires": "soon" }),
        json!({ "name": "B", "ratio": 2 }),
        json!({ "name": "B", "sourse": "misspelt" }),
        json!({ "name": "B", "source": "two\nlines" }),
        json!(5),
    ] {
        setting.post("/v1/banks", &bad).await.refused(400);
    }
    let changed = setting
        .json("PUT", "/v1/banks/LIST", &json!({ "name": "OTHER", "kind": "common" }))
        .await
        .expect(OK)
        .json();
    assert_eq!(
        (&changed["name"], &changed["kind"], &changed["source"]),
        (&json!("OTHER"), &json!("common"), &json!("partner"))
    );
    setting.json("PUT", "/v1/banks/LIST", &json!({})).await.refused(404);
    setting.get("/v1/banks/LIST").await.refused(404);
    let history = setting.get("/v1/banks/OTHER/history").await.expect(OK).json();
    assert!(history["versions"].as_array().unwrap().len() >= 2);
    setting.get("/v1/banks/NONE/history").await.refused(404);
    assert_eq!(setting.get("/v1/banks").await.expect(OK).json()["banks"].as_array().unwrap().len(), 1);
    setting.delete("/v1/banks/OTHER").await.expect(OK);
    setting.delete("/v1/banks/OTHER").await.refused(404);
}

#[tokio::test]
async fn entries_come_by_hash_by_digest_and_from_pictures() {
    let setting = Setting::empty();
    setting.post("/v1/banks", &json!({ "name": "LIST" })).await.expect(201);
    let photo = picture("openboard.example/O1007_0.jpg");
    let said = json!({
        "pdq": some_hash(1), "quality": 80, "md5": "00".repeat(16), "labels": ["a", "b"], "note": "n", "outside_id": "o-1",
        "uri": "https://a.example/1", "metadata": { "x": [1, 2] },
    });
    let entry = setting.post("/v1/banks/LIST/entries", &said).await.expect(201).json();
    for (name, value) in said.as_object().unwrap() {
        assert_eq!(&entry[name], value, "{name}");
    }
    let from_picture =
        setting.upload("/v1/banks/LIST/entries?labels=x,y&note=seen", photo.clone()).await.expect(201).json();
    assert_eq!((&from_picture["id"], &from_picture["labels"]), (&json!(2), &json!(["x", "y"])));
    assert_eq!(from_picture["sha256"], adlink::analysis::digest(&photo).sha256.to_string());
    let file = setting
        .post("/v1/banks/LIST/entries", &json!({ "sha256": "ab".repeat(32) }))
        .await
        .expect(201)
        .json();
    assert_eq!(file["pdq"], json!(null));
    for bad in [
        json!({}),
        json!({ "note": "n" }),
        json!({ "pdq": "xyz" }),
        json!({ "md5": "1" }),
        json!({ "pdq": some_hash(1), "quality": 101 }),
        json!({ "pdq": some_hash(1), "labels": "" , "x": 1 }),
        json!({ "pdq": some_hash(1), "note": "x".repeat(256) }),
        json!({ "picture": "!" }),
        json!({ "picture": "aGVsbG8=" }),
    ] {
        setting.post("/v1/banks/LIST/entries", &bad).await.refused(400);
    }
    setting.post("/v1/banks/NONE/entries", &said).await.refused(404);
    let path = "/v1/banks/LIST/entries/1";
    assert_eq!(setting.get(path).await.expect(OK).json()["note"], "n");
    let changed =
        setting.json("PUT", path, &json!({ "disable_until_ts": 0, "labels": ["c"] })).await.expect(OK).json();
    assert_eq!(
        (&changed["disable_until_ts"], &changed["labels"], &changed["note"]),
        (&json!(0), &json!(["c"]), &json!("n"))
    );
    setting.json("PUT", path, &json!({ "disable_until_ts": -5 })).await.refused(400);
    setting.json("PUT", path, &json!({ "lables": [] })).await.refused(400);
    setting.delete(path).await.expect(OK);
    for method in ["GET", "PUT", "DELETE"] {
        setting.json(method, path, &json!({})).await.refused(404);
        setting.json(method, "/v1/banks/LIST/entries/x", &json!({})).await.refused(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_entry_that_cannot_be_takes_no_other_with_it() {
    let setting = Setting::empty();
    setting.post("/v1/banks", &json!({ "name": "LIST" })).await.expect(201);
    let posts = (0..40u64).map(|number| {
        let router = setting.router.clone();
        let bank = if number % 7 == 0 { "NONE" } else { "LIST" };
        let body = json!({ "pdq": some_hash(number) }).to_string().into_bytes();
        let request = super::support::request(
            "POST",
            &format!("/v1/banks/{bank}/entries"),
            Some("application/json"),
            body,
        );
        tokio::spawn(async move {
            use tower::ServiceExt;
            router.oneshot(request).await.unwrap().status().as_u16()
        })
    });
    for (number, post) in posts.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(post.await.unwrap(), if number % 7 == 0 { 404 } else { 201 });
    }
    let (_folder, case) = setting.case();
    let bank = case.bank("LIST").unwrap().unwrap();
    assert_eq!(case.count_entries(&bank).unwrap(), 34);
}
