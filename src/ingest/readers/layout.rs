//! What a layout of records is, and who receives what its reader finds.
//!
//! A reader hands on records as they are written, or ads whose images were found already. It decides nothing about
//! fields: what a column means is the sink's business.

use super::manifest::Manifest;
use crate::error::Result;
use crate::ingest::options::AdPer;
use crate::ingest::record::{Files, Place};
use crate::record::Ad;
use serde_json::{Map, Value};
use std::path::Path;
use std::rc::Rc;

/// A layout of records.
pub(in crate::ingest) trait RecordReader: Sync {
    /// What it is called to people, with its article, in words of the table of languages.
    fn words(&self) -> &'static str;

    /// Whether a manifest has this layout, by the ending of its name (in lower case) or its first bytes.
    fn recognises(&self, ending: &str, head: &[u8]) -> bool;

    /// Whether its records have columns that many of them together tell more about: dates, prefixes of paths.
    fn has_columns(&self) -> bool {
        true
    }

    /// Hands on all records. What is wrong with one is handed on, too; an error ends the run.
    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()>;
}

/// The columns of a record, in its own words.
pub(in crate::ingest) type Columns = Map<String, Value>;

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::ingest) struct At {
    /// Line on which it begins, from 1; in tables without lines, its row.
    pub(in crate::ingest) line: u64,
    /// Place of its first byte in the text, where that is known.
    pub(in crate::ingest) offset: Option<u64>,
}

impl At {
    /// A line, or row.
    pub(super) const fn line(line: u64) -> Self {
        Self { line, offset: None }
    }
}

/// Takes the findings of a reader, in any order; an error ends the run.
pub(in crate::ingest) trait Sink {
    /// A record, or what is wrong with one.
    fn record(&mut self, at: At, columns: Result<Columns, String>) -> Result<()>;

    /// A record whose images were found already, whatever its columns say of images.
    fn shown(&mut self, at: At, columns: Columns, places: Vec<Place>) -> Result<()>;

    /// An ad with its images.
    fn ad(&mut self, ad: &Ad, places: Vec<Place>) -> Result<()>;

    /// Something about the input as a whole that its owner has to know; `once` says it a single time.
    fn note(&mut self, once: &'static str, message: &str);

    /// Something that was met and is not used, by its kind.
    fn unused(&mut self, kind: &str, number: u64);

    /// An input within this one. The images that its records name are looked for among `files`, below `base`.
    fn nested(&mut self, path: &Path, name: &str, files: &Rc<dyn Files>, base: &str) -> Result<()>;

    /// Whether a file is a manifest that names some of `files`.
    fn names_any_of(&self, path: &Path, files: &Rc<dyn Files>, base: &str) -> bool;

    /// What is an ad where pictures lie in folders.
    fn ad_per(&self) -> AdPer;

    /// Whether videos are looked at, too.
    fn takes_videos(&self) -> bool;

    /// Whether names and links may lead out of the input.
    fn allows_outside(&self) -> bool;
}
