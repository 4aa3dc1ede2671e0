//! `links.jsonl`: one JSON object per ad link, with all its evidence and the sentence that explains it.
//!
//! Facts only (what was seen, how far apart, how rare) and the words made from them; judgements of reviewers
//! are kept elsewhere. Values are untouched: whoever shows them escapes them.

use super::{Content, Export, RowCounts, table};
use crate::corpus::{AdRow, ImageRow, LinkRow};
use crate::hash::Hash256;
use crate::link::{Evidence, Link, PhotoGroup};
use crate::record::Ad;
use crate::verify::Tier;
use crate::view::{Joined, bits, days_between, words};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, Write};

pub(super) struct LinksJsonl;

impl Export for LinksJsonl {
    fn file_name(&self) -> &'static str {
        "links.jsonl"
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        for (row, link) in joined.links() {
            table::json_line(&link_value(joined, row, link), out)?;
        }
        Ok(RowCounts::all(joined.findings.links.len()))
    }
}

fn link_value(joined: &Joined<'_>, row: LinkRow, link: &Link) -> Value {
    let (a, b) = (joined.ad(link.a), joined.ad(link.b));
    let (first_seen, last_seen) = (joined.findings.first_seen(link), joined.findings.last_seen(link));
    let either = |of: fn(&Ad) -> &str| -> BTreeSet<&str> {
        [of(a), of(b)].into_iter().filter(|text| !text.is_empty()).collect()
    };
    let evidence: Vec<Value> = link.evidence.iter().map(|e| evidence_value(joined, link, e)).collect();
    let rarest = link
        .evidence
        .iter()
        .map(|evidence| &joined.findings.groups[evidence.group])
        .min_by_key(|group| (group.rarity.ads, &group.id));
    json!({
        "link_id": link.id.to_string(),
        "a": ad_value(a),
        "b": ad_value(b),
        "weight": table::json_number(link.weight()),
        "photo_evidence": evidence,
        "rarity": rarest.map(rarity_value),
        "corroboration": link.corroboration.names(),
        "contradictions": link.contradictions.names(),
        "caveats": link.caveats.names(),
        "explanation": words::link(joined, link),
        "first_seen": first_seen,
        "last_seen": last_seen,
        "span_days": days_between(first_seen, last_seen),
        "sites": either(|ad| &ad.key.site),
        "places": either(|ad| &ad.location),
        "network_id": joined.network_of_link(link).map(|network| &network.id),
        "left_out": joined.left_out(row).names(),
    })
}

fn evidence_value(joined: &Joined<'_>, link: &Link, evidence: &Evidence) -> Value {
    let group = &joined.findings.groups[evidence.group];
    let proof = &evidence.proof;
    json!({
        "photo_group_id": group.id,
        "tier": proof.tier.name(),
        "identical_bytes": proof.tier == Tier::SameFile,
        "hash": "pdq",
        "distance": bits(proof),
        "second_distance": proof.second_distance,
        "transform": proof.transform.name(),
        "overlap_a": table::json_number(proof.overlap_a),
        "overlap_b": table::json_number(proof.overlap_b),
        "score": table::json_number(proof.score),
        "strength": joined.strength(proof).name(),
        "probability": table::json_number(joined.probability(proof)),
        "weight": table::json_number(evidence.weight),
        "image_a": image_value(joined, link.a, evidence.image_a, proof.view_a.name()),
        "image_b": image_value(joined, link.b, evidence.image_b, proof.view_b.name()),
        "rarity": rarity_value(group),
        "common": group.common.map(|reason| reason.name()),
    })
}

fn image_value(joined: &Joined<'_>, ad: AdRow, row: ImageRow, view: &str) -> Value {
    let image = joined.image(row);
    let seen = joined.sightings_of_ad(ad).find(|seen| seen.image == row);
    json!({
        "sha256": image.id().to_string(),
        "path": seen.map(|seen| &seen.path),
        "position": seen.map(|seen| seen.position),
        "width": image.width,
        "height": image.height,
        "quality": image.pdq.quality.get(),
        "pdq": (image.pdq.hash() != Hash256::default()).then(|| image.pdq.hash().to_string()),
        "view": view,
        "caveats": image.caveats.names(),
    })
}

fn rarity_value(group: &PhotoGroup) -> Value {
    let rarity = &group.rarity;
    json!({
        "ads": rarity.ads,
        "sites": rarity.sites,
        "days": rarity.days,
        "unrelated_posters": rarity.unrelated_posters,
    })
}

fn ad_value(ad: &Ad) -> Value {
    let mut value = json!({
        "site": ad.key.site,
        "ad_id": ad.key.ad_id,
        "url": ad.url,
        "posted_at": ad.posted_at,
        "collected_at": ad.collected_at,
        "place": ad.location,
        "phones": ad.phones,
        "title": table::title(&ad.title),
    });
    table::put_kept(&mut value, ad);
    value
}
