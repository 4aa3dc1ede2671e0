//! The files of a case: the one that holds it and what SQLite puts beside it, readable by their owner only.

use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Makes an empty file that others cannot read; SQLite gives its side files the same mode.
pub(super) fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Removes what a killed writer left beside a case that was deleted since: SQLite would play it into the new one.
pub(super) fn remove_side_files(path: &Path) -> Result<()> {
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
pub(super) fn beside(case: &Path, ending: &str) -> PathBuf {
    let mut name = case.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Where the encrypted form of a case lies: beside it.
pub fn sealed_path(case: &Path) -> PathBuf {
    beside(case, ".age")
}

/// Where the index of a case's features lies: in a folder beside it.
pub fn features_path(case: &Path) -> PathBuf {
    beside(case, "-features")
}

/// Where a case lies while it is being removed after it was encrypted.
pub(super) fn removing_path(case: &Path) -> PathBuf {
    beside(case, ".removing")
}

/// What is left of the plain file of a case whose removal was cut short.
pub fn half_removed(case: &Path) -> Option<PathBuf> {
    Some(removing_path(case)).filter(|left| left.is_file())
}

/// A renaming outlives a power cut once the folder is on the disk. Not every system lets a folder be flushed; there the
/// name comes with the next flush.
pub(crate) fn sync_folder(path: &Path) {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(parent) {
        let _ = folder.sync_all();
    }
}

/// Whether there is a case only in encrypted form.
pub(super) fn is_locked(case: &Path) -> bool {
    !case.exists() && sealed_path(case).is_file()
}
