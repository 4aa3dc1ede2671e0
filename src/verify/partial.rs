//! What features and pixels together prove: the same photo, the same scene, or nothing.
//!
//! Pixels decide where they can be read. Without them a pair lives by its score alone, and the reader must be told:
//! two photos of one bed score like a crop. Something small that both show, a logo or a badge, is never a pair,
//! however well it agrees.

use super::Tier;
use super::affine::Overlap;
use super::dense::DenseCheck;
use super::geometry::GeometricMatch;

/// Least score of a pair by features alone; below it, only pixels can prove one.
pub const LINK_SCORE: f64 = 8.0;
/// Least score at which it is worth looking at the pixels.
pub const WEAK_SCORE: f64 = 4.0;
/// Below this score a pair without pixels wants a reviewer.
pub const SURE_SCORE: f64 = 10.0;

/// Scores and the sameness of pixels needed from there on. Text all over a copy costs sameness, never so much
/// score; no two photos of one scene have come near the highest score.
const NEEDED: [(f64, f64); 3] = [(30.0, 0.56), (LINK_SCORE, 0.64), (WEAK_SCORE, 0.72)];
/// With less grain than this, what agrees may be another photo of one carpet, and so much more sameness is needed. Two
/// photos of one carpet had a grain of 0.06 and 0.05 to 0.15 more sameness than needed; of 8,024 copies four fail.
const COARSE: (f64, f64) = (0.09, 0.12);
/// Sameness needed of two pictures that both matched a third.
const NEEDED_BETWEEN: f64 = 0.56;
/// Less coverage than this is a local match: a logo, a sticker, a line of text.
const LOCAL_COVERAGE: f64 = 0.1;
/// The shared part must be this much of at least one picture: banners with one text are strips of up to a quarter.
const LEAST_OVERLAP: f64 = 0.3;
/// So many agreeing patches are no logo, whatever the keypoints span.
const MANY_PATCHES: f64 = 100.0;
/// Nor are so many when the sameness, too, is as high as this.
const FLAWLESS: (f64, f64) = (40.0, 0.95);
/// Share of the structured patches that may have structure on one side only where all else is the same: two plain
/// pictures with one logo have no more in common than the logo.
const LITTLE_COVERED: f64 = 0.1;

/// Whether a match is worth a look at the pixels.
pub fn is_candidate(found: &GeometricMatch) -> bool {
    found.score >= WEAK_SCORE && !is_small(&found.overlap)
}

/// The tier of a pair: [`Tier::Partial`], [`Tier::SameScene`], or `None` when it is no pair. `pixels` is `None` where
/// the originals are gone or too flat to compare; the pair then lives by its score.
pub fn tier(found: &GeometricMatch, pixels: Option<&DenseCheck>) -> Option<Tier> {
    if is_small(&found.overlap) {
        return None;
    }
    let clear = is_clear(found);
    let spread = found.coverage >= LOCAL_COVERAGE;
    let Some(pixels) = pixels else { return clear.then_some(Tier::Partial) };
    let sameness = pixels.sameness();
    let many = agreeing(pixels) >= MANY_PATCHES || agrees_throughout(pixels);
    let needed = NEEDED.iter().find(|needed| found.score >= needed.0);
    let more = if pixels.grain < COARSE.0 { COARSE.1 } else { 0.0 };
    let alike = |more: f64| needed.is_some_and(|needed| sameness >= needed.1 + more) && (spread || many);
    match alike(more) {
        true => Some(Tier::Partial),
        false => (alike(0.0) || clear).then_some(Tier::SameScene),
    }
}

/// Whether a match has score enough for a link and spans more than a logo, a sticker or a line of text.
pub fn is_clear(found: &GeometricMatch) -> bool {
    found.score >= LINK_SCORE && found.coverage >= LOCAL_COVERAGE
}

/// Whether two pictures that were not matched themselves show the same photo because each was matched with a third:
/// `overlap` is that of the composed map. It need not be: two photos in one collage both match it and do not meet.
pub fn follows(overlap: &Overlap, pixels: Option<&DenseCheck>) -> bool {
    !is_small(overlap) && pixels.is_none_or(agrees)
}

/// Whether pixels bear out a map that follows from two others.
pub fn agrees(pixels: &DenseCheck) -> bool {
    pixels.sameness() >= NEEDED_BETWEEN
}

/// Whether pixels agree down to the grain over all that is shared, so that nothing else need bear it out.
pub fn is_flawless(pixels: &DenseCheck) -> bool {
    agrees_throughout(pixels) && pixels.covered <= LITTLE_COVERED
}

fn agrees_throughout(pixels: &DenseCheck) -> bool {
    agreeing(pixels) >= FLAWLESS.0 && pixels.sameness() >= FLAWLESS.1
}

/// Patches that agree.
fn agreeing(pixels: &DenseCheck) -> f64 {
    pixels.agreement * pixels.compared as f64
}

fn is_small(overlap: &Overlap) -> bool {
    overlap.share_a.max(overlap.share_b) < LEAST_OVERLAP
}
