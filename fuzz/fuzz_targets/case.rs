//! A file that claims to be a case: opened, checked and read out, and opened for writing.
//!
//! Start from the seeds: cases of every schema version.
#![no_main]
use adlink::case::Case;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("case.adlink");
    std::fs::write(&path, bytes).expect("a file");
    if let Ok(case) = Case::open(&path) {
        let _ = case.check_audit();
        let _ = case.check_data();
        let _ = case.check_file();
        let _ = case.snapshot_with_features();
        let _ = case.pixel_checks();
    }
    if let Ok(case) = Case::open_read(&path) {
        let _ = case.snapshot();
    }
});

