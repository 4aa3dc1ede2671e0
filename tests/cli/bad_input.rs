//! Bad input at the front door: a clear word with file, line and remedy, the right exit code, nothing lost.

use super::support::{adlink, fixture, link, rows, run};
use std::fs;
use std::path::Path;

/// A PNG of one tone.
fn flat(path: &Path, level: u8, side: u32) {
    image::GrayImage::from_pixel(side, side, image::Luma([level])).save(path).unwrap();
}

/// A picture with something on it, another one for every seed.
fn picture(path: &Path, seed: u32) {
    let wave = |x: u32, y: u32, k: u32| {
        let (fx, fy) = ((seed * 7 + k * 3) % 11 + 1, (seed * 5 + k) % 7 + 1);
        f64::from(x * fx + y * fy * (k + 1)) / 40.0 + f64::from(seed * k)
    };
    image::GrayImage::from_fn(300, 240, |x, y| {
        let sum: f64 = (0..4).map(|k| wave(x, y, k).sin()).sum();
        image::Luma([(127.0 + 30.0 * sum) as u8])
    })
    .save(path)
    .unwrap();
}

fn manifest(folder: &Path, text: &str) -> std::path::PathBuf {
    let path = folder.join("ads.jsonl");
    fs::write(&path, text).unwrap();
    path
}

fn ad(id: u32, images: &str) -> String {
    format!("{{\"site\":\"s{id}.example\",\"ad_id\":\"{id}\",\"images\":[{images}]}}\n")
}

#[test]
fn an_empty_manifest_fails_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let said = link(&manifest(folder.path(), ""), &folder.path().join("out"), &[]).expect(1);
    assert!(said.stderr.contains("error: no ads in the input"), "{}", said.stderr);
    assert!(said.stderr.contains("\nhint: "), "{}", said.stderr);
}

#[test]
fn a_missing_manifest_names_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let said = link(&folder.path().join("gone.jsonl"), &folder.path().join("out"), &[]).expect(1);
    assert!(said.stderr.contains("gone.jsonl") && said.stderr.contains("caused by:"), "{}", said.stderr);
}

#[test]
fn a_malformed_line_is_named_and_the_others_are_used() {
    let folder = tempfile::tempdir().unwrap();
    picture(&folder.path().join("a.png"), 1);
    let text = format!("{}{{\"site\": oops\n{}", ad(1, "\"a.png\""), ad(2, "\"a.png\""));
    let out = folder.path().join("out");
    link(&manifest(folder.path(), &text), &out, &[]).expect(3);
    let skipped = rows(&out.join("skipped.csv"));
    assert_eq!(skipped.len(), 1);
    assert_eq!(skipped[0]["reason"], "BAD_RECORD");
    assert!(
        skipped[0]["path"].contains("ads.jsonl") && skipped[0]["detail"].contains("line 2"),
        "{skipped:?}"
    );
    assert_eq!(rows(&out.join("networks.csv")).len(), 2);
}

#[test]
fn flat_pictures_link_by_identical_bytes_only() {
    let folder = tempfile::tempdir().unwrap();
    for (name, level, side) in [("a", 0, 200), ("b", 0, 201), ("c", 255, 200), ("d", 255, 201)] {
        flat(&folder.path().join(format!("{name}.png")), level, side);
    }
    fs::copy(folder.path().join("a.png"), folder.path().join("e.png")).unwrap();
    let text: String = ["a", "b", "c", "d", "e"]
        .iter()
        .zip(1..)
        .map(|(name, id)| ad(id, &format!("\"{name}.png\"")))
        .collect();
    let out = folder.path().join("out");
    link(&manifest(folder.path(), &text), &out, &[]).expect(0);
    let pairs = rows(&out.join("pairs.csv"));
    assert_eq!(pairs.len(), 1, "{pairs:?}");
    assert_eq!(
        (&*pairs[0]["image_a"], &*pairs[0]["image_b"], &*pairs[0]["tier"]),
        ("a.png", "e.png", "same-file")
    );
}

