//! `sightings.geojson`: where the linked ads were, one point a sighting, of ads whose records gave coordinates.
//!
//! Coordinates come with the columns `lat` and `lon` of a record; a name of a place is never looked up, so ads without
//! them are not in here. The trap: GeoJSON has longitude first.

use super::exchange::Exchange;
use super::found::Found;
use super::json_list::JsonList;
use super::{Content, RowCounts};
use crate::corpus::SeenIn;
use crate::view::{Joined, ad_time, coordinates};
use serde_json::{Value, json};
use std::io::{self, Write};

pub(super) static GEOJSON: Exchange =
    Exchange { file_name: "sightings.geojson", content: Content::Findings, write: features };

fn features(joined: &Joined<'_>, note: Option<&str>, out: &mut dyn Write) -> io::Result<RowCounts> {
    let handling = note.map(|note| format!("\"handling\":{},", Value::from(note))).unwrap_or_default();
    let start = format!("{{\"type\":\"FeatureCollection\",{handling}\"features\":[");
    let mut list = JsonList::start(&start, out)?;
    for ad in Found::of(joined).ads {
        let Some(point) = coordinates(joined.ad(ad)) else { continue };
        for seen in joined.sightings_of_ad(ad) {
            list.push(&feature(joined, seen, point, note))?;
        }
    }
    Ok(RowCounts::all(list.end("]}")?))
}

fn feature(joined: &Joined<'_>, seen: &SeenIn, point: [f64; 2], note: Option<&str>) -> Value {
    let ad = joined.ad(seen.ad);
    let groups = joined.groups_of_image(seen.image).iter();
    let groups: Vec<&str> = groups.map(|&group| &*joined.findings.groups[group as usize].id).collect();
    let mut properties = json!({
        "site": ad.key.site,
        "ad_id": ad.key.ad_id,
        "time": ad_time(ad),
        "collected_at": &*seen.collected_at,
        "place": ad.location,
        "network_id": joined.network_of_ad(seen.ad).map(|network| &network.id),
        "photo_group_ids": groups,
        "path": &*seen.path,
        "sha256": joined.image(seen.image).id().to_string(),
    });
    if let Some(note) = note {
        properties["handling"] = note.into();
    }
    json!({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": point},
        "properties": properties,
    })
}
