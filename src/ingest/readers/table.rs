//! CSV and its relatives: one ad a row, or one image a row.
//!
//! Rows of one ad with one image each need no merging here: they are equal records with different images, and a
//! case holds sets. The trap: a quote that is never closed swallows what follows without an error. It is watched for
//! here, at the end of the file and within it.

use super::layout::{At, Columns, RecordReader, Sink};
use super::manifest::Manifest;
use super::tools::Tools;
use crate::error::{Error, Result};
use crate::ingest::record::knows_column;
use crate::language::word;
use crate::source::{Quotes, Watched, lines_within, swallowed};
use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::WINDOWS_1252;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::io::{self, BufRead};

/// A row longer than this is an unclosed quote; reading it to its end could take all memory.
const LONGEST_ROW: u64 = 16 << 20;

/// The layout.
pub(super) struct TableReader;

impl RecordReader for TableReader {
    fn words(&self) -> &'static str {
        word!("a table (CSV)")
    }

    fn recognises(&self, ending: &str, head: &[u8]) -> bool {
        matches!(ending, "csv" | "tsv" | "tab") || looks_like_table(head)
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        let (said, mut line, mut start) = separator_line(manifest)?;
        let delimiter = said.unwrap_or(delimiter(manifest.head()?));
        if manifest.head()?.starts_with(b"\xEF\xBB\xBF") {
            manifest.reader().consume(3);
            start += 3;
        }
        line += 1;
        let watch = RefCell::new(Quotes::new(delimiter, LONGEST_ROW, line));
        let in_place = manifest.in_place;
        let mut rows = TableRows {
            sink,
            start: in_place.then_some(start),
            tools: Tools::default(),
            names: Vec::new(),
            delimiter,
            met_utf8: false,
        };
        let outcome = {
            let watched = Watched { inner: manifest.reader(), watch: &watch };
            let mut table = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(watched);
            rows.all(&mut table, &watch, line)?
        };
        match outcome {
            Some(End::Read(error)) => return Err(manifest.failed(error)),
            Some(End::Header(reason)) => {
                return Err(Error::Manifest { path: manifest.path.clone(), line, reason });
            }
            None => {}
        }
        rows.tools.finish(rows.sink)
    }
}

/// Whether some text is a table with names in its first line, at least two of which are known.
fn looks_like_table(head: &[u8]) -> bool {
    let mut lines = head.split(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let names = if first.starts_with(b"sep=") { lines.next().unwrap_or_default() } else { first };
    let names = String::from_utf8_lossy(names.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(names));
    let known = |name: &str| knows_column(name.trim().trim_matches('"'));
    names.split(char::from(delimiter(names.as_bytes()))).filter(|name| known(name)).count() >= 2
}

/// What separates the columns of a table that begins like this: the most frequent candidate in its header.
fn delimiter(head: &[u8]) -> u8 {
    let header = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| header.iter().filter(|&&byte| byte == delimiter).count();
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',')
}

/// The `sep=;` that Excel writes as a line of its own, and how many lines and bytes that took.
fn separator_line(manifest: &mut Manifest) -> Result<(Option<u8>, u64, u64)> {
    let head = manifest.head()?;
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator, b'\r' | b'\n', ..] = *head else {
        return Ok((None, 0, 0));
    };
    let mut line = Vec::new();
    manifest.reader().read_until(b'\n', &mut line).map_err(|error| manifest.failed(error))?;
    Ok((Some(separator), 1, line.len() as u64))
}

/// Why a table ended early.
enum End {
    Read(io::Error),
    Header(String),
}

/// A row that waits until the next one has begun.
struct HeldRow {
    line: u64,
    row: ByteRecord,
    /// It spans lines, and a quote in it stands where none belongs: it may be several rows.
    misquoted: bool,
}

/// Hands on rows.
struct TableRows<'s> {
    sink: &'s mut dyn Sink,
    /// Place of the header in the file, where places in the text are places in it.
    start: Option<u64>,
    tools: Tools,
    names: Vec<String>,
    delimiter: u8,
    /// Text beyond ASCII that was UTF-8 has been met, so the table is not in an older encoding.
    met_utf8: bool,
}

