//! The whole output folder: every export, the report, the digests and the record of the run.
//!
//! Files for the same snapshot and findings are byte-identical, wherever and whenever they are written; all
//! that is not (times, durations, threads, the inputs' own digests) stands in `run.json` alone. The manifest of
//! digests therefore leaves `run.json` out, and `run.json` holds the digest of the manifest.

mod check;
mod earlier;
mod folder;
pub mod formats;
mod manifest;
mod new_file;
mod news;
mod noted;
mod overwrite;
mod previews;
mod run_json;
mod spreadsheet;
mod stream;
mod zipped;

pub use noted::{note_run, noted_previews};
pub use previews::previews;

use crate::error::Result;
use crate::language::{Language, in_language};
use crate::link::News;
use crate::report;
use crate::view::{Figures, Joined};
pub use check::{FolderCheck, check};
use folder::Folder;
pub use folder::write_file;
pub use new_file::NewFile;
pub use overwrite::Guard;
use serde_json::{Map, Value};
pub use spreadsheet::{spreadsheet, spreadsheet_name};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;
pub use zipped::{check_zip_name, zip_report};

/// What holds for everything that is handed out. A file with these words in its marks is known by them, too.
pub const TERMS: &str = "leads, not proof; photos, not people; for the stated purpose only; not for immigration \
                         enforcement; not to be passed on";

/// What is known of a run beside its findings.
#[derive(Debug, Clone, Default)]
pub struct RunFacts {
    /// Version of adlink.
    pub version: String,
    /// What decides the findings (radius, smallest quality, ...), in a fixed order. It stands in `report.html`
    /// too: leave out paths, threads and everything else that may differ between equal runs.
    pub parameters: Map<String, Value>,
    /// Which case it was made from: [`Case::id`](crate::case::Case::id); empty when there is none.
    pub case_id: String,
    /// The inputs as named on the command line.
    pub inputs: Vec<InputFile>,
    /// What the import counted, in its own order.
    pub ingest: Map<String, Value>,
    /// Start of the run, ISO 8601 UTC.
    pub started_at: String,
    /// End of linking, ISO 8601 UTC.
    pub finished_at: String,
    /// Seconds each stage took, in order; writing adds its own.
    pub stages: Vec<(String, f64)>,
    /// Threads the run was allowed.
    pub threads: usize,
    /// What is new since an earlier run, when that was asked for: written to `new.csv`.
    pub news: Option<News>,
    /// Previews for the report; none unless asked for.
    pub previews: report::Previews,
    /// Networks, by number, that get a page to print; none unless asked for.
    pub briefs: BTreeSet<u32>,
    /// The language of the report and its pages; all other files are for programs, too, and in English.
    pub language: Language,
    /// Files beside those that every run writes.
    pub also: Also,
}

/// Files of a result folder that are written on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Also {
    /// The graphs with the links that join nobody.
    pub all_links: bool,
    /// Every CSV file in a form that spreadsheets do not change.
    pub spreadsheet: bool,
}

impl Also {
    fn exports(self) -> impl Iterator<Item = &'static dyn formats::Export> {
        formats::of_folder().chain(formats::of_all_links().filter(move |_| self.all_links))
    }

    /// Names of what is not written this time and may be there from an earlier one.
    fn gone(self) -> impl Iterator<Item = String> {
        let graphs = formats::of_all_links().filter(move |_| !self.all_links);
        let graphs = graphs.map(|export| export.file_name().to_string());
        graphs.chain(sheet_names().filter(move |_| !self.spreadsheet))
    }
}

/// Names of all forms for spreadsheets.
fn sheet_names() -> impl Iterator<Item = String> {
    let names = formats::of_folder().map(formats::Export::file_name).chain([news::NAME]);
    names.filter_map(spreadsheet_name)
}

/// A manifest, archive or folder the ads came from.
#[derive(Debug, Clone, Default)]
pub struct InputFile {
    /// As the user named it.
    pub path: String,
    /// Digest of its bytes, 64 hex digits; empty for a folder.
    pub sha256: String,
    /// Size in bytes; 0 for a folder.
    pub bytes: u64,
}

