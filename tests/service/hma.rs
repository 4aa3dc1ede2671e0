//! The routes of Hasher-Matcher-Actioner, row by row, in the forms that its clients read.

use super::support::{Form, OK, Setting, off_by, picture, some_hash};
use serde_json::{Value, json};

const PHOTO: &str = "openboard.example/O1007_0.jpg";

/// A picture without any gradient.
fn plain() -> Vec<u8> {
    let mut bytes = b"P5 64 64 255\n".to_vec();
    bytes.resize(bytes.len() + 64 * 64, 128);
    bytes
}

async fn with_bank(names: &[&str]) -> Setting {
    let setting = Setting::empty();
    for name in names {
        setting.post("/c/banks", &json!({ "name": name })).await.expect(201);
    }
    setting
}

async fn add(setting: &Setting, bank: &str, hash: &str) -> u64 {
    let told =
        setting.post(&format!("/c/bank/{bank}/signal"), &json!({ "pdq": hash })).await.expect(OK).json();
    assert_eq!(told["signals"], json!({ "pdq": hash }));
    told["id"].as_u64().expect("an id")
}

#[tokio::test]
async fn status_is_text() {
    let setting = Setting::empty();
    assert_eq!(setting.get("/status").await.expect(OK).text(), "I-AM-ALIVE");
    assert_eq!(setting.get("/status/live").await.expect(OK).text(), "I-AM-ALIVE");
    assert_eq!(setting.get("/openapi/openapi.json").await.expect(OK).json()["info"]["title"], "adlink");
}

#[tokio::test]
async fn hash_of_an_address_is_refused() {
    let setting = Setting::empty();
    let message = setting.get("/h/hash?url=https://site.example/a.jpg").await.refused(403);
    assert!(message.contains("fetches nothing"));
    for bad in ["/h/hash", "/h/hash?url=file:///etc/passwd", "/h/hash?url=ftp://a.example/x", "/h/hash?url=x"]
    {
        setting.get(bad).await.refused(400);
    }
}

#[tokio::test]
async fn hash_of_a_file() {
    let setting = Setting::empty();
    let photo = picture(PHOTO);
    let told = setting.form("/h/hash", &[("photo", Some("a.jpg"), &photo)]).await.expect(OK);
    let hash = told.json()["pdq"].as_str().expect("a hash").to_string();
    assert_eq!(
        hash,
        adlink::hash_file(super::support::fixture().join("images").join(PHOTO))
            .unwrap()
            .pdq
            .hash()
            .to_string()
    );
    let image = setting.form("/h/hash", &[("image", Some("a.jpg"), &photo)]).await.expect(OK);
    assert_eq!(image.json(), json!({ "pdq": hash }));
    let video = setting.form("/h/hash", &[("video", Some("a.mp4"), b"abc")]).await.expect(OK);
    assert_eq!(video.json(), json!({ "video_md5": "900150983cd24fb0d6963f7d28e17f72" }));
    let plain = setting.form("/h/hash", &[("photo", Some("a.pgm"), &plain())]).await.expect(OK);
    assert_eq!(plain.json(), json!({ "pdq": "" }));
    assert!(plain.headers["x-adlink-reason"].to_str().unwrap().contains("quality"));
    setting.form("/h/hash", &[("photo", Some("a"), &photo), ("photo", Some("b"), &photo)]).await.refused(400);
    setting.form("/h/hash", &[("photo", Some("a"), b"no picture")]).await.refused(400);
    setting.form("/h/hash", &[("audio", Some("a"), &photo)]).await.refused(400);
    setting.form("/h/hash", &[]).await.refused(400);
    setting.upload("/h/hash", photo).await.refused(400);
}

