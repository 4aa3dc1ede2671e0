//! Entries as rows of CSV and as lines of JSON.
//!
//! The names are those that `bank import` reads. The trap: `entry` is the number here, and another office numbers its
//! own; `outside_id` is what the entry is called between offices.

use super::super::marks::Marks;
use super::EntryWriter;
use crate::corpus::{BankEntry, NewEntry};
use crate::hash::Quality;
use crate::hashlist::{cell_of_words, formula_safe};
use crate::record::hex;
use serde_json::{Map, Value};
use std::io::{self, Write};

const HEADING: [&str; 13] = [
    "entry",
    "pdq",
    "quality",
    "md5",
    "sha1",
    "sha256",
    "outside_id",
    "labels",
    "note",
    "uri",
    "metadata",
    "disable_until_ts",
    "handling",
];

/// A row an entry, marked in the last column.
pub(super) struct CsvEntries<'o> {
    out: csv::Writer<&'o mut dyn Write>,
    marks: &'o Marks,
}

impl<'o> CsvEntries<'o> {
    pub(super) fn new(out: &'o mut dyn Write, marks: &'o Marks) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(HEADING)?;
        Ok(Self { out, marks })
    }
}

impl EntryWriter for CsvEntries<'_> {
    fn entry(&mut self, entry: &BankEntry) -> io::Result<bool> {
        let NewEntry { labels, note, outside_id, uri, metadata, disable_until, .. } = &entry.content;
        let [pdq, md5, sha1, sha256] = digits(&entry.content).map(Option::unwrap_or_default);
        let quality = entry.content.quality.map(|quality| quality.to_string()).unwrap_or_default();
        let labels = cell_of_words(labels);
        self.out.write_record([
            &*entry.id.to_string(),
            &pdq,
            &quality,
            &md5,
            &sha1,
            &sha256,
            &formula_safe(outside_id),
            &formula_safe(&labels),
            &formula_safe(note),
            &formula_safe(uri),
            &formula_safe(metadata),
            &disable_until.0.to_string(),
            self.marks.text(),
        ])?;
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// An object a line, marked in its first field; what an entry does not say is left out.
pub(super) struct JsonEntries<'o> {
    out: &'o mut dyn Write,
    /// The start of every line.
    start: String,
}

impl<'o> JsonEntries<'o> {
    pub(super) fn new(out: &'o mut dyn Write, marks: &Marks) -> Self {
        Self { out, start: format!("{{\"handling\":{},", marks.json()) }
    }
}

impl EntryWriter for JsonEntries<'_> {
    fn entry(&mut self, entry: &BankEntry) -> io::Result<bool> {
        let object = Value::Object(object(entry)).to_string();
        writeln!(self.out, "{}{}", self.start, object.strip_prefix('{').unwrap_or_default())?;
        Ok(true)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

fn object(entry: &BankEntry) -> Map<String, Value> {
    let content = &entry.content;
    let mut object = Map::from_iter([("entry".to_string(), entry.id.0.into())]);
    let mut put = |name: &str, value: Value| {
        let says_nothing = value.is_null() || value.as_str().is_some_and(str::is_empty);
        if !says_nothing {
            object.insert(name.into(), value);
        }
    };
    for (name, digits) in ["pdq", "md5", "sha1", "sha256"].into_iter().zip(digits(content)) {
        put(name, digits.into());
    }
    put("quality", content.quality.map(Quality::get).into());
    put("outside_id", content.outside_id.as_str().into());
    if !content.labels.is_empty() {
        put("labels", content.labels.clone().into());
    }
    put("note", content.note.as_str().into());
    put("uri", content.uri.as_str().into());
    put("metadata", serde_json::from_str(&content.metadata).unwrap_or_default());
    put("disable_until_ts", content.disable_until.0.into());
    object
}

/// PDQ, MD5, SHA-1 and SHA-256 as text.
pub(super) fn digits(content: &NewEntry) -> [Option<String>; 4] {
    [
        content.pdq.map(|hash| hash.to_string()),
        content.md5.map(|digest| hex(&digest)),
        content.sha1.map(|digest| hex(&digest)),
        content.sha256.map(|digest| digest.to_string()),
    ]
}
