//! From a snapshot to findings: candidates, verified pairs, photo groups, weighted ad links, networks.
//!
//! Pure: reads a [`Snapshot`](crate::case::Snapshot), returns [`Findings`], same input same output on any number
//! of threads. The trap: image pairs and ad links are different things. People argue about photos (pairs), charts
//! show ads (links); a pair inside one ad links nothing.

mod findings;

pub use findings::{
    CommonReason, Contradiction, Corroboration, Evidence, Findings, Link, Network, Pair, PhotoGroup, Rarity,
    Removed,
};
