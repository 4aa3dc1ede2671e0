//! Where else was part of this photo? One query picture against the local features that a snapshot holds.
//!
//! Comes after [`PhotoSearch`](crate::search::hashes::PhotoSearch) and finds what hashes cannot: crops, pages, collages, tilts. Not
//! exact: candidates come from hash tables that give the most promising rows. How common a keypoint is in the case
//! is not counted here, so where originals are gone a shared logo weighs more than it does in linking.

use crate::corpus::{HashClassRow, ImageRow, Snapshot};
use crate::features::{CANDIDATES, FeatureIndex, Features};
use crate::hash::{Dihedral, Luma, Quality};
use crate::link::{HashClasses, Pixels};
use crate::verify::dense;
use crate::verify::geometry::match_turned;
use crate::verify::local::LocalMatch;
use std::collections::{BTreeMap, BTreeSet};

/// An image that shares a part with the query, or shows the same scene.
#[derive(Debug, Clone, PartialEq)]
pub struct PartHit {
    /// Row of the image.
    pub image: u32,
    /// How the query maps on it; its tier is never `None`.
    pub local: LocalMatch,
}

/// Search by local features.
pub struct PartSearch<'s> {
    snapshot: &'s Snapshot,
    classes: HashClasses<'s>,
    /// By hash class: many images that hash alike would crowd all others out.
    index: FeatureIndex,
}

impl<'s> PartSearch<'s> {
    /// Builds the index; the snapshot must have been taken with features. Cost and memory: see [`FeatureIndex`].
    pub fn new(snapshot: &'s Snapshot, min_quality: Quality) -> Self {
        let classes = HashClasses::with_alone(&snapshot.images, min_quality, &[]);
        let features: Vec<(u32, Features)> = classes
            .rows()
            .filter_map(|class| {
                let stored = |&row: &ImageRow| snapshot.features.get(row.0);
                Some((class.0, classes.images_of(class).iter().find_map(stored)?))
            })
            .collect();
        let index = FeatureIndex::build(features.iter().map(|(class, features)| (*class, features)));
        Self { snapshot, classes, index }
    }

    /// Images that share a part with the query and are not `known` to show its photo, surest first. Cost: some
    /// milliseconds, and for every image with a promising match one decode and 15 ms.
    pub fn find(
        &self,
        query: (&Features, &Luma),
        known: &BTreeSet<u32>,
        pixels: &dyn Pixels,
    ) -> Vec<PartHit> {
        let mut turns = BTreeMap::<u32, Vec<Dihedral>>::new();
        for candidate in self.index.candidates(query.0, CANDIDATES + known.len()) {
            turns.entry(candidate.row).or_default().push(candidate.turn);
        }
        let images = turns.iter().flat_map(|(&class, turns)| {
            self.classes
                .images_of(HashClassRow(class))
                .iter()
                .filter(|row| !known.contains(&row.0))
                .map(move |&row| (row.0, turns))
        });
        let mut hits: Vec<PartHit> =
            images.filter_map(|(row, turns)| self.hit(query, row, turns, pixels)).collect();
        hits.sort_by(|a, b| {
            let (x, y) = (&a.local, &b.local);
            x.tier.cmp(&y.tier).then(y.found.score.total_cmp(&x.found.score)).then(a.image.cmp(&b.image))
        });
        hits
    }

    fn hit(
        &self,
        (features, luma): (&Features, &Luma),
        image: u32,
        turns: &[Dihedral],
        pixels: &dyn Pixels,
    ) -> Option<PartHit> {
        let stored = self.snapshot.features.get(image)?;
        let found = turns
            .iter()
            .filter_map(|&turn| match_turned(features.into(), (&stored).into(), turn))
            .reduce(|best, other| if other.score > best.score { other } else { best })?;
        let local = LocalMatch::new(found, |map| dense::check(luma, &*pixels.luma(image)?, map));
        local.tier.is_some().then_some(PartHit { image, local })
    }
}
