//! JSON Lines, or a document of JSON: told apart by content.
//!
//! In JSON Lines a bad line is reported and the next one read. A document goes to [`walk`], which finds the
//! records in it. The trap: a file may hold one object on one line, which is both; only what is in it tells.

use super::layout::{At, Columns, RecordReader, Sink};
use super::manifest::Manifest;
use super::object::parse;
use super::scan::{LONGEST, Scanner};
use super::walk;
use crate::error::Result;
use crate::language::word;
use std::io::{self, BufRead, Read};

/// The layout.
pub(super) struct Json;

impl RecordReader for Json {
    fn words(&self) -> &'static str {
        word!("records in JSON")
    }

    fn recognises(&self, ending: &str, head: &[u8]) -> bool {
        match ending {
            "jsonl" | "ndjson" | "json" | "jl" | "geojson" => true,
            "csv" | "tsv" | "tab" => false,
            _ => matches!(head.trim_ascii_start().first(), Some(b'{' | b'[')),
        }
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        let is_json = manifest.ending() == "json";
        let in_place = manifest.in_place;
        let start = match bom_and_blanks(manifest.reader()) {
            Ok(start) => start,
            Err(error) => return Err(manifest.failed(error)),
        };
        let document = is_document(manifest.head()?, is_json);
        let mut layouts = walk::Layouts::new(sink, in_place);
        let outcome = if document {
            walk::document(&mut Scanner::new(manifest.reader(), start.0, start.1), &mut layouts)
        } else {
            lines(manifest.reader(), start, &mut layouts)
        };
        match outcome {
            Err(walk::Stopped::Sink(error)) => return Err(error),
            Err(walk::Stopped::Read(error)) => return Err(manifest.failed(error)),
            Ok(()) => {}
        }
        layouts.finish()
    }
}

/// Takes a byte order mark and the blank lines after it; the line and place of what comes next.
fn bom_and_blanks(reader: &mut dyn BufRead) -> io::Result<(u64, u64)> {
    let mut offset = 0;
    if reader.fill_buf()?.starts_with(b"\xEF\xBB\xBF") {
        reader.consume(3);
        offset = 3;
    }
    let mut scanner = Scanner::new(reader, 1, offset);
    scanner.peek()?;
    Ok((scanner.line, scanner.offset))
}

/// An array, an object around an array of records, or an object that goes on over the next lines.
fn is_document(head: &[u8], is_json: bool) -> bool {
    if head.first() != Some(&b'{') {
        return head.first() == Some(&b'[');
    }
    let Some(end) = head.iter().position(|&byte| byte == b'\n') else {
        // One long line, or the end of a short file: whatever it is, it is read as a document and comes out right.
        return true;
    };
    match serde_json::from_slice::<Columns>(&head[..end]) {
        Ok(object) => walk::wraps_records(&object),
        Err(error) => error.is_eof() && (is_json || head[..end].trim_ascii_end() == b"{"),
    }
}

/// Reads records line by line.
fn lines(reader: &mut dyn BufRead, start: (u64, u64), layouts: &mut walk::Layouts<'_>) -> walk::Outcome {
    let (mut line, (mut number, mut offset)) = (Vec::new(), start);
    loop {
        line.clear();
        let size = next_line(reader, &mut line)?;
        if size == 0 {
            return Ok(());
        }
        let text = line.trim_ascii();
        let at = At { line: number, offset: Some(offset) };
        if size > LONGEST as u64 {
            layouts.bad(at, format!("longer than {} MiB", LONGEST >> 20))?;
        } else if !text.is_empty() {
            match parse(text) {
                Ok(columns) => layouts.take(at, columns)?,
                Err(detail) => layouts.bad(at, detail)?,
            }
        }
        number += 1;
        offset += size;
    }
}

/// Reads one line, its end included, and returns its size. Of a line that is too long only the start is kept.
fn next_line(mut reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    let longest = LONGEST as u64;
    let mut size = (&mut reader).take(longest + 1).read_until(b'\n', line)? as u64;
    if size > longest && line.last() != Some(&b'\n') {
        size += skip_line(reader)?;
    }
    Ok(size)
}

fn skip_line(reader: &mut dyn BufRead) -> io::Result<u64> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_documents_are_told_apart() {
        for (head, json, document) in [
            (r#"{"site":"s"}"#, false, true),
            ("{\"site\":\"s\"}\n{\"site\":\"t\"}\n", false, false),
            ("{\"site\":\"s\",\"ad_id\":\noops\n", false, false),
            ("{\"site\":\"s\",\"ad_id\":\noops\n", true, true),
            ("{\n \"site\":\"s\"}\n", false, true),
            ("[1]\n", false, true),
            ("{\"ads\":[{\"site\":\"s\"}]}\n", false, true),
            ("oops\n", true, false),
        ] {
            assert_eq!(is_document(head.as_bytes(), json), document, "{head}");
        }
    }
}
