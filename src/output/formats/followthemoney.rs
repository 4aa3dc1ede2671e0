//! `followthemoney.jsonl`: ads, images and what joins them as entities of FollowTheMoney, for Aleph and its relatives.
//!
//! An ad is a `HyperText`, an image an `Image` that names the ads as its source document, a pair of images a `Similar`,
//! a link that holds an `UnknownLink`. The traps: `contentHash` is a SHA-1; `Similar` is no edge of a graph there, so
//! links are said twice; `pictured` would speak of a person, and stays empty.

use super::found::{Found, held, pairs};
use super::known::{Known, web_address};
use super::name_ids::Uuid;
use super::{Export, Home, RowCounts, table};
use crate::corpus::{AdRow, ImageRow};
use crate::link::{Link, Pair};
use crate::record::Ad;
use crate::view::{Joined, ad_name, words};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

pub(super) struct FollowTheMoney;

impl Export for FollowTheMoney {
    fn file_name(&self) -> &'static str {
        "followthemoney.jsonl"
    }

    fn content(&self) -> super::Content {
        super::Content::Entities
    }

    fn home(&self) -> Home {
        Home::Order
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let found = Found::of(joined);
        let mut written = 0;
        let mut put = |entity: &Value| {
            written += 1;
            table::json_line(entity, out)
        };
        found.ads.iter().try_for_each(|&ad| put(&page(joined.ad(ad))))?;
        found.images.iter().try_for_each(|&image| put(&picture(joined, &found, image)))?;
        pairs(joined).try_for_each(|pair| put(&similar(joined, pair)))?;
        held(joined).try_for_each(|link| put(&unknown_link(joined, link)))?;
        Ok(RowCounts::all(written))
    }
}

fn page_id(ad: &Ad) -> String {
    format!("adlink-ad-{}", Uuid::of("ad", &ad_name(&ad.key)))
}

fn image_id(joined: &Joined<'_>, row: ImageRow) -> String {
    format!("adlink-image-{}", joined.image(row).id())
}

fn page(ad: &Ad) -> Value {
    entity(
        "HyperText",
        page_id(ad),
        [
            ("fileName", vec![ad_name(&ad.key)]),
            ("title", vec![ad.title.clone()]),
            ("bodyText", vec![ad.text.clone()]),
            ("sourceUrl", web_address(&ad.url).map(str::to_string).into_iter().collect()),
            ("publisher", vec![ad.key.site.clone()]),
            ("author", vec![ad.poster.clone()]),
            ("publishedAt", vec![time(&ad.posted_at)]),
            ("retrievedAt", vec![time(&ad.collected_at)]),
            ("phoneMentioned", ad.phones.clone()),
            ("locationMentioned", vec![ad.location.clone()]),
            ("keywords", vec![ad.category.clone()]),
        ],
    )
}

fn picture(joined: &Joined<'_>, found: &Found, row: ImageRow) -> Value {
    let known = Known::of(joined, row);
    let mut ads: Vec<AdRow> = joined.sightings_of_image(row).map(|seen| seen.ad).collect();
    ads.dedup();
    ads.retain(|ad| found.ads.contains(ad));
    entity(
        "Image",
        image_id(joined, row),
        [
            ("fileName", known.paths.iter().map(|path| (*path).to_string()).collect()),
            ("contentHash", known.sha1().into_iter().collect()),
            ("mimeType", known.media_type().map(str::to_string).into_iter().collect()),
            ("fileSize", known.bytes().map(|bytes| bytes.to_string()).into_iter().collect()),
            ("proof", ads.into_iter().map(|ad| page_id(joined.ad(ad))).collect()),
        ],
    )
}

fn similar(joined: &Joined<'_>, pair: &Pair) -> Value {
    let [a, b] = [pair.a, pair.b].map(|row| image_id(joined, row));
    let probability = joined.probability(&pair.proof);
    entity(
        "Similar",
        format!("adlink-pair-{}", Uuid::of("pair", &format!("{a} {b}"))),
        [
            ("candidate", vec![a]),
            ("match", vec![b]),
            ("confidenceScore", vec![table::number(probability)]),
            ("criteria", vec![words::proof(joined, &pair.proof)]),
            ("matcher", vec!["adlink".into()]),
        ],
    )
}

fn unknown_link(joined: &Joined<'_>, link: &Link) -> Value {
    let images = link.evidence.iter().flat_map(|evidence| [evidence.image_a, evidence.image_b]);
    let mut images: Vec<ImageRow> = images.collect();
    images.sort_unstable();
    images.dedup();
    entity(
        "UnknownLink",
        format!("adlink-link-{}", link.id),
        [
            ("subject", vec![page_id(joined.ad(link.a))]),
            ("object", vec![page_id(joined.ad(link.b))]),
            ("role", vec!["same photo".into()]),
            ("startDate", vec![time(joined.findings.first_seen(link))]),
            ("endDate", vec![time(joined.findings.last_seen(link))]),
            ("recordId", vec![link.id.to_string()]),
            ("summary", vec![words::link(joined, link)]),
            ("proof", images.into_iter().map(|row| image_id(joined, row)).collect()),
        ],
    )
}

/// Times there are in UTC and say so nowhere.
fn time(text: &str) -> String {
    text.strip_suffix('Z').unwrap_or(text).to_string()
}

/// An entity with those of the properties that say something.
fn entity<const N: usize>(schema: &str, id: String, properties: [(&str, Vec<String>); N]) -> Value {
    let mut said = Map::new();
    for (name, mut values) in properties {
        values.retain(|value| !value.is_empty());
        if !values.is_empty() {
            said.insert(name.into(), values.into());
        }
    }
    json!({"id": id, "schema": schema, "properties": said})
}
