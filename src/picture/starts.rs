//! Ideas of how two images lie on each other: from the proof, and from local features where hashes name no place.
//!
//! The trap: a proof of two images that only a third one joins is not about these two. It then names no place that the
//! two have, and features are asked.

use super::align::Start;
use crate::decode::{Limits, decode};
use crate::features::extract;
use crate::hash::Luma;
use crate::record::Image;
use crate::verify::geometry::match_any_turn;
use crate::verify::{Proof, Tier};

/// Keypoints taken from either image, as `compare` does.
const KEYPOINTS: usize = 250;

impl Start {
    /// All that are worth a try for two images, of which the bytes are at hand.
    pub fn of_pair(a: (&Image, &[u8]), b: (&Image, &[u8]), proof: Option<&Proof>) -> Vec<Self> {
        let mut starts: Vec<Self> =
            proof.and_then(|proof| Self::of_proof(a.0, b.0, proof)).into_iter().collect();
        if starts.is_empty() || proof.is_none_or(|proof| proof.tier == Tier::Partial) {
            starts.extend(by_features(a.1, b.1));
        }
        starts
    }
}

fn by_features(a: &[u8], b: &[u8]) -> Option<Start> {
    let limits = Limits::default();
    let (a, b) = (decode(a, &limits).ok()?.luma, decode(b, &limits).ok()?.luma);
    let (features_a, features_b) = (extract(&a, KEYPOINTS), extract(&b, KEYPOINTS));
    let size = |luma: &Luma| (luma.width(), luma.height());
    let found = match_any_turn((&features_a).into(), (&features_b).into())?;
    Some(Start::of_features(&found, size(&a), size(&b)))
}
