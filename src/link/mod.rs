//! From a snapshot to findings: candidates, verified pairs, photo groups, weighted ad links, networks.
//!
//! Pure: reads a [`Snapshot`](crate::corpus::Snapshot), returns [`Findings`], same input same output on any number
//! of threads. The trap: image pairs and ad links are different things. People argue about photos (pairs), charts
//! show ads (links); a pair inside one ad links nothing.

mod assemble;
pub(crate) mod candidates;
mod decisions;
mod findings;
mod networks;
mod options;
mod pairs;
mod photos;
mod posters;
#[cfg(test)]
mod sample;

pub use assemble::{link, link_with};
pub use findings::caveats::Caveats;
pub use findings::evidence_run::EvidenceRun;
pub use findings::found::{
    CommonReason, Contradiction, Corroboration, Effect, Evidence, Findings, Link, LinkId, Network,
    NetworkRow, Pair, PartialWork, PhotoGroup, Rarity, Removed, Seen,
};
pub use findings::kinds::{Kind, Kinds};
pub use findings::news::{NetworkNews, News, input_digest, news, reported};
pub use options::{CandidateIndex, CommonBank, LinkOptions, PairMode};
pub use photos::pixels::{NoPixels, OriginalFiles, Pixels, Sources};
