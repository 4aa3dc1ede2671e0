//! The counts that `run.json` and the report's first page share.
//!
//! Counted from snapshot and findings alone, so they are the same however the case was filled. What an import
//! did (records read, images hashed this time) is the run's affair and stands in `run.json` only.

use super::joined::Joined;
use crate::corpus::{AdRow, ImageRow, PhotoRow, Row, Rows};
use crate::error::SkipReason;
use crate::hash::Quality;
use crate::link::LeftOut;
use crate::verify::Tier;
use std::collections::{BTreeMap, BTreeSet};

/// How many images show a photo that was seen in more than one ad, site or place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reuse {
    /// Images whose photo is in two or more ads.
    pub ads: usize,
    /// Images whose photo is on two or more sites.
    pub sites: usize,
    /// Images whose photo is in two or more places, as claimed.
    pub places: usize,
}

/// Counts over one snapshot and its findings.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Ads.
    pub ads: usize,
    /// Sites.
    pub sites: usize,
    /// Image files with different bytes.
    pub images: usize,
    /// Sightings: an image in an ad at a position at a time.
    pub sightings: usize,
    /// Ads without a usable image.
    pub ads_without_images: usize,
    /// Images too plain for PDQ to tell apart: only byte-identical copies of them link.
    pub images_too_plain: usize,
    /// Verified image pairs.
    pub pairs: usize,
    /// The same, for each tier that occurs.
    pub pairs_by_tier: BTreeMap<Tier, usize>,
    /// Photo groups seen in two or more ads.
    pub photo_groups: usize,
    /// Images in a photo group.
    pub images_in_groups: usize,
    /// Photo groups weighed down as common.
    pub common: usize,
    /// Ad links.
    pub links: usize,
    /// Links that hold networks together.
    pub links_in_networks: usize,
    /// Links between ads of different sites.
    pub links_across_sites: usize,
    /// Links not allowed to join networks.
    pub links_left_out: usize,
    /// The same by reason; a link may have several.
    pub left_out_by_reason: BTreeMap<LeftOut, usize>,
    /// Networks.
    pub networks: usize,
    /// Networks on two or more sites.
    pub networks_across_sites: usize,
    /// Ads in a network.
    pub ads_in_networks: usize,
    /// Ads in the largest network.
    pub largest_network: usize,
    /// Inputs left out.
    pub skipped: usize,
    /// The same by reason.
    pub skipped_by_reason: BTreeMap<SkipReason, usize>,
    /// How much photos are reused.
    pub reuse: Reuse,
}

impl Figures {
    /// Counts; linear in snapshot and findings.
    pub fn new(joined: &Joined<'_>) -> Self {
        let (snapshot, findings) = (joined.snapshot, joined.findings);
        let image_rows = || ImageRow::all(snapshot.images.len());
        let site = |ad: AdRow| &*joined.ad(ad).key.site;
        let networks = &findings.networks;
        Self {
            ads: snapshot.ads.len(),
            sites: snapshot.ads.iter().map(|ad| &ad.key.site).collect::<BTreeSet<_>>().len(),
            images: snapshot.images.len(),
            sightings: snapshot.sightings.len(),
            ads_without_images: AdRow::all(snapshot.ads.len())
                .filter(|&ad| joined.sightings_of_ad(ad).next().is_none())
                .count(),
            images_too_plain: snapshot.images.iter().filter(|i| i.pdq.quality < Quality::USABLE).count(),
            pairs: findings.pairs.len(),
            pairs_by_tier: tally(findings.pairs.iter().map(|pair| pair.proof.tier)),
            photo_groups: findings.groups.len(),
            images_in_groups: image_rows().filter(|&i| !joined.groups_of_image(i).is_empty()).count(),
            common: findings.groups.iter().filter(|group| group.common.is_some()).count(),
            links: findings.links.len(),
            links_in_networks: findings.links.iter().filter(|link| link.network.is_some()).count(),
            links_across_sites: findings.links.iter().filter(|l| site(l.a) != site(l.b)).count(),
            links_left_out: findings.removed.iter().map(|r| r.link).collect::<BTreeSet<_>>().len(),
            left_out_by_reason: tally(findings.removed.iter().map(|removed| removed.reason)),
            networks: networks.len(),
            networks_across_sites: networks
                .iter()
                .filter(|network| network.ads.iter().any(|&ad| site(ad) != site(network.ads[0])))
                .count(),
            ads_in_networks: networks.iter().map(|network| network.ads.len()).sum(),
            largest_network: networks.iter().map(|network| network.ads.len()).max().unwrap_or(0),
            skipped: snapshot.skipped.len(),
            skipped_by_reason: tally(snapshot.skipped.iter().map(|skipped| skipped.reason)),
            reuse: reuse(joined),
        }
    }
}

/// `part` of `whole` as a share from 0 to 1; 0 of nothing is 0.
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn tally<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts
}

fn reuse(joined: &Joined<'_>) -> Reuse {
    // Seen in several sites or places is a property of a photo group: work it out once for each.
    let spread: Rows<PhotoRow, (bool, bool)> = joined
        .findings
        .groups
        .iter()
        .map(|group| {
            let ads = || group.ads.iter().map(|&ad| joined.ad(ad));
            let several = |mut texts: Box<dyn Iterator<Item = &str> + '_>| {
                let first = texts.next();
                texts.any(|text| Some(text) != first)
            };
            (
                several(Box::new(ads().map(|ad| &*ad.key.site))),
                several(Box::new(ads().map(|ad| &*ad.location).filter(|place| !place.is_empty()))),
            )
        })
        .collect();
    let mut reuse = Reuse::default();
    for image in ImageRow::all(joined.snapshot.images.len()) {
        let groups = joined.groups_of_image(image);
        reuse.ads += usize::from(!groups.is_empty());
        reuse.sites += usize::from(groups.iter().any(|&group| spread[group].0));
        reuse.places += usize::from(groups.iter().any(|&group| spread[group].1));
    }
    reuse
}
