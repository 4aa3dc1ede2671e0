//! What is found through the service is what `adlink search` finds, from pictures and hashes, in posts and banks.

use super::support::{OK, Setting, crop, fixture, off_by, picture};
use adlink::Limits;
use adlink::analysis::analyse_with_features;
use adlink::case::Case;
use adlink::features::QUERY;
use adlink::hash::Dihedral;
use adlink::search::{SearchOptions, SearchedCase, hits_json};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn pictures() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for site in std::fs::read_dir(fixture().join("images")).unwrap() {
        for file in std::fs::read_dir(site.unwrap().path()).unwrap() {
            files.push(file.unwrap().path());
        }
    }
    files.sort();
    files
}

/// Everything of hits but their order, as a reader of JSON has it.
fn told(hits: &[Value]) -> BTreeSet<String> {
    let read = |hit: &Value| serde_json::from_str::<Value>(&hit.to_string()).expect("JSON");
    hits.iter().map(|hit| read(hit).to_string()).collect()
}

#[tokio::test]
async fn recall_is_that_of_search() {
    let setting = Setting::of_fixture();
    let case = Case::open_read(&setting.path()).unwrap();
    let searched = SearchedCase::read(&case, &SearchOptions::default()).unwrap();
    let searcher = searched.searcher().unwrap();
    let (mut compared, mut by_hash, mut by_parts) = (0, 0, 0);
    for path in pictures().into_iter().step_by(6) {
        let whole = std::fs::read(&path).unwrap();
        for bytes in std::iter::once(whole.clone()).chain(crop(&whole)) {
            let Ok(query) = analyse_with_features(&bytes, &Limits::default(), QUERY) else { continue };
            let found = searcher.find(&[&query]).unwrap();
            let expected = hits_json(&found.snapshot, &found.answers[0]);
            let answer = setting.upload("/v1/match?limit=10000", bytes).await.expect(OK).json();
            let hits = answer["posts"]["hits"].as_array().unwrap();
            let hits: BTreeSet<String> = hits.iter().map(Value::to_string).collect();
            assert_eq!(hits, told(&expected), "{}", path.display());
            compared += 1;
            by_hash += found.answers[0].hits.len();
            by_parts += found.answers[0].parts.len();
        }
    }
    let counts = format!("{compared} queries, {by_hash} by hash, {by_parts} by parts");
    assert!(compared > 30 && by_hash > 30 && by_parts > 10, "{counts}");
}

#[tokio::test]
async fn options_say_what_is_looked_through() {
    let setting = Setting::of_fixture();
    let photo = picture("openboard.example/O1007_0.jpg");
    let ask = async |query: &str| {
        setting.upload(&format!("/v1/match{query}"), photo.clone()).await.expect(OK).json()
    };
    let all = ask("").await;
    assert_eq!(all["verdict"], "match");
    assert!(all["posts"]["found"].as_u64().unwrap() >= 1);
    assert_eq!(all["query"]["sha256"], adlink::analysis::digest(&photo).sha256.to_string());
    assert_eq!(ask("?posts=false").await["verdict"], "no-match");
    assert_eq!(ask("?limit=1").await["posts"]["hits"].as_array().unwrap().len(), 1);
    let files = ask("?tiers=same-file").await;
    assert!(files["posts"]["hits"].as_array().unwrap().iter().all(|hit| hit["tier"] == "same-file"));
    assert!(files["not_done"].as_array().unwrap().iter().any(|undone| undone["what"] == "partial"));
    for bad in
        ["?tiers=best", "?limit=0", "?radius=64", "?radius=x", "?posts=maybe", "?banks=a-b", "?misspelt=1"]
    {
        setting.upload(&format!("/v1/match{bad}"), photo.clone()).await.refused(400);
    }
    for bad in [
        json!({}),
        json!({ "pdq": "abc" }),
        json!({ "pdq": 5 }),
        json!({ "pdq": "ab".repeat(32), "picture": "x" }),
        json!({ "picture": "%%%" }),
        json!({ "pdq": "ab".repeat(32), "limit": -1 }),
        json!({ "pdq": "ab".repeat(32), "banks": [5] }),
        json!({ "pdq": "ab".repeat(32), "banks": "A" }),
        json!({ "pdq": "ab".repeat(32), "limit": "5" }),
        json!([]),
    ] {
        setting.post("/v1/match", &bad).await.refused(400);
    }
    setting.upload("/v1/match", Vec::new()).await.refused(400);
    setting.post("/v1/match?limit=5", &json!({ "pdq": "ab".repeat(32), "limit": 5 })).await.refused(400);
    setting.upload("/v1/match", b"<html>".to_vec()).await.refused(400);
}

