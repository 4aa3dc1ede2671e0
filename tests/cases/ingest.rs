//! Ingest, end to end: manifests, folders and pictures in, snapshots out; whatever the input is like.

use crate::scene::{Scene, picture, text};
use adlink::SkipReason;
use adlink::corpus::Snapshot;
use adlink::error::Error;
use adlink::ingest::{AdPer, IngestOptions, IngestSummary, Input, ingest};
use adlink::progress::{Progress, Silent, Stage};
use proptest::prelude::*;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The counts of a summary add up.
pub(super) fn assert_adds_up(summary: &IngestSummary) {
    let records = &summary.records;
    assert_eq!(records.read, records.used + records.repeated + records.malformed, "{summary:?}");
    let images = &summary.images;
    let skipped: u64 = images.skipped.values().sum();
    assert_eq!(
        images.references,
        images.hashed + images.known + images.by_hash + images.frames + skipped,
        "{summary:?}"
    );
}

fn reasons(snapshot: &Snapshot) -> Vec<(String, SkipReason)> {
    snapshot.skipped.iter().map(|skipped| (skipped.path.clone(), skipped.reason)).collect()
}

/// `site/ad_id position path` of every sighting.
fn sightings(snapshot: &Snapshot) -> Vec<String> {
    let line = |seen: &adlink::corpus::SeenIn| {
        format!("{} {} {}", snapshot.ads[seen.ad].key, seen.position, seen.path)
    };
    snapshot.sightings.iter().map(line).collect()
}

/// Remembers what was said.
#[derive(Default)]
struct Listening(Mutex<Vec<String>>);

impl Progress for Listening {
    fn warn(&self, message: &str) {
        self.0.lock().unwrap().push(message.to_string());
    }
}

/// Asks to stop after some units of one stage, and counts the units of hashing.
struct Stopping {
    stage: Stage,
    after: u64,
    in_stage: AtomicBool,
    done: AtomicU64,
}

impl Stopping {
    fn new(stage: Stage, after: u64) -> Self {
        Self { stage, after, in_stage: AtomicBool::new(false), done: AtomicU64::new(0) }
    }
}

impl Progress for Stopping {
    fn start(&self, stage: Stage, _total: Option<u64>) {
        self.in_stage.store(stage == self.stage, Ordering::SeqCst);
    }
    fn advance(&self, count: u64) {
        if self.in_stage.load(Ordering::SeqCst) {
            self.done.fetch_add(count, Ordering::SeqCst);
        }
    }
    fn stop_requested(&self) -> bool {
        self.in_stage.load(Ordering::SeqCst) && self.done.load(Ordering::SeqCst) >= self.after
    }
}

/// Forty pictures (every fifth a copy, some broken) and sixty records over them, one a line.
fn corpus(scene: &Scene) -> Vec<String> {
    for k in 0..40 {
        let bytes = match k % 10 {
            3 => b"<!DOCTYPE html><html>gone</html>".to_vec(),
            7 => picture(k)[..30].to_vec(),
            _ => picture(if k % 5 == 0 { 0 } else { k }),
        };
        scene.write(format!("img/{k}.pgm"), bytes);
    }
    let line = |k: u32| {
        format!(
            r#"{{"site":"s{}.example","ad_id":"{}","collected_at":"2024-01-{:02}","title":"t{}","phones":["+00 {}"],"images":["img/{}.pgm","img/{}.pgm"]}}"#,
            k % 3,
            k % 17,
            1 + k % 9,
            k % 4,
            k % 5,
            k % 40,
            (7 * k + 3) % 43
        )
    };
    (0..60).map(line).collect()
}

#[test]
fn an_empty_manifest_is_no_input() {
    let scene = Scene::new();
    for (name, content) in
        [("a.jsonl", ""), ("b.jsonl", "\n \n"), ("c.csv", ""), ("d.csv", "site,ad_id\n"), ("e.json", "[]")]
    {
        scene.write(name, content);
        assert!(matches!(scene.ingest(name), Err(Error::NoInput(_))), "{name}");
    }
    fs::create_dir(scene.path("empty")).unwrap();
    assert!(matches!(scene.ingest("empty"), Err(Error::NoInput(_))));
}

#[test]
fn what_cannot_be_read_at_all_ends_the_run() {
    let scene = Scene::new();
    assert!(matches!(scene.ingest("none.jsonl"), Err(Error::Io { .. })));
    scene.write("photo.jpg", picture(1));
    assert!(matches!(scene.ingest("photo.jpg"), Err(Error::Manifest { .. })));
}

