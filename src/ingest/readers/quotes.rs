//! Watches the quotes of a table while its bytes pass: where the last one was opened, and whether a row is too long.
//!
//! Follows the rules of the reader behind it: a quote opens a field only at its start, and a doubled one within it is a
//! letter.

use std::cell::RefCell;
use std::io::{self, BufRead, Read};

/// State of the quotes after the bytes that passed.
pub(super) struct Quotes {
    delimiter: u8,
    state: QuoteState,
    line: u64,
    passed: u64,
    /// Line and place of the quote that is open.
    opened: (u64, u64),
    allowance: u64,
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
    pub(super) fn new(delimiter: u8, allowance: u64, line: u64) -> Self {
        Self { delimiter, state: QuoteState::FieldStart, line, passed: 0, opened: (0, 0), allowance }
    }

    /// Lets a row have this many more bytes.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.allowance = bytes;
    }

    pub(super) fn exhausted(&self) -> bool {
        self.allowance == 0
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The line of the quote that is open, and how many bytes have passed since.
    pub(super) fn open(&self) -> Option<(u64, u64)> {
        (self.state == QuoteState::Quoted).then(|| (self.opened.0, self.passed - self.opened.1))
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
                _ => QuoteState::Plain,
            };
            self.line += u64::from(byte == b'\n');
            self.passed += 1;
        }
        self.allowance = self.allowance.saturating_sub(bytes.len() as u64);
    }
}

/// A table whose quotes are watched; refuses to be read on when one row has used up its allowance.
pub(super) struct Watched<'a, R> {
    pub(super) inner: R,
    pub(super) watch: &'a RefCell<Quotes>,
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
