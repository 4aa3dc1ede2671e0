//! Ingest, end to end: manifests and pictures in, snapshots out.

use adlink::case::Case;
use adlink::ingest::{IngestOptions, Input, ingest};
use adlink::progress::Silent;
use std::fs;

#[test]
fn smoke() {
    let folder = tempfile::tempdir().unwrap();
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/pdq/images/bridge-mods/aaa-orig.jpg");
    fs::create_dir(folder.path().join("img")).unwrap();
    fs::copy(picture, folder.path().join("img/a.jpg")).unwrap();
    fs::copy(picture, folder.path().join("img/b.jpg")).unwrap();
    let manifest = folder.path().join("ads.jsonl");
    fs::write(
        &manifest,
        concat!(
            r#"{"site":"a.example","ad_id":1,"images":["img/a.jpg","img\\b.jpg"]}"#, "\n",
            "oops\n",
            r#"{"site":"a.example","ad_id":2,"images":["img/a.jpg","img/c.jpg","http://x.example/y.jpg"], "foo":1}"#, "\n",
        ),
    )
    .unwrap();
    let mut case = Case::open_or_create(&folder.path().join("case.adlink")).unwrap();
    for _ in 0..2 {
        let summary =
            ingest(&mut case, &[Input::Path(manifest.clone())], &IngestOptions::default(), &Silent).unwrap();
        println!("{summary:#?}");
    }
    println!("{:#?}", case.snapshot().unwrap());
}
