//! The case: one SQLite file that holds images, ads, sightings and what was skipped. It holds no pixels.
//!
//! One writer, many readers. Everything downstream works on a [`Snapshot`]: plain vectors in content order, so
//! results do not depend on the order in which things were ingested. To keep that true nothing is ever merged on
//! the way in: records, sightings and files are sets, and what an ad says *now* is derived when a snapshot is
//! taken. A newcomer's trap: row ids of the tables are an accident of history and must not reach a result.

mod audit;
mod audit_check;
mod check;
mod codec;
mod decisions;
mod features;
mod keyed;
mod load;
mod lock;
mod names;
mod originals;
mod pixel_checks;
mod read_only;
mod removal;
mod runs;
mod schema;
mod scrub;
mod view_hashes;
mod writer;

pub use audit::{AuditEntry, AuditHead};
pub use audit_check::{AuditCheck, AuditFault};
pub use check::FileRecord;
pub use decisions::{Imported, decide};
pub use keyed::Keyed;
pub(crate) use keyed::Tombstones;
pub use removal::{Purge, Removed, Withdrawal, Withdrawn};
pub use view_hashes::{ImageKey, ViewHashes};
pub(crate) use writer::{Analysed, Lookup, Pending, Read, Stamp, Writer};

use crate::corpus::Snapshot;
use crate::error::{CaseError, Error, Result};
use lock::WriterLock;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Readers meet a writer only for the moment of a checkpoint; this is far longer than one takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// SQLite's page cache, in negative KiB: the indices of a million images.
const CACHE: i64 = -64 << 10;

/// An open case file.
#[derive(Debug)]
pub struct Case {
    connection: Connection,
    path: PathBuf,
    /// Who is at work; empty when nobody said.
    by: String,
    /// Held for as long as the case is open for writing.
    lock: Option<WriterLock>,
}

impl Case {
    /// Opens a case for writing; makes one, readable by its owner only, when there is no such file.
    ///
    /// Fails with [`CaseError::Busy`] while another process has it open for writing, and never touches a file
    /// that is not an adlink case.
    pub fn open_or_create(path: &Path) -> Result<Self> {
        if path.exists() {
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
    pub fn open(path: &Path) -> Result<Self> {
        must_exist(path)?;
        Self::open_writable(path, None)
    }

    /// Opens an existing case for reading, also while another process writes to it.
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

    /// Number of files that wait to be read because a run was stopped.
    pub fn pending_files(&self) -> Result<u64> {
        self.in_case(|db| {
            Ok(db.query_row(writer::COUNT_PENDING, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
        })
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
        schema::migrate(&connection)
            .and_then(|()| keyed::ensure_key(&connection))
            .and_then(|()| lock::sign(&connection))
            .map_err(in_case)?;
        scrub::finish_interrupted(&connection);
        Ok(Self { connection, path: path.to_path_buf(), by: String::new(), lock: Some(lock) })
    }

    fn in_case<T>(&self, work: impl FnOnce(&Connection) -> Result<T, CaseError>) -> Result<T> {
        work(&self.connection).map_err(|source| case_error(&self.path, source))
    }
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, CaseError> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "cache_size", CACHE)?;
    Ok(connection)
}

fn case_error(path: &Path, source: CaseError) -> Error {
    Error::Case { path: path.to_path_buf(), source }
}

fn must_exist(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(case_error(path, CaseError::NotACase)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(case_error(path, CaseError::Missing)),
        Err(error) => Err(Error::io("open", path, error)),
    }
}

/// Makes an empty file that others cannot read; SQLite gives its side files the same mode.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Removes what a killed writer left beside a case that was deleted since: SQLite would play it into the new one.
fn remove_side_files(path: &Path) -> Result<()> {
    for ending in ["-wal", "-shm", "-journal"] {
        let file = beside(path, ending);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", file, error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The case's path with something behind its name.
fn beside(case: &Path, ending: &str) -> PathBuf {
    let mut name = case.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
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
