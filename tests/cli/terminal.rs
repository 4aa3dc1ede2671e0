//! What a person at a terminal reads first: help in a useful order, verdicts before what bears them out, and a hint where
//! an input is something else than a picture.

use super::support::{copy_of_case, fixture, link, run};
use std::fs;
use std::path::Path;

fn help(command: &str) -> String {
    run([command, "--help"]).expect(0).stdout
}

/// Where a flag is explained.
fn place(help: &str, flag: &str) -> usize {
    let explained = |line: &str| line.trim_start().starts_with(flag) || line.contains(&format!(", {flag}"));
    help.lines().position(explained).unwrap_or_else(|| panic!("{flag} is not in:\n{help}"))
}

#[test]
fn what_a_command_alone_takes_stands_before_what_all_take() {
    for (command, own) in [
        ("link", "--radius"),
        ("link", "--out"),
        ("report", "--case"),
        ("report", "--zip"),
        ("compare", "--picture"),
        ("search", "--tiers"),
        ("verify", "--case"),
    ] {
        let help = help(command);
        for all in ["--threads", "--json", "--quiet", "--force", "--help"] {
            assert!(place(&help, own) < place(&help, all), "{command}: {own} {all}:\n{help}");
        }
        assert_eq!(help.matches("Every command:").count(), 1, "{help}");
    }
}

#[test]
fn how_to_link_is_told_once_and_taken_everywhere() {
    assert!(help("link").contains("--min-quality <0-100>"));
    for command in ["report", "export", "review"] {
        let help = help(command);
        assert!(!help.contains("--min-quality <"), "{command}:\n{help}");
        assert!(
            help.contains("--min-quality,") && help.contains("as for `adlink link`"),
            "{command}:\n{help}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let (case, out) = (copy_of_case(folder.path()), folder.path().join("out"));
    let args =
        ["report", "--case", case.to_str().unwrap(), "--out", out.to_str().unwrap(), "--radius", "20", "-q"];
    run(args).expect(3);
}

#[test]
fn lists_of_values_are_shown_as_they_are_typed() {
    for command in ["link", "search"] {
        let help = help(command);
        assert!(help.contains("--tiers <TIER,TIER>"), "{help}");
        assert!(help.contains("[default: same-file,near-copy,transformed,partial]"), "{help}");
    }
    let folder = tempfile::tempdir().unwrap();
    let said = link(
        &fixture().join("ads.jsonl"),
        &folder.path().join("out"),
        &["--tiers", "same-file,near-copy", "-q"],
    );
    said.expect(3);
}

#[test]
fn compare_says_first_what_it_comes_to() {
    let images = fixture().join("images");
    let photo = images.join("openboard.example/O1007_0.jpg");
    let same = run(["compare".as_ref(), photo.as_os_str(), photo.as_os_str()]).expect(0).stdout;
    assert!(same.starts_with("same photo: same-file, identical evidence"), "{same}");
    assert!(same.lines().next().unwrap().ends_with("nearly all of both images in common"), "{same}");
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.png");
    image::GrayImage::from_fn(300, 200, |x, y| image::Luma([(x * y / 200) as u8])).save(&other).unwrap();
    let differ = run(["compare".as_ref(), photo.as_os_str(), other.as_os_str()]).expect(0).stdout;
    assert!(differ.starts_with("not shown to be the same photo"), "{differ}");
}

#[test]
fn an_address_is_not_fetched_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let (photo, case) = (fixture().join("images/openboard.example/O1007_0.jpg"), case.to_str().unwrap());
    let (address, photo) = ("https://a.example/1.jpg", photo.to_str().unwrap());
    let out = folder.path().join("out");
    for args in [
        &["link", "https://a.example/ads.jsonl", "--out", out.to_str().unwrap()][..],
        &["compare", address, photo],
        &["compare", photo, address],
        &["hash", address],
        &["search", address, "--case", case],
    ] {
        let said = run(args);
        assert!(said.stderr.contains("hint: adlink fetches nothing"), "{args:?}: {}", said.stderr);
    }
}

#[test]
fn an_archive_in_place_of_a_picture_is_met_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let (photo, archive) =
        (fixture().join("images/openboard.example/O1007_0.jpg"), folder.path().join("photos.zip"));
    let mut zip = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
    zip.start_file("a.jpg", zip::write::SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    let (photo, archive) = (photo.to_str().unwrap(), archive.to_str().unwrap());
    for args in [
        &["compare", archive, photo][..],
        &["hash", archive],
        &["search", archive, "--case", case.to_str().unwrap()],
    ] {
        let said = run(args);
        assert!(said.stderr.contains("hint: an archive is no picture"), "{args:?}: {}", said.stderr);
    }
}

#[test]
fn a_folder_of_nothing_but_heic_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let bytes = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        fs::write(folder.path().join(name), bytes).unwrap();
    };
    fs::create_dir(folder.path().join("ads")).unwrap();
    ["ads/1.heic", "ads/2.heic"].into_iter().for_each(write);
    let said = link(&folder.path().join("ads"), &folder.path().join("out"), &[]).expect(1);
    assert!(said.stderr.contains("none of 2 images could be used"), "{}", said.stderr);
    assert!(said.stderr.contains("hint: no build of adlink decodes HEIC"), "{}", said.stderr);
    assert!(said.stderr.contains("convert such pictures to JPEG"), "{}", said.stderr);
    assert!(!Path::new("adlink-out").exists());
}
