//! Whether the output of a job is there already: jobs are started again when a machine fails, and must then do nothing
//! twice.
//!
//! A file says in its metadata by what job it was made. It has its name only when it is whole, as everything is written
//! beside its name first. The trap: an input that changed and kept its name and size; whoever reads inputs by name asks
//! [`JobTask::is_newer_than`], too.

use super::noted::Noted;
use crate::error::{Error, Result};
use crate::source::{ColumnFile, file_digest};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The key under which a file says by what job it was made.
pub const TASK: &str = "adlink.task";

/// What decides the result of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobTask(String);

impl JobTask {
    /// From everything that decides it, this version of adlink included.
    pub fn new<T: AsRef<[u8]>>(words: impl IntoIterator<Item = T>) -> Self {
        let mut digest = Sha256::new();
        let mut take = |word: &[u8]| {
            digest.update((word.len() as u64).to_be_bytes());
            digest.update(word);
        };
        take(env!("CARGO_PKG_VERSION").as_bytes());
        words.into_iter().for_each(|word| take(word.as_ref()));
        Self(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// From words and the content of files.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of_files(words: &[&str], files: &[PathBuf]) -> Result<Self> {
        let digest = |path: &PathBuf| {
            let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
            file_digest(file, path)
        };
        let digests = files.iter().map(digest).collect::<Result<Vec<String>>>()?;
        Ok(Self::new(words.iter().copied().chain(digests.iter().map(String::as_str))))
    }

    /// What is written under [`TASK`].
    pub fn name(&self) -> &str {
        &self.0
    }

    /// What the output of this job says of itself, if it is there and whole.
    pub fn done(&self, output: &Path) -> Option<Noted> {
        file_notes(output).ok().filter(|noted| noted.of(TASK) == Some(&*self.0))
    }

    /// Was none of the inputs changed since the output was written? Not, for all one knows, where the system tells no
    /// times.
    pub fn is_newer_than<'p>(output: &Path, mut inputs: impl Iterator<Item = &'p Path>) -> bool {
        let time = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified()).ok();
        let written: Option<SystemTime> = time(output);
        written
            .is_some_and(|written| inputs.all(|input| time(input).is_none_or(|changed| changed <= written)))
    }
}

/// What a Parquet file says of itself in its metadata.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn file_notes(path: &Path) -> Result<Noted> {
    ColumnFile::open(path).map(|file| Noted::new(file.notes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_however_they_are_cut() {
        assert_ne!(JobTask::new(["ab", "c"]), JobTask::new(["a", "bc"]));
        assert_ne!(JobTask::new(["ab"]), JobTask::new(["ab", ""]));
        assert_eq!(JobTask::new(["ab"]), JobTask::new([&b"ab"[..]]));
    }
}
