//! How much of a network is told in one place, so that a report of ten thousand ads can be opened, sent and printed.
//!
//! `report.html` tells the first ads and photos of a network; one that has more gets a page of its own, which tells all.
//! The trap: nothing may be cut in silence, so whoever cuts says how many there are and where.

use super::{PAGES_FOLDER, Ranked};
use crate::corpus::PhotoRow;
use crate::language::{phrase, say};
use crate::link::Network;
use crate::view::{Joined, words};
use maud::{Markup, html};

/// What is told of one network.
#[derive(Clone, Copy)]
pub(super) struct PageRoom {
    /// Rows of ads.
    pub(super) ads: usize,
    /// Photos.
    pub(super) photos: usize,
    /// Images of one photo; `photo_groups.csv` has all of them.
    pub(super) images: usize,
    /// Is this a page of the network's own?
    is_page: bool,
}

impl PageRoom {
    /// In `report.html`, beside other networks.
    pub(super) const REPORT: Self = Self { ads: 40, photos: 8, images: 12, is_page: false };
    /// On a page of its own.
    pub(super) const PAGE: Self = Self { ads: usize::MAX, photos: usize::MAX, images: 200, is_page: true };

    /// Is there room for all of a network?
    pub(super) fn holds(&self, joined: &Joined<'_>, network: &Network) -> bool {
        let images = |&group: &PhotoRow| joined.findings.groups[group].images.len();
        network.ads.len() <= self.ads
            && network.groups.len() <= self.photos
            && network.groups.iter().all(|group| images(group) <= self.images)
    }

    /// A file in the folder of pages, seen from here.
    pub(super) fn address(&self, page: &str) -> String {
        if self.is_page { page.into() } else { format!("{PAGES_FOLDER}/{page}") }
    }

    /// Says how many of something are not told here, and where they are.
    pub(super) fn left_out(&self, entry: &Ranked<'_>, left_out: usize, what: &str) -> Markup {
        if left_out == 0 {
            return html! {};
        }
        let rows = words::count(left_out, what);
        let said = match self.is_page {
            true => phrase!(
                "{rows} more: all of them in {file}.",
                rows = rows,
                file = html! { code { "photo_groups.csv" } },
            ),
            false => {
                let page = say!("all of {network} on a page of its own", network = entry.name());
                let page = html! { a href=(entry.page_from_report()) { (page) } };
                phrase!("{rows} more: {page}.", rows = rows, page = page)
            }
        };
        html! { p.minor { (said) } }
    }
}
