//! The audit chain under every single change, originals that changed, and what withdrawal and purge leave.

use crate::scene::{Scene, picture, text};
use adlink::analysis::digest;
use adlink::case::{AuditFault, Case, Purge, Withdrawal};
use adlink::error::SkipReason;
use adlink::ingest::check_originals;
use adlink::progress::Silent;
use adlink::record::AdKey;
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

const COLUMNS: [&str; 5] = ["number", "at", "action", "detail", "digest"];

/// A scene with two ads of one manifest and one of another; `b.pgm` is in all.
fn scene() -> Scene {
    let scene = Scene::new();
    for (name, seed) in [("a.pgm", 1), ("b.pgm", 2), ("c.pgm", 3)] {
        scene.write(name, picture(seed));
    }
    scene.write(
        "one.jsonl",
        r#"{"site":"s","ad_id":"1","collected_at":"2020-01-01","images":["a.pgm","b.pgm"]}
{"site":"t","ad_id":"2","collected_at":"2024-01-01","images":["b.pgm"]}
"#,
    );
    scene.write("two.jsonl", r#"{"site":"t","ad_id":"3","images":["b.pgm","c.pgm"]}"#);
    for manifest in ["one.jsonl", "two.jsonl"] {
        scene.ingest(manifest).unwrap();
    }
    scene
}

fn faults(path: &Path) -> Vec<AuditFault> {
    Case::open_read(path).unwrap().check_audit().unwrap().faults
}

/// The value with one bit flipped.
fn flipped(value: &Value, bit: usize) -> (&'static str, Value) {
    let bytes = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        Value::Blob(bytes)
    };
    match value {
        Value::Integer(number) => ("?1", Value::Integer(number ^ (1 << bit))),
        Value::Text(text) => ("CAST(?1 AS TEXT)", bytes(text.as_bytes())),
        Value::Blob(blob) => ("?1", bytes(blob)),
        other => panic!("{other:?} in the audit table"),
    }
}

fn bits(value: &Value) -> usize {
    match value {
        Value::Integer(_) => 64,
        Value::Text(text) => 8 * text.len(),
        Value::Blob(blob) => 8 * blob.len(),
        _ => 0,
    }
}

#[test]
fn every_flipped_bit_of_the_audit_table_is_named() {
    let scene = scene();
    let path = scene.path("case.adlink");
    assert_eq!(faults(&path), []);
    let case = Case::open_read(&path).unwrap();
    let db = Connection::open(&path).unwrap();
    // Thousands of commits: nothing here has to outlive a power cut.
    db.execute_batch("PRAGMA synchronous = OFF").unwrap();
    let rows: i64 = db.query_row("SELECT count(*) FROM audit", [], |row| row.get(0)).unwrap();
    let (mut flips, mut refused) = (0, 0);
    for number in 1..=rows {
        for column in COLUMNS {
            let read = format!("SELECT {column} FROM audit WHERE number = ?1");
            let value: Value = db.query_row(&read, [number], |row| row.get(0)).unwrap();
            for bit in 0..bits(&value) {
                let (cast, other) = flipped(&value, bit);
                db.execute_batch("BEGIN").unwrap();
                let update = format!("UPDATE audit SET {column} = {cast} WHERE number = ?2");
                if db.execute(&update, rusqlite::params![other, number]).is_ok() {
                    db.execute_batch("COMMIT").unwrap();
                    let found = case.check_audit().unwrap().faults;
                    let names = |fault: &AuditFault| match *fault {
                        AuditFault::Changed(n) => column != "number" && n == number,
                        AuditFault::Removed(first, last) => {
                            column == "number" && (first..=last).contains(&number.unsigned_abs())
                        }
                        AuditFault::Inserted(n) => other == Value::Integer(n),
                        _ => false,
                    };
                    assert!(
                        !found.is_empty() && found.iter().all(names),
                        "{column} {number} {bit}: {found:?}"
                    );
                    let now = if column == "number" { other } else { Value::Integer(number) };
                    let back = format!("UPDATE audit SET {column} = ?1 WHERE number = ?2");
                    db.execute(&back, rusqlite::params![value, now]).unwrap();
                    flips += 1;
                } else {
                    // Two entries cannot have one number.
                    db.execute_batch("ROLLBACK").unwrap();
                    refused += 1;
                }
            }
        }
    }
    assert!(flips > 5000 && refused < 20, "{flips} flips, {refused} refused");
    assert_eq!(faults(&path), []);
}