#[tokio::test]
async fn raw_lookup_gives_ids_or_distances_whatever_is_off() {
    let setting = with_bank(&["BANK_A", "BANK_B"]).await;
    let hash = some_hash(1);
    let (a, b) = (add(&setting, "BANK_A", &hash).await, add(&setting, "BANK_B", &off_by(&hash, 4)).await);
    add(&setting, "BANK_A", &some_hash(2)).await;
    let ask = |more: &str| format!("/m/raw_lookup?signal_type=pdq&signal={hash}{more}");
    assert_eq!(setting.get(&ask("")).await.expect(OK).json(), json!({ "matches": [a, b] }));
    let told = setting.get(&ask("&include_distance=true")).await.expect(OK).json();
    assert_eq!(
        told,
        json!({ "matches": [{ "bank_content_id": a, "distance": "0" }, { "bank_content_id": b, "distance": "4" }] })
    );
    assert_eq!(setting.get(&ask("&banks=BANK_B")).await.expect(OK).json(), json!({ "matches": [b] }));
    assert_eq!(
        setting.get(&ask("&banks=BANK_A,BANK_B")).await.expect(OK).json(),
        json!({ "matches": [a, b] })
    );
    setting.json("PUT", "/c/bank/BANK_A", &json!({ "enabled": false })).await.expect(OK);
    let off = json!({ "disable_until_ts": 0 });
    setting.json("PUT", &format!("/c/bank/BANK_B/content/{b}"), &off).await.expect(OK);
    assert_eq!(setting.get(&ask("")).await.expect(OK).json(), json!({ "matches": [a, b] }));
    for bad in [
        "/m/raw_lookup".to_string(),
        format!("/m/raw_lookup?signal={hash}"),
        "/m/raw_lookup?signal_type=pdq".into(),
        "/m/raw_lookup?signal_type=pdq&signal=abc".into(),
        format!("/m/raw_lookup?signal_type=tlsh&signal={hash}"),
        ask("&include_distance=maybe"),
        ask("&banks=bad-name"),
    ] {
        setting.get(&bad).await.refused(400);
    }
}

#[tokio::test]
async fn lookup_by_bank_heeds_what_is_off() {
    let setting = with_bank(&["BANK_A", "BANK_B"]).await;
    let hash = some_hash(1);
    let (a, b) = (add(&setting, "BANK_A", &off_by(&hash, 31)).await, add(&setting, "BANK_B", &hash).await);
    add(&setting, "BANK_A", &off_by(&hash, 32)).await;
    let ask = |more: &str| format!("/m/lookup?signal_type=pdq&signal={hash}{more}");
    let both = json!({
        "BANK_A": [{ "bank_content_id": a, "distance": "31" }],
        "BANK_B": [{ "bank_content_id": b, "distance": "0" }],
    });
    let only_a = json!({ "BANK_A": [{ "bank_content_id": a, "distance": "31" }] });
    let json_of = async |path: String| setting.get(&path).await.expect(OK).json();
    assert_eq!(json_of(ask("")).await, both);
    assert_eq!(json_of(ask("&banks=BANK_A")).await, only_a);
    assert_eq!(json_of(format!("/m/lookup?signal_type=pdq&signal={}", some_hash(9))).await, json!({}));
    setting.json("PUT", "/c/bank/BANK_B", &json!({ "enabled_ratio": 0 })).await.expect(OK);
    assert_eq!(json_of(ask("")).await, only_a);
    assert_eq!(json_of(ask("&bypass_coinflip=true")).await, both);
    setting
        .json("PUT", &format!("/c/bank/BANK_A/content/{a}"), &json!({ "disable_until_ts": 0 }))
        .await
        .expect(OK);
    assert_eq!(json_of(ask("")).await, json!({}));
    assert_eq!(setting.get("/m/lookup?url=https://a.example/x.jpg").await.status, 403);
    for bad in [
        "/m/lookup",
        "/m/lookup?signal=abc",
        "/m/lookup?signal_type=pdq",
        "/m/lookup?signal_type=pdq&signal=zz",
    ] {
        setting.get(bad).await.refused(400);
    }
}

#[tokio::test]
async fn a_share_of_lookups_is_drawn_from_the_seed() {
    let setting = with_bank(&["BANK_A"]).await;
    let hash = some_hash(1);
    add(&setting, "BANK_A", &hash).await;
    setting.json("PUT", "/c/bank/BANK_A", &json!({ "enabled_ratio": 0.5 })).await.expect(OK);
    let mut found = 0;
    for seed in 0..100 {
        let path = format!("/m/lookup?signal_type=pdq&signal={hash}&seed=s{seed}");
        let (one, two) = (setting.get(&path).await.json(), setting.get(&path).await.json());
        assert_eq!(one, two, "the same seed drew two numbers");
        found += usize::from(one != json!({}));
    }
    assert!((30..=70).contains(&found), "{found} of 100");
}

