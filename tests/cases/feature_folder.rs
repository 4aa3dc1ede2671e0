//! The index of local features beside a case: what a search finds through it is what it finds in the whole case, and it is
//! used only while it fits.

use crate::scene::Scene;
use adlink::analysis::{Analysis, analyse_file};
use adlink::case::{Case, Purge, Withdrawal};
use adlink::corpus::ImageRow;
use adlink::search::{FeatureIndexing, Hit, PartHit, SearchOptions, SearchedCase, index_features};
use std::fs;
use std::path::{Path, PathBuf};

fn images(site: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads/images").join(site);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Photos of a site, some of them twice with other bytes behind the picture, so that they are of one class.
fn put(scene: &Scene, site: &str) {
    for (number, file) in images(site).iter().take(14).enumerate() {
        let mut bytes = fs::read(file).unwrap();
        scene.write(format!("{site}/{number}.jpg"), &bytes);
        if number % 4 == 0 {
            bytes.extend([number as u8; 9]);
            scene.write(format!("{site}/{number}again.jpg"), &bytes);
        }
    }
}

/// Mirrored middles of photos: found by features alone.
fn queries(scene: &Scene) -> Vec<Analysis> {
    let of = |(number, file): (usize, PathBuf)| {
        let whole = image::load_from_memory(&fs::read(file).unwrap()).unwrap();
        let (width, height) = (whole.width(), whole.height());
        let crop = scene.path(format!("crop{number}.png"));
        let middle = whole.crop_imm(width / 5, height / 6, width * 13 / 20, height * 13 / 20);
        middle.fliph().save(&crop).unwrap();
        analyse_file(&crop).unwrap()
    };
    images("openboard.example").into_iter().take(14).step_by(4).enumerate().map(of).collect()
}

/// An index made of all images of a case.
fn made(case: &Case) -> FeatureIndexing {
    FeatureIndexing::Made(case.snapshot().unwrap().images.len() as u64)
}

/// What a search says of each query, in terms that do not depend on what was read; and why all was.
fn answers(case: &Case, queries: &[Analysis]) -> (Vec<String>, Option<String>) {
    let searched = SearchedCase::read(case, &SearchOptions::default()).unwrap();
    let searcher = searched.searcher().unwrap();
    assert!(searcher.finds_parts() && !searcher.is_empty());
    let asked: Vec<&Analysis> = queries.iter().collect();
    let found = searcher.find(&asked).unwrap();
    let id = |row: ImageRow| found.snapshot.images[row].id();
    let ads = |row: ImageRow| {
        let shown = found.snapshot.sightings.iter().filter(|seen| seen.image == row);
        shown.map(|seen| &found.snapshot.ads[seen.ad].key).collect::<Vec<_>>()
    };
    let hit = |hit: &Hit| format!("{} {:?} {:?}", id(hit.image), hit.proof, ads(hit.image));
    let part = |hit: &PartHit| format!("{} {:?} {:?}", id(hit.image), hit.local, ads(hit.image));
    let said = found.answers.iter().map(|answer| {
        let all = answer.hits.iter().map(hit).chain(answer.parts.iter().map(part));
        all.collect::<Vec<_>>().join("\n")
    });
    (said.collect(), searched.why_whole().map(str::to_string))
}

#[test]
fn a_search_through_the_index_finds_what_a_search_of_the_whole_case_finds() {
    let scene = Scene::new();
    put(&scene, "openboard.example");
    scene.ingest("openboard.example").unwrap();
    let queries = queries(&scene);
    let case = scene.case();
    let (whole, why) = answers(&case, &queries);
    assert!(why.unwrap().contains("there is none"));
    assert!(whole.iter().all(|found| found.contains("Partial")), "{whole:?}");
    assert_eq!(index_features(&case, 1).unwrap(), made(&case));
    assert_eq!(answers(&case, &queries), (whole, None));
    assert_eq!(index_features(&case, 1).unwrap(), FeatureIndexing::Current);
    drop(case);

    // More images: behind, then brought up to date.
    put(&scene, "lakeside.example");
    scene.ingest("lakeside.example").unwrap();
    let case = scene.case();
    let (whole, why) = answers(&case, &queries);
    assert!(why.unwrap().contains("were added"));
    assert!(matches!(index_features(&case, 1).unwrap(), FeatureIndexing::Extended(1..)));
    assert_eq!(answers(&case, &queries), (whole, None));
    // Too few to be worth while: what is there goes.
    assert_eq!(index_features(&case, 1000).unwrap(), FeatureIndexing::NotWorth);
    assert!(!case.features_path().exists());
}

#[test]
fn an_index_that_does_not_fit_is_passed_over_and_made_anew() {
    let (scene, other) = (Scene::new(), Scene::new());
    for scene in [&scene, &other] {
        put(scene, "openboard.example");
        scene.ingest("openboard.example").unwrap();
    }
    let queries = queries(&scene);
    let (case, foreign) = (scene.case(), other.case());
    let folder = case.features_path();
    index_features(&foreign, 1).unwrap();
    fs::create_dir(&folder).unwrap();
    for file in fs::read_dir(foreign.features_path()).unwrap() {
        let from = file.unwrap().path();
        fs::copy(&from, folder.join(from.file_name().unwrap())).unwrap();
    }
    let (whole, why) = answers(&case, &queries);
    assert!(why.unwrap().contains("another case"));
    assert_eq!(index_features(&case, 1).unwrap(), made(&case));
    assert_eq!(answers(&case, &queries), (whole.clone(), None));

    // Damaged, or in part gone.
    fs::write(folder.join("segments.json"), "{}").unwrap();
    assert!(answers(&case, &queries).1.unwrap().contains("cannot be used"));
    assert_eq!(index_features(&case, 1).unwrap(), made(&case));
    let segment = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let segment =
        segment.into_iter().find(|path| path.extension().is_some_and(|name| name == "segment")).unwrap();
    fs::remove_file(segment).unwrap();
    assert_eq!(answers(&case, &queries).0, whole);
    assert_eq!(index_features(&case, 1).unwrap(), made(&case));
    assert_eq!(answers(&case, &queries), (whole, None));
}

#[test]
fn what_is_withdrawn_or_purged_is_in_no_index() {
    let scene = Scene::new();
    put(&scene, "openboard.example");
    scene.ingest("openboard.example").unwrap();
    let mut case = scene.case();
    let image = case.snapshot().unwrap().images[3].id();
    index_features(&case, 1).unwrap();
    let folder = case.features_path();
    let nothing = Purge { site: Some("elsewhere.example".into()), ..Purge::default() };
    case.purge(&nothing, true).unwrap();
    assert!(folder.exists());
    case.withdraw(&Withdrawal::Image(image), "asked for").unwrap();
    assert!(!folder.exists());
    assert!(matches!(index_features(&case, 1).unwrap(), FeatureIndexing::Made(_)));
    case.purge(&nothing, false).unwrap();
    assert!(!folder.exists());
}

#[test]
fn a_case_that_is_removed_takes_its_index_along() {
    let scene = Scene::new();
    put(&scene, "openboard.example");
    scene.ingest("openboard.example").unwrap();
    let case = scene.case();
    index_features(&case, 1).unwrap();
    let folder = case.features_path();
    assert!(folder.exists());
    // As `adlink lock` does once the encrypted form is there.
    case.settle().unwrap().remove().unwrap();
    assert!(!folder.exists());
}
