//! Which owners a connection changed and has not sealed yet, noted by triggers of the connection itself.
//!
//! Triggers see every row whatever the code that writes it, so no writer can forget to tell. They are temporary: they
//! live in the connection, never in the file, where a trigger is a forgery. What they note is undone with a transaction
//! that is.

use super::areas::{AREAS, Area};
use crate::error::CaseError;
use rusqlite::Connection;

/// Starts to note what this connection changes.
pub(in crate::case) fn track(db: &Connection) -> Result<(), CaseError> {
    let mut sql = String::from(
        "CREATE TEMP TABLE IF NOT EXISTS changed (area INTEGER NOT NULL, owner INTEGER NOT NULL, \
         PRIMARY KEY (area, owner)) WITHOUT ROWID;",
    );
    for area in AREAS {
        for (event, rows) in [("INSERT", &["new"][..]), ("UPDATE", &["old", "new"]), ("DELETE", &["old"])] {
            sql.push_str(&trigger(area, event, rows));
        }
    }
    Ok(db.execute_batch(&sql)?)
}

/// Notes from now on in memory, or in a file. For a connection that writes row by row memory is right: SQLite then takes
/// kilobytes for each statement that may have to be undone, and not a block so large that the system gets and gives it
/// every time, which cost half of an ingest. To be called between transactions, when everything is sealed.
pub(in crate::case) fn keep_in_memory(db: &Connection, memory: bool) -> Result<(), CaseError> {
    let unsealed: bool = db.query_row("SELECT EXISTS (SELECT 1 FROM temp.changed)", [], |row| row.get(0))?;
    if unsealed {
        return Ok(());
    }
    // Changing it drops what is temporary, the triggers too.
    db.pragma_update(None, "temp_store", if memory { "MEMORY" } else { "FILE" })?;
    track(db)
}

fn trigger(area: &Area, event: &str, rows: &[&str]) -> String {
    let Area { number, table, owner, .. } = area;
    let name = format!("changed_{table}_{}", event.to_lowercase());
    // Not `INSERT OR IGNORE`: what the statement outside says of conflicts holds in its triggers, too.
    let note = |row: &&str| {
        let owner = owner.sql(&format!("{row}."));
        format!(
            "INSERT INTO changed SELECT {number}, {owner} \
             WHERE NOT EXISTS (SELECT 1 FROM changed WHERE area = {number} AND owner = {owner});"
        )
    };
    let notes: String = rows.iter().map(note).collect();
    // Rows that are not sealed are written at every start: they are no change.
    let when = match area.sealed {
        "true" => String::new(),
        sealed => format!("WHEN {}.{sealed}", rows[rows.len() - 1]),
    };
    format!(
        "CREATE TEMP TRIGGER IF NOT EXISTS {name} AFTER {event} ON main.{table} {when} BEGIN {notes} END;"
    )
}

/// Notes every owner there is: for a case that was never sealed.
pub(in crate::case) fn all_changed(db: &Connection) -> Result<(), CaseError> {
    for Area { number, table, owner, sealed, .. } in AREAS {
        db.execute_batch(&format!(
            "INSERT OR IGNORE INTO temp.changed SELECT DISTINCT {number}, {} FROM main.{table} WHERE {sealed}",
            owner.sql("")
        ))?;
    }
    Ok(())
}
