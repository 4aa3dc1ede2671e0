//! Tables: rows under a heading that names a hash, parted by commas, semicolons or tabs.
//!
//! What was read is kept by the names of its columns, since a row alone means nothing without its heading. The trap: a
//! quote that is never closed takes in the rows behind it, and hashes of some with ids of others would be an entry.

use super::digits::holds_digits;
use super::fields::EntryFields;
use super::stream::{LONGEST, ListStream};
use super::tally::ListIntake;
use crate::error::{Error, Result};
use crate::source::{Quotes, Watched, lines_within, swallowed};
use csv::{ByteRecord, ReaderBuilder};
use std::cell::RefCell;

/// Line breaks that the cells of one row may hold.
const MOST_BREAKS: usize = 63;

/// Where a table begins and what parts its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TableStart {
    pub(super) delimiter: u8,
    /// Lines before the heading.
    pub(super) lines: u64,
}

pub(super) fn read(
    stream: &mut ListStream<'_>,
    start: TableStart,
    intake: &mut ListIntake<'_>,
) -> Result<()> {
    stream.skip_lines(start.lines)?;
    let watch = RefCell::new(Quotes::new(start.delimiter, LONGEST as u64, start.lines + 1));
    let rows = ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(start.delimiter)
        .from_reader(Watched { inner: stream.reader(), watch: &watch });
    HashTable { start, watch: &watch, heading: ByteRecord::new(), intake }.all(rows)
}

/// A table on its way in.
struct HashTable<'t, 'i> {
    start: TableStart,
    watch: &'t RefCell<Quotes>,
    heading: ByteRecord,
    intake: &'t mut ListIntake<'i>,
}

/// A row that waits until the next one has begun: the last may be what a quote took in.
struct WaitingRow {
    line: u64,
    row: ByteRecord,
    /// Text stands behind a closing quote in it.
    misplaced: bool,
}

impl HashTable<'_, '_> {
    fn all<R: std::io::Read>(mut self, mut rows: csv::Reader<R>) -> Result<()> {
        let mut waiting: Option<WaitingRow> = None;
        loop {
            self.watch.borrow_mut().allow(LONGEST as u64);
            let mut row = ByteRecord::new();
            let read = rows.read_byte_record(&mut row);
            let (at, end) = (rows.position().line() + self.start.lines, rows.position().byte());
            let open = self.watch.borrow().open();
            match read {
                Ok(true) => {
                    // Where the reading stood before blank lines, or where a row that ends here must have begun.
                    let started = row.position().map_or(0, |place| place.line() + self.start.lines);
                    let line = started.max(at.saturating_sub(lines_within(&row) as u64 + 1));
                    let misplaced = self.watch.borrow_mut().misplaced_before(end);
                    if let Some(before) = waiting.replace(WaitingRow { line, row, misplaced }) {
                        self.row(before)?;
                    }
                }
                Ok(false) => {
                    return match (open, waiting) {
                        (Some((line, bytes)), _) => {
                            let detail = format!(
                                "a quote opened here is never closed: close it, or double it within a cell; \
                                 {bytes} bytes to the end were not read"
                            );
                            self.intake.refuse(line, detail);
                            Ok(())
                        }
                        (None, Some(last)) => self.row(last),
                        (None, None) => Ok(()),
                    };
                }
                Err(error) => {
                    waiting.map_or(Ok(()), |last| self.row(last))?;
                    return self.broken(error, open.map_or(at, |(line, _)| line));
                }
            }
        }
    }

    /// An error of the stream, or a row that is too long.
    fn broken(self, error: csv::Error, line: u64) -> Result<()> {
        match error.into_kind() {
            csv::ErrorKind::Io(error) if !self.watch.borrow().exhausted() => {
                Err(Error::io("read", self.intake.file(), error))
            }
            _ => {
                let detail = format!(
                    "a row longer than {} MiB: is a quote in it never closed? The rest of the file was not read",
                    LONGEST >> 20
                );
                self.intake.refuse(line, detail);
                Ok(())
            }
        }
    }

    fn row(&mut self, waiting: WaitingRow) -> Result<()> {
        let WaitingRow { line, row, misplaced } = waiting;
        if let Some(reason) = self.taken_in(&row, misplaced) {
            self.intake.refuse(line, reason);
            return Ok(());
        }
        if self.heading.is_empty() {
            self.heading = row;
            return Ok(());
        }
        let is_comment = row.get(0).is_some_and(|cell| cell.starts_with(b"#"));
        if is_comment && !row.iter().any(holds_digits) {
            return Ok(());
        }
        match fields(&self.heading, &row, self.intake) {
            Ok(fields) => self.intake.take(line, fields.said()),
            Err(reason) => {
                self.intake.refuse(line, reason);
                Ok(())
            }
        }
    }

    /// Why this looks like several rows in one.
    fn taken_in(&self, row: &ByteRecord, misplaced: bool) -> Option<String> {
        let breaks = lines_within(row);
        let rows = swallowed(row, self.heading.len(), self.start.delimiter);
        let what = match rows {
            Some(rows) => format!("{rows} lines in it look like rows"),
            None if breaks > MOST_BREAKS => format!("more than {} lines", MOST_BREAKS + 1),
            None if misplaced && breaks > 0 => "text stands behind a closing quote".into(),
            None => return None,
        };
        let lines = breaks + 1;
        Some(format!(
            "a quote took in what follows ({what}): close it, or double it within a cell; {lines} lines were not read"
        ))
    }
}

/// What a row says under the names of its heading.
fn fields(heading: &ByteRecord, row: &ByteRecord, intake: &ListIntake<'_>) -> Result<EntryFields, String> {
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_string());
    let mut fields = EntryFields::new(intake.bare);
    for (name, cell) in heading.iter().zip(row) {
        fields.put(text(name)?, text(cell)?.into());
    }
    Ok(fields)
}
