//! From a snapshot to findings: candidates, verified pairs, photo groups, weighted ad links, networks.
//!
//! Pure: reads a [`Snapshot`](crate::case::Snapshot), returns [`Findings`], same input same output on any number
//! of threads. The trap: image pairs and ad links are different things. People argue about photos (pairs), charts
//! show ads (links); a pair inside one ad links nothing.

mod assemble;
mod backbone;
mod bonds;
mod candidates;
mod case_search;
mod caveats;
mod common;
mod communities;
mod cores;
mod decisions;
mod doubt;
mod evidence_run;
mod facts;
mod feature_edges;
mod findings;
mod footing;
mod ids;
mod joining;
mod kinds;
mod laid;
mod links;
mod look_hashes;
mod looks;
mod mirror;
mod nearest;
mod networks;
mod news;
mod options;
mod pairs;
mod part_search;
mod photo_groups;
mod pixels;
mod places;
mod prover;
mod same_proofs;
#[cfg(test)]
mod sample;
mod search;
mod showings;
mod union_find;

pub use assemble::{link, link_with};
pub use case_search::CaseSearch;
pub use caveats::Caveats;
pub use evidence_run::EvidenceRun;
pub use findings::{
    CommonReason, Contradiction, Corroboration, Effect, Evidence, Findings, Link, LinkId, Network,
    NetworkRow, Pair, PartialWork, PhotoGroup, Rarity, Removed, Seen,
};
pub use kinds::{Kind, Kinds};
pub use news::{NetworkNews, News, input_digest, news, reported};
pub use options::{CandidateIndex, CommonBank, LinkOptions, PairMode};
pub use part_search::{PartHit, PartSearch};
pub use pixels::{NoPixels, OriginalFiles, Pixels, Sources};
pub use search::{Hit, NearestPhotos, PhotoSearch};
