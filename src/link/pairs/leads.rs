//! Leads: pairs that show the same scene in another photo, as it seems. Worth a look, never a photo link.

use super::prover::Prover;
use crate::link::ads_of_images::AdsOfImages;
use crate::link::findings::Pair;
use crate::link::photos::SceneCandidate;

/// Of what was found, what is of two ads and not proven otherwise; sorted by rows.
pub(super) fn leads(
    prover: &Prover,
    ads: &AdsOfImages,
    pairs: &[Pair],
    found: Vec<SceneCandidate>,
) -> Vec<Pair> {
    let listed =
        |two: &SceneCandidate| pairs.binary_search_by_key(&(two.a, two.b), |pair| (pair.a, pair.b)).is_ok();
    let mut leads: Vec<Pair> = found
        .into_iter()
        .filter(|two| !listed(two) && ads.are_in_two(two.a, two.b, prover.snapshot, prover.options))
        .map(|two| {
            let proof = prover.same_scene(two.a, two.b, &two.found).into();
            Pair { a: two.a, b: two.b, proof }
        })
        .collect();
    leads.sort_by_key(|lead| (lead.a, lead.b));
    leads
}
