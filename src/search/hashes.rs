//! Where else was this photo? One query image against everything a snapshot holds.
//!
//! [`PhotoSearch`] is exact within its radius. [`NearestPhotos`] looks beyond it through HNSW: approximate, and
//! what it returns is *near*, not *the same*; only a [`Proof`] says so. Both take the query in all eight
//! orientations, so hashes made by tools that ignore EXIF orientation are found too.

use crate::corpus::{ImageRow, Snapshot};
use crate::hash::{Dihedral, Hash256, Pdq, Quality};
use crate::index::{HnswIndex, RadiusIndex};
use crate::link::views;
use crate::record::Image;
use crate::verify::{Proof, distances, verify};
use std::collections::BTreeSet;

/// An image of the snapshot that answers a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Row of the image.
    pub image: ImageRow,
    /// Least PDQ distance between any two views under any turn.
    pub distance: u32,
    /// Why it is the same photo, from the query's point of view; `None` when it is only near.
    pub proof: Option<Proof>,
}

/// Exact search within a radius.
pub struct PhotoSearch<'s> {
    snapshot: &'s Snapshot,
    /// Image row of every indexed view.
    images: Vec<ImageRow>,
    index: RadiusIndex,
    radius: u32,
    min_quality: Quality,
}

impl<'s> PhotoSearch<'s> {
    /// Builds the index over all views of usable quality; see [`RadiusIndex::new`] for the cost.
    pub fn new(snapshot: &'s Snapshot, radius: u32, min_quality: Quality) -> Self {
        let (images, hashes) = indexed(snapshot, min_quality);
        let index = RadiusIndex::new(&hashes, radius);
        Self { snapshot, images, index, radius, min_quality }
    }

    /// The same for about so many query images altogether: no index is built for a few.
    pub fn for_queries(snapshot: &'s Snapshot, radius: u32, min_quality: Quality, queries: usize) -> Self {
        let (images, hashes) = indexed(snapshot, min_quality);
        let index = RadiusIndex::for_queries(&hashes, radius, Self::hashes_of(queries));
        Self { snapshot, images, index, radius, min_quality }
    }

    /// About how many hashes are asked for by query images: two views each, under every turn.
    pub(crate) fn hashes_of(queries: usize) -> usize {
        queries.saturating_mul(2 * Dihedral::ALL.len())
    }

    /// Every image that shows the query's photo, surest first.
    pub fn find(&self, query: &Image) -> Vec<Hit> {
        let turned: Vec<Hash256> = oriented(query, self.min_quality).collect();
        let near = self.index.search_many(&turned, self.radius).into_iter().flatten();
        let near = near.map(|near| self.images[near.row as usize]);
        let same = self.snapshot.image_row(&query.id());
        let rows: BTreeSet<ImageRow> = near.chain(same).collect();
        let hit = |row: ImageRow| hit(self.snapshot, query, row, self.radius, self.min_quality);
        sorted(rows.into_iter().map(hit).filter(|hit| hit.proof.is_some()).collect())
    }
}

/// Approximate search for the nearest photos, however far.
pub struct NearestPhotos<'s> {
    snapshot: &'s Snapshot,
    /// Image row of every indexed view.
    images: Vec<ImageRow>,
    index: HnswIndex,
    radius: u32,
    min_quality: Quality,
}

impl<'s> NearestPhotos<'s> {
    /// Builds the graph over all views of usable quality; see [`HnswIndex::new`] for the cost. `radius` decides
    /// what counts as the same photo.
    pub fn new(snapshot: &'s Snapshot, radius: u32, min_quality: Quality) -> Self {
        let (images, hashes) = indexed(snapshot, min_quality);
        let index = HnswIndex::new(&hashes);
        Self { snapshot, images, index, radius, min_quality }
    }

    /// About the `k` nearest images, proven ones first, then by distance.
    pub fn find(&self, query: &Image, k: usize) -> Vec<Hit> {
        let rows: BTreeSet<ImageRow> = oriented(query, self.min_quality)
            .flat_map(|hash| self.index.nearest(&hash, k, HnswIndex::EF))
            .map(|near| self.images[near.row as usize])
            .collect();
        let hit = |row: ImageRow| hit(self.snapshot, query, row, self.radius, self.min_quality);
        let mut hits = sorted(rows.into_iter().map(hit).collect());
        hits.truncate(k);
        hits
    }
}

/// The upright hash of every usable view, with the row of its image.
fn indexed(snapshot: &Snapshot, min_quality: Quality) -> (Vec<ImageRow>, Vec<Hash256>) {
    let images = snapshot.images.iter().zip((0..).map(ImageRow));
    images.flat_map(|(image, row)| views(image, min_quality).map(move |(_, pdq)| (row, pdq.hash()))).unzip()
}

/// The hashes of every usable view of an image under every turn, and of its negative.
pub(crate) fn oriented(query: &Image, min_quality: Quality) -> impl Iterator<Item = Hash256> + '_ {
    let turned = |(_, pdq): (_, &Pdq)| Dihedral::ALL.map(|turn| pdq.oriented(turn));
    let negative = query.pdq.is_usable(min_quality).then(|| query.pdq.negative().hash());
    views(query, min_quality).flat_map(turned).chain(negative)
}

fn hit(snapshot: &Snapshot, query: &Image, row: ImageRow, radius: u32, min_quality: Quality) -> Hit {
    let image = &snapshot.images[row];
    let nearest = distances(query, image).iter().map(|line| line.distance).min();
    let distance = nearest.expect("two images have at least their whole views");
    Hit { image: row, distance, proof: verify(query, image, radius, min_quality) }
}

fn sorted(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| {
        let rank = |hit: &Hit| hit.proof.as_ref().map_or((true, None), |proof| (false, Some(proof.tier)));
        rank(a).cmp(&rank(b)).then(a.distance.cmp(&b.distance)).then(a.image.cmp(&b.image))
    });
    hits
}
