//! Look-ups between ads, sightings, images, photo groups and networks.
//!
//! Built once per snapshot in linear time; every look-up afterwards is a slice. An image may stand in more than
//! one photo group (a collage does), and an ad may show one image twice.

use crate::codes::EnumSet;
use crate::corpus::{AdRow, ImageRow, LinkRow, PairRow, PhoneBook, PhotoRow, Row, Rows, SeenIn, Snapshot};
use crate::grouped::Grouped;
use crate::link::{Findings, LeftOut, Link, Network, NetworkRow};
use crate::record::{Ad, AdKey, Image};
use crate::verify::{Proof, Strength, Tier};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A snapshot and what linking found in it.
#[derive(Debug)]
pub struct Joined<'a> {
    /// The snapshot.
    pub snapshot: &'a Snapshot,
    /// What linking found in exactly this snapshot.
    pub findings: &'a Findings,
    sightings_of_ad: Grouped<AdRow, u32>,
    sightings_of_image: Grouped<ImageRow, u32>,
    groups_of_image: Grouped<ImageRow, PhotoRow>,
    pairs_of_image: Grouped<ImageRow, PairRow>,
    network_of_ad: Rows<AdRow, Option<NetworkRow>>,
    phone_book: OnceLock<PhoneBook>,
    left_out: BTreeMap<LinkRow, EnumSet<LeftOut>>,
}

fn numbered<K: Row, T>(items: &[T]) -> impl Iterator<Item = (K, &T)> + Clone + use<'_, K, T> {
    K::all(items.len()).zip(items)
}

impl<'a> Joined<'a> {
    /// Joins the two. Linear in both; panics when `findings` belongs to another snapshot.
    pub fn new(snapshot: &'a Snapshot, findings: &'a Findings) -> Self {
        let sightings = numbered::<u32, _>(&snapshot.sightings);
        let images = snapshot.images.len();
        let mut network_of_ad = Rows::filled(None, snapshot.ads.len());
        for (network, found) in (0..).map(NetworkRow::new).zip(&findings.networks) {
            for &ad in &found.ads {
                network_of_ad[ad] = Some(network);
            }
        }
        let mut left_out: BTreeMap<LinkRow, EnumSet<LeftOut>> = BTreeMap::new();
        for removed in &findings.removed {
            let reasons = left_out.entry(removed.link).or_default();
            *reasons = reasons.union(EnumSet::from_iter([removed.reason]));
        }
        Self {
            snapshot,
            findings,
            sightings_of_ad: Grouped::counted(
                snapshot.ads.len(),
                sightings.clone().map(|(row, seen)| (seen.ad, row)),
            ),
            sightings_of_image: Grouped::counted(images, sightings.map(|(row, seen)| (seen.image, row))),
            groups_of_image: Grouped::counted(
                images,
                numbered(&findings.groups)
                    .flat_map(|(row, group)| group.images.iter().map(move |&image| (image, row))),
            ),
            pairs_of_image: Grouped::counted(
                images,
                numbered(&findings.pairs).flat_map(|(row, pair)| {
                    let second = (pair.b != pair.a).then_some((pair.b, row));
                    std::iter::once((pair.a, row)).chain(second)
                }),
            ),
            network_of_ad,
            phone_book: OnceLock::new(),
            left_out,
        }
    }

    /// Probability that a pair shows the same photo, in this corpus.
    pub fn probability(&self, proof: &Proof) -> f64 {
        self.findings.certainty.probability(proof)
    }

    /// The evidence for a pair in words, in this corpus.
    pub fn strength(&self, proof: &Proof) -> Strength {
        self.findings.certainty.strength(proof)
    }

    /// Which writings of phones mean one number in this corpus; read on the first call.
    pub fn phone_book(&self) -> &PhoneBook {
        self.phone_book.get_or_init(|| PhoneBook::of(&self.snapshot.ads))
    }

    /// All links with their rows.
    pub fn links(&self) -> impl Iterator<Item = (LinkRow, &'a Link)> + Clone + use<'a> {
        numbered(&self.findings.links)
    }

    /// All ads with their rows.
    pub fn ads(&self) -> impl Iterator<Item = (AdRow, &'a Ad)> + Clone + use<'a> {
        numbered(&self.snapshot.ads)
    }

    /// All images with their rows.
    pub fn images(&self) -> impl Iterator<Item = (ImageRow, &'a Image)> + Clone + use<'a> {
        numbered(&self.snapshot.images)
    }

    /// The ad of a row.
    pub fn ad(&self, row: AdRow) -> &'a Ad {
        &self.snapshot.ads[row]
    }

    /// The image of a row.
    pub fn image(&self, row: ImageRow) -> &'a Image {
        &self.snapshot.images[row]
    }

    /// What was seen in an ad, by position.
    pub fn sightings_of_ad(&self, ad: AdRow) -> impl Iterator<Item = &'a SeenIn> + Clone {
        let sightings = &self.snapshot.sightings;
        self.sightings_of_ad.of(ad).iter().map(move |&row| &sightings[row as usize])
    }

