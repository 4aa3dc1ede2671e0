//! Collections as people hold them, self-made: every kind of manifest, archive and export gives its two ads.
//!
//! Each test writes what the tool in question would write, as small as it can be. Whether the photos of two ads link is
//! the business of other tests; here it is that they arrive, under the right ad.

use super::containers::tarred;
use crate::scene::{Scene, picture};
use adlink::case::Case;
use adlink::error::Error;
use adlink::ingest::{DayOrder, IngestOptions, IngestSummary};
use flate2::Compression;
use flate2::write::GzEncoder;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// `site/ad_id shown` of every image that arrived, sorted.
pub(super) fn arrived(scene: &Scene) -> Vec<String> {
    let snapshot = scene.snapshot();
    let line = |seen: &adlink::corpus::SeenIn| format!("{} {}", snapshot.ads[seen.ad].key, seen.path);
    let mut lines: Vec<String> = snapshot.sightings.iter().map(line).collect();
    lines.sort();
    lines
}

/// Pictures `img/a.pgm` and `img/b.pgm`, and a manifest.
pub(super) fn manifest(name: &str, content: impl AsRef<[u8]>) -> Scene {
    let scene = Scene::new();
    scene.write("in/img/a.pgm", picture(1));
    scene.write("in/img/b.pgm", picture(2));
    scene.write(format!("in/{name}"), content);
    scene
}

pub(super) fn options() -> IngestOptions {
    IngestOptions { features: 0, ..IngestOptions::default() }
}

/// Ingests a manifest beside two pictures; both have to arrive, at the first and second ad.
pub(super) fn both(name: &str, content: impl AsRef<[u8]>, options: &IngestOptions) -> IngestSummary {
    let scene = manifest(name, &content);
    let shown = String::from_utf8_lossy(content.as_ref()).into_owned();
    let summary =
        scene.ingest_with(&format!("in/{name}"), options).unwrap_or_else(|error| panic!("{error}: {shown}"));
    let ads: Vec<String> =
        arrived(&scene).iter().map(|line| line.split(' ').next().unwrap().to_string()).collect();
    let snapshot = scene.snapshot();
    assert_eq!(snapshot.images.len(), 2, "{shown}: {ads:?} {:?}", snapshot.skipped);
    assert_eq!(ads.len(), 2, "{shown}");
    assert_ne!(ads[0], ads[1], "{shown}");
    summary
}

