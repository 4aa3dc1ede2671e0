//! One pair by local features: where the two agree, what their pixels say of it, and the tier of both together.
//!
//! Used for two pictures at hand and for a search alike, so that both say the same of the same pair. The trap: pixels
//! that were not compared (gone, or not worth the while) and pixels too flat to compare both give `None`, and the pair
//! then lives by its score.

use super::Tier;
use super::dense::DenseCheck;
use super::geometry::GeometricMatch;
use super::partial::{self, WEAK_SCORE};
use super::projective::Projective;

/// What is known of a pair that shares local features.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalMatch {
    /// How the first picture maps on the second.
    pub found: GeometricMatch,
    /// What the pixels say.
    pub pixels: Option<DenseCheck>,
    /// What both prove: [`Tier::Partial`], [`Tier::SameScene`], [`Tier::SameDesign`], or nothing.
    pub tier: Option<Tier>,
}

impl LocalMatch {
    /// Judges a match. `pixels` lays the first picture over the second by the map it is given; it is asked only when
    /// the match is worth a look, since it has to decode.
    pub fn new(found: GeometricMatch, pixels: impl FnOnce(&Projective) -> Option<DenseCheck>) -> Self {
        let worth = found.score >= WEAK_SCORE;
        let pixels = worth.then(|| pixels(&found.plane)).flatten();
        Self { tier: partial::tier(&found, pixels.as_ref()), found, pixels }
    }
}
