//! The seal: digests of all that a case holds, so that the audit chain covers the data and not only itself.
//!
//! `areas` lists the tables and what a row belongs to, `leaf` digests the rows of one owner, `changes` notes which owners
//! a transaction touches, `tree` folds leaves into one digest and keeps it up to date, `recheck` computes all of it again
//! from the rows and names what differs. The trap: a transaction has to seal its changes before it commits, or a kill
//! leaves rows that no digest knows; [`append`](super::append) does, and so does the writer of an ingest.

mod areas;
mod changes;
mod leaf;
mod naming;
mod recheck;
mod tree;

pub(in crate::case) use changes::{all_changed, keep_in_memory, track};
pub(super) use recheck::recheck;
pub use recheck::{Altered, DataCheck, DataFault};
pub(in crate::case) use tree::{flush, root};

use crate::error::CaseError;
use crate::record::ImageId;
use rusqlite::{Connection, OptionalExtension};

/// Seals what the transaction changed without an entry of the audit chain, as the batches of an ingest do: the case
/// notes that it stands open, and at which digest.
pub(in crate::case) fn leave_open(db: &Connection) -> Result<(), CaseError> {
    if flush(db)? {
        let digest = ImageId(root(db)?).to_string();
        db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('open', ?1)", [digest])?;
    }
    Ok(())
}

/// To be called by who seals the case in the audit chain.
pub(super) fn close(db: &Connection) -> Result<(), CaseError> {
    db.execute("DELETE FROM meta WHERE name = 'open'", [])?;
    Ok(())
}

/// The digest at which a run that did not end left the case.
pub(super) fn open_at(db: &Connection) -> Result<Option<[u8; 32]>, CaseError> {
    let text: Option<Vec<u8>> = db
        .query_row("SELECT CAST(value AS BLOB) FROM meta WHERE name = 'open'", [], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| ImageId::parse(std::str::from_utf8(&text).ok()?)).map(|digest| digest.0))
}