#[test]
fn a_removed_entry_is_named_wherever_it_stood() {
    let scene = scene();
    let path = scene.path("case.adlink");
    let rows = Case::open_read(&path).unwrap().audit_entries().unwrap().len() as i64;
    assert_eq!(rows, 4);
    for number in 1..=rows {
        let copy = scene.path("copy.adlink");
        fs::copy(&path, &copy).unwrap();
        Connection::open(&copy).unwrap().execute("DELETE FROM audit WHERE number = ?1", [number]).unwrap();
        assert_eq!(faults(&copy), [AuditFault::Removed(number as u64, number as u64)]);
        // Going on does not cover it up.
        Case::open(&copy).unwrap().note("note", &json!({})).unwrap();
        assert_eq!(faults(&copy), [AuditFault::Removed(number as u64, number as u64)]);
    }
    let copy = scene.path("copy.adlink");
    fs::copy(&path, &copy).unwrap();
    let db = Connection::open(&copy).unwrap();
    db.execute("DELETE FROM meta WHERE name = 'audit_head'", []).unwrap();
    assert_eq!(faults(&copy), [AuditFault::EndNote]);
    db.execute("INSERT INTO audit VALUES (5, '', 'x', '{}', x'00')", []).unwrap();
    assert!(faults(&copy).contains(&AuditFault::Changed(5)));
}

#[test]
fn a_head_noted_earlier_is_found_again() {
    let scene = scene();
    let mut case = scene.case();
    let head = case.audit_head().unwrap();
    case.act_as("tester");
    case.note("note", &json!({"what": 1})).unwrap();
    let check = case.check_audit().unwrap();
    assert_eq!(check.entries.last().unwrap().detail, json!({"what": 1, "by": "tester"}));
    assert!(check.holds(&head.to_string()) && check.holds(&head.to_string()[2..]));
    assert!(!check.holds(&head.to_string().replacen('4', "3", 1)) && !check.holds("nonsense"));
}

#[test]
fn a_changed_original_is_named() {
    let scene = scene();
    fs::remove_file(scene.path("a.pgm")).unwrap();
    scene.write("c.pgm", picture(9));
    let check = check_originals(scene.case().file_records().unwrap(), &Silent).unwrap();
    let paths = |names: &[&str]| names.iter().map(|name| scene.path(name)).collect::<Vec<PathBuf>>();
    assert_eq!((check.same, check.changed, check.gone), (1, paths(&["c.pgm"]), paths(&["a.pgm"])));
    assert_eq!(check.unread, []);
}

