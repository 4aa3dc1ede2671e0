//! hash, compare, search: what they print and how they end.

use super::support::{adlink, copy_of_case, fixture, link, run};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[allow(clippy::print_stderr, reason = "a test that tests nothing must say so")]
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name);
    if !path.exists() {
        eprintln!("{} is absent: not tested", path.display());
        return None;
    }
    Some(path)
}

/// Two images of one photo and one of another, from the fixture's truth.
fn same_and_other() -> (PathBuf, PathBuf, PathBuf) {
    let mut truth = csv::Reader::from_path(fixture().join("truth.csv")).unwrap();
    let rows: Vec<BTreeMap<String, String>> = truth.deserialize().map(|row| row.unwrap()).collect();
    let plain: Vec<_> =
        rows.iter().filter(|row| row["needs"] == "pdq" && row["family"] != "furniture").collect();
    let image = |row: &BTreeMap<String, String>| fixture().join("images").join(&row["image"]);
    let pair = |a: &BTreeMap<String, String>| {
        plain.iter().find(|b| b["photo_id"] == a["photo_id"] && b["image"] != a["image"]).copied()
    };
    let (a, b) = plain.iter().find_map(|a| Some((*a, pair(a)?))).expect("the fixture reuses photos");
    let other = plain.iter().find(|row| row["photo_id"] != a["photo_id"]).expect("and has several");
    (image(a), image(b), image(other))
}

fn hash_list(args: &[&str]) -> Vec<BTreeMap<String, String>> {
    let said = run(["hash"].iter().chain(args)).expect(0);
    csv::Reader::from_reader(said.stdout.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn hashes_are_the_references() {
    let Some(folder) = shared("data/pdq") else { return };
    let mut table = csv::Reader::from_path(folder.join("luma_expected.csv")).unwrap();
    let expected: Vec<BTreeMap<String, String>> = table.deserialize().map(|row| row.unwrap()).collect();
    let luma = folder.join("luma");
    for (flags, robust_only) in [(&["--dihedral"][..], true), (&["--dihedral", "--exact"][..], false)] {
        let args: Vec<&str> = [luma.to_str().unwrap()].iter().chain(flags).copied().collect();
        let found: BTreeMap<String, _> = hash_list(&args)
            .into_iter()
            .map(|row| (Path::new(&row["path"]).file_name().unwrap().to_string_lossy().into_owned(), row))
            .collect();
        let mut compared = 0;
        for row in expected.iter().filter(|row| !robust_only || row["f64_model_bits_differ"] == "0") {
            let ours = &found[row["file"].trim_start_matches("luma/")];
            assert_eq!(
                (&ours["pdq"], &ours["quality"]),
                (&row["pdq_hex"], &row["quality"]),
                "{}",
                row["file"]
            );
            for turn in ["rot90", "rot180", "rot270", "flipx", "flipy", "flipplus1", "flipminus1"] {
                assert_eq!(ours[turn], row[turn], "{} {turn}", row["file"]);
            }
            compared += 1;
        }
        assert_eq!(compared, if robust_only { 52 } else { 66 });
    }
}

#[test]
fn file_path_of_the_reference_is_followed() {
    let Some(folder) = shared("data/pdq") else { return };
    let mut table = csv::Reader::from_path(folder.join("expected.csv")).unwrap();
    let expected: BTreeMap<String, String> = table
        .deserialize::<BTreeMap<String, String>>()
        .map(|row| row.unwrap())
        .map(|row| (row["file"].clone(), row["pdq_hex"].clone()))
        .collect();
    let images = folder.join("images");
    let mut equal = 0;
    for row in hash_list(&[images.to_str().unwrap(), "--compat", "meta-cpp"]) {
        let name = row["path"].split("data/pdq/").nth(1).unwrap().to_string();
        let parse = |text: &str| text.parse::<adlink::hash::Hash256>().unwrap();
        let distance = parse(&row["pdq"]).distance(&parse(&expected[&name]));
        // What remains is rounding inside two JPEG decoders.
        assert!(distance <= 6, "{name}: {distance} bits");
        equal += usize::from(distance == 0);
    }
    assert!(equal >= 45, "only {equal} of {} equal", expected.len());
}

#[test]
fn a_file_that_cannot_be_hashed_is_a_row_and_exit_code_three() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.jpg");
    std::fs::write(&broken, "<!doctype html><html>").unwrap();
    let (good, ..) = same_and_other();
    let said = run(["hash".as_ref(), broken.as_os_str(), good.as_os_str()]).expect(3);
    let rows: Vec<BTreeMap<String, String>> =
        csv::Reader::from_reader(said.stdout.as_bytes()).deserialize().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0]["error"].starts_with("NOT_AN_IMAGE"), "{rows:?}");
    assert_eq!(rows[1]["pdq"].len(), 64);
}

