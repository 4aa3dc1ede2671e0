//! The Common Data Repository of the Memex programme, version 2 and 3: pages, and media that point at their page.
//!
//! Version 3 lists the media of a page in `objects`; version 2 has a record for each, whose `obj_parent` is the page.

use super::{Element, Recognised, text};
use serde_json::{Value, json};

pub(super) fn page(element: Element<'_>) -> Recognised {
    let Element { mut columns, .. } = element;
    let is_media = columns.contains_key("obj_parent") && columns.contains_key("obj_original_url");
    let is_page = columns.contains_key("_id")
        && (columns.contains_key("timestamp_crawl") || columns.contains_key("crawler"));
    if !is_media && !is_page {
        return Recognised::NotMine(columns);
    }
    if is_media {
        let (parent, stored) = (text(&columns, "obj_parent"), text(&columns, "obj_stored_url"));
        let image =
            super::columns([("path", stored.into()), ("url", text(&columns, "obj_original_url").into())]);
        for name in
            ["_id", "obj_original_url", "obj_stored_url", "url", "obj_parent", "content_type", "version"]
        {
            columns.remove(name);
        }
        // A parent is an address, as a rule; else the id of the page, which stands for the ad.
        columns.insert(if parent.contains("://") { "url" } else { "ad_id" }.into(), parent.into());
        columns.insert("images".into(), json!([image]));
        return Recognised::Records(vec![columns]);
    }
    // The id is of the visit, not of the ad: two visits of one page are two records of one ad.
    if columns.get("url").is_some_and(Value::is_string) {
        columns.remove("_id");
    }
    for name in ["content_type", "version", "response_headers", "raw_content", "crawler"] {
        columns.remove(name);
    }
    if let Some(Value::Array(objects)) = columns.remove("objects") {
        let image = |object: &Value| {
            let object = object.as_object()?;
            let part =
                |names: [&str; 2]| names.iter().map(|name| text(object, name)).find(|text| !text.is_empty());
            let kind = text(object, "content_type");
            let is_image = kind.is_empty() || kind.starts_with("image/");
            let parts = super::columns([
                ("path", part(["obj_stored_url", "path"]).into()),
                ("url", part(["obj_original_url", "url"]).into()),
            ]);
            (is_image && !parts.is_empty()).then_some(parts)
        };
        columns.insert("images".into(), json!(objects.iter().filter_map(image).collect::<Vec<_>>()));
    }
    Recognised::Records(vec![columns])
}
