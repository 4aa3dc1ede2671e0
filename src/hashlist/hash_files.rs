//! Files to a hash list, on all threads, in the order of the files.
//!
//! Works in slices so that memory is bounded and the list grows while later files are still unread; the order of
//! the output never depends on which thread was faster.

use super::HashList;
use crate::analysis::{PdqForm, analyse_as, analyse_for_case, read_file};
use crate::decode::Limits;
use crate::error::{Error, ImageError, Result};
use crate::packed::pack;
use crate::progress::{Progress, Stage};
use crate::record::Image;
use rayon::prelude::*;
use std::path::PathBuf;

/// Files whose results may wait for a slower neighbour: some 2 kB each.
const SLICE: usize = 256;

/// What came of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hashed {
    /// Files hashed.
    pub hashed: u64,
    /// Files that could not be used; each has its row with the reason.
    pub failed: u64,
}

/// Hashes files in their order into `list`, which is not finished here. A file that cannot be used becomes a row.
/// Uses the current rayon pool.
///
/// # Errors
/// What the list refuses, and [`Error::Interrupted`].
pub fn hash_files(
    files: &[PathBuf],
    form: PdqForm,
    limits: &Limits,
    list: &mut dyn HashList,
    progress: &dyn Progress,
) -> Result<Hashed> {
    let one = |file: &PathBuf| {
        let outcome = read_file(file, limits).and_then(|bytes| analyse_as(&bytes, limits, form));
        ListedFile { outcome, packed: None }
    };
    each_file(files, &one, list, progress)
}

/// As [`hash_files`], with all that a case holds of each file, packed: see [`crate::packed`].
///
/// # Errors
/// As [`hash_files`].
pub fn analyse_files(
    files: &[PathBuf],
    keypoints: u16,
    limits: &Limits,
    list: &mut dyn HashList,
    progress: &dyn Progress,
) -> Result<Hashed> {
    let one = |file: &PathBuf| match read_file(file, limits) {
        Err(fault) => ListedFile { outcome: Err(fault), packed: None },
        Ok(bytes) => {
            let analysed = analyse_for_case(&bytes, limits, usize::from(keypoints));
            let packed = Some(pack(&analysed, limits, keypoints));
            ListedFile { outcome: analysed.outcome, packed }
        }
    };
    each_file(files, &one, list, progress)
}

/// What came of one file.
struct ListedFile {
    outcome: Result<Image, ImageError>,
    packed: Option<Vec<u8>>,
}

fn each_file(
    files: &[PathBuf],
    one: &(dyn Fn(&PathBuf) -> ListedFile + Sync),
    list: &mut dyn HashList,
    progress: &dyn Progress,
) -> Result<Hashed> {
    progress.start(Stage::Hashing, Some(files.len() as u64));
    let mut done = Hashed::default();
    for slice in files.chunks(SLICE) {
        if progress.stop_requested() {
            return Err(Error::Interrupted);
        }
        let hashed = |file: &PathBuf| {
            let hashed = one(file);
            progress.advance(1);
            hashed
        };
        let all: Vec<ListedFile> = slice.par_iter().with_max_len(1).map(hashed).collect();
        for (file, ListedFile { outcome, packed }) in slice.iter().zip(&all) {
            *(if outcome.is_ok() { &mut done.hashed } else { &mut done.failed }) += 1;
            list.write_packed(&file.to_string_lossy(), outcome, packed.as_deref())?;
        }
    }
    progress.finish();
    Ok(done)
}
