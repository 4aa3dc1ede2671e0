//! The seal over the data: every changed, added or removed row of every table is named, and only those.
//!
//! The tables and columns are those that the schema of a fresh case has, so a new one is under test without a word here.

use crate::scene::{Scene, picture, text};
use adlink::case::{Case, DataFault, Purge, Withdrawal};
use adlink::corpus::{BankKind, NetworkNote, NewBank, NewEntry, NoteKind, PixelCheck, Reported};
use adlink::error::CaseError;
use adlink::hash::Quality;
use adlink::record::{AdKey, Decision, ImageId, Ruling, Subject};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde_json::Map;
use std::fs;
use std::path::Path;

/// Tables that the chain covers otherwise, and facts that change without an entry.
const APART: [&str; 2] = ["audit", "seal"];
const FREE_FACTS: &str = "name NOT IN ('writer', 'scrub', 'audit_head', 'open')";

/// A case with rows in every table.
fn full() -> Scene {
    let scene = Scene::new();
    for seed in 1..=4 {
        scene.write(format!("{seed}.pgm"), picture(seed));
    }
    let digest = "0".repeat(64);
    scene.write(
        "ads.jsonl",
        format!(
            r#"{{"site":"s","ad_id":"1","phones":["+00 1"],"title":"A","images":["1.pgm","2.pgm","gone.pgm"]}}
{{"site":"t","ad_id":"2","images":["2.pgm",{{"path":"3.pgm","sha256":"{digest}"}}]}}
{{"site":"u","ad_id":"3","images":["4.pgm"]}}
no record
"#
        ),
    );
    scene.ingest("ads.jsonl").expect("an ingest");
    let images: Vec<_> = scene.snapshot().images.iter().map(|image| image.id()).collect();
    let mut case = scene.case();
    let (a, b) = (images[0].min(images[1]), images[0].max(images[1]));
    case.keep_pixel_checks(&[PixelCheck { a, b, result: vec![1, 2, 3] }]).expect("a pixel check");
    let decision = Decision {
        subject: Subject::Pair(a, b),
        ruling: Ruling::Reject,
        reviewer: "R".into(),
        at: String::new(),
        reason: "other rooms".into(),
        shown: String::new(),
    };
    case.decide(&decision).expect("a decision");
    let note = NetworkNote {
        kind: NoteKind::Note,
        text: "look again".into(),
        reviewer: "R".into(),
        at: String::new(),
        network: 1,
        ads: vec![[2; 8], [3; 8]],
    };
    case.annotate(&note).expect("a note");
    let reported = Reported {
        links: vec![([1; 8], [[2; 8], [3; 8]])],
        members: vec![([2; 8], [9; 8]), ([3; 8], [9; 8])],
        photos: vec![([7; 8], vec![a, b])],
        networks: vec![([9; 8], 1)],
    };
    case.record_run(&reported, Map::new()).expect("a run");
    case.create_bank(&NewBank::named("KNOWN", BankKind::Known)).expect("a bank");
    let hash = "0123456789abcdef".repeat(4).parse().expect("a hash");
    let entry = NewEntry {
        quality: Some(Quality::new(90)),
        md5: Some([1; 16]),
        sha1: Some([2; 20]),
        sha256: Some(ImageId([3; 32])),
        labels: vec!["a".into(), "b".into()],
        outside_id: "7".into(),
        ..NewEntry::of_hash(hash)
    };
    case.add_entries("KNOWN", [entry, NewEntry::of_hash(hash)]).expect("entries");
    case.withdraw(&Withdrawal::Ad(AdKey { site: "u".into(), ad_id: "3".into() }), "asked")
        .expect("a withdrawal");
    scene
}

fn faults(path: &Path) -> Vec<DataFault> {
    Case::open_read(path).expect("the schema is untouched").check_data().expect("a chain").faults
}

fn names(path: &Path, table: &str) -> bool {
    let shown = format!("`{table}`");
    faults(path).iter().any(|fault| fault.to_string().contains(&shown))
}