#[test]
fn a_withdrawn_image_stays_out_under_any_name() {
    let scene = scene();
    let id = digest(&picture(2)).sha256;
    let withdrawn = scene.case().withdraw(&Withdrawal::Image(id), "asked").unwrap();
    assert_eq!((withdrawn.removed.images, withdrawn.removed.sightings), (1, 3));
    assert_eq!(withdrawn.originals, [scene.path("b.pgm")]);
    let after = scene.snapshot();
    assert!(after.images.iter().all(|image| image.id() != id));
    // Ad 2 showed nothing else. The others keep a mark without content.
    assert_eq!(after.ads.iter().map(|ad| &*ad.key.ad_id).collect::<Vec<_>>(), ["1", "3"]);
    let mark =
        |skipped: &adlink::record::Skipped| (skipped.reason, skipped.path.clone(), skipped.detail.clone());
    let marks: Vec<_> = after.skipped.iter().map(mark).collect();
    assert_eq!(marks, vec![(SkipReason::Withdrawn, String::new(), String::new()); 2]);

    scene.write("other.pgm", picture(2));
    scene.write("more.jsonl", r#"{"site":"s","ad_id":"9","images":["other.pgm"]}"#);
    for manifest in ["one.jsonl", "two.jsonl", "more.jsonl"] {
        let summary = scene.ingest(manifest).unwrap();
        assert!(summary.images.skipped[&SkipReason::Withdrawn] > 0);
    }
    assert_eq!(text(&scene.snapshot()), text(&after));
    assert_eq!(scene.case().check_file().unwrap(), Vec::<String>::new());
    assert_eq!(faults(&scene.path("case.adlink")), []);
}

#[test]
fn a_withdrawn_ad_stays_out_and_takes_its_own_images() {
    let scene = scene();
    let key = AdKey { site: "t".into(), ad_id: "3".into() };
    let withdrawn = scene.case().withdraw(&Withdrawal::Ad(key), "asked").unwrap();
    assert_eq!((withdrawn.removed.ads, withdrawn.removed.images), (1, 1));
    assert_eq!(withdrawn.originals, [scene.path("c.pgm")]);
    let after = scene.snapshot();
    let summary = scene.ingest("two.jsonl").unwrap();
    assert_eq!((summary.records.withdrawn, summary.records.used, summary.skipped()), (1, 0, 1));
    assert_eq!(text(&scene.snapshot()), text(&after));
}

#[test]
fn what_is_purged_leaves_the_case_as_if_it_had_never_come() {
    let scene = scene();
    let only = |lines: &[&str]| {
        let other = Scene::new();
        for (name, seed) in [("a.pgm", 1), ("b.pgm", 2), ("c.pgm", 3)] {
            other.write(name, picture(seed));
        }
        other.write("x.jsonl", lines.join("\n"));
        other.ingest("x.jsonl").unwrap();
        text(&other.snapshot())
    };
    let one = fs::read_to_string(scene.path("one.jsonl")).unwrap();
    let lines: Vec<&str> = one.lines().collect();
    let two = fs::read_to_string(scene.path("two.jsonl")).unwrap();
    let cases = [
        (Purge { source: Some(scene.path("two.jsonl")), ..Purge::default() }, lines.clone()),
        (Purge { site: Some("t".into()), ..Purge::default() }, vec![lines[0]]),
        (Purge { older_than: Some("2024-01-01".into()), ..Purge::default() }, vec![lines[1], &two]),
        (
            Purge { older_than: Some("2024-01-02".into()), site: Some("t".into()), source: None },
            vec![lines[0], &two],
        ),
    ];
    for (purge, left) in cases {
        let scene = self::scene();
        let purge = Purge { source: purge.source.map(|_| scene.path("two.jsonl")), ..purge };
        let before = text(&scene.snapshot());
        let planned = scene.case().purge(&purge, true).unwrap();
        assert_eq!(text(&scene.snapshot()), before);
        let removed = scene.case().purge(&purge, false).unwrap();
        assert!(removed.overwritten && removed.records > 0);
        assert_eq!(planned, adlink::case::RemovalCounts { overwritten: false, ..removed });
        assert_eq!(text(&scene.snapshot()), only(&left), "{purge:?}");
        assert_eq!(faults(&scene.path("case.adlink")), []);
        // Retention refuses nothing: the same scrape may come again.
        for manifest in ["one.jsonl", "two.jsonl"] {
            scene.ingest(manifest).unwrap();
        }
        assert_eq!(text(&scene.snapshot()), before);
    }
}

#[test]
fn a_case_of_every_schema_version_is_completed_and_can_forget() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let mut versions: Vec<PathBuf> = fs::read_dir(cases).unwrap().map(|file| file.unwrap().path()).collect();
    versions.sort();
    assert_eq!(versions.len(), 6);
    for version in versions {
        let scene = Scene::new();
        let path = scene.path("case.adlink");
        fs::copy(&version, &path).unwrap();
        let mut case = Case::open(&path).unwrap();
        assert_eq!((case.check_file().unwrap(), faults(&path)), (vec![], vec![]), "{version:?}");
        let before = case.snapshot().unwrap();
        assert_eq!((before.images.len(), before.ads.len()), (17, 6), "{version:?}");
        if case.runs().unwrap() > 0 {
            // Its link does not say which ads it ties, so it goes with the first ad.
            let reported = case.reported(1).unwrap();
            assert_eq!((reported.links.len(), reported.members.len()), (1, 2));
        }
        let ad = before.sightings[0].ad as usize;
        case.withdraw(&Withdrawal::Ad(before.ads[ad].key.clone()), "asked").unwrap();
        assert_eq!(case.snapshot().unwrap().ads.len(), 5);
        // From version 3 on a link names its ads, and stays when another ad goes.
        let links = case.reported(case.runs().unwrap()).unwrap().links;
        assert!(links.is_empty() || links.iter().all(|link| link.1 != [[0; 8]; 2]), "{version:?}");
        assert_eq!(faults(&path), []);
    }
}

#[test]
fn decisions_about_what_is_gone_go_with_it() {
    let scene = scene();
    drop(scene.case());
    let db = Connection::open(scene.path("case.adlink")).unwrap();
    let (a, b) = (digest(&picture(1)).sha256.to_string(), digest(&picture(2)).sha256.to_string());
    let c = digest(&picture(3)).sha256.to_string();
    for (number, subject) in [
        json!({"pair": [a, b]}),
        json!({"pair": [a, c]}),
        json!({"photo": [b, c]}),
        json!({"ad": {"site": "t", "ad_id": "2"}}),
    ]
    .into_iter()
    .enumerate()
    {
        let insert =
            "INSERT INTO decision VALUES (?1, ?2, ?3, 'confirm', 'r', '2024-01-01T00:00:00Z', '', '')";
        db.execute(insert, rusqlite::params![number as i64, [number as u8; 32], subject.to_string()])
            .unwrap();
    }
    drop(db);
    let id = digest(&picture(2)).sha256;
    assert_eq!(scene.case().withdraw(&Withdrawal::Image(id), "asked").unwrap().removed.decisions, 3);
    let db = Connection::open(scene.path("case.adlink")).unwrap();
    let left: i64 = db.query_row("SELECT sum(number) FROM decision", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1);
}
