//! How sure: a log-likelihood ratio in nats, "the same photo" against "any other two pictures of a corpus".
//!
//! One unit for all tiers, a sum of parts fitted together (see `calibration.csv`), so that scores compare: +1 makes
//! the same photo e times more likely than chance. The trap: it is evidence about one pair, not a probability. In a
//! corpus of `n` images every image has `n - 1` chances for an accident; [`probability`] accounts for them.
//!
//! Where no accident was ever measured (PDQ distances below 64 bits, strong features with like pixels) the score
//! extends the trend of what was: an estimate, and a cautious one, as look-alikes are over-represented in the fit. The
//! probability does not follow it all the way: it ends where the number of measured pairs ends.

use super::Tier;
use super::calibration::CALIBRATION;
use crate::hash::Quality;
use crate::language::word;
use std::fmt;

/// Score of byte-identical files. Not infinite, so that sums stay comparable.
pub(crate) const SAME_FILE: f64 = 60.0;

/// The highest score that is still moderate; see [`Strength`].
pub(super) const MOST_MODERATE: f64 = 12.5;

/// What a map is taken for that only follows from how two images matched a third: the least evidence, and where their
/// pixels were not asked the least sameness, that either step needed.
const FOLLOWING: (f64, f64) = (super::partial::LINK_SCORE, 0.64);

/// What the hashes say about a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HashEvidence {
    /// [`Tier::NearCopy`] for whole pictures upright; a turn or a part had more chances to agree by accident.
    pub tier: Tier,
    /// PDQ bits between the views that won.
    pub distance: u32,
    /// Lower quality of the two views.
    pub quality: Quality,
    /// Smaller share of an image that its view covers, 0 to 1.
    pub overlap: f64,
    /// Bits between the second hashes, an independent witness; `None` where there is none.
    pub second: Option<u32>,
}

/// Log-likelihood ratio of what the hashes say. Calibrated up to 100 bits, far beyond any radius of linking.
pub fn pdq_score(evidence: &HashEvidence) -> f64 {
    let curves = &*CALIBRATION;
    let by_distance = if evidence.tier == Tier::NearCopy { &curves.upright } else { &curves.transformed };
    by_distance.at(f64::from(evidence.distance))
        + curves.quality.at(f64::from(evidence.quality.get()))
        + curves.overlap.at(evidence.overlap)
        + evidence.second.map_or(0.0, |bits| curves.second.at(f64::from(bits)))
}

/// Log-likelihood ratio of a match by local features, of a pair that hashes do not prove: `evidence` is
/// [`geometry::GeometricMatch::score`], `None` for a map that only follows from two others; `sameness` is that of the
/// pixels, where they were laid over each other. Calibrated from evidence 3 on.
///
/// [`geometry::GeometricMatch::score`]: super::geometry::GeometricMatch::score
pub fn partial_score(evidence: Option<f64>, sameness: Option<f64>) -> f64 {
    let curves = &*CALIBRATION;
    let score = match (evidence, sameness) {
        (Some(evidence), None) => curves.alone.at(evidence),
        (Some(evidence), Some(sameness)) => curves.features.at(evidence) + curves.sameness.at(sameness),
        (None, sameness) => {
            curves.features.at(FOLLOWING.0) + curves.sameness.at(sameness.unwrap_or(FOLLOWING.1))
        }
    };
    score.min(SAME_FILE)
}

/// Probability that a pair of this score shows the same photo, in a corpus of `images` images, of which each has a
/// few copies (as many as the corpora of the calibration had): prior odds of `copies / (images - 1)`, at most even.
/// Never nearer to 1 than the pairs of the calibration can vouch for: where none of n was false, up to 3 / n of such
/// pairs may be (the rule of three), however far the score extends.
///
/// Falls with the size of the corpus. A corpus with fewer or more copies than those has lower or higher odds. Fitted
/// at about 600 images with many look-alikes, whose share falls in a larger corpus: there it is cautious.
pub fn probability(score: f64, images: usize) -> f64 {
    let others = images.saturating_sub(1).max(1) as f64;
    let prior = (CALIBRATION.copies.at(0.0) - others.ln()).min(0.0);
    let at_most = 1.0 - CALIBRATION.doubt.at(0.0).exp();
    (1.0 / (1.0 + (-(prior + score)).exp())).min(at_most)
}

