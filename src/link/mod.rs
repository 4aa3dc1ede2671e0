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
mod sections;
#[cfg(test)]
mod tests;
mod whole;

#[cfg(feature = "case")]
pub(crate) use candidates::class_digest;
pub(crate) use candidates::{HashClasses, views};
pub use findings::{
    Caveat, CaveatLimits, Certainty, CommonReason, Contradiction, Corroboration, Design, Effect, Evidence,
    EvidenceRun, Findings, LeftOut, Link, LinkId, Network, NetworkKind, NetworkNews, NetworkRow, News, Pair,
    PartialWork, PhotoGroup, Rarity, RemovedLink, Seen, design_id, input_digest, news, number_networks,
    reported,
};
pub use options::{CandidateIndex, CommonBank, LinkOptions, PairMode};
pub use photos::{NoPixels, OriginalFiles, Pixels, Sources};

use crate::corpus::Snapshot;
use crate::error::{Error, Result};
use crate::progress::Progress;

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
/// Deterministic: the findings depend on the snapshot and the options, not on threads, on sections or on the order of
/// ingestion.
///
/// # Errors
/// [`Error::Interrupted`] when `progress` asks to stop; [`Error::Parameter`] when a pool of `threads` cannot be made, and for
/// sections with [`CandidateIndex::Hnsw`], which is not the same from run to run.
pub fn link_with(
    snapshot: &Snapshot,
    sources: &Sources,
    options: &LinkOptions,
    progress: &dyn Progress,
) -> Result<Findings> {
    let work = || match options.sections {
        None => whole::link(snapshot, sources, options, progress),
        Some(most) => {
            whole::link_cut(snapshot, sources, options, progress, &|ties| sections::cut(ties, most.get()))
        }
    };
    if let Some(sections) = options.sections.filter(|_| options.index == CandidateIndex::Hnsw) {
        return Err(Error::Parameter {
            name: "sections",
            value: sections.to_string(),
            expected: "none with hnsw: what it finds is not the same from run to run".into(),
        });
    }
    let Some(threads) = options.threads else { return work() };
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| Error::Parameter {
            name: "threads",
            value: threads.to_string(),
            expected: format!("a usable number: {error}"),
        })?;
    pool.install(work)
}
