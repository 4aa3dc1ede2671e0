//! CSV files with a heading, read row by row; what is wrong is told with file and line.
//!
//! Columns are found by name and may stand in any order. The trap: a cell that is absent and a cell that is empty
//! are both "not said", so [`TableRow::text`] gives an empty text for either.

use crate::error::{Error, Result};
use std::cell::Cell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The largest row, in bytes: a quote that is never closed must not take the file into memory.
const LARGEST: u64 = 16 << 20;

/// One file, with its heading.
pub(super) struct CsvTable {
    path: PathBuf,
    columns: HashMap<String, usize>,
    reader: csv::Reader<RowLimit>,
    left: Rc<Cell<u64>>,
}

/// A file that is read row by row, none of them larger than allowed.
struct RowLimit {
    file: File,
    /// Bytes that may still be read before the row at hand has to end.
    left: Rc<Cell<u64>>,
}

impl Read for RowLimit {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        match self.left.get().checked_sub(read as u64) {
            Some(left) => self.left.set(left),
            None => {
                let text = format!("a row of more than {} MiB; is a quote never closed?", LARGEST >> 20);
                return Err(io::Error::other(text));
            }
        }
        Ok(read)
    }
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
        let left = Rc::new(Cell::new(LARGEST));
        let mut reader = csv::ReaderBuilder::new().from_reader(RowLimit { file, left: Rc::clone(&left) });
        let heading = reader.headers().map_err(|error| wrong(path, 1, &error))?;
        let columns: HashMap<String, usize> =
            heading.iter().enumerate().map(|(place, name)| (name.to_string(), place)).collect();
        if let Some(missing) = needed.iter().find(|name| !columns.contains_key(**name)) {
            let found: Vec<&str> = heading.iter().collect();
            let reason = format!("no column `{missing}`; found: {}", found.join(", "));
            return Err(Error::Table { path: path.into(), line: 1, reason });
        }
        Ok(Self { path: path.into(), columns, reader, left })
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
            self.left.set(LARGEST);
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
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    };
    Error::Table { path: path.into(), line, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let rows = |path: &Path| {
            let mut rows = 0;
            CsvTable::open(path, &["a"])?.for_each(|_| {
                rows += 1;
                Ok(())
            })?;
            Ok::<u64, Error>(rows)
        };
        std::fs::write(&path, format!("a,b\n1,2\n\"{}", "x,y\n".repeat(5 << 20))).unwrap();
        let error = rows(&path).unwrap_err().to_string();
        assert!(error.contains("16 MiB") && error.contains("quote"), "{error}");
        std::fs::write(&path, format!("{}\n", "a".repeat(17 << 20))).unwrap();
        assert!(rows(&path).unwrap_err().to_string().contains("16 MiB"));
        // The limit is on a row and not on the file.
        std::fs::write(&path, format!("a,b\n{}", format!("{},2\n", "x".repeat(999)).repeat(20_000))).unwrap();
        assert_eq!(rows(&path).unwrap(), 20_000);
    }
}
