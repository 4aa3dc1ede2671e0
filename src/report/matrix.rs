//! Which ad shows which photo, as a table of dots: the graph of ads and photos, readable at any size.
//!
//! Ads run from left to right in time. A photo that spans the whole width holds the network together for long; a
//! step from one photo to the next is where it hangs on few ads. Of a large network the columns are sites, and the
//! table says how many ads of a site show a photo.

use super::Ranked;
use super::graph::sites;
use super::labels::Labels;
use super::text::shown;
use crate::corpus::AdRow;
use crate::language::say;
use crate::view::{Joined, words};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Columns and rows that still fit and read; the tables below it hold everything.
const MOST_ADS: usize = 60;
const MOST_SITES: usize = 16;
const MOST_PHOTOS: usize = 40;

pub(super) fn matrix(joined: &Joined<'_>, entry: &Ranked<'_>, labels: &Labels) -> Markup {
    if labels.photos.is_empty() {
        return html! {};
    }
    html! {
        @if labels.ads.len() > MOST_ADS { (by_site(joined, entry, labels)) }
        @else { (by_ad(joined, entry, labels)) }
        @if labels.photos.len() > MOST_PHOTOS {
            p.minor {
                (say!(
                    "{photos} in fewer ads not drawn.",
                    photos = words::count(labels.photos.len() - MOST_PHOTOS, "photo"),
                ))
            }
        }
    }
}

fn by_ad(joined: &Joined<'_>, entry: &Ranked<'_>, labels: &Labels) -> Markup {
    let head = html! { @for &ad in &labels.ads { th scope="col" { (labels.ad(ad)) } } };
    let row = |shown_in: &[AdRow]| {
        html! { @for ad in &labels.ads { td { @if shown_in.binary_search(ad).is_ok() { "\u{25cf}" } } } }
    };
    let caption = say!("Which photo is in which ad of {network}", network = entry.name());
    html! {
        p.chart-title { (say!("Photos by ad, ads in order of time")) }
        (table(joined, labels, &caption, &head, &row))
    }
}

fn by_site(joined: &Joined<'_>, entry: &Ranked<'_>, labels: &Labels) -> Markup {
    let sites = sites(joined, labels);
    let drawn = &sites[..sites.len().min(MOST_SITES)];
    let head = html! { @for (site, _) in drawn { th.site scope="col" { (shown(site)) } } };
    let row = |shown_in: &[AdRow]| {
        let mut ads: BTreeMap<&str, usize> = BTreeMap::new();
        for &ad in shown_in.iter().filter(|&&ad| !labels.ad(ad).is_empty()) {
            *ads.entry(&joined.ad(ad).key.site).or_default() += 1;
        }
        html! { @for (site, _) in drawn { td { @if let Some(&ads) = ads.get(site) { (words::thousands(ads)) } } } }
    };
    let caption = say!("How many ads of each site in {network} show which photo", network = entry.name());
    html! {
        p.chart-title { (say!("Ads that show each photo, by site, those with most ads first")) }
        (table(joined, labels, &caption, &head, &row))
        @if sites.len() > MOST_SITES {
            p.minor {
                (say!("{sites} with fewer ads not drawn.", sites = words::count(sites.len() - MOST_SITES, "site")))
            }
        }
    }
}

/// A row for each photo; `row` fills it from the ads that show the photo.
fn table(
    joined: &Joined<'_>,
    labels: &Labels,
    caption: &str,
    head: &Markup,
    row: &dyn Fn(&[AdRow]) -> Markup,
) -> Markup {
    html! {
        section.scroll tabindex="0" aria-label=(caption) {
            table.matrix {
                thead { tr { td {} (head) } }
                tbody {
                    @for (&number, place) in labels.photos.iter().zip(1..).take(MOST_PHOTOS) {
                        tr { th scope="row" { "P" (place) } (row(&joined.findings.groups[number].ads)) }
                    }
                }
            }
        }
    }
}
