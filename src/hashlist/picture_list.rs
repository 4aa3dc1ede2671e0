//! Pictures as a list: the hash of each, its quality, and the digests of its file.
//!
//! Works in slices on all threads, in the order of the files. The trap: a picture too plain for its hash to tell
//! anything is on the list all the same, by its digests.

use super::reading::Missing;
use crate::analysis::{analyse, read_file};
use crate::corpus::{ListEnd, ListItem, ListOrigin, NewEntry, NewList};
use crate::decode::Limits;
use crate::error::{Error, ImageError, Result};
use crate::progress::{Progress, Stage};
use crate::record::{Image, hex};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// Files whose results may wait for a slower neighbour.
const SLICE: usize = 256;

/// Pictures on their way into a bank.
pub struct PictureList<'p> {
    /// What the list is called: the folder.
    pub name: String,
    /// Files, in the order of the list.
    pub files: &'p [PathBuf],
    /// What of a file is read at the most.
    pub limits: &'p Limits,
    /// Told of every file.
    pub progress: &'p dyn Progress,
    /// What becomes of entries of the bank that no file shows.
    pub missing: Missing,
    /// Files that could not be used, and why.
    pub refused: Vec<(PathBuf, ImageError)>,
}

impl NewList for PictureList<'_> {
    fn read(&mut self, take: &mut dyn FnMut(ListItem) -> Result<()>) -> Result<ListEnd> {
        self.progress.start(Stage::Hashing, Some(self.files.len() as u64));
        let mut digest = Sha256::new();
        for slice in self.files.chunks(SLICE) {
            if self.progress.stop_requested() {
                return Err(Error::Interrupted);
            }
            for (file, outcome) in slice.iter().zip(self.hashed(slice)) {
                match outcome {
                    Ok(image) => {
                        let shown = file.to_string_lossy();
                        digest.update(format!("{}  {shown}\n", image.id()));
                        take(ListItem::Entry(entry(&image, shown.into())))?;
                    }
                    Err(error) => self.refused.push((file.clone(), error)),
                }
            }
        }
        self.progress.finish();
        let origin = ListOrigin { file: self.name.clone(), sha256: hex(&digest.finalize()) };
        let used = (self.files.len() - self.refused.len()) as u64;
        Ok(ListEnd { origin, removes_missing: self.missing.goes(used, self.refused.is_empty()) })
    }
}

impl PictureList<'_> {
    fn hashed(&self, slice: &[PathBuf]) -> Vec<Result<Image, ImageError>> {
        let hashed = |file: &PathBuf| {
            let outcome = read_file(file, self.limits).and_then(|bytes| analyse(&bytes, self.limits));
            self.progress.advance(1);
            outcome
        };
        slice.par_iter().with_max_len(1).map(hashed).collect()
    }
}

/// What a list says of a picture.
fn entry(image: &Image, shown: String) -> NewEntry {
    let mut entry = NewEntry { uri: shown, ..NewEntry::of_image(image) };
    // A name that no list could hold is not worth a picture.
    if entry.check().is_err() {
        entry.uri.clear();
    }
    entry
}
