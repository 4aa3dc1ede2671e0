//! SHA-256 and PDQ that a manifest declares, held against the files.

use crate::scene::{Scene, picture, text};
use adlink::analysis::{analyse, digest};
use adlink::case::{Purge, Withdrawal};
use adlink::error::SkipReason;
use adlink::record::Skipped;
use serde_json::json;

fn mismatches(scene: &Scene) -> Vec<Skipped> {
    scene.snapshot().skipped.into_iter().filter(|row| row.reason == SkipReason::DigestMismatch).collect()
}

/// Three images: `a` as declared, `b` with the digest of `c`, `c` with the PDQ of `a`.
fn scene() -> Scene {
    let scene = Scene::new();
    for (name, seed) in [("a.pgm", 1), ("b.pgm", 2), ("c.pgm", 3)] {
        scene.write(name, picture(seed));
    }
    let [a, _, c] = [1, 2, 3].map(|seed| analyse(&picture(seed), &Default::default()).unwrap());
    let good = json!({"path": "a.pgm", "sha256": a.id().to_string(), "pdq": a.pdq.hash().to_string()});
    let ads = [
        json!({"site": "s", "ad_id": "1", "images": [good]}),
        json!({"site": "s", "ad_id": "2", "images": ["a.pgm", {"path": "b.pgm", "sha256": c.id().to_string()}]}),
        json!({"site": "t", "ad_id": "3", "images": [{"path": "c.pgm", "pdq": a.pdq.hash().to_string()}]}),
    ];
    scene.write("ads.jsonl", ads.map(|ad| ad.to_string()).join("\n"));
    scene
}

#[test]
fn a_mismatch_is_listed_with_its_line_and_the_file_is_used() {
    let scene = scene();
    let summary = scene.ingest("ads.jsonl").unwrap();
    assert_eq!((summary.mismatches, summary.skipped(), summary.images.skipped.len()), (2, 2, 0));
    assert_eq!(scene.snapshot().sightings.len(), 4);
    let found = mismatches(&scene);
    let named: Vec<(&str, String)> =
        found.iter().map(|row| (&*row.path, row.ad.as_ref().unwrap().to_string())).collect();
    assert_eq!(named, [("b.pgm", "s/2".to_string()), ("c.pgm", "t/3".to_string())]);
    assert!(found[0].detail.contains("ads.jsonl, line 2: declared sha256"), "{}", found[0].detail);
    assert!(found[1].detail.contains("ads.jsonl, line 3: declared pdq"), "{}", found[1].detail);

    // The same again says the same; a mended manifest says nothing, and so does a mended file.
    let before = text(&scene.snapshot());
    scene.ingest("ads.jsonl").unwrap();
    assert_eq!(text(&scene.snapshot()), before);
    scene.write("b.pgm", picture(3));
    scene.ingest("ads.jsonl").unwrap();
    assert_eq!(mismatches(&scene), found[1..]);
    scene.write("ads.jsonl", r#"{"site":"t","ad_id":"3","images":["c.pgm"]}"#);
    scene.ingest("ads.jsonl").unwrap();
    assert_eq!(mismatches(&scene), []);
}

#[test]
fn it_goes_with_the_image_the_record_or_the_manifest() {
    let site = |site: &str| Purge { site: Some(site.into()), ..Purge::default() };
    let by_digest = |row: &Skipped| row.path == "b.pgm";
    let scene = self::scene();
    scene.ingest("ads.jsonl").unwrap();
    scene.case().withdraw(&Withdrawal::Image(digest(&picture(2)).sha256), "asked").unwrap();
    assert!(mismatches(&scene).len() == 1 && !mismatches(&scene).iter().any(by_digest));
    scene.ingest("ads.jsonl").unwrap();
    assert!(mismatches(&scene).len() == 1 && !mismatches(&scene).iter().any(by_digest));
    scene.case().purge(&site("t"), false).unwrap();
    assert_eq!(mismatches(&scene), []);

    let scene = self::scene();
    scene.ingest("ads.jsonl").unwrap();
    let source = Purge { source: Some(scene.path("ads.jsonl")), ..Purge::default() };
    scene.case().purge(&source, false).unwrap();
    assert_eq!(scene.snapshot().skipped, []);
}
