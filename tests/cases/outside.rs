//! Files that are not what their names say: names and links that lead out of an input, and bytes replaced behind a name.
//!
//! The trap: a refusal tells something as well, so what is there and what is not has to give the same words.
#![cfg(unix)]

use super::ingest::assert_adds_up;
use crate::scene::{Scene, picture};
use adlink::error::SkipReason;
use adlink::ingest::{AdPer, IngestOptions};
use std::fs;

#[test]
fn names_and_links_lead_no_further_than_the_folders_of_an_input() {
    use std::os::unix::fs::symlink;
    let scene = Scene::new();
    scene.write("m/own.pgm", picture(1));
    scene.write("secret/there.pgm", picture(2));
    scene.write("secret/fotos/e.pgm", picture(3));
    for (target, link) in [
        ("secret/there.pgm", "m/there.pgm"),
        ("secret/none.pgm", "m/none.pgm"),
        ("secret", "m/folder"),
        ("m/own.pgm", "m/inner.pgm"),
    ] {
        symlink(scene.path(target), scene.path(link)).unwrap();
    }
    let absolute = |name: &str| scene.path("secret").join(name).display().to_string();
    // In pairs: one that is there, and one that is not.
    let out = [
        ["../secret/there.pgm".to_string(), "../secret/none.pgm".into()],
        [absolute("there.pgm"), absolute("none.pgm")],
        [format!("file://{}", absolute("there.pgm")), format!("file://{}", absolute("none.pgm"))],
        ["there.pgm".into(), "none.pgm".into()],
        ["folder/there.pgm".into(), "folder/none.pgm".into()],
        ["folder/../../secret/there.pgm".into(), "folder/../../secret/none.pgm".into()],
        ["FOLDER/There.PGM".into(), "FOLDER/None.PGM".into()],
        ["..\\secret\\there.pgm".into(), "..\\secret\\none.pgm".into()],
        ["%2e%2e/secret/there.pgm".into(), "%2e%2e/secret/none.pgm".into()],
    ];
    let given: Vec<&String> = out.iter().flatten().collect();
    let record = serde_json::json!({"site": "s", "ad_id": "1", "images": given});
    let own = serde_json::json!({"site": "s", "ad_id": "2", "images": ["own.pgm", "inner.pgm", scene.path("m/own.pgm")]});
    scene.write("m/ads.jsonl", format!("{record}\n{own}\n"));
    let summary = scene.ingest("m/ads.jsonl").unwrap();
    assert_adds_up(&summary);
    let own = (summary.images.hashed, summary.images.known);
    assert_eq!(own, (1, 2), "own.pgm, by a link within the folder and by its whole path, too");
    let snapshot = scene.snapshot();
    let said = |name: &str| {
        let row = snapshot.skipped.iter().find(|row| &*row.path == name);
        row.map(|row| (row.reason, row.detail.to_string())).unwrap_or_else(|| panic!("{name} is not listed"))
    };
    for [there, none] in &out {
        assert_eq!(said(there), said(none), "{there}");
    }
    assert!(snapshot.skipped.iter().filter(|row| row.reason == SkipReason::Outside).count() >= 16);
    assert_eq!(snapshot.images.len(), 1);

    // `--images` is a folder of the input, too; so is what stands before foreign paths none.
    let images = IngestOptions { images: Some(scene.path("secret")), ..IngestOptions::default() };
    scene.write("m/more.jsonl", r#"{"site":"s","ad_id":"3","images":["there.pgm","/mnt/x/fotos/e.pgm"]}"#);
    let summary = scene.ingest_with("m/more.jsonl", &images).unwrap();
    assert_eq!((summary.images.hashed, summary.skipped()), (2, 0));

    // Folders: links out are counted, whatever they lead to; a saved page shows nothing from elsewhere.
    let summary =
        scene.ingest_with("m", &IngestOptions { ad_per: AdPer::Image, ..IngestOptions::default() }).unwrap();
    assert_eq!(summary.unused["link that leads out of the folder or nowhere"], 3);
    let page = format!("<img src='own.pgm'><img src='x://{}'><img src='there.pgm'>", absolute("there.pgm"));
    scene.write("m/page.html", page);
    let summary = scene.ingest("m/page.html").unwrap();
    assert_eq!(summary.unused["image that the saved page does not hold"], 2);
}

#[test]
fn a_file_replaced_in_place_with_its_size_and_time_is_read_again() {
    let scene = Scene::new();
    let path = scene.write("a.pgm", picture(1));
    scene.write("ads.jsonl", r#"{"site":"s","ad_id":"1","images":["a.pgm"]}"#);
    scene.ingest("ads.jsonl").unwrap();
    let before = fs::metadata(&path).unwrap();
    // The clock of a file system may tick slowly.
    std::thread::sleep(std::time::Duration::from_millis(50));
    fs::write(&path, picture(2)).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(before.modified().unwrap()).unwrap();
    let after = fs::metadata(&path).unwrap();
    assert_eq!((after.len(), after.modified().unwrap()), (before.len(), before.modified().unwrap()));
    assert_eq!(scene.ingest("ads.jsonl").unwrap().images.hashed, 1);
    let snapshot = scene.snapshot();
    let shown = snapshot.sightings.iter().map(|seen| snapshot.images[seen.image].id());
    assert_eq!(shown.collect::<Vec<_>>(), [adlink::analysis::digest(&picture(2)).sha256]);
}
