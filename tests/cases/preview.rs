//! A preview says what an ingest then does: the same ads, the same columns left out, the same files found.

use crate::scene::{Scene, picture};
use adlink::ingest::{ColumnUse, IngestOptions, preview};
use std::collections::BTreeSet;

const CSV: &str = "site,ad_id,image,age,colour\ns.example,1,img/a.pgm,30,red\ns.example,2,img/b.pgm,31,blue\ns.example,,,,\n";
const JSONL: &str = r#"{"site":"s.example","ad_id":"1","images":["img/a.pgm"],"age":3,"colour":"red"}
{"site":"s.example","ad_id":"2","images":["img/b.pgm","img/none.pgm"]}
not a record
"#;

fn scene() -> Scene {
    let scene = Scene::new();
    scene.write("in/img/a.pgm", picture(1));
    scene.write("in/img/b.pgm", picture(2));
    scene
}

#[test]
fn what_is_shown_is_what_is_read() {
    let options = IngestOptions { features: 0, ..IngestOptions::default() };
    for (name, content) in [("ads.csv", CSV), ("ads.jsonl", JSONL), ("", "")] {
        let scene = scene();
        let input = format!("in/{name}");
        if !name.is_empty() {
            scene.write(&input, content);
        }
        let seen = preview(&scene.path(&input), &options).unwrap();
        assert!(!scene.path("case.adlink").exists(), "nothing is stored");
        let summary = scene.ingest_with(&input, &options).unwrap();
        let shown: BTreeSet<String> = seen.ads.iter().map(|ad| ad.ad.key.to_string()).collect();
        let read: BTreeSet<String> = scene.snapshot().ads.iter().map(|ad| ad.key.to_string()).collect();
        assert_eq!(shown, read, "{input}");
        assert_eq!((seen.records, seen.bad), (summary.records.read, summary.records.malformed), "{input}");
        assert_eq!(seen.images, summary.images.references, "{input}");
        let found = summary.images.hashed + summary.images.known;
        assert_eq!(seen.images_found, found, "{input}");
        let of_use = |used: ColumnUse| {
            let of = seen.columns.iter().filter(move |column| column.used == used);
            of.map(|column| column.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(of_use(ColumnUse::Unknown), summary.unknown_fields, "{input}");
        assert_eq!(of_use(ColumnUse::Dropped), summary.dropped_fields, "{input}");
        assert!(!seen.more, "{input}");
    }
}

#[test]
fn only_the_first_records_are_looked_at() {
    let scene = scene();
    let line = |k: u32| format!("{{\"site\":\"s\",\"ad_id\":\"{k}\",\"images\":[\"img/a.pgm\"]}}\n");
    scene.write("in/ads.jsonl", (0..5000).map(line).collect::<String>());
    let seen = preview(&scene.path("in/ads.jsonl"), &IngestOptions::default()).unwrap();
    assert!(seen.more && seen.records < 5000 && seen.ads.len() < 10);
}

#[test]
fn a_column_is_mapped_by_hand_and_one_that_is_no_field_is_refused() {
    let scene = scene();
    scene.write("in/ads.csv", "nr,where,bild\n1,s.example,img/a.pgm\n");
    let map = |pairs: &[(&str, &str)]| IngestOptions {
        map: pairs.iter().map(|(field, name)| (field.to_string(), name.to_string())).collect(),
        ..IngestOptions::default()
    };
    let path = scene.path("in/ads.csv");
    let plain = preview(&path, &map(&[])).unwrap();
    assert_eq!((plain.ads.len(), plain.bad), (0, 1));
    let told = preview(&path, &map(&[("ad_id", "nr"), ("site", "where"), ("images", "bild")])).unwrap();
    assert_eq!((told.ads.len(), told.images_found), (1, 1));
    assert!(preview(&path, &map(&[("nothing", "nr")])).is_err());
    assert!(preview(&scene.path("in/none.csv"), &map(&[])).is_err());
}
