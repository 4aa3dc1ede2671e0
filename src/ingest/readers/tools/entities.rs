//! FollowTheMoney, as Aleph and its relatives write it: pages and the images that name them as their parent.
//!
//! An image may stand before its page. What waits is kept until the end; what waits in vain is an ad by itself.

use super::{columns, text};
use crate::error::Result;
use crate::ingest::readers::layout::{At, Columns, Sink};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Whether this is an entity at all.
pub(super) fn is_entity(columns: &Columns) -> bool {
    columns.get("schema").is_some_and(Value::is_string)
        && columns.get("properties").is_some_and(Value::is_object)
}

/// An image whose page has not come yet, and where it stood.
type WaitingImage = (At, Map<String, Value>);

/// Entities met so far.
#[derive(Default)]
pub(super) struct Entities {
    /// Address of every page by its id.
    pages: BTreeMap<String, String>,
    /// Images by the id of their parent.
    waiting: BTreeMap<String, Vec<WaitingImage>>,
}

impl Entities {
    pub(super) fn take(&mut self, at: At, entity: Columns, sink: &mut dyn Sink) -> Result<()> {
        let id = text(&entity, "id");
        let properties = entity.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let schema = text(&entity, "schema");
        match schema.as_str() {
            "Image" => {
                let image = image(&properties);
                let pages = pages(&properties);
                if pages.is_empty() {
                    return sink.record(at, Ok(shown_on(&id, "", image)));
                }
                for page in pages {
                    match self.pages.get(&page) {
                        Some(url) => sink.record(at, Ok(shown_on(&page, url, image.clone())))?,
                        None => self.waiting.entry(page).or_default().push((at, image.clone())),
                    }
                }
                Ok(())
            }
            "HyperText" | "Pages" | "Document" | "PlainText" | "Article" | "Message" | "Email" => {
                let url = first(&properties, &["sourceUrl", "url"]);
                sink.record(at, Ok(page(&id, &url, &properties)))?;
                for (at, image) in self.waiting.remove(&id).unwrap_or_default() {
                    sink.record(at, Ok(shown_on(&id, &url, image)))?;
                }
                self.pages.insert(id, url);
                Ok(())
            }
            other => {
                sink.unused(&format!("entity {other}"), 1);
                Ok(())
            }
        }
    }

    pub(super) fn finish(self, sink: &mut dyn Sink) -> Result<()> {
        for (parent, images) in self.waiting {
            for (at, image) in images {
                sink.record(at, Ok(shown_on(&parent, "", image)))?;
            }
        }
        Ok(())
    }
}

fn first(properties: &Map<String, Value>, names: &[&str]) -> String {
    let value = |name: &&str| properties.get(*name).and_then(|values| values.get(0)).and_then(Value::as_str);
    names.iter().find_map(value).unwrap_or_default().to_string()
}

/// Pages that an image is of: its parents, else what it was taken from. One image may be of several.
fn pages(properties: &Map<String, Value>) -> Vec<String> {
    let ids = |name: &&str| properties.get(*name).and_then(Value::as_array).filter(|ids| !ids.is_empty());
    let ids = ["parent", "proof"].iter().find_map(ids).into_iter().flatten();
    ids.filter_map(|id| id.as_str().map(str::to_string)).collect()
}

fn page(id: &str, url: &str, properties: &Map<String, Value>) -> Columns {
    let all = |name: &str| properties.get(name).cloned().unwrap_or_default();
    columns([
        ("ad_id", id.into()),
        ("url", url.into()),
        ("title", first(properties, &["title", "name"]).into()),
        ("text", first(properties, &["bodyText", "description", "summary"]).into()),
        ("posted_at", first(properties, &["publishedAt", "date", "authoredAt"]).into()),
        ("collected_at", first(properties, &["retrievedAt", "processedAt", "modifiedAt"]).into()),
        ("phones", all("phoneMentioned")),
        ("location", first(properties, &["locationMentioned"]).into()),
    ])
}

fn image(properties: &Map<String, Value>) -> Map<String, Value> {
    let hash = first(properties, &["contentHash"]);
    let sha1 = if hash.len() == 40 { hash } else { String::new() };
    columns([
        ("path", first(properties, &["fileName"]).into()),
        ("url", first(properties, &["sourceUrl"]).into()),
        ("sha1", sha1.into()),
    ])
}

fn shown_on(page: &str, url: &str, image: Map<String, Value>) -> Columns {
    columns([("ad_id", page.into()), ("url", url.into()), ("images", json!([image]))])
}
