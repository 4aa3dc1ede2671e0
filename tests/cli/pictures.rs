//! What shows pixels: the evidence picture of a pair, and previews in the report, only where asked for.

use super::support::{adlink, assert_same, copy_of_case, fixture, run, run_json, whole};
use std::fs;
use std::path::{Path, PathBuf};

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
    let in_german = folder.path().join("german");
    let flags = ["--previews", "blurred", "--lang", "de", "--case", case.to_str().unwrap(), "--out"];
    run(["report"].into_iter().chain(flags).chain([in_german.to_str().unwrap()])).expect(3);
    let german = fs::read_to_string(in_german.join("report.html")).unwrap();
    assert!(german.contains("Diese Datei enthält unscharf gemachte Bilder."));
    assert!(german.contains("Übereinandergelegt: ") && !german.contains("Laid over each other"));
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
    let pairs = html.matches("<figure class=\"pair\">").count();
    assert!((1..=6).contains(&pairs), "{pairs}: both links of three networks at most");
    assert!(html.contains("the common part outlined, blurred") && html.contains("Laid over each other: "));
    assert!(html.len() < 1_000_000, "{}", html.len());
    let without = fs::read_to_string(whole().join("report.html")).unwrap();
    assert!(!without.contains("data:") && !without.contains("<img"));
    assert_eq!(run_json(whole())["previews"]["kind"], "none");
    let case = adlink::case::Case::open_read(&case).unwrap();
    let notes = case.audit_entries().unwrap().into_iter().filter(|entry| entry.action == "previews");
    assert_eq!(notes.map(|entry| entry.detail["embedded"].clone()).collect::<Vec<_>>(), [embedded; 3]);
}

/// Two ads that show one photo, its copies beside them; linked, with the case in the result folder.
fn two_ads(folder: &Path) -> (PathBuf, PathBuf) {
    let images = fixture().join("images");
    let copies = [("one.jpg", "lakeside.example/L1163_1.jpg"), ("two.jpg", "openboard.example/O1228_1.jpg")];
    let mut manifest = String::new();
    for (site, (copy, from)) in ["a.example", "b.example"].into_iter().zip(copies) {
        fs::copy(images.join(from), folder.join(copy)).unwrap();
        manifest += &format!("{{\"site\":\"{site}\",\"ad_id\":\"1\",\"images\":[\"{copy}\"]}}\n");
    }
    let (ads, out) = (folder.join("ads.jsonl"), folder.join("out"));
    fs::write(&ads, manifest).unwrap();
    super::support::link(&ads, &out, &[]).expect(0);
    (out.join("case.adlink"), out)
}

#[test]
fn what_the_report_says_to_see_a_link_is_what_compare_takes() {
    let folder = tempfile::tempdir().unwrap();
    let (case, out) = two_ads(folder.path());
    let html = fs::read_to_string(out.join("report.html")).unwrap();
    let said = html.split_once("<code>adlink compare --case CASE.adlink ").unwrap().1;
    let words: Vec<&str> = said.split_once("</code>").unwrap().0.split(' ').collect();
    let [a, b, "--picture", name] = words[..] else { panic!("{words:?}") };
    let picture = folder.path().join(name);
    let flags = ["--case", case.to_str().unwrap(), a, b, "--picture", picture.to_str().unwrap()];
    let said = run(["compare"].into_iter().chain(flags)).expect(0);
    assert!(said.stdout.contains("laid over each other: "), "{}", said.stdout);
    assert!(fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    let unknown = run(["compare", "--case", case.to_str().unwrap(), "ffffffff", b]).expect(2);
    assert!(unknown.stderr.contains("an image of the case; none begins so"), "{}", unknown.stderr);
    let whole = "ff".repeat(32);
    let absent = run(["compare", "--case", case.to_str().unwrap(), &whole, b]).expect(2);
    assert!(absent.stderr.contains("the case, which holds none with this SHA-256"), "{}", absent.stderr);
    fs::remove_file(folder.path().join("one.jpg")).unwrap();
    fs::write(folder.path().join("two.jpg"), "something else").unwrap();
    let gone = run(["compare", "--case", case.to_str().unwrap(), a, b]).expect(2);
    assert!(gone.stderr.contains("name the file itself where it has moved"), "{}", gone.stderr);
}

#[test]
fn where_an_original_cannot_be_read_the_report_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let (case, out) = two_ads(folder.path());
    let report = || {
        let flags = ["--previews", "grey", "--case", case.to_str().unwrap(), "--out", out.to_str().unwrap()];
        run(["report"].into_iter().chain(flags)).expect(0);
        fs::read_to_string(out.join("report.html")).unwrap()
    };
    assert!(report().contains("<figure class=\"pair\">"));
    for (change, why) in
        [("changed", "ad has changed since it was read."), ("gone", "ad is not at its place any more.")]
    {
        for name in ["one.jpg", "two.jpg"] {
            let file = folder.path().join(name);
            if change == "gone" { fs::remove_file(file) } else { fs::write(file, "other") }.unwrap();
        }
        let html = report();
        assert!(
            html.contains("No pictures of this link. The original in the first ") && html.contains(why),
            "{change}"
        );
        assert!(!html.contains("<figure class=\"pair\">"), "{change}");
    }
}

#[test]
fn a_brief_of_no_network_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let (ads, out) = (folder.path().join("ads.jsonl"), folder.path().join("out"));
    fs::copy(fixture().join("images/lakeside.example/L1163_1.jpg"), folder.path().join("one.jpg")).unwrap();
    fs::write(&ads, "{\"site\":\"a.example\",\"ad_id\":\"1\",\"images\":[\"one.jpg\"]}\n").unwrap();
    let said = super::support::link(&ads, &out, &["--brief", "all"]).expect(0);
    assert!(said.stderr.contains("there is no network, so --brief writes no page"), "{}", said.stderr);
    assert!(!out.join("networks").exists());
}

#[test]
fn a_brief_is_written_for_the_network_named() {
    let folder = tempfile::tempdir().unwrap();
    let (case, out) = two_ads(folder.path());
    let brief = |name: &str| {
        run(["report", "--case", case.to_str().unwrap(), "--out", out.to_str().unwrap(), "--brief", name])
    };
    let unknown = brief("99").expect(2);
    assert!(
        unknown.stderr.contains("the number or id of a network in the report, or all"),
        "{}",
        unknown.stderr
    );
    assert!(!out.join("networks").exists());
    for name in ["1", "all"] {
        brief(name).expect(0);
        let pages: Vec<_> =
            fs::read_dir(out.join("networks")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(pages.len() == 1 && pages[0].to_str().unwrap().ends_with("-brief.html"), "{pages:?}");
    }
}
