//! Every row read as results would read it: what was sealed may still be nothing that adlink can read.
//!
//! Only a writer that is no adlink, or a defect of one, leaves such rows under a right seal. All of them are listed.

use super::seal::{DataCheck, DataFault};
use crate::case::store::{banks, features, keyed, load, network_numbers, runs};
use crate::case::{decisions, notes};
use crate::error::CaseError;
use crate::features::Features;
use rusqlite::Connection;
use std::collections::BTreeSet;

type Reads = fn(&Connection, &mut DataCheck) -> Result<(), CaseError>;

/// Adds what cannot be read.
pub(super) fn check(db: &Connection, check: &mut DataCheck) {
    let parts: [(&str, Reads); 10] = [
        ("content", contents),
        ("feature", stored_features),
        ("decision", |db, _| decisions::load(db).map(drop)),
        ("network_note", |db, _| notes::load(db).map(drop)),
        ("reported", |db, _| runs::readable(db)),
        ("network_number", |db, _| network_numbers::load(db).map(drop)),
        ("bank", |db, _| banks::readable(db)),
        ("bank_entry", |db, _| banks::readable_entries(db)),
        ("tombstone", |db, _| keyed::Tombstones::load(db).map(drop)),
        ("meta", |db, _| features::limit(db).map(drop)),
    ];
    for (table, reads) in parts {
        if let Err(error) = reads(db, check) {
            check.fault(DataFault::Unreadable { table, why: error.to_string() });
        }
    }
}

fn contents(db: &Connection, check: &mut DataCheck) -> Result<(), CaseError> {
    let mut select = db.prepare(&format!("SELECT {} FROM content", load::CONTENT))?;
    let mut rows = select.query([])?;
    let mut formats = BTreeSet::new();
    while let Some(row) = rows.next()? {
        if let Err(error) = load::content(row, &mut formats) {
            let id: i64 = row.get(0)?;
            check.fault(DataFault::Unreadable { table: "content", why: format!("row {id}: {error}") });
        }
    }
    Ok(())
}

fn stored_features(db: &Connection, check: &mut DataCheck) -> Result<(), CaseError> {
    features::each(db, None, |content, bytes| {
        if Features::from_bytes(bytes).is_none() {
            check.fault(DataFault::Unreadable {
                table: "feature",
                why: format!("features of image {content}"),
            });
        }
        Ok(())
    })
}