#[test]
fn a_bad_line_is_named_and_the_others_are_used() {
    let scene = Scene::new();
    let lines: [&[u8]; 9] = [
        b"\xEF\xBB\xBF{\"site\":\"s\",\"ad_id\":\"1\"}\r\n",
        b"\r\n",
        b"{\"site\":\"s\",\"ad_id\":\n",
        b"{\"site\":\"s\"}\n",
        b"[1]\n",
        b"{\"site\":\"s\",\"ad_id\":\"\xFF\"}\n",
        b"{\"site\":\"s\",\"ad_id\":\"2\",\"images\":7}\n",
        b"\"text\"\n",
        b"{\"site\":\"s\",\"ad_id\":\"3\"}",
    ];
    let manifest = scene.write("ads.jsonl", lines.concat());
    let summary = scene.ingest("ads.jsonl").unwrap();
    assert_adds_up(&summary);
    assert_eq!((summary.records.used, summary.records.malformed), (2, 6));
    assert_eq!(summary.skipped(), 6);
    let snapshot = scene.snapshot();
    let numbers: Vec<&str> =
        snapshot.skipped.iter().map(|bad| bad.detail.split(':').next().unwrap()).collect();
    assert_eq!(numbers, ["line 3", "line 4", "line 5", "line 6", "line 7", "line 8"]);
    assert!(snapshot.skipped.iter().all(|bad| bad.path == manifest.display().to_string()));
}