#[tokio::test]
async fn a_hash_finds_what_it_can_and_says_what_it_cannot() {
    let setting = Setting::of_fixture();
    let image = adlink::hash_file(fixture().join("images/openboard.example/O1007_0.jpg")).unwrap();
    for turn in Dihedral::ALL {
        let pdq = image.pdq.oriented(turn).to_string();
        let answer = setting.post("/v1/match", &json!({ "pdq": pdq })).await.expect(OK).json();
        assert_eq!(answer["verdict"], "match", "{turn:?}");
        assert!(answer["not_done"].to_string().contains("only a hash was given"));
    }
    let flat = json!({ "pdq": image.pdq.hash().to_string(), "quality": 10 });
    let answer = setting.post("/v1/match", &flat).await.expect(OK).json();
    assert_eq!(answer["verdict"], "no-match");
    assert!(answer["not_done"].to_string().contains("quality 10"));
}

#[tokio::test]
async fn banks_answer_with_what_they_are_and_what_was_left_out() {
    let setting = Setting::empty();
    let photo = picture("openboard.example/O1007_0.jpg");
    let hash = adlink::hash_file(fixture().join("images/openboard.example/O1007_0.jpg")).unwrap();
    let turned = hash.pdq.oriented(Dihedral::Rot90).to_string();
    let bank = json!({ "name": "TURNED", "kind": "theirs", "source": "partner" });
    setting.post("/v1/banks", &bank).await.expect(201);
    setting
        .post("/v1/banks/TURNED/entries", &json!({ "pdq": off_by(&turned, 6), "labels": ["l"] }))
        .await
        .expect(201);
    setting.post("/v1/banks", &json!({ "name": "FILES" })).await.expect(201);
    let md5 =
        adlink::analysis::digest(&photo).md5.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    setting.post("/v1/banks/FILES/entries", &json!({ "md5": md5 })).await.expect(201);
    let answer = setting.upload("/v1/match", photo.clone()).await.expect(OK).json();
    assert_eq!(answer["verdict"], "match");
    let hits = answer["banks"]["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 2, "{answer}");
    assert_eq!(
        (&hits[0]["bank"], &hits[0]["tier"], &hits[0]["strength"]),
        (&json!("FILES"), &json!("same-file"), &json!("identical"))
    );
    let near = &hits[1];
    assert_eq!(
        (&near["bank"], &near["tier"], &near["distance"]),
        (&json!("TURNED"), &json!("transformed"), &json!(6))
    );
    assert_eq!(
        (&near["kind"], &near["source"], &near["labels"]),
        (&json!("theirs"), &json!("partner"), &json!(["l"]))
    );
    let only = setting.upload("/v1/match?banks=FILES", photo.clone()).await.json();
    assert_eq!(only["banks"]["found"], 1);
    setting.json("PUT", "/v1/banks/TURNED", &json!({ "ratio": 0 })).await.expect(OK);
    setting.json("PUT", "/v1/banks/FILES", &json!({ "ratio": 0 })).await.expect(OK);
    let off = setting.upload("/v1/match", photo).await.json();
    assert_eq!((&off["verdict"], &off["banks"]["found"]), (&json!("no-match"), &json!(0)));
    assert!(off["banks"]["left_out"].to_string().contains("off"), "{off}");
}

#[tokio::test]
async fn a_picture_is_hashed_whole() {
    let setting = Setting::empty();
    let photo = picture("openboard.example/O1007_0.jpg");
    let image = adlink::hash_file(fixture().join("images/openboard.example/O1007_0.jpg")).unwrap();
    let told = setting.upload("/v1/hash", photo.clone()).await.expect(OK).json();
    assert_eq!(
        (&told["pdq"], &told["quality"]),
        (&json!(image.pdq.hash().to_string()), &json!(image.pdq.quality.get()))
    );
    assert_eq!(told["dihedral"].as_object().unwrap().len(), 8);
    assert_eq!(told["dihedral"]["rot180"], image.pdq.oriented(Dihedral::Rot180).to_string());
    assert_eq!(told["views"].as_array().unwrap().len(), image.views.len());
    let form = setting.form("/v1/hash", &[("picture", Some("a.jpg"), &photo)]).await.expect(OK).json();
    assert_eq!(form, told);
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(&photo);
    assert_eq!(setting.post("/v1/hash", &json!({ "picture": text })).await.expect(OK).json(), told);
    setting.post("/v1/hash", &json!({ "pdq": "ab".repeat(32) })).await.refused(400);
    setting.upload("/v1/hash?x=1", photo).await.refused(400);
}

/// What an answer did not do, as `what: why`.
fn undone(answer: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let told = answer["not_done"].as_array().unwrap().iter();
    told.map(|undone| format!("{}: {}", text(&undone["what"]), text(&undone["why"]))).collect()
}

#[tokio::test]
async fn what_was_not_looked_through_is_always_said() {
    let setting = Setting::empty();
    let photo = picture("openboard.example/O1007_0.jpg");
    let ask = async |query: &str| {
        undone(&setting.upload(&format!("/v1/match{query}"), photo.clone()).await.expect(OK).json())
    };
    let by_hash =
        async || undone(&setting.post("/v1/match", &json!({ "pdq": "ab".repeat(32) })).await.json());
    let says =
        |told: &[String], what: &str| assert!(told.iter().any(|one| one.contains(what)), "{what}: {told:?}");
    let is_silent =
        |told: &[String], what: &str| assert!(!told.iter().any(|one| one.contains(what)), "{what}: {told:?}");
    let told = ask("").await;
    says(&told, "banks: there are no banks");
    says(&told, "posts: there are no posts");
    setting.post("/v1/banks", &json!({ "name": "LIST" })).await.expect(201);
    setting.post("/v1/banks/LIST/entries", &json!({ "pdq": "cd".repeat(32) })).await.expect(201);
    let told = ask("").await;
    is_silent(&told, "digests");
    is_silent(&told, "no banks");
    says(&told, "partial: banks hold hashes");
    let digests = json!({ "md5": "ab".repeat(16) });
    let entry = setting.post("/v1/banks/LIST/entries", &digests).await.expect(201).json();
    says(&ask("").await, "hashes: of 1 entries of banks only digests are known");
    says(&by_hash().await, "digests: of 1 entries of banks only digests are known");
    setting.delete(&format!("/v1/banks/LIST/entries/{}", entry["id"])).await.expect(OK);
    is_silent(&ask("").await, "digests");
    says(&ask("?banks=").await, "banks: `banks` names none");
    says(&ask("?posts=false").await, "posts: `posts` leaves them out");
    says(&ask("?leads=false").await, "leads: `leads` leaves them out");
    let told = ask("?tiers=partial,same-file").await;
    says(&told, "near-copy: `tiers` leaves it out");
    says(&told, "transformed: `tiers` leaves it out");
    for unknown in ["?banks=NONE", "?banks=LIST,NONE"] {
        let refused = setting.upload(&format!("/v1/match{unknown}"), photo.clone()).await;
        assert!(refused.json()["details"].as_str().unwrap().contains("NONE"));
        refused.refused(404);
    }
    setting.post("/v1/match", &json!({ "pdq": "ab".repeat(32), "banks": ["NONE"] })).await.refused(404);
    // Counts of entries without a hash outlive a restart.
    setting.post("/v1/banks/LIST/entries", &digests).await.expect(201);
    setting.service.close();
    let again = Setting::with(setting.folder, |_| {});
    says(&undone(&again.upload("/v1/match", photo).await.json()), "of 1 entries of banks only digests");
}

/// A hit of the service says what `adlink bank match` says of the same picture, plain, part and turned.
#[tokio::test]
async fn banks_answer_as_the_program_asks_them() {
    use adlink::bank::{BankFilter, BankIndex, BankMatcher};
    use adlink::hash::{Hash256, Quality};
    let setting = Setting::empty();
    setting.post("/v1/banks", &json!({ "name": "LIST" })).await.expect(201);
    let file = fixture().join("images/openboard.example/O1007_0.jpg");
    let image = adlink::hash_file(&file).unwrap();
    let upright = image.pdq.hash().to_string();
    let mut hashes = vec![(off_by(&upright, 3), 100), (off_by(&upright, 29), 51), (upright.clone(), 60)];
    hashes.extend(Dihedral::ALL.map(|turn| (off_by(&image.pdq.oriented(turn).to_string(), 11), 80)));
    hashes.extend(image.views.iter().map(|view| (off_by(&view.pdq.hash().to_string(), 7), 90)));
    for (pdq, quality) in &hashes {
        let entry = json!({ "pdq": pdq, "quality": quality });
        setting.post("/v1/banks/LIST/entries", &entry).await.expect(201);
    }
    // A lattice: hashes of such lie near each other, whatever they show.
    let lattice: Hash256 = "a5".repeat(32).parse().unwrap();
    setting.post("/v1/banks/LIST/entries", &json!({ "pdq": lattice.to_string() })).await.expect(201);
    let answer = setting.upload("/v1/match", std::fs::read(&file).unwrap()).await.expect(OK).json();
    let by_hash = setting.post("/v1/match", &json!({ "pdq": lattice.to_string() })).await.expect(OK).json();
    let (_folder, case) = setting.case();
    let index = BankIndex::build(&case).unwrap();
    let now = jiff::Timestamp::now().as_second();
    let matcher = BankMatcher { case: &case, index: &index, filter: BankFilter::default(), radius: 31, now };
    let told = |found: &adlink::bank::BankMatch| {
        let whole = json!([
            found.entry.id.0,
            found.tier.name(),
            found.distance,
            found.turn.name(),
            found.view.name(),
            found.score,
            found.strength().name(),
            found.is_regular
        ]);
        // As a reader of JSON has it.
        serde_json::from_str::<Value>(&whole.to_string()).unwrap()
    };
    let heard = |hit: &Value| {
        let names = ["entry", "tier", "distance", "transform", "view", "score", "strength", "regular"];
        Value::Array(names.map(|name| hit[name].clone()).to_vec())
    };
    let expected = matcher.image(&image).unwrap();
    assert!(expected.found.len() >= hashes.len() - image.views.len(), "{}", expected.found.len());
    let hits: Vec<Value> = answer["banks"]["hits"].as_array().unwrap().iter().map(heard).collect();
    assert_eq!(hits, expected.found.iter().map(told).collect::<Vec<_>>());
    let listed = matcher.listed(&adlink::corpus::NewEntry {
        quality: Some(Quality::USABLE),
        ..adlink::corpus::NewEntry::of_hash(lattice)
    });
    let hits: Vec<Value> = by_hash["banks"]["hits"].as_array().unwrap().iter().map(heard).collect();
    assert_eq!(hits, listed.unwrap().found.iter().map(told).collect::<Vec<_>>());
}

/// Every picture of some ads posted to a service; then crops of them, asked of it and of a search over the case it left.
async fn parts_as_search(setting: Setting) -> (usize, usize) {
    let files: Vec<PathBuf> = pictures().into_iter().step_by(4).collect();
    for (number, path) in files.iter().enumerate() {
        let ad = json!({ "site": "a.example", "ad_id": number.to_string() }).to_string();
        let bytes = std::fs::read(path).unwrap();
        let parts: super::support::Form<'_> = &[("ad", None, ad.as_bytes()), ("p", Some("p.jpg"), &bytes)];
        setting.form("/v1/ads", parts).await.expect(201);
    }
    let case = Case::open_read(&setting.path()).unwrap();
    let searched = SearchedCase::read(&case, &SearchOptions::default()).unwrap();
    let searcher = searched.searcher().unwrap();
    let (mut by_parts, mut by_pixels) = (0, 0);
    for path in files.iter().step_by(2) {
        let Some(bytes) = crop(&std::fs::read(path).unwrap()) else { continue };
        let query = analyse_with_features(&bytes, &Limits::default(), QUERY).unwrap();
        let found = searcher.find(&[&query]).unwrap();
        let answer = setting.upload("/v1/match?limit=10000", bytes).await.expect(OK).json();
        let hits = answer["posts"]["hits"].as_array().unwrap();
        let heard: BTreeSet<String> = hits.iter().map(Value::to_string).collect();
        assert_eq!(heard, told(&hits_json(&found.snapshot, &found.answers[0])), "{}", path.display());
        by_parts += found.answers[0].parts.len();
        by_pixels += hits.iter().filter(|hit| hit["local"]["pixel_agreement"].is_number()).count();
    }
    (by_parts, by_pixels)
}

/// The indexes that grew ad by ad answer as a search over the case does that they left.
#[tokio::test]
async fn what_grew_answers_as_what_was_read() {
    let (by_parts, by_pixels) = parts_as_search(Setting::empty()).await;
    assert!(by_parts > 5 && by_pixels == 0, "{by_parts} by parts, {by_pixels} by pixels");
}

#[tokio::test]
async fn pictures_that_are_kept_are_compared_by_their_pixels() {
    let kept = tempfile::TempDir::new().unwrap();
    let folder = kept.path().join("deep/pictures");
    let setting = Setting::with(tempfile::TempDir::new().unwrap(), |options| {
        options.keep_pictures = Some(folder.clone())
    });
    let (by_parts, by_pixels) = parts_as_search(setting).await;
    assert!(by_parts > 5 && by_pixels == by_parts, "{by_parts} by parts, {by_pixels} by pixels");
}
