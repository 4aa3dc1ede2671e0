//! Entries as media of a hash set of Project VIC, VICS 2.0.
//!
//! The category is 0 for all: others are legal judgements, and nobody made one here. The trap: MD5 is the key there,
//! so an entry without one has no place in such a set.

use super::super::marks::Marks;
use super::EntryWriter;
use super::rows::digits;
use crate::corpus::BankEntry;
use crate::output::formats::{JsonList, VICS_START};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Fields of a medium that came with it and may go on with it.
const CARRIED: [&str; 8] =
    ["MediaSize", "MimeType", "DateUpdated", "Series", "Tags", "MediaFiles", "Exifs", "PhotoDNA"];

/// A hash set on its way.
pub(super) struct Media<'o> {
    list: JsonList<'o>,
    note: &'o str,
    written: u64,
}

impl<'o> Media<'o> {
    pub(super) fn new(out: &'o mut dyn Write, marks: &'o Marks) -> io::Result<Self> {
        Ok(Self { list: JsonList::start(VICS_START, out)?, note: marks.text(), written: 0 })
    }
}

impl EntryWriter for Media<'_> {
    fn entry(&mut self, entry: &BankEntry) -> io::Result<bool> {
        let Some(medium) = medium(self.written + 1, entry, self.note) else { return Ok(false) };
        self.written += 1;
        self.list.push(&medium)?;
        Ok(true)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.list.end("]}").map(drop)
    }
}

fn medium(number: u64, entry: &BankEntry, note: &str) -> Option<Value> {
    let content = &entry.content;
    let [pdq, md5, sha1, sha256] = digits(content);
    let mut medium = Map::from_iter([
        ("MediaID".to_string(), number.into()),
        ("Category".to_string(), 0.into()),
        ("MD5".to_string(), md5?.to_uppercase().into()),
    ]);
    if let Some(sha1) = sha1 {
        medium.insert("SHA1".into(), sha1.to_uppercase().into());
    }
    if !content.uri.is_empty() {
        medium.insert("RelativeFilePath".into(), content.uri.as_str().into());
    }
    let metadata: Map<String, Value> = serde_json::from_str(&content.metadata).unwrap_or_default();
    medium.extend(
        metadata
            .iter()
            .filter(|(name, _)| CARRIED.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let named = [("PDQ", pdq), ("SHA256", sha256)];
    let own =
        named.into_iter().filter_map(|(name, hash)| Some(json!({"HashName": name, "HashValue": hash?})));
    let others = metadata.get("AlternativeHashes").and_then(Value::as_array).into_iter().flatten().cloned();
    let hashes: Vec<Value> = own.chain(others).collect();
    if !hashes.is_empty() {
        medium.insert("AlternativeHashes".into(), hashes.into());
    }
    let comment = if content.note.is_empty() { note.into() } else { format!("{}; {note}", content.note) };
    medium.insert("Comments".into(), comment.into());
    Some(medium.into())
}