#[test]
fn records_that_name_no_image_end_the_run() {
    let folder = tempfile::tempdir().unwrap();
    link(&manifest(folder.path(), &ad(1, "")), &folder.path().join("out"), &[]).expect(1);
}

#[test]
fn one_or_two_images_are_fine() {
    for images in 1..3_u32 {
        let folder = tempfile::tempdir().unwrap();
        let text: String = (1..=images).map(|id| ad(id, &format!("\"{id}.png\""))).collect();
        for id in 1..=images {
            picture(&folder.path().join(format!("{id}.png")), 3);
        }
        let out = folder.path().join("out");
        link(&manifest(folder.path(), &text), &out, &[]).expect(0);
        assert_eq!(rows(&out.join("networks.csv")).len(), if images == 2 { 2 } else { 0 });
    }
}

#[test]
fn hostile_names_stay_inert() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["q'uote, \u{1f388} & co.png", "=cmd.png", "semi;colon #%20.png"];
    let hostile = "<script>alert(1)</script>\\u202e\\n\\\"";
    let mut text = String::new();
    for (name, id) in names.iter().zip(1..) {
        picture(&folder.path().join(name), 5);
        text.push_str(&format!(
            "{{\"site\":\"s{id}.example\",\"ad_id\":\"{hostile}\",\"title\":\"{hostile}\",\"images\":[\"{name}\"]}}\n"
        ));
    }
    let out = folder.path().join("out");
    link(&manifest(folder.path(), &text), &out, &[]).expect(0);
    let report = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(report.contains("&lt;script&gt;alert(1)"), "the title is shown as text");
    assert!(!report.contains("<script"), "no script element");
    let seen: std::collections::BTreeSet<String> =
        rows(&out.join("photo_groups.csv")).into_iter().map(|row| row["path"].clone()).collect();
    assert_eq!(seen, names.iter().map(|name| name.to_string()).collect());
}

#[test]
fn an_output_folder_that_cannot_be_made_fails() {
    let folder = tempfile::tempdir().unwrap();
    picture(&folder.path().join("a.png"), 1);
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let said = link(&manifest(folder.path(), &ad(1, "\"a.png\"")), &file.join("out"), &[]).expect(1);
    assert!(said.stderr.starts_with("error: cannot create folder"), "{}", said.stderr);
}

#[test]
fn a_file_that_is_no_case_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    picture(&folder.path().join("a.png"), 1);
    let case = folder.path().join("notes.txt");
    fs::write(&case, "my notes, not a case; my notes, not a case").unwrap();
    let ads = manifest(folder.path(), &ad(1, "\"a.png\""));
    let said = link(&ads, &folder.path().join("out"), &["--case", case.to_str().unwrap()]).expect(1);
    assert!(said.stderr.contains("caused by: it is not an adlink case"), "{}", said.stderr);
    assert!(said.stderr.contains("hint: "), "{}", said.stderr);
    assert_eq!(fs::read_to_string(&case).unwrap(), "my notes, not a case; my notes, not a case");
}

#[test]
fn wrong_usage_exits_with_two() {
    run(["link"]).expect(2);
    run(["link", "x.jsonl", "--radius", "64"]).expect(2);
    run(["link", "x.jsonl", "--threads", "0"]).expect(2);
    run(["no-such-command"]).expect(2);
}

/// The manifest's folder is empty text then, which once was an error.
#[test]
fn a_manifest_in_the_current_folder_is_found_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture().join("ads.jsonl"), folder.path().join("ads.jsonl")).unwrap();
    let image = "images/lakeside.example/L1202_0.jpg";
    std::fs::create_dir_all(folder.path().join(image).parent().unwrap()).unwrap();
    std::fs::copy(fixture().join(image), folder.path().join(image)).unwrap();
    let args = ["ingest", "ads.jsonl", "--case", "c.adlink", "--json"];
    let said = adlink().args(args).current_dir(folder.path()).output().unwrap();
    assert_eq!(said.status.code(), Some(3), "{}", String::from_utf8_lossy(&said.stderr));
    let case = adlink::case::Case::open_read(&folder.path().join("c.adlink")).unwrap();
    assert_eq!(case.snapshot().unwrap().images.len(), 1);
}
