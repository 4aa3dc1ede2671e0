//! What an ingest did, in numbers that add up.

use crate::error::SkipReason;
use std::collections::BTreeMap;

/// Records: `read == used + repeated + malformed + withdrawn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordCounts {
    /// Lines, rows or folders that should be ads.
    pub read: u64,
    /// Those that told something new.
    pub used: u64,
    /// Those of which everything was in the case.
    pub repeated: u64,
    /// Those that are no records.
    pub malformed: u64,
    /// Those of ads that were withdrawn from the case: nothing of them is kept.
    pub withdrawn: u64,
}

/// References to images: `references == hashed + known + skipped`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageCounts {
    /// Images named by all records, and those that an earlier run had named and not read.
    pub references: u64,
    /// Decoded and hashed now.
    pub hashed: u64,
    /// The same file or the same bytes were in the case, or came twice.
    pub known: u64,
    /// Not usable, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
}

/// A manifest as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its path as given; `-` is standard input.
    pub path: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Records in it, good or bad.
    pub records: u64,
}

/// What an ingest did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IngestSummary {
    /// What came of the records.
    pub records: RecordCounts,
    /// What came of the images they name.
    pub images: ImageCounts,
    /// The manifests, in the order given. Folders have none.
    pub manifests: Vec<Manifest>,
    /// Digests and hashes that a manifest declares and the file does not have.
    pub mismatches: u64,
    /// Bytes of image files read now.
    pub bytes_read: u64,
    /// Columns that no field of adlink goes by, sorted; left out.
    pub unknown_fields: Vec<String>,
    /// Columns about personal traits, sorted; left out.
    pub dropped_fields: Vec<String>,
    /// Times that could not be understood; left empty.
    pub times_unread: u64,
}

impl IngestSummary {
    /// Records, image references and declared digests that could not be used: above zero means exit code 3.
    pub fn skipped(&self) -> u64 {
        self.records.malformed
            + self.records.withdrawn
            + self.mismatches
            + self.images.skipped.values().sum::<u64>()
    }
}
