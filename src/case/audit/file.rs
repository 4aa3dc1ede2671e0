//! Is the file sound, and which originals does it speak of: what `adlink verify` asks of a case.
//!
//! Damage is the answer here, not an error: all of it is listed, whatever else cannot be read.

use crate::case::Case;
use crate::case::removal::scrub;
use crate::case::store::names::restored;
use crate::error::{CaseError, Result};
use crate::record::ImageId;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Findings of one kind that are listed; SQLite itself stops after a hundred.
const LISTED: usize = 100;

/// A file that was read, and what it held then.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileRecord {
    /// Absolute path.
    pub path: PathBuf,
    /// Digest of its bytes.
    pub image: ImageId,
}

impl Case {
    /// Everything that is wrong with the file itself, in words: pages, indices, references between tables, and
    /// removed bytes that are still to be overwritten. Empty when it is sound. Reads the whole file.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn check_file(&self) -> Result<Vec<String>> {
        self.in_case(|db| {
            let mut faults = Vec::new();
            for part in [integrity, references, unscrubbed] {
                match part(db) {
                    Ok(found) => faults.extend(found),
                    Err(error) => faults.push(error.to_string()),
                }
            }
            Ok(faults)
        })
    }

    /// All files whose bytes the case knows, by path. Memory: a path and 32 bytes each.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn file_records(&self) -> Result<Vec<FileRecord>> {
        self.in_case(|db| {
            let mut select = db.prepare(
                "SELECT folder.path, file.name, content.sha256 FROM file JOIN folder ON folder.id = file.folder \
                 JOIN content ON content.id = file.content",
            )?;
            let rows = select.query_map([], |row| {
                let path = Path::new(&restored(row.get_ref(0)?)?).join(restored(row.get_ref(1)?)?);
                Ok(FileRecord { path, image: ImageId(row.get(2)?) })
            })?;
            let mut files = rows.collect::<Result<Vec<_>, _>>()?;
            files.sort_unstable();
            Ok(files)
        })
    }
}

/// How much a case holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Distinct records of ads.
    pub records: u64,
    /// Distinct usable images.
    pub images: u64,
}

impl Case {
    /// How much it holds. Reads an index of each table.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn counts(&self) -> Result<Counts> {
        self.in_case(|db| {
            let count = |sql| db.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
            Ok(Counts {
                records: count("SELECT count(*) FROM record")?,
                images: count("SELECT count(*) FROM content WHERE reason IS NULL")?,
            })
        })
    }
}

fn integrity(db: &Connection) -> Result<Vec<String>, CaseError> {
    let mut select = db.prepare("PRAGMA integrity_check")?;
    let lines = select.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(lines
        .into_iter()
        .filter(|line| line != "ok")
        .map(|line| format!("the file is damaged: {line}"))
        .collect())
}

fn references(db: &Connection) -> Result<Vec<String>, CaseError> {
    let mut select = db.prepare("PRAGMA foreign_key_check")?;
    let broken = select.query_map([], |row| {
        Ok(format!(
            "a row of table `{}` refers to a missing `{}`",
            row.get::<_, String>(0)?,
            row.get::<_, String>(2)?
        ))
    })?;
    Ok(broken.take(LISTED).collect::<Result<_, _>>()?)
}

fn unscrubbed(db: &Connection) -> Result<Vec<String>, CaseError> {
    let due = "removed bytes are still to be overwritten: run any command that writes to the case";
    Ok(scrub::is_due(db)?.then(|| due.to_string()).into_iter().collect())
}
