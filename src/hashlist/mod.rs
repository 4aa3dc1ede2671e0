//! Hashes in and out in the forms other tools read: CSV, JSON Lines, Parquet.
//!
//! A hash list is personal data: whoever holds one can test any photo against it. The trap in reading foreign
//! lists: some writers drop leading zeros, so text shorter than 64 digits is padded on the left.

mod hash_files;
#[cfg(feature = "parquet")]
mod hash_parquet;
mod hash_rows;
mod hash_text;

use crate::error::{ImageError, Result};
use crate::record::Image;

pub use hash_files::{Hashed, hash_files};
#[cfg(feature = "parquet")]
pub use hash_parquet::ParquetHashes;
pub use hash_rows::{HashRows, ListedHash, RefusedRow, read_hash_rows};
pub use hash_text::{CsvHashes, JsonHashes};

/// Which columns beyond the plain ones a hash list carries.
#[derive(Debug, Clone, Copy, Default)]
pub struct HashColumns {
    /// The hashes under the seven other transforms.
    pub dihedral: bool,
    /// A row (CSV, Parquet) or entry (JSON) for every view beside the whole picture.
    pub views: bool,
    /// MD5 and SHA-1 as the last columns (CSV, Parquet), empty where unknown; JSON has them always.
    pub digests: bool,
}

/// Receives one outcome per file, in the order of the output.
pub trait HashList {
    /// One file: its image, or why there is none.
    ///
    /// # Errors
    /// When the list cannot be written.
    fn write(&mut self, path: &str, outcome: &Result<Image, ImageError>) -> Result<()>;

    /// Completes the list; without it the file may be cut short.
    ///
    /// # Errors
    /// When the list cannot be written.
    fn finish(self: Box<Self>) -> Result<()>;
}
