//! Watches the quotes of a table while its bytes pass: where the last one was opened, whether a row is too long, and
//! what a quote that was never closed took in.
//!
//! Follows the rules of the reader behind it: a quote opens a field only at its start, and a doubled one within it is a
//! letter. The trap: that reader reads ahead, so what has passed here belongs to rows that it has not given yet.

use csv::ByteRecord;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

/// Lines of a row that look like rows of their own, from which on they are taken for what a quote swallowed.
const SWALLOWED: usize = 3;

/// State of the quotes after the bytes that passed.
pub(crate) struct Quotes {
    delimiter: u8,
    state: QuoteState,
    line: u64,
    passed: u64,
    /// Line and place of the quote that is open.
    opened: (u64, u64),
    allowance: u64,
    /// Places of what stands behind a closing quote and ends no field, in rows not asked for yet.
    misplaced: VecDeque<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum QuoteState {
    FieldStart,
    Plain,
    Quoted,
    /// A quote within quotes: the end, or the first of two.
    Closing,
}

impl Quotes {
    pub(crate) fn new(delimiter: u8, allowance: u64, line: u64) -> Self {
        Self {
            delimiter,
            state: QuoteState::FieldStart,
            line,
            passed: 0,
            opened: (0, 0),
            allowance,
            misplaced: VecDeque::new(),
        }
    }

    /// Lets a row have this many more bytes.
    pub(crate) fn allow(&mut self, bytes: u64) {
        self.allowance = bytes;
    }

    pub(crate) fn exhausted(&self) -> bool {
        self.allowance == 0
    }

    #[cfg(feature = "case")]
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The line of the quote that is open, and how many bytes have passed since.
    pub(crate) fn open(&self) -> Option<(u64, u64)> {
        (self.state == QuoteState::Quoted).then(|| (self.opened.0, self.passed - self.opened.1))
    }

    /// Whether text stands behind a closing quote before a place, and after the place asked for last: the end of a row.
    /// In a row of several lines such a quote was meant to open something.
    pub(crate) fn misplaced_before(&mut self, place: u64) -> bool {
        let before = self.misplaced.partition_point(|at| *at < place);
        self.misplaced.drain(..before).count() > 0
    }

    fn pass(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.state = match (self.state, byte) {
                (QuoteState::FieldStart, b'"') => {
                    self.opened = (self.line, self.passed);
                    QuoteState::Quoted
                }
                (QuoteState::Quoted, b'"') => QuoteState::Closing,
                (QuoteState::Quoted, _) | (QuoteState::Closing, b'"') => QuoteState::Quoted,
                (_, byte) if byte == self.delimiter || byte == b'\n' || byte == b'\r' => {
                    QuoteState::FieldStart
                }
                (QuoteState::Closing, _) => {
                    self.misplaced.push_back(self.passed);
                    QuoteState::Plain
                }
                _ => QuoteState::Plain,
            };
            self.line += u64::from(byte == b'\n');
            self.passed += 1;
        }
        self.allowance = self.allowance.saturating_sub(bytes.len() as u64);
    }
}

/// A table whose quotes are watched; refuses to be read on when one row has used up its allowance.
pub(crate) struct Watched<'a, R> {
    pub(crate) inner: R,
    pub(crate) watch: &'a RefCell<Quotes>,
}

impl<R: BufRead> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.watch.borrow().exhausted() {
            return Err(io::Error::other("row too long"));
        }
        let count = self.inner.read(buffer)?;
        self.watch.borrow_mut().pass(&buffer[..count]);
        Ok(count)
    }
}

/// How many lines within a row look like rows of so many columns, where most do.
pub(crate) fn swallowed(row: &ByteRecord, columns: usize, delimiter: u8) -> Option<usize> {
    let separators = columns.checked_sub(1).filter(|count| *count > 0)?;
    let looks_like_row = |line: &[u8]| line.iter().filter(|&&byte| byte == delimiter).count() == separators;
    let of_field = |field: &[u8]| {
        let inner: Vec<&[u8]> = field.split(|&byte| byte == b'\n').skip(1).collect();
        let rows = inner.iter().filter(|line| looks_like_row(line)).count();
        (rows >= SWALLOWED && 2 * rows >= inner.len()).then_some(rows)
    };
    row.iter().filter(|field| field.len() > 2 * separators * SWALLOWED).find_map(of_field)
}

/// Lines of a row beyond its first.
pub(crate) fn lines_within(row: &ByteRecord) -> usize {
    row.as_slice().iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn open(text: &str) -> Option<(u64, u64)> {
        let mut quotes = Quotes::new(b',', 1000, 1);
        quotes.pass(text.as_bytes());
        quotes.open()
    }

    #[test]
    fn the_last_open_quote_is_known() {
        assert_eq!(open("a,\"b\"\"c\"\n"), None);
        assert_eq!(open("a,b\"c\n"), None);
        assert_eq!(open("a\nb,\"c\nd"), Some((2, 4)));
        assert_eq!(open("\"a\"b,\"\"\"\n"), Some((1, 4)));
    }

    #[test]
    fn what_follows_a_closing_quote_is_told_once_and_of_its_row() {
        let mut quotes = Quotes::new(b',', 1000, 1);
        quotes.pass(b"\"a\",b\n\"c\nd,\"e\",f\ng\n");
        assert!(!quotes.misplaced_before(6), "the first row");
        assert!(quotes.misplaced_before(17) && !quotes.misplaced_before(17), "the second row");
        assert!(!quotes.misplaced_before(100));
    }

    proptest! {
        /// What the reader of tables takes for one row to the end is what is open here.
        #[test]
        fn agrees_with_the_reader_of_tables(text in "[a,\"\n]{0,30}") {
            let end = "\nz,z\nz,z\n";
            let whole = format!("{text}{end}");
            let mut table = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(whole.as_bytes());
            let last = table.byte_records().map(|row| row.unwrap()).last();
            let swallowed = last.is_some_and(|row| row != vec!["z", "z"]);
            prop_assert_eq!(open(&whole).is_some(), swallowed);
        }
    }
}
