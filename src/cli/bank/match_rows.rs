//! What a match says, as a row: for tables, for JSON, for people.
//!
//! One row is one query and one entry of a bank, or one image of another case. The trap: labels and notes are words of
//! whoever made the list, and hostile like all text.

use adlink::bank::BankMatch;
use adlink::corpus::ImageRow;
use adlink::hashlist::{cell, cell_of_words};
use adlink::search::Hit;
use adlink::view::Joined;
use serde_json::{Value, json};
use std::io;

/// Columns of the table.
const HEADING: [&str; 18] = [
    "query",
    "query_ads",
    "bank",
    "kind",
    "version",
    "entry",
    "sha256",
    "ads",
    "tier",
    "distance",
    "transform",
    "view",
    "strength",
    "score",
    "labels",
    "note",
    "outside_id",
    "uri",
];

/// A query and what it matches.
#[derive(Default)]
pub(super) struct MatchRow {
    pub(super) query: String,
    /// Ads that show the query, as `site/ad_id`.
    pub(super) query_ads: Vec<String>,
    bank: String,
    kind: &'static str,
    version: Option<u64>,
    entry: Option<u64>,
    sha256: String,
    ads: Vec<String>,
    tier: &'static str,
    distance: Option<u32>,
    transform: &'static str,
    view: &'static str,
    strength: &'static str,
    score: f64,
    is_regular: bool,
    labels: Vec<String>,
    note: String,
    outside_id: String,
    uri: String,
}

impl MatchRow {
    /// A query on a bank.
    pub(super) fn listed(query: &str, query_ads: &[String], found: BankMatch) -> Self {
        let (strength, content) = (found.strength().name(), found.entry.content);
        Self {
            query: query.into(),
            query_ads: query_ads.to_vec(),
            bank: found.bank.name().into(),
            kind: found.bank.facts.kind.name(),
            version: Some(found.bank.version),
            entry: Some(found.entry.id.0),
            sha256: content.sha256.map(|digest| digest.to_string()).unwrap_or_default(),
            ads: Vec::new(),
            tier: found.tier.name(),
            distance: found.distance,
            transform: found.turn.name(),
            view: found.view.name(),
            strength,
            score: found.score,
            is_regular: found.is_regular,
            labels: content.labels,
            note: content.note,
            outside_id: content.outside_id,
            uri: content.uri,
        }
    }

    /// An image of one case in another; `None` for what only is near.
    pub(super) fn in_case(query: &str, query_ads: &[String], there: &Joined<'_>, hit: &Hit) -> Option<Self> {
        let proof = hit.proof.as_ref()?;
        Some(Self {
            query: query.into(),
            query_ads: query_ads.to_vec(),
            sha256: there.image(hit.image).id().to_string(),
            ads: ads_of(there, hit.image),
            uri: path_of(there, hit.image),
            tier: proof.tier.name(),
            distance: proof.distance,
            transform: proof.transform.name(),
            view: proof.view_a.name(),
            strength: proof.strength().name(),
            score: proof.score,
            ..Self::default()
        })
    }

    /// By bank and entry, then by query.
    pub(super) fn by_entry(&self) -> (&str, Option<u64>, &str, &str) {
        (&self.bank, self.entry, &self.sha256, &self.query)
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "query": self.query,
            "query_ads": self.query_ads,
            "bank": (!self.bank.is_empty()).then_some(&self.bank),
            "kind": (!self.kind.is_empty()).then_some(self.kind),
            "version": self.version,
            "entry": self.entry,
            "sha256": self.sha256,
            "ads": self.ads,
            "tier": self.tier,
            "distance": self.distance,
            "transform": self.transform,
            "view": self.view,
            "strength": self.strength,
            "score": self.score,
            "regular": self.is_regular,
            "labels": self.labels,
            "note": self.note,
            "outside_id": self.outside_id,
            "uri": self.uri,
        })
    }

    fn line(&self, by_entry: bool) -> String {
        let place = match self.entry {
            Some(entry) => {
                format!("{} version {} entry {entry}", self.bank, self.version.unwrap_or_default())
            }
            None => self.ads.join(", "),
        };
        let distance = self.distance.map_or("same bytes".into(), |bits| format!("{bits:>3} bits"));
        let place = if by_entry { &self.query } else { &place };
        let part =
            if self.view == "whole" { String::new() } else { format!(" of the query's {}", self.view) };
        let mut line =
            format!("  {distance}  {}  {}{part}  {}  {place}", self.tier, self.transform, self.strength);
        if self.is_regular {
            line.push_str("  (stripes, checks and lattices have such hashes)");
        }
        let labels = self.labels.join(", ");
        let said = [("id", &self.outside_id), ("labels", &labels), ("note", &self.note), ("uri", &self.uri)];
        for (name, text) in said.into_iter().filter(|(_, text)| !text.is_empty()) {
            line.push_str(&format!("  {name}: {}", text.replace('\n', " ")));
        }
        line + "\n"
    }
}

/// For people: rows under what they have in common.
pub(super) fn text(rows: &[MatchRow], by_entry: bool) -> String {
    let mut text = String::new();
    let under = |row: &MatchRow| match (by_entry, row.entry) {
        (false, _) => row.query.clone(),
        (true, Some(entry)) => {
            format!("{} version {} entry {entry}", row.bank, row.version.unwrap_or_default())
        }
        (true, None) => row.uri.clone(),
    };
    for same in rows.chunk_by(|a, b| under(a) == under(b)) {
        text.push_str(&under(&same[0]));
        if !by_entry && !same[0].query_ads.is_empty() {
            text.push_str(&format!("  in {}", same[0].query_ads.join(", ")));
        }
        text.push('\n');
        same.iter().for_each(|row| text.push_str(&row.line(by_entry)));
    }
    text
}

pub(super) fn csv(rows: &[MatchRow]) -> io::Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(HEADING)?;
    for row in rows {
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let free = [
            &row.query,
            &cell_of_words(&row.query_ads),
            &cell_of_words(&row.ads),
            &cell_of_words(&row.labels),
            &row.note,
            &row.outside_id,
            &row.uri,
        ];
        let [query, query_ads, ads, labels, note, outside_id, uri] = free.map(|text| cell(text));
        table.write_record([
            &*query,
            &query_ads,
            &row.bank,
            row.kind,
            &number(row.version),
            &number(row.entry),
            &row.sha256,
            &ads,
            row.tier,
            &number(row.distance.map(u64::from)),
            row.transform,
            row.view,
            row.strength,
            &format!("{:.2}", row.score),
            &labels,
            &note,
            &outside_id,
            &uri,
        ])?;
    }
    let bytes = table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// Ads that show an image.
pub(super) fn ads_of(joined: &Joined<'_>, image: ImageRow) -> Vec<String> {
    let seen = joined.sightings_of_image(image);
    let mut ads: Vec<String> = seen.map(|seen| joined.ad(seen.ad).key.to_string()).collect();
    ads.sort_unstable();
    ads.dedup();
    ads
}

/// The first of the paths under which an image was seen.
pub(super) fn path_of(joined: &Joined<'_>, image: ImageRow) -> String {
    joined.sightings_of_image(image).map(|seen| seen.path.to_string()).min().unwrap_or_default()
}