#[tokio::test]
async fn lookup_of_a_file_is_by_kind_and_bank() {
    let setting = with_bank(&["BANK_A"]).await;
    let photo = picture(PHOTO);
    let added =
        setting.form("/c/bank/BANK_A/content", &[("photo", Some("a.jpg"), &photo)]).await.expect(OK).json();
    let hit = json!([{ "bank_content_id": added["id"], "distance": "0" }]);
    let ask = async |path: &str, name: &str, bytes: &[u8]| {
        setting.form(path, &[(name, Some("x"), bytes)]).await.expect(OK).json()
    };
    assert_eq!(ask("/m/lookup", "photo", &photo).await, json!({ "pdq": { "BANK_A": hit } }));
    assert_eq!(ask("/m/lookup?signal_type=pdq", "photo", &photo).await, json!({ "BANK_A": hit }));
    assert_eq!(ask("/m/lookup?banks=OTHER", "photo", &photo).await, json!({ "pdq": {} }));
    assert_eq!(ask("/m/lookup", "photo", &plain()).await, json!({ "pdq": {} }));
    assert_eq!(ask("/m/lookup", "video", b"clip").await, json!({ "video_md5": {} }));
    let video =
        setting.form("/c/bank/BANK_A/content", &[("video", Some("v.mp4"), b"clip")]).await.expect(OK).json();
    let found = json!({ "video_md5": { "BANK_A": [{ "bank_content_id": video["id"], "distance": "0" }] } });
    assert_eq!(ask("/m/lookup", "video", b"clip").await, found);
    setting.form("/m/lookup?banks=bad-name", &[("photo", Some("x"), &photo)]).await.refused(400);
    setting.form("/m/lookup", &[("photo", Some("x"), b"text")]).await.refused(400);
}

#[tokio::test]
async fn comparison_has_a_number() {
    let setting = Setting::empty();
    let hash = some_hash(1);
    let compare = async |a: String, b: String| {
        setting.post("/m/compare", &json!({ "pdq": [a, b] })).await.expect(OK).json()
    };
    assert_eq!(compare(hash.clone(), off_by(&hash, 9)).await, json!({ "pdq": [true, { "distance": 9 }] }));
    assert_eq!(compare(hash.clone(), off_by(&hash, 31)).await["pdq"][0], true);
    assert_eq!(compare(hash.clone(), off_by(&hash, 32)).await, json!({ "pdq": [false, { "distance": 32 }] }));
    for bad in [
        json!({ "pdq": [hash] }),
        json!({ "pdq": [hash, hash, hash] }),
        json!({ "pdq": hash }),
        json!({ "pdq": [hash, 5] }),
        json!({ "pdq": [hash, "xyz"] }),
        json!({ "tlsh": [hash, hash] }),
        json!([1, 2]),
        json!("x"),
    ] {
        setting.post("/m/compare", &bad).await.refused(400);
    }
}

#[tokio::test]
async fn index_status_is_current() {
    let setting = with_bank(&["BANK_A"]).await;
    let empty = json!({ "present": false, "built_to": -1, "size": 0 });
    let told = setting.get("/m/index/status").await.expect(OK).json();
    assert_eq!(told, json!({ "pdq": empty, "video_md5": empty }));
    add(&setting, "BANK_A", &some_hash(1)).await;
    let told = setting.get("/m/index/status?signal_type=pdq").await.expect(OK).json();
    assert_eq!((&told["pdq"]["present"], &told["pdq"]["size"]), (&json!(true), &json!(1)));
    assert!(told["pdq"]["built_to"].as_i64().unwrap() > 1_700_000_000);
    assert!(told.get("video_md5").is_none());
    setting.get("/m/index/status?signal_type=tlsh").await.refused(400);
}

