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

/// Takes the findings of a reader, in any order; an error ends the run.
pub(in crate::ingest) trait Sink {
    /// A record, or what is wrong with one, with its line (in an array: the line it ends on).
    fn record(&mut self, line: u64, columns: Result<Columns, String>) -> Result<()>;

    /// An ad with its images.
    fn ad(&mut self, ad: &Ad, places: Vec<Place>) -> Result<()>;
}
