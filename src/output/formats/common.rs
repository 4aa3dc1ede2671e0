//! `common.csv`: photo groups weighed down as common, with the reason and how often they occur.
//!
//! They are shown rather than dropped: whether a picture is stock or the very photo somebody reuses is for a
//! person to judge.

use super::{Content, Export, RowCounts, table};
use crate::view::Joined;
use std::io::{self, Write};

pub(super) struct CommonCsv;

const HEADING: [&str; 9] = [
    "photo_group_id",
    "reason",
    "ads",
    "sites",
    "days",
    "unrelated_posters",
    "images",
    "example_sha256",
    "example_path",
];

impl Export for CommonCsv {
    fn file_name(&self) -> &'static str {
        "common.csv"
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let mut csv = table::csv_with(&HEADING, out)?;
        let mut written = 0;
        for group in &joined.findings.groups {
            let (Some(reason), Some(&example)) = (group.common, group.images.first()) else { continue };
            let path = joined.sightings_of_image(example).map(|seen| &*seen.path).min().unwrap_or_default();
            csv.write_record([
                &group.id,
                reason.name(),
                &group.rarity.ads.to_string(),
                &group.rarity.sites.to_string(),
                &group.rarity.days.to_string(),
                &group.rarity.unrelated_posters.to_string(),
                &group.images.len().to_string(),
                &joined.image(example).id().to_string(),
                path,
            ])?;
            written += 1;
        }
        csv.flush()?;
        Ok(RowCounts::all(written))
    }
}
