//! How sure: a log-likelihood ratio in nats, "the same photo" against "two unrelated pictures".
//!
//! One unit for all tiers, so that scores add up and compare: +1 makes the same photo e times more likely than
//! chance. The trap: it is evidence about one pair, not a probability; in a corpus of `n` images there are
//! `n (n - 1) / 2` chances for an accident, which is what `expected_false_pairs` accounts for.

use super::Tier;
use std::fmt;

/// Score of byte-identical files. Not infinite, so that sums stay comparable.
pub(super) const SAME_FILE: f64 = 60.0;

/// Where the tail of unrelated pictures is anchored: bits, and the natural log of the share at or below them.
const TAIL_ANCHOR: (f64, f64) = (81.0, -12.0);

/// Nats per bit by which accidents get rarer below the anchor.
const TAIL_SLOPE: f64 = 0.30;

/// Share of copies of a photo that fall on any one distance within the radius: about 44 % of the copies in our
/// edit benchmark lie within 31 bits, spread evenly enough.
const COPY_DENSITY: f64 = 0.44 / 32.0;

/// Share of unrelated pairs of pictures within `distance` bits of each other, for one view and one turn.
///
/// Measured on photos with deliberate look-alikes (0.14, 0.83, 6.1, 53 and 922 in a million at 71, 75, 81, 91 and
/// 101 bits) and extended to smaller distances by a line that lies above all of these points; uniform random
/// hashes would be rarer by many orders. An upper estimate, and an extrapolation below 71 bits.
pub fn chance_within(distance: u32) -> f64 {
    let (anchor, log_share) = TAIL_ANCHOR;
    (log_share - TAIL_SLOPE * (anchor - f64::from(distance))).exp().min(1.0)
}

/// Log-likelihood ratio of one PDQ distance within the radius, where the best of `trials` combinations of views
/// and turns was taken.
pub fn pdq_score(distance: u32, trials: usize) -> f64 {
    let by_chance = TAIL_SLOPE * chance_within(distance) * trials.max(1) as f64;
    COPY_DENSITY.ln() - by_chance.ln()
}

/// Chance tail of feature evidence: natural log of the share of unrelated pairs at or above 0, and nats by which
/// it falls per unit. Above the shares measured on 11.8 million pairs (8.8, 3.6, 1.2 and 0.08 in a million from 5, 6, 7
/// and 8 on); beyond 20 an extrapolation that is not trusted further.
const FEATURE_TAIL: (f64, f64) = (-5.9, 1.1);

/// Evidence above this says no more about chance.
const MOST_EVIDENCE: f64 = 20.0;

/// Share of copies per unit of evidence: spread about evenly from 4 to 60.
const FEATURE_DENSITY: f64 = 0.02;

/// Nats between pixels that half agree, as those of two photos of one scene do, and pixels that agree in full.
const PIXEL_NATS: f64 = 10.0;

/// What a map is worth that follows from how two images matched a third, before their pixels are asked.
const FOLLOWING: f64 = 5.0;

/// Log-likelihood ratio of a match by local features: `evidence` is [`geometry::GeometricMatch::score`], `None` for a
/// map that only follows from two others; `sameness` is that of the pixels, where they were laid over each other.
///
/// [`geometry::GeometricMatch::score`]: super::geometry::GeometricMatch::score
pub fn partial_score(evidence: Option<f64>, sameness: Option<f64>) -> f64 {
    let (at_zero, slope) = FEATURE_TAIL;
    let by_features = evidence.map_or(FOLLOWING, |evidence| {
        let capped = evidence.min(MOST_EVIDENCE);
        (FEATURE_DENSITY / slope).ln() - at_zero + slope * capped
    });
    by_features + sameness.map_or(0.0, |sameness| PIXEL_NATS * (2.0 * sameness - 1.0).clamp(-1.0, 1.0))
}

/// A score in words, for people; files carry both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Could well be chance in a large corpus.
    Weak,
    /// More likely the same photo than not, in a corpus of any usual size.
    Moderate,
    /// Chance would be a surprise.
    Strong,
    /// As sure as hashes get.
    VeryStrong,
    /// The same bytes.
    Identical,
}

impl Strength {
    /// In words: identical for equal bytes, else by the score, in steps of about a factor of 50.
    pub fn of(tier: Tier, score: f64) -> Self {
        match tier {
            Tier::SameFile => Self::Identical,
            _ if score >= 26.0 => Self::VeryStrong,
            _ if score >= 22.0 => Self::Strong,
            _ if score >= 18.0 => Self::Moderate,
            _ => Self::Weak,
        }
    }

    /// Name in files and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Moderate => "moderate",
            Self::Strong => "strong",
            Self::VeryStrong => "very strong",
            Self::Identical => "identical",
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_lies_above_every_measured_point() {
        for (distance, per_million) in [(71, 0.14), (75, 0.83), (81, 6.12), (91, 53.39), (101, 922.37)] {
            assert!(chance_within(distance) * 1e6 >= per_million, "at {distance}");
        }
    }

    #[test]
    fn nearer_is_surer_and_more_trials_less_so() {
        assert!((0..255).all(|d| pdq_score(d, 8) >= pdq_score(d + 1, 8)));
        assert!(pdq_score(10, 8) > pdq_score(10, 72));
        assert!(pdq_score(0, 8) < SAME_FILE);
    }
}
