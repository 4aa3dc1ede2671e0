//! Result files, one module per format behind one trait.
//!
//! Each writes the same bytes for the same snapshot and findings: no clock, no thread count, no random name in
//! here. UTF-8, LF, rows sorted by content. The trap: cells that scripts join on (paths, digests, site, ad id)
//! are written as found; only free text is changed, where a spreadsheet would run it as a formula.

mod common;
mod decisions;
mod gexf;
mod graph;
mod graphml;
mod links_csv;
mod links_jsonl;
mod networks_csv;
mod networks_jsonl;
mod pairs;
mod photo_groups;
mod skipped;
mod table;
mod timeline;
mod xml;

use crate::view::Joined;
use std::io::{self, Write};

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rows {
    /// Rows, lines or elements, the heading aside.
    pub written: u64,
    /// Rows left out by a stated cap.
    pub left_out: u64,
}

impl Rows {
    fn all(written: usize) -> Self {
        Self { written: written as u64, left_out: 0 }
    }
}

/// One result file.
pub trait Export: Sync {
    /// Its name in the output folder, which is also the name of the format.
    fn file_name(&self) -> &'static str;

    /// Writes it. Fails only when `out` does.
    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<Rows>;
}

/// Every export, by file name.
pub static ALL: [&dyn Export; 13] = [
    &common::Common,
    &decisions::Decisions,
    &gexf::Gexf,
    &graphml::GraphMl,
    &pairs::Leads,
    &links_csv::LinksCsv,
    &links_jsonl::LinksJsonl,
    &networks_csv::NetworksCsv,
    &networks_jsonl::NetworksJsonl,
    &pairs::Pairs,
    &photo_groups::PhotoGroups,
    &skipped::SkippedInputs,
    &timeline::Timeline,
];

/// The export with this file name.
pub fn named(file_name: &str) -> Option<&'static dyn Export> {
    ALL.into_iter().find(|export| export.file_name() == file_name)
}

pub use pairs::ROWS_PER_PAIR;
pub(crate) use xml::Escaped;
