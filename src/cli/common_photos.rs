//! The user's bank of common photos: pictures, folders of them, or hash lists, named by `--common`.

use super::terminal::{Talk, count};
use adlink::Error;
use adlink::analysis::{analyse, digest, read_file};
use adlink::corpus::{ListItem, NewList};
use adlink::decode::Limits;
use adlink::hash::Quality;
use adlink::hashlist::{HashListReader, ListSource};
use adlink::ingest::image_files;
use adlink::link::CommonBank;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Endings of hash lists; whatever else is named is a picture.
const LISTS: [&str; 4] = ["csv", "jsonl", "ndjson", "txt"];

/// Faults told of one by one; the rest are counted.
const TOLD: usize = 3;

/// What the user named.
#[derive(Default)]
pub(super) struct CommonPhotos {
    pub(super) bank: CommonBank,
    /// Pictures and rows that could not be used.
    pub(super) refused: u64,
}

impl CommonPhotos {
    /// Reads everything that `paths` name. What cannot be used is told of and counted.
    ///
    /// # Errors
    /// A path that cannot be read, a list without a column of hashes, and a path of which nothing can be used: all its
    /// photos would count in full, against the user's word.
    pub(super) fn read(paths: &[PathBuf], talk: &Talk) -> adlink::Result<Self> {
        let mut photos = Self::default();
        for path in paths {
            let before = (photos.bank.hashes.len(), photos.bank.images.len());
            let faults = if is_list(path) { photos.add_list(path)? } else { photos.add_pictures(path)? };
            for fault in faults.iter().take(TOLD) {
                talk.warn(fault);
            }
            if faults.len() > TOLD {
                talk.warn(&format!("{}: {} more like these", path.display(), faults.len() - TOLD));
            }
            photos.refused += faults.len() as u64;
            if before == (photos.bank.hashes.len(), photos.bank.images.len()) {
                let reason = format!(
                    "nothing in it names a common photo; expected pictures, or a list with a column `pdq` or \
                     `sha256` ({} refused)",
                    count(faults.len() as u64, "row")
                );
                return Err(Error::Table { path: path.clone(), line: 0, reason });
            }
        }
        photos.bank.hashes.sort_unstable();
        photos.bank.hashes.dedup();
        photos.bank.images.sort_unstable();
        photos.bank.images.dedup();
        Ok(photos)
    }

    /// How many, and which: a digest that stands for this very list.
    pub(super) fn in_words(&self) -> String {
        let hashes = self.bank.hashes.iter().map(|hash| hash.to_bytes());
        let listed: Vec<u8> = hashes.chain(self.bank.images.iter().map(|image| image.0)).flatten().collect();
        let (hashes, files) = (self.bank.hashes.len() as u64, self.bank.images.len() as u64);
        format!("{} and {}, sha256 {}", count(hashes, "hash"), count(files, "file"), digest(&listed).sha256)
    }

    fn add_list(&mut self, path: &Path) -> adlink::Result<Vec<String>> {
        let mut list = HashListReader::new(ListSource::Path(path));
        let mut unknown = 0;
        list.read(&mut |item| {
            if let ListItem::Entry(entry) = item {
                let plain = entry.quality.is_some_and(|quality| quality < Quality::USABLE);
                self.bank.hashes.extend(entry.pdq.filter(|_| !plain));
                self.bank.images.extend(entry.sha256);
                unknown += u64::from(entry.pdq.is_none() && entry.sha256.is_none());
            }
            Ok(())
        })?;
        let mut faults: Vec<String> = list.tally.first_refused.iter().map(ToString::to_string).collect();
        self.refused += list.tally.refused - faults.len() as u64;
        if unknown > 0 {
            let what = "by MD5 or SHA-1 alone, which names no photo; a PDQ hash or a SHA-256 does";
            faults.push(format!("{}: {} {what}", path.display(), count(unknown, "row")));
        }
        Ok(faults)
    }

    /// A picture too plain for PDQ still names its own file.
    fn add_pictures(&mut self, path: &Path) -> adlink::Result<Vec<String>> {
        let limits = Limits::default();
        let files = image_files(path)?;
        let read = |file: &PathBuf| read_file(file, &limits).and_then(|bytes| analyse(&bytes, &limits));
        let outcomes: Vec<_> = files.par_iter().with_max_len(1).map(read).collect();
        let mut faults = Vec::new();
        for (file, outcome) in files.iter().zip(outcomes) {
            match outcome {
                Ok(image) => {
                    self.bank.images.push(image.id());
                    let usable = image.pdq.quality >= Quality::USABLE;
                    self.bank.hashes.extend(usable.then(|| image.pdq.hash()));
                }
                Err(error) => faults.push(format!("{}: {error}", file.display())),
            }
        }
        Ok(faults)
    }
}

fn is_list(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    path.is_file() && LISTS.contains(&&*ending)
}
