//! Which photos may be one although their hashes differ: candidates by local features, each verified.
//!
//! One picture stands for each photo that the hashes told apart, so that a photo with a thousand near copies is
//! looked up once and its copies do not crowd the index. The trap: that picture is the one most like all others of
//! its photo, not the largest: the largest is often the one with a banner on it.

use super::grouping::Group;
use crate::corpus::{ImageRow, PartRow, Rows, Snapshot};
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

/// Two photos whose pictures agree; `a < b`.
#[derive(Debug, Clone)]
pub(crate) struct FeatureEdge {
    /// The group whose picture is `a`.
    pub(crate) group_a: PartRow,
    /// The group whose picture is `b`.
    pub(crate) group_b: PartRow,
    pub(crate) a: ImageRow,
    pub(crate) b: ImageRow,
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
    pub(crate) pictures: Rows<PartRow, Option<ImageRow>>,
    /// (image, group it stands for), sorted.
    pub(crate) rows: Vec<(ImageRow, PartRow)>,
    /// Of these images, unpacked once, sorted.
    features: Vec<(ImageRow, Features)>,
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
        let pictures: Vec<Option<ImageRow>> =
            groups.par_iter().map(|group| picture(snapshot, classes, group)).collect();
        let pictures: Rows<PartRow, Option<ImageRow>> = pictures.into();
        let rows: Vec<(ImageRow, PartRow)> = {
            let mut rows: Vec<(ImageRow, PartRow)> =
                pictures.iter().filter_map(|(group, picture)| Some(((*picture)?, group))).collect();
            rows.sort_unstable();
            rows
        };
        let features: Vec<(ImageRow, Features)> =
            rows.iter().filter_map(|&(row, _)| Some((row, snapshot.features.get(row.0)?))).collect();
        let index = FeatureIndex::build(features.iter().map(|(row, features)| (row.0, features)));
        let pairs = proposed(&index, &features, progress)?;
        let of = |row: ImageRow| rows[rows.partition_point(|entry| entry.0 < row)].1;
        let by_row = |row: ImageRow| &features[features.partition_point(|entry| entry.0 < row)].1;
        let matched = |pair: &[Proposal]| {
            let (a, b, _) = pair[0];
            let found = pair
                .iter()
                .filter_map(|&(a, b, turn)| match_turned(by_row(a).into(), by_row(b).into(), turn));
            let best = found.reduce(|best, next| if next.score > best.score { next } else { best })?;
            let edge = FeatureEdge { group_a: of(a), group_b: of(b), a, b, found: lean(best) };
            partial::is_candidate(&edge.found).then_some(edge)
        };
        let chunks: Vec<&[Proposal]> = pairs.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)).collect();
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
    pub(crate) fn features(&self, image: ImageRow) -> Option<&Features> {
        let place = self.features.binary_search_by_key(&image, |entry| entry.0).ok()?;
        Some(&self.features[place].1)
    }

    /// The features of the picture of a group.
    pub(crate) fn picture(&self, group: PartRow) -> Option<&Features> {
        self.features(self.pictures[group]?)
    }
}

/// Two pictures that may match, the smaller row first, and the turn of the first.
type Proposal = (ImageRow, ImageRow, Dihedral);

/// Pairs that either picture proposes; sorted, without repeats.
fn proposed(
    index: &FeatureIndex,
    features: &[(ImageRow, Features)],
    progress: &dyn Progress,
) -> Result<Vec<Proposal>> {
    let proposals = |(row, features): &(ImageRow, Features)| {
        if progress.stop_requested() {
            return Err(Error::Interrupted);
        }
        let found = index.candidates(features, CANDIDATES).into_iter();
        let others = found.map(|found| (ImageRow(found.row), found.turn)).filter(|(other, _)| other != row);
        let pair = |other: ImageRow, turn: Dihedral| match *row < other {
            true => (*row, other, turn),
            false => (other, *row, turn.inverse()),
        };
        Ok(others.map(|(other, turn)| pair(other, turn)).collect::<Vec<_>>())
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
fn picture(snapshot: &Snapshot, classes: &HashClasses, group: &Group) -> Option<ImageRow> {
    let step = group.core.len().div_ceil(COMPARED).max(1);
    let asked: Vec<ImageRow> =
        group.core.iter().step_by(step).map(|&class| classes.images_of(class)[0]).collect();
    let keypoints = |row: ImageRow| snapshot.features.outline(row.0).map_or(0, |outline| outline.keypoints);
    let counted: Vec<(ImageRow, usize)> = asked.iter().map(|&row| (row, keypoints(row))).collect();
    let most = counted.iter().map(|&(_, count)| count).max().filter(|&most| most > 0)?;
    let image = |row: ImageRow| &snapshot.images[row];
    let distances = |row: ImageRow| -> u32 {
        let near = |other: ImageRow| {
            let turned = Dihedral::ALL.map(|turn| image(row).pdq.oriented(turn));
            turned.map(|hash| hash.distance(&image(other).pdq.hash())).into_iter().min().unwrap_or(0)
        };
        asked.iter().map(|&other| near(other)).sum()
    };
    let rich = counted.iter().filter(|&&(_, count)| count as f64 >= RICH * most as f64);
    let area = |row: ImageRow| u64::from(image(row).width) * u64::from(image(row).height);
    rich.map(|&(row, _)| row).min_by_key(|&row| (distances(row), std::cmp::Reverse(area(row)), row))
}
