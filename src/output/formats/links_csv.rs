//! `links.csv`: one flat row per ad link, for link charts and table imports.
//!
//! i2 and Maltego map columns to entities by hand, so both ends are spelled out with stable identities
//! (`from_id`, `to_id`), and the column order is part of the contract: add columns at the end only.

use super::{Content, Export, RowCounts, table};
use crate::corpus::AdRow;
use crate::link::Link;
use crate::view::{Joined, ad_name, ad_time, bits, words};
use std::io::{self, Write};

pub(super) struct LinksCsv;

const HEADING: [&str; 40] = [
    "link_id",
    "from_id",
    "from_type",
    "from_label",
    "from_site",
    "from_ad_id",
    "from_date",
    "from_place",
    "from_phones",
    "from_url",
    "to_id",
    "to_type",
    "to_label",
    "to_site",
    "to_ad_id",
    "to_date",
    "to_place",
    "to_phones",
    "to_url",
    "link_type",
    "link_label",
    "link_date",
    "weight",
    "tier",
    "distance",
    "transform",
    "photos",
    "photo_group_ids",
    "rarity_ads",
    "rarity_sites",
    "rarity_days",
    "image_a",
    "image_b",
    "corroboration",
    "contradictions",
    "caveats",
    "network_id",
    "left_out",
    "first_seen",
    "last_seen",
];

impl Export for LinksCsv {
    fn file_name(&self) -> &'static str {
        "links.csv"
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let mut csv = table::csv_with(&HEADING, out)?;
        for (row, link) in joined.links() {
            let mut record = csv::StringRecord::new();
            record.push_field(&link.id.to_string());
            for end in [link.a, link.b] {
                push_end(&mut record, joined, end);
            }
            push_link(&mut record, joined, link);
            record.push_field(joined.network_of_link(link).map_or("", |network| &network.id));
            record.push_field(&joined.left_out(row).names().join(";"));
            record.push_field(joined.findings.first_seen(link));
            record.push_field(joined.findings.last_seen(link));
            csv.write_record(&record)?;
        }
        csv.flush()?;
        Ok(RowCounts::all(joined.findings.links.len()))
    }
}

fn push_end(record: &mut csv::StringRecord, joined: &Joined<'_>, row: AdRow) {
    let ad = joined.ad(row);
    let name = ad_name(&ad.key);
    let label = if ad.title.is_empty() { &name } else { &ad.title };
    record.push_field(&name);
    record.push_field("ad");
    record.push_field(&table::text(&table::title(label)));
    record.push_field(&ad.key.site);
    record.push_field(&ad.key.ad_id);
    record.push_field(ad_time(ad));
    record.push_field(&table::text(&ad.location));
    record.push_field(&table::text(&ad.phones.join(";")));
    record.push_field(&table::text(&ad.url));
}

fn push_link(record: &mut csv::StringRecord, joined: &Joined<'_>, link: &Link) {
    let strongest = link.evidence.first();
    let proof = strongest.map(|evidence| &*evidence.proof);
    let distance = proof.and_then(bits);
    let groups: Vec<&str> =
        link.evidence.iter().map(|evidence| &*joined.findings.groups[evidence.group].id).collect();
    let rarity = strongest.map(|evidence| joined.findings.groups[evidence.group].rarity);
    let rarity = rarity.unwrap_or_default();
    let label = words::count(link.evidence.len(), "shared photo");
    for field in [
        "shared-photo",
        &label,
        joined.findings.first_seen(link),
        &table::number(link.weight()),
        proof.map_or("", |proof| proof.tier.name()),
        &distance.map(|bits| bits.to_string()).unwrap_or_default(),
        proof.map_or("", |proof| proof.transform.name()),
        &link.evidence.len().to_string(),
        &groups.join(";"),
        &rarity.ads.to_string(),
        &rarity.sites.to_string(),
        &rarity.days.to_string(),
        strongest.map_or("", |evidence| joined.path_in(link.a, evidence.image_a)),
        strongest.map_or("", |evidence| joined.path_in(link.b, evidence.image_b)),
        &link.corroboration.names().join(";"),
        &link.contradictions.names().join(";"),
        &link.caveats.names().join(";"),
    ] {
        record.push_field(field);
    }
}