/// Table and columns, in the order of the schema.
fn tables(db: &Connection) -> Vec<(String, Vec<String>)> {
    let list = |sql: &str| -> Vec<String> {
        let mut select = db.prepare(sql).expect("SQL");
        select.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("text")
    };
    let tables = list("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
    let columns = |table: &String| list(&format!("SELECT name FROM pragma_table_info('{table}')"));
    tables.into_iter().map(|table| (table.clone(), columns(&table))).collect()
}

/// Another value of the same type, or one where there was none.
fn other(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![Value::Integer(1), Value::Text("x".into()), Value::Blob(vec![1; 32])],
        Value::Integer(number) => vec![Value::Integer(number ^ 1), Value::Integer(number.wrapping_add(1000))],
        Value::Text(text) => vec![Value::Text(format!("{text} ")), Value::Text(String::new())],
        Value::Blob(bytes) => {
            let mut flipped = bytes.clone();
            flipped.iter_mut().last().into_iter().for_each(|byte| *byte ^= 1);
            let mut inverted = bytes.clone();
            inverted.iter_mut().for_each(|byte| *byte = !*byte);
            vec![Value::Blob(flipped), Value::Blob(inverted)]
        }
        Value::Real(number) => vec![Value::Real(number + 1.0)],
    }
}

/// The rows of a table as they stand, with all columns.
fn rows(db: &Connection, table: &str, columns: &[String]) -> Vec<Vec<Value>> {
    let only = if table == "meta" { FREE_FACTS } else { "true" };
    let sql = format!("SELECT {} FROM {table} WHERE {only}", columns.join(", "));
    let mut select = db.prepare(&sql).expect("SQL");
    let row = |row: &rusqlite::Row<'_>| (0..columns.len()).map(|column| row.get(column)).collect();
    select.query_map([], row).expect("rows").collect::<Result<_, _>>().expect("values")
}

fn condition(columns: &[String]) -> String {
    let one = |(place, column): (usize, &String)| format!("{column} IS ?{}", place + 1);
    columns.iter().enumerate().map(one).collect::<Vec<_>>().join(" AND ")
}

/// Runs SQL outside of adlink, as a stranger would.
fn strangers(path: &Path) -> Connection {
    let db = Connection::open(path).expect("a case");
    db.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF").expect("pragmas");
    db
}

#[test]
fn every_table_has_rows_under_test_and_is_sound() {
    let scene = full();
    let path = scene.path("case.adlink");
    let check = Case::open_read(&path).unwrap().check_data().unwrap();
    assert_eq!(check.faults, []);
    assert!(!check.open && check.rows > 20);
    let db = strangers(&path);
    for (table, columns) in tables(&db) {
        assert!(!rows(&db, &table, &columns).is_empty(), "no row of `{table}` is under test");
    }
}

#[test]
fn every_changed_column_of_every_row_is_named_by_its_table() {
    let scene = full();
    let path = scene.path("case.adlink");
    let db = strangers(&path);
    let mut changed = 0;
    for (table, columns) in tables(&db).into_iter().filter(|(table, _)| !APART.contains(&&**table)) {
        for row in rows(&db, &table, &columns) {
            for (place, column) in columns.iter().enumerate() {
                for value in other(&row[place]).into_iter().filter(|value| *value != row[place]) {
                    db.execute_batch("SAVEPOINT before").unwrap();
                    let sql = format!(
                        "UPDATE {table} SET {column} = ?{} WHERE {}",
                        columns.len() + 1,
                        condition(&columns)
                    );
                    let with = row.iter().cloned().chain([value.clone()]);
                    // A type that the column does not take, or a key that is taken.
                    let Ok(1) = db.execute(&sql, params_from_iter(with)) else {
                        db.execute_batch("ROLLBACK TO before; RELEASE before").unwrap();
                        continue;
                    };
                    db.execute_batch("RELEASE before").unwrap();
                    assert!(
                        names(&path, &table),
                        "{table}.{column}: {:?} -> {value:?}: {:?}",
                        row[place],
                        faults(&path)
                    );
                    let now: Vec<Value> = (0..columns.len())
                        .map(|at| if at == place { value.clone() } else { row[at].clone() })
                        .collect();
                    let back = format!(
                        "UPDATE {table} SET {column} = ?{} WHERE {}",
                        columns.len() + 1,
                        condition(&columns)
                    );
                    db.execute(&back, params_from_iter(now.into_iter().chain([row[place].clone()]))).unwrap();
                    changed += 1;
                }
            }
        }
    }
    assert!(changed > 150, "{changed} changes");
    assert_eq!(faults(&path), []);
}

