//! Hashing originals again: does the case say of a picture what the picture says?
//!
//! A case that was changed together with its seal gives itself away here, as far as originals are left. The trap: another
//! version of adlink may see more or less in a picture; what differs is named, not why.

use crate::analysis::{analyse_with_features, digest, read_file};
use crate::corpus::{ImageRow, Originals, Row, Snapshot};
use crate::decode::Limits;
use crate::error::{Error, Result};
use crate::progress::{Progress, Stage};
use rayon::prelude::*;
use std::path::PathBuf;

/// What hashing again gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rehashed {
    /// Images of which the case says what was found.
    pub same: u64,
    /// Others: their first original, and what differs.
    pub differ: Vec<(PathBuf, &'static str)>,
    /// Images without an original that still has their bytes.
    pub missing: u64,
}

enum RehashOutcome {
    Same,
    Differs(PathBuf, &'static str),
    Missing,
}

/// Hashes the originals of `sample` images again, spread over all, or of all images. Features are compared where the
/// snapshot has some. Memory: some images a thread.
///
/// # Errors
/// [`Error::Interrupted`] when the user asks to stop.
pub fn rehash(
    snapshot: &Snapshot,
    originals: &Originals,
    sample: Option<usize>,
    limits: &Limits,
    progress: &dyn Progress,
) -> Result<Rehashed> {
    let all = snapshot.images.len();
    let wanted = sample.unwrap_or(all).min(all);
    // Images stand in the order of their digests, so equal steps are a fair sample.
    let rows: Vec<ImageRow> = (0..wanted).map(|place| ImageRow::of(place * all / wanted)).collect();
    progress.start(Stage::Hashing, Some(wanted as u64));
    let one = |row: &ImageRow| {
        if progress.stop_requested() {
            return Err(Error::Interrupted);
        }
        let outcome = again(snapshot, originals, *row, limits);
        progress.advance(1);
        Ok(outcome)
    };
    let outcomes = rows.par_iter().map(one).collect::<Result<Vec<_>>>()?;
    progress.finish();
    let mut done = Rehashed::default();
    for outcome in outcomes {
        match outcome {
            RehashOutcome::Same => done.same += 1,
            RehashOutcome::Missing => done.missing += 1,
            RehashOutcome::Differs(path, what) => done.differ.push((path, what)),
        }
    }
    Ok(done)
}

fn again(snapshot: &Snapshot, originals: &Originals, row: ImageRow, limits: &Limits) -> RehashOutcome {
    let known = &snapshot.images[row];
    let stored = snapshot.features.get(row);
    let keypoints = stored.as_ref().map_or(0, |features| features.keypoints.len());
    for path in originals.of(row) {
        let Ok(bytes) = read_file(&path, limits) else { continue };
        match analyse_with_features(&bytes, limits, keypoints) {
            Ok(found) if found.image.id() != known.id() => continue,
            Err(_) if digest(&bytes).sha256 != known.id() => continue,
            Err(_) => return RehashOutcome::Differs(path, "it cannot be decoded any more"),
            Ok(found) if found.image.pdq != known.pdq => {
                return RehashOutcome::Differs(path, "another PDQ hash");
            }
            Ok(found) if found.image != *known => {
                return RehashOutcome::Differs(path, "other views, sizes or a second hash");
            }
            Ok(found) if stored.is_some_and(|stored| stored.to_bytes() != found.features.to_bytes()) => {
                return RehashOutcome::Differs(path, "other local features");
            }
            Ok(_) => return RehashOutcome::Same,
        }
    }
    RehashOutcome::Missing
}
