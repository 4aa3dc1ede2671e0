//! Result files and exports, one module per format behind one trait, in one registry.
//!
//! A new format is a file here and a line in [`ALL`]: the result folder, `export` and packages take it from there.
//! Each writes the same bytes for the same snapshot and findings: no clock, no thread count, no random name in
//! here. UTF-8, LF, rows sorted by content. The trap: cells that scripts join on (paths, digests, site, ad id)
//! are written as found; only free text is changed, where a spreadsheet would run it as a formula.

mod case_uco;
mod common;
mod decisions;
mod exchange;
mod followthemoney;
mod found;
mod geojson;
mod gexf;
mod graph;
mod graphml;
mod hashes;
mod json_list;
mod known;
mod links_csv;
mod links_jsonl;
mod many_contacts;
mod misp;
mod name_ids;
mod networks_csv;
mod networks_jsonl;
mod pairs;
mod parquet_tables;
mod photo_groups;
mod skipped;
mod stix;
mod table;
mod timeline;
mod vics;
mod xml;

use crate::view::Joined;
use std::io::{self, Write};

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowCounts {
    /// Rows, lines or elements, the heading aside.
    pub written: u64,
    /// Rows left out by a stated cap.
    pub left_out: u64,
}

impl RowCounts {
    fn all(written: usize) -> Self {
        Self { written: written as u64, left_out: 0 }
    }
}

/// What a format gives away to whoever gets the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// What was found: ads, how they are linked, leads.
    Findings,
    /// Which image shows the photo of which, and nothing of the ads they stood in.
    ImagePairs,
    /// Paths and lines of the inputs.
    Inputs,
    /// Hashes, against which anybody can test a photo. Never part of a result folder.
    Hashes,
    /// Ads, images with their digests, and what joins them: as much of each as there is. Under a profile that leaves
    /// no ads, the images; under one that leaves no digests, their pseudonyms.
    Entities,
}

/// Where a format is found without being asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// In result folders and packages.
    Folder,
    /// In packages.
    Package,
    /// Nowhere: it says in another language what other files of a package say.
    Order,
}

/// One format.
pub trait Export: Sync {
    /// Its name in the output folder, which is also the name of the format.
    fn file_name(&self) -> &'static str;

    /// What it gives away: decides under which profiles it may leave.
    fn content(&self) -> Content;

    /// Where it is found.
    fn home(&self) -> Home {
        Home::Folder
    }

    /// Writes it.
    ///
    /// # Errors
    /// Only when `out` fails.
    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts>;

    /// The same with a note on how it may be handled, for formats that keep one in metadata of their own; `None` for
    /// the others, whose text takes it afterwards.
    fn write_with_note(
        &self,
        _joined: &Joined<'_>,
        _note: &str,
        _out: &mut dyn Write,
    ) -> Option<io::Result<RowCounts>> {
        None
    }
}

/// Every format: the files of a result folder by name, then those of packages, then those made on request.
pub static ALL: [&dyn Export; 35] = [
    &common::CommonCsv,
    &decisions::DecisionsCsv,
    &gexf::GEXF,
    &graphml::GRAPHML,
    &pairs::Leads,
    &links_csv::LinksCsv,
    &links_jsonl::LinksJsonl,
    &many_contacts::ManyContactsCsv,
    &networks_csv::NetworksCsv,
    &networks_jsonl::NetworksJsonl,
    &pairs::PairsCsv,
    &photo_groups::PhotoGroupsCsv,
    &skipped::SkippedInputs,
    &timeline::Timeline,
    &hashes::HashesCsv,
    &hashes::HashesJsonl,
    &hashes::HashesParquet,
    &gexf::GEXF_ALL,
    &graphml::GRAPHML_ALL,
    &followthemoney::FollowTheMoney,
    &vics::VICS,
    &misp::MISP,
    &stix::STIX,
    &case_uco::CASE_UCO,
    &geojson::GEOJSON,
    &parquet_tables::TABLES[0],
    &parquet_tables::TABLES[1],
    &parquet_tables::TABLES[2],
    &parquet_tables::TABLES[3],
    &parquet_tables::TABLES[4],
    &parquet_tables::TABLES[5],
    &parquet_tables::TABLES[6],
    &parquet_tables::TABLES[7],
    &parquet_tables::TABLES[8],
    &parquet_tables::TABLES[9],
];

/// The files of a result folder, by name.
pub fn of_folder() -> impl Iterator<Item = &'static dyn Export> {
    ALL.into_iter().filter(|export| export.home() == Home::Folder)
}

/// The graphs with the links that join nobody: in a result folder on request.
pub fn of_all_links() -> impl Iterator<Item = &'static dyn Export> {
    let graphs: [&'static dyn Export; 2] = [&gexf::GEXF_ALL, &graphml::GRAPHML_ALL];
    graphs.into_iter()
}

/// The file of a result folder with this name.
pub fn named(file_name: &str) -> Option<&'static dyn Export> {
    of_folder().chain(of_all_links()).find(|export| export.file_name() == file_name)
}

pub(crate) use json_list::JsonList;
pub use pairs::ROWS_PER_PAIR;
pub(crate) use vics::START as VICS_START;
pub(crate) use xml::Escaped;
