//! What Facebook and Instagram give their users to download: posts with the files in them.
//!
//! Paths are relative to the top of the download. Text in it was written byte by byte as Latin letters; it is put
//! together again.

use super::{Element, Recognised, columns, is_video, text};
use crate::ingest::readers::layout::Columns;
use serde_json::{Value, json};

pub(super) fn post(element: Element<'_>) -> Recognised {
    let Element { columns, .. } = element;
    let mut files = Vec::new();
    for name in ["media", "attachments", "uri"] {
        files_in(columns.get(name), name, 0, &mut files);
    }
    let known = ["media", "attachments", "creation_timestamp", "timestamp"]
        .iter()
        .any(|name| columns.contains_key(*name));
    if files.is_empty() || !known || columns.contains_key("url") || columns.contains_key("ad_id") {
        return Recognised::NotMine(columns);
    }
    Recognised::Records(vec![record(&columns, &files)])
}

/// The `uri` of every file in a post, at whatever depth.
fn files_in(value: Option<&Value>, name: &str, depth: usize, files: &mut Vec<String>) {
    match value {
        Some(Value::String(path)) if name == "uri" && !path.contains("://") => files.push(path.clone()),
        Some(Value::Array(list)) if depth < 8 => {
            list.iter().for_each(|inner| files_in(Some(inner), name, depth + 1, files))
        }
        Some(Value::Object(parts)) if depth < 8 => {
            for (name, inner) in
                parts.iter().filter(|(name, _)| *name != "thumbnail" && *name != "media_metadata")
            {
                files_in(Some(inner), name, depth + 1, files);
            }
        }
        _ => {}
    }
}

fn record(post: &Columns, files: &[String]) -> Columns {
    let first = post
        .get("media")
        .and_then(|media| media.get(0))
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let said = |name: &str| {
        [text(post, name), text(&first, name)].into_iter().find(|text| !text.is_empty()).unwrap_or_default()
    };
    let posted = [said("creation_timestamp"), said("timestamp")].into_iter().find(|time| !time.is_empty());
    let words = post
        .get("data")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|part| part["post"].as_str());
    let (videos, images): (Vec<&String>, Vec<&String>) = files.iter().partition(|file| is_video(file));
    columns([
        ("ad_id", files[0].clone().into()),
        ("posted_at", posted.unwrap_or_default().into()),
        ("title", mended(&said("title")).into()),
        ("text", mended(&words.collect::<Vec<_>>().join("\n")).into()),
        ("images", json!(images)),
        ("videos", json!(videos)),
    ])
}

/// Text whose UTF-8 bytes were each written as a letter; other text stays as it is.
fn mended(text: &str) -> String {
    let bytes: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| text.to_string())
}
