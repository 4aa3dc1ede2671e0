//! Reading the originals again: are they still the bytes that were hashed?
//!
//! A file that is gone is no fault of the case; one that has other bytes is named. Files are only read.

use crate::case::FileRecord;
use crate::error::{Error, Result, SkipReason};
use crate::progress::{Progress, Stage};
use crate::source::load;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// What became of the files that the case knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OriginalsCheck {
    /// Files with the bytes that were hashed.
    pub same: u64,
    /// Files with other bytes, by path.
    pub changed: Vec<PathBuf>,
    /// Files that are not there any more, by path.
    pub gone: Vec<PathBuf>,
    /// Files that are there and could not be read, by path, with the reason.
    pub unread: Vec<(PathBuf, String)>,
}

/// Digests the files that a case [knows](crate::case::Case::file_records) and that are still there. Memory: a file per
/// thread; time: that of reading.
///
/// # Errors
/// [`Error::Interrupted`] when the user asks to stop.
pub fn check_originals(files: Vec<FileRecord>, progress: &dyn Progress) -> Result<OriginalsCheck> {
    progress.start(Stage::Reading, Some(files.len() as u64));
    let found: Vec<_> = files
        .par_iter()
        .map_init(Vec::new, |buffer, file| {
            if progress.stop_requested() {
                return Err(Error::Interrupted);
            }
            let read = load(&file.path, u64::MAX, buffer).map(|_| file.image.0 == *Sha256::digest(&buffer));
            progress.advance(1);
            Ok(read)
        })
        .collect::<Result<_>>()?;
    progress.finish();
    let mut check = OriginalsCheck::default();
    for (file, found) in files.into_iter().zip(found) {
        match found {
            Ok(true) => check.same += 1,
            Ok(false) => check.changed.push(file.path),
            Err(why) if why.reason == SkipReason::Missing => check.gone.push(file.path),
            Err(why) => check.unread.push((file.path, why.detail)),
        }
    }
    Ok(check)
}
