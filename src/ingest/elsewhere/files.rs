//! Files of analyses: what `adlink hash --analyses` writes, and Spark writes with the same columns.
//!
//! A row has a name and one of three: an analysis; the SHA-256 of bytes whose analysis stands in another row; the reason
//! why the file could not be read. The trap: Spark leaves files of its own beside its tables, which begin with `_` or `.`.

use super::spool::SpoolOutcome;
use super::{Elsewhere, NameMeaning, Wanted, name_key};
use crate::codes::NamedCode;
use crate::corpus::readable;
use crate::error::{Error, ImageError, Result, SkipReason};
use crate::progress::Progress;
use crate::record::ImageId;
use crate::source::{ColumnFile, FileColumn, file_digest};
use parquet::data_type::ByteArray;
use std::collections::hash_map::Entry;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Rows of a file that are told one by one.
const TOLD: u64 = 5;

/// The files that are named, and those of folders that are named, in order.
pub(super) fn listed(given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in given {
        if path.is_dir() {
            let found = of_folder(path).map_err(|error| Error::io("read folder", path, error))?;
            if found.is_empty() {
                let reason =
                    "no file of analyses (.parquet) in it; `adlink hash --analyses` writes such".into();
                return Err(Error::Table { path: path.clone(), line: 0, reason });
            }
            files.extend(found);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn of_folder(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_table = path.extension().is_some_and(|ending| ending == "parquet");
        if is_table && !name.starts_with(['.', '_']) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The columns of a file.
struct AnalysisColumns {
    name: FileColumn,
    analysis: FileColumn,
    sha256: Option<FileColumn>,
    error: Option<FileColumn>,
}

/// Reads a file.
pub(super) fn read(
    elsewhere: &mut Elsewhere,
    path: &Path,
    wanted: &Wanted<'_>,
    progress: &dyn Progress,
) -> Result<()> {
    let shown = readable(path.as_os_str());
    let opened = File::open(path).map_err(|error| Error::io("read", path, error))?;
    elsewhere.given.files.push((shown.clone(), file_digest(opened, path)?));
    let file = ColumnFile::open(path)?;
    let remedy = "`adlink hash --analyses` writes such files";
    let columns = AnalysisColumns {
        name: file.wanted(&["source_uri", "path", "name"], remedy)?,
        analysis: file.wanted(&["analysis"], remedy)?,
        sha256: file.column(&["sha256"]),
        error: file.column(&["error"]),
    };
    let mut rows = AnalysisRows { elsewhere, wanted, refused: 0, row: 0, shown: &shown, progress };
    for group in 0..file.groups() {
        if progress.stop_requested() {
            return Err(Error::Interrupted);
        }
        rows.group(&file, group, &columns)?;
    }
    rows.told();
    Ok(())
}

/// The rows of a file on their way in.
struct AnalysisRows<'a> {
    elsewhere: &'a mut Elsewhere,
    wanted: &'a Wanted<'a>,
    refused: u64,
    row: u64,
    shown: &'a str,
    progress: &'a dyn Progress,
}

impl AnalysisRows<'_> {
    fn group(&mut self, file: &ColumnFile, group: usize, columns: &AnalysisColumns) -> Result<()> {
        let names = file.bytes(group, columns.name)?;
        let analyses = file.bytes(group, columns.analysis)?;
        let cells = |column: Option<FileColumn>| column.map(|column| file.bytes(group, column)).transpose();
        let (digests, errors) = (cells(columns.sha256)?, cells(columns.error)?);
        for (place, (name, analysis)) in names.iter().zip(&analyses).enumerate() {
            let cell = |column: &Option<Vec<Option<ByteArray>>>| column.as_ref()?[place].clone();
            self.row += 1;
            let name = name.as_ref().map(ByteArray::data).unwrap_or_default();
            match self.meaning(analysis.as_ref(), cell(&digests), cell(&errors))? {
                Ok(meaning) => self.named(&String::from_utf8_lossy(name), meaning),
                Err(why) => self.refuse(&why),
            }
        }
        Ok(())
    }

    fn meaning(
        &mut self,
        analysis: Option<&ByteArray>,
        digest: Option<ByteArray>,
        error: Option<ByteArray>,
    ) -> Result<Result<NameMeaning, String>> {
        if let Some(packed) = analysis {
            return self.analysis(packed.data(), digest);
        }
        if let Some(digest) = digest {
            let id = digest.data().try_into().map(|bytes| NameMeaning::Image(ImageId(bytes)));
            return Ok(id.map_err(|_| format!("a SHA-256 of {} bytes", digest.len())));
        }
        let error = error.map(|text| String::from_utf8_lossy(text.data()).into_owned()).unwrap_or_default();
        let (code, detail) = error.split_once(": ").unwrap_or((&error, ""));
        let fault = SkipReason::from_name(code).map(|reason| ImageError::new(reason, detail));
        Ok(fault
            .map(|fault| NameMeaning::Fault(Box::new(fault)))
            .ok_or_else(|| "neither an analysis nor a reason".into()))
    }

    fn analysis(&mut self, packed: &[u8], digest: Option<ByteArray>) -> Result<Result<NameMeaning, String>> {
        let id = match self.wanted.check(packed) {
            Ok(found) => found.analysed.digests.sha256,
            Err(why) => return Ok(Err(why)),
        };
        if digest.is_some_and(|digest| digest.data() != id.0) {
            return Ok(Err("its SHA-256 is not that of the row".into()));
        }
        let spool = self.elsewhere.spool.as_mut().expect("made before any file is read");
        Ok(match spool.put(id, packed)? {
            SpoolOutcome::New | SpoolOutcome::Known => Ok(NameMeaning::Image(id)),
            SpoolOutcome::Contradicts => {
                Err(format!("another row says something else of {id}; neither is used"))
            }
        })
    }

    fn named(&mut self, name: &str, meaning: NameMeaning) {
        self.elsewhere.given.rows += 1;
        match self.elsewhere.names.entry(name_key(name)) {
            Entry::Vacant(free) => {
                free.insert(meaning);
            }
            Entry::Occupied(mut known) => {
                if *known.get() != meaning {
                    known.insert(NameMeaning::Unclear);
                }
            }
        }
    }

    fn refuse(&mut self, why: &str) {
        self.elsewhere.given.rows += 1;
        self.elsewhere.given.refused += 1;
        self.refused += 1;
        if self.refused <= TOLD {
            self.progress.warn(&format!("{}, row {}: not used: {why}", self.shown, self.row));
        }
    }

    fn told(&self) {
        if self.refused > TOLD {
            self.progress.warn(&format!("{}: {} rows in all could not be used", self.shown, self.refused));
        }
    }
}
