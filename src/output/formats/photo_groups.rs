//! `photo_groups.csv`: every image of every photo group, in every ad that shows it.
//!
//! Groups seen in one ad only are not here: they say nothing about links.

use super::{Content, Export, RowCounts, table};
use crate::corpus::AdRow;
use crate::view::Joined;
use std::collections::BTreeSet;
use std::io::{self, Write};

pub(super) struct PhotoGroupsCsv;

impl Export for PhotoGroupsCsv {
    fn file_name(&self) -> &'static str {
        "photo_groups.csv"
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let mut csv = table::csv_with(&["photo_group_id", "sha256", "path", "site", "ad_id"], out)?;
        let mut written = 0;
        for group in &joined.findings.groups {
            for &image in &group.images {
                let sha256 = joined.image(image).id().to_string();
                // The same image seen again in one ad under one path is one row.
                let places: BTreeSet<(&str, AdRow)> =
                    joined.sightings_of_image(image).map(|seen| (&*seen.path, seen.ad)).collect();
                for (path, ad) in places {
                    let key = &joined.ad(ad).key;
                    csv.write_record([&group.id, &sha256, path, &key.site, &key.ad_id])?;
                    written += 1;
                }
            }
        }
        csv.flush()?;
        Ok(RowCounts::all(written))
    }
}
