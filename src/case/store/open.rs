//! An open case: opening, making and identifying the file, and reading all of it.
//!
//! One writer, many readers. The trap: the writer's lock is taken after a look at the file, so that nothing is ever put
//! beside a file that is not ours.

use super::connection::{case_error, connect};
use super::files::{create_private, half_removed, is_locked, remove_side_files, sealed_path};
use super::keyed::Keyed;
use super::lock::{self, WriterLock};
use super::{features, keyed, load, read_only, schema};
use crate::case::audit::{self, seal};
use crate::case::removal::scrub;
use crate::corpus::Snapshot;
use crate::error::{CaseError, Error, Result};
use crate::record::hex;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use serde_json::json;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// An open case file.
#[derive(Debug)]
pub struct Case {
    pub(in crate::case) connection: Connection,
    pub(in crate::case) path: PathBuf,
    /// Who is at work; empty when nobody said.
    pub(in crate::case) by: String,
    /// Held for as long as the case is open for writing.
    pub(in crate::case) lock: Option<WriterLock>,
}

impl Case {
    /// Opens a case for writing; makes one, readable by its owner only, when there is no such file.
    ///
    /// # Errors
    /// [`CaseError::Busy`] while another process has it open for writing; a file that is not an adlink case is refused
    /// and never touched.
    pub fn open_or_create(path: &Path) -> Result<Self> {
        if path.exists() || is_locked(path) || half_removed(path).is_some() {
            return Self::open(path);
        }
        let lock = WriterLock::take(path)?;
        match create_private(path) {
            Ok(()) => remove_side_files(path)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("create", path, error)),
        }
        Self::open_writable(path, Some(lock))
    }

    /// Opens an existing case for writing.
    ///
    /// # Errors
    /// [`Error::Case`], with the reason: no such file, not a case, a newer version,
    /// damaged, or another process writes to it.
    pub fn open(path: &Path) -> Result<Self> {
        must_exist(path)?;
        Self::open_writable(path, None)
    }

    /// Opens an existing case for reading, also while another process writes to it.
    ///
    /// # Errors
    /// [`Error::Case`], with the reason: no such file, not a case, a newer version, damaged.
    pub fn open_read(path: &Path) -> Result<Self> {
        must_exist(path)?;
        let connection = read_only::open(path, schema::check).map_err(|source| case_error(path, source))?;
        Ok(Self { connection, path: path.to_path_buf(), by: String::new(), lock: None })
    }

    /// True when it was opened for writing.
    pub fn is_writable(&self) -> bool {
        self.lock.is_some()
    }

    /// Where the case is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everything the case holds now but local features, in content order. Memory: all of it but text that no ad
    /// shows any more.
    ///
    /// Sees one moment even while another process writes.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`].
    pub fn snapshot(&self) -> Result<Snapshot> {
        self.in_case(|db| load::snapshot(db, false))
    }

    /// As [`Case::snapshot`], with local features: 20 bytes a keypoint more to read and to hold. Every image has as
    /// many keypoints as the last ingest with features asked for, those apart that have no more or whose files could
    /// not be read then.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] also for features that cannot be read.
    pub fn snapshot_with_features(&self) -> Result<Snapshot> {
        self.in_case(|db| load::snapshot(db, true))
    }

    /// Sixteen hex digits that tell this case from others, also in its copies; they say nothing of what it holds.
    ///
    /// # Errors
    /// When the case cannot be read.
    pub fn id(&self) -> Result<String> {
        let digest = self.keyed()?.digest("case", &[]);
        Ok(hex(&digest[..8]))
    }

    /// The case's own keyed digests.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`].
    pub fn keyed(&self) -> Result<Keyed> {
        self.in_case(keyed::keyed)
    }

    /// Keypoints an image, as the last ingest with features asked for; `None` when there was none.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`].
    pub fn feature_limit(&self) -> Result<Option<u16>> {
        self.in_case(features::limit)
    }

    /// Without a lock it is taken here, after a look at the file: nothing is put beside a file that is not ours.
    fn open_writable(path: &Path, lock: Option<WriterLock>) -> Result<Self> {
        let in_case = |source| case_error(path, source);
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(in_case)?;
        schema::check_or_empty(&connection).map_err(in_case)?;
        let lock = match lock.map_or_else(|| WriterLock::take(path), Ok) {
            Err(Error::Case { path, source: CaseError::Busy { .. } }) => {
                return Err(case_error(&path, CaseError::Busy { holder: lock::holder(&connection) }));
            }
            lock => lock?,
        };
        prepare(&connection).map_err(in_case)?;
        scrub::finish_interrupted(&connection);
        Ok(Self { connection, path: path.to_path_buf(), by: String::new(), lock: Some(lock) })
    }

    pub(in crate::case) fn in_case<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, CaseError>,
    ) -> Result<T> {
        work(&self.connection).map_err(|source| case_error(&self.path, source))
    }
}

/// Brings the tables up to date and notes from then on what the connection changes. A case that was not sealed yet is.
fn prepare(connection: &Connection) -> Result<(), CaseError> {
    schema::set_up(connection)?;
    let whole = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let version = schema::migrate(&whole)?;
    seal::track(&whole)?;
    if version < schema::SEALED {
        if audit::seals_data(&whole)? {
            return Err(CaseError::Foreign("its audit chain is of a later format than its tables".into()));
        }
        keyed::ensure_key(&whole)?;
        seal::all_changed(&whole)?;
    }
    if version == 0 {
        seal::leave_open(&whole)?;
    } else if version < schema::latest() {
        audit::append(&whole, "migrate", &json!({ "from": version, "to": schema::latest() }))?;
    }
    lock::sign(&whole)?;
    Ok(whole.commit()?)
}

fn must_exist(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(case_error(path, CaseError::NotACase)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(case_error(path, why_missing(path))),
        Err(error) => Err(Error::io("open", path, error)),
    }
}

fn why_missing(path: &Path) -> CaseError {
    match half_removed(path) {
        Some(left) => CaseError::HalfRemoved { left, sealed: sealed_path(path).is_file() },
        None if is_locked(path) => CaseError::Locked,
        None => CaseError::Missing,
    }
}
