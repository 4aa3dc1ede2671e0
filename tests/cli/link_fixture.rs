//! `adlink link` on the committed fixture, run as users run it, against the fixture's truth.
//!
//! Which copies a run has to find is the truth's column `needs`; [`FOUND_TODAY`] names the needs that are met, and
//! grows with the tiers. Copies that need more may be found already; what is found must be true either way.

use super::support::{fixture, rows, run_json, whole};
use std::collections::{BTreeMap, BTreeSet};

/// Values of `needs` whose pairs a run must find.
const FOUND_TODAY: &[&str] = &["pdq", "content-box"];

type Row = BTreeMap<String, String>;

fn truth(name: &str) -> Vec<Row> {
    rows(&fixture().join(name))
}

fn result(name: &str) -> Vec<Row> {
    rows(&whole().join(name))
}

fn photo_of() -> BTreeMap<String, String> {
    truth("truth.csv").into_iter().map(|row| (row["image"].clone(), row["photo_id"].clone())).collect()
}

fn ordered(a: &str, b: &str) -> (String, String) {
    if a <= b { (a.into(), b.into()) } else { (b.into(), a.into()) }
}

#[test]
fn pairs_are_true_and_none_is_missed_that_can_be_found() {
    let photos = photo_of();
    let mut found = BTreeSet::new();
    for pair in result("pairs.csv") {
        let (a, b) = (&pair["image_a"], &pair["image_b"]);
        assert_eq!(photos[a], photos[b], "{a} and {b} are reported as one photo");
        found.insert(ordered(a, b));
    }
    let copies: Vec<Row> = truth("truth.csv")
        .into_iter()
        .filter(|row| FOUND_TODAY.contains(&row["needs"].as_str()) && row["family"] != "furniture")
        .collect();
    let mut expected = 0;
    let mut missed = Vec::new();
    for (k, a) in copies.iter().enumerate() {
        for b in copies[..k].iter().filter(|b| a["photo_id"] == b["photo_id"] && a["ad_id"] != b["ad_id"]) {
            expected += 1;
            let pair = ordered(&a["image"], &b["image"]);
            if !found.contains(&pair) {
                missed.push(pair);
            }
        }
    }
    assert!(expected > 80, "the fixture has {expected} pairs to find");
    assert!(missed.is_empty(), "{} of {expected} pairs missed: {missed:#?}", missed.len());
}

/// None of the listed pairs is false, so none may be called doubtful: neither those of crops that share a strip, which
/// belong together through a third picture, nor the sum of them all.
#[test]
fn what_is_listed_is_called_as_sure_as_it_is() {
    let pairs = result("pairs.csv");
    let doubtful: Vec<&Row> =
        pairs.iter().filter(|pair| pair["probability"].parse::<f64>().unwrap() < 0.9).collect();
    assert!(doubtful.is_empty(), "{doubtful:#?}");
    let other = pairs.iter().filter(|pair| pair["tier"] != "same-file");
    let all = other.map(|pair| 1.0 - pair["probability"].parse::<f64>().unwrap()).sum::<f64>();
    let expected = run_json(whole())["expected_false_pairs"].as_f64().unwrap();
    assert!(0.0 < expected && expected < all && expected < 0.5, "{expected} of {all}");
}

/// Sets of ads, whatever the networks are called. The stock photo and the badge must join nothing.
#[test]
fn networks_are_those_of_the_truth() {
    let sets = |rows: Vec<Row>| {
        let mut networks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in rows {
            let ad = format!("{}/{}", row["site"], row["ad_id"]);
            networks.entry(row["network_id"].clone()).or_default().insert(ad);
        }
        networks.into_values().collect::<BTreeSet<_>>()
    };
    let expected = sets(truth("truth_networks.csv"));
    assert_eq!(expected.len(), 8);
    assert_eq!(sets(result("networks.csv")), expected);
}

#[test]
fn stock_photo_and_badge_are_shown_as_common() {
    let photos = photo_of();
    let posters: BTreeMap<&String, BTreeSet<String>> =
        truth("truth.csv").iter().fold(BTreeMap::new(), |mut posters, row| {
            let poster = if row["network_id"].is_empty() { &row["ad_id"] } else { &row["network_id"] };
            posters.entry(&photos[&row["image"]]).or_default().insert(poster.clone());
            posters
        });
    let expected: BTreeSet<&str> = posters
        .iter()
        .filter(|(photo, posters)| photo.as_str() == "badge" || posters.len() > 1)
        .map(|(photo, _)| photo.as_str())
        .collect();
    assert_eq!(expected.len(), 2);
    let common = result("common.csv");
    let shown: BTreeSet<&str> = common.iter().map(|row| photos[&row["example_path"]].as_str()).collect();
    assert_eq!(shown, expected);
}

#[test]
fn skipped_inputs_have_the_reasons_of_the_truth() {
    let key = |row: &Row| ["path", "ad", "reason"].map(|field| row[field].clone());
    let reasons = |rows: Vec<Row>| rows.iter().map(key).collect::<BTreeSet<_>>();
    assert_eq!(reasons(result("skipped.csv")), reasons(truth("truth_skipped.csv")));
}
