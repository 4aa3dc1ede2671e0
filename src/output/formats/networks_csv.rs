//! `networks.csv`: which network each ad is in, for every ad in a network of two or more.

use super::{Export, Rows, table};
use crate::view::Joined;
use std::io::{self, Write};

pub(super) struct NetworksCsv;

impl Export for NetworksCsv {
    fn file_name(&self) -> &'static str {
        "networks.csv"
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<Rows> {
        let mut csv = table::csv_with(&["site", "ad_id", "network_id"], out)?;
        let mut rows = 0;
        // Ads are sorted by key, so the rows are.
        for (row, ad) in (0u32..).zip(&joined.snapshot.ads) {
            if let Some(network) = joined.network_of_ad(row) {
                csv.write_record([&ad.key.site, &ad.key.ad_id, &network.id])?;
                rows += 1;
            }
        }
        csv.flush()?;
        Ok(Rows::all(rows))
    }
}
