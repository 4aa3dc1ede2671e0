//! `--common`: photos that the user knows to be common join nothing, however they are named.

use crate::support::{copy_of_case, fixture, link, results, rows, run, whole};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Row = BTreeMap<String, String>;

fn table(out: &Path, name: &str) -> Vec<Row> {
    rows(&out.join(name))
}

/// A file of the fixture's largest photo group that is not common by itself, and the group's files.
fn shared_photo(out: &Path) -> (PathBuf, BTreeSet<String>) {
    let common: BTreeSet<String> =
        table(out, "common.csv").into_iter().map(|row| row["photo_group_id"].clone()).collect();
    let mut groups: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in
        table(out, "photo_groups.csv").into_iter().filter(|row| !common.contains(&row["photo_group_id"]))
    {
        groups.entry(row["photo_group_id"].clone()).or_default().push(row);
    }
    let largest = groups.into_values().max_by_key(Vec::len).expect("the fixture shares photos");
    let file = fixture().join("images").join(&largest[0]["path"]);
    (file, largest.into_iter().map(|row| row["sha256"].clone()).collect())
}

/// Why the group that holds these files is common.
fn reason(out: &Path, files: &BTreeSet<String>) -> Option<String> {
    let groups = table(out, "photo_groups.csv");
    let group =
        &groups.iter().find(|row| files.contains(&row["sha256"])).expect("still a group")["photo_group_id"];
    table(out, "common.csv")
        .into_iter()
        .find(|row| row["photo_group_id"] == *group)
        .map(|row| row["reason"].clone())
}

/// What all links weigh.
fn weight(out: &Path) -> f64 {
    table(out, "links.csv").iter().map(|row| row["weight"].parse::<f64>().unwrap()).sum()
}

#[test]
fn a_picture_a_folder_and_a_list_name_the_same_photo() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, case) = (whole(), copy_of_case(folder.path()));
    let (picture, files) = shared_photo(plain);
    assert_eq!(reason(plain, &files), None);

    let pictures = folder.path().join("stock");
    std::fs::create_dir(&pictures).unwrap();
    std::fs::copy(&picture, pictures.join("a.jpg")).unwrap();
    let list = folder.path().join("stock.csv");
    run(["hash", picture.to_str().unwrap(), "-o", list.to_str().unwrap()]).expect(0);

    let mut seen = BTreeSet::new();
    for (number, named) in [&picture, &pictures, &list].into_iter().enumerate() {
        let out = folder.path().join(number.to_string());
        let [case, to, named] = [&case, &out, named].map(|path| path.to_str().unwrap());
        run(["report", "--case", case, "--out", to, "--common", named]).expect(3);
        assert_eq!(reason(&out, &files).as_deref(), Some("bank"));
        assert!(weight(&out) < weight(plain), "a common photo weighs as much as before");
        seen.insert(results(&out));
    }
    assert_eq!(seen.len(), 1, "three ways of naming a photo gave different results");
}

#[test]
fn bad_rows_are_named_and_a_list_of_nothing_ends_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let (out, list) = (folder.path().join("out"), folder.path().join("list.csv"));
    let ads = fixture().join("ads.jsonl");
    std::fs::write(&list, format!("pdq,quality\nplumbing,100\n{},100\n", "a5".repeat(32))).unwrap();
    let said = link(&ads, &out, &["--common", list.to_str().unwrap()]).expect(3);
    assert!(said.stderr.contains("list.csv, line 2: `plumbing` is not a hash"), "{}", said.stderr);

    std::fs::write(&list, "pdq\nplumbing\n").unwrap();
    let said = link(&ads, &out, &["--common", list.to_str().unwrap()]).expect(1);
    assert!(said.stderr.contains("nothing in it names a common photo"), "{}", said.stderr);
    std::fs::write(&list, "name\na\n").unwrap();
    let said = link(&ads, &out, &["--common", list.to_str().unwrap()]).expect(1);
    assert!(said.stderr.contains("line 1: no hash to begin with, and no column"), "{}", said.stderr);
    link(&ads, &out, &["--common", folder.path().join("none.csv").to_str().unwrap()]).expect(1);
}