/// A file of the output folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultFile {
    /// Name relative to the folder, with `/`.
    pub name: String,
    /// Digest of its bytes, 64 hex digits.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Rows, lines or elements, where that makes sense.
    pub rows: Option<formats::RowCounts>,
}

/// What [`write()`] wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The folder.
    pub folder: PathBuf,
    /// Its files in the order written; `run.json` is the last.
    pub files: Vec<ResultFile>,
    /// The report as a zip, where [`zip_report`] made one.
    pub zip: Option<ResultFile>,
}

/// Names of the files that [`write()`] writes, but for the pages of networks.
pub fn file_names() -> Vec<String> {
    let others = ["report.html", "manifest-sha256.txt", news::NAME, "run.json"];
    let all = Also { all_links: true, spreadsheet: true };
    let exports = all.exports().map(formats::Export::file_name);
    exports.chain(others).map(str::to_string).chain(sheet_names()).collect()
}

/// Creates the output folder and its parents, owner-only, before anything else is put there.
///
/// # Errors
/// [`crate::error::Error::Io`] with the path.
pub fn create_folder(dir: &Path) -> Result<()> {
    Folder::create(dir).map(|_| ())
}

/// Writes the output folder, creating it (and its parents) when it is not there. The report is in the language of `facts`,
/// all else in English, whatever the language of this thread.
///
/// Files are owner-only, and they appear together once all are written: a run that fails leaves what was there. Files
/// of an earlier run are replaced; strangers are left alone. `findings` must belong to `snapshot`.
///
/// # Errors
/// [`crate::error::Error::Io`] with the path, when the folder or a file cannot be written.
pub fn write(dir: &Path, joined: &Joined<'_>, figures: &Figures, facts: &RunFacts) -> Result<Written> {
    in_language(Language::English, || write_all(dir, joined, figures, facts))
}

fn write_all(dir: &Path, joined: &Joined<'_>, figures: &Figures, facts: &RunFacts) -> Result<Written> {
    let clock = Instant::now();
    let mut folder = Folder::create(dir)?;
    let mut files = Vec::new();
    for export in facts.also.exports() {
        let mut rows = formats::RowCounts::default();
        let mut file = folder.write(export.file_name(), |out| {
            rows = export.write(joined, out)?;
            Ok(())
        })?;
        file.rows = Some(rows);
        files.push(file);
        if let Some(name) = spreadsheet_name(export.file_name()).filter(|_| facts.also.spreadsheet) {
            let write = |out: &mut dyn Write| export.write(joined, out).map(|_| ());
            files.push(folder.write(&name, |out| spreadsheet::through(out, write))?);
        }
    }
    let about = report::About {
        version: &facts.version,
        parameters: &facts.parameters,
        previews: &facts.previews,
        briefs: &facts.briefs,
        language: facts.language,
    };
    let pages = report::pages(joined, figures, &about);
    let mut gone = folder.stale_pages(&pages);
    gone.extend(facts.also.gone().map(|name| dir.join(name)));
    for page in &pages {
        files.push(folder.write(&page.name, |out| out.write_all(page.html.as_bytes()))?);
    }
    let digests = manifest::lines(joined.snapshot, &files);
    files.push(folder.write("manifest-sha256.txt", |out| out.write_all(digests.as_bytes()))?);
    match &facts.news {
        Some(news) => {
            let write = |out: &mut dyn Write| news::write(joined, news, out);
            files.push(folder.write(news::NAME, write)?);
            if let Some(name) = spreadsheet_name(news::NAME).filter(|_| facts.also.spreadsheet) {
                files.push(folder.write(&name, |out| spreadsheet::through(out, write))?);
            }
        }
        None => gone.push(dir.join(news::NAME)),
    }
    let run = run_json::value(joined, figures, facts, &files, clock.elapsed());
    files.push(folder.write("run.json", |out| {
        serde_json::to_writer_pretty(&mut *out, &run)?;
        out.write_all(b"\n")
    })?);
    folder.finish(&gone)?;
    Ok(Written { folder: dir.to_path_buf(), files, zip: None })
}
