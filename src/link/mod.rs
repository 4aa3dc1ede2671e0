//! From a snapshot to findings: candidates, verified pairs, photo groups, weighted ad links, networks.
//!
//! Pure: reads a [`Snapshot`](crate::case::Snapshot), returns [`Findings`], same input same output on any number
//! of threads. The trap: image pairs and ad links are different things. People argue about photos (pairs), charts
//! show ads (links); a pair inside one ad links nothing.

mod assemble;
mod bonds;
mod candidates;
mod common;
mod communities;
mod cores;
mod decisions;
mod facts;
mod findings;
mod ids;
mod links;
mod looks;
mod mirror;
mod networks;
mod options;
mod pairs;
mod photo_groups;
#[cfg(test)]
mod sample;
mod search;
mod showings;
mod union_find;

pub use assemble::link;
pub use findings::{
    CommonReason, Contradiction, Corroboration, Effect, Evidence, Findings, Link, Network, Pair, PhotoGroup,
    Rarity, Removed,
};
pub use options::{CandidateIndex, CommonBank, LinkOptions, PairMode};
pub use search::{Hit, NearestPhotos, PhotoSearch};
