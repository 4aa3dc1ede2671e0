//! The right to write, held from opening to closing by one process at a time.
//!
//! SQLite's own write lock lasts for one transaction, so between two of ours another writer could slip in. The
//! lock is therefore an exclusive transaction on an empty file beside the case: SQLite's locks work on all
//! systems and vanish with the process, however it dies. The file stays behind; removing it would let two
//! writers lock two different files of one name.

use super::create_private;
use crate::error::CaseError;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::path::{Path, PathBuf};

/// Held for as long as it lives.
#[derive(Debug)]
pub(super) struct WriterLock {
    _held: Connection,
}

impl WriterLock {
    /// Takes the lock of the case at `path`, or says who has it; `case` is only read.
    pub(super) fn take(path: &Path, case: &Connection) -> Result<Self, CaseError> {
        let beside = lock_path(path);
        match create_private(&beside) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(CaseError::Database(Box::new(error)));
            }
            _ => {}
        }
        let held = Connection::open_with_flags(&beside, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        match held.execute_batch("BEGIN EXCLUSIVE").map_err(CaseError::from) {
            Ok(()) => Ok(Self { _held: held }),
            Err(CaseError::Busy { .. }) => Err(CaseError::Busy { holder: holder(case) }),
            Err(other) => Err(other),
        }
    }

    /// Writes into the case who holds the lock, for the message that others get.
    pub(super) fn sign(&self, case: &Connection) -> Result<(), CaseError> {
        let text =
            format!("process {} since {}", std::process::id(), jiff::Timestamp::now().strftime("%FT%TZ"));
        case.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('writer', ?1)", params![text])?;
        Ok(())
    }
}

fn holder(case: &Connection) -> Option<String> {
    case.query_row("SELECT value FROM meta WHERE name = 'writer'", [], |row| row.get(0)).optional().ok()?
}

fn lock_path(case: &Path) -> PathBuf {
    let mut name = case.as_os_str().to_owned();
    name.push("-lock");
    PathBuf::from(name)
}
