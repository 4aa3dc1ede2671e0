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
use crate::verify::geometry::{GeometricMatch, match_turned};
use crate::verify::local::LocalMatch;
use crate::verify::tilt::Tilted;
use std::collections::{BTreeMap, BTreeSet};

/// An image that shares a part with the query, or shows the same scene.
#[derive(Debug, Clone, PartialEq)]
pub struct PartHit {
    /// Row of the image.
    pub image: ImageRow,
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
                let stored = |&row: &ImageRow| snapshot.features.get(row);
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
        known: &BTreeSet<ImageRow>,
        pixels: &dyn Pixels,
    ) -> Vec<PartHit> {
        let prover = PartProver { snapshot: self.snapshot, pixels, query, tilts: &Tilted::all(query.1) };
        prover.find(|look, found| {
            let features = look.map_or(query.0, |tilted| &tilted.features);
            self.promising(features, known, found)
        })
    }

    /// Images with promising turns for a query, but for those that are `known`, or `found` to show its photo.
    fn promising(
        &self,
        query: &Features,
        known: &BTreeSet<ImageRow>,
        found: &BTreeMap<ImageRow, PartHit>,
    ) -> BTreeMap<ImageRow, Vec<Dihedral>> {
        let candidates = self.index.candidates(query, CANDIDATES + known.len());
        let images = candidates.iter().flat_map(|candidate| {
            let images = self.classes.images_of(HashClassRow(candidate.row));
            images.iter().map(|&row| (row, candidate.turn))
        });
        promising(images, known, found)
    }
}

/// Proposed images with their turns, but for those that are `known`, or `found` to show the photo.
pub(super) fn promising(
    proposed: impl Iterator<Item = (ImageRow, Dihedral)>,
    known: &BTreeSet<ImageRow>,
    found: &BTreeMap<ImageRow, PartHit>,
) -> BTreeMap<ImageRow, Vec<Dihedral>> {
    let mut turns = BTreeMap::<ImageRow, Vec<Dihedral>>::new();
    for (row, turn) in proposed {
        let is_found = found.get(&row).is_some_and(|hit| hit.local.is_same_photo());
        if !known.contains(&row) && !is_found {
            turns.entry(row).or_default().push(turn);
        }
    }
    turns
}

/// Looks at what an index of features proposes for one query; whichever index, the answer is found in one way.
pub(super) struct PartProver<'a> {
    /// Holds the features of whatever is proposed.
    pub(super) snapshot: &'a Snapshot,
    pub(super) pixels: &'a dyn Pixels,
    pub(super) query: (&'a Features, &'a Luma),
    /// The query under further angles.
    pub(super) tilts: &'a [Tilted],
}

impl PartProver<'_> {
    /// `promising` gives image rows with turns, for the query or one of its tilts, beyond what was found so far.
    pub(super) fn find(
        &self,
        mut promising: impl FnMut(
            Option<&Tilted>,
            &BTreeMap<ImageRow, PartHit>,
        ) -> BTreeMap<ImageRow, Vec<Dihedral>>,
    ) -> Vec<PartHit> {
        let query = self.query.0;
        let matched = |features: &Features, turn| match_turned(query.into(), features.into(), turn);
        let mut hits = BTreeMap::new();
        for (row, turns) in promising(None, &hits) {
            hits.extend(self.hit(row, &turns, matched).map(|hit| (row, hit)));
        }
        for tilted in self.tilts {
            let matched = |features: &Features, turn| tilted.match_turned(query, features.into(), turn);
            for (row, turns) in promising(Some(tilted), &hits) {
                // What a tilt alone makes look like one scene is no lead.
                let hit = self.hit(row, &turns, matched);
                hits.extend(hit.filter(|hit| hit.local.is_same_photo()).map(|hit| (row, hit)));
            }
        }
        let mut hits: Vec<PartHit> = hits.into_values().collect();
        hits.sort_by(|a, b| {
            let (x, y) = (&a.local, &b.local);
            x.tier.cmp(&y.tier).then(y.found.score.total_cmp(&x.found.score)).then(a.image.cmp(&b.image))
        });
        hits
    }

    fn hit(
        &self,
        image: ImageRow,
        turns: &[Dihedral],
        matched: impl Fn(&Features, Dihedral) -> Option<GeometricMatch>,
    ) -> Option<PartHit> {
        let stored = self.snapshot.features.get(image)?;
        let found = GeometricMatch::best(turns.iter().filter_map(|&turn| matched(&stored, turn)))?;
        let local = LocalMatch::new(found, |map| dense::check(self.query.1, &*self.pixels.luma(image)?, map));
        local.tier.is_some().then_some(PartHit { image, local })
    }
}
