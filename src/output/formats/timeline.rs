//! `timeline.csv`: one row per sighting of every ad that has a link, earliest first, unknown times last.
//!
//! `time` is when the ad was posted, or else when it was collected: the column to draw a line over places by.

use super::{Content, Export, RowCounts, table};
use crate::corpus::AdRow;
use crate::view::{Joined, ad_time};
use std::collections::BTreeSet;
use std::io::{self, Write};

pub(super) struct Timeline;

const HEADING: [&str; 11] = [
    "time",
    "network_id",
    "site",
    "ad_id",
    "place",
    "posted_at",
    "collected_at",
    "position",
    "path",
    "sha256",
    "photo_group_ids",
];

impl Export for Timeline {
    fn file_name(&self) -> &'static str {
        "timeline.csv"
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let mut csv = table::csv_with(&HEADING, out)?;
        let linked: BTreeSet<AdRow> =
            joined.findings.links.iter().flat_map(|link| [link.a, link.b]).collect();
        let mut rows: Vec<_> = linked
            .iter()
            .flat_map(|&ad| joined.sightings_of_ad(ad))
            .map(|seen| {
                let posted = &joined.ad(seen.ad).posted_at;
                let time = [&**posted, &*seen.collected_at, ad_time(joined.ad(seen.ad))]
                    .into_iter()
                    .find(|time| !time.is_empty())
                    .unwrap_or_default();
                (time.is_empty(), time, seen)
            })
            .collect();
        rows.sort();
        for &(_, time, seen) in &rows {
            let ad = joined.ad(seen.ad);
            let groups: Vec<&str> = joined
                .groups_of_image(seen.image)
                .iter()
                .map(|&group| &*joined.findings.groups[group].id)
                .collect();
            csv.write_record([
                time,
                joined.network_of_ad(seen.ad).map_or("", |network| &network.id),
                &ad.key.site,
                &ad.key.ad_id,
                &table::text(&ad.location),
                &ad.posted_at,
                &seen.collected_at,
                &seen.position.to_string(),
                &seen.path,
                &joined.image(seen.image).id().to_string(),
                &groups.join(";"),
            ])?;
        }
        csv.flush()?;
        Ok(RowCounts::all(rows.len()))
    }
}
