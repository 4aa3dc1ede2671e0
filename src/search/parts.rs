//! Where else was part of this photo? One query picture against the local features that a snapshot holds.
//!
//! Comes after [`PhotoSearch`](crate::search::hashes::PhotoSearch) and finds what hashes cannot: crops, pages, collages, tilts. Not
//! exact: candidates come from hash tables that give the most promising rows. How common a keypoint is in the case
//! is not counted here, so where originals are gone a shared logo weighs more than it does in linking.

use crate::corpus::{HashClassRow, ImageRow, Snapshot};
use crate::features::{CANDIDATES, FeatureIndex, Features};
use crate::hash::{Dihedral, Luma, Quality};
use crate::link::{HashClasses, Pixels};
use crate::verify::Tier;
use crate::verify::dense;
use crate::verify::geometry::{GeometricMatch, match_turned};
use crate::verify::local::LocalMatch;
use crate::verify::tilt::Tilted;
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

    /// Images that share a part with the query and are not `known` to show its photo, surest first; at any tilt. Cost: some
    /// 50 milliseconds, and for every image with a promising match one decode and 15 ms.
    pub fn find(
        &self,
        query: (&Features, &Luma),
        known: &BTreeSet<u32>,
        pixels: &dyn Pixels,
    ) -> Vec<PartHit> {
        let upright = self.promising(query.0, known, &BTreeMap::new());
        let matched = |features: &Features, turn| match_turned(query.0.into(), features.into(), turn);
        let mut hits = BTreeMap::new();
        for (row, turns) in upright {
            hits.extend(self.hit(query.1, row, &turns, pixels, matched).map(|hit| (row, hit)));
        }
        for tilted in Tilted::all(query.1) {
            let matched = |features: &Features, turn| tilted.match_turned(query.0, features.into(), turn);
            for (row, turns) in self.promising(&tilted.features, known, &hits) {
                // A lead under one tilt may be the photo under another.
                let better = self
                    .hit(query.1, row, &turns, pixels, matched)
                    .filter(|hit| is_surer(hit, hits.get(&row)));
                hits.extend(better.map(|hit| (row, hit)));
            }
        }
        let mut hits: Vec<PartHit> = hits.into_values().collect();
        hits.sort_by(|a, b| {
            let (x, y) = (&a.local, &b.local);
            x.tier.cmp(&y.tier).then(y.found.score.total_cmp(&x.found.score)).then(a.image.cmp(&b.image))
        });
        hits
    }

    /// Images with promising turns for a query, but for those that are `known`, or `found` to show its photo.
    fn promising(
        &self,
        query: &Features,
        known: &BTreeSet<u32>,
        found: &BTreeMap<u32, PartHit>,
    ) -> BTreeMap<u32, Vec<Dihedral>> {
        let mut turns = BTreeMap::<u32, Vec<Dihedral>>::new();
        for candidate in self.index.candidates(query, CANDIDATES + known.len()) {
            for row in self.classes.images_of(HashClassRow(candidate.row)) {
                let is_found =
                    found.get(&row.0).is_some_and(|hit| hit.local.tier.is_some_and(Tier::is_same_photo));
                if !known.contains(&row.0) && !is_found {
                    turns.entry(row.0).or_default().push(candidate.turn);
                }
            }
        }
        turns
    }

    fn hit(
        &self,
        luma: &Luma,
        image: u32,
        turns: &[Dihedral],
        pixels: &dyn Pixels,
        matched: impl Fn(&Features, Dihedral) -> Option<GeometricMatch>,
    ) -> Option<PartHit> {
        let stored = self.snapshot.features.get(image)?;
        let found = turns
            .iter()
            .filter_map(|&turn| matched(&stored, turn))
            .reduce(|best, other| if other.score > best.score { other } else { best })?;
        let local = LocalMatch::new(found, |map| dense::check(luma, &*pixels.luma(image)?, map));
        local.tier.is_some().then_some(PartHit { image, local })
    }
}

/// Does a hit say more than what was found before? Proofs come before leads, then the score counts.
fn is_surer(hit: &PartHit, before: Option<&PartHit>) -> bool {
    let rank = |hit: &PartHit| hit.local.tier.map_or(u8::MAX, |tier| tier as u8);
    before.is_none_or(|before| {
        rank(hit).cmp(&rank(before)).then(before.local.found.score.total_cmp(&hit.local.found.score)).is_lt()
    })
}
