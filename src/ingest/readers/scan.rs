//! JSON taken apart into values without being understood: each comes out as its bytes, with the line it begins on.
//!
//! So a document of any size is read in the memory of one element, and a bad element costs itself alone. The trap: what
//! is taken for a value need not be JSON. Brackets only have to close; whoever parses the bytes says whether they mean
//! anything.

use std::io::{self, BufRead};

/// A value longer than this is no record but a mistake; it is passed over without being held in memory.
pub(super) const LONGEST: usize = 16 << 20;

/// The bytes of one value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Raw {
    pub(super) bytes: Vec<u8>,
    /// Line on which it begins, from 1.
    pub(super) line: u64,
    /// Place of its first byte in the text.
    pub(super) offset: u64,
    /// Size of all of it; above [`LONGEST`] only its start is there.
    pub(super) size: u64,
    /// The text ended before it did.
    pub(super) cut: bool,
}

/// A place in a text of JSON.
pub(super) struct Scanner<'r> {
    reader: &'r mut dyn BufRead,
    pub(super) line: u64,
    pub(super) offset: u64,
}

impl<'r> Scanner<'r> {
    pub(super) fn new(reader: &'r mut dyn BufRead, line: u64, offset: u64) -> Self {
        Self { reader, line, offset }
    }

    /// The next byte that is no white space, left where it is.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let blank = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let found = buffer.get(blank).copied();
            self.take(blank)?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Takes the next byte that is no white space when it is this one.
    pub(super) fn eat(&mut self, byte: u8) -> io::Result<bool> {
        let found = self.peek()? == Some(byte);
        if found {
            self.take(1)?;
        }
        Ok(found)
    }

    /// Takes bytes that are in the buffer.
    fn take(&mut self, count: usize) -> io::Result<()> {
        let buffer = self.reader.fill_buf()?;
        self.line += buffer[..count].iter().filter(|byte| **byte == b'\n').count() as u64;
        self.offset += count as u64;
        self.reader.consume(count);
        Ok(())
    }

    /// The next value; `None` at the end of the text, or before a bracket or comma that is none.
    pub(super) fn value(&mut self) -> io::Result<Option<Raw>> {
        let Some(first) = self.peek()? else { return Ok(None) };
        if matches!(first, b',' | b']' | b'}' | b':') {
            return Ok(None);
        }
        let mut raw = Raw { bytes: Vec::new(), line: self.line, offset: self.offset, size: 0, cut: false };
        let mut shape = Shape::default();
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                raw.cut = !shape.is_scalar() || shape.in_text;
                return Ok(Some(raw));
            }
            let (end, ended) = shape.advance(buffer);
            let room = LONGEST.saturating_sub(raw.bytes.len()).min(end);
            raw.bytes.extend_from_slice(&buffer[..room]);
            raw.size += end as u64;
            self.take(end)?;
            if ended {
                return Ok(Some(raw));
            }
        }
    }
}

/// How far a value has come.
#[derive(Default)]
struct Shape {
    /// Brackets that are open, the outermost first.
    open: Vec<u8>,
    in_text: bool,
    escaped: bool,
    begun: bool,
}

/// Deeper than any record; brackets beyond it are not told apart.
const DEEPEST: usize = 512;

impl Shape {
    fn is_scalar(&self) -> bool {
        self.open.is_empty()
    }

    /// How many of these bytes belong to the value, and whether it ends with them.
    fn advance(&mut self, bytes: &[u8]) -> (usize, bool) {
        for (at, &byte) in bytes.iter().enumerate() {
            if self.in_text {
                self.text(byte);
                if !self.in_text && self.open.is_empty() {
                    return (at + 1, true);
                }
                continue;
            }
            match byte {
                b'"' => self.in_text = true,
                b'{' | b'[' if self.open.len() < DEEPEST => self.open.push(byte),
                b'}' | b']' => {
                    let partner = if byte == b'}' { b'{' } else { b'[' };
                    match self.open.iter().rposition(|open| *open == partner) {
                        Some(place) => self.open.truncate(place),
                        // Closes what is around the value: a bracket of its own was never closed.
                        None => return (at, true),
                    }
                    if self.open.is_empty() {
                        return (at + 1, true);
                    }
                }
                b',' | b':' if self.open.is_empty() => return (at, true),
                _ if byte.is_ascii_whitespace() && self.open.is_empty() && self.begun => return (at, true),
                _ => {}
            }
            self.begun = true;
        }
        (bytes.len(), false)
    }

    fn text(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_text = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    /// All values of a text, read through a buffer of some size.
    fn values(text: &[u8], buffer: usize) -> Vec<(u64, String, bool)> {
        let mut reader = BufReader::with_capacity(buffer, text);
        let mut scanner = Scanner::new(&mut reader, 1, 0);
        let mut values = Vec::new();
        loop {
            match scanner.value().unwrap() {
                Some(raw) => {
                    assert!(text[raw.offset as usize..].starts_with(&raw.bytes));
                    values.push((raw.line, String::from_utf8_lossy(&raw.bytes).into_owned(), raw.cut));
                }
                None => match scanner.peek().unwrap() {
                    Some(byte) => assert!(scanner.eat(byte).unwrap()),
                    None => return values,
                },
            }
        }
    }

    #[test]
    fn values_come_out_whole() {
        let text = br#" {"a": "]}\"", "b": [1, {}]}, 12 ,"t,\\",
 null [ [ ] {]"#;
        let found = values(text, 3);
        let texts: Vec<&str> = found.iter().map(|(_, text, _)| text.as_str()).collect();
        assert_eq!(texts, [r#"{"a": "]}\"", "b": [1, {}]}"#, "12", r#""t,\\""#, "null", "[ [ ] {]"]);
        assert_eq!(found.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [1, 1, 1, 2, 2]);
        assert!(values(b"{\"a\": [", 8)[0].2);
    }

    proptest! {
        #[test]
        fn the_size_of_the_buffer_does_not_matter(text in "[\\[\\]{}\",:\\\\ \na1]{0,80}", buffer in 1usize..9) {
            prop_assert_eq!(values(text.as_bytes(), buffer), values(text.as_bytes(), 1000));
        }

        #[test]
        fn an_array_of_good_json_comes_apart_as_it_is(numbers in proptest::collection::vec(any::<i32>(), 0..9)) {
            let text: Vec<String> = numbers.iter().map(|n| format!("{{\"n\":[{n},\"]\"]}}")).collect();
            let found: Vec<String> = values(text.join(",\n").as_bytes(), 7).into_iter().map(|(_, text, _)| text).collect();
            prop_assert_eq!(found, text);
        }
    }
}
