//! A record of StopNCII's exchange: a hash of a picture or a film, and whether it is still wanted.
//!
//! A later record of one hash takes the place of the earlier one. The trap: records have no id. They are known by their
//! hash, and one that is withdrawn or deleted has to go.

use super::digits::{BareDigits, DigitKind, put};
use super::tally::ListSaid;
use crate::corpus::NewEntry;
use serde_json::{Map, Value};

pub(super) fn said(mut record: Map<String, Value>) -> Result<ListSaid, String> {
    let mut text = |name: &str| match record.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let kind = match &*text("signalType") {
        "ImagePDQ" => DigitKind::Pdq,
        "ImageMD5" => DigitKind::Md5,
        "ImageSHA1" => DigitKind::Sha1,
        "ImageSHA256" => DigitKind::Sha256,
        "" => return Err("a record without `signalType`".into()),
        _ => return Ok(ListSaid::Nothing),
    };
    let (digits, status) = (text("hashValue"), text("hashStatus"));
    let mut entry = NewEntry::default();
    let padded = put(&mut entry, kind, &digits, BareDigits::Pdq)?;
    if ["withdrawn", "deleted"].contains(&&*status.to_lowercase()) {
        return Ok(ListSaid::Withdrawn(Box::new(entry)));
    }
    if !status.is_empty() {
        record.insert("hashStatus".into(), status.into());
    }
    let tags = record.get("CSPFeedbacks").and_then(Value::as_array).into_iter().flatten();
    let mut labels: Vec<String> = tags
        .filter_map(|feedback| feedback["tags"].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .filter(|tag| !tag.trim().is_empty())
        .map(|tag| tag.trim().to_string())
        .collect();
    labels.sort_unstable();
    labels.dedup();
    entry.labels = labels;
    entry.metadata = if record.is_empty() { String::new() } else { Value::Object(record).to_string() };
    Ok(ListSaid::Entry(Box::new(entry), padded))
}
