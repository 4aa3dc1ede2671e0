//! Local features in the case: what comes out is what extraction gives, whatever the history of the case.

use crate::scene::{Scene, picture, text};
use adlink::analysis::original;
use adlink::case::Case;
use adlink::corpus::Snapshot;
use adlink::corpus::{ImageRow, PixelCheck, Row};
use adlink::decode::{Limits, decode};
use adlink::error::{CaseError, Error};
use adlink::features::{KEYPOINT_BYTES, STORED, extract};
use adlink::ingest::{IngestOptions, Input, ingest};
use adlink::progress::{Progress, Silent, Stage};
use adlink::record::{Image, ImageId};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// A scene with folders `a` and `b` of some photos each, one of them in both.
fn two_folders() -> Scene {
    let scene = Scene::new();
    let photo = |name: &str| fs::read(fixture("ads/images/openboard.example").join(name)).unwrap();
    for (into, from) in [
        ("a/1.jpg", "O1007_0.jpg"),
        ("a/2.jpg", "O1007_1.jpg"),
        ("a/3.jpg", "O1033_0.jpg"),
        ("b/1.jpg", "O1007_1.jpg"),
        ("b/2.jpg", "O1644_0.jpg"),
    ] {
        scene.write(into, photo(from));
    }
    scene
}

fn with_features(scene: &Scene, name: &str, features: u16) {
    scene.ingest_with(name, &IngestOptions { features, ..IngestOptions::default() }).unwrap();
}

fn read(scene: &Scene) -> Snapshot {
    scene.case().snapshot_with_features().unwrap()
}

/// Number of keypoints of every image.
fn counts(snapshot: &Snapshot) -> Vec<Option<usize>> {
    let rows = ImageRow::all(snapshot.images.len());
    rows.map(|row| snapshot.features.get(row).map(|features| features.keypoints.len())).collect()
}

#[test]
fn what_is_stored_is_what_extraction_gives() {
    let scene = two_folders();
    scene.write("a/tiny.pgm", picture(1));
    scene.ingest("a").unwrap();
    let snapshot = read(&scene);
    for path in ["a/1.jpg", "a/2.jpg", "a/3.jpg", "a/tiny.pgm"] {
        let bytes = fs::read(scene.path(path)).unwrap();
        let id = adlink::analysis::digest(&bytes).sha256;
        let row = snapshot.images.iter().position(|image| image.id() == id).unwrap();
        let luma = decode(&bytes, &Limits::default()).unwrap().luma;
        assert_eq!(snapshot.features.get(ImageRow::of(row)), Some(extract(&luma, STORED)), "{path}");
    }
    assert!(counts(&snapshot).contains(&Some(STORED)) && counts(&snapshot).contains(&Some(0)));
    assert!(scene.snapshot().features.is_empty());
}

#[test]
fn the_history_of_a_case_leaves_no_trace() {
    let histories: &[&[(&str, u16)]] = &[
        &[("a", 50), ("b", 100)],
        &[("a", 100), ("b", 50)],
        &[("a", 0), ("b", 60)],
        &[("a", 100), ("b", 0), ("b", 100)],
        &[("b", 40), ("a", 90), ("b", 50), ("a", 30), ("b", 100)],
    ];
    for history in histories {
        let scene = two_folders();
        for (folder, features) in *history {
            with_features(&scene, folder, *features);
        }
        let last = history.last().unwrap().1;
        let rebuilt = two_folders();
        with_features(&rebuilt, "a", last);
        with_features(&rebuilt, "b", last);
        let (found, expected) = (read(&scene), read(&rebuilt));
        assert_eq!(text(&scene.snapshot()), text(&rebuilt.snapshot()), "{history:?}");
        assert_eq!(found.features, expected.features, "{history:?}");
        assert_eq!(scene.case().feature_limit().unwrap(), Some(last));
        assert_eq!(scene.case().pending_files().unwrap(), 0);
        assert_eq!(counts(&found).iter().max(), Some(&Some(usize::from(last))));
    }
}

