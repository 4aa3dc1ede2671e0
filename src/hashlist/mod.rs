//! Hashes in and out in the forms other tools read: CSV, JSON Lines, Parquet.
//!
//! A hash list is personal data: whoever holds one can test any photo against it. The trap in reading foreign
//! lists: some writers drop leading zeros, so text shorter than 64 digits is padded on the left.

mod cells;
mod hash_files;
#[cfg(feature = "parquet")]
mod hash_parquet;
mod hash_text;
#[cfg(feature = "parquet")]
mod parquet_columns;
mod picture_list;
mod reading;
mod shard;

use crate::error::{ImageError, Result};
use crate::record::Image;

#[cfg(feature = "report")]
pub use cells::{cell, cell_of_words};
#[cfg(feature = "report")]
pub(crate) use cells::{formula_as_written, formula_safe, is_formula};
pub use hash_files::{Hashed, analyse_files, hash_files};
#[cfg(feature = "parquet")]
pub use hash_parquet::ParquetHashes;
#[cfg(feature = "report")]
pub(crate) use hash_text::known_hex;
pub use hash_text::{CsvHashes, JsonHashes};
#[cfg(all(feature = "parquet", feature = "report"))]
pub(crate) use parquet_columns::optional;
#[cfg(feature = "parquet")]
pub(crate) use parquet_columns::required;
pub use picture_list::PictureList;
pub use reading::{BareDigits, HashListReader, ListSource, ListTally, Missing, RefusedLine};
pub use shard::{NoShard, Shard};

/// Which columns beyond the plain ones a hash list carries.
#[derive(Debug, Clone, Copy, Default)]
pub struct HashColumns {
    /// The hashes under the seven other transforms.
    pub dihedral: bool,
    /// A row (CSV, Parquet) or entry (JSON) for every view beside the whole picture.
    pub views: bool,
    /// MD5 and SHA-1 as the last columns (CSV, Parquet), empty where unknown; JSON has them always.
    pub digests: bool,
    /// All that a case holds of a file, packed, as the last column (Parquet).
    pub analyses: bool,
}

/// Receives one outcome per file, in the order of the output.
pub trait HashList {
    /// One file: its image, or why there is none.
    ///
    /// # Errors
    /// When the list cannot be written.
    fn write(&mut self, path: &str, outcome: &Result<Image, ImageError>) -> Result<()>;

    /// As [`HashList::write`], with the packed analysis of the file where its bytes could be read; formats without a place
    /// for it leave it out.
    ///
    /// # Errors
    /// When the list cannot be written.
    fn write_packed(
        &mut self,
        path: &str,
        outcome: &Result<Image, ImageError>,
        _packed: Option<&[u8]>,
    ) -> Result<()> {
        self.write(path, outcome)
    }

    /// Says something of the list itself, where the format has a place for that.
    fn note(&mut self, _key: &str, _value: &str) {}

    /// Completes the list; without it the file may be cut short.
    ///
    /// # Errors
    /// When the list cannot be written.
    fn finish(self: Box<Self>) -> Result<()>;
}
