//! Ads as JSON Lines and CSV, the broken inputs, and the truth tables.
//!
//! Image paths in all tables are those of the manifest: below `images/`, which readers find beside it.

use super::math::Rng;
use super::plan::{Ad, Copy, Plan, badge_path};
use super::site::SITES;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A broken input: it is in the manifest and must end up in `skipped.csv`.
pub(crate) struct Skip {
    path: String,
    ad: String,
    reason: &'static str,
}

type Files = BTreeMap<String, Vec<u8>>;

const WEB_PAGE: &[u8] = b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head>\n\
    <body><h1>Not Found</h1><p>The photo you asked for is gone.</p></body></html>\n";
/// The ad that was collected twice, counted among the ads of no network, and how many minutes later.
const SEEN_AGAIN: (usize, u32) = (15, 20_160);

/// Adds to some ads what real collections hold beside photos.
pub(crate) fn add_broken_files(plan: &mut Plan, files: &mut Files) -> Vec<Skip> {
    let cut = |whole: &[u8]| whole[..whole.len() / 6].to_vec();
    let mut lone: Vec<&mut Ad> = plan.ads.iter_mut().filter(|ad| ad.network.is_empty()).collect();
    let whole = files[&format!("images/{}", lone[6].copies[0].path)].clone();
    let broken = [
        (6, "cut.jpg", "TRUNCATED", Some(cut(&whole))),
        (7, "page.jpg", "NOT_AN_IMAGE", Some(WEB_PAGE.to_vec())),
        (8, "gone.jpg", "MISSING", None),
        (10, "empty.jpg", "EMPTY", Some(Vec::new())),
    ];
    let mut skipped = Vec::new();
    for (number, name, reason, bytes) in broken {
        let ad = &mut *lone[number];
        let path = format!("{}/{}_{name}", SITES[ad.site].name, ad.ad_id);
        if let Some(bytes) = bytes {
            files.insert(format!("images/{path}"), bytes);
        }
        skipped.push(Skip { path: path.clone(), ad: ad.key(), reason });
        ad.further.push(path);
    }
    skipped
}

/// Adds manifests and truth.
pub(crate) fn write(plan: &Plan, skipped: &[Skip], files: &mut Files) {
    let records = records(plan);
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    files.insert("ads.jsonl".into(), lines.into_bytes());
    files.insert("ads.csv".into(), table(&FIELDS, records.iter().map(csv_row)));
    files.insert("truth.csv".into(), truth(plan));
    let members = plan.ads.iter().filter(|ad| !ad.network.is_empty());
    let rows = members.map(|ad| vec![SITES[ad.site].name.into(), ad.ad_id.clone(), ad.network.clone()]);
    files.insert("truth_networks.csv".into(), table(&["site", "ad_id", "network_id"], rows));
    let rows = skipped.iter().map(|skip| vec![skip.path.clone(), skip.ad.clone(), skip.reason.into()]);
    files.insert("truth_skipped.csv".into(), table(&["path", "ad", "reason"], rows));
}

const FIELDS: [&str; 10] =
    ["site", "ad_id", "url", "posted_at", "collected_at", "title", "text", "phones", "location", "images"];

/// The manifest's records, in an order that does not give the networks away.
fn records(plan: &Plan) -> Vec<Value> {
    let mut records: Vec<Value> = plan.ads.iter().map(|ad| record(ad, ad.collected, &ad.title)).collect();
    let (number, later) = SEEN_AGAIN;
    let again =
        plan.ads.iter().filter(|ad| ad.network.is_empty()).nth(number).expect("there are more ads than that");
    records.push(record(again, again.collected + later, &format!("{} (new price)", again.title)));
    Rng::new(7).shuffle(&mut records);
    records
}

fn record(ad: &Ad, collected: u32, title: &str) -> Value {
    let site = SITES[ad.site].name;
    let images: Vec<&String> = ad.copies.iter().map(|copy| &copy.path).chain(&ad.further).collect();
    json!({
        "site": site,
        "ad_id": ad.ad_id,
        "url": format!("https://{site}/ad/{}", ad.ad_id),
        "posted_at": &time(ad.posted)[..10],
        "collected_at": time(collected),
        "title": title,
        "text": ad.text,
        "phones": ad.phones,
        "location": ad.location,
        "images": images,
    })
}

fn csv_row(record: &Value) -> Vec<String> {
    let cell = |value: &Value| match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(";"),
        other => other.as_str().unwrap_or_default().to_string(),
    };
    FIELDS.iter().map(|field| cell(&record[field])).collect()
}

/// One row per usable image file. Columns as the repost benchmark's scorer reads them, plus `needs`.
fn truth(plan: &Plan) -> Vec<u8> {
    let columns =
        ["image", "photo_id", "edit", "family", "needs", "site", "ad_id", "network_id", "also_photo_ids"];
    let row = |ad: &Ad, copy: &Copy| {
        let photo = &plan.shots[copy.shot].id;
        let (edit, site) = (copy.edit, SITES[ad.site].name);
        let row = [&copy.path, photo, edit.name, edit.family, edit.needs(), site, &ad.ad_id, &ad.network, ""];
        row.map(String::from).to_vec()
    };
    let badge =
        [badge_path().as_str(), "badge", "site_badge", "furniture", "pdq", "", "", "", ""].map(String::from);
    let rows = plan.ads.iter().flat_map(|ad| ad.copies.iter().map(move |copy| row(ad, copy)));
    table(&columns, rows.chain([badge.to_vec()]))
}

fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(header).expect("memory takes every write");
    for row in rows {
        csv.write_record(row).expect("rows are as long as the header, and memory takes every write");
    }
    csv.into_inner().expect("memory takes every write")
}

/// Minutes since the start of 2024 as ISO 8601 in UTC.
fn time(minutes: u32) -> String {
    const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (mut day, minute) = (minutes / 1_440, minutes % 1_440);
    let mut month = 0;
    while day >= DAYS[month] {
        day -= DAYS[month];
        month += 1;
    }
    format!("2024-{:02}-{:02}T{:02}:{:02}:00Z", month + 1, day + 1, minute / 60, minute % 60)
}
