//! Which ads and images an exchange format tells of: those of links and photo groups, as in the graph files.
//!
//! The rest of a case says nothing about links, so it stays where it is. The trap: a profile may have taken links and
//! groups away and left the pairs; then there are images and no ads.

use super::name_ids::Uuid;
use crate::corpus::{AdRow, ImageRow};
use crate::link::{Link, Pair};
use crate::verify::Proof;
use crate::view::{Joined, ad_name, extent};
use std::collections::BTreeSet;

/// Rows of what was found.
pub(super) struct Found {
    pub(super) ads: BTreeSet<AdRow>,
    pub(super) images: BTreeSet<ImageRow>,
}

impl Found {
    pub(super) fn of(joined: &Joined<'_>) -> Self {
        let findings = joined.findings;
        let mut ads: BTreeSet<AdRow> = findings.links.iter().flat_map(|link| [link.a, link.b]).collect();
        ads.extend(findings.groups.iter().flat_map(|group| &group.ads));
        let mut images: BTreeSet<ImageRow> =
            findings.pairs.iter().flat_map(|pair| [pair.a, pair.b]).collect();
        images.extend(findings.groups.iter().flat_map(|group| &group.images));
        let evidence = findings.links.iter().flat_map(|link| &*link.evidence);
        images.extend(evidence.flat_map(|evidence| [evidence.image_a, evidence.image_b]));
        Self { ads, images }
    }

    /// Of the images that an ad shows, those told of; ascending, without repeats.
    pub(super) fn shown_in(&self, joined: &Joined<'_>, ad: AdRow) -> BTreeSet<ImageRow> {
        let shown = joined.sightings_of_ad(ad).map(|seen| seen.image);
        shown.filter(|image| self.images.contains(image)).collect()
    }

    /// The latest time at which any of the ads was seen; empty when none is known.
    pub(super) fn last_seen(&self, joined: &Joined<'_>) -> String {
        let ads = self.ads.iter().map(|&ad| joined.ad(ad));
        extent(ads.flat_map(|ad| [&*ad.posted_at, &*ad.collected_at])).1
    }

    /// An id for all of it together.
    pub(super) fn id(&self, joined: &Joined<'_>, kind: &str) -> Uuid {
        let ads = self.ads.iter().map(|&ad| ad_name(&joined.ad(ad).key));
        let images = self.images.iter().map(|&image| joined.image(image).id().to_string());
        Uuid::of(kind, &ads.chain(images).collect::<Vec<_>>().join("\n"))
    }
}

/// Pairs of two images: a file that two ads show is one thing wherever things are known by their digest.
pub(super) fn pairs<'a>(joined: &Joined<'a>) -> impl Iterator<Item = &'a Pair> {
    joined.findings.pairs.iter().filter(|pair| pair.a != pair.b)
}

/// Probability of the same photo in whole hundredths; never more than is known, so 100 is the same file, or a
/// reviewer's word.
pub(super) fn hundredths(joined: &Joined<'_>, proof: &Proof) -> u64 {
    (joined.probability(proof) * 100.0).floor() as u64
}

/// Links that hold a network together: all that a reader who knows no reasons for leaving one out should see.
pub(super) fn held<'a>(joined: &Joined<'a>) -> impl Iterator<Item = &'a Link> {
    joined.findings.links.iter().filter(|link| link.network.is_some())
}