#[test]
fn columns_as_people_write_them() {
    for (name, content) in [
        ("numbered.csv", "site,ad_id,image1,image2\ns,1,img/a.pgm,\nt,2,,img/b.pgm\n"),
        (
            "numbered.jsonl",
            "{\"site\":\"s\",\"ad_id\":1,\"photo_1\":\"img/a.pgm\"}\n{\"site\":\"t\",\"ad_id\":2,\"photo_2\":\"img/b.pgm\"}",
        ),
        ("flat.csv", "site,ad_id,images/0/path\ns,1,img/a.pgm\nt,2,img/b.pgm\n"),
        ("separator.csv", "sep=;\r\nsite;ad_id;images\r\ns;1;img/a.pgm\r\nt;2;img/b.pgm\r\n"),
        ("mark.csv", "\u{feff}site;ad_id;images\ns;1;img/a.pgm\nt;2;img/b.pgm\n"),
        ("pipes.csv", "site|ad_id|images\ns|1|img/a.pgm\nt|2|img/b.pgm\n"),
        ("trailing.csv", "site,ad_id,images,\ns,1,img/a.pgm,\nt,2,img/b.pgm,\n"),
        ("table.txt", "site\tad_id\timages\ns\t1\timg/a.pgm\nt\t2\timg/b.pgm\n"),
        ("none", "site,ad_id,images\ns,1,img/a.pgm\nt,2,img/b.pgm\n"),
        ("postgres.csv", "id,site,images,title\n1,s,{img/a.pgm},\\N\n2,t,\"{\"\"img/b.pgm\"\"}\",NULL\n"),
        ("python.csv", "id,site,images\n1,s,['img/a.pgm']\n2,t,\"[{'path': 'img/b.pgm', 'ok': None}]\"\n"),
        ("json.csv", "id,site,images\n1,s,\"[\"\"img/a.pgm\"\"]\"\n2,t,img/b.pgm\n"),
        (
            "array.json",
            "[{\"site\":\"s\",\"ad_id\":1,\"images\":[\"img/a.pgm\"]},\n{\"site\":\"t\",\"ad_id\":2,\"images\":[\"img/b.pgm\"]}]",
        ),
        (
            "wrapped.json",
            "{\"count\":2,\"ads\":[{\"site\":\"s\",\"ad_id\":1,\"images\":[\"img/a.pgm\"]},{\"site\":\"t\",\"ad_id\":2,\"images\":[\"img/b.pgm\"]}]}",
        ),
        (
            "deep.json",
            "{\"data\":{\"items\":[{\"site\":\"s\",\"ad_id\":1,\"images\":[{\"path\":\"img/a.pgm\"}]},{\"site\":\"t\",\"ad_id\":2,\"images\":[{\"path\":\"img/b.pgm\"}]}]}}",
        ),
        (
            "long.jsonl",
            "{\"site\":\"s\",\"ad_id\":12345678901234567890123,\"images\":\"img/a.pgm\"}\n{\"site\":\"s\",\"ad_id\":12345678901234567890124,\"images\":\"img/b.pgm\"}\n",
        ),
        (
            "windows.jsonl",
            "{\"site\":\"s\",\"ad_id\":1,\"images\":[\"C:\\\\scrape\\\\img\\\\a.pgm\"]}\n{\"site\":\"t\",\"ad_id\":2,\"images\":[\"C:\\\\scrape\\\\img\\\\b.pgm\"]}",
        ),
        (
            "file.jsonl",
            "{\"site\":\"s\",\"ad_id\":1,\"images\":[\"file:///data/x/img/a.pgm\"]}\n{\"site\":\"t\",\"ad_id\":2,\"images\":[\"img/b.pgm\"]}",
        ),
        (
            "case.jsonl",
            "{\"site\":\"s\",\"ad_id\":1,\"images\":[\"IMG/A.PGM\"]}\n{\"site\":\"t\",\"ad_id\":2,\"images\":[\"img%2Fb.pgm\"]}",
        ),
        (
            "bare.jsonl",
            "{\"site\":\"s\",\"ad_id\":1,\"images\":[\"a.pgm\"]}\n{\"site\":\"t\",\"ad_id\":2,\"images\":[\"b.pgm\"]}",
        ),
        ("nosite.csv", "ad_id,images\n1,img/a.pgm\n2,img/b.pgm\n"),
        ("only.csv", "images\nimg/a.pgm\nimg/b.pgm\n"),
    ] {
        let summary = both(name, content, &options());
        assert_eq!(summary.skipped(), 0, "{name}");
    }
}

