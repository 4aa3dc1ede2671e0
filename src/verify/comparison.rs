//! Two analysed pictures held against each other by everything there is: hashes, local features, pixels.
//!
//! What `adlink compare` tells and what linking would conclude of the same two files, were they all there is. The trap:
//! a pair proven by hashes may have no local match at all, in plain pictures, and a pair of the same scene is no proof.

use super::geometry::match_any_turn;
use super::local::LocalMatch;
use super::{Proof, Tier, dense, verify};
use crate::analysis::Analysis;
use crate::hash::Quality;

/// What is known of two pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Why their hashes show one photo; `None` when they do not.
    pub proof: Option<Proof>,
    /// Where local features agree, and what the pixels there say; `None` when they agree nowhere.
    pub local: Option<LocalMatch>,
}

impl Comparison {
    /// The first tier that proves the pair, from cheap to dear; [`Tier::SameScene`] is a lead and no proof.
    pub fn tier(&self) -> Option<Tier> {
        let by_features = || self.local.as_ref().and_then(|local| local.tier);
        self.proof.as_ref().map(|proof| proof.tier).or_else(by_features)
    }

    /// True when the two show the same photo.
    pub fn is_same_photo(&self) -> bool {
        self.tier().is_some_and(Tier::is_same_photo)
    }
}

/// Compares two pictures with the default limits: PDQ within [`RADIUS`](super::RADIUS) bits, usable quality. About 20 ms.
pub fn compare(a: &Analysis, b: &Analysis) -> Comparison {
    compare_within(a, b, super::RADIUS, Quality::USABLE)
}

/// [`compare`] with another radius, in bits of 256, and another least quality of a hash.
pub fn compare_within(a: &Analysis, b: &Analysis, radius: u32, min_quality: Quality) -> Comparison {
    let found = match_any_turn((&a.features).into(), (&b.features).into());
    Comparison {
        proof: verify(&a.image, &b.image, radius, min_quality),
        local: found.map(|found| LocalMatch::new(found, |map| dense::check(&a.luma, &b.luma, map))),
    }
}
