//! Handling marks: who a file is for, what for, and how it may be used, inside the file itself.
//!
//! A mark that stands beside a file is lost with the first copy. So: a last column of every row of CSV, which survives
//! copying rows; a first field of every JSON line; a description in GraphML and GEXF; metadata in Parquet. None of
//! these disturbs a reader that does not know them.

use super::Order;
use crate::corpus::Header;
use crate::error::{Error, Result};
use crate::output::TERMS;
use crate::output::formats::Escaped;
use serde_json::json;
use std::io;

pub(super) struct Marks {
    text: String,
    json: String,
}

impl Marks {
    /// Refuses an order without recipient or purpose.
    pub(super) fn new(order: &Order, header: &Header) -> Result<Self> {
        Self::of(order.profile.name(), &order.recipient, &order.purpose, header)
    }

    /// The same by its parts.
    pub(super) fn of(profile: &str, recipient: &str, purpose: &str, header: &Header) -> Result<Self> {
        for (name, text) in [("--recipient", recipient), ("--purpose", purpose)] {
            if text.trim().is_empty() || text.contains(char::is_control) {
                let expected = "one line of text: every export says whom and what it is for".into();
                return Err(Error::Parameter { name, value: text.escape_debug().to_string(), expected });
            }
        }
        let mut json =
            json!({"profile": profile, "recipient": recipient, "purpose": purpose, "terms": TERMS});
        let mut text = format!("profile: {profile}; recipient: {recipient}; purpose: {purpose}; {TERMS}");
        // Why the sender holds the case stays with the sender; how it is to be handled goes along.
        for (name, value) in header.said().filter(|(name, _)| ["handling", "retain_until"].contains(name)) {
            json[name] = value.into();
            text.push_str(&format!("; {name}: {value}"));
        }
        Ok(Self { text, json: json.to_string() })
    }

    /// All in one line.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// All as an object of JSON.
    pub(super) fn json(&self) -> &str {
        &self.json
    }

    /// The file with its marks.
    pub(super) fn put(&self, name: &str, bytes: Vec<u8>) -> Result<Vec<u8>> {
        let marked = match name.rsplit('.').next() {
            Some("csv") => self.csv(&bytes),
            Some("jsonl") => Ok(self.json_lines(&bytes)),
            Some("graphml") => Ok(after_root(&bytes, &format!("<desc>{}</desc>\n", Escaped(&self.text)))),
            Some("gexf") => Ok(after_root(
                &bytes,
                &format!(
                    "<meta><creator>adlink</creator><description>{}</description></meta>\n",
                    Escaped(&self.text)
                ),
            )),
            _ => Err(io::Error::other("no place for handling marks in this format")),
        };
        marked.map_err(|error| Error::io("mark", name, error))
    }

    fn csv(&self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        let mut out = csv::Writer::from_writer(Vec::new());
        for (number, row) in rows.byte_records().enumerate() {
            let mut row = row?;
            row.push_field(if number == 0 { b"handling" } else { self.text.as_bytes() });
            out.write_byte_record(&row)?;
        }
        out.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }

    fn json_lines(&self, bytes: &[u8]) -> Vec<u8> {
        let start = format!("{{\"handling\":{},", self.json);
        let mut out = Vec::with_capacity(bytes.len());
        for object in bytes.split_inclusive(|byte| *byte == b'\n') {
            out.extend_from_slice(start.as_bytes());
            out.extend_from_slice(object.strip_prefix(b"{").unwrap_or(object));
        }
        out
    }
}

/// XML with something behind the start of its root element, which is the second line.
fn after_root(bytes: &[u8], text: &str) -> Vec<u8> {
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
    let mut out = Vec::with_capacity(bytes.len() + text.len());
    for line in [lines.next(), lines.next()].into_iter().flatten() {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(lines.next().unwrap_or_default());
    out
}
