//! `networks.jsonl`: one JSON object per network, largest first: ads, sites, places, phones, time span, photos,
//! the strongest link and the weakest it depends on, and the common photos left out.

use super::{Content, Export, RowCounts, table};
use crate::corpus::{AdRow, LinkRow, PhotoRow};
use crate::view::{Joined, NetworkFacts, days_between, words};
use serde_json::{Value, json};
use std::io::{self, Write};

pub(super) struct NetworksJsonl;

impl Export for NetworksJsonl {
    fn file_name(&self) -> &'static str {
        "networks.jsonl"
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        for network in &joined.findings.networks {
            table::json_line(&network_value(joined, &NetworkFacts::new(joined, network)), out)?;
        }
        Ok(RowCounts::all(joined.findings.networks.len()))
    }
}

fn network_value(joined: &Joined<'_>, facts: &NetworkFacts<'_>) -> Value {
    let network = facts.network;
    let ads: Vec<Value> = network.ads.iter().map(|&row| ad_value(joined, row)).collect();
    let weakest = facts.weakest.map(|weakest| {
        let mut value = link_value(joined, weakest.link);
        value["is_bridge"] = json!(weakest.is_bridge);
        value["joins_parts_of"] = json!([weakest.smaller, weakest.larger]);
        value
    });
    let contradictions: serde_json::Map<String, Value> =
        facts.contradictions.iter().map(|&(kind, links)| (kind.name().to_string(), json!(links))).collect();
    json!({
        "network_id": network.id,
        "number": network.number,
        "kind": network.kind.name(),
        "ads": ads,
        "ad_count": network.ads.len(),
        "link_count": network.links.len(),
        "links_across_sites": facts.links_across_sites,
        "weight": table::json_number(facts.weight),
        "sites": facts.sites,
        "places": facts.places,
        "phones": facts.phones,
        "first_seen": facts.first_seen,
        "last_seen": facts.last_seen,
        "span_days": days_between(&facts.first_seen, &facts.last_seen),
        "photo_groups": network.groups.iter().map(|&group| group_value(joined, group)).collect::<Vec<_>>(),
        "strongest_link": facts.strongest.map(|link| link_value(joined, link)),
        "weakest_link": weakest,
        "contradictions": contradictions,
        "common_left_out": network.common.iter().map(|&group| group_value(joined, group)).collect::<Vec<_>>(),
    })
}

fn ad_value(joined: &Joined<'_>, row: AdRow) -> Value {
    let ad = joined.ad(row);
    let mut value = json!({
        "site": ad.key.site,
        "ad_id": ad.key.ad_id,
        "posted_at": ad.posted_at,
        "collected_at": ad.collected_at,
        "place": ad.location,
        "phones": ad.phones,
    });
    table::put_kept(&mut value, ad);
    value
}

fn group_value(joined: &Joined<'_>, row: PhotoRow) -> Value {
    let group = &joined.findings.groups[row];
    json!({
        "photo_group_id": group.id,
        "images": group.images.len(),
        "ads": group.rarity.ads,
        "sites": group.rarity.sites,
        "days": group.rarity.days,
        "common": group.common.map(|reason| reason.name()),
    })
}

fn link_value(joined: &Joined<'_>, row: LinkRow) -> Value {
    let link = &joined.findings.links[row];
    json!({
        "link_id": link.id.to_string(),
        "weight": table::json_number(link.weight()),
        "explanation": words::link(joined, link),
    })
}
