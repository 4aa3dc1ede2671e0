//! A medium of Project VIC (VICS 2.0 and before): digests of a file, and other hashes beside them.
//!
//! Booleans come as such or as text, digests in capitals, paths with either separator; all of it is kept. The trap: the
//! category is somebody's legal judgement, of a scheme that depends on the region. It is kept as metadata of whoever
//! gave it, and never becomes a label of ours.

use super::digits::{BareDigits, DigitKind, put};
use super::fields::kind_of;
use super::note;
use super::tally::ListSaid;
use crate::corpus::NewEntry;
use serde_json::{Map, Value};

/// Fields that become something else than metadata.
const TAKEN: [&str; 5] = ["MediaID", "MD5", "SHA1", "RelativeFilePath", "Comments"];

fn is_taken(name: &str, value: &Value) -> bool {
    match value {
        Value::String(_) | Value::Number(_) => TAKEN.contains(&name),
        Value::Array(_) => name == "AlternativeHashes",
        _ => false,
    }
}

/// Whether an object is a medium, wherever it stands.
pub(super) fn is_medium(object: &Map<String, Value>) -> bool {
    object.contains_key("MediaID") && object.contains_key("MD5")
}

pub(super) fn said(medium: &Map<String, Value>) -> Result<ListSaid, String> {
    let text = |name: &str| match medium.get(name) {
        Some(Value::String(text)) => text.trim().to_string(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    if text("MimeType").to_lowercase().starts_with("video/") {
        return Ok(ListSaid::Nothing);
    }
    let mut entry = NewEntry { uri: text("RelativeFilePath"), ..NewEntry::default() };
    let mut padded = false;
    for (kind, digits) in [(DigitKind::Md5, text("MD5")), (DigitKind::Sha1, text("SHA1"))] {
        if !digits.is_empty() {
            put(&mut entry, kind, &digits, BareDigits::Pdq)?;
        }
    }
    let mut others = Vec::new();
    for other in medium.get("AlternativeHashes").and_then(Value::as_array).into_iter().flatten() {
        let named = other["HashName"].as_str().and_then(kind_of);
        match (named, other["HashValue"].as_str()) {
            (Some(kind), Some(digits)) => padded |= put(&mut entry, kind, digits, BareDigits::Pdq)?,
            _ => others.push(other.clone()),
        }
    }
    let rest = medium.iter().filter(|(name, value)| !is_taken(name, value));
    let mut metadata: Map<String, Value> = rest.map(|(name, value)| (name.clone(), value.clone())).collect();
    if !others.is_empty() {
        metadata.insert("AlternativeHashes".into(), others.into());
    }
    if let Some(long) = note::put(&mut entry, &text("Comments")) {
        metadata.insert("Comments".into(), long.into());
    }
    if !entry.names_something() {
        return Err("a medium without MD5, SHA1 or another hash that can be compared".into());
    }
    entry.metadata = if metadata.is_empty() { String::new() } else { Value::Object(metadata).to_string() };
    entry.raw = Value::Object(medium.clone()).to_string();
    Ok(ListSaid::Entry(Box::new(entry), padded))
}
