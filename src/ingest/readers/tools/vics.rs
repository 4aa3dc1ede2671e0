//! Hash sets and cases of Project VIC (VICS): every medium is an ad of its own, of the case it belongs to.
//!
//! Both shapes are read: media within cases, and media alone. The category of a medium is somebody's legal judgement and
//! is not taken over.

use super::{Element, Recognised, columns, text};
use crate::ingest::readers::layout::Columns;
use serde_json::{Map, Value, json};

pub(super) fn media(element: Element<'_>) -> Recognised {
    let Element { array, around, columns } = element;
    let is_medium = columns.contains_key("MediaID") && columns.contains_key("MD5");
    if !is_medium || !matches!(array, "Media" | "value") {
        return Recognised::NotMine(columns);
    }
    let mime = text(&columns, "MimeType");
    if mime.starts_with("video/") {
        return Recognised::Nothing("video");
    }
    Recognised::Records(vec![record(around, &columns)])
}

fn record(case: &Columns, medium: &Columns) -> Columns {
    let files = medium.get("MediaFiles").and_then(Value::as_array).cloned().unwrap_or_default();
    let file = files.first().and_then(Value::as_object).cloned().unwrap_or_default();
    let site = [text(case, "CaseNumber"), text(case, "CaseID")].into_iter().find(|name| !name.is_empty());
    let name = [text(&file, "FilePath"), text(&file, "FileName")].into_iter().filter(|part| !part.is_empty());
    columns([
        ("site", format!("vics {}", site.unwrap_or_default()).trim_end().into()),
        ("ad_id", text(medium, "MediaID").into()),
        ("posted_at", text(&file, "Created").into()),
        ("title", name.collect::<Vec<_>>().join("/").into()),
        ("images", json!([image(medium)])),
    ])
}

fn image(medium: &Columns) -> Map<String, Value> {
    let alternative = |name: &str| {
        let hashes = medium.get("AlternativeHashes").and_then(Value::as_array)?;
        let named =
            |hash: &&Value| hash["HashName"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name));
        hashes.iter().find(named)?["HashValue"].as_str().map(str::to_string)
    };
    let sha1 = Some(text(medium, "SHA1")).filter(|hash| !hash.is_empty()).or_else(|| alternative("SHA1"));
    columns([
        ("path", text(medium, "RelativeFilePath").into()),
        ("md5", text(medium, "MD5").into()),
        ("sha1", sha1.into()),
        ("sha256", alternative("SHA256").into()),
        ("pdq", alternative("PDQ").into()),
    ])
}
