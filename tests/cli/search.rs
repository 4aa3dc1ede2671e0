//! `search` beyond hashes: parts of photos, mirrored, with the original at hand and without.

use super::support::{copy_of_case, fixture, run};
use image::DynamicImage;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const PHOTO: &str = "openboard.example/O1007_0.jpg";

/// A folder with a copy of some of the bundled ads' images, their case, and the mirrored middle of one photo.
struct Wanted {
    folder: TempDir,
    case: PathBuf,
    crop: PathBuf,
}

impl Wanted {
    fn new(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ads, case, crop) =
            (folder.path().join("ads"), folder.path().join("case.adlink"), folder.path().join("crop.png"));
        let images = fixture().join("images");
        for site in ["openboard.example", "lakeside.example"] {
            fs::create_dir_all(ads.join(site)).unwrap();
            for file in fs::read_dir(images.join(site)).unwrap() {
                let from = file.unwrap().path();
                fs::copy(&from, ads.join(site).join(from.file_name().unwrap())).unwrap();
            }
        }
        let whole = decoded(&images.join(PHOTO));
        let (width, height) = (whole.width(), whole.height());
        whole.crop_imm(width / 5, height / 6, width * 13 / 20, height * 13 / 20).fliph().save(&crop).unwrap();
        let args = ["ingest", ads.to_str().unwrap(), "--ad-per", "image", "--case", case.to_str().unwrap()];
        let said = run(args.iter().chain(more));
        assert!([0, 3].contains(&said.code), "{}", said.stderr);
        Self { folder, case, crop }
    }

    fn search(&self, more: &[&str]) -> Vec<Value> {
        let args = ["search", self.crop.to_str().unwrap(), "--case", self.case.to_str().unwrap(), "--json"];
        let answers: Value = serde_json::from_str(&run(args.iter().chain(more)).expect(0).stdout).unwrap();
        answers[0]["hits"].as_array().unwrap().clone()
    }
}

fn decoded(path: &Path) -> DynamicImage {
    image::load_from_memory(&fs::read(path).unwrap()).unwrap()
}

fn shows(hit: &Value, path: &str) -> bool {
    hit["ads"]
        .as_array()
        .unwrap()
        .iter()
        .any(|ad| ad["path"].as_str().unwrap().replace('\\', "/").ends_with(path))
}

#[test]
fn a_mirrored_crop_is_found_by_local_features_alone() {
    let wanted = Wanted::new(&[]);
    assert!(wanted.search(&["--tiers", "same-file,near-copy,transformed"]).is_empty());
    let hits = wanted.search(&[]);
    let hit = hits.iter().find(|hit| shows(hit, PHOTO)).expect("the crop's photo");
    assert_eq!(
        (&hit["tier"], &hit["same_photo"], &hit["transform"]),
        (&"partial".into(), &true.into(), &"flipy".into())
    );
    assert!(hit["distance"].is_null() && hit["score"].as_f64().unwrap() > 8.0);
    assert!(hit["words"].as_str().unwrap().contains("mirrored"));
    let overlap = |name: &str| hit[name].as_f64().unwrap();
    assert!(overlap("overlap_query") > 0.95, "{hit}");
    assert!((overlap("overlap_image") - 0.4225).abs() < 0.03, "{hit}");
    assert!(hit["local"]["pixel_agreement"].as_f64().unwrap() > 0.8);

    // The same verdict as from the pair alone.
    let whole = fixture().join("images").join(PHOTO);
    let args = ["compare", wanted.crop.to_str().unwrap(), whole.to_str().unwrap(), "--json"];
    let compared: Value = serde_json::from_str(&run(args).expect(0).stdout).unwrap();
    assert_eq!(compared["tier"], hit["tier"]);

    let args = ["search", wanted.crop.to_str().unwrap(), "--case", wanted.case.to_str().unwrap()];
    let said = run(args).expect(0);
    assert!(said.stdout.contains("partial  mirrored"), "{}", said.stdout);
}

