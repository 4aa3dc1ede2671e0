//! Which segments make an index: a small file that is replaced as a whole, so that a reader sees one state or the next.
//!
//! It carries its own digest and those of the segments. The trap: a segment that it does not name is left over from
//! somebody who was stopped, and worth nothing.

use super::file::{Writing, sync};
use crate::error::{Error, Result};
use crate::record::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// The name of the list in the folder of an index.
const NAME: &str = "segments.json";
/// Of what is written; anything else is not read.
const FORMAT: u32 = 1;

/// The segments of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SegmentList {
    format: u32,
    /// What the index was made of, in the words of whoever made it.
    pub(super) basis: String,
    /// Bits of a bucket's number, of all segments.
    pub(super) bucket_bits: u32,
    /// The number of the next segment.
    pub(super) next: u32,
    pub(super) segments: Vec<SegmentEntry>,
    pub(super) notes: Option<NotesEntry>,
}

/// The file of what its maker noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NotesEntry {
    pub(super) number: u32,
    pub(super) digest: String,
}

/// What is known of a segment beside its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SegmentEntry {
    pub(super) number: u32,
    pub(super) bytes: u64,
    pub(super) pictures: u32,
    /// Digest of what is read at the start, and of the whole file; 64 hex digits.
    pub(super) head: String,
    pub(super) digest: String,
    /// Places of pictures that were taken out.
    pub(super) removed: Vec<u32>,
}

/// As it stands in the file: with a digest of the rest.
#[derive(Serialize, Deserialize)]
struct Sealed {
    digest: String,
    list: SegmentList,
}

impl SegmentList {
    pub(super) fn new(bucket_bits: u32) -> Self {
        Self { format: FORMAT, basis: String::new(), bucket_bits, next: 1, segments: Vec::new(), notes: None }
    }

    /// The list of a folder; `None` when there is none.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", path, error)),
        };
        let sealed: Sealed =
            serde_json::from_str(&text).map_err(|error| damaged(folder, error.to_string()))?;
        if sealed.digest != sealed.list.digest() {
            return Err(damaged(folder, format!("`{NAME}` is not as it was written")));
        }
        if sealed.list.format != FORMAT {
            return Err(damaged(folder, format!("format {} of `{NAME}` is not known", sealed.list.format)));
        }
        Ok(Some(sealed.list))
    }

    /// Puts it in the place of the list that is there.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let sealed = Sealed { digest: self.digest(), list: self.clone() };
        let text = serde_json::to_vec(&sealed).expect("numbers and text are JSON");
        let (new, path) = (folder.join("segments.json.new"), folder.join(NAME));
        let mut writing = Writing::create(&new)?;
        writing.put(&text)?;
        sync(&new, &writing.finish()?.0)?;
        fs::rename(&new, &path).map_err(|error| Error::io("rename", &new, error))?;
        // Not every system lets a folder be flushed; there the name comes with the next flush.
        let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }

    fn digest(&self) -> String {
        hex(&Sha256::digest(serde_json::to_vec(self).expect("numbers and text are JSON")))
    }
}

/// The error of an index that is not as it was written.
pub(super) fn damaged(folder: &Path, reason: impl Into<String>) -> Error {
    Error::FeatureIndex { path: folder.to_path_buf(), reason: reason.into() }
}
