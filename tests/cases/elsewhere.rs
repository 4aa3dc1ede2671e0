//! Analyses made elsewhere: believed where they are what an ingest would find, told and passed over where they are not.

use crate::scene::{Scene, picture, text};
use adlink::analysis::analyse_for_case;
use adlink::case::{Case, Withdrawal};
use adlink::decode::Limits;
use adlink::error::{ImageError, SkipReason};
use adlink::features::STORED;
use adlink::hashlist::{HashColumns, HashList, ParquetHashes};
use adlink::ingest::{IngestOptions, IngestSummary, Input, image_files, ingest};
use adlink::link::LinkOptions;
use adlink::link_case::{CaseToLink, LinkedCase};
use adlink::output::formats;
use adlink::packed::pack;
use adlink::progress::{Progress, Silent};
use adlink::record::Image;
use adlink::view::Joined;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const KEYPOINTS: u16 = STORED as u16;

/// A row of a file of analyses: name, outcome, packed analysis.
type AnalysisRow = (String, Result<Image, ImageError>, Option<Vec<u8>>);

fn row(name: &str, bytes: &[u8]) -> AnalysisRow {
    let limits = Limits::default();
    let analysed = analyse_for_case(bytes, &limits, usize::from(KEYPOINTS));
    let packed = pack(&analysed, &limits, KEYPOINTS);
    (name.into(), analysed.outcome, Some(packed))
}

fn file_of(scene: &Scene, name: &str, rows: &[AnalysisRow]) -> PathBuf {
    let path = scene.path(name);
    let columns = HashColumns { analyses: true, ..HashColumns::default() };
    let mut list = ParquetHashes::new(File::create(&path).unwrap(), &path, columns).unwrap();
    for (name, outcome, packed) in rows {
        list.write_packed(name, outcome, packed.as_deref()).unwrap();
    }
    Box::new(list).finish().unwrap();
    path
}

/// Ingests with a file of analyses; what was said, too.
fn taken_in(scene: &Scene, analysed: PathBuf) -> (IngestSummary, Vec<String>) {
    struct Warnings(Mutex<Vec<String>>);
    impl Progress for Warnings {
        fn warn(&self, message: &str) {
            self.0.lock().unwrap().push(message.into());
        }
    }
    let said = Warnings(Mutex::default());
    let options = IngestOptions { analysed: vec![analysed], ..IngestOptions::default() };
    let inputs = [Input::Path(scene.path("ads.jsonl"))];
    let summary = ingest(&mut scene.case(), &inputs, &options, &said).unwrap();
    (summary, said.0.into_inner().unwrap())
}