#[test]
fn every_removed_and_every_added_row_is_named() {
    let scene = full();
    let path = scene.path("case.adlink");
    let db = strangers(&path);
    for (table, columns) in tables(&db).into_iter().filter(|(table, _)| !APART.contains(&&**table)) {
        for row in rows(&db, &table, &columns) {
            let sql = format!("DELETE FROM {table} WHERE {}", condition(&columns));
            assert_eq!(db.execute(&sql, params_from_iter(row.clone())).unwrap(), 1);
            let text = faults(&path).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            assert!(text.contains(&format!("`{table}`")), "{table}: {text}");
            let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
            let insert = format!("INSERT INTO {table} VALUES ({})", places.join(", "));
            db.execute(&insert, params_from_iter(row.clone())).unwrap();
            // One more, with another key.
            let mut more = row.clone();
            let mut added = false;
            for place in 0..columns.len() {
                if let Some(value) = other(&more[place]).into_iter().rfind(|value| *value != more[place]) {
                    more[place] = value;
                }
                if db.execute(&insert, params_from_iter(more.clone())).is_ok() {
                    added = true;
                    break;
                }
            }
            assert!(added, "no row more in {table}");
            assert!(names(&path, &table), "{table}: {more:?}");
            db.execute(&sql, params_from_iter(more)).unwrap();
        }
    }
    assert_eq!(faults(&path), []);
}

#[test]
fn an_ad_that_is_gone_with_all_its_rows_is_named() {
    let scene = full();
    let path = scene.path("case.adlink");
    let id: i64 =
        strangers(&path).query_row("SELECT id FROM record WHERE site = 's'", [], |row| row.get(0)).unwrap();
    for table in ["sighting", "absent", "origin", "mismatch"] {
        strangers(&path).execute(&format!("DELETE FROM {table} WHERE record = ?1"), [id]).unwrap();
    }
    strangers(&path).execute("DELETE FROM record WHERE id = ?1", [id]).unwrap();
    let said: Vec<String> = faults(&path).iter().map(ToString::to_string).collect();
    assert!(said.contains(&"table `record`, ad s/1: removed since it was sealed".to_string()), "{said:#?}");
    assert!(said.contains(&"table `sighting`, ad s/1: removed since it was sealed".to_string()), "{said:#?}");
}

