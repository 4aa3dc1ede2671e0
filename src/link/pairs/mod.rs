//! Step 3: the image pairs that are listed, each with the best proof there is, and the leads beside them.
//!
//! The trap: pairs are of images of different ads; what one ad shows twice is no pair.

mod expected_false;
mod leads;
mod listing;
mod prover;
mod same_proofs;
mod together;

pub(super) use expected_false::of_pairs;
pub(super) use prover::Prover;

use super::ads_of_images::AdsOfImages;
use super::decisions::Decisions;
use super::findings::{Certainty, Pair, PartialWork};
use super::options::LinkOptions;
use super::photos::{ByFeatures, PhotoGroups, Photos};
use crate::corpus::{ImageRow, Snapshot};
use same_proofs::SameProofs;
use together::Together;

/// What step 3 hands on.
pub(super) struct Pairs<'a> {
    /// Sorted by rows.
    pub(super) pairs: Vec<Pair>,
    /// How many more the groups over the cap may hold.
    pub(super) over_cap: u64,
    pub(super) certainty: Certainty,
    pub(super) expected_false: f64,
    /// Pairs that show the same scene or design as it seems, sorted by rows; none of them is among the pairs.
    pub(super) leads: Vec<Pair>,
    /// Those of them of which one picture is the other with some words changed.
    pub(super) reworded: Vec<(ImageRow, ImageRow)>,
    /// What local features cost so far.
    pub(super) work: PartialWork,
    /// Proves any other pair.
    pub(super) prover: Prover<'a>,
}

/// Lists the pairs of step 2. From here on photos and their ads are enough: the edges, in a large case hundreds of
/// megabytes, go.
pub(super) fn list<'a>(
    snapshot: &'a Snapshot,
    photos: Photos<'a>,
    decisions: &'a Decisions,
    options: &'a LinkOptions,
) -> (Pairs<'a>, PhotoGroups<'a>) {
    let Photos { groups, edges, by_features, designs, doubts, pixel_checks } = photos;
    let ByFeatures { placements, scene_candidates, work } = by_features;
    let by_features = placements.is_some();
    let together = match &doubts {
        Some(_) => Together::new(snapshot, &groups.classes, &groups.grouping.groups),
        None => Together::unasked(),
    };
    let proofs = SameProofs::default();
    let mut prover =
        Prover { snapshot, options, decisions, placements, pixel_checks, doubts, together, proofs };
    let ads = AdsOfImages::new(snapshot);
    let listed = tracing::debug_span!("pairs")
        .in_scope(|| listing::list(snapshot, options, &ads, &groups, &edges, &mut prover));
    let (compared, not_compared) = prover.pixel_checks.counts();
    let work = match by_features {
        true => PartialWork { compared, not_compared, over_cap: listed.not_asked, ..work },
        false => PartialWork::default(),
    };
    let leads = leads::leads(&prover, &ads, &listed.pairs, scene_candidates, designs);
    let (certainty, expected_false) = of_pairs(&listed.pairs, &leads, snapshot.images.len());
    let pairs = Pairs {
        reworded: leads::reworded(&prover, &leads),
        leads,
        certainty,
        expected_false,
        pairs: listed.pairs,
        over_cap: listed.left_out,
        work,
        prover,
    };
    (pairs, groups)
}
