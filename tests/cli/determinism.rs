//! Same input, same bytes: any number of threads, any order of the lines, one batch or several, again from the
//! case.

use super::support::{
    assert_same, assert_same_but_numbers, copy_of_case, fixture, link, rows, run, run_json, whole,
    whole_by_images,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn threads_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    link(&fixture().join("ads.jsonl"), &one, &["--threads", "1"]).expect(3);
    link(&fixture().join("ads.jsonl"), &two, &["--threads", "2"]).expect(3);
    assert_same(&one, whole());
    assert_same(&two, whole());
}

#[test]
fn the_order_of_lines_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixture().join("ads.jsonl")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    shuffle(&mut lines);
    assert_ne!(lines, text.lines().collect::<Vec<_>>());
    let shuffled = folder.path().join("ads.jsonl");
    fs::write(&shuffled, lines.join("\n")).unwrap();
    let (images, other) = (fixture().join("images"), folder.path().join("other"));
    link(&shuffled, &other, &["--images", images.to_str().unwrap()]).expect(3);
    assert_same(whole_by_images(), &other);
}

/// A fixed shuffle: by a digest of each line.
fn shuffle(lines: &mut [&str]) {
    lines.sort_by_key(|line| line.bytes().fold(17_u64, |sum, byte| sum.wrapping_mul(31) ^ u64::from(byte)));
}

/// Twenty batches into one case, the lines as they are and shuffled; every seventh batch is linked too, since what
/// was linked before must not show in what is linked later.
#[test]
fn batches_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixture().join("ads.jsonl")).unwrap();
    let images = fixture().join("images");
    let images = ["--images", images.to_str().unwrap()];
    let plain: Vec<&str> = text.lines().collect();
    let mut shuffled = plain.clone();
    shuffle(&mut shuffled);
    for (order, lines) in [("plain", plain), ("shuffled", shuffled)] {
        let case = folder.path().join(format!("{order}.adlink"));
        let out = folder.path().join(order);
        let batches: Vec<&[&str]> = lines.chunks(lines.len() / 20).collect();
        assert!(batches.len() >= 20, "{} lines", lines.len());
        for (n, batch) in batches.iter().enumerate() {
            let path = folder.path().join(format!("{order}{n}.jsonl"));
            fs::write(&path, batch.join("\n")).unwrap();
            let common = [&images[..], &["--case", case.to_str().unwrap()]].concat();
            if n % 7 == 0 || n + 1 == batches.len() {
                link(&path, &out, &common);
            } else {
                run([&["ingest", path.to_str().unwrap()], &common[..]].concat());
            }
        }
        assert_same_but_numbers(&out, whole_by_images());
    }
}

/// Numbers people may have written down: of networks that are there still, whatever was added since.
#[test]
fn networks_keep_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixture().join("ads.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let case = folder.path().join("c.adlink");
    let numbers = |name: &str, lines: &[&str]| -> BTreeMap<String, u64> {
        let (path, out) = (folder.path().join(format!("{name}.jsonl")), folder.path().join(name));
        fs::write(&path, lines.join("\n")).unwrap();
        let images = fixture().join("images");
        link(&path, &out, &["--images", images.to_str().unwrap(), "--case", case.to_str().unwrap()]);
        let text = fs::read_to_string(out.join("networks.jsonl")).unwrap();
        let network = |line: &str| {
            let network: serde_json::Value = serde_json::from_str(line).unwrap();
            (network["network_id"].as_str().unwrap().to_string(), network["number"].as_u64().unwrap())
        };
        text.lines().map(network).collect()
    };
    let before = numbers("before", &lines[..lines.len() / 2]);
    let after = numbers("after", &lines);
    assert!(before.len() > 2 && after.len() > before.len(), "{before:?} {after:?}");
    for (id, number) in before.iter().filter(|(id, _)| after.contains_key(*id)) {
        assert_eq!(after[id], *number, "{id}");
    }
    assert_eq!(after.values().collect::<BTreeSet<_>>().len(), after.len());
    assert_eq!(numbers("again", &lines), after);
}

