//! The layouts of scrapes that adlink reads, one file each.
//!
//! A layout is a [`RecordReader`]: it recognises a manifest by its name and first bytes, and hands its records to a
//! [`Sink`] in the manifest's own words. Adding one is a file here and a line in [`READERS`]. What columns mean and
//! where images lie is not known here.

mod eyes;
mod folder;
mod images;
mod json;
mod layout;
mod manifest;
mod table;

pub(super) use folder::read as read_folder;
pub use images::image_files;
pub(super) use layout::{Columns, Sink};
pub(super) use manifest::Manifest;

use crate::error::{Error, Result};
use layout::RecordReader;

/// All layouts; the first that recognises a manifest reads it.
const READERS: &[&dyn RecordReader] = &[&json::Json, &table::Table];

/// The reader for a manifest.
pub(super) fn reader_of(manifest: &mut Manifest) -> Result<&'static dyn RecordReader> {
    let ending = manifest.path.extension().unwrap_or_default().to_ascii_lowercase();
    let ending = if manifest.path.as_os_str() == "-" { "jsonl".into() } else { ending };
    let head = manifest.head()?;
    let ending = ending.to_str().unwrap_or_default();
    READERS.iter().find(|reader| reader.recognises(ending, head)).copied().ok_or_else(|| Error::Manifest {
        path: manifest.path.clone(),
        line: 0,
        reason: "neither JSON Lines nor CSV by its name, nor a folder".into(),
    })
}
