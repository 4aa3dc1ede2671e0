//! Telegram Desktop's export (`result.json`): a chat is a site, a message an ad.
//!
//! Files that the export left out are named `(File not included. ...)`; they are images that are missing, not none.

use super::{Element, Recognised, columns, is_video, text};
use crate::ingest::readers::layout::Columns;
use serde_json::{Value, json};

pub(super) fn message(element: Element<'_>) -> Recognised {
    let Element { array, around, columns } = element;
    let is_message = array == "messages" && columns.contains_key("id") && columns.contains_key("type");
    if !is_message {
        return Recognised::NotMine(columns);
    }
    if text(&columns, "type") != "message" {
        return Recognised::Nothing("service message");
    }
    Recognised::Records(vec![record(around, &columns)])
}

fn record(chat: &Columns, message: &Columns) -> Columns {
    let (photo, file, kind) = (text(message, "photo"), text(message, "file"), text(message, "mime_type"));
    let is_sticker = text(message, "media_type") == "sticker";
    let video = is_video(&kind) || is_video(&file);
    let image = kind.starts_with("image/") || kind.is_empty() && !video && !file.is_empty();
    let images: Vec<String> = [photo, if image && !is_sticker { file.clone() } else { String::new() }]
        .into_iter()
        .filter(|path| !path.is_empty())
        .collect();
    let posted =
        [text(message, "date_unixtime"), text(message, "date")].into_iter().find(|time| !time.is_empty());
    let member = |holder: &str, name: &str| {
        message.get(holder).and_then(|inner| inner.get(name)).cloned().unwrap_or_default()
    };
    columns([
        ("site", site(chat).into()),
        ("ad_id", text(message, "id").into()),
        ("posted_at", posted.unwrap_or_default().into()),
        (
            "poster",
            [text(message, "from"), text(message, "from_id")]
                .into_iter()
                .find(|name| !name.is_empty())
                .unwrap_or_default()
                .into(),
        ),
        ("text", words(message.get("text")).into()),
        ("phones", member("contact_information", "phone_number")),
        ("lat", member("location_information", "latitude")),
        ("lon", member("location_information", "longitude")),
        ("images", json!(images)),
        ("video", if video { file.into() } else { Value::Null }),
    ])
}

/// The chat by its name, or its number where it has none.
fn site(chat: &Columns) -> String {
    match (text(chat, "name"), text(chat, "id")) {
        (name, id) if name.is_empty() => format!("telegram {id}").trim_end().to_string(),
        (name, _) => name,
    }
}

/// Text as Telegram writes it: a text, or a list of texts and objects with a text in them.
fn words(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().map(|part| words(Some(part))).collect(),
        Some(Value::Object(part)) => text(part, "text"),
        _ => String::new(),
    }
}