/// What is taken out of a case between batches, and files deleted, leave the case that one batch and the same removals
/// give; also when the withdrawals came first, and all they have to do is refuse.
#[test]
fn batches_with_removals_between_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixture().join("ads.jsonl")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    shuffle(&mut lines);
    let batches: Vec<&[&str]> = lines.chunks(lines.len() / 20).collect();
    let world = Removals::new(folder.path(), &lines, &batches[..10].concat());

    let parts = world.case("parts");
    for (n, batch) in batches.iter().enumerate() {
        world.ingest(&parts, &format!("batch{n}"), batch);
        match n {
            4 => world.withdraw_image(&parts),
            7 => world.withdraw_ad(&parts),
            11 | 16 => world.purge(&parts),
            _ => {}
        }
    }
    world.purge(&parts);
    let whole = world.case("whole");
    world.ingest(&whole, "whole", &lines);
    world.withdraw_image(&whole);
    world.withdraw_ad(&whole);
    world.purge(&whole);
    let refusing = world.case("refusing");
    world.ingest(&refusing, "first", &lines[..1]);
    world.withdraw_ad(&refusing);
    world.withdraw_image(&refusing);
    world.ingest(&refusing, "again", &lines);
    world.purge(&refusing);

    world.delete_files();
    for case in [&parts, &whole, &refusing] {
        let args: [&Path; 5] =
            ["report".as_ref(), "--case".as_ref(), case, "--out".as_ref(), &case.with_extension("out")];
        run(args).expect(3);
    }
    let out = |case: &Path| case.with_extension("out");
    assert_same(&out(&parts), &out(&whole));
    assert_same(&out(&refusing), &out(&whole));
    // All of it has to have done something.
    let withdrawn =
        rows(&out(&whole).join("skipped.csv")).iter().filter(|row| row["reason"] == "WITHDRAWN").count();
    assert!(withdrawn > 0 && world.doomed.len() > 3);
    let timeline = fs::read_to_string(out(&whole).join("timeline.csv")).unwrap();
    assert!(timeline.contains("lakeside.example") && !timeline.contains("swapcorner.example"));
}

/// A copy of the fixture's images, and what is to go.
struct Removals {
    folder: PathBuf,
    /// SHA-256 of an image that several ads show.
    image: String,
    /// The first ad of the first batch.
    ad: String,
    /// Files that no later batch names.
    doomed: Vec<PathBuf>,
}

impl Removals {
    fn new(folder: &Path, lines: &[&str], early: &[&str]) -> Self {
        copy_folder(&fixture().join("images"), &folder.join("images"));
        let names = |lines: &[&str]| -> Vec<String> {
            let ads = lines.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            ads.flat_map(|ad| ad["images"].as_array().unwrap().clone())
                .map(|name| name.as_str().unwrap().to_string())
                .collect()
        };
        let late = names(&lines[early.len()..]);
        let doomed = names(early).into_iter().step_by(5).filter(|name| !late.contains(name));
        let doomed =
            doomed.map(|name| folder.join("images").join(name)).filter(|path| path.exists()).collect();
        let first: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
        let ad = format!("{}/{}", first["site"].as_str().unwrap(), first["ad_id"].as_str().unwrap());
        let seen = rows(&whole().join("photo_groups.csv"));
        let ads_of = |sha256: &str| {
            let ads =
                seen.iter().filter(|row| row["sha256"] == sha256).map(|row| (&row["site"], &row["ad_id"]));
            ads.collect::<std::collections::BTreeSet<_>>().len()
        };
        let shared =
            seen.iter().find(|row| ads_of(&row["sha256"]) > 2 && row["site"] != "swapcorner.example");
        let image = shared.expect("a file that several ads show")["sha256"].clone();
        Self { folder: folder.to_path_buf(), image, ad, doomed }
    }

    fn case(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.adlink"))
    }

    fn ingest(&self, case: &Path, name: &str, lines: &[&str]) {
        let manifest = case.with_extension(format!("{name}.jsonl"));
        fs::write(&manifest, lines.join("\n")).unwrap();
        let images = self.folder.join("images");
        let args: [&Path; 6] =
            ["ingest".as_ref(), &manifest, "--images".as_ref(), &images, "--case".as_ref(), case];
        assert!(matches!(run(args).code, 0 | 3));
    }

    fn remove(&self, case: &Path, what: &[&str]) {
        run([what, &["--case", case.to_str().unwrap()]].concat()).expect(0);
    }

