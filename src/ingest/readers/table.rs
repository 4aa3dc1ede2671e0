//! CSV and its relatives: one ad a row, or one image a row.
//!
//! Rows of one ad with one image each need no merging here: they are equal records with different images, and a
//! case holds sets.

use super::layout::{RecordReader, Sink};
use super::manifest::Manifest;
use crate::error::Result;
use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::io::{self, BufRead, Read};

/// A row longer than this is an unclosed quote; reading it to its end could take all memory.
const LONGEST_ROW: u64 = 16 << 20;

/// The layout.
pub(super) struct Table;

impl RecordReader for Table {
    fn recognises(&self, ending: &str, _: &[u8]) -> bool {
        matches!(ending, "csv" | "tsv" | "tab")
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        let delimiter = delimiter(manifest.head()?);
        read(manifest, delimiter, sink)
    }
}

/// What separates the columns of a table that begins like this: the most frequent candidate in its header.
fn delimiter(head: &[u8]) -> u8 {
    let header = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| header.iter().filter(|&&byte| byte == delimiter).count();
    [b'\t', b';', b','].into_iter().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',')
}

/// Reads a whole table; the first row names the columns.
fn read(source: &mut Manifest, delimiter: u8, sink: &mut dyn Sink) -> Result<()> {
    let allowance = Cell::new(LONGEST_ROW);
    let guarded = Guarded { inner: source.reader(), allowance: &allowance };
    let mut table = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(guarded);
    let outcome = rows(&mut table, &allowance, sink);
    let line = table.position().line();
    match outcome? {
        None => Ok(()),
        Some(error) => match error.into_kind() {
            csv::ErrorKind::Io(error) if allowance.get() > 0 => Err(source.failed(error)),
            _ => {
                let detail =
                    format!("a row longer than {} MiB; the rest of the file was not read", LONGEST_ROW >> 20);
                sink.record(line, Err(detail))
            }
        },
    }
}

/// Hands on all rows; the error that ended the table early, if one did.
fn rows<R: Read>(
    table: &mut csv::Reader<R>,
    allowance: &Cell<u64>,
    sink: &mut dyn Sink,
) -> Result<Option<csv::Error>> {
    let names: Vec<String> = match table.byte_headers() {
        Ok(header) => header.iter().map(|name| String::from_utf8_lossy(name).trim().to_string()).collect(),
        Err(error) => return Ok(Some(error)),
    };
    let mut row = ByteRecord::new();
    loop {
        allowance.set(LONGEST_ROW);
        match table.read_byte_record(&mut row) {
            Ok(true) => {
                let line = row.position().map_or(0, csv::Position::line);
                sink.record(line, columns(&names, &row))?;
            }
            Ok(false) => return Ok(None),
            Err(error) => return Ok(Some(error)),
        }
    }
}

fn columns(names: &[String], row: &ByteRecord) -> Result<Map<String, Value>, String> {
    if row.len() != names.len() {
        return Err(format!("{} columns, the header has {}", row.len(), names.len()));
    }
    let mut columns = Map::new();
    for (name, value) in names.iter().zip(row) {
        let value = std::str::from_utf8(value).map_err(|_| format!("column {name} is not UTF-8"))?;
        if !value.trim().is_empty() {
            columns.insert(name.clone(), Value::String(value.to_string()));
        }
    }
    Ok(columns)
}

/// Refuses to read on when one row has used up its allowance.
struct Guarded<'a, R> {
    inner: R,
    allowance: &'a Cell<u64>,
}

impl<R: BufRead> Read for Guarded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.allowance.get() == 0 {
            return Err(io::Error::other("row too long"));
        }
        let count = self.inner.read(buffer)?;
        self.allowance.set(self.allowance.get().saturating_sub(count as u64));
        Ok(count)
    }
}
