//! `adlink eval` against figures worked out by hand, and against the repost benchmark's own scorer.
//!
//! The scorer is looked for in `../shared/bench` and needs python3; where either is absent the test says so and
//! ends. Both are given the same made-up truths, pairs and networks, in both modes.

#![allow(clippy::print_stdout)]

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// `adlink eval FOLDER/truth.csv FOLDER/pairs.csv` and more.
fn eval(folder: &Path, more: &[&str]) -> Output {
    let files = [folder.join("truth.csv"), folder.join("pairs.csv")];
    let mut command = Command::cargo_bin("adlink").expect("the program is built with its tests");
    command.arg("eval").args(files).args(more).current_dir(folder).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn json(folder: &Path, more: &[&str]) -> Value {
    let output = eval(folder, &[more, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("writable");
    }
    folder
}

/// Ads 1 and 2 show photo p, ads 2 and 3 photo q, ad 3 a collage of r and p, ad 4 only r; a badge on all.
const ADS: &str = "\
image,photo_id,edit,family,params,ad_id,network_id,also_photo_ids
a1.jpg,p,crop_10,crop,,1,n1,
a2.jpg,p,crop_20,crop,,2,n1,
b2.jpg,q,resave,recompress,,2,n1,
b3.jpg,q,resave,recompress,,3,n2,
c3.jpg,r,collage,layout,,3,n2,p
c4.jpg,r,resave,recompress,,4,,
badge.png,badge,badge,furniture,,,,
";

/// Matching: a1-a2, a1-c3, a2-c3, b2-b3, c3-c4. All pairs: 6 * 5 / 2 less 2 inside ads = 13.
#[test]
fn figures_of_ads_are_those_worked_out_by_hand() {
    let pairs = "\
image_a,image_b,tier,distance,score,probability
a2.jpg,a1.jpg,near-copy,10,30,0.99
a1.jpg,a2.jpg,partial,,12,0.5
x/images/b2.jpg,b3.jpg,same-file,0,60,1
a1.jpg,b3.jpg,partial,,9,0.6
a2.jpg,b2.jpg,near-copy,3,40,0.9
a1.jpg,badge.png,near-copy,3,40,0.9
stranger.jpg,a1.jpg,near-copy,3,40,0.9
";
    let clusters = "ad_id,cluster_id\n1,x\n2,x\n3,x\n9,x\n";
    let folder = folder(&[("truth.csv", ADS), ("pairs.csv", pairs), ("clusters.csv", clusters)]);
    let said = json(folder.path(), &["--clusters", "clusters.csv", "--show-false", "3"]);
    let numbers = ["positives", "negatives", "links", "true", "false", "not_counted", "unknown_image_rows"];
    assert_eq!(numbers.map(|name| said[name].as_u64().expect("a count")), [5, 8, 3, 2, 1, 2, 1]);
    assert_eq!(said["recall"], 0.4);
    assert_eq!(said["tiers"]["partial"], serde_json::json!({ "true": 0, "false": 1 }));
    assert_eq!(said["tiers"]["near-copy"], serde_json::json!({ "true": 1, "false": 0 }));
    // The collage pairs are booked under both edits; the two crops twice under their family.
    assert_eq!(said["families"]["crop"], serde_json::json!({ "found": 2, "of": 4, "recall": 0.5 }));
    assert_eq!(said["families"]["layout"]["of"], 3);
    assert_eq!(said["families"]["recompress"]["of"], 2);
    assert_eq!(said["surest_false_pairs"][0]["image_b"], "b3.jpg");
    let tenths = said["by_probability"].as_array().expect("ten bins");
    assert_eq!((&tenths[9]["pairs"], &tenths[9]["true"]), (&2.into(), &2.into()));
    assert_eq!((&tenths[6]["pairs"], &tenths[6]["true"]), (&1.into(), &0.into()));
    // True networks {1, 2}, {3}, {4}; found {1, 2, 3}, {4}. One of three pairs is right, and none is missed.
    let networks = &said["networks"];
    assert_eq!(
        (&networks["found"], &networks["true"], &networks["mixed"]),
        (&2.into(), &3.into(), &1.into())
    );
    assert_eq!(
        (&networks["pairwise"]["precision"], &networks["pairwise"]["recall"]),
        (&(1.0 / 3.0).into(), &1.0.into())
    );
    // (2/3 + 2/3 + 1/3 + 1) / 4.
    let precision = networks["b_cubed"]["precision"].as_f64().expect("a number");
    assert!((precision - 2.0 / 3.0).abs() < 1e-12, "{precision}");
    assert_eq!(networks["unknown_ads"], 1);
}

/// Two originals and three copies; one copy shows the other photo too.
#[test]
fn figures_per_edit_are_those_worked_out_by_hand() {
    let truth = "\
image,photo_id,edit,family,ad_id,also_photo_ids
o/p.jpg,p,original,original,,
o/q.jpg,q,original,original,,
e/p.jpg,p,flip,orientation,,
f/p.jpg,p,inset,layout,,q
e/q.jpg,q,flip,orientation,,
";
    let pairs = "image_a,image_b\no/p.jpg,e/p.jpg\no/q.jpg,f/p.jpg\no/p.jpg,o/q.jpg\no/q.jpg,e/p.jpg\ne/p.jpg,f/p.jpg\n";
    let folder = folder(&[("truth.csv", truth), ("pairs.csv", pairs)]);
    let said = json(folder.path(), &["--per-edit", "edits.csv"]);
    let numbers = ["positives", "negatives", "links", "true", "false", "not_counted"];
    assert_eq!(numbers.map(|name| said[name].as_u64().expect("a count")), [3, 2, 2, 1, 1, 3]);
    let edits = fs::read_to_string(folder.path().join("edits.csv")).expect("written");
    assert_eq!(edits, "family,edit,found,of,recall\nlayout,inset,0,1,0.0000\norientation,flip,1,2,0.5000\n");
}

#[test]
fn what_is_wrong_is_told_with_file_and_line() {
    let pairs = "image_a,image_b,score\na1.jpg,a2.jpg,1\n";
    for (truth, pairs, expected) in [
        ("image,photo_id\n", pairs, "truth.csv`, line 1: no column `edit`"),
        (&format!("{ADS}a1.jpg,p,x,x,,1,,\n"), pairs, "truth.csv`, line 9: image `a1.jpg` was listed before"),
        (&format!("{ADS}short,row\n"), pairs, "truth.csv`, line 9: 2 cells where the heading has 8"),
        (ADS, "image_a,b\n", "pairs.csv`, line 1: no column `image_b`"),
        (ADS, &format!("{pairs}a1.jpg,b2.jpg,high\n"), "pairs.csv`, line 3: `score` is `high`"),
        ("image,photo_id,edit,family,ad_id\na,p,original,,\nb,q,flip,,\n", pairs, "which has no original"),
    ] {
        let folder = folder(&[("truth.csv", truth), ("pairs.csv", pairs)]);
        let output = eval(folder.path(), &[]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(expected), "{said}\nexpected {expected}");
    }
}

#[test]
fn the_bundled_truth_can_be_used() {
    let ads = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads");
    let folder = folder(&[("pairs.csv", "image_a,image_b\n")]);
    for name in ["truth.csv", "truth_networks.csv"] {
        fs::copy(ads.join(name), folder.path().join(name)).expect("copied");
    }
    let networks = ["--clusters", "truth_networks.csv", "--true-networks", "truth_networks.csv"];
    let said = json(folder.path(), &networks);
    assert!(said["positives"].as_u64() > Some(50) && said["true"] == 0, "{said}");
    assert_eq!(said["networks"]["b_cubed"]["f1"], 1.0);
    assert_eq!(said["networks"]["pairwise"]["f1"], 1.0);
}

fn scorer() -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench/score_pairs.py");
    let python =
        Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    (script.is_file() && python).then_some(script)
}

/// Numbers that look random and are the same every time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// A truth, pairs and networks that have every case in them.
fn made_up(seed: u64, per_edit: bool) -> [String; 3] {
    let mut draw = Draw(seed);
    let mut truth = "image,photo_id,edit,family,params,ad_id,network_id,also_photo_ids\n".to_string();
    let mut images = Vec::new();
    let ad = |n: u64| {
        if per_edit { String::new() } else { format!("ad{n},{}", ["", "n0", "n1", "n2"][n as usize % 4]) }
    };
    for k in 0..60 {
        let photo = if per_edit { k % 12 } else { draw.below(12) };
        let (edit, family) = match (per_edit, k) {
            (true, 0..12) => ("original".into(), "original".into()),
            (false, 59) => ("badge".into(), "furniture".into()),
            _ => (format!("edit{}", draw.below(6)), format!("family{}", draw.below(3))),
        };
        let also = if draw.below(5) == 0 {
            format!("p{};p{}", draw.below(12), draw.below(14))
        } else {
            String::new()
        };
        let place = if per_edit { ",".into() } else { ad(draw.below(20)) };
        let also = if edit == "original" { String::new() } else { also };
        let _ = writeln!(truth, "s/{k}.jpg,p{photo},{edit},{family},\"{{\"\"k\"\": {k}}}\",{place},{also}");
        images.push(format!("s/{k}.jpg"));
    }
    let mut pairs = "image_a,image_b,tier,distance\n".to_string();
    for _ in 0..400 {
        let (a, b) = (draw.below(60) as usize, draw.below(60) as usize);
        let before = if draw.below(4) == 0 { "out/images/" } else { "" };
        let _ = writeln!(pairs, "{before}{},{},near-copy,{}", images[a], images[b], draw.below(32));
    }
    let mut clusters = "ad_id,network_id\n".to_string();
    for k in (0..26).filter(|_| draw.below(4) > 0).collect::<Vec<_>>() {
        let _ = writeln!(clusters, "ad{k},c{}", draw.below(5));
    }
    [truth, pairs, clusters]
}

/// Every figure that the scorer prints and adlink has too: all but thresholds, which belong to a distance.
#[test]
fn figures_equal_those_of_the_repost_benchmark() {
    let Some(script) = scorer() else {
        println!("no ../shared/bench/score_pairs.py or no python3: figures not compared");
        return;
    };
    for (seed, per_edit) in (1..=6).flat_map(|seed| [(seed, false), (seed, true)]) {
        let [truth, pairs, clusters] = made_up(seed, per_edit);
        let folder = folder(&[("truth.csv", &truth), ("pairs.csv", &pairs), ("clusters.csv", &clusters)]);
        let networks: &[&str] = if per_edit { &[] } else { &["--clusters", "clusters.csv"] };
        let theirs = Command::new("python3")
            .arg(&script)
            .args(["truth.csv", "pairs.csv", "--csv", "theirs.csv"])
            .args(networks)
            .current_dir(folder.path())
            .output()
            .expect("python3 starts");
        assert!(theirs.status.success(), "{}", text(&theirs.stderr));
        let ours = text(&eval(folder.path(), &[&["--per-edit", "ours.csv"], networks].concat()).stdout);
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("written");
        assert_eq!(read("ours.csv"), read("theirs.csv"), "recall by edit, seed {seed}");
        let figure = |line: &str| {
            let wanted = ["matching", "links", "family", "  edit", "layout", "pairwise", "B-cubed"];
            wanted.iter().any(|start| line.starts_with(start))
        };
        let plain = |line: &str| line.split("  fpr").next().unwrap_or_default().to_string();
        let lines = |text: &str| text.lines().filter(|line| figure(line)).map(plain).collect::<Vec<_>>();
        let expected = lines(&text(&theirs.stdout));
        assert!(expected.len() > 8, "{expected:?}");
        assert_eq!(lines(&ours), expected, "seed {seed}, per edit: {per_edit}");
    }
}
