//! Ads that are posted: stored, found, and answered with those that share their photos.

use super::support::{OK, Setting, crop, picture, some_hash};
use adlink::case::Case;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const COPIES: [&str; 2] = ["lakeside.example/L1163_0.jpg", "openboard.example/O1228_0.jpg"];

fn ad(site: &str, id: &str) -> Value {
    json!({ "site": site, "ad_id": id, "posted_at": "2024-01-02", "title": "t", "phones": ["555-0101"], "images": ["a.jpg"] })
}

async fn post(setting: &Setting, ad: &Value, name: &str) -> super::support::Told {
    let (record, photo) = (ad.to_string(), picture(name));
    setting.form("/v1/ads", &[("ad", None, record.as_bytes()), ("a", Some("a.jpg"), &photo)]).await
}

fn sharing(answer: &Value) -> BTreeSet<String> {
    let ads = answer["shares"]["ads"].as_array().unwrap();
    ads.iter().map(|ad| ad["ad"]["key"].as_str().unwrap().to_string()).collect()
}

#[tokio::test]
async fn an_ad_is_stored_and_finds_its_copies_at_once() {
    let setting = Setting::empty();
    let first = post(&setting, &ad("a.example", "1"), COPIES[0]).await.expect(201).json();
    assert_eq!((&first["ad"]["key"], &first["new"]), (&json!("a.example/1"), &json!(true)));
    assert_eq!(first["images"][0]["state"], "read");
    assert!(sharing(&first).is_empty());
    let second = post(&setting, &ad("b.example", "2"), COPIES[1]).await.expect(201).json();
    assert_eq!(sharing(&second), BTreeSet::from(["a.example/1".into()]), "{second}");
    assert_eq!(second["shares"]["ads"][0]["same_photo"], true);
    let again = post(&setting, &ad("b.example", "2"), COPIES[1]).await.expect(OK).json();
    assert_eq!((&again["new"], sharing(&again)), (&json!(false), sharing(&second)));
    let told = setting.get("/v1/ads/b.example/2").await.expect(OK).json();
    assert_eq!((&told["title"], &told["phones"]), (&json!("t"), &json!(["555-0101"])));
    assert_eq!(told["images"].as_array().unwrap().len(), 1);
    assert_eq!(setting.get("/v1/ads/b.example%2F2").await.expect(OK).json(), told);
    setting.get("/v1/ads/b.example/3").await.refused(404);
    let found = setting.upload("/v1/match", picture(COPIES[0])).await.expect(OK).json();
    assert_eq!(found["posts"]["found"], 2);
    let (_folder, case) = setting.case();
    assert_eq!(case.snapshot().unwrap().ads.len(), 2);
    assert_eq!(case.check_audit().unwrap().faults, []);
    assert!(case.check_data().unwrap().faults.is_empty());
    assert_eq!(case.check_file().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn parts_of_what_was_just_posted_are_found() {
    let setting = Setting::empty();
    let crop = crop(&picture(COPIES[0])).unwrap();
    let before = setting.upload("/v1/match", crop.clone()).await.expect(OK).json();
    assert_eq!(before["verdict"], "no-match");
    post(&setting, &ad("a.example", "1"), COPIES[0]).await.expect(201);
    let after = setting.upload("/v1/match", crop).await.expect(OK).json();
    let hits = after["posts"]["hits"].as_array().unwrap();
    assert!(hits.iter().any(|hit| hit["same_photo"] == true), "{after}");
    assert!(
        hits.iter().all(|hit| hit["tier"] != "partial")
            || after["not_done"].to_string().contains("could not be read")
    );
}

#[tokio::test]
async fn pictures_come_in_base64_or_as_hashes_alone() {
    use base64::Engine;
    let setting = Setting::empty();
    let text = base64::engine::general_purpose::STANDARD.encode(picture(COPIES[0]));
    let record = json!({ "site": "a.example", "ad_id": "1", "images": [{ "path": "x.jpg", "base64": text }, { "base64": text }] });
    let told = setting.post("/v1/ads", &record).await.expect(201).json();
    assert_eq!(told["images"].as_array().unwrap().len(), 2);
    assert!(told["images"].as_array().unwrap().iter().all(|image| image["state"] == "read"), "{told}");
    let hash = adlink::analysis::analyse(&picture(COPIES[1]), &adlink::Limits::default())
        .unwrap()
        .pdq
        .hash()
        .to_string();
    let by_hash = json!({ "site": "b.example", "ad_id": "2", "images": [{ "path": "y.jpg", "pdq": hash }] });
    let told = setting.post("/v1/ads", &by_hash).await.expect(201).json();
    assert_eq!(told["images"][0]["state"], "hash-only");
    assert_eq!(sharing(&told), BTreeSet::from(["a.example/1".into()]));
    assert!(told["shares"]["not_done"].to_string().contains("only a hash"));
}

#[tokio::test]
async fn what_cannot_be_used_is_said_for_each_image() {
    let setting = Setting::empty();
    let record = json!({
        "site": "a.example", "ad_id": "1", "ethnicity": "x", "colour_of_shoes": "y",
        "images": ["gone.jpg", { "url": "https://a.example/far.jpg" }, { "path": "z", "pdq": "xyz" }, "bad.jpg", "lie.jpg"],
    });
    let mut record_with_lie = record.clone();
    record_with_lie["images"][4] = json!({ "path": "lie.jpg", "sha256": "00".repeat(32) });
    let text = record_with_lie.to_string();
    let photo = picture(COPIES[0]);
    let told = setting
        .form(
            "/v1/ads",
            &[
                ("ad", None, text.as_bytes()),
                ("p", Some("bad.jpg"), b"<html>"),
                ("q", Some("lie.jpg"), &photo),
                ("r", Some("more.jpg"), &photo),
            ],
        )
        .await
        .expect(201)
        .json();
    let states: Vec<(&Value, &Value)> =
        told["images"].as_array().unwrap().iter().map(|image| (&image["state"], &image["reason"])).collect();
    let (skipped, read) = (json!("skipped"), json!("read"));
    assert_eq!(
        states,
        [
            (&skipped, &json!("MISSING")),
            (&skipped, &json!("NOT_LOCAL")),
            (&skipped, &json!("MALFORMED")),
            (&skipped, &json!("NOT_AN_IMAGE")),
            (&read, &Value::Null),
            (&read, &Value::Null),
        ],
        "{told}"
    );
    assert_eq!(told["mismatches"].as_array().unwrap().len(), 1);
    assert_eq!(told["left_out"], json!(["colour_of_shoes", "ethnicity"]));
    let (_folder, case) = setting.case();
    let snapshot = case.snapshot().unwrap();
    assert_eq!(snapshot.skipped.len(), 5, "{:?}", snapshot.skipped);
    assert!(snapshot.ads[0].kept.is_empty());
}

#[tokio::test]
async fn what_is_no_ad_is_refused() {
    let setting = Setting::empty();
    for bad in [
        json!({}),
        json!([]),
        json!({ "title": "no id" }),
        json!({ "site": "a.example", "ad_id": "1", "images": [{ "base64": "!" }] }),
    ] {
        setting.post("/v1/ads", &bad).await.refused(400);
    }
    let photo = picture(COPIES[0]);
    setting.form("/v1/ads", &[("a", Some("a.jpg"), &photo)]).await.refused(400);
    setting.form("/v1/ads", &[("ad", None, b"{")]).await.refused(400);
    setting.form("/v1/ads", &[("ad", None, b"{}"), ("other", None, b"x")]).await.refused(400);
    setting.upload("/v1/ads", photo).await.refused(400);
    let (_folder, case) = setting.case();
    assert!(case.snapshot().unwrap().ads.is_empty());
}

#[tokio::test]
async fn what_was_withdrawn_stays_out() {
    let setting = Setting::empty();
    post(&setting, &ad("a.example", "1"), COPIES[0]).await.expect(201);
    setting.service.close();
    let path = setting.path();
    let key = adlink::record::AdKey { site: "a.example".into(), ad_id: "1".into() };
    let image = adlink::analysis::digest(&picture(COPIES[0])).sha256;
    let mut case = Case::open(&path).unwrap();
    use adlink::case::Withdrawal;
    case.withdraw_all(&[Withdrawal::Image(image), Withdrawal::Ad(key)], "asked for").unwrap();
    drop(case);
    let again = Setting::with(setting.folder, |_| {});
    post(&again, &ad("a.example", "1"), COPIES[1]).await.refused(410);
    let told = post(&again, &ad("b.example", "2"), COPIES[0]).await.expect(201).json();
    assert_eq!(
        (&told["images"][0]["state"], &told["images"][0]["reason"]),
        (&json!("skipped"), &json!("WITHDRAWN"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ads_that_come_at_once_are_all_there() {
    let setting = Setting::empty();
    let posts = (0..60u64).map(|number| {
        let ad = json!({ "site": "a.example", "ad_id": number.to_string(), "images": [{ "path": "x", "pdq": some_hash(number / 2) }] });
        let request = super::support::request("POST", "/v1/ads", Some("application/json"), ad.to_string().into_bytes());
        let router = setting.router.clone();
        tokio::spawn(async move {
            use tower::ServiceExt;
            router.oneshot(request).await.unwrap().status().as_u16()
        })
    });
    for post in posts.collect::<Vec<_>>() {
        assert_eq!(post.await.unwrap(), 201);
    }
    for number in 0..30 {
        let found = setting.post("/v1/match", &json!({ "pdq": some_hash(number) })).await.expect(OK).json();
        assert_eq!(found["posts"]["found"], 2, "{number}: {found}");
    }
    let (_folder, case) = setting.case();
    assert_eq!(case.snapshot().unwrap().ads.len(), 60);
    assert!(case.check_data().unwrap().faults.is_empty());
}

/// An ad with images by hash alone.
fn of_hashes(id: &str, hashes: &[String]) -> Value {
    let image = |(at, hash): (usize, &String)| json!({ "path": format!("{at}.jpg"), "pdq": hash });
    json!({ "site": "a.example", "ad_id": id, "images": hashes.iter().enumerate().map(image).collect::<Vec<_>>() })
}

#[tokio::test]
async fn a_photo_of_many_ads_is_counted_in_full_and_listed_in_part() {
    let setting = Setting::empty();
    let hashes = [some_hash(1), some_hash(2)];
    for number in 0..104 {
        // One of them shares both photos.
        let shown = if number == 77 { &hashes[..] } else { &hashes[..1] };
        setting.post("/v1/ads", &of_hashes(&number.to_string(), shown)).await.expect(201);
    }
    let ask = async |query: &str| {
        setting.post(&format!("/v1/ads{query}"), &of_hashes("asks", &hashes)).await.json()["shares"].clone()
    };
    let usual = ask("").await;
    assert_eq!((&usual["found"], &usual["truncated"]), (&json!(104), &json!(true)));
    let listed = usual["ads"].as_array().unwrap();
    assert_eq!(listed.len(), 100);
    assert_eq!((&listed[0]["ad"]["ad_id"], &listed[0]["found"]), (&json!("77"), &json!(2)));
    let crowd: Vec<String> = (0..1001).map(|_| some_hash(1)).collect();
    setting.post("/v1/ads", &of_hashes("crowd", &crowd)).await.refused(400);
    let all = ask("?limit=10000").await;
    assert_eq!((all["ads"].as_array().unwrap().len(), &all["truncated"]), (104, &json!(false)));
    assert_eq!(ask("?limit=1").await["ads"].as_array().unwrap().len(), 1);
    for bad in ["?limit=0", "?limit=x", "?limits=5"] {
        setting.post(&format!("/v1/ads{bad}"), &of_hashes("asks", &hashes)).await.refused(400);
    }
    let found = setting.post("/v1/match", &json!({ "pdq": hashes[0] })).await.expect(OK).json();
    // All of them are one image: nothing but a hash is known.
    assert_eq!(found["posts"]["truncated"], json!(found["posts"]["found"].as_u64().unwrap() > 100));
}

/// Two ads that show one photo many times share as many pairs as that makes; what is written out of them is bounded.
#[tokio::test]
async fn ads_that_repeat_a_photo_do_not_multiply_the_answer() {
    let setting = Setting::empty();
    let many = vec![some_hash(1); 300];
    setting.post("/v1/ads", &of_hashes("1", &many)).await.expect(201);
    let told = setting.post("/v1/ads", &of_hashes("2", &many)).await.expect(201);
    let shares = &told.json()["shares"];
    assert_eq!((&shares["found"], &shares["truncated"]), (&json!(1), &json!(true)));
    let ad = &shares["ads"][0];
    let listed = ad["photos"].as_array().unwrap();
    assert!(listed.len() == 100 && ad["found"].as_u64().unwrap() >= 300, "{} {}", listed.len(), ad["found"]);
    assert!(told.body.len() < 1 << 20, "{} bytes", told.body.len());
}

#[tokio::test]
async fn pictures_go_to_the_images_that_name_them() {
    let setting = Setting::empty();
    let (first, second) = (picture(COPIES[0]), picture("openboard.example/O1007_0.jpg"));
    let sha = |bytes: &[u8]| adlink::analysis::digest(bytes).sha256.to_string();
    let record = json!({
        "site": "a.example", "ad_id": "1",
        "images": [{ "path": "a/1.jpg", "sha256": sha(&first) }, { "path": "b/1.jpg", "sha256": sha(&second) }],
    })
    .to_string();
    let parts: super::support::Form<'_> =
        &[("ad", None, record.as_bytes()), ("p", Some("b/1.jpg"), &second), ("q", Some("a/1.jpg"), &first)];
    let told = setting.form("/v1/ads", parts).await.expect(201).json();
    assert_eq!(told["mismatches"], json!([]), "{told}");
    let images = told["images"].as_array().unwrap();
    assert_eq!((&images[0]["sha256"], &images[1]["sha256"]), (&json!(sha(&first)), &json!(sha(&second))));
}

/// The files below a folder.
fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

#[tokio::test]
async fn pictures_are_kept_where_the_operator_asks_for_it() {
    use adlink::case::Withdrawal;
    let (folder, kept) = (tempfile::TempDir::new().unwrap(), tempfile::TempDir::new().unwrap());
    let keep =
        |options: &mut adlink::api::ServiceOptions| options.keep_pictures = Some(kept.path().join("kept"));
    let setting = Setting::with(folder, keep);
    for site in ["a.example", "b.example"] {
        post(&setting, &ad(site, "1"), COPIES[0]).await.expect(201);
    }
    let broken = ad("c.example", "1").to_string();
    let parts: super::support::Form<'_> = &[("ad", None, broken.as_bytes()), ("a", Some("a.jpg"), b"<html>")];
    setting.form("/v1/ads", parts).await.expect(201);
    setting.upload("/v1/match", picture(COPIES[1])).await.expect(OK);
    let files = files_below(kept.path());
    let id = adlink::analysis::digest(&picture(COPIES[0])).sha256;
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(std::fs::read(&files[0]).unwrap(), picture(COPIES[0]));
    assert!(files[0].ends_with(format!("{}/{id}.jpeg", &id.to_string()[..2])), "{files:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&files[0]), mode(files[0].parent().unwrap())), (0o600, 0o700));
    }
    let path = setting.path();
    setting.service.close();
    let mut case = Case::open(&path).unwrap();
    assert_eq!(case.originals(&id).unwrap(), [files[0].canonicalize().unwrap()]);
    assert!(case.check_data().unwrap().faults.is_empty());
    // What is withdrawn is named, with its file, and is not kept again.
    let withdrawn = case.withdraw_all(&[Withdrawal::Image(id)], "asked for").unwrap();
    assert_eq!(withdrawn.originals, [files[0].canonicalize().unwrap()]);
    drop(case);
    std::fs::remove_file(&files[0]).unwrap();
    let again = Setting::with(setting.folder, keep);
    let told = post(&again, &ad("d.example", "1"), COPIES[0]).await.expect(201).json();
    assert_eq!(told["images"][0]["reason"], "WITHDRAWN");
    assert_eq!(files_below(kept.path()), Vec::<std::path::PathBuf>::new());
}
