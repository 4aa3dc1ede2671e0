//! One file on the disk: read whole within a limit, and told from a changed one without reading it.

use crate::error::{ImageError, Result, SkipReason};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

/// What tells an unchanged file from a changed one without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) size: i64,
    pub(crate) modified: i64,
    pub(crate) inode: i64,
    /// When the file's entry was last changed, in nanoseconds: bytes cannot be replaced without it. 0 when unknown.
    pub(crate) changed: i64,
}

impl Stamp {
    #[cfg(feature = "case")]
    /// That of a member with so many bytes, in the file with this stamp.
    pub(crate) fn member(self, length: u64) -> Self {
        Self { size: length.cast_signed(), ..self }
    }

    pub(crate) fn of(file: &Metadata) -> Self {
        let nanos = |time: SystemTime| match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
        };
        #[cfg(unix)]
        let (inode, changed) = {
            use std::os::unix::fs::MetadataExt;
            let changed = file.ctime().saturating_mul(1_000_000_000).saturating_add(file.ctime_nsec());
            (file.ino().cast_signed(), changed)
        };
        #[cfg(not(unix))]
        let (inode, changed) = (0, 0);
        let (size, modified) = (file.len().cast_signed(), file.modified().map_or(0, nanos));
        Self { size, modified, inode, changed }
    }

    /// Whether a file with this stamp is what one with an earlier stamp was; an older case does not know all of it.
    #[cfg(feature = "case")]
    pub(crate) fn is_still(&self, earlier: &Self) -> bool {
        let changed = if earlier.changed == 0 { 0 } else { self.changed };
        Self { changed, ..*self } == *earlier
    }
}

/// Reads one file whole, within a limit on bytes.
#[cfg(not(feature = "case"))]
pub(crate) fn read_file(path: &Path, max_bytes: u64) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    load(path, max_bytes, &mut bytes).map(|_| bytes)
}

/// Reads a file into `buffer`. The stamp is that of the file which was read, whatever its name means by now.
pub(super) fn load(path: &Path, max_bytes: u64, buffer: &mut Vec<u8>) -> Result<Stamp, ImageError> {
    let file = open(path)?;
    let metadata = file.metadata().map_err(unreadable)?;
    buffer.clear();
    let size = file.take(max_bytes.saturating_add(1)).read_to_end(buffer).map_err(unreadable)? as u64;
    if size > max_bytes {
        let detail = format!("{} bytes, limit {max_bytes}", metadata.len());
        return Err(ImageError::new(SkipReason::TooLarge, detail));
    }
    Ok(Stamp::of(&metadata))
}

/// Opens a regular file.
pub(super) fn open(path: &Path) -> Result<File, ImageError> {
    // Asked by name first: opening a pipe would wait for its writer.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(ImageError::new(SkipReason::Unreadable, "not a regular file"));
    }
    File::open(path).map_err(unreadable)
}

pub(super) fn unreadable(error: io::Error) -> ImageError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            ImageError::new(SkipReason::Missing, "the file is not there")
        }
        _ => ImageError::new(SkipReason::Unreadable, error.to_string()),
    }
}