#[test]
fn a_corrected_manifest_has_no_bad_lines_left() {
    let scene = Scene::new();
    scene.write("ads.jsonl", "oops\n");
    scene.ingest("ads.jsonl").unwrap();
    assert_eq!(scene.snapshot().skipped.len(), 1);
    scene.write("ads.jsonl", r#"{"site":"s","ad_id":"1"}"#);
    scene.ingest("ads.jsonl").unwrap();
    assert!(scene.snapshot().skipped.is_empty());
}

#[test]
fn a_line_without_end_is_skipped_in_bounded_memory() {
    let scene = Scene::new();
    let mut content = vec![b'x'; 40 << 20];
    content.extend_from_slice(b"\n{\"site\":\"s\",\"ad_id\":\"1\"}\n");
    scene.write("ads.jsonl", content);
    let summary = scene.ingest("ads.jsonl").unwrap();
    assert_eq!((summary.records.used, summary.records.malformed), (1, 1));
    let mut table = b"site,ad_id\ns,1\ns,\"".to_vec();
    table.resize(40 << 20, b'x');
    scene.write("ads.csv", table);
    let summary = scene.ingest("ads.csv").unwrap();
    assert_eq!((summary.records.repeated, summary.records.malformed), (1, 1));
    assert!(summary.manifests[0].bytes == 40 << 20, "the digest covers all of it");
}

#[test]
fn unknown_columns_are_named_once() {
    let scene = Scene::new();
    let line = r#"{"site":"s","ad_id":"1","foo":1,"age":30,"bar":"x"}"#;
    let manifest = scene.write("ads.jsonl", format!("{line}\n{line}\n"));
    let listening = Listening::default();
    let inputs = [Input::Path(manifest)];
    let summary = ingest(&mut scene.case(), &inputs, &IngestOptions::default(), &listening).unwrap();
    assert_eq!(summary.unknown_fields, ["bar", "foo"]);
    assert_eq!(summary.dropped_fields, ["age"]);
    let said = listening.0.into_inner().unwrap();
    assert_eq!(said.iter().filter(|message| message.contains("foo")).count(), 1, "{said:?}");
}

#[test]
fn a_time_nobody_can_read_is_left_out_with_a_warning() {
    let scene = Scene::new();
    let manifest = scene
        .write("ads.jsonl", r#"{"site":"s","ad_id":"1","posted_at":"last week","collected_at":1704254706}"#);
    let listening = Listening::default();
    let inputs = [Input::Path(manifest)];
    let summary = ingest(&mut scene.case(), &inputs, &IngestOptions::default(), &listening).unwrap();
    assert_eq!(summary.times_unread, 1);
    assert!(listening.0.into_inner().unwrap()[0].contains("`last week`"));
    let ad = &scene.snapshot().ads[0];
    assert_eq!((ad.posted_at.as_str(), ad.collected_at.as_str()), ("", "2024-01-03T04:05:06Z"));
}

#[test]
fn every_bad_image_is_a_row_with_its_reason() {
    let scene = Scene::new();
    let jpeg = {
        let noise = image::GrayImage::from_fn(64, 64, |x, y| image::Luma([(x * y * 7 % 251) as u8]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        noise.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    };
    scene.write("good.jpg", &jpeg);
    scene.write("zero.jpg", "");
    scene.write("page.jpg", "<html><body>404</body></html>");
    scene.write("cut.jpg", &jpeg[..jpeg.len() / 5]);
    scene.write("one.pgm", b"P5\n1 1\n255\n\x80");
    fs::create_dir(scene.path("folder.jpg")).unwrap();
    let mut vast = b"P5\n50000 50000\n255\n".to_vec();
    vast.resize(4096, 0);
    scene.write("vast.pgm", vast);
    scene.write(
        "ads.jsonl",
        r#"{"site":"s","ad_id":"1","images":["good.jpg","zero.jpg","page.jpg","cut.jpg","one.pgm","folder.jpg","vast.pgm","none.jpg","https://cdn.example/x.jpg","nul\u0000.jpg"]}"#,
    );
    let summary = scene.ingest("ads.jsonl").unwrap();
    assert_adds_up(&summary);
    assert_eq!((summary.images.references, summary.images.hashed), (10, 2));
    let expected = [
        ("cut.jpg", SkipReason::Truncated),
        ("folder.jpg", SkipReason::Missing),
        ("https://cdn.example/x.jpg", SkipReason::NotLocal),
        ("none.jpg", SkipReason::Missing),
        ("nul\0.jpg", SkipReason::Missing),
        ("page.jpg", SkipReason::NotAnImage),
        ("vast.pgm", SkipReason::TooLarge),
        ("zero.jpg", SkipReason::Empty),
    ]
    .map(|(path, reason)| (path.to_string(), reason));
    assert_eq!(reasons(&scene.snapshot()), expected);
    // What failed is not tried again, and still stands in the snapshot.
    let again = scene.ingest("ads.jsonl").unwrap();
    assert_eq!((again.images.hashed, again.bytes_read, again.skipped()), (0, 0, 8));
    assert_eq!(reasons(&scene.snapshot()), expected);
}

#[test]
fn odd_names_are_opened_and_kept() {
    let scene = Scene::new();
    let names = [
        "it's.pgm",
        "two\nlines.pgm",
        "<script>alert(1)<\u{2215}script>.pgm",
        "\u{1f4f7}.pgm",
        "=1+1.pgm",
        "a;b.pgm",
    ];
    for (name, seed) in names.iter().zip(1..) {
        scene.write(name, picture(seed));
    }
    scene.write("ads.jsonl", serde_json::json!({"site": "s", "ad_id": "1", "images": names}).to_string());
    let summary = scene.ingest("ads.jsonl").unwrap();
    assert_eq!(summary.images.hashed, names.len() as u64);
    let paths: Vec<String> = scene.snapshot().sightings.into_iter().map(|seen| seen.path.into()).collect();
    assert_eq!(paths, names);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_unicode_is_opened_and_shown_escaped() {
    use std::os::unix::ffi::OsStrExt;
    let scene = Scene::new();
    scene.write(std::path::Path::new("in/ad").join(std::ffi::OsStr::from_bytes(b"caf\xE9.pgm")), picture(1));
    let summary = scene.ingest("in").unwrap();
    assert_eq!(summary.images.hashed, 1);
    assert_eq!(sightings(&scene.snapshot()), ["ad/ad 0 ad/caf\\xE9.pgm"]);
}

#[test]
fn no_one_and_two_images() {
    let scene = Scene::new();
    scene.write("a.pgm", picture(1));
    scene.write("b.pgm", picture(2));
    for (count, images) in [(0, ""), (1, r#""a.pgm""#), (2, r#""a.pgm","b.pgm""#)] {
        scene.write("ads.jsonl", format!(r#"{{"site":"s","ad_id":"{count}","images":[{images}]}}"#));
        scene.ingest("ads.jsonl").unwrap();
        let snapshot = scene.snapshot();
        assert_eq!((snapshot.ads.len(), snapshot.images.len()), (count + 1, count));
    }
}

#[test]
fn the_latest_record_decides_and_an_empty_field_erases_nothing() {
    let scene = Scene::new();
    let lines = [
        r#"{"site":"s","ad_id":"1","collected_at":"2024-01-03","title":"new","phones":["2"]}"#,
        r#"{"site":"s","ad_id":"1","collected_at":"2024-01-01","title":"old","location":"City 1","phones":["1"]}"#,
        r#"{"site":"s","ad_id":"1","title":"undated"}"#,
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let scene_of_order = Scene::new();
        for k in order {
            scene_of_order.write("ads.jsonl", lines[k]);
            scene_of_order.ingest("ads.jsonl").unwrap();
        }
        let ad = &scene_of_order.snapshot().ads[0];
        assert_eq!((ad.title.as_str(), ad.location.as_str()), ("new", "City 1"));
        assert_eq!(ad.phones, ["2"]);
    }
    scene.write("ads.jsonl", [lines[0], lines[0]].join("\n"));
    let summary = scene.ingest("ads.jsonl").unwrap();
    assert_eq!((summary.records.used, summary.records.repeated), (1, 1));
}

#[test]
fn a_table_with_one_row_per_image_is_one_ad() {
    let scene = Scene::new();
    for seed in 0..3 {
        scene.write(format!("images/{seed}.pgm"), picture(seed));
    }
    let rows = ["s,1,\"two\nlines\",2.pgm\r\n", "s,1,\"two\nlines\",0.pgm\r\n", "s,2,,0.pgm;1.pgm\r\n"];
    let mut texts = Vec::new();
    for (order, separator) in [([0, 1, 2], ","), ([2, 1, 0], ","), ([1, 2, 0], "\t")] {
        let table = format!("site,ad_id,title,filename\r\n{}", order.map(|k| rows[k]).concat());
        scene.write("ads.csv", table.replace(',', separator));
        let summary = scene.ingest("ads.csv").unwrap();
        assert_adds_up(&summary);
        texts.push(text(&scene.snapshot()));
        assert_eq!(
            sightings(&scene.snapshot()),
            ["s/1 0 0.pgm", "s/1 1 2.pgm", "s/2 0 0.pgm", "s/2 1 1.pgm"]
        );
        fs::remove_file(scene.path("case.adlink")).unwrap();
    }
    assert!(texts.iter().all(|one| *one == texts[0]));
}

#[test]
fn a_ragged_or_foreign_row_is_bad_and_the_others_are_used() {
    let scene = Scene::new();
    scene.write("ads.csv", b"site;ad_id;title\ns;1;x\ns;2\ns;3;x;y\ns;4;\x81\n\ns;5;\"a;b\"\n");
    let summary = scene.ingest("ads.csv").unwrap();
    assert_eq!((summary.records.used, summary.records.malformed), (2, 3));
    let numbers: Vec<String> = scene
        .snapshot()
        .skipped
        .iter()
        .map(|bad| bad.detail.split(':').next().unwrap().to_string())
        .collect();
    assert_eq!(numbers, ["line 3", "line 4", "line 5"]);
}

#[test]
fn json_in_its_other_forms() {
    let scene = Scene::new();
    for (name, content, used, malformed) in [
        ("array.jsonl", "[{\"site\":\"s\",\"ad_id\":1},\n 7,\n{\"site\":\"s\",\"ad_id\":2}\n]", 2, 1),
        ("pretty.json", "{\n  \"site\": \"s\",\n  \"ad_id\": 3\n}\n{\"site\":\"s\",\"ad_id\":4}", 2, 0),
        ("lines.json", "{\"site\":\"s\",\"ad_id\":5}\noops\n{\"site\":\"s\",\"ad_id\":6}", 2, 1),
        ("cut.json", "[{\"site\":\"s\",\"ad_id\":7},\n{\"site\":", 1, 1),
        ("unnamed", "{\"site\":\"s\",\"ad_id\":8}", 1, 0),
    ] {
        scene.write(name, content);
        let summary = scene.ingest(name).unwrap();
        assert_eq!((summary.records.used, summary.records.malformed), (used, malformed), "{name}");
    }
    assert_eq!(scene.snapshot().ads.len(), 8);
}

#[test]
fn images_are_found_where_they_lie() {
    let scene = Scene::new();
    scene.write("m/beside.pgm", picture(1));
    scene.write("m/images/sub/under.pgm", picture(2));
    scene.write("m/cdn.example/x/mirrored.pgm", picture(3));
    scene.write("elsewhere/given.pgm", picture(4));
    let absolute = scene.path("elsewhere/given.pgm");
    let record = serde_json::json!({"site": "s", "ad_id": "1", "images": [
        "beside.pgm", "sub\\under.pgm", "https://cdn.example/x/mirrored.pgm?sig=1", "../elsewhere/given.pgm", absolute,
        {"path": "gone.pgm", "url": "https://cdn.example/x/mirrored.pgm"},
    ]});
    scene.write("m/ads.jsonl", record.to_string());
    let anywhere = IngestOptions { allow_outside: true, ..IngestOptions::default() };
    let summary = scene.ingest_with("m/ads.jsonl", &anywhere).unwrap();
    assert_adds_up(&summary);
    assert_eq!((summary.images.hashed, summary.images.known, summary.skipped()), (4, 2, 0));

    scene.write("n.jsonl", r#"{"site":"s","ad_id":"2","images":["given.pgm","beside.pgm"]}"#);
    let options = IngestOptions { images: Some(scene.path("elsewhere")), ..IngestOptions::default() };
    let summary = scene.ingest_with("n.jsonl", &options).unwrap();
    assert_eq!((summary.images.known, summary.images.skipped[&SkipReason::Missing]), (1, 1));
}

/// `in/`: two sites, an ad folder below one, a loose picture, things that are no pictures.
fn folder_scene() -> Scene {
    let scene = Scene::new();
    for (name, seed) in [
        ("in/loose.pgm", 1),
        ("in/site-a/ad1/1.pgm", 2),
        ("in/site-a/ad1/2", 3),
        ("in/site-a/ad1/deep/3.pgm", 4),
        ("in/site-b/4.pgm", 5),
        ("in/site-b/.hidden.pgm", 6),
    ] {
        scene.write(name, picture(seed));
    }
    scene.write("in/site-a/ad1/page.html", "<html></html>");
    scene.write("in/site-a/ad1/page.jpg", "<html></html>");
    scene.write("in/site-a/notes.txt", "text");
    scene
}

#[test]
fn a_folder_that_holds_images_is_an_ad() {
    let scene = folder_scene();
    let summary = scene.ingest("in").unwrap();
    assert_adds_up(&summary);
    let snapshot = scene.snapshot();
    assert_eq!(
        sightings(&snapshot),
        [
            "in/loose.pgm 0 loose.pgm",
            "site-a/ad1 0 site-a/ad1/1.pgm",
            "site-a/ad1 1 site-a/ad1/2",
            "site-a/ad1/deep 0 site-a/ad1/deep/3.pgm",
            "site-b/site-b 0 site-b/4.pgm",
        ]
    );
    assert_eq!(reasons(&snapshot), [("site-a/ad1/page.jpg".to_string(), SkipReason::NotAnImage)]);
}

#[test]
fn or_every_image_is() {
    let scene = folder_scene();
    scene.ingest_with("in", &IngestOptions { ad_per: AdPer::Image, ..IngestOptions::default() }).unwrap();
    let snapshot = scene.snapshot();
    let keys: Vec<String> = snapshot.ads.iter().map(|ad| ad.key.to_string()).collect();
    assert_eq!(
        keys,
        [
            "in/loose.pgm",
            "site-a/site-a/ad1/1.pgm",
            "site-a/site-a/ad1/2",
            "site-a/site-a/ad1/deep/3.pgm",
            "site-a/site-a/ad1/page.jpg",
            "site-b/site-b/4.pgm",
        ]
    );
}

#[test]
fn a_picture_added_to_a_folder_gives_what_a_rebuild_gives() {
    let scene = folder_scene();
    scene.ingest("in").unwrap();
    scene.write("in/site-a/ad1/0.pgm", picture(9));
    scene.ingest("in").unwrap();
    let grown = text(&scene.snapshot());
    fs::remove_file(scene.path("case.adlink")).unwrap();
    scene.ingest("in").unwrap();
    assert_eq!(text(&scene.snapshot()), grown);
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_circles_end() {
    let scene = folder_scene();
    let before = {
        scene.ingest("in").unwrap();
        text(&scene.snapshot())
    };
    scene.write("other/5.pgm", picture(7));
    for (target, link) in
        [("in", "in/site-a/up"), ("in/site-b", "in/site-a/side"), ("in/nowhere", "in/broken.pgm")]
    {
        std::os::unix::fs::symlink(scene.path(target), scene.path(link)).unwrap();
    }
    scene.ingest("in").unwrap();
    assert_eq!(text(&scene.snapshot()), before);
    std::os::unix::fs::symlink(scene.path("other"), scene.path("in/site-a/other")).unwrap();
    std::os::unix::fs::symlink(scene.path("other"), scene.path("other/self")).unwrap();
    scene.ingest("in").unwrap();
    assert_eq!(text(&scene.snapshot()), before, "links out of a folder are for those who ask for it");
    let anywhere = IngestOptions { allow_outside: true, ..IngestOptions::default() };
    scene.ingest_with("in", &anywhere).unwrap();
    assert!(sightings(&scene.snapshot()).contains(&"site-a/other 0 site-a/other/5.pgm".to_string()));
}

#[test]
fn a_changed_file_is_read_again_and_an_unchanged_one_is_not() {
    let scene = Scene::new();
    scene.write("a.pgm", picture(1));
    scene.write("b.pgm", picture(2));
    scene.write("ads.jsonl", r#"{"site":"s","ad_id":"1","images":["a.pgm","b.pgm"]}"#);
    scene.ingest("ads.jsonl").unwrap();
    let mut longer = picture(3);
    longer.push(0);
    scene.write("b.pgm", &longer);
    let summary = scene.ingest("ads.jsonl").unwrap();
    assert_eq!((summary.images.hashed, summary.images.known), (1, 1));
    assert_eq!(summary.bytes_read, longer.len() as u64);
    let snapshot = scene.snapshot();
    assert_eq!((snapshot.images.len(), snapshot.sightings.len()), (2, 2));
    assert!(snapshot.images.iter().any(|image| image.bytes == longer.len() as u64));
    // Gone by now: what was seen stays seen.
    fs::remove_file(scene.path("a.pgm")).unwrap();
    scene.ingest("ads.jsonl").unwrap();
    assert_eq!(text(&scene.snapshot()), text(&snapshot));
    let again =
        scene.ingest_with("ads.jsonl", &IngestOptions { rehash: true, ..IngestOptions::default() }).unwrap();
    assert_eq!(again.images.hashed, 1);
    assert_eq!(text(&scene.snapshot()), text(&snapshot));
}

#[test]
fn a_file_that_appears_later_is_no_longer_missing() {
    let scene = Scene::new();
    scene.write("ads.jsonl", r#"{"site":"s","ad_id":"1","images":["a.pgm"]}"#);
    scene.ingest("ads.jsonl").unwrap();
    assert_eq!(scene.snapshot().skipped.len(), 1);
    scene.write("a.pgm", picture(1));
    scene.ingest("ads.jsonl").unwrap();
    let snapshot = scene.snapshot();
    assert_eq!((snapshot.skipped.len(), snapshot.images.len()), (0, 1));
}

#[test]
fn order_batches_and_threads_do_not_matter() {
    let scene = Scene::new();
    let lines = corpus(&scene);
    let ingested = |name: &str, parts: &[&[String]], threads: usize| {
        let mut hashed = 0;
        for part in parts {
            scene.write("ads.jsonl", part.join("\n"));
            let options = IngestOptions { threads: Some(threads), ..IngestOptions::default() };
            let summary = scene.ingest_with("ads.jsonl", &options).unwrap();
            assert_adds_up(&summary);
            hashed += summary.images.hashed;
        }
        let snapshot = scene.snapshot();
        assert_eq!(hashed, snapshot.images.len() as u64, "{name}: every content is hashed once");
        fs::remove_file(scene.path("case.adlink")).unwrap();
        text(&snapshot)
    };
    let whole = ingested("whole", &[&lines], 1);
    let mut shuffled = lines.clone();
    shuffled.sort_by_key(|line| {
        line.bytes().rev().map(u64::from).fold(7_u64, |sum, byte| sum * 31 % 1_000_003 + byte)
    });
    assert_ne!(shuffled, lines);
    assert_eq!(ingested("shuffled", &[&shuffled], 3), whole);
    assert_eq!(ingested("batches", &[&lines[40..], &lines[..25], &lines[20..45]], 2), whole);
}

#[test]
fn a_stopped_run_goes_on_where_it_stopped() {
    let scene = Scene::new();
    let manifest = scene.write("ads.jsonl", corpus(&scene).join("\n"));
    scene.ingest("ads.jsonl").unwrap();
    let (whole, images) = (text(&scene.snapshot()), scene.snapshot().images.len() as u64);
    fs::remove_file(scene.path("case.adlink")).unwrap();

    let inputs = [Input::Path(manifest)];
    let reading = Stopping::new(Stage::Reading, 20);
    let stopped = ingest(&mut scene.case(), &inputs, &IngestOptions::default(), &reading);
    assert!(matches!(stopped, Err(Error::Interrupted)));
    let hashing = Stopping::new(Stage::Hashing, 10);
    let options = IngestOptions { threads: Some(2), ..IngestOptions::default() };
    let stopped = ingest(&mut scene.case(), &inputs, &options, &hashing);
    assert!(matches!(stopped, Err(Error::Interrupted)));
    let before = scene.snapshot().images.len() as u64;
    assert!(0 < before && before < images, "{before} of {images}");
    assert!(scene.case().pending_files().unwrap() > 0);

    let summary = scene.ingest("ads.jsonl").unwrap();
    assert_adds_up(&summary);
    assert_eq!(before + summary.images.hashed, images, "nothing is hashed twice");
    assert_eq!(text(&scene.snapshot()), whole);
    assert_eq!(scene.case().pending_files().unwrap(), 0);
}

#[test]
fn another_run_finishes_what_a_stopped_one_left() {
    let scene = Scene::new();
    let manifest = scene.write("ads.jsonl", corpus(&scene).join("\n"));
    let hashing = Stopping::new(Stage::Hashing, 5);
    ingest(&mut scene.case(), &[Input::Path(manifest)], &IngestOptions::default(), &hashing).unwrap_err();
    scene.write("more.jsonl", r#"{"site":"s","ad_id":"more","images":["img/1.pgm"]}"#);
    let summary = scene.ingest("more.jsonl").unwrap();
    assert_adds_up(&summary);
    assert_eq!(scene.case().pending_files().unwrap(), 0);
}

/// Runs only as the child of the test below, which kills it.
#[test]
fn child_that_is_killed() {
    if let Ok(folder) = std::env::var("ADLINK_TEST_KILLED_IN") {
        let folder = std::path::PathBuf::from(folder);
        let mut case = adlink::case::Case::open_or_create(&folder.join("case.adlink")).unwrap();
        ingest(&mut case, &[Input::Path(folder.join("ads.jsonl"))], &IngestOptions::default(), &Silent)
            .unwrap();
    }
}

#[test]
fn a_killed_run_goes_on_to_the_same_snapshot() {
    let scene = Scene::new();
    scene.write("ads.jsonl", corpus(&scene).join("\n"));
    scene.ingest("ads.jsonl").unwrap();
    let whole = text(&scene.snapshot());
    for wait in [0, 3, 6, 10, 15, 20, 30, 45] {
        fs::remove_file(scene.path("case.adlink")).unwrap();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_is_killed"])
            .env("ADLINK_TEST_KILLED_IN", scene.path(""))
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
        scene.ingest("ads.jsonl").unwrap();
        assert_eq!(text(&scene.snapshot()), whole, "killed after {wait} ms");
        assert!(scene.case().audit_head().is_ok());
    }
}

/// Text that is nearly a manifest, or not at all.
fn nearly_a_manifest() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("{\"site\":\"s\",\"ad_id\":\"1\",\"images\":[\"a.pgm\"]}".as_bytes().to_vec()),
        Just(b"site,ad_id,images\n".to_vec()),
        Just(b"[".to_vec()),
        Just(b"]".to_vec()),
        Just(b"{\"url\":\"http://".to_vec()),
        Just(b"\"".to_vec()),
        Just(b",".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\xEF\xBB\xBF".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn no_bytes_make_it_panic(content in nearly_a_manifest()) {
        let scene = Scene::new();
        scene.write("a.pgm", picture(1));
        for name in ["a.jsonl", "a.json", "a.csv", "a.tsv", "a"] {
            scene.write(name, &content);
            match scene.ingest(name) {
                Ok(summary) => assert_adds_up(&summary),
                Err(Error::NoInput(_) | Error::Manifest { .. }) => {}
                Err(other) => prop_assert!(false, "{name}: {other:?}"),
            }
        }
        scene.snapshot();
    }
}
