//! What shows pixels: the evidence picture of a pair, and previews in the report, only where asked for.

use super::support::{adlink, assert_same, copy_of_case, fixture, run, run_json, whole};
use std::fs;

#[test]
fn compare_draws_a_picture_and_spares_the_originals() {
    let folder = tempfile::tempdir().unwrap();
    let images = fixture().join("images");
    let (a, b) = (images.join("lakeside.example/L1163_1.jpg"), images.join("openboard.example/O1228_1.jpg"));
    let out = folder.path().join("evidence.png");
    let arguments = [a.as_os_str(), b.as_os_str()];
    let compare = |more: &[&std::ffi::OsStr]| {
        run(["compare".as_ref()].into_iter().chain(arguments).chain(more.iter().copied()))
    };
    let said = compare(&["--picture".as_ref(), out.as_os_str()]).expect(0);
    assert!(said.stdout.contains("laid over each other: quarter turn clockwise"), "{}", said.stdout);
    let png = fs::read(&out).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    let streamed = adlink().arg("compare").args(arguments).args(["--picture", "-"]).output().unwrap();
    assert_eq!(streamed.stdout, png, "standard output holds the same picture and nothing else");
    let blurred = folder.path().join("blurred.png");
    compare(&["--picture".as_ref(), blurred.as_os_str(), "--blurred".as_ref(), "--grey".as_ref()]).expect(0);
    assert!(2 * fs::read(&blurred).unwrap().len() < png.len());

    let copy = folder.path().join("copy.jpg");
    fs::copy(&a, &copy).unwrap();
    let before = fs::read(&copy).unwrap();
    let said =
        run(["compare".as_ref(), copy.as_os_str(), b.as_os_str(), "--picture".as_ref(), copy.as_os_str()]);
    assert!(said.expect(2).stderr.contains("it is the input"));
    assert_eq!(fs::read(&copy).unwrap(), before);
}

#[test]
fn previews_are_in_the_report_only_where_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (shown, again) = (folder.path().join("shown"), folder.path().join("again"));
    let case = copy_of_case(folder.path());
    let report = |out: &std::path::Path| {
        let flags =
            ["--previews", "blurred", "--case", case.to_str().unwrap(), "--out", out.to_str().unwrap()];
        run(["report"].into_iter().chain(flags)).expect(3);
        fs::read_to_string(out.join("report.html")).unwrap()
    };
    let html = report(&shown);
    assert_eq!(report(&again), html);
    assert_same(&shown, &again);
    let embedded = html.matches("src=\"data:image/jpeg;base64,").count();
    let run = run_json(&shown);
    assert_eq!(run["previews"]["embedded"], embedded);
    assert_eq!(
        (&run["previews"]["kind"], &run["previews"]["originals_missing"]),
        (&"blurred".into(), &0.into())
    );
    assert!(embedded > 10 && html.contains("This file holds blurred pictures."));
    let without = fs::read_to_string(whole().join("report.html")).unwrap();
    assert!(!without.contains("data:") && !without.contains("<img"));
    assert_eq!(run_json(whole())["previews"]["kind"], "none");
    let case = adlink::case::Case::open_read(&case).unwrap();
    let notes = case.audit_entries().unwrap().into_iter().filter(|entry| entry.action == "previews");
    assert_eq!(notes.map(|entry| entry.detail["embedded"].clone()).collect::<Vec<_>>(), [embedded, embedded]);
}