#[test]
fn nothing_is_extracted_twice() {
    let scene = two_folders();
    let hashed = |name: &str, features: u16| {
        let options = IngestOptions { features, ..IngestOptions::default() };
        scene.ingest_with(name, &options).unwrap().images.hashed
    };
    assert_eq!(hashed("a", 0), 3);
    assert_eq!(hashed("a", 50), 3);
    assert_eq!(hashed("b", 50), 1);
    assert_eq!(hashed("b", 30), 0);
    assert_eq!(hashed("b", 50), 0);
    assert_eq!(hashed("b", 0), 0);
    assert_eq!(hashed("b", 100), 4);
}

#[test]
fn an_image_whose_file_is_gone_stays_and_is_completed_when_it_is_back() {
    let scene = two_folders();
    with_features(&scene, "a", 0);
    let before = scene.snapshot();
    let bytes = fs::read(scene.path("a/1.jpg")).unwrap();
    fs::remove_file(scene.path("a/1.jpg")).unwrap();
    with_features(&scene, "b", 100);
    let snapshot = read(&scene);
    assert!(before.images.iter().all(|image| snapshot.images.contains(image)));
    assert!(before.sightings.len() < snapshot.sightings.len() && snapshot.skipped.is_empty());
    assert_eq!(counts(&snapshot).iter().filter(|count| count.is_none()).count(), 1);
    assert_eq!(scene.case().pending_files().unwrap(), 0, "it is not tried again and again");
    scene.write("a/1.jpg", bytes);
    with_features(&scene, "a", 100);
    assert!(counts(&read(&scene)).iter().all(Option::is_some));
}

/// Wants to stop as soon as hashing has begun.
#[derive(Default)]
struct StopAtHashing(AtomicBool);