fn ads(images: &[&str]) -> String {
    let ad = |(number, image): (usize, &&str)| {
        serde_json::json!({"site": "s", "ad_id": number.to_string(), "images": [image]}).to_string()
    };
    images.iter().enumerate().map(ad).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_cut_changed_or_of_something_else_is_told_and_never_believed() {
    let plain = Scene::new();
    let scene = Scene::new();
    let names = ["good.pgm", "cut.pgm", "changed.pgm", "limits.pgm", "text.pgm", "twice.pgm"];
    for (name, seed) in names.iter().zip(1..) {
        for place in [&plain, &scene] {
            place.write(name, picture(seed));
            place.write("ads.jsonl", ads(&names));
        }
    }
    let of = |seed: u32, name: &str| row(name, &picture(seed));
    let packed = |row: &AnalysisRow| row.2.clone().unwrap();
    let with = |row: AnalysisRow, packed: Vec<u8>| (row.0, row.1, Some(packed));
    let (cut, changed) = (of(2, "cut.pgm"), of(3, "changed.pgm"));
    let short = packed(&cut)[..packed(&cut).len() - 1].to_vec();
    let mut flipped = packed(&changed);
    flipped[150] ^= 1;
    let small = Limits { max_pixels: 1_000_000, ..Limits::default() };
    let limited = pack(&analyse_for_case(&picture(4), &small, STORED), &small, KEYPOINTS);
    // Two say different things of one image.
    let mut other = analyse_for_case(&picture(6), &Limits::default(), STORED);
    other.outcome = analyse_for_case(&picture(7), &Limits::default(), STORED).outcome;
    let other = pack(&other, &Limits::default(), KEYPOINTS);
    let rows = [
        of(1, "good.pgm"),
        with(cut, short),
        with(changed, flipped),
        with(of(4, "limits.pgm"), limited),
        with(of(5, "text.pgm"), b"no analysis at all".to_vec()),
        of(6, "twice.pgm"),
        with(of(6, "other.pgm"), other),
    ];
    let (summary, said) = taken_in(&scene, file_of(&scene, "a.parquet", &rows));
    let given = &summary.analyses;
    assert_eq!((given.rows, given.taken, given.refused), (7, 1, 5), "{said:?}");
    assert_eq!((summary.images.hashed, summary.images.taken), (5, 1));
    let all = said.join("\n");
    for words in [
        "row 2: not used: cut or changed",
        "row 3: not used: cut",
        "row 4: not used: made under other limits",
        "row 5: not used: not an analysis",
    ] {
        assert!(all.contains(words), "{words}: {all}");
    }
    plain.ingest("ads.jsonl").unwrap();
    assert_eq!(text(&scene.snapshot()), text(&plain.snapshot()));
}

#[test]
fn an_analysis_of_other_bytes_under_a_name_is_not_taken_for_a_file_that_is_here() {
    let (plain, scene) = (Scene::new(), Scene::new());
    for place in [&plain, &scene] {
        place.write("a.pgm", picture(1));
        place.write("ads.jsonl", ads(&["a.pgm"]));
    }
    let (summary, _) = taken_in(&scene, file_of(&scene, "a.parquet", &[row("a.pgm", &picture(2))]));
    assert_eq!((summary.images.hashed, summary.images.taken), (1, 0));
    plain.ingest("ads.jsonl").unwrap();
    assert_eq!(text(&scene.snapshot()), text(&plain.snapshot()));
}

#[test]
fn a_name_that_means_two_things_means_neither_and_faults_are_told_as_they_were_met() {
    let scene = Scene::new();
    scene.write("ads.jsonl", ads(&["two.pgm", "locked.pgm", "html.jpg", "gone.pgm", "copy.pgm"]));
    let locked = ImageError::new(SkipReason::Unreadable, "permission denied");
    let rows = [
        row("two.pgm", &picture(1)),
        row("./two.pgm", &picture(2)),
        ("locked.pgm".into(), Err(locked.clone()), None),
        row("html.jpg", b"<!doctype html><html></html>"),
        row("copy.pgm", &picture(1)),
    ];
    let (summary, _) = taken_in(&scene, file_of(&scene, "a.parquet", &rows));
    assert_eq!(summary.images.taken, 1);
    assert_eq!(summary.images.references, 5);
    let skipped: BTreeMap<String, SkipReason> =
        scene.snapshot().skipped.into_iter().map(|row| (row.path, row.reason)).collect();
    assert_eq!(skipped["two.pgm"], SkipReason::Missing);
    assert_eq!(skipped["locked.pgm"], SkipReason::Unreadable);
    assert_eq!(skipped["html.jpg"], SkipReason::NotAnImage);
    assert_eq!(skipped["gone.pgm"], SkipReason::Missing);
    assert_eq!(skipped.len(), 4);

    // The same again changes nothing.
    let before = text(&scene.snapshot());
    let (summary, _) = taken_in(&scene, scene.path("a.parquet"));
    assert_eq!((summary.images.taken, summary.records.used), (0, 0));
    assert_eq!(text(&scene.snapshot()), before);
}

#[test]
fn what_was_withdrawn_does_not_come_back() {
    let scene = Scene::new();
    scene.write("ads.jsonl", ads(&["a.pgm", "b.pgm"]));
    let rows = [row("a.pgm", &picture(1)), row("b.pgm", &picture(2))];
    let list = file_of(&scene, "a.parquet", &rows);
    taken_in(&scene, list.clone());
    let gone = rows[0].1.as_ref().unwrap().id();
    scene.case().withdraw(&Withdrawal::Image(gone), "asked").unwrap();
    let (summary, _) = taken_in(&scene, list);
    assert_eq!(summary.images.skipped.get(&SkipReason::Withdrawn), Some(&1));
    assert!(scene.snapshot().images.iter().all(|image| image.id() != gone));
}

/// Every table of the fixture that says what was found.
fn tables(linked: &LinkedCase) -> BTreeMap<&'static str, Vec<u8>> {
    let joined = Joined::new(&linked.snapshot, &linked.findings);
    let of = |name: &str| name.ends_with(".csv") || name.ends_with(".jsonl");
    let files = formats::ALL.into_iter().filter(|export| of(export.file_name()));
    let written = files.map(|export| {
        let mut bytes = Vec::new();
        export.write(&joined, &mut bytes).unwrap();
        (export.file_name(), bytes)
    });
    written.collect()
}

fn link(case: &mut Case, copies: &Path) -> LinkedCase {
    let options = LinkOptions::default();
    CaseToLink::read(case, &options)
        .unwrap()
        .with_copies(copies.into())
        .link(case, &options, &Silent)
        .unwrap()
}

/// Originals lie on another machine: what linking wants to see of them is brought, until it wants nothing.
#[test]
fn linking_without_originals_says_which_it_wants_and_then_finds_the_same() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads");
    let images = fixture.join("images");
    let files = image_files(&images).unwrap();
    let name = |file: &PathBuf| file.strip_prefix(&images).unwrap().to_str().unwrap().to_string();
    let rows: Vec<AnalysisRow> =
        files.iter().map(|file| row(&name(file), &fs::read(file).unwrap())).collect();
    let (plain, scene) = (Scene::new(), Scene::new());
    let mut here = plain.case();
    ingest(&mut here, &[fixture.join("ads.jsonl").into()], &IngestOptions::default(), &Silent).unwrap();
    let expected = tables(&link(&mut here, &plain.path("none")));

    scene.write("ads.jsonl", fs::read(fixture.join("ads.jsonl")).unwrap());
    let (summary, _) = taken_in(&scene, file_of(&scene, "a.parquet", &rows));
    assert_eq!(summary.images.hashed, 0);
    let copies = scene.path("copies");
    fs::create_dir(&copies).unwrap();
    let mut case = scene.case();
    let mut rounds = 0;
    let linked = loop {
        let linked = link(&mut case, &copies);
        let lacking = linked.originals.lacking();
        if lacking.is_empty() {
            break linked;
        }
        rounds += 1;
        assert!(rounds < 10, "it goes on asking");
        for (file, (_, outcome, _)) in files.iter().zip(&rows) {
            if let Some(id) = outcome.as_ref().ok().map(Image::id).filter(|id| lacking.contains(id)) {
                fs::copy(file, copies.join(id.to_string())).unwrap();
            }
        }
    };
    assert!(rounds > 0, "the fixture has pairs that only pixels decide");
    let brought = fs::read_dir(&copies).unwrap().count();
    // Half of the fixture is copies of each other; what is like nothing else is never asked for.
    assert!(3 * brought < 2 * rows.len(), "{brought} of {} were brought", rows.len());
    let found = tables(&linked);
    let differing: Vec<_> =
        expected.iter().filter(|(name, bytes)| found[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "{differing:?}");
}
