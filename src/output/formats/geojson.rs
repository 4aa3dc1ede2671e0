//! `sightings.geojson`: where the linked ads were, one point a sighting, of ads whose records gave coordinates.
//!
//! Coordinates come with the columns `lat` and `lon` of a record; a name of a place is never looked up, so ads without
//! them are not in here. The trap: GeoJSON has longitude first.

use super::exchange::Exchange;
use super::found::Found;
use super::json_list::JsonList;
use super::{Content, RowCounts};
use crate::corpus::SeenIn;
use crate::record::Ad;
use crate::view::{Joined, ad_time};
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

/// Longitude and latitude.
fn coordinates(ad: &Ad) -> Option<[f64; 2]> {
    let kept: Value = serde_json::from_str(&ad.kept).ok()?;
    let degrees = |name: &str| match &kept[name] {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    let point = [degrees("lon")?, degrees("lat")?];
    let on_earth = (-180.0..=180.0).contains(&point[0]) && (-90.0..=90.0).contains(&point[1]);
    on_earth.then_some(point)
}

fn feature(joined: &Joined<'_>, seen: &SeenIn, point: [f64; 2], note: Option<&str>) -> Value {
    let ad = joined.ad(seen.ad);
    let groups = joined.groups_of_image(seen.image).iter();
    let groups: Vec<&str> = groups.map(|&group| &*joined.findings.groups[group].id).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::AdKey;

    #[test]
    fn only_points_on_earth_are_places() {
        let of = |kept: &str| {
            let key = AdKey { site: "s".into(), ad_id: "1".into() };
            coordinates(&Ad { kept: kept.into(), ..Ad::blank(key) })
        };
        assert_eq!(of(r#"{"lat":52.5,"lon":13.4}"#), Some([13.4, 52.5]));
        assert_eq!(of(r#"{"lat":"-1.25","lon":"180"}"#), Some([180.0, -1.25]));
        for none in ["", "{}", r#"{"lat":91,"lon":0}"#, r#"{"lat":1}"#, r#"{"lat":"x","lon":2}"#, "[1]"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