#[test]
fn encodings_and_compressions() {
    let table = "site,ad_id,title,images\ns,1,Café,img/a.pgm\nt,2,x,img/b.pgm\n";
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(table.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let latin: Vec<u8> = table.chars().map(|letter| letter as u8).collect();
    for (name, bytes) in [
        ("utf16.csv", utf16.clone()),
        ("latin.csv", latin),
        ("ads.csv.gz", gzip(table.as_bytes())),
        ("utf16.csv.gz", gzip(&utf16)),
        ("ads.csv.zst", zstd::encode_all(table.as_bytes(), 1).unwrap()),
    ] {
        let scene = manifest(name, bytes);
        scene.ingest_with(&format!("in/{name}"), &options()).unwrap();
        let titles: Vec<String> = scene.snapshot().ads.iter().map(|ad| ad.title.clone()).collect();
        assert_eq!(titles, ["Café", "x"], "{name}");
        assert_eq!(arrived(&scene).len(), 2, "{name}");
    }
}

#[test]
fn a_quote_that_is_never_closed_is_a_fault_with_its_line() {
    let rows: String =
        (0..40).map(|n| format!("s,{n},img/a.pgm,{}\n", if n == 5 { "\"open" } else { "t" })).collect();
    let scene = manifest("ads.csv", format!("site,ad_id,images,title\n{rows}"));
    let summary = scene.ingest_with("in/ads.csv", &options()).unwrap();
    assert_eq!((summary.records.used, summary.records.malformed), (5, 1));
    let skipped = scene.snapshot().skipped;
    assert!(skipped[0].detail.starts_with("line 7: a quote opened here is never closed"), "{skipped:?}");
    // Closed by the quote of a later row: what lies between looks like rows, and is named.
    let closed = rows.replace("s,30,img/a.pgm,t", "s,30,img/a.pgm,\"t\"");
    let scene = manifest("ads.csv", format!("site,ad_id,images,title\n{closed}"));
    scene.ingest_with("in/ads.csv", &options()).unwrap();
    assert!(scene.snapshot().skipped[0].detail.contains("lines that look like rows"));
    // However near that one is: no ad has the title of one and the pictures of another.
    for near in [6, 7, 8] {
        let row = format!("s,{near},img/a.pgm");
        let closed = rows.replace(&format!("{row},t"), &format!("{row},\"t\""));
        let scene = manifest("ads.csv", format!("site,ad_id,images,title\n{closed}"));
        let summary = scene.ingest_with("in/ads.csv", &options()).unwrap();
        assert_eq!((summary.records.used, summary.records.malformed), (40 - (near - 4), 1), "{near}");
        assert!(scene.snapshot().skipped[0].detail.starts_with("line 7: "), "{:?}", scene.snapshot().skipped);
    }
}

#[test]
fn a_bad_element_of_an_array_costs_itself() {
    let good = |n: u32| format!("{{\"site\":\"s\",\"ad_id\":{n},\"images\":[\"img/a.pgm\"]}}");
    for bad in [
        "{\"site\": [}",
        "oops",
        "{\"site\":\"s\" \"x\"}",
        "7",
        "{\"a\":\"\\x\"}",
        "{\"site\":\"s\",\n\"b\":",
    ] {
        let text = format!("[{},\n{bad},\n{},\n{}]", good(1), good(2), good(3));
        let scene = manifest("ads.json", text);
        let summary = scene.ingest_with("in/ads.json", &options()).unwrap();
        assert_eq!(summary.records.used, 3, "{bad}");
        assert!(summary.records.malformed >= 1, "{bad}");
    }
}

#[test]
fn an_array_on_one_long_line_is_read_whole() {
    let text = "x".repeat(2000);
    let ads: Vec<String> = (0..12_000)
        .map(|n| format!("{{\"site\":\"s\",\"ad_id\":\"{n}\",\"text\":\"{text}\",\"images\":[]}}"))
        .collect();
    let scene = manifest("ads.json", format!("[{}]", ads.join(",")));
    assert_eq!(scene.ingest_with("in/ads.json", &options()).unwrap().records.used, 12_000);
}

#[test]
fn days_and_months_are_told_by_the_column_or_the_user() {
    let posted = |dates: &[&str], order: Option<DayOrder>| -> Vec<String> {
        let rows: String =
            dates.iter().enumerate().map(|(n, date)| format!("s,{n},\"{date}\",img/a.pgm\n")).collect();
        let scene = manifest("ads.csv", format!("site,ad_id,posted_at,images\n{rows}"));
        scene.ingest_with("in/ads.csv", &IngestOptions { dates: order, ..options() }).unwrap();
        scene.snapshot().ads.iter().map(|ad| ad.posted_at.clone()).collect()
    };
    assert_eq!(posted(&["02/01/2024", "31/12/2024"], None), ["2024-01-02", "2024-12-31"]);
    assert_eq!(posted(&["02/01/2024", "12/31/2024"], None), ["2024-02-01", "2024-12-31"]);
    assert_eq!(posted(&["02/01/2024"], None), [""]);
    assert_eq!(posted(&["02/01/2024"], Some(DayOrder::MonthFirst)), ["2024-02-01"]);
    assert_eq!(posted(&["13/01/2024", "01/13/2024"], None), ["", ""]);
}

#[test]
fn what_the_user_named_and_is_not_there_ends_the_run() {
    let table = "site,ad_id,foto\ns,1,img/a.pgm\n";
    let failed = |options: IngestOptions| match manifest("ads.csv", table).ingest_with("in/ads.csv", &options)
    {
        Err(error @ Error::Fruitless { .. }) => (error.to_string(), error.hint().unwrap()),
        other => panic!("{other:?}"),
    };
    let map = vec![("images".to_string(), "fotos".to_string())];
    let (what, hint) = failed(IngestOptions { map, ..options() });
    assert!(what.contains("`fotos`") && hint.contains("foto"), "{what}; {hint}");
    let (what, _) = failed(IngestOptions { images: Some(PathBuf::from("none/such")), ..options() });
    assert!(what.contains("no such folder"), "{what}");
    let twice = "site,ad_id,images,site\ns,1,img/a.pgm,t\n";
    assert!(matches!(manifest("ads.csv", twice).ingest("in/ads.csv"), Err(Error::Manifest { .. })));
}

#[test]
fn nothing_that_came_of_it_has_a_name_and_a_remedy() {
    let table = "site,ad_id,foto\ns,1,img/a.pgm\n";
    let summary = manifest("ads.csv", table).ingest_with("in/ads.csv", &options()).unwrap();
    let error = summary.fruitless(0).expect("no image");
    assert!(error.hint().unwrap().contains("--map images=foto"), "{error}");
    let summary =
        manifest("ads.csv", "site,ad_id,images\ns,1,x.pgm\n").ingest_with("in/ads.csv", &options()).unwrap();
    assert!(summary.fruitless(0).unwrap().hint().unwrap().contains("--images"));
    let summary = manifest("ads.csv", "foo,bar\n1,2\n").ingest_with("in/ads.csv", &options()).unwrap();
    assert!(summary.fruitless(5).is_some());
    let summary = manifest("ads.csv", "site,ad_id,images\ns,1,img/a.pgm\n")
        .ingest_with("in/ads.csv", &options())
        .unwrap();
    assert!(summary.fruitless(0).is_none());
}

#[test]
fn what_lies_in_a_folder_and_is_not_used_is_counted() {
    let scene = Scene::new();
    scene.write("in/a.pgm", picture(1));
    scene.write("in/ad/clip.mp4", "x");
    scene.write("in/ad/b.pgm", picture(2));
    scene.write("in/ad/notes.pdf", "x");
    let summary = scene.ingest_with("in", &options()).unwrap();
    let unused: Vec<_> = summary.unused.iter().map(|(kind, number)| (kind.as_str(), *number)).collect();
    assert_eq!(unused, [("document", 1), ("video", 1)]);
}

const HASH: &str = "f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22";

#[test]
fn hashes_stand_for_pictures_that_are_not_there() {
    for (name, content) in [
        (
            "ads.jsonl",
            format!(
                "{{\"site\":\"s\",\"ad_id\":1,\"images\":[{{\"pdq\":\"{HASH}\"}}]}}\n{{\"site\":\"t\",\"ad_id\":2,\"images\":[{{\"path\":\"gone.jpg\",\"pdq\":\"{HASH}\",\"quality\":90}}]}}"
            ),
        ),
        ("ads.csv", format!("site,ad_id,pdq,quality\ns,1,{HASH},100\nt,2,{HASH},77\n")),
        (
            "hash.csv",
            format!(
                "path,sha256,width,height,pdq,quality,error\na.jpg,{},1,1,{HASH},99,\nb.jpg,{},1,1,{HASH},99,\n",
                "0a".repeat(32),
                "0b".repeat(32)
            ),
        ),
    ] {
        let scene = Scene::new();
        scene.write(name, content);
        let summary = scene.ingest(name).unwrap();
        assert_eq!(
            (summary.images.by_hash, summary.images.references, summary.skipped()),
            (2, 2, 0),
            "{name}"
        );
        let snapshot = scene.snapshot();
        assert_eq!(snapshot.images.len(), 2, "{name}");
        assert!(
            snapshot
                .images
                .iter()
                .all(|image| image.is_hash_only() && image.caveats.names() == ["SOURCE_HASH_ONLY"])
        );
        assert_eq!(snapshot.images[0].pdq.hash().to_string(), HASH);
        // Again, and nothing waits or is asked for its file.
        let again = scene.ingest(name).unwrap();
        assert_eq!((again.records.repeated, again.images.by_hash, again.skipped()), (2, 2, 0), "{name}");
        assert!(scene.case().file_records().unwrap().is_empty());
    }
}

#[test]
fn a_file_that_comes_later_replaces_the_hash_it_was_known_by() {
    let scene = Scene::new();
    let bytes = picture(3);
    let sha256 = adlink::analysis::digest(&bytes).sha256;
    scene.write(
        "a.jsonl",
        format!("{{\"site\":\"s\",\"ad_id\":1,\"images\":[{{\"pdq\":\"{HASH}\",\"sha256\":\"{sha256}\"}}]}}"),
    );
    scene.write("b.jsonl", r#"{"site":"t","ad_id":2,"images":["x.pgm"]}"#);
    scene.write("x.pgm", &bytes);
    for order in [["a.jsonl", "b.jsonl"], ["b.jsonl", "a.jsonl"]] {
        for name in order {
            scene.ingest(name).unwrap();
        }
        let snapshot = scene.snapshot();
        assert_eq!((snapshot.images.len(), snapshot.sightings.len()), (1, 2));
        assert!(!snapshot.images[0].is_hash_only());
        fs::remove_file(scene.path("case.adlink")).unwrap();
    }
}

/// Writes files below `in/`, ingests that folder, and says what arrived.
pub(super) fn folder(files: &[(&str, Vec<u8>)]) -> (Vec<String>, Scene) {
    let scene = Scene::new();
    for (name, bytes) in files {
        scene.write(format!("in/{name}"), bytes);
    }
    scene.ingest_with("in", &options()).unwrap();
    (arrived(&scene), scene)
}

#[test]
fn exports_of_chats_and_networks() {
    let telegram = br#"{"name":"Jobs","type":"public_supergroup","id":5,"messages":[
        {"id":1,"type":"message","date":"2026-01-01T10:00:00","from":"X","photo":"photos/1.pgm","text":[{"type":"bold","text":"hi"}," there"]},
        {"id":2,"type":"service","action":"x"},
        {"id":3,"type":"message","date":"2026-01-02T10:00:00","from":"Y","file":"files/2.pgm","mime_type":"image/x","text":"job"}]}"#;
    let (found, scene) = folder(&[
        ("result.json", telegram.to_vec()),
        ("photos/1.pgm", picture(1)),
        ("files/2.pgm", picture(2)),
    ]);
    assert_eq!(found, ["Jobs/1 photos/1.pgm", "Jobs/3 files/2.pgm"]);
    assert_eq!(scene.snapshot().ads[0].text, "hi there");

    let posts = br#"[{"media":[{"uri":"media/posts/1.pgm","creation_timestamp":1704254706,"title":"x"}]},
        {"media":[{"uri":"media/posts/2.pgm","creation_timestamp":1704254706}],"title":"caf\u00c3\u00a9"}]"#;
    let (found, scene) = folder(&[
        ("me/your_instagram_activity/media/posts_1.json", posts.to_vec()),
        ("me/media/posts/1.pgm", picture(1)),
        ("me/media/posts/2.pgm", picture(2)),
    ]);
    assert_eq!(found, ["in/media/posts/1.pgm media/posts/1.pgm", "in/media/posts/2.pgm media/posts/2.pgm"]);
    assert_eq!(scene.snapshot().ads[1].title, "café");

    let chat = "[13.01.26, 10:00:00] X: \u{200e}<attached: 1.pgm>\n[14.01.26, 10:00:00] Y: look\nat 2.pgm (file attached)\n";
    let (found, scene) = folder(&[("_chat.txt", chat.into()), ("1.pgm", picture(1)), ("2.pgm", picture(2))]);
    assert_eq!(found.len(), 2);
    assert_eq!(scene.snapshot().ads[0].posted_at, "2026-01-13T10:00:00Z");
}

