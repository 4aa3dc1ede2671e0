//! Bellingcat's auto-archiver: its items in JSON, its database in CSV, and its spreadsheet.
//!
//! The trap: it writes a PDQ hash as a number, so leading zeros are gone. They are put back.

use super::{Element, Recognised, columns, text};
use crate::ingest::readers::layout::Columns;
use crate::ingest::record::literal;
use serde_json::{Map, Value, json};

/// Hex digits of a PDQ hash, and the fewest that one written as a number has: eight bytes of zeros do not happen.
const DIGITS: usize = 64;
const FEWEST: usize = 48;

pub(super) fn item(element: Element<'_>) -> Recognised {
    let Element { mut columns, .. } = element;
    if columns.contains_key("Archive location") {
        return Recognised::Records(vec![row(columns)]);
    }
    let (Some(metadata), Some(media)) = (part(&columns, "metadata"), part(&columns, "media")) else {
        return Recognised::NotMine(columns);
    };
    let (Value::Object(mut record), Value::Array(media), true) =
        (metadata, media, columns.contains_key("status"))
    else {
        return Recognised::NotMine(columns);
    };
    columns.clear();
    record.remove("media");
    record.insert(
        "images".into(),
        media.iter().filter_map(Value::as_object).map(|one| Value::Object(image(one))).collect(),
    );
    Recognised::Records(vec![record])
}

/// A member, which a table holds as Python writes it.
fn part(columns: &Columns, name: &str) -> Option<Value> {
    match columns.get(name)? {
        Value::String(text) => literal(text),
        other => Some(other.clone()),
    }
}

fn image(media: &Map<String, Value>) -> Map<String, Value> {
    let properties = media.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let url = media.get("urls").and_then(|urls| urls.get(0)).cloned().unwrap_or_default();
    columns([
        ("path", text(media, "filename").into()),
        ("url", url),
        ("sha256", sha256(&text(&properties, "hash")).into()),
        ("pdq", padded(&text(&properties, "pdq_hash")).into()),
    ])
}

/// A row of the spreadsheet; its columns have names that are known, its hashes have words before them.
fn row(mut columns: Columns) -> Columns {
    let hash = columns.remove("Hash").and_then(|hash| hash.as_str().and_then(sha256));
    let pdq = columns.remove("Perceptual hashes").and_then(|hash| hash.as_str().and_then(padded));
    columns.extend(super::columns([("sha256", json!(hash)), ("pdq", json!(pdq))]));
    for name in ["Archive status", "Screenshot", "WACZ", "ReplayWebpage", "Destination folder", "Thumbnail"] {
        columns.remove(name);
    }
    columns
}

fn sha256(text: &str) -> Option<String> {
    let hash = text.trim().strip_prefix("SHA-256:").unwrap_or(text.trim());
    (hash.len() == 64).then(|| hash.to_string())
}

fn padded(text: &str) -> Option<String> {
    let hash = text.trim();
    let short = (FEWEST..=DIGITS).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    short.then(|| format!("{hash:0>DIGITS$}"))
}
