//! Where an ad was, as the record says it in degrees.
//!
//! Coordinates come with the columns `lat` and `lon` of a record; the name of a place is never looked up. The trap:
//! GeoJSON and this have longitude first.

use crate::record::Ad;
use serde_json::Value;

/// Longitude and latitude in degrees; `None` where the record gave none, or none on earth.
pub fn coordinates(ad: &Ad) -> Option<[f64; 2]> {
    let kept: Value = serde_json::from_str(&ad.kept).ok()?;
    let degrees = |name: &str| match &kept[name] {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    let point = [degrees("lon")?, degrees("lat")?];
    let on_earth = (-180.0..=180.0).contains(&point[0]) && (-90.0..=90.0).contains(&point[1]);
    on_earth.then_some(point)
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
