//! Leads: pairs that show the same scene in another photo, or the same design with other content, as it seems. Worth a
//! look, never a photo link.

use super::prover::Prover;
use crate::corpus::ImageRow;
use crate::link::ads_of_images::AdsOfImages;
use crate::link::findings::Pair;
use crate::link::photos::SceneCandidate;
use crate::verify::{Proof, Tier};

/// Share of both pictures that one design covers when they may be one flyer with other words in it.
const MOST: f64 = 0.8;

/// Leads of which one picture is the other with some words changed, as their pixels say.
pub(super) fn reworded(prover: &Prover, leads: &[Pair]) -> Vec<(ImageRow, ImageRow)> {
    let covers = |proof: &Proof| proof.overlap_a.min(proof.overlap_b) >= MOST;
    let is_one = |lead: &&Pair| {
        let (a, b) = lead.images();
        lead.proof.tier == Tier::SameDesign && covers(&lead.proof) && prover.is_reworded(a, b)
    };
    leads.iter().filter(is_one).map(Pair::images).collect()
}

/// Of what features found, and of the designs that near hashes were, what is of two ads and not proven otherwise; sorted
/// by rows, features before hashes.
pub(super) fn leads(
    prover: &Prover,
    ads: &AdsOfImages,
    pairs: &[Pair],
    found: Vec<SceneCandidate>,
    designs: Vec<(ImageRow, ImageRow)>,
) -> Vec<Pair> {
    let listed = |a, b| pairs.binary_search_by_key(&(a, b), Pair::images).is_ok();
    let wanted = |a, b| !listed(a, b) && ads.are_in_two(a, b, prover.snapshot, prover.options);
    let by_features = found.into_iter().filter(|two| wanted(two.a, two.b)).map(|two| {
        let proof = prover.lead(two.a, two.b, two.tier, &two.found);
        Pair::of(two.a, two.b, proof.into())
    });
    let by_hash = designs.into_iter().filter(|&(a, b)| wanted(a, b));
    let by_hash = by_hash.filter_map(|(a, b)| Some(Pair::of(a, b, prover.same_design(a, b)?.into())));
    let mut leads: Vec<Pair> = by_features.chain(by_hash).collect();
    leads.sort_by_key(Pair::images);
    leads.dedup_by_key(|lead| lead.images());
    leads
}
