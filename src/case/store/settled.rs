//! A case brought to rest: all of it in its one file, nobody at work on it. What is to be encrypted or put back as a whole.
//!
//! The trap: what was written last may stand in the log beside the file, so a copy of the file alone can be an older case.

use super::connection::case_error;
use super::files::{features_path, half_removed, remove_side_files, removing_path, sync_folder};
use super::lock::WriterLock;
use super::open::Case;
use crate::erase::erase;
use crate::error::{CaseError, Error, Result};
use crate::features::DiskFeatureIndex;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A case at rest; no other adlink writes to it while this is held.
#[derive(Debug)]
pub struct SettledCase {
    path: PathBuf,
    _lock: Option<WriterLock>,
}

impl Case {
    /// Puts everything into the one file and closes it. The case must be open for writing.
    ///
    /// # Errors
    /// [`CaseError::Busy`] while another adlink reads it.
    pub fn settle(self) -> Result<SettledCase> {
        let Self { connection, path, lock, .. } = self;
        let mode: Result<String, CaseError> = connection
            .query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))
            .map_err(CaseError::from);
        match mode {
            Ok(mode) if mode == "delete" => {}
            Ok(_) => return Err(case_error(&path, CaseError::Busy { holder: None })),
            Err(error) => return Err(case_error(&path, error)),
        }
        connection.close().map_err(|(_, error)| case_error(&path, error.into()))?;
        Ok(SettledCase { path, _lock: lock })
    }
}

impl SettledCase {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole of it, to be read.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn open(&self) -> Result<File> {
        File::open(&self.path).map_err(|error| Error::io("read", &self.path, error))
    }

    /// Overwrites the file with zeros and removes it, and the index of its features beside it. What a disk keeps of it elsewhere no program reaches.
    ///
    /// It loses its name first: whoever is killed on the way leaves [`half_removed`], and never half a case under its name.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove(self) -> Result<()> {
        DiskFeatureIndex::delete(&features_path(&self.path))?;
        erase_half_removed(&self.path)?;
        let failed = |error| Error::io("remove", &self.path, error);
        fs::rename(&self.path, removing_path(&self.path)).map_err(failed)?;
        sync_folder(&self.path);
        remove_side_files(&self.path)?;
        erase_half_removed(&self.path)
    }
}

/// Ends a removal that was cut short; whether there was one. Only for who knows that the case is safe elsewhere.
///
/// # Errors
/// [`CaseError::Busy`] while another adlink is at it; [`Error::Io`].
pub fn finish_removal(case: &Path) -> Result<bool> {
    let _lock = WriterLock::take(case)?;
    DiskFeatureIndex::delete(&features_path(case))?;
    let found = half_removed(case).is_some();
    erase_half_removed(case).map(|()| found)
}

fn erase_half_removed(case: &Path) -> Result<()> {
    let Some(left) = half_removed(case) else { return Ok(()) };
    erase(&left).map_err(|error| Error::io("remove", left, error))
}

/// Whether a file begins as a case does, whoever it belongs to.
pub fn begins_as_case(mut file: impl Read) -> bool {
    let mut head = [0; 72];
    file.read_exact(&mut head).is_ok() && head.starts_with(b"SQLite format 3\0") && head[68..72] == *b"adlk"
}
