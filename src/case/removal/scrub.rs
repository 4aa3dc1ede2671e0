//! Seeing to it that removed bytes are gone from the case's files, not only from its tables.
//!
//! SQLite overwrites what it deletes (`secure_delete`), but copies stay where pages were split or moved, and in the
//! write-ahead log. So after a removal the file is rebuilt and the log emptied. That this is due is noted in the
//! transaction of the removal itself: whoever opens the case next after a kill completes it. What no program can
//! promise: that a disk forgets blocks which it has written elsewhere. Only an encrypted disk helps there.

use crate::error::CaseError;
use rusqlite::Connection;

/// To be called in the transaction that removes something.
pub(in crate::case) fn mark_due(db: &Connection) -> Result<(), CaseError> {
    db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('scrub', 'due')", [])?;
    Ok(())
}

pub(in crate::case) fn is_due(db: &Connection) -> Result<bool, CaseError> {
    Ok(db.prepare("SELECT 1 FROM meta WHERE name = 'scrub'")?.exists([])?)
}

/// Rebuilds the file and empties the log; false when a reader held on to the log.
///
/// Cost: the whole file is written twice; needs as much free disk.
pub(in crate::case) fn run(db: &Connection) -> Result<bool, CaseError> {
    db.execute_batch("VACUUM")?;
    let emptied = empty_log(db)?;
    if emptied {
        db.execute("DELETE FROM meta WHERE name = 'scrub'", [])?;
    }
    Ok(emptied)
}

/// Completes what a kill cut short. A failure is no reason to refuse the case: it stays due, and a check says so.
pub(in crate::case) fn finish_interrupted(db: &Connection) {
    if is_due(db).unwrap_or(false) {
        let _ = run(db);
    }
}

fn empty_log(db: &Connection) -> Result<bool, CaseError> {
    Ok(db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))? == 0)
}
