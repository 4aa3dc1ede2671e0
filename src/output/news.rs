//! `new.csv`: what a run found that an earlier one had not.
//!
//! Written only when asked for (`--since`). It depends on that earlier run, as no other result file does, so it
//! stands in `run.json` and not in the manifest of digests.

use crate::link::News;
use crate::view::Joined;
use std::io::{self, Write};

pub(crate) const NAME: &str = "new.csv";

pub(crate) const HEADING: [&str; 11] = [
    "kind",
    "id",
    "network_id",
    "ads",
    "ads_before",
    "site_a",
    "ad_id_a",
    "site_b",
    "ad_id_b",
    "weight",
    "since_run",
];

/// Networks first, the largest first, each followed by the ads that are new in it; then links by their ads.
pub(crate) fn write(joined: &Joined<'_>, news: &News, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(HEADING)?;
    let since = news.since.to_string();
    for item in &news.networks {
        let network = &joined.findings.networks[item.network];
        let kind = if item.before == 0 { "new-network" } else { "grown-network" };
        let (ads, before) = (network.ads.len().to_string(), item.before.to_string());
        csv.write_record([kind, &network.id, &network.id, &ads, &before, "", "", "", "", "", &since])?;
        for &ad in &item.added {
            let key = &joined.ad(ad).key;
            csv.write_record(["new-ad", "", &network.id, "", "", &key.site, &key.ad_id, "", "", "", &since])?;
        }
    }
    for &row in &news.links {
        let link = &joined.findings.links[row];
        let (a, b) = (&joined.ad(link.a).key, &joined.ad(link.b).key);
        let network = joined.network_of_link(link).map_or("", |network| network.id.as_str());
        let weight = format!("{:.4}", link.weight());
        csv.write_record([
            "new-link",
            &link.id.to_string(),
            network,
            "",
            "",
            &a.site,
            &a.ad_id,
            &b.site,
            &b.ad_id,
            &weight,
            &since,
        ])?;
    }
    csv.flush()
}
