//! What gallery-dl, yt-dlp and img2dataset write beside a file: a record of the post or download it came from.
//!
//! The trap: the `sha256` of img2dataset is that of the download, not of the smaller picture it stored. It is left out.

use super::{Element, Recognised, columns, is_video, text};
use serde_json::Value;

pub(super) fn post(element: Element<'_>) -> Recognised {
    let Element { mut columns, .. } = element;
    let has = |names: &[&str]| names.iter().all(|name| columns.contains_key(*name));
    if has(&["category", "extension"]) && columns.contains_key("filename") {
        return Recognised::Records(vec![gallery(&columns)]);
    }
    if has(&["extractor", "webpage_url"]) {
        return Recognised::Records(vec![download(&columns)]);
    }
    if has(&["key", "status", "original_width"]) {
        if text(&columns, "status") != "success" {
            return Recognised::Nothing("failed download");
        }
        for name in [
            "sha256",
            "md5",
            "width",
            "height",
            "original_width",
            "original_height",
            "exif",
            "error_message",
            "status",
        ] {
            columns.remove(name);
        }
        let (address, key) = (columns.remove("url").unwrap_or_default(), text(&columns, "key"));
        columns.entry("ad_id").or_insert_with(|| key.clone().into());
        columns.entry("images").or_insert_with(|| {
            super::columns([("path", format!("{key}.jpg").into()), ("url", address)]).into()
        });
        columns.remove("key");
        return Recognised::Records(vec![columns]);
    }
    Recognised::NotMine(columns)
}

fn first(record: &serde_json::Map<String, Value>, names: &[&str]) -> String {
    names.iter().map(|name| text(record, name)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// gallery-dl: `1.jpg.json` beside `1.jpg`.
fn gallery(post: &serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
    let file = format!("{}.{}", text(post, "filename"), text(post, "extension"));
    let poster = match post.get("author").or_else(|| post.get("user")) {
        Some(Value::Object(author)) => first(author, &["name", "username", "nick"]),
        _ => String::new(),
    };
    let video = is_video(&file);
    let file = post.get("_file").and_then(Value::as_str).map_or(file, str::to_string);
    columns([
        ("site", text(post, "category").into()),
        ("ad_id", first(post, &["post_id", "tweet_id", "post_shortcode", "shortcode", "id"]).into()),
        ("url", first(post, &["post_url", "permalink", "webpage_url"]).into()),
        ("posted_at", first(post, &["date", "post_date", "created_at"]).into()),
        ("title", text(post, "title").into()),
        ("text", first(post, &["description", "content", "caption"]).into()),
        ("poster", if poster.is_empty() { first(post, &["username", "fullname"]) } else { poster }.into()),
        (if video { "video" } else { "images" }, file.into()),
    ])
}

/// yt-dlp: `NAME.info.json` beside a video, whose thumbnail is the image.
fn download(info: &serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
    let beside = info.get("_images").cloned().unwrap_or_default();
    columns([
        ("site", first(info, &["extractor_key", "extractor"]).to_lowercase().into()),
        ("ad_id", text(info, "id").into()),
        ("url", text(info, "webpage_url").into()),
        ("posted_at", first(info, &["timestamp", "upload_date"]).into()),
        ("title", text(info, "title").into()),
        ("text", text(info, "description").into()),
        ("poster", first(info, &["uploader", "channel", "uploader_id"]).into()),
        ("images", beside),
        ("video", format!("{}.{}", text(info, "id"), text(info, "ext")).into()),
    ])
}
