//! The layouts of scrapes that adlink reads, one file each.
//!
//! A layout is a [`RecordReader`]: it recognises a manifest by its name and first bytes, and hands
//! its records to a [`Sink`] in the manifest's own words. Adding one is a file here and a line in [`READERS`]. What
//! columns mean and where images lie is not known here.

mod address;
mod archive;
#[cfg(feature = "parquet")]
mod columnar;
mod database;
mod eyes;
mod folder;
mod images;
mod json;
mod layout;
mod manifest;
mod mhtml;
mod object;
mod page;
mod pictures;
mod saved;
mod scan;
mod sidecars;
mod table;
mod tools;
mod tree;
mod walk;
mod webarchive;
mod whatsapp;
mod workbook;

pub(super) use archive::read_folder;
pub(super) use eyes::is_video_name;
pub use images::image_files;
pub(super) use layout::{At, Columns, RecordReader, Sink};
pub(super) use manifest::Manifest;
pub(super) use object::parse as columns_of_object;

use crate::error::{Error, Result};

/// All layouts; the first that recognises a manifest reads it.
const READERS: &[&dyn RecordReader] = &[
    &workbook::Workbook,
    #[cfg(feature = "parquet")]
    &columnar::Columnar,
    &database::Database,
    &archive::Archive,
    &webarchive::WebArchive,
    &mhtml::Mhtml,
    &saved::Saved,
    &json::Json,
    &table::TableReader,
];

/// The reader for a manifest.
pub(super) fn reader_of(manifest: &mut Manifest) -> Result<&'static dyn RecordReader> {
    let ending = manifest.ending();
    let head = manifest.head()?;
    READERS.iter().find(|reader| reader.recognises(&ending, head)).copied().ok_or_else(|| Error::Manifest {
        path: manifest.path.clone(),
        line: 0,
        reason: "no layout that adlink knows: no table, list, archive or page, nor a folder".into(),
    })
}
