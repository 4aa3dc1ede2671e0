//! Spreadsheets: Excel (xlsx, xlsb, xls) and OpenDocument. The first sheet with known columns is the table.
//!
//! The trap: a spreadsheet has numbers where people see text. Whole numbers are written without a point, dates as dates;
//! an id whose leading zeros the spreadsheet dropped has lost them for good.

use super::layout::{At, Columns, RecordReader, Sink};
use super::manifest::Manifest;
use crate::error::Result;
use crate::ingest::record::knows_column;
use crate::language::word;
use crate::source::read_file;
use calamine::{Data, Range, Reader, open_workbook_auto_from_rs};
use serde_json::Value;
use std::io::Cursor;

/// The largest workbook, and the most cells of a sheet: both are held in memory.
const LARGEST: u64 = 512 << 20;
const CELLS: usize = 50_000_000;

/// The layout.
pub(super) struct Workbook;

impl RecordReader for Workbook {
    fn words(&self) -> &'static str {
        word!("a spreadsheet")
    }

    fn recognises(&self, ending: &str, head: &[u8]) -> bool {
        let has = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
        let zip = head.starts_with(b"PK\x03\x04");
        let named = matches!(ending, "xlsx" | "xlsm" | "xlsb" | "ods");
        let old = head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
        old || zip && (named || has(b"[Content_Types].xml") || has(b"opendocument.spreadsheet"))
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        let bytes = match read_file(&manifest.path, LARGEST) {
            Ok(bytes) => bytes,
            Err(fault) => return sink.record(At::default(), Err(fault.detail)),
        };
        let mut book = match open_workbook_auto_from_rs(Cursor::new(bytes)) {
            Ok(book) => book,
            Err(error) => {
                return sink
                    .record(At::default(), Err(format!("a spreadsheet that cannot be read: {error}")));
            }
        };
        let names = book.sheet_names();
        let sheets: Vec<(String, Range<Data>)> = names
            .into_iter()
            .filter_map(|name| Some((name.clone(), book.worksheet_range(&name).ok()?)))
            .collect();
        let known = |range: &Range<Data>| {
            range.rows().next().map_or(0, |row| row.iter().filter(|cell| knows_column(&text(cell))).count())
        };
        let best = sheets.iter().rev().max_by_key(|(_, range)| known(range));
        for (name, range) in &sheets {
            if best.is_some_and(|(best, _)| best == name) {
                rows(range, sink)?;
            } else if !range.is_empty() {
                sink.note("sheets", &format!("only one sheet is read; `{name}` is not"));
                sink.unused("sheet", 1);
            }
        }
        Ok(())
    }
}

fn rows(range: &Range<Data>, sink: &mut dyn Sink) -> Result<()> {
    if range.get_size().0.saturating_mul(range.get_size().1) > CELLS {
        return sink.record(At::default(), Err(format!("more than {CELLS} cells")));
    }
    let first = range.start().map_or(0, |(row, _)| u64::from(row)) + 1;
    let mut rows = range.rows();
    let Some(header) = rows.next() else { return Ok(()) };
    let names: Vec<String> = header.iter().map(text).collect();
    for (line, row) in (first + 1..).zip(rows) {
        let cells = names.iter().zip(row).map(|(name, cell)| (name.clone(), text(cell)));
        let columns: Columns = cells
            .filter(|(name, cell)| !name.is_empty() && !cell.is_empty())
            .map(|(name, cell)| (name, Value::String(cell)))
            .collect();
        if !columns.is_empty() {
            sink.record(At::line(line), Ok(columns))?;
        }
    }
    Ok(())
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.trim().to_string(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(yes) => yes.to_string(),
        Data::DateTime(time) => moment(time.as_f64()),
    }
}

/// Days since 1899-12-30 as a date, with the time of day where there is one.
fn moment(days: f64) -> String {
    let seconds = ((days - 25_569.0) * 86_400.0).round();
    let Ok(time) = jiff::Timestamp::from_second(seconds as i64) else { return String::new() };
    time.strftime(if days.fract() == 0.0 { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%SZ" }).to_string()
}
