//! The case file: whose it is, who may write, what survives.

use crate::scene::{Scene, picture, text};
use adlink::case::Case;
use adlink::error::{CaseError, Error};
use rusqlite::Connection;
use serde_json::json;
use std::fs;

fn refusal(opened: adlink::Result<Case>) -> CaseError {
    match opened {
        Err(Error::Case { source, .. }) => source,
        other => panic!("expected a case error, not {other:?}"),
    }
}

/// A scene whose case holds one ad with one image.
fn with_one_ad() -> Scene {
    let scene = Scene::new();
    scene.write("a.pgm", picture(1));
    scene.write("ads.jsonl", r#"{"site":"s","ad_id":"1","images":["a.pgm"]}"#);
    scene.ingest("ads.jsonl").unwrap();
    scene
}

#[test]
fn a_new_case_is_empty_and_private() {
    let scene = Scene::new();
    let case = scene.case();
    let snapshot = case.snapshot().unwrap();
    assert!(snapshot.images.is_empty() && snapshot.ads.is_empty() && snapshot.sightings.is_empty());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for file in fs::read_dir(scene.path("")).unwrap() {
            let file = file.unwrap();
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
        }
    }
}

#[test]
fn what_is_not_a_case_is_refused_and_not_touched() {
    let scene = Scene::new();
    let other = scene.path("other.sqlite");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").unwrap();
    let texts = scene.write("notes.txt", "just text, long enough to be no SQLite header at all\n".repeat(40));
    for path in [other, texts] {
        let before = fs::read(&path).unwrap();
        assert!(matches!(refusal(Case::open_or_create(&path)), CaseError::NotACase), "{path:?}");
        assert!(matches!(refusal(Case::open_read(&path)), CaseError::NotACase), "{path:?}");
        assert_eq!(fs::read(&path).unwrap(), before, "{path:?}");
    }
    assert!(matches!(refusal(Case::open(&scene.path(""))), CaseError::NotACase));
}

#[test]
fn a_missing_case_is_made_only_when_asked() {
    let scene = Scene::new();
    let path = scene.path("none.adlink");
    assert!(matches!(refusal(Case::open(&path)), CaseError::Missing));
    assert!(matches!(refusal(Case::open_read(&path)), CaseError::Missing));
    assert!(!path.exists());
    assert!(matches!(Case::open_or_create(&scene.path("no/such/folder.adlink")), Err(Error::Io { .. })));
}

#[test]
fn a_newer_case_is_refused_by_number() {
    let scene = with_one_ad();
    let path = scene.path("case.adlink");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    for opened in [Case::open_or_create(&path), Case::open(&path), Case::open_read(&path)] {
        assert!(matches!(refusal(opened), CaseError::Version { found: 99, .. }));
    }
}

#[test]
fn a_file_left_empty_by_a_kill_becomes_a_case() {
    let scene = Scene::new();
    scene.write("case.adlink", "");
    assert!(scene.snapshot().ads.is_empty());
}

#[test]
fn what_a_killed_writer_left_beside_a_deleted_case_is_not_taken_up() {
    let scene = with_one_ad();
    let (path, side) = (scene.path("case.adlink"), scene.path("case.adlink-wal"));
    let mut case = scene.case();
    case.note("note", &json!({})).unwrap();
    let left = fs::read(&side).unwrap();
    assert!(!left.is_empty());
    drop(case);
    fs::remove_file(&path).unwrap();
    fs::write(&side, left).unwrap();
    let case = scene.case();
    assert!(case.snapshot().unwrap().ads.is_empty() && case.audit_entries().unwrap().is_empty());
}

#[test]
fn one_writes_while_others_read() {
    let scene = with_one_ad();
    let path = scene.path("case.adlink");
    let writer = Case::open(&path).unwrap();
    match refusal(Case::open(&path)) {
        CaseError::Busy { holder: Some(holder) } => assert!(holder.contains(&std::process::id().to_string())),
        other => panic!("expected busy with a name, not {other:?}"),
    }
    let reader = Case::open_read(&path).unwrap();
    assert_eq!(text(&reader.snapshot().unwrap()), text(&writer.snapshot().unwrap()));
    drop(writer);
    Case::open(&path).unwrap();
}

#[test]
fn damage_is_an_error_that_says_so() {
    for damage in [
        "UPDATE content SET pdq = x'00'",
        "UPDATE content SET md5 = x'00'",
        "UPDATE content SET quality = 101",
        "UPDATE content SET views = x'0102'",
        "UPDATE content SET reason = 'NO_SUCH'",
        "PRAGMA foreign_keys = OFF; DELETE FROM content",
        "PRAGMA foreign_keys = OFF; DELETE FROM file",
        "PRAGMA foreign_keys = OFF; DELETE FROM record",
    ] {
        let scene = with_one_ad();
        Connection::open(scene.path("case.adlink")).unwrap().execute_batch(damage).unwrap();
        match scene.case().snapshot() {
            Err(Error::Case { source: CaseError::Damaged(_), .. }) => {}
            other => panic!("{damage}: {other:?}"),
        }
    }
}

#[test]
fn overwritten_pages_never_panic() {
    let scene = with_one_ad();
    let path = scene.path("case.adlink");
    let intact = fs::read(&path).unwrap();
    for page in 0..intact.len() / 512 {
        let mut bytes = intact.clone();
        bytes[512 * page..][..512].fill(0xA5);
        fs::write(&path, bytes).unwrap();
        if let Ok(case) = Case::open_read(&path) {
            let _ = case.snapshot();
            let _ = case.audit_entries();
        }
    }
}

#[test]
fn the_audit_chain_notes_ingests_and_breaks_when_touched() {
    let scene = with_one_ad();
    let mut case = scene.case();
    case.note("note", &json!({"by": "tester"})).unwrap();
    let actions: Vec<_> = case.audit_entries().unwrap().into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["ingest-start", "ingest-end", "note"]);
    let head = case.audit_head().unwrap();
    assert_eq!(head.entries, 3);
    assert!(head.to_string().starts_with("3:"));
    drop(case);
    for damage in [
        "UPDATE audit SET detail = replace(detail, 'ads', 'adz') WHERE number = 1",
        "UPDATE audit SET at = '2000-01-01T00:00:00Z' WHERE number = 2",
        "UPDATE audit SET digest = x'00' WHERE number = 3",
        "DELETE FROM audit WHERE number = 1",
        "DELETE FROM audit WHERE number = 2",
    ] {
        let copy = scene.path("copy.adlink");
        fs::copy(scene.path("case.adlink"), &copy).unwrap();
        Connection::open(&copy).unwrap().execute_batch(damage).unwrap();
        match Case::open_read(&copy).unwrap().audit_head() {
            Err(Error::Case { source: CaseError::Damaged(what), .. }) => {
                assert!(what.contains("entry"), "{what}")
            }
            other => panic!("{damage}: {other:?}"),
        }
    }
}
