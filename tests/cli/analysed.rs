//! Images analysed by jobs and taken into a case: the result of decoding them there.

use super::support::{adlink, assert_same, fixture, link, run, whole};
use adlink::features::STORED;
use std::fs;
use std::path::{Path, PathBuf};

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The fixture's images, analysed in three shares.
fn analysed(folder: &Path) -> PathBuf {
    let out = folder.join("analysed");
    fs::create_dir(&out).unwrap();
    for share in ["1/3", "2/3", "3/3"] {
        let file = out.join(format!("{}.parquet", &share[..1]));
        let images = fixture().join("images");
        let said = run(["hash", text(&images), "--analyses", "--shard", share, "-o", text(&file)]);
        assert!([0, 3].contains(&said.code), "{}", said.stderr);
    }
    out
}

#[test]
fn three_shares_taken_in_are_the_images_ingested() {
    let folder = tempfile::tempdir().unwrap();
    let (analysed, out) = (analysed(folder.path()), folder.path().join("out"));
    let said = link(&fixture().join("ads.jsonl"), &out, &["--analysed", text(&analysed)]).expect(3);
    assert!(
        said.stderr.contains("0 hashed now, ") && said.stderr.contains("as analysed elsewhere"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains(" taken, 0 not used"), "{}", said.stderr);
    assert_same(&out, whole());

    // Again, and by file: nothing is left to take.
    let case = out.join("case.adlink");
    let ads = fixture().join("ads.jsonl");
    let one = analysed.join("1.parquet");
    let again = ["ingest", text(&ads), "--case", text(&case), "--analysed", text(&one)];
    let said = run(again).expect(3);
    assert!(said.stderr.contains(": 0 taken, 0 not used"), "{}", said.stderr);
    run(["verify", "--case", text(&case)]).expect(0);
}

#[test]
fn analyses_of_other_options_are_told_and_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("few.parquet");
    let few = format!("made with 50 local features, {STORED} are wanted");
    let images = fixture().join("images");
    run(["hash", text(&images), "--analyses", "--features", "50", "-o", text(&list)]).expect(3);
    let out = folder.path().join("out");
    let said = link(&fixture().join("ads.jsonl"), &out, &["--analysed", text(&list)]).expect(3);
    assert!(said.stderr.contains(&few), "{}", said.stderr);
    assert!(said.stderr.contains(": 0 taken, "), "{}", said.stderr);
    assert_same(&out, whole());

    // More features than are wanted are cut to what is.
    let (fewer, plain) = (folder.path().join("fewer"), folder.path().join("plain"));
    let many = analysed(folder.path());
    let ads = fixture().join("ads.jsonl");
    link(&ads, &fewer, &["--features", "60", "--analysed", text(&many)]).expect(3);
    link(&ads, &plain, &["--features", "60"]).expect(3);
    assert_same(&fewer, &plain);
}

#[test]
fn what_is_no_file_of_analyses_ends_the_run_and_says_what_is() {
    let folder = tempfile::tempdir().unwrap();
    let ads = fixture().join("ads.jsonl");
    let hashes = folder.path().join("hashes.parquet");
    let photo = fixture().join("images/openboard.example/O1007_0.jpg");
    run(["hash", text(&photo), "-o", text(&hashes)]).expect(0);
    let case = folder.path().join("case.adlink");
    for (given, words) in [
        (text(&hashes), "no column `analysis`; `adlink hash --analyses` writes such files"),
        (text(&photo), "expected a Parquet file that is whole"),
        (text(folder.path()), "no column `analysis`"),
        ("nowhere.parquet", "cannot read `nowhere.parquet`"),
    ] {
        let said = run(["ingest", text(&ads), "--case", text(&case), "--analysed", given]).expect(1);
        assert!(said.stderr.contains(words), "{given}: {}", said.stderr);
    }
    let said = run(["hash", text(&photo), "--analyses"]).expect(2);
    assert!(said.stderr.contains("Parquet"), "{}", said.stderr);
}

#[test]
fn images_that_are_not_here_are_taken_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("all.parquet");
    let there = fixture().join("images");
    let said =
        adlink().current_dir(&there).args(["hash", ".", "--analyses", "-o", text(&list)]).output().unwrap();
    assert_eq!(said.status.code(), Some(3));
    let here = folder.path().join("here");
    fs::create_dir(&here).unwrap();
    fs::copy(fixture().join("ads.jsonl"), here.join("ads.jsonl")).unwrap();
    // Pixels are not there either, so hashes alone.
    let tiers = ["--tiers", "same-file,near-copy,transformed"];
    let (out, plain) = (folder.path().join("out"), folder.path().join("plain"));
    link(&here.join("ads.jsonl"), &out, &[&tiers[..], &["--analysed", text(&list)]].concat()).expect(3);
    link(&fixture().join("ads.jsonl"), &plain, &tiers).expect(3);
    assert_same(&out, &plain);
}