impl TableRows<'_> {
    /// All rows, each handed on once the next one has begun: the last may be what a quote swallowed.
    fn all<R: io::Read>(
        &mut self,
        table: &mut csv::Reader<R>,
        watch: &RefCell<Quotes>,
        first_line: u64,
    ) -> Result<Option<End>> {
        match table.byte_headers() {
            Ok(header) => self.names = header.iter().map(|name| self.text(name).trim().to_string()).collect(),
            Err(error) => return self.broken(error, watch),
        }
        if let Some(twice) = repeated(&self.names) {
            return Ok(Some(End::Header(format!("two columns are called `{twice}`; rename one of them"))));
        }
        let mut held: Option<HeldRow> = None;
        loop {
            watch.borrow_mut().allow(LONGEST_ROW);
            let mut row = ByteRecord::new();
            match table.read_byte_record(&mut row) {
                Ok(true) => {
                    let line = row.position().map_or(0, csv::Position::line) + first_line - 1;
                    let misplaced = watch.borrow_mut().misplaced_before(table.position().byte());
                    let misquoted = misplaced && lines_within(&row) > 0;
                    if let Some(held) = held.replace(HeldRow { line, row, misquoted }) {
                        self.row(&held)?;
                    }
                }
                Ok(false) => {
                    let open = watch.borrow().open();
                    if let Some((line, bytes)) = open {
                        let detail = format!(
                            "a quote opened here is never closed; {bytes} bytes to the end were not read"
                        );
                        self.sink.record(At::line(line), Err(detail))?;
                    } else if let Some(held) = held {
                        self.row(&held)?;
                    }
                    return Ok(None);
                }
                Err(error) => {
                    if let Some(held) = held {
                        self.row(&held)?;
                    }
                    return self.broken(error, watch);
                }
            }
        }
    }

    fn broken(&mut self, error: csv::Error, watch: &RefCell<Quotes>) -> Result<Option<End>> {
        let watch = watch.borrow();
        match error.into_kind() {
            csv::ErrorKind::Io(error) if !watch.exhausted() => Ok(Some(End::Read(error))),
            _ => {
                let detail =
                    format!("a row longer than {} MiB; the rest of the file was not read", LONGEST_ROW >> 20);
                let line = watch.open().map_or(watch.line(), |(line, _)| line);
                self.sink.record(At::line(line), Err(detail))?;
                Ok(None)
            }
        }
    }

    fn row(&mut self, held: &HeldRow) -> Result<()> {
        let HeldRow { line, row, misquoted } = held;
        let line = *line;
        if let Some(lines) = swallowed(row, self.names.len(), self.delimiter) {
            let detail =
                format!("a quote in this row takes in {lines} lines that look like rows; they were not read");
            return self.sink.record(At::line(line), Err(detail));
        }
        if *misquoted {
            let detail = format!(
                "text behind a closing quote in a row of {} lines; close every quote and double those within a field",
                lines_within(row) + 1
            );
            return self.sink.record(At::line(line), Err(detail));
        }
        let place = row.position().map(csv::Position::byte);
        let at = At { line, offset: self.start.zip(place).map(|(start, place)| start + place) };
        match self.columns(row) {
            Ok(columns) => self.tools.translate(at, "", &Columns::new(), columns, self.sink),
            Err(detail) => self.sink.record(At::line(line), Err(detail)),
        }
    }

    fn columns(&mut self, row: &ByteRecord) -> Result<Map<String, Value>, String> {
        let extra = row.iter().skip(self.names.len()).any(|value| !value.trim_ascii().is_empty());
        if row.len() < self.names.len() || extra {
            return Err(format!("{} columns, the header has {}", row.len(), self.names.len()));
        }
        let mut columns = Map::new();
        for (place, value) in row.iter().enumerate().take(self.names.len()) {
            let name = self.names[place].clone();
            let value = self.value(value).ok_or_else(|| format!("column {name} is not UTF-8"))?;
            if !value.trim().is_empty() && !name.is_empty() {
                columns.insert(name, Value::String(value));
            }
        }
        Ok(columns)
    }

    /// A value in UTF-8, or else in the encoding of Western Windows, which has Latin-1 in it.
    fn value(&mut self, bytes: &[u8]) -> Option<String> {
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                self.met_utf8 |= !text.is_ascii();
                Some(text.to_string())
            }
            Err(_) if self.met_utf8 || bytes.iter().any(|byte| UNASSIGNED.contains(byte)) => None,
            Err(_) => Some(self.text(bytes)),
        }
    }

    fn text(&mut self, bytes: &[u8]) -> String {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return text.to_string();
        }
        self.sink.note(
            "encoding",
            "not UTF-8; read as Windows-1252 (Latin-1). If letters come out wrong, save it as UTF-8",
        );
        WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
    }
}

/// Bytes that stand for nothing in Windows-1252.
const UNASSIGNED: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

fn repeated(names: &[String]) -> Option<&str> {
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}
