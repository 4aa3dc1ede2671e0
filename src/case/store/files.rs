//! The files of a case: the one that holds it and what SQLite puts beside it, readable by their owner only.

use crate::error::{Error, Result};
use std::fs::{self, OpenOptions};
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
