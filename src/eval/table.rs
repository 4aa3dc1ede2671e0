//! CSV files with a heading, read row by row; what is wrong is told with file and line.
//!
//! Columns are found by name and may stand in any order. The trap: a cell that is absent and a cell that is empty
//! are both "not said", so [`TableRow::text`] gives an empty text for either.

use crate::error::{Error, Result};
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// One file, with its heading.
pub(super) struct CsvTable {
    path: PathBuf,
    columns: HashMap<String, usize>,
    reader: csv::Reader<File>,
}

/// One row and where it stands.
pub(super) struct TableRow<'t> {
    path: &'t Path,
    columns: &'t HashMap<String, usize>,
    record: csv::StringRecord,
}

impl CsvTable {
    /// Opens a file and reads its heading, which must hold every column of `needed`.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::Table`] when a column is missing.
    pub(super) fn open(path: &Path, needed: &[&str]) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
        let mut reader = csv::ReaderBuilder::new().from_reader(file);
        let heading = reader.headers().map_err(|error| wrong(path, 1, &error))?;
        let columns: HashMap<String, usize> =
            heading.iter().enumerate().map(|(place, name)| (name.to_string(), place)).collect();
        if let Some(missing) = needed.iter().find(|name| !columns.contains_key(**name)) {
            let found: Vec<&str> = heading.iter().collect();
            let reason = format!("no column `{missing}`; found: {}", found.join(", "));
            return Err(Error::Table { path: path.into(), line: 1, reason });
        }
        Ok(Self { path: path.into(), columns, reader })
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Every row, in order.
    ///
    /// # Errors
    /// [`Error::Table`] for a row of another length, or one that is not UTF-8; whatever `each` returns.
    pub(super) fn for_each(&mut self, mut each: impl FnMut(&TableRow<'_>) -> Result<()>) -> Result<()> {
        for record in self.reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map_or(0, csv::Position::line);
                wrong(&self.path, line, &error)
            })?;
            each(&TableRow { path: &self.path, columns: &self.columns, record })?;
        }
        Ok(())
    }
}

impl TableRow<'_> {
    /// A cell; empty where the file has no such column.
    pub(super) fn text(&self, column: &str) -> &str {
        self.columns.get(column).and_then(|&place| self.record.get(place)).unwrap_or_default()
    }

    /// A number; `None` where the cell is empty or there is no such column.
    pub(super) fn number(&self, column: &str) -> Result<Option<f64>> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| self.wrong(format!("`{column}` is `{text}`, expected a number")))
    }

    /// An error about this row.
    pub(super) fn wrong(&self, reason: String) -> Error {
        Error::Table { path: self.path.into(), line: self.line(), reason }
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }
}

fn wrong(path: &Path, line: u64, error: &csv::Error) -> Error {
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} cells where the heading has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".into(),
        _ => error.to_string(),
    };
    Error::Table { path: path.into(), line, reason }
}
