//! Files to a hash list, on all threads, in the order of the files.
//!
//! Works in slices so that memory is bounded and the list grows while later files are still unread; the order of
//! the output never depends on which thread was faster.

use super::HashList;
use crate::analysis::{PdqForm, analyse_as, read_file};
use crate::decode::Limits;
use crate::error::{Error, Result};
use crate::progress::{Progress, Stage};
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
    progress.start(Stage::Hashing, Some(files.len() as u64));
    let mut done = Hashed::default();
    for slice in files.chunks(SLICE) {
        if progress.stop_requested() {
            return Err(Error::Interrupted);
        }
        let outcomes: Vec<_> = slice
            .par_iter()
            .with_max_len(1)
            .map(|file| {
                let outcome = read_file(file, limits).and_then(|bytes| analyse_as(&bytes, limits, form));
                progress.advance(1);
                outcome
            })
            .collect();
        for (file, outcome) in slice.iter().zip(&outcomes) {
            *(if outcome.is_ok() { &mut done.hashed } else { &mut done.failed }) += 1;
            list.write(&file.to_string_lossy(), outcome)?;
        }
    }
    progress.finish();
    Ok(done)
}