#[tokio::test]
async fn banks_are_made_changed_renamed_and_removed() {
    let setting = Setting::empty();
    assert_eq!(setting.get("/c/banks").await.expect(OK).json(), json!([]));
    let bank = |name: &str, ratio: f64| json!({ "name": name, "matching_enabled_ratio": ratio });
    assert_eq!(
        setting.post("/c/banks", &json!({ "name": "NEW_1" })).await.expect(201).json(),
        bank("NEW_1", 1.0)
    );
    let half = json!({ "name": "HALF", "enabled_ratio": 0.5 });
    assert_eq!(setting.post("/c/banks", &half).await.expect(201).json(), bank("HALF", 0.5));
    let off = json!({ "name": "OFF", "enabled": false });
    assert_eq!(setting.post("/c/banks", &off).await.expect(201).json(), bank("OFF", 0.0));
    for bad in [
        json!({ "name": "no-dash" }),
        json!({ "name": "lower" }),
        json!({ "name": "1ST" }),
        json!({ "name": "" }),
        json!({ "name": 5 }),
        json!({ "name": "A", "enabled_ratio": 2 }),
        json!({ "name": "A", "enabled_ratio": "much" }),
        json!({ "name": "A", "enabled": "maybe" }),
        json!({}),
        json!([]),
    ] {
        setting.post("/c/banks", &bad).await.refused(400);
    }
    setting.post("/c/banks", &json!({ "name": "NEW_1" })).await.refused(403);
    assert_eq!(setting.get("/c/bank/HALF").await.expect(OK).json(), bank("HALF", 0.5));
    setting.get("/c/bank/NONE").await.refused(404);
    let put = async |name: &str, body: Value| setting.json("PUT", &format!("/c/bank/{name}"), &body).await;
    assert_eq!(put("HALF", json!({ "enabled": true })).await.expect(OK).json(), bank("HALF", 1.0));
    assert_eq!(put("HALF", json!({ "name": "WHOLE" })).await.expect(OK).json(), bank("WHOLE", 1.0));
    put("HALF", json!({})).await.refused(404);
    put("WHOLE", json!({ "name": "no way" })).await.refused(400);
    put("WHOLE", json!({ "name": "NEW_1" })).await.refused(403);
    put("NONE", json!({ "enabled": true })).await.refused(404);
    let listed = setting.get("/c/banks").await.expect(OK).json();
    assert_eq!(listed.as_array().unwrap().len(), 3);
    for _ in 0..2 {
        assert_eq!(setting.delete("/c/bank/WHOLE").await.expect(OK).json(), json!({ "message": "Done" }));
    }
    assert_eq!(setting.get("/c/banks").await.expect(OK).json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn content_comes_with_metadata_and_a_note() {
    let setting = with_bank(&["BANK_A"]).await;
    let photo = picture(PHOTO);
    let metadata =
        json!({ "content_id": "c1", "content_uri": "https://a.example/1", "json": { "a": 1 } }).to_string();
    let parts: Form<'_> = &[
        ("photo", Some("a.jpg"), &photo),
        ("metadata", None, metadata.as_bytes()),
        ("note", None, b"seen twice"),
    ];
    let added = setting.form("/c/bank/BANK_A/content", parts).await.expect(OK).json();
    assert_eq!(added["id"], 1);
    let hash = added["signals"]["pdq"].clone();
    assert_eq!(added["signals"], json!({ "pdq": hash }));
    let told = setting.get("/c/bank/BANK_A/content/1?include_signals=true").await.expect(OK).json();
    assert_eq!(
        told,
        json!({
            "id": 1, "disable_until_ts": 1, "original_media_uri": null,
            "bank": { "name": "BANK_A", "matching_enabled_ratio": 1.0 },
            "signals": { "pdq": hash },
            "metadata": { "content_id": "c1", "content_uri": "https://a.example/1", "json": { "a": 1 } },
            "note": "seen twice",
        })
    );
    let told = setting.get("/c/bank/BANK_A/content/1?include_metadata=false").await.expect(OK).json();
    assert!(told.get("metadata").is_none() && told.get("signals").is_none());
    let bad: [(&str, Form<'_>, u16); 6] = [
        ("BANK_A", &[], 400),
        ("BANK_A", &[("note", None, b"x")], 400),
        ("BANK_A", &[("photo", Some("a"), &photo), ("metadata", None, b"{\"other\":1}")], 400),
        ("BANK_A", &[("photo", Some("a"), &photo), ("metadata", None, b"{")], 400),
        ("BANK_A", &[("photo", Some("a"), &photo), ("note", None, &[b'x'; 256])], 400),
        ("NONE", &[("photo", Some("a"), &photo)], 404),
    ];
    for (bank, parts, status) in bad {
        setting.form(&format!("/c/bank/{bank}/content"), parts).await.refused(status);
    }
    setting.post("/c/bank/BANK_A/content?url=https://a.example/x.jpg", &json!({})).await.refused(403);
}

#[tokio::test]
async fn signals_are_added_by_hash() {
    let setting = with_bank(&["BANK_A", "BANK_B"]).await;
    let hash = some_hash(1);
    assert_eq!(add(&setting, "BANK_A", &hash).await, 1);
    assert_eq!(add(&setting, "BANK_B", &hash).await, 2, "ids count up over all banks");
    let noted = json!({ "pdq": hash, "note": "n" });
    setting.post("/c/bank/BANK_A/signal", &noted).await.expect(OK);
    assert_eq!(setting.get("/c/bank/BANK_A/content/3").await.expect(OK).json()["note"], "n");
    for bad in [
        json!({}),
        json!({ "note": "n" }),
        json!({ "pdq": "abc" }),
        json!({ "pdq": 7 }),
        json!({ "pdq": hash, "note": 7 }),
        json!({ "pdq": hash, "note": "x".repeat(256) }),
        json!({ "tlsh": hash }),
        json!([]),
    ] {
        setting.post("/c/bank/BANK_A/signal", &bad).await.refused(400);
    }
    setting.post("/c/bank/NONE/signal", &json!({ "pdq": hash })).await.refused(404);
}

#[tokio::test]
async fn content_is_switched_off_noted_and_removed() {
    let setting = with_bank(&["BANK_A", "BANK_B"]).await;
    let hash = some_hash(1);
    let id = add(&setting, "BANK_A", &hash).await;
    let path = format!("/c/bank/BANK_A/content/{id}");
    let put = async |body: Value| setting.json("PUT", &path, &body).await;
    let now = jiff::Timestamp::now().as_second();
    for until in [0, 1, now + 3600] {
        let told = put(json!({ "disable_until_ts": until })).await.expect(OK).json();
        assert_eq!((&told["id"], &told["disable_until_ts"]), (&json!(id), &json!(until)));
        let found = setting.get(&format!("/m/lookup?signal_type=pdq&signal={hash}")).await.json();
        assert_eq!(found == json!({}), until != 1, "{until}");
    }
    assert_eq!(put(json!({ "note": "other" })).await.expect(OK).json()["note"], "other");
    for bad in [
        json!({ "disable_until_ts": -1 }),
        json!({ "disable_until_ts": now + 6 * 366 * 86_400 }),
        json!({ "disable_until_ts": "soon" }),
        json!({ "disable_until_ts": 1.5 }),
        json!({ "note": 5 }),
        json!({ "note": "x".repeat(256) }),
    ] {
        put(bad).await.refused(400);
    }
    for none in [
        "/c/bank/BANK_A/content/99",
        "/c/bank/BANK_B/content/1",
        "/c/bank/NONE/content/1",
        "/c/bank/BANK_A/content/x",
    ] {
        setting.get(none).await.refused(404);
        setting.json("PUT", none, &json!({ "note": "n" })).await.refused(404);
    }
    assert_eq!(setting.delete("/c/bank/BANK_B/content/1").await.expect(OK).json(), json!({ "deleted": 0 }));
    assert_eq!(setting.delete(&path).await.expect(OK).json(), json!({ "deleted": 1 }));
    assert_eq!(setting.delete(&path).await.expect(OK).json(), json!({ "deleted": 0 }));
    assert_eq!(
        setting.get(&format!("/m/raw_lookup?signal_type=pdq&signal={hash}")).await.json(),
        json!({ "matches": [] })
    );
}

#[tokio::test]
async fn kinds_of_hashes_are_listed_and_thinned_out() {
    let setting = with_bank(&["BANK_A"]).await;
    let hash = some_hash(1);
    add(&setting, "BANK_A", &hash).await;
    let both = |pdq: f64| json!([{ "name": "pdq", "enabled_ratio": pdq }, { "name": "video_md5", "enabled_ratio": 1.0 }]);
    assert_eq!(setting.get("/c/signal_type").await.expect(OK).json(), both(1.0));
    let told = setting.json("PUT", "/c/signal_type/pdq", &json!({ "enabled_ratio": 0.0 })).await.expect(204);
    assert!(told.body.is_empty());
    assert_eq!(setting.get("/c/signal_type").await.expect(OK).json(), both(0.0));
    assert_eq!(setting.get(&format!("/m/lookup?signal_type=pdq&signal={hash}")).await.json(), json!({}));
    for bad in [json!({}), json!({ "enabled_ratio": 3 }), json!({ "enabled_ratio": "x" }), json!([])] {
        setting.json("PUT", "/c/signal_type/pdq", &bad).await.refused(400);
    }
    setting.json("PUT", "/c/signal_type/tlsh", &json!({ "enabled_ratio": 1 })).await.refused(400);
    let index = setting.get("/c/signal_type/index").await.expect(OK).json();
    assert_eq!((&index["pdq"]["db_size"], &index["pdq"]["index_size"]), (&json!(1), &json!(1)));
    assert_eq!(index["pdq"]["index_out_of_date"], false);
    assert_eq!(index["video_md5"]["db_size"], 0);
    let contents = setting.get("/c/content_type").await.expect(OK).json();
    assert_eq!(contents, json!([{ "name": "photo", "enabled": true }, { "name": "video", "enabled": true }]));
}

#[tokio::test]
async fn exchanges_are_not_served() {
    let setting = Setting::empty();
    for path in ["/c/exchanges", "/c/exchanges/api", "/c/exchanges/a/b"] {
        assert!(setting.get(path).await.refused(501).contains("adlink bank import"), "{path}");
    }
    setting.post("/c/exchanges", &json!({})).await.refused(501);
}

#[tokio::test]
async fn what_is_set_outlives_a_restart() {
    let setting = with_bank(&["BANK_A"]).await;
    let (hash, path) = (some_hash(1), setting.path());
    add(&setting, "BANK_A", &hash).await;
    setting.form("/c/bank/BANK_A/content", &[("video", Some("v"), b"clip")]).await.expect(OK);
    setting.json("PUT", "/c/signal_type/video_md5", &json!({ "enabled_ratio": 0.25 })).await.expect(204);
    setting.service.close();
    let again = Setting::with(setting.folder, |_| {});
    assert_eq!(again.path(), path);
    assert_eq!(
        again.get(&format!("/m/raw_lookup?signal_type=pdq&signal={hash}")).await.json(),
        json!({ "matches": [1] })
    );
    assert_eq!(again.get("/c/signal_type").await.json()[1]["enabled_ratio"], 0.25);
    assert_eq!(again.get("/m/index/status").await.json()["video_md5"]["size"], 1);
}

/// A video is silenced by whatever silences a photo: its bank off, past its day or not drawn, the entry off.
#[tokio::test]
async fn videos_heed_what_photos_heed() {
    let setting = with_bank(&["BANK_A"]).await;
    let hash = some_hash(1);
    let photo = add(&setting, "BANK_A", &hash).await;
    let video = setting
        .form("/c/bank/BANK_A/content", &[("video", Some("v.mp4"), b"abc")])
        .await
        .expect(OK)
        .json()["id"]
        .as_u64()
        .unwrap();
    let md5 = "900150983cd24fb0d6963f7d28e17f72";
    let both = async |route: &str, more: &str| {
        let ask = |kind: &str, signal: &str| format!("/m/{route}?signal_type={kind}&signal={signal}{more}");
        let found = async |path: String| setting.get(&path).await.expect(OK).json().to_string().len() > 14;
        let (photo, video) = (found(ask("pdq", &hash)).await, found(ask("video_md5", md5)).await);
        assert_eq!(photo, video, "{route} {more}");
        photo
    };
    assert!(
        both("lookup", "").await && both("lookup", "&banks=BANK_A").await && both("raw_lookup", "").await
    );
    assert!(!both("lookup", "&banks=OTHER").await && !both("raw_lookup", "&banks=OTHER").await);
    for (bank, found) in
        [(json!({ "ratio": 0 }), false), (json!({ "ratio": 1, "expires": "2020-01-01" }), false)]
    {
        setting.json("PUT", "/v1/banks/BANK_A", &bank).await.expect(OK);
        assert_eq!(both("lookup", "").await, found, "{bank}");
        assert!(both("raw_lookup", "").await, "{bank}");
    }
    setting
        .json("PUT", "/v1/banks/BANK_A", &json!({ "expires": "2099-01-01", "ratio": 0.5 }))
        .await
        .expect(OK);
    let mut drawn = 0;
    for seed in 0..20 {
        drawn += usize::from(both("lookup", &format!("&seed={seed}")).await);
    }
    assert!((1..20).contains(&drawn), "{drawn} of 20");
    setting.json("PUT", "/v1/banks/BANK_A", &json!({ "ratio": 1 })).await.expect(OK);
    assert!(both("lookup", "").await);
    for id in [photo, video] {
        let off = json!({ "disable_until_ts": 0 });
        setting.json("PUT", &format!("/c/bank/BANK_A/content/{id}"), &off).await.expect(OK);
    }
    assert!(!both("lookup", "").await && both("raw_lookup", "").await);
}