impl Progress for StopAtHashing {
    fn start(&self, stage: Stage, _total: Option<u64>) {
        self.0.store(stage == Stage::Hashing, Ordering::SeqCst);
    }
    fn stop_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

#[test]
fn a_run_stopped_before_it_read_files_again_has_forgotten_nothing() {
    let scene = two_folders();
    with_features(&scene, "a", 0);
    let before = text(&scene.snapshot());
    let stopped = ingest(
        &mut scene.case(),
        &[scene.path("a").into()],
        &IngestOptions::default(),
        &StopAtHashing::default(),
    );
    assert!(matches!(stopped, Err(Error::Interrupted)));
    assert_eq!(text(&scene.snapshot()), before);
    assert_eq!(scene.case().pending_files().unwrap(), 3);
    scene.ingest("b").unwrap();
    assert!(counts(&read(&scene)).iter().all(Option::is_some));
    assert_eq!(scene.case().pending_files().unwrap(), 0);
}

#[test]
fn a_case_of_schema_1_keeps_its_images_and_gets_features() {
    let scene = Scene::new();
    fs::copy(fixture("cases/version_1.adlink"), scene.path("case.adlink")).unwrap();
    let before = scene.snapshot();
    assert!(!before.images.is_empty());
    assert!(counts(&read(&scene)).iter().all(Option::is_none));
    let ads = [Input::Path(fixture("ads/ads.jsonl"))];
    ingest(&mut scene.case(), &ads, &IngestOptions::default(), &Silent).unwrap();
    let after = read(&scene);
    for image in &before.images {
        let row = after.images.binary_search_by_key(&image.id(), Image::id).unwrap();
        let found = &after.images[row];
        assert_eq!((found.digests, found.width, found.height), (image.digests, image.width, image.height));
        // Hashing has become more exact since; what is read again is hashed as a new case would hash it.
        assert!(found.pdq.hash().distance(&image.pdq.hash()) <= 6, "{}", image.id());
        assert!(after.features.get(ImageRow::of(row)).is_some(), "{} has no features", image.id());
    }
}

#[test]
#[allow(clippy::print_stderr, reason = "a figure to be read")]
fn features_cost_what_they_say() {
    let size = |features: u16| {
        let scene = Scene::new();
        let options = IngestOptions { features, ..IngestOptions::default() };
        let mut case = scene.case();
        ingest(&mut case, &[Input::Path(fixture("ads/ads.jsonl"))], &options, &Silent).unwrap();
        let images = case.snapshot().unwrap().images.len() as u64;
        drop(case);
        (fs::metadata(scene.path("case.adlink")).unwrap().len(), images)
    };
    let ((without, images), (with, _)) = (size(0), size(STORED as u16));
    let each = (with - without) / images;
    eprintln!("{each} bytes an image for features, {} for the rest", without / images);
    // Width and height, two bits for each of at most 32 by 32 blocks, and the keypoints.
    let most = (4 + 256 + KEYPOINT_BYTES * STORED) as u64;
    assert!(each <= most * 11 / 10, "{each} bytes an image");
}

#[test]
fn damaged_features_are_errors_or_others_and_never_a_panic() {
    let scene = two_folders();
    scene.ingest("b").unwrap();
    let path = scene.path("case.adlink");
    let intact: Vec<u8> = Connection::open(&path)
        .unwrap()
        .query_row("SELECT bytes FROM feature LIMIT 1", [], |row| row.get(0))
        .unwrap();
    let damaged_by = |bytes: &[u8]| {
        let case = Connection::open(&path).unwrap();
        case.execute("UPDATE feature SET bytes = ?1 WHERE content = 1", [bytes]).unwrap();
        drop(case);
        let case = Case::open_read(&path).unwrap();
        assert!(case.snapshot().is_ok(), "features are not looked at unless wanted");
        match case.snapshot_with_features() {
            Ok(_) => false,
            Err(Error::Case { source: CaseError::Damaged(_), .. }) => true,
            other => panic!("{other:?}"),
        }
    };
    for cut in [0, 1, 3, 5, intact.len() - 1] {
        assert!(damaged_by(&intact[..cut]), "cut to {cut} bytes");
    }
    let flips = (0..8 * intact.len()).step_by(997).map(|bit| {
        let mut bytes = intact.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        damaged_by(&bytes)
    });
    let refused = flips.filter(|&refused| refused).count();
    assert!(refused < 8 * intact.len() / 997, "most flips give other features");
    Connection::open(&path)
        .unwrap()
        .execute_batch("UPDATE meta SET value = 'x' WHERE name = 'features'")
        .unwrap();
    assert!(damaged_by(&intact));
}

#[test]
fn originals_are_found_and_checked() {
    let scene = two_folders();
    scene.ingest("a").unwrap();
    scene.ingest("b").unwrap();
    let case = scene.case();
    let snapshot = case.snapshot().unwrap();
    let all = case.all_originals(&snapshot).unwrap();
    for (row, image) in snapshot.images.iter().enumerate() {
        let paths = case.originals(&image.id()).unwrap();
        assert_eq!(all.of(ImageRow::of(row)), paths);
        assert!(!paths.is_empty() && paths.is_sorted() && paths.iter().all(|path| path.is_absolute()));
        assert!(original(paths, &image.id(), &Limits::default()).is_some());
    }
    assert!(all.of(ImageRow::of(snapshot.images.len())).is_empty());
    let shared = adlink::analysis::digest(&fs::read(scene.path("b/1.jpg")).unwrap()).sha256;
    let paths = case.originals(&shared).unwrap();
    assert_eq!(paths.len(), 2);
    assert!(case.originals(&ImageId([7; 32])).unwrap().is_empty());
    // One file has other bytes now: the other one still serves, and when both have, none does.
    scene.write("a/2.jpg", fs::read(scene.path("a/1.jpg")).unwrap());
    assert!(original(paths.clone(), &shared, &Limits::default()).is_some());
    fs::remove_file(scene.path("b/1.jpg")).unwrap();
    assert!(original(paths, &shared, &Limits::default()).is_none());
}

#[test]
fn results_of_laying_over_are_kept() {
    let scene = two_folders();
    scene.ingest("a").unwrap();
    let ids: Vec<ImageId> = scene.snapshot().images.iter().map(Image::id).collect();
    let laid =
        |a: usize, b: usize, result: &[u8]| PixelCheck { a: ids[a], b: ids[b], result: result.to_vec() };
    let mut case = scene.case();
    case.keep_pixel_checks(&[laid(1, 2, b"late"), laid(0, 1, b"first"), laid(0, 2, b"")]).unwrap();
    case.keep_pixel_checks(&[
        laid(0, 1, b"second"),
        PixelCheck { a: ids[0], b: ImageId([0xff; 32]), result: vec![1] },
    ])
    .unwrap();
    assert!(matches!(
        case.keep_pixel_checks(&[laid(0, 2, b"lost"), laid(2, 1, b"")]),
        Err(Error::Parameter { .. })
    ));
    assert_eq!(case.pixel_checks().unwrap(), [laid(0, 1, b"second"), laid(0, 2, b""), laid(1, 2, b"late")]);
}