#[test]
fn without_the_original_the_score_decides() {
    let wanted = Wanted::new(&[]);
    fs::remove_dir_all(wanted.folder.path().join("ads")).unwrap();
    let hits = wanted.search(&[]);
    let hit = hits.iter().find(|hit| shows(hit, PHOTO)).expect("the crop's photo");
    assert_eq!(hit["tier"], "partial");
    assert!(hit["local"]["pixel_agreement"].is_null());
}

#[test]
fn a_case_without_features_says_so() {
    let wanted = Wanted::new(&["--features", "0"]);
    assert!(wanted.search(&[]).is_empty());
    let args = ["search", wanted.crop.to_str().unwrap(), "--case", wanted.case.to_str().unwrap()];
    let said = run(args).expect(0);
    assert!(said.stderr.contains("no local features"), "{}", said.stderr);
    // Half the default, and more of them are extracted when they are asked for.
    let ads = wanted.folder.path().join("ads");
    for (flags, tried) in [(&["--features", "50"][..], 50), (&[][..], 50), (&["--features", "120"][..], 120)]
    {
        let args =
            ["ingest", ads.to_str().unwrap(), "--ad-per", "image", "--case", wanted.case.to_str().unwrap()];
        run(args.iter().chain(flags));
        let case = adlink::case::Case::open_read(&wanted.case).unwrap();
        assert_eq!(case.feature_limit().unwrap(), Some(tried));
        assert!(wanted.search(&[]).iter().any(|hit| shows(hit, PHOTO)), "{tried} keypoints");
    }
}

/// Little of the case is read where hashes suffice; all of it where features are wanted. The hits are the same, and
/// the ads beside them.
#[test]
fn a_lean_search_finds_what_a_search_of_everything_finds() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let images = fixture().join("images");
    let args = ["search", images.to_str().unwrap(), "--case", case.to_str().unwrap(), "--json", "--tiers"];
    let hashes = "same-file,near-copy,transformed";
    let answers = |tiers: &str| -> Vec<Value> {
        serde_json::from_str(&run(args.iter().chain(&[tiers])).expect(3).stdout).unwrap()
    };
    let (lean, whole) = (answers(hashes), answers(&format!("{hashes},partial")));
    assert!(lean.len() > 100 && lean.len() == whole.len());
    for (lean, whole) in lean.iter().zip(&whole) {
        let by_hash = whole["hits"].as_array().unwrap().iter().filter(|hit| !hit["distance"].is_null());
        assert_eq!(lean["query"], whole["query"]);
        assert!(lean["hits"].as_array().unwrap().iter().eq(by_hash), "{}", lean["query"]);
    }
    assert!(lean.iter().map(|answer| answer["hits"].as_array().unwrap().len()).sum::<usize>() > lean.len());
}

#[test]
fn a_case_of_an_older_schema_is_completed_and_searched() {
    let folder = tempfile::tempdir().unwrap();
    let (case, crop) = (folder.path().join("case.adlink"), folder.path().join("crop.png"));
    let photo = "lakeside.example/L1202_0.jpg";
    fs::copy(fixture().join("../cases/version_1.adlink"), &case).unwrap();
    let whole = decoded(&fixture().join("images").join(photo));
    let (width, height) = (whole.width(), whole.height());
    whole.crop_imm(width / 10, height / 4, width * 7 / 10, height * 7 / 10).save(&crop).unwrap();
    run(["ingest".as_ref(), fixture().join("ads.jsonl").as_os_str(), "--case".as_ref(), case.as_os_str()])
        .expect(3);
    let args = ["search", crop.to_str().unwrap(), "--case", case.to_str().unwrap(), "--json"];
    let answers: Value = serde_json::from_str(&run(args).expect(0).stdout).unwrap();
    let hits = answers[0]["hits"].as_array().unwrap();
    assert!(hits.iter().any(|hit| shows(hit, photo) && hit["tier"] == "partial"), "{hits:?}");
}
