//! Linking section by section gives the bytes of linking at once.

use super::support::{assert_same_but_numbers, copy_of_case, run, whole};
use std::path::Path;

fn report(case: &Path, out: &Path, more: &[&str]) {
    let paths = ["report", "--case", case.to_str().unwrap(), "--out", out.to_str().unwrap()];
    run([&paths, more].concat()).expect(3);
}

#[test]
fn sections_give_the_files_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    for sections in ["1", "2", "7", "100000"] {
        let out = folder.path().join(sections);
        report(&case, &out, &["--sections", sections]);
        assert_same_but_numbers(&out, whole());
    }
    // Hashes alone, with contacts as ties.
    for more in [
        &["--tiers", "near-copy,transformed", "--corroborate"][..],
        &["--pairs", "forest", "--cross-site-only"],
    ] {
        let (once, cut) = (folder.path().join("once"), folder.path().join("cut"));
        report(&case, &once, more);
        report(&case, &cut, &[more, &["--parts", "5"]].concat());
        assert_same_but_numbers(&cut, &once);
    }
    let said = run([
        "report",
        "--case",
        case.to_str().unwrap(),
        "--out",
        folder.path().join("none").to_str().unwrap(),
        "--index",
        "hnsw",
        "--sections",
        "2",
    ]);
    assert!(said.expect(2).stderr.contains("hnsw"));
}
