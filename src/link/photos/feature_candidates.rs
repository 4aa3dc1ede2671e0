//! Which photos may be one although their hashes differ: candidates by local features, each verified.
//!
//! One picture stands for each photo that the hashes told apart, so that a photo with a thousand near copies is
//! looked up once and its copies do not crowd the index. Which pictures are looked at asks the whole corpus, as buckets
//! are read up to a cap; what comes of it is found once and handed to whoever links a section. The trap: the picture that
//! stands for a photo is the one most like all others of it, not the largest: that is often the one with a banner on it.

use super::commonness::{Bearers, Commonness};
use super::grouping::Group;
use super::pixel_checks::PixelChecks;
use crate::corpus::{ImageRow, PartRow, Rows, Snapshot};
use crate::error::{Error, Result};
use crate::features::{CANDIDATES, FeatureIndex, Features};
use crate::hash::Dihedral;
use crate::link::candidates::HashClasses;
use crate::progress::{Progress, Stage};
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
    commonness: Commonness,
    /// Clear ones first, best first: a photo's own copies are together by the time others ask how common it is.
    pub(crate) edges: Vec<FeatureEdge>,
    /// Pairs proposed and verified.
    pub(crate) candidates: u64,
}

/// Two pictures that agree, as whoever looked at the whole corpus found them; `a < b`.
#[derive(Debug, Clone)]
pub(crate) struct FoundMatch {
    pub(crate) a: ImageRow,
    pub(crate) b: ImageRow,
    pub(crate) found: GeometricMatch,
}

impl FeatureEdges {
    /// Looks up every group's picture among the others'.
    pub(crate) fn of(
        snapshot: &Snapshot,
        classes: &HashClasses,
        groups: &[Group],
        pixel_checks: &mut PixelChecks,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut this = Self::pictures_of(snapshot, classes, groups, pixel_checks);
        let index = FeatureIndex::build(this.features.iter().map(|(row, features)| (row.0, features)));
        let pairs = proposed(&index, &this.features, progress)?;
        let by_row = |row: ImageRow| &this.features[this.features.partition_point(|entry| entry.0 < row)].1;
        let matched = |pair: &[Proposal]| {
            let (a, b, _) = pair[0];
            let found = pair
                .iter()
                .filter_map(|&(a, b, turn)| match_turned(by_row(a).into(), by_row(b).into(), turn));
            let found = lean(GeometricMatch::best(found)?);
            partial::is_candidate(&found).then_some(FoundMatch { a, b, found })
        };
        let chunks: Vec<&[Proposal]> = pairs.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)).collect();
        let matches: Vec<FoundMatch> = chunks.par_iter().filter_map(|pair| matched(pair)).collect();
        this.candidates = chunks.len() as u64;
        this.take(matches);
        let ends = this.edges.iter().map(|edge| (edge.group_a, edge.group_b));
        this.commonness = Commonness::asked(index, this.pictures.len(), ends);
        Ok(this)
    }

    /// From what was found in the whole corpus that this is a section of.
    pub(crate) fn of_section(
        snapshot: &Snapshot,
        classes: &HashClasses,
        groups: &[Group],
        pixel_checks: &mut PixelChecks,
        (matches, commonness): (Vec<FoundMatch>, Commonness),
    ) -> Self {
        let mut this = Self { commonness, ..Self::pictures_of(snapshot, classes, groups, pixel_checks) };
        this.take(matches);
        this
    }

    /// The picture of each group, and nothing found yet.
    fn pictures_of(
        snapshot: &Snapshot,
        classes: &HashClasses,
        groups: &[Group],
        pixel_checks: &mut PixelChecks,
    ) -> Self {
        let pictures: Vec<Option<ImageRow>> =
            groups.par_iter().map(|group| picture(snapshot, classes, group)).collect();
        let pictures: Rows<PartRow, Option<ImageRow>> = pictures.into();
        let mut rows: Vec<(ImageRow, PartRow)> =
            pictures.iter().filter_map(|(group, picture)| Some(((*picture)?, group))).collect();
        rows.sort_unstable();
        let images: Vec<ImageRow> = rows.iter().map(|&(row, _)| row).collect();
        let mut bare = pixel_checks.features_without_watermark(&images);
        let mut features = |row: ImageRow| bare.remove(&row).or_else(|| snapshot.features.get(row));
        let features = images.into_iter().filter_map(|row| Some((row, features(row)?))).collect();
        let commonness = Commonness::default();
        Self { pictures, rows, features, commonness, edges: Vec::new(), candidates: 0 }
    }

    /// Takes what was found, in order.
    fn take(&mut self, matches: Vec<FoundMatch>) {
        let edge = |FoundMatch { a, b, found }: FoundMatch| {
            Some(FeatureEdge { group_a: self.group_of(a)?, group_b: self.group_of(b)?, a, b, found })
        };
        let mut edges: Vec<FeatureEdge> = matches.into_iter().filter_map(edge).collect();
        edges.par_sort_by(|x, y| {
            let clear = y.is_clear().cmp(&x.is_clear());
            clear.then(y.found.score.total_cmp(&x.found.score)).then_with(|| (x.a, x.b).cmp(&(y.a, y.b)))
        });
        self.edges = edges;
    }

    /// The group that an image stands for.
    pub(crate) fn group_of(&self, image: ImageRow) -> Option<PartRow> {
        let place = self.rows.binary_search_by_key(&image, |entry| entry.0).ok()?;
        Some(self.rows[place].1)
    }
}

impl FeatureEdges {
    /// The features of an image that stands for a group.
    pub(crate) fn features(&self, image: ImageRow) -> Option<&Features> {
        let place = self.features.binary_search_by_key(&image, |entry| entry.0).ok()?;
        Some(&self.features[place].1)
    }

    /// Who bears each keypoint of a picture.
    pub(crate) fn bearers(&self, picture: ImageRow) -> Vec<Bearers> {
        self.commonness.bearers(picture, &|image| self.group_of(image))
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
    progress.start(Stage::Parts, Some(features.len() as u64));
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
        let pairs: Vec<Proposal> = others.map(|(other, turn)| pair(other, turn)).collect();
        progress.advance(1);
        Ok(pairs)
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
    let keypoints = |row: ImageRow| snapshot.features.outline(row).map_or(0, |outline| outline.keypoints);
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