#[test]
fn facts_beside_pictures() {
    let gallery = |id: u32| {
        format!("{{\"category\":\"net\",\"filename\":\"{id}\",\"extension\":\"pgm\",\"post_id\":\"{id}\",\"post_url\":\"https://net.example/p/{id}\",\"username\":\"u\"}}").into_bytes()
    };
    let (found, scene) = folder(&[
        ("net/u/1.pgm", picture(1)),
        ("net/u/1.pgm.json", gallery(1)),
        ("net/u/2.pgm", picture(2)),
        ("net/u/2.pgm.json", gallery(2)),
    ]);
    assert_eq!(found, ["net/1 net/u/1.pgm", "net/2 net/u/2.pgm"]);
    assert_eq!(scene.snapshot().ads[0].poster, "u");

    let shard = |key: &str| {
        format!("{{\"url\":\"https://s.example/{key}.jpg\",\"key\":\"{key}\",\"status\":\"success\",\"original_width\":9,\"sha256\":\"{}\",\"site\":\"s\",\"ad_id\":\"{key}\"}}", "0".repeat(64)).into_bytes()
    };
    let files = [
        ("000.pgm", picture(1)),
        ("000.json", shard("000")),
        ("000.txt", b"c".to_vec()),
        ("001.pgm", picture(2)),
        ("001.json", shard("001")),
    ];
    let (found, _) = folder(&files);
    assert_eq!(found, ["s/000 000.pgm", "s/001 001.pgm"]);
    let scene = Scene::new();
    scene.write("00000.tar", tarred(&files));
    let summary = scene.ingest_with("00000.tar", &options()).unwrap();
    assert_eq!(
        (arrived(&scene), summary.mismatches),
        (vec!["s/000 000.pgm".to_string(), "s/001 001.pgm".into()], 0)
    );
}

