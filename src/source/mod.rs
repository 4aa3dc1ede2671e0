//! Where bytes are, and how they are read: the one way in to originals.
//!
//! Bytes are a file, or a member of one: of a zip, a tar, a web archive, a page. Both are named by a path
//! (`locator` says how) and read in place; nothing is unpacked. Files are only ever read, what is read is bounded by the
//! caller, and comes with the `Stamp` of the file that was opened. Knows nothing of ads or cases. The bare library reads
//! plain files alone.

#[cfg(feature = "case")]
mod codecs;
#[cfg(feature = "case")]
mod compressed;
#[cfg(feature = "case")]
mod embedded;
mod file;
#[cfg(feature = "case")]
mod limited;
#[cfg(feature = "case")]
mod locator;
#[cfg(feature = "case")]
mod member;
#[cfg(feature = "case")]
mod members;
#[cfg(feature = "case")]
mod opener;
#[cfg(feature = "case")]
mod region;
#[cfg(feature = "case")]
mod tar;
#[cfg(feature = "case")]
mod warc;
#[cfg(feature = "case")]
mod warc_record;
#[cfg(feature = "case")]
mod zip;

#[cfg(not(feature = "case"))]
pub(crate) use file::read_file;
#[cfg(feature = "parquet")]
mod column_file;
#[cfg(feature = "parquet")]
mod columns;
mod head;
mod patient;
mod quotes;

#[cfg(feature = "case")]
pub(crate) use codecs::base64_text;
#[cfg(feature = "parquet")]
pub(crate) use column_file::{ColumnFile, FileColumn, file_digest};
#[cfg(feature = "parquet")]
pub(crate) use columns::column;
#[cfg(all(feature = "parquet", feature = "case"))]
pub(crate) use columns::columns;
#[cfg(feature = "case")]
pub(crate) use compressed::{Stream, opened};
#[cfg(feature = "case")]
pub(crate) use embedded::embedded;
#[cfg(feature = "case")]
pub(crate) use file::Stamp;
pub(crate) use head::HeadFirst;
#[cfg(feature = "case")]
pub(crate) use locator::{Codec, Step};
#[cfg(feature = "case")]
pub(crate) use members::{Container, list};
#[cfg(feature = "case")]
pub(crate) use opener::{Opener, order, read_file, stamp, stream};
pub use patient::Patient;
pub(crate) use quotes::{Quotes, Watched, lines_within, swallowed};
#[cfg(feature = "case")]
pub(crate) use tar::is_tar;
#[cfg(feature = "case")]
pub(crate) use warc::{Capture, captures};
