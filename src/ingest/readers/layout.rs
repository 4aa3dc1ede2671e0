//! What a layout of records is, and who receives what its reader finds.
//!
//! A reader hands on records as they are written, or ads whose images were found already. It decides nothing about
//! fields: what a column means is the sink's business.

use super::manifest::Manifest;
use crate::error::Result;
use crate::ingest::record::Place;
use crate::record::Ad;
use serde_json::{Map, Value};

/// A layout of records.
pub(in crate::ingest) trait RecordReader: Sync {
    /// Whether a manifest has this layout, by the ending of its name (in lower case) or its first bytes.
    fn recognises(&self, ending: &str, head: &[u8]) -> bool;

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

    /// An ad with its images.
    fn ad(&mut self, ad: &Ad, places: Vec<Place>) -> Result<()>;

    /// Something about the input as a whole that its owner has to know; `once` says it a single time.
    fn note(&mut self, once: &'static str, message: &str);

    /// Something that was met and is not used, by its kind.
    fn unused(&mut self, kind: &str, number: u64);
}
