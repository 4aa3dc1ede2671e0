//! What features and pixels together prove: the same photo, the same scene, or nothing.
//!
//! Pixels decide where they can be read ([`super::verdict`]). Without them a pair lives by its score alone, and the
//! reader must be told: two photos of one bed score like a crop. Something small that both show, a logo or a badge, is
//! never a pair, however well it agrees.

use super::Tier;
use super::affine::Overlap;
use super::dense::DenseCheck;
use super::geometry::GeometricMatch;
use super::verdict::{self, Shared};

/// Least score of a pair by features alone; below it, only pixels can prove one.
pub const LINK_SCORE: f64 = 8.0;
/// Least score at which it is worth looking at the pixels.
pub const WEAK_SCORE: f64 = 4.0;
/// Below this score a pair without pixels wants a reviewer.
pub const SURE_SCORE: f64 = 10.0;

/// Less coverage than this is a local match: a logo, a sticker, a line of text.
const LOCAL_COVERAGE: f64 = 0.1;
/// The shared part must be this much of at least one picture: less is a logo or a badge, or a lead at best;
const LEAST_OVERLAP: f64 = 0.15;
/// and this much where pixels do not say what it is: banners with one text are strips of up to a quarter.
const LEAST_UNSEEN: f64 = 0.3;
/// Patches and sameness that nothing else need bear out.
const FLAWLESS: (f64, f64) = (40.0, 0.95);
/// Share of the structured patches that may have structure on one side only where all else is the same: two plain
/// pictures with one logo have no more in common than the logo.
const LITTLE_COVERED: f64 = 0.1;

/// Whether a match is worth a look at the pixels.
pub fn is_candidate(found: &GeometricMatch) -> bool {
    found.score >= WEAK_SCORE && larger(&found.overlap) >= LEAST_OVERLAP
}

/// The tier of a pair: [`Tier::Partial`], [`Tier::SameScene`], [`Tier::SameDesign`], or `None` when it is no pair.
/// `pixels` is `None` where the originals are gone or too flat to compare; the pair then lives by its score.
pub fn tier(found: &GeometricMatch, pixels: Option<&DenseCheck>) -> Option<Tier> {
    let overlap = larger(&found.overlap);
    let Some(pixels) = pixels else {
        return (overlap >= LEAST_UNSEEN && is_clear(found)).then_some(Tier::Partial);
    };
    if overlap < LEAST_OVERLAP {
        return None;
    }
    match verdict::by_features(pixels, found.score, overlap, found.whole) {
        Shared::Photo => Some(Tier::Partial),
        Shared::Scene => Some(Tier::SameScene),
        Shared::Design => Some(Tier::SameDesign),
        Shared::Nothing => spans_much(found, found.score).then_some(Tier::SameScene),
    }
}

/// Whether a match has score enough for a link, of continuous tone alone, and spans more than a logo, a sticker or a
/// line of text.
pub fn is_clear(found: &GeometricMatch) -> bool {
    spans_much(found, found.tone)
}

fn spans_much(found: &GeometricMatch, score: f64) -> bool {
    score >= LINK_SCORE && found.coverage >= LOCAL_COVERAGE
}

/// Whether two pictures that were not matched themselves show the same photo because each was matched with a third:
/// `overlap` is that of the composed map. It need not be: two photos in one collage both match it and do not meet.
pub fn follows(overlap: &Overlap, pixels: Option<&DenseCheck>) -> bool {
    larger(overlap) >= LEAST_OVERLAP && pixels.is_none_or(agrees)
}

/// Whether pixels bear out a map that follows from two others.
pub fn agrees(pixels: &DenseCheck) -> bool {
    verdict::by_kind(pixels) == Shared::Photo
}

/// Whether pixels agree down to the grain over all that is shared, so that nothing else need bear it out.
pub fn is_flawless(pixels: &DenseCheck) -> bool {
    let agreeing = pixels.agreement * pixels.compared as f64;
    agreeing >= FLAWLESS.0 && pixels.sameness() >= FLAWLESS.1 && pixels.covered <= LITTLE_COVERED
}

fn larger(overlap: &Overlap) -> f64 {
    overlap.share_a.max(overlap.share_b)
}
