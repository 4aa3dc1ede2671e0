//! Short names inside one network: ads A1, A2, ... in order of time, photos P1, P2, ... by how many ads show them.
//!
//! They hold within one report only; outside it, ads and photos have their keys and ids.

use crate::corpus::{AdRow, PhotoRow, Row};
use crate::link::Network;
use crate::view::{Joined, ad_time};
use std::collections::BTreeMap;

pub(crate) struct Labels {
    /// Ad rows, A1 first.
    pub(crate) ads: Vec<AdRow>,
    /// Indices of photo groups, P1 first.
    pub(crate) photos: Vec<PhotoRow>,
    place_of_ad: BTreeMap<AdRow, usize>,
    place_of_photo: BTreeMap<PhotoRow, usize>,
}

impl Labels {
    pub(crate) fn new(joined: &Joined<'_>, network: &Network) -> Self {
        let mut ads = network.ads.clone();
        ads.sort_by_key(|&row| {
            let time = ad_time(joined.ad(row));
            (time.is_empty(), time, row)
        });
        let mut photos = network.groups.clone();
        photos.sort_by_key(|&group| {
            let shown_in = &joined.findings.groups[group].ads;
            let here = shown_in.iter().filter(|ad| network.ads.binary_search(ad).is_ok()).count();
            (std::cmp::Reverse(here), group)
        });
        Self { place_of_ad: placed(&ads), place_of_photo: placed(&photos), ads, photos }
    }

    /// `A3`; empty for an ad of another network.
    pub(crate) fn ad(&self, row: AdRow) -> String {
        self.place_of_ad.get(&row).map(|place| format!("A{place}")).unwrap_or_default()
    }

    /// 2 for P2; `None` for a photo that does not hold this network together.
    pub(crate) fn place_of_photo(&self, group: PhotoRow) -> Option<usize> {
        self.place_of_photo.get(&group).copied()
    }
}

fn placed<K: Row>(rows: &[K]) -> BTreeMap<K, usize> {
    rows.iter().copied().zip(1..).collect()
}
