//! Which ad shows which photo, as a table of dots: the graph of ads and photos, readable at any size.
//!
//! Ads run from left to right in time. A photo that spans the whole width holds the network together for long; a
//! step from one photo to the next is where it hangs on few ads.

use super::Ranked;
use super::labels::Labels;
use crate::view::{Joined, words};
use maud::{Markup, html};

/// Columns and rows that still fit and read; the tables below it hold everything.
const MOST_ADS: usize = 60;
const MOST_PHOTOS: usize = 40;

pub(super) fn matrix(joined: &Joined<'_>, entry: &Ranked<'_>, labels: &Labels) -> Markup {
    if labels.ads.len() > MOST_ADS || labels.photos.is_empty() {
        return html! {};
    }
    let caption = format!("Which photo is in which ad of {}", entry.name());
    html! {
        p.chart-title { "Photos by ad, ads in order of time" }
        section.scroll tabindex="0" aria-label=(caption) {
            table.matrix {
                thead { tr {
                    td {}
                    @for &ad in &labels.ads { th scope="col" { (labels.ad(ad)) } }
                } }
                tbody {
                    @for (&number, place) in labels.photos.iter().zip(1..).take(MOST_PHOTOS) {
                        @let shown_in = &joined.findings.groups[number].ads;
                        tr {
                            th scope="row" { "P" (place) }
                            @for ad in &labels.ads {
                                td { @if shown_in.binary_search(ad).is_ok() { "\u{25cf}" } }
                            }
                        }
                    }
                }
            }
        }
        @if labels.photos.len() > MOST_PHOTOS {
            p.minor { (words::count(labels.photos.len() - MOST_PHOTOS, "photo")) " in fewer ads not drawn." }
        }
    }
}