#[test]
fn a_changed_seal_is_told_from_changed_rows() {
    let scene = full();
    let path = scene.path("case.adlink");
    let db = strangers(&path);
    let ids: Vec<i64> = {
        let mut select = db.prepare("SELECT id FROM seal").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    for id in ids {
        let before: Vec<u8> =
            db.query_row("SELECT digests FROM seal WHERE id = ?1", [id], |row| row.get(0)).unwrap();
        let mut after = before.clone();
        after[0] ^= 1;
        let set = "UPDATE seal SET digests = ?2 WHERE id = ?1";
        db.execute(set, rusqlite::params![id, after]).unwrap();
        let found = faults(&path);
        assert!(matches!(found[..], [DataFault::Seal(_)]), "{id}: {found:?}");
        db.execute(set, rusqlite::params![id, before]).unwrap();
    }
    db.execute("INSERT INTO seal VALUES (7, x'00', '')", []).unwrap();
    assert!(!faults(&path).is_empty());
}

/// What a stranger plants into a copy of a case.
fn planted(scene: &Scene, sql: &str) -> Result<(), String> {
    let copy = scene.path("planted.adlink");
    fs::copy(scene.path("case.adlink"), &copy).unwrap();
    Connection::open(&copy).unwrap().execute_batch(sql).unwrap();
    let refused = |opened: adlink::Result<Case>| match opened {
        Err(adlink::Error::Case { source: CaseError::Foreign(why), .. }) => Some(why),
        _ => None,
    };
    let (reading, writing) = (refused(Case::open_read(&copy)), refused(Case::open(&copy)));
    match (reading, writing) {
        (Some(why), Some(_)) => Err(why),
        (None, None) => Ok(()),
        other => panic!("refused once only: {other:?}"),
    }
}

#[test]
fn a_foreign_schema_is_refused_before_anything_of_it_runs() {
    let scene = full();
    assert_eq!(planted(&scene, "SELECT 1"), Ok(()));
    for (sql, named) in [
        (
            "CREATE TRIGGER t AFTER INSERT ON decision BEGIN DELETE FROM decision WHERE number = new.number; END",
            "trigger `t`",
        ),
        ("CREATE VIEW v AS SELECT 1", "view `v`"),
        ("ALTER TABLE content RENAME TO c; CREATE VIEW content AS SELECT * FROM c", "content"),
        ("DROP INDEX file_content", "index `file_content`"),
        ("CREATE INDEX more ON record (site)", "index `more`"),
        ("CREATE TABLE more (x)", "table `more`"),
        ("ALTER TABLE record ADD COLUMN more TEXT", "table `record`"),
        ("ANALYZE", "sqlite_stat1"),
    ] {
        let why = planted(&scene, sql).expect_err(sql);
        assert!(why.contains(named), "{sql}: {why}");
    }
}

#[test]
fn a_shortened_chain_does_not_fit_the_data() {
    let scene = full();
    let path = scene.path("case.adlink");
    let db = strangers(&path);
    let last: i64 = db.query_row("SELECT max(number) FROM audit", [], |row| row.get(0)).unwrap();
    for keep in 1..last {
        let copy = scene.path("short.adlink");
        fs::copy(&path, &copy).unwrap();
        let db = strangers(&copy);
        db.execute("DELETE FROM audit WHERE number > ?1", [keep]).unwrap();
        db.execute(
            "UPDATE meta SET value = (SELECT number || ':' || lower(hex(digest)) FROM audit WHERE number = ?1) \
             WHERE name = 'audit_head'",
            [keep],
        )
        .unwrap();
        assert_eq!(Case::open_read(&copy).unwrap().check_audit().unwrap().faults, []);
        assert_eq!(faults(&copy), [DataFault::NotAsSealed(keep as u64)], "{keep} of {last} entries");
    }
}

#[test]
fn however_rows_came_the_tree_is_what_the_rows_give() {
    let scene = full();
    let check = |scene: &Scene| {
        let check = scene.case().check_data().unwrap();
        assert_eq!(check.faults, []);
        check.digest
    };
    let (before, shown) = (check(&scene), text(&scene.snapshot()));
    for seed in 5..=9 {
        scene.write(format!("{seed}.pgm"), picture(seed));
    }
    let line =
        |ad: u64| format!("{{\"site\":\"v\",\"ad_id\":\"{ad}\",\"images\":[\"{}.pgm\"]}}\n", 5 + ad % 5);
    scene.write("more.jsonl", (0..200).map(line).collect::<String>());
    scene.ingest("more.jsonl").unwrap();
    assert_ne!(check(&scene), before);
    let purge = Purge { site: Some("v".into()), ..Purge::default() };
    scene.case().purge(&purge, true).unwrap();
    scene.case().purge(&purge, false).unwrap();
    check(&scene);
    assert_eq!(text(&scene.snapshot()), shown);
}

#[test]
fn an_ingest_that_was_cut_short_leaves_the_case_open_and_sound() {
    let scene = full();
    scene.write("nothing.jsonl", "");
    assert!(scene.ingest("nothing.jsonl").is_err(), "no input");
    let check = scene.case().check_data().unwrap();
    assert_eq!(check.faults, []);
    scene.case().note("note", &serde_json::json!({})).unwrap();
    assert!(!scene.case().check_data().unwrap().open);
}

/// A migration seals what is new and leaves the seal of what was there: a change made before it still shows.
#[test]
fn what_was_changed_before_a_migration_is_named_after_it() {
    let scene = Scene::new();
    let path = scene.path("case.adlink");
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/version_4.adlink");
    fs::copy(&old, &path).unwrap();
    strangers(&path).execute("UPDATE record SET title = 'other' WHERE ad_id = 'L1202'", []).unwrap();
    drop(Case::open(&path).unwrap());
    let said: Vec<String> = faults(&path).iter().map(ToString::to_string).collect();
    assert_eq!(said, ["table `record`, ad lakeside.example/L1202: changed since it was sealed"]);
}
