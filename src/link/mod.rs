//! From a snapshot to findings: candidates, verified pairs, photo groups, weighted ad links, networks.
//!
//! Five steps, a folder each, and each hands the next one type: `candidates -> photos -> pairs -> posters ->
//! networks`. Pure: reads a [`Snapshot`], returns [`Findings`], same input same output on any number of threads. The
//! trap: image pairs and ad links are different things. People argue about photos (pairs), charts show ads (links);
//! a pair inside one ad links nothing.

mod ads_of_images;
mod candidates;
mod decisions;
mod findings;
mod networks;
mod options;
mod pairs;
mod photos;
mod posters;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub(crate) use candidates::{HashClasses, views};
pub use findings::{
    Caveat, CaveatLimits, CommonReason, Contradiction, Corroboration, Design, Effect, Evidence, EvidenceRun,
    Findings, LeftOut, Link, LinkId, Network, NetworkKind, NetworkNews, NetworkRow, News, Pair, PartialWork,
    PhotoGroup, Rarity, RemovedLink, Seen, design_id, input_digest, news, number_networks, reported,
};
pub use options::{CandidateIndex, CommonBank, LinkOptions, PairMode};
pub use photos::{NoPixels, OriginalFiles, Pixels, Sources};

use crate::corpus::Snapshot;
use crate::error::{Error, Result};
use crate::hash::Dihedral;
use crate::progress::{Progress, Stage};
use crate::sets::sorted_distinct;
use crate::verify::Tier;
use decisions::Decisions;
use networks::Networks;
use photos::Doubts;

/// [`link_with`] nothing but the snapshot: what only pixels can decide is left to its score.
///
/// # Errors
/// As [`link_with`].
pub fn link_without_pixels(
    snapshot: &Snapshot,
    options: &LinkOptions,
    progress: &dyn Progress,
) -> Result<Findings> {
    link_with(snapshot, &Sources::NONE, options, progress)
}

/// Links the ads of a snapshot.
///
/// Deterministic: the findings depend on the snapshot and the options, not on threads or on the order of ingestion.
///
/// # Errors
/// [`Error::Interrupted`] when `progress` asks to stop; [`Error::Parameter`] when a pool of `threads` cannot be made.
pub fn link_with(
    snapshot: &Snapshot,
    sources: &Sources,
    options: &LinkOptions,
    progress: &dyn Progress,
) -> Result<Findings> {
    let Some(threads) = options.threads else { return link_here(snapshot, sources, options, progress) };
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| Error::Parameter {
            name: "threads",
            value: threads.to_string(),
            expected: format!("a usable number: {error}"),
        })?;
    pool.install(|| link_here(snapshot, sources, options, progress))
}

/// The five steps.
fn link_here(
    snapshot: &Snapshot,
    sources: &Sources,
    options: &LinkOptions,
    progress: &dyn Progress,
) -> Result<Findings> {
    progress.start(Stage::Matching, Some(Dihedral::ALL.len() as u64));
    let mut decisions = Decisions::of(snapshot);
    let by_features = options.tiers.contains(&Tier::Partial) && !snapshot.features.is_empty();
    let doubts = by_features.then(|| Doubts::new(snapshot, options));
    // Equal hashes do not make two forms, or two codes, one.
    let not_photos = doubts.as_ref().map_or(Vec::new(), Doubts::not_photos);
    let alone = sorted_distinct(decisions.named_images().into_iter().chain(not_photos));
    let candidates = candidates::find(snapshot, &alone, options, progress)?;
    let (candidate_recall, cluster_members) = (candidates.recall, candidates.cluster_members);
    let photos = photos::group(snapshot, sources, candidates, &mut decisions, options, doubts, progress)?;
    progress.finish();
    progress.start(Stage::Linking, None);
    let mut pairs = pairs::list(snapshot, photos, &decisions, options);
    let (prover, reworded) = (&mut pairs.prover, &pairs.reworded);
    let posters = posters::judge(snapshot, pairs.photos, prover, reworded, &decisions, options);
    let Networks { groups, designs, links, networks, removed, seen } =
        networks::make(snapshot, posters, &pairs.prover, options);
    progress.finish();
    Ok(Findings {
        pairs: pairs.pairs,
        groups,
        designs,
        links,
        seen,
        networks,
        removed,
        expected_false_pairs: pairs.expected_false,
        candidate_recall,
        cluster_members,
        decisions: decisions.effects(),
        pairs_over_cap: pairs.over_cap,
        leads: pairs.leads,
        partial: pairs.work,
        pixel_checks: pairs.prover.pixel_checks.fresh(),
    })
}