#[test]
fn lists_are_written_to_files_too() {
    let folder = tempfile::tempdir().unwrap();
    let images = fixture().join("images");
    for format in ["csv", "jsonl", "parquet"] {
        let list = folder.path().join(format);
        let args = [
            "hash",
            images.to_str().unwrap(),
            "--views",
            "--dihedral",
            "--format",
            format,
            "-o",
            list.to_str().unwrap(),
        ];
        run(args).expect(3);
        assert!(std::fs::metadata(&list).unwrap().len() > 10_000, "{format}");
    }
}

#[test]
fn compare_explains_and_decides() {
    let (a, b, other) = same_and_other();
    let args = |x: &Path, y: &Path| {
        ["compare", x.to_str().unwrap(), y.to_str().unwrap(), "--exit-code", "--json"].map(String::from)
    };
    let same = run(args(&a, &b)).expect(0);
    let value: serde_json::Value = serde_json::from_str(&same.stdout).unwrap();
    assert_eq!(value["same_photo"], true);
    assert!(value["distances"].as_array().unwrap().len() >= 8);
    assert!(value["second_hash_distance"].is_u64());
    let different = run(args(&a, &other)).expect(1);
    let value: serde_json::Value = serde_json::from_str(&different.stdout).unwrap();
    assert_eq!(value["same_photo"], false);
}

#[test]
fn search_finds_the_ads_of_a_photo() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let (a, b, other) = same_and_other();
    let relative = |path: &Path| {
        path.strip_prefix(fixture().join("images")).unwrap().to_str().unwrap().replace('\\', "/")
    };
    for flags in [&[][..], &["-k", "10"]] {
        let args = ["search", a.to_str().unwrap(), "--case", case.to_str().unwrap(), "--json"];
        let said = run(args.iter().chain(flags)).expect(0);
        let answers: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
        let hits = answers[0]["hits"].as_array().unwrap();
        let shown: Vec<&str> = hits
            .iter()
            .filter(|hit| hit["same_photo"] == true)
            .flat_map(|hit| hit["ads"].as_array().unwrap())
            .map(|ad| ad["path"].as_str().unwrap())
            .collect();
        assert!(shown.contains(&&*relative(&a)) && shown.contains(&&*relative(&b)), "{shown:?}");
        assert!(!shown.contains(&&*relative(&other)));
        assert!(flags.is_empty() || hits.len() == 10, "{} hits", hits.len());
    }
}

#[test]
fn approximate_candidates_come_with_their_recall() {
    let folder = tempfile::tempdir().unwrap();
    let said = link(&fixture().join("ads.jsonl"), &folder.path().join("out"), &["--index", "hnsw", "--json"])
        .expect(3);
    let summary: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let recall = summary["candidate_recall"].as_f64().expect("a share");
    assert!((0.9..=1.0).contains(&recall), "{recall}");
    assert!(said.stderr.contains("of the exact ones were found"), "{}", said.stderr);
}

#[test]
fn compare_finds_a_part_of_a_photo() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, _, other) = same_and_other();
    let crop = folder.path().join("crop.png");
    let picture = image::load_from_memory(&std::fs::read(&whole).unwrap()).unwrap();
    let (width, height) = (picture.width() * 7 / 10, picture.height() * 7 / 10);
    picture.crop_imm(picture.width() / 20, picture.height() / 10, width, height).save(&crop).unwrap();
    let compared = |against: &Path| -> serde_json::Value {
        let args = ["compare", crop.to_str().unwrap(), against.to_str().unwrap(), "--json"];
        serde_json::from_str(&run(args).expect(0).stdout).unwrap()
    };
    let found = compared(&whole);
    assert_eq!((&found["same_photo"], &found["tier"]), (&true.into(), &"partial".into()), "{found}");
    let share = found["local"]["overlap_b"].as_f64().unwrap();
    assert!((share - 0.49).abs() < 0.03, "half of the photo's area, found {share}");
    assert_eq!(compared(&other)["same_photo"], false);
}

/// Where there is a screen `adlink` alone is the desk; on a server or in a script that would wait for ever.
#[cfg(target_os = "linux")]
#[test]
fn without_a_command_and_without_a_screen_there_is_help() {
    let said = adlink().env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").output().unwrap();
    assert_eq!(said.status.code(), Some(2));
    let help = String::from_utf8(said.stderr).unwrap();
    assert!(help.contains("Usage: adlink") && help.contains("desk") && said.stdout.is_empty(), "{help}");
}
