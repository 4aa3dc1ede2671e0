//! The right to write, held from opening to closing by one process at a time.
//!
//! SQLite's own write lock lasts for one transaction, so between two of ours another writer could slip in. The
//! lock is therefore an exclusive transaction on an empty file beside the case: SQLite's locks work on all
//! systems and vanish with the process, however it dies. The file stays behind; removing it would let two
//! writers lock two different files of one name.

use super::connection::case_error;
use super::files::{beside, create_private};
use crate::error::{CaseError, Error, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::io;
use std::path::Path;

/// Held for as long as it lives.
#[derive(Debug)]
pub(in crate::case) struct WriterLock {
    _held: Connection,
}

impl WriterLock {
    /// Takes the lock of the case at `path`; [`CaseError::Busy`] when another process has it.
    pub(super) fn take(path: &Path) -> Result<Self> {
        let file = beside(path, "-lock");
        match create_private(&file) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::io("create", file, error));
            }
            _ => {}
        }
        let lock = || -> Result<Connection, CaseError> {
            let held = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            held.execute_batch("BEGIN EXCLUSIVE")?;
            Ok(held)
        };
        lock().map(|held| Self { _held: held }).map_err(|source| case_error(path, source))
    }
}

/// Writes into the case who holds the lock, for the message that others get.
pub(super) fn sign(case: &Connection) -> Result<(), CaseError> {
    let now = super::clock::now()?.strftime("%Y-%m-%dT%H:%M:%SZ");
    let text = format!("process {} since {now}", std::process::id());
    case.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('writer', ?1)", params![text])?;
    Ok(())
}

/// Who signed last, as far as it can be read.
pub(super) fn holder(case: &Connection) -> Option<String> {
    case.query_row("SELECT value FROM meta WHERE name = 'writer'", [], |row| row.get(0)).optional().ok()?
}
