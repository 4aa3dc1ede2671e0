//! `networks.csv`: which network each ad is in, for every ad in a network of two or more.
//!
//! Rank, size, weight and kind are those of the network, the same on each of its rows. The rank is the order in which
//! the report tells the networks, and changes with what is found; the id does not. The number, which a case keeps from
//! run to run, is in `networks.jsonl`: this file is the same however the ads came in.

use super::{Content, Export, RowCounts, table};
use crate::view::{Joined, NetworkFacts, ranked};
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) struct NetworksCsv;

impl Export for NetworksCsv {
    fn file_name(&self) -> &'static str {
        "networks.csv"
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let heading = ["site", "ad_id", "network_id", "rank", "size", "weight", "kind"];
        let mut csv = table::csv_with(&heading, out)?;
        let of_network: BTreeMap<&str, [String; 4]> = (1..)
            .zip(ranked(joined))
            .map(|(rank, facts)| (&*facts.network.id, columns(rank, &facts)))
            .collect();
        let mut rows = 0;
        // Ads are sorted by key, so the rows are.
        for (row, ad) in joined.ads() {
            if let Some(network) = joined.network_of_ad(row) {
                let ids = [&*ad.key.site, &ad.key.ad_id, &network.id];
                let columns = of_network[&*network.id].iter().map(String::as_str);
                csv.write_record(ids.into_iter().chain(columns))?;
                rows += 1;
            }
        }
        csv.flush()?;
        Ok(RowCounts::all(rows))
    }
}

/// Rank, size, weight, kind.
fn columns(rank: usize, facts: &NetworkFacts<'_>) -> [String; 4] {
    let network = facts.network;
    [rank.to_string(), network.ads.len().to_string(), table::number(facts.weight), network.kind.name().into()]
}
