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
use super::score::partial_score;

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
    /// True when the two show the same photo, and not just one scene or design.
    pub fn is_same_photo(&self) -> bool {
        self.tier.is_some_and(Tier::is_same_photo)
    }

    /// What features and pixels are worth together, in nats, as the score of a proof is.
    pub fn score(&self) -> f64 {
        partial_score(Some(self.found.score), self.pixels.as_ref().map(DenseCheck::sameness))
    }

    /// Judges a match. `pixels` lays the first picture over the second by the map it is given; it is asked only when
    /// the match is worth a look, since it has to decode.
    pub fn new(found: GeometricMatch, pixels: impl FnOnce(&Projective) -> Option<DenseCheck>) -> Self {
        let worth = found.score >= WEAK_SCORE;
        let pixels = worth.then(|| pixels(&found.plane)).flatten();
        Self { tier: partial::tier(&found, pixels.as_ref()), found, pixels }
    }
}
