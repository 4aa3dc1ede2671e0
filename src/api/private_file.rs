//! Files beside the case that nobody else may read: written whole, then put in their place.
//!
//! The trap: a name that is not written through to the disk with its folder may be gone after a power cut, although the
//! bytes were.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells apart what several threads write at once.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// The path of a case with something behind its name.
pub(super) fn beside(case: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = case.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Puts these bytes in place of a file, readable by its owner only; they are durable when this returns.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let new = beside(path, &format!(".new-{}-{number}", std::process::id()));
    let written = write(&new, bytes).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written.and_then(|()| sync_folder(path))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private().create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Adds to a file, made readable by its owner only; durable when this returns.
pub(super) fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_new = !path.exists();
    let mut file = private().create(true).append(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    if is_new { sync_folder(path) } else { Ok(()) }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the name of a file durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and names are durable by themselves.
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
