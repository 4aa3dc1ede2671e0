//! `--since`: what is new is what the earlier run did not have; the results know nothing of it.

use super::support::{assert_same_but_numbers, fixture, link, rows, run, run_json, whole_by_images};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn ids(out: &Path, file: &str, column: &str) -> BTreeSet<String> {
    rows(&out.join(file)).into_iter().map(|row| row[column].clone()).collect()
}

fn of_kind(out: &Path, kind: &str) -> Vec<BTreeMap<String, String>> {
    rows(&out.join("new.csv")).into_iter().filter(|row| row["kind"] == kind).collect()
}

/// Network of each ad.
fn networks(out: &Path) -> BTreeMap<(String, String), String> {
    let listed = rows(&out.join("networks.csv")).into_iter();
    listed.map(|row| ((row["site"].clone(), row["ad_id"].clone()), row["network_id"].clone())).collect()
}

#[test]
fn a_second_batch_tells_what_it_brought() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = fs::read_to_string(fixture().join("ads.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (images, case) = (fixture().join("images"), path("case.adlink"));
    let common = ["--images", images.to_str().unwrap(), "--case", case.to_str().unwrap()];
    let with = |more: &[&'static str]| [&common[..], more].concat();
    fs::write(path("one.jsonl"), lines[..40].join("\n")).unwrap();
    fs::write(path("two.jsonl"), lines[40..].join("\n")).unwrap();
    link(&path("one.jsonl"), &path("one"), &with(&["--since", "last"]));
    assert_eq!(of_kind(&path("one"), "new-link").len(), ids(&path("one"), "links.csv", "link_id").len());
    link(&path("two.jsonl"), &path("two"), &with(&["--since", "1"]));

    let (before, now) =
        (ids(&path("one"), "links.csv", "link_id"), ids(&path("two"), "links.csv", "link_id"));
    let new: BTreeSet<String> =
        of_kind(&path("two"), "new-link").into_iter().map(|row| row["id"].clone()).collect();
    assert!(!new.is_empty() && new != now);
    assert_eq!(new, now.difference(&before).cloned().collect());
    let (was, is) = (networks(&path("one")), networks(&path("two")));
    let added: BTreeSet<(String, String)> = of_kind(&path("two"), "new-ad")
        .into_iter()
        .map(|row| (row["site_a"].clone(), row["ad_id_a"].clone()))
        .collect();
    assert!(is.keys().filter(|ad| !was.contains_key(*ad)).all(|ad| added.contains(ad)));
    for row in of_kind(&path("two"), "grown-network") {
        assert!(was.keys().any(|ad| is.get(ad) == Some(&row["id"])), "{row:?}");
    }
    for row in of_kind(&path("two"), "new-network") {
        let ads: Vec<_> = is.iter().filter(|(_, network)| **network == row["id"]).collect();
        assert!(!ads.is_empty() && ads.iter().all(|(ad, _)| !was.contains_key(*ad)), "{row:?}");
    }
    let told = &run_json(&path("two"))["since"];
    assert_eq!((told["run"].as_u64(), told["links_new"].as_u64()), (Some(1), Some(new.len() as u64)));

    // Nothing is new since a run that saw the same, and older runs can still be asked.
    let again = |since: &str| {
        let (case, out) = (case.to_str().unwrap(), path("again"));
        run(["report", "--case", case, "--out", out.to_str().unwrap(), "--since", since]).expect(3);
        rows(&out.join("new.csv")).len()
    };
    assert_eq!(again("last"), 0);
    assert_eq!(again("1"), rows(&path("two").join("new.csv")).len());
    run(["report", "--case", case.to_str().unwrap(), "--out", path("x").to_str().unwrap(), "--since", "99"])
        .expect(2);

    // The results are those of a rebuild; without `--since` an old list of news does not stay.
    run(["report", "--case", case.to_str().unwrap(), "--out", path("two").to_str().unwrap()]).expect(3);
    assert!(!path("two").join("new.csv").exists());
    assert_same_but_numbers(&path("two"), whole_by_images());
}