#[test]
fn records_of_known_tools() {
    let archiver = format!(
        r#"{{"status":"success","metadata":{{"url":"https://s.example/ad/1","title":"x"}},"media":[{{"filename":"img/a.pgm","properties":{{"pdq_hash":"{}"}}}}]}}"#,
        &HASH[1..]
    );
    let vics = "{\"@odata.context\":\"http://x/2.0.xml/Default/$metadata#Cases\",\"value\":[{\"CaseID\":\"c\",\"Media\":[{\"MediaID\":1,\"MD5\":\"AA\",\"RelativeFilePath\":\"img\\\\a.pgm\"},{\"MediaID\":2,\"MD5\":\"BB\",\"RelativeFilePath\":\"img\\\\b.pgm\"}]}]}";
    let alone = "{\"odata.metadata\":\"x\",\"value\":[{\"MediaID\":1,\"MD5\":\"AA\",\"MediaFiles\":[{\"FileName\":\"a\"}],\"AlternativeHashes\":[{\"HashName\":\"X\"}],\"RelativeFilePath\":\"img/a.pgm\"},{\"MediaID\":2,\"MD5\":\"BB\",\"RelativeFilePath\":\"img/b.pgm\"}]}";
    let entities = "{\"id\":\"i\",\"schema\":\"Image\",\"properties\":{\"fileName\":[\"img/a.pgm\"],\"parent\":[\"e\"]}}\n{\"id\":\"e\",\"schema\":\"HyperText\",\"properties\":{\"sourceUrl\":[\"https://s.example/ad/1\"]}}\n";
    let two_pages = "{\"id\":\"e\",\"schema\":\"HyperText\",\"properties\":{\"sourceUrl\":[\"https://s.example/ad/1\"]}}\n{\"id\":\"i\",\"schema\":\"Image\",\"properties\":{\"fileName\":[\"img/a.pgm\"],\"proof\":[\"e\",\"f\"]}}\n{\"id\":\"f\",\"schema\":\"HyperText\",\"properties\":{\"sourceUrl\":[\"https://s.example/ad/2\"]}}\n";
    let cdr = "{\"_id\":\"A\",\"url\":\"https://s.example/ad/1\",\"timestamp_crawl\":\"2024-01-03T04:05:06Z\",\"objects\":[{\"obj_stored_url\":\"img/a.pgm\",\"content_type\":\"image/jpeg\"}]}\n";
    let old = "{\"_id\":\"B\",\"obj_parent\":\"https://s.example/ad/1\",\"obj_original_url\":\"https://cdn/x\",\"obj_stored_url\":\"img/a.pgm\",\"crawler\":\"c\"}\n";
    for (name, content, expected) in [
        ("item.json", archiver.as_str(), vec!["s.example/ad/1 img/a.pgm"]),
        ("vics.json", vics, vec!["vics c/1 img\\a.pgm", "vics c/2 img\\b.pgm"]),
        ("set.json", alone, vec!["vics/1 img/a.pgm", "vics/2 img/b.pgm"]),
        ("entities.json", entities, vec!["s.example/e img/a.pgm"]),
        ("two.json", two_pages, vec!["s.example/e img/a.pgm", "s.example/f img/a.pgm"]),
        ("cdr.jl", cdr, vec!["s.example/ad/1 img/a.pgm"]),
        ("old.jl", old, vec!["s.example/ad/1 img/a.pgm"]),
    ] {
        let scene = manifest(name, content);
        scene.ingest_with(&format!("in/{name}"), &options()).unwrap();
        assert_eq!(arrived(&scene), expected, "{name}");
    }
}

#[test]
fn a_database_of_a_scraper() {
    let scene = manifest("x.txt", "");
    let db = rusqlite::Connection::open(scene.path("in/ads.db")).unwrap();
    db.execute_batch("CREATE TABLE other(x); CREATE TABLE ads(site, ad_id, images); INSERT INTO ads VALUES ('s', 1, 'img/a.pgm'), ('t', 2, 'img/b.pgm');").unwrap();
    drop(db);
    scene.ingest_with("in/ads.db", &options()).unwrap();
    assert_eq!(arrived(&scene), ["s/1 img/a.pgm", "t/2 img/b.pgm"]);
    assert!(Case::open_read(&scene.path("in/ads.db")).is_err());
}