    /// Where an image was seen, by ad.
    pub fn sightings_of_image(&self, image: ImageRow) -> impl Iterator<Item = &'a SeenIn> + Clone {
        let sightings = &self.snapshot.sightings;
        self.sightings_of_image.of(image).iter().map(move |&row| &sightings[row as usize])
    }

    /// Photo groups an image stands in.
    pub fn groups_of_image(&self, image: ImageRow) -> &[PhotoRow] {
        self.groups_of_image.of(image)
    }

    /// Indices of the pairs an image is one side of.
    pub fn pairs_of_image(&self, image: ImageRow) -> &[PairRow] {
        self.pairs_of_image.of(image)
    }

    /// The network an ad is in.
    pub fn network_of_ad(&self, ad: AdRow) -> Option<&'a Network> {
        self.network_of_ad[ad].map(|network| &self.findings.networks[network])
    }

    /// Why a link was not allowed to join networks; empty when it was.
    pub fn left_out(&self, link: LinkRow) -> EnumSet<LeftOut> {
        self.left_out.get(&link).copied().unwrap_or_default()
    }

    /// The network a link holds together.
    pub fn network_of_link(&self, link: &Link) -> Option<&'a Network> {
        link.network.map(|network| &self.findings.networks[network.index()])
    }

    /// An image's path as the ad's manifest gave it; empty when the ad does not show it.
    pub fn path_in(&self, ad: AdRow, image: ImageRow) -> &'a str {
        self.sightings_of_ad(ad).find(|seen| seen.image == image).map_or("", |seen| &seen.path)
    }
}

/// When an ad is known to have stood: posted, or else collected; empty when neither is known.
pub(crate) fn ad_time(ad: &Ad) -> &str {
    if ad.posted_at.is_empty() { &ad.collected_at } else { &ad.posted_at }
}

/// PDQ bits between the views that won: 0 for the same file, `None` where only local features found it.
pub(crate) fn bits(proof: &Proof) -> Option<u32> {
    if proof.tier == Tier::SameFile { Some(0) } else { proof.distance }
}

/// Earliest and latest of some times, the unknown (empty) ones aside; both empty when none is known.
pub(crate) fn extent<'t>(times: impl Iterator<Item = &'t str>) -> (String, String) {
    let mut known: Option<(&str, &str)> = None;
    for time in times.filter(|time| !time.is_empty()) {
        let (first, last) = known.unwrap_or((time, time));
        known = Some((first.min(time), last.max(time)));
    }
    known.map_or_else(Default::default, |(first, last)| (first.to_string(), last.to_string()))
}

/// An ad's identity as one text: `site/ad_id`, with `%` and `/` of the site escaped so that no two ads share it.
pub(crate) fn ad_name(key: &AdKey) -> String {
    format!("{}/{}", key.site.replace('%', "%25").replace('/', "%2F"), key.ad_id)
}

/// The ad that `ad_name` calls so; `None` for what is no such name.
pub fn key_of(name: &str) -> Option<AdKey> {
    let (site, ad_id) = name.split_once('/').filter(|(_, ad_id)| !ad_id.is_empty())?;
    let site = site.replace("%2F", "/").replace("%2f", "/").replace("%25", "%");
    Some(AdKey { site, ad_id: ad_id.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_ad() {
        for (site, ad_id) in [("a.example", "7/b"), ("a/b", "c"), ("a%2Fb", "c"), ("%", "%25"), ("", "x")] {
            let key = AdKey { site: site.into(), ad_id: ad_id.into() };
            assert_eq!(key_of(&ad_name(&key)), Some(key));
        }
        assert_eq!((key_of("L12"), key_of("a/")), (None, None));
    }

    #[test]
    fn names_of_ads_do_not_collide() {
        let key = |site: &str, ad_id: &str| AdKey { site: site.into(), ad_id: ad_id.into() };
        assert_eq!(ad_name(&key("a.example", "7/b")), "a.example/7/b");
        assert_ne!(ad_name(&key("a", "b/c")), ad_name(&key("a/b", "c")));
        assert_ne!(ad_name(&key("a%2Fb", "c")), ad_name(&key("a/b", "c")));
    }

    #[test]
    fn unknown_times_do_not_count() {
        assert_eq!(
            extent(["", "2024-02-01", "2024-01-05T00:00:00Z"].into_iter()),
            ("2024-01-05T00:00:00Z".into(), "2024-02-01".into())
        );
        assert_eq!(extent([""].into_iter()), (String::new(), String::new()));
    }
}
