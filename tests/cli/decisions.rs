//! Decisions from end to end: they survive what happens to files and cases. Kills are in `killed`.

use super::support::{assert_same, fixture, link, results, rows, run};
use adlink::case::Case;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

type Pair = (String, String);

fn ads() -> PathBuf {
    fixture().join("ads.jsonl")
}

fn decide(case: &Path, pair: &Pair, ruling: &str) {
    let case = case.to_str().unwrap();
    run(["decide", "--case", case, "--reviewer", "R. One", "--pair", &pair.0, &pair.1, ruling]).expect(0);
}

/// Pairs of different images in `pairs.csv`.
fn pairs(out: &Path) -> BTreeSet<Pair> {
    let listed = rows(&out.join("pairs.csv")).into_iter();
    listed.map(|row| (row["sha256_a"].clone(), row["sha256_b"].clone())).filter(|(a, b)| a != b).collect()
}

/// Photo groups of an image.
fn groups_of(out: &Path, sha256: &str) -> BTreeSet<String> {
    let listed = rows(&out.join("photo_groups.csv")).into_iter();
    listed.filter(|row| row["sha256"] == sha256).map(|row| row["photo_group_id"].clone()).collect()
}

/// Four pairs that link finds, and three that it does not, of images in different photo groups.
fn seven(out: &Path) -> (Vec<Pair>, Vec<Pair>) {
    let found: Vec<Pair> = pairs(out).into_iter().step_by(3).take(4).collect();
    let decided: BTreeSet<&String> = found.iter().flat_map(|(a, b)| [a, b]).collect();
    let mut firsts: Vec<String> =
        rows(&out.join("photo_groups.csv")).iter().map(|row| row["sha256"].clone()).collect();
    firsts.dedup();
    let mut apart: Vec<String> = Vec::new();
    for image in firsts.into_iter().filter(|image| !decided.contains(image)) {
        let mine = groups_of(out, &image);
        if apart.iter().all(|other| groups_of(out, other).is_disjoint(&mine)) {
            apart.push(image);
        }
    }
    let confirmed = apart.chunks_exact(2).take(3).map(|two| (two[0].clone(), two[1].clone())).collect();
    (found, confirmed)
}

fn assert_hold(out: &Path, rejected: &[Pair], confirmed: &[Pair]) {
    let listed = pairs(out);
    for (a, b) in rejected {
        assert!(!listed.contains(&(a.clone(), b.clone())), "{a} {b} is listed");
        assert!(groups_of(out, a).is_disjoint(&groups_of(out, b)), "{a} {b} show one photo");
    }
    for (a, b) in confirmed {
        assert!(!groups_of(out, a).is_disjoint(&groups_of(out, b)), "{a} {b} show no photo in common");
    }
    let effects: Vec<String> =
        rows(&out.join("decisions.csv")).into_iter().map(|row| row["effect"].clone()).collect();
    assert_eq!(effects, ["applied"; 7]);
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn seven_decisions_survive_moved_files_a_new_crawl_and_a_new_case() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let case = path("case.adlink");
    let in_case = ["--case", case.to_str().unwrap()];
    link(&ads(), &path("before"), &in_case).expect(3);
    let (rejected, confirmed) = seven(&path("before"));
    assert_eq!((rejected.len(), confirmed.len()), (4, 3));
    rejected.iter().for_each(|pair| decide(&case, pair, "reject"));
    confirmed.iter().for_each(|pair| decide(&case, pair, "confirm"));
    link(&ads(), &path("decided"), &in_case).expect(3);
    assert_hold(&path("decided"), &rejected, &confirmed);

    // A new case from the same files, with the decisions imported: the same bytes. Importing twice changes nothing.
    let list = path("decisions.jsonl");
    run(["decisions", "export", "--case", in_case[1], "-o", list.to_str().unwrap()]).expect(0);
    let new = path("new.adlink");
    let in_new = ["--case", new.to_str().unwrap()];
    run(["ingest", ads().to_str().unwrap(), "--case", in_new[1]]).expect(3);
    for _ in 0..2 {
        run(["decisions", "import", list.to_str().unwrap(), "--case", in_new[1]]).expect(0);
    }
    link(&ads(), &path("new"), &in_new).expect(3);
    assert_same(&path("decided"), &path("new"));

    // Moved files, under the same names below another folder.
    copy_folder(&fixture(), &path("moved"));
    let moved = path("moved").join("ads.jsonl");
    let elsewhere = path("elsewhere.adlink");
    run(["ingest", moved.to_str().unwrap(), "--case", elsewhere.to_str().unwrap()]).expect(3);
    run(["decisions", "import", list.to_str().unwrap(), "--case", elsewhere.to_str().unwrap()]).expect(0);
    run(["report", "--case", elsewhere.to_str().unwrap(), "--out", path("elsewhere").to_str().unwrap()])
        .expect(3);
    assert_same(&path("decided"), &path("elsewhere"));
    link(&moved, &path("both"), &in_case).expect(3);
    assert_hold(&path("both"), &rejected, &confirmed);

    // The same ads collected again a year later.
    let again =
        fs::read_to_string(ads()).unwrap().replace("\"collected_at\":\"2024", "\"collected_at\":\"2025");
    fs::write(path("again.jsonl"), again).unwrap();
    let images = fixture().join("images");
    link(&path("again.jsonl"), &path("again"), &["--images", images.to_str().unwrap(), "--case", in_case[1]]);
    assert_hold(&path("again"), &rejected, &confirmed);

    // Taking all of them back gives what was there before any, but where the decisions are told.
    let tells = ["decisions.csv", "manifest-sha256.txt", "report.html"];
    rejected.iter().chain(&confirmed).for_each(|pair| decide(&new, pair, "unsure"));
    link(&ads(), &path("undone"), &in_new).expect(3);
    let (before, undone) = (results(&path("before")), results(&path("undone")));
    for (name, bytes) in before.iter().filter(|(name, _)| !tells.contains(&name.as_str())) {
        assert!(undone[name] == *bytes, "{name} differs");
    }
}

#[test]
fn bad_lines_are_named_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case.adlink");
    drop(Case::open_or_create(&case).unwrap());
    let (a, b) = ("11".repeat(32), "22".repeat(32));
    decide(&case, &(a.clone(), b), "reject");
    let case = case.to_str().unwrap();
    let good = run(["decisions", "export", "--case", case]).expect(0).stdout;
    let file = folder.path().join("list.jsonl");
    fs::write(&file, format!("{good}not json\n{}", good.replace("reject", "maybe"))).unwrap();
    let said = run(["decisions", "import", file.to_str().unwrap(), "--case", case]).expect(3);
    for line in [2, 3] {
        assert!(said.stderr.contains(&format!("{}:{line}: ", file.display())), "{}", said.stderr);
    }
    let listed = run(["decisions", "list", "--case", case]).expect(0).stdout;
    assert!(listed.contains(&a) && listed.contains("reject by R. One"), "{listed}");
    run(["decide", "--case", case, "--reviewer", "R", "--pair", "zz", &a, "reject"]).expect(2);
    run(["decide", "--case", case, "--reviewer", "", "--ad", "s/1", "mirror"]).expect(2);
    run(["decide", "--case", case, "--reviewer", "R", "--ad", "s/1", "--pair", &a, &a, "mirror"]).expect(2);
}
