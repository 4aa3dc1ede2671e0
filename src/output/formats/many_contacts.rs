//! `many_contacts.csv`: one picture, many contacts, the most contacts first.
//!
//! One row a photo. The lists are separated by `;` and a space; ads stand as `site/ad_id`.

use super::{Content, Export, RowCounts, table};
use crate::view::{Joined, ManyContacts};
use std::io::{self, Write};

pub(super) struct ManyContactsCsv;

const HEADING: [&str; 14] = [
    "rank",
    "photo_group_id",
    "kind",
    "ads",
    "contacts",
    "ads_without_contact",
    "sites",
    "places",
    "first_seen",
    "last_seen",
    "contact_list",
    "ad_list",
    "would_settle",
    "example_path",
];

impl Export for ManyContactsCsv {
    fn file_name(&self) -> &'static str {
        "many_contacts.csv"
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let mut csv = table::csv_with(&HEADING, out)?;
        let all = ManyContacts::of(joined);
        for (rank, one) in (1..).zip(&all) {
            let ads: Vec<String> = one.ads.iter().map(|&ad| joined.ad(ad).key.to_string()).collect();
            let example = joined.sightings_of_image(one.image).map(|seen| &*seen.path).min();
            csv.write_record([
                &rank.to_string(),
                &one.id,
                one.kind,
                &one.ads.len().to_string(),
                &one.contacts.len().to_string(),
                &one.silent.to_string(),
                &one.sites.join("; "),
                &table::text(&one.places.join("; ")),
                &one.first_seen,
                &one.last_seen,
                &table::text(&one.contacts.join("; ")),
                &ads.join("; "),
                &table::text(&one.would_settle(joined)),
                example.unwrap_or_default(),
            ])?;
        }
        csv.flush()?;
        Ok(RowCounts::all(all.len()))
    }
}
