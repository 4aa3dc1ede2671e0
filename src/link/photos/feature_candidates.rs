//! Which photos may be one although their hashes differ: candidates by local features, each verified.
//!
//! One picture stands for each photo that the hashes told apart, so that a photo with a thousand near copies is
//! looked up once and its copies do not crowd the index. The trap: that picture is the one most like all others of
//! its photo, not the largest: the largest is often the one with a banner on it.

use super::grouping::Group;
use crate::corpus::Snapshot;
use crate::error::{Error, Result};
use crate::features::{CANDIDATES, FeatureIndex, Features};
use crate::hash::Dihedral;
use crate::link::candidates::HashClasses;
use crate::progress::Progress;
use crate::verify::geometry::{GeometricMatch, match_turned};
use crate::verify::partial;
use rayon::prelude::*;

/// Members of a group that are compared to find the one that stands for it.
const COMPARED: usize = 24;

/// A picture with fewer keypoints than this share of its photo's best does not stand for it.
const RICH: f64 = 0.8;

/// Share of the overlap that a clear match spans.
const CLEAR: f64 = 0.5;

/// Two photos whose pictures agree; `a < b` as image rows.
#[derive(Debug, Clone)]
pub(crate) struct FeatureEdge {
    /// Index of the group whose picture is `a`.
    pub(crate) group_a: u32,
    /// Index of the group whose picture is `b`.
    pub(crate) group_b: u32,
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// From `a` to `b`; without inliers and polygons, of which nobody asks again.
    pub(crate) found: GeometricMatch,
}

impl FeatureEdge {
    /// Does the match span most of what the two share?
    pub(crate) fn is_clear(&self) -> bool {
        self.found.coverage >= CLEAR
    }
}

/// All photos by features.
pub(crate) struct FeatureEdges {
    /// The image that stands for each group; `None` where none has features.
    pub(crate) pictures: Vec<Option<u32>>,
    /// (image, group it stands for), sorted.
    pub(crate) rows: Vec<(u32, u32)>,
    /// Of these images, unpacked once, sorted.
    features: Vec<(u32, Features)>,
    pub(crate) index: FeatureIndex,
    /// Clear ones first, best first: a photo's own copies are together by the time others ask how common it is.
    pub(crate) edges: Vec<FeatureEdge>,
    /// Pairs proposed and verified.
    pub(crate) candidates: u64,
}

impl FeatureEdges {
    /// Hash classes up every group's picture among the others'.
    pub(crate) fn of(
        snapshot: &Snapshot,
        classes: &HashClasses,
        groups: &[Group],
        progress: &dyn Progress,
    ) -> Result<Self> {
        let pictures: Vec<Option<u32>> =
            groups.par_iter().map(|group| picture(snapshot, classes, group)).collect();
        let rows: Vec<(u32, u32)> = {
            let mut rows: Vec<(u32, u32)> =
                pictures.iter().zip(0..).filter_map(|(row, group)| Some(((*row)?, group))).collect();
            rows.sort_unstable();
            rows
        };
        let features: Vec<(u32, Features)> =
            rows.iter().filter_map(|&(row, _)| Some((row, snapshot.features.get(row)?))).collect();
        let index = FeatureIndex::build(features.iter().map(|(row, features)| (*row, features)));
        let pairs = proposed(&index, &features, progress)?;
        let of = |row: u32| rows[rows.partition_point(|entry| entry.0 < row)].1;
        let by_row = |row: u32| &features[features.partition_point(|entry| entry.0 < row)].1;
        let matched = |pair: &[(u32, u32, Dihedral)]| {
            let (a, b, _) = pair[0];
            let found = pair
                .iter()
                .filter_map(|&(a, b, turn)| match_turned(by_row(a).into(), by_row(b).into(), turn));
            let best = found.reduce(|best, next| if next.score > best.score { next } else { best })?;
            let edge = FeatureEdge { group_a: of(a), group_b: of(b), a, b, found: lean(best) };
            partial::is_candidate(&edge.found).then_some(edge)
        };
        let chunks: Vec<&[(u32, u32, Dihedral)]> = pairs.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)).collect();
        let mut edges: Vec<FeatureEdge> = chunks.par_iter().filter_map(|pair| matched(pair)).collect();
        edges.par_sort_by(|x, y| {
            let clear = y.is_clear().cmp(&x.is_clear());
            clear.then(y.found.score.total_cmp(&x.found.score)).then_with(|| (x.a, x.b).cmp(&(y.a, y.b)))
        });
        let candidates = chunks.len() as u64;
        Ok(Self { candidates, pictures, rows, features, index, edges })
    }
}

impl FeatureEdges {
    /// The features of an image that stands for a group.
    pub(crate) fn features(&self, image: u32) -> Option<&Features> {
        let place = self.features.binary_search_by_key(&image, |entry| entry.0).ok()?;
        Some(&self.features[place].1)
    }

    /// The features of the picture of a group.
    pub(crate) fn picture(&self, group: u32) -> Option<&Features> {
        self.features(self.pictures[group as usize]?)
    }
}

/// Pairs that either picture proposes, with the turn of the first; sorted, without repeats.
fn proposed(
    index: &FeatureIndex,
    features: &[(u32, Features)],
    progress: &dyn Progress,
) -> Result<Vec<(u32, u32, Dihedral)>> {
    let proposals = |(row, features): &(u32, Features)| {
        if progress.stop_requested() {
            return Err(Error::Interrupted);
        }
        let others = index.candidates(features, CANDIDATES).into_iter().filter(|found| found.row != *row);
        let pair = |other: u32, turn: Dihedral| match *row < other {
            true => (*row, other, turn),
            false => (other, *row, turn.inverse()),
        };
        Ok(others.map(|found| pair(found.row, found.turn)).collect::<Vec<_>>())
    };
    let found: Vec<Vec<_>> = features.par_iter().map(proposals).collect::<Result<_>>()?;
    let mut pairs = found.concat();
    pairs.par_sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

fn lean(mut found: GeometricMatch) -> GeometricMatch {
    found.inliers = Vec::new();
    found.overlap.polygon_a = Vec::new();
    found.overlap.polygon_b = Vec::new();
    found
}

/// The image that stands for a group: of those rich in keypoints the one that PDQ puts nearest to the others; then
/// the larger, then the first.
fn picture(snapshot: &Snapshot, classes: &HashClasses, group: &Group) -> Option<u32> {
    let step = group.core.len().div_ceil(COMPARED).max(1);
    let asked: Vec<u32> = group.core.iter().step_by(step).map(|&class| classes.images_of(class)[0]).collect();
    let keypoints = |row: u32| snapshot.features.outline(row).map_or(0, |outline| outline.keypoints);
    let counted: Vec<(u32, usize)> = asked.iter().map(|&row| (row, keypoints(row))).collect();
    let most = counted.iter().map(|&(_, count)| count).max().filter(|&most| most > 0)?;
    let image = |row: u32| &snapshot.images[row as usize];
    let distances = |row: u32| -> u32 {
        let near = |other: u32| {
            let turned = Dihedral::ALL.map(|turn| image(row).pdq.oriented(turn));
            turned.map(|hash| hash.distance(&image(other).pdq.hash())).into_iter().min().unwrap_or(0)
        };
        asked.iter().map(|&other| near(other)).sum()
    };
    let rich = counted.iter().filter(|&&(_, count)| count as f64 >= RICH * most as f64);
    let area = |row: u32| u64::from(image(row).width) * u64::from(image(row).height);
    rich.map(|&(row, _)| row).min_by_key(|&row| (distances(row), std::cmp::Reverse(area(row)), row))
}