    fn withdraw_image(&self, case: &Path) {
        self.remove(case, &["withdraw", &self.image, "--reason", "asked"]);
    }

    fn withdraw_ad(&self, case: &Path) {
        self.remove(case, &["withdraw", "--ad", &self.ad, "--reason", "asked"]);
    }

    /// Retention: as often as one likes, and once more at the end.
    fn purge(&self, case: &Path) {
        self.remove(case, &["purge", "--older-than", "2024-04-01"]);
        self.remove(case, &["purge", "--site", "swapcorner.example"]);
    }

    fn delete_files(&self) {
        self.doomed.iter().for_each(|path| fs::remove_file(path).unwrap());
    }
}

#[test]
fn report_writes_the_same_from_the_case() {
    let folder = tempfile::tempdir().unwrap();
    let (case, again) = (copy_of_case(folder.path()), folder.path().join("again"));
    let args: [&Path; 5] = ["report".as_ref(), "--case".as_ref(), &case, "--out".as_ref(), &again];
    run(args).expect(3);
    assert_same(whole(), &again);
}

/// What was laid over each other is in the case: the originals are not needed a second time.
#[test]
fn report_writes_the_same_when_originals_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let images = folder.path().join("images");
    copy_folder(&fixture().join("images"), &images);
    let (out, again) = (folder.path().join("out"), folder.path().join("again"));
    link(&fixture().join("ads.jsonl"), &out, &["--images", images.to_str().unwrap()]).expect(3);
    assert!(run_json(&out)["partial"]["pixels_compared"].as_u64().unwrap() > 0);
    assert_eq!(run_json(&out)["partial"]["pixels_not_compared"], 0);
    fs::remove_dir_all(&images).unwrap();
    let case = out.join("case.adlink");
    let args: [&Path; 5] = ["report".as_ref(), "--case".as_ref(), &case, "--out".as_ref(), &again];
    run(args).expect(3);
    assert_same(&out, &again);
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn a_crop_is_linked_by_the_partial_tier_and_by_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    fs::create_dir(&photos).unwrap();
    let whole = fixture().join("images/lakeside.example/L1189_0.jpg");
    let picture = image::load_from_memory(&fs::read(&whole).unwrap()).unwrap();
    let (width, height) = (picture.width() * 7 / 10, picture.height() * 7 / 10);
    picture
        .crop_imm(picture.width() / 20, picture.height() / 10, width, height)
        .save(photos.join("b.png"))
        .unwrap();
    fs::copy(&whole, photos.join("a.jpg")).unwrap();
    let tiers = |name: &str, tiers: &str| -> Vec<String> {
        let out = folder.path().join(name);
        link(&photos, &out, &["--ad-per", "image", "--tiers", tiers]).expect(0);
        rows(&out.join("pairs.csv")).into_iter().map(|row| row["tier"].clone()).collect()
    };
    assert_eq!(tiers("with", "same-file,near-copy,transformed,partial"), ["partial"]);
    assert!(tiers("without", "same-file,near-copy,transformed").is_empty());
}

#[test]
fn csv_and_json_lines_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("csv");
    link(&fixture().join("ads.csv"), &csv, &[]).expect(3);
    assert_same(whole(), &csv);
}

#[test]
fn a_second_run_hashes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (case, out) = (copy_of_case(folder.path()), folder.path().join("out"));
    link(&fixture().join("ads.jsonl"), &out, &["--case", case.to_str().unwrap()]).expect(3);
    let (first, second) = (run_json(whole()), run_json(&out));
    assert!(first["ingest"]["images"]["hashed_now"].as_u64().unwrap() > 100);
    assert_eq!(second["ingest"]["images"]["hashed_now"], 0);
}

#[test]
fn counts_add_up() {
    let counts = &run_json(whole())["ingest"];
    let number = |value: &serde_json::Value| value.as_u64().expect("a count");
    let records = &counts["records"];
    let parts = ["used", "repeated", "malformed"].map(|part| number(&records[part]));
    assert_eq!(number(&records["read"]), parts.iter().sum::<u64>());
    let images = &counts["images"];
    let skipped: u64 = images["skipped"].as_object().unwrap().values().map(number).sum();
    assert_eq!(
        number(&images["references"]),
        number(&images["hashed_now"]) + number(&images["known"]) + skipped
    );
}
