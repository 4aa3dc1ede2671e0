//! A connection to a case file as all of adlink wants it, and SQLite's complaints in our words.
//!
//! The trap: readers and writers share a file, so every connection waits for a while before it calls a case busy.

use crate::error::{CaseError, Error};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Readers meet a writer only for the moment of a checkpoint; this is far longer than one takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Statements kept ready: those of an ingest and one for every table under seal.
const STATEMENTS: usize = 64;

/// SQLite's page cache, in negative KiB: the indices of a million images.
const CACHE: i64 = -64 << 10;

pub(super) fn connect(path: &Path, access: OpenFlags) -> Result<Connection, CaseError> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "cache_size", CACHE)?;
    // The file is evidence and may be hostile: nothing that lies in it is run.
    for (setting, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
    ] {
        connection.set_db_config(setting, on)?;
    }
    connection.pragma_update(None, "cell_size_check", "ON")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

pub(in crate::case) fn case_error(path: &Path, source: CaseError) -> Error {
    Error::Case { path: path.to_path_buf(), source }
}

/// Complaints of SQLite that mean something to the user get their own words.
impl From<rusqlite::Error> for CaseError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotACase,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { holder: None },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            Some(ErrorCode::DiskFull) => Self::Full,
            // That the file is there was asked before: it is SQLite's own files beside it that cannot be made.
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => Self::ReadOnly,
            _ => Self::Database(Box::new(error)),
        }
    }
}
