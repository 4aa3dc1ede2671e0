//! JSON Lines, a JSON array, or JSON objects over several lines: told apart by content.
//!
//! In JSON Lines a bad line is reported and the next one read. In the other forms nothing can be read past an
//! error: the rest of the file is lost, and reported as such.

use super::layout::{RecordReader, Sink};
use super::manifest::Manifest;
use crate::error::Result;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde_json::{Deserializer, Map, Value};
use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Cursor, Read};

/// A line longer than this is no record but a mistake; it is skipped without being held in memory.
const LONGEST_LINE: u64 = 16 << 20;

/// The layout.
pub(super) struct Json;

impl RecordReader for Json {
    fn recognises(&self, ending: &str, head: &[u8]) -> bool {
        match ending {
            "jsonl" | "ndjson" | "json" => true,
            "csv" | "tsv" | "tab" => false,
            _ => matches!(head.trim_ascii_start().first(), Some(b'{' | b'[')),
        }
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        read(manifest, sink)
    }
}

/// Reads a whole manifest.
fn read(source: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
    let (mut line, mut number, mut first) = (Vec::new(), 0, true);
    loop {
        line.clear();
        let size = next_line(source.reader(), &mut line).map_err(|error| source.failed(error))?;
        if size == 0 {
            return Ok(());
        }
        number += 1;
        let text = line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| number == 1).unwrap_or(&line).trim_ascii();
        if size > LONGEST_LINE {
            sink.record(number, Err(format!("longer than {} MiB", LONGEST_LINE >> 20)))?;
        } else if first && starts_a_document(source, text) {
            return document(source, number, text, sink);
        } else if !text.is_empty() {
            sink.record(number, record(text))?;
        }
        first &= text.is_empty();
    }
}

/// Reads one line, its end included, and returns its size. Of a line that is too long only the start is kept.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    let mut size = reader.take(LONGEST_LINE + 1).read_until(b'\n', line)? as u64;
    if size > LONGEST_LINE && line.last() != Some(&b'\n') {
        size += skip_line(reader)?;
    }
    Ok(size)
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = reader.fill_buf()?;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let size = end.map_or(buffer.len(), |end| end + 1);
        reader.consume(size);
        skipped += size as u64;
        if end.is_some() || size == 0 {
            return Ok(skipped);
        }
    }
}

fn record(line: &[u8]) -> Result<Map<String, Value>, String> {
    let text = std::str::from_utf8(line).map_err(|error| format!("not UTF-8: {error}"))?;
    serde_json::from_str(text).map_err(|error| error.to_string().replace(" at line 1 column ", " at column "))
}

/// An array, or, in a file named `.json`, an object that goes on over the next lines.
fn starts_a_document(source: &Manifest, line: &[u8]) -> bool {
    let is_json = source.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let goes_on = || serde_json::from_slice::<Map<String, Value>>(line).is_err_and(|error| error.is_eof());
    line.starts_with(b"[") || is_json && line.starts_with(b"{") && goes_on()
}

/// Reads an array of records, or records one after the other; `head` is the line that was taken off already.
fn document(source: &mut Manifest, number: u64, head: &[u8], sink: &mut dyn Sink) -> Result<()> {
    let line = Cell::new(number);
    let is_array = head.starts_with(b"[");
    let head = Cursor::new([head, b"\n"].concat());
    let reader = CountingLines { inner: head.chain(source.reader()), line: &line };
    let mut stopped = Ok(());
    let mut each = |value: Value| {
        let record = match value {
            Value::Object(record) => Ok(record),
            _ => Err("a record must be an object".to_string()),
        };
        stopped = sink.record(line.get(), record);
        stopped.is_ok()
    };
    let mut json = Deserializer::from_reader(reader);
    let outcome = if is_array {
        serde::Deserializer::deserialize_seq(&mut json, Elements(&mut each)).and_then(|()| json.end())
    } else {
        json.into_iter().try_for_each(|value| if each(value?) { Ok(()) } else { Err(stop()) })
    };
    stopped?;
    match outcome {
        Err(error) if error.is_io() => Err(source.failed(error.into())),
        Err(error) => sink.record(line.get(), Err(format!("{error}; the rest of the file was not read"))),
        Ok(()) => Ok(()),
    }
}

/// Ends deserialisation after the sink refused; never shown.
fn stop() -> serde_json::Error {
    serde_json::Error::custom("stopped")
}

/// Hands on the elements of an array one by one; stops at the first `false`.
struct Elements<'a>(&'a mut dyn FnMut(Value) -> bool);

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element()? {
            if !(self.0)(element) {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// Counts line ends as they are read; the JSON reader takes one byte at a time.
struct CountingLines<'a, R> {
    inner: R,
    line: &'a Cell<u64>,
}

impl<R: Read> Read for CountingLines<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let ends = buffer[..count].iter().filter(|&&byte| byte == b'\n').count();
        self.line.set(self.line.get() + ends as u64);
        Ok(count)
    }
}
