//! A manifest, whatever it is: JSON Lines, JSON, CSV, pages, archives, compressed; into a case of its own and out again.
//!
//! The first byte chooses the name's ending, since readers look at it.
#![no_main]
use adlink::case::Case;
use adlink::ingest::{IngestOptions, Input, ingest};
use adlink::progress::Silent;
use libfuzzer_sys::fuzz_target;

const ENDINGS: [&str; 12] =
    ["jsonl", "csv", "json", "tsv", "html", "mhtml", "zip", "tar", "warc", "txt", "xlsx", "db"];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, manifest)) = bytes.split_first() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(format!("ads.{}", ENDINGS[usize::from(*choice) % ENDINGS.len()]));
    std::fs::write(&path, manifest).expect("a file");
    let mut case = Case::open_or_create(&folder.path().join("case.adlink")).expect("a case");
    let options = IngestOptions { threads: Some(1), features: 0, ..IngestOptions::default() };
    let _ = ingest(&mut case, &[Input::Path(path)], &options, &Silent);
    case.snapshot().expect("what was taken in can be read");
    assert_eq!(case.check_data().expect("a chain").faults, []);
});