/// A score in words, for people; files carry both. A step up needs about a thousand times more chances for an
/// accident to be as doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Less than nine in ten such pairs are true even among a thousand images.
    Weak,
    /// Nine in ten or more among a thousand images.
    Moderate,
    /// Nine in ten or more among a hundred thousand.
    Strong,
    /// Nine in ten or more among ten million.
    VeryStrong,
    /// The same bytes.
    Identical,
}

impl Strength {
    /// Least scores of moderate, strong and very strong evidence.
    const FROM: [f64; 3] = [8.0, 12.6, 17.2];

    /// In words: identical for equal bytes, else by the score.
    pub fn of(tier: Tier, score: f64) -> Self {
        let [moderate, strong, very_strong] = Self::FROM;
        match tier {
            Tier::SameFile => Self::Identical,
            _ if score >= very_strong => Self::VeryStrong,
            _ if score >= strong => Self::Strong,
            _ if score >= moderate => Self::Moderate,
            _ => Self::Weak,
        }
    }

    /// Name in files and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weak => word!("weak"),
            Self::Moderate => word!("moderate"),
            Self::Strong => word!("strong"),
            Self::VeryStrong => word!("very strong"),
            Self::Identical => word!("identical"),
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
    use proptest::prelude::*;

    fn evidence() -> impl Strategy<Value = HashEvidence> {
        let tier = prop_oneof![Just(Tier::NearCopy), Just(Tier::Transformed)];
        (tier, 0..256_u32, 0..=100_u8, 0.0..=1.0_f64, prop::option::of(0..256_u32)).prop_map(
            |(tier, distance, quality, overlap, second)| HashEvidence {
                tier,
                distance,
                quality: Quality::new(quality),
                overlap,
                second,
            },
        )
    }

    proptest! {
        #[test]
        fn less_likeness_is_never_surer(evidence in evidence(), more in 1..40_u32, less in 0.0..0.5_f64) {
            let score = pdq_score(&evidence);
            let quality = Quality::new(evidence.quality.get().saturating_sub(more as u8));
            let weaker = [
                HashEvidence { distance: evidence.distance + more, ..evidence },
                HashEvidence { second: evidence.second.map(|bits| bits + more), ..evidence },
                HashEvidence { overlap: evidence.overlap - less, ..evidence },
                HashEvidence { quality, ..evidence },
                HashEvidence { tier: Tier::Transformed, ..evidence },
            ];
            for weaker in weaker {
                prop_assert!(pdq_score(&weaker) <= score, "{:?}", weaker);
            }
            prop_assert!(score < SAME_FILE);
        }

        #[test]
        fn more_features_and_pixels_that_agree_are_never_less_sure(
            x in 0.0..80.0_f64, y in 0.0..1.0_f64, more in 0.0..20.0_f64, alike in 0.0..0.5_f64,
        ) {
            prop_assert!(partial_score(Some(x + more), Some(y + alike)) >= partial_score(Some(x), Some(y)));
            prop_assert!(partial_score(Some(x + more), None) >= partial_score(Some(x), None));
            prop_assert!(partial_score(Some(x), Some(y)) <= SAME_FILE);
        }

        #[test]
        fn probability_rises_with_the_score_and_falls_with_the_corpus(
            score in -20.0..40.0_f64, more in 0.0..5.0_f64, images in 0..10_000_000_usize, further in 0..1_000_000_usize,
        ) {
            let p = probability(score, images);
            prop_assert!((0.0..1.0).contains(&p), "no score is beyond doubt");
            prop_assert!(probability(score + more, images) >= p);
            prop_assert!(probability(score, images + further) <= p);
        }
    }

    #[test]
    fn no_pair_is_surer_than_those_measured() {
        let least = 1.0 - probability(SAME_FILE, 2);
        assert!((least.ln() - CALIBRATION.doubt.at(0.0)).abs() < 1e-9);
        assert!((1e-5..1e-2).contains(&least), "{least}");
    }

    #[test]
    fn words_say_what_they_promise() {
        for (score, images) in Strength::FROM.into_iter().zip([1_000, 100_000, 10_000_000]) {
            assert!(probability(score, images) >= 0.9, "{score} among {images}");
            assert!(probability(score - 0.5, images) < 0.9, "{score} could be lower");
        }
    }

    #[test]
    fn the_second_hash_speaks_for_and_against() {
        let upright = HashEvidence {
            tier: Tier::NearCopy,
            distance: 30,
            quality: Quality::new(100),
            overlap: 1.0,
            second: None,
        };
        let with = |bits| pdq_score(&HashEvidence { second: Some(bits), ..upright });
        assert!(with(10) > pdq_score(&upright) && with(200) <= pdq_score(&upright));
    }
}
