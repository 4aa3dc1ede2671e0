//! What features and pixels together prove: the same photo, the same scene, or nothing.
//!
//! Pixels decide where they can be read. Without them a pair lives by its score alone, and the reader must be told:
//! two photos of one bed score like a crop. Something small that both show, a logo or a badge, is never a pair,
//! however well it agrees.

use super::Tier;
use super::dense::DenseCheck;
use super::geometry::GeometricMatch;

/// Least score of a pair by features alone; below it, only pixels can prove one.
pub const LINK_SCORE: f64 = 8.0;
/// Least score at which it is worth looking at the pixels.
pub const WEAK_SCORE: f64 = 5.0;
/// From this score on no unrelated pair was seen; below it a pair without pixels wants a reviewer.
pub const SURE_SCORE: f64 = 10.0;

/// Least sameness of the same photo, where the score makes a link and where it does not.
const SAME_PHOTO: (f64, f64) = (0.64, 0.72);
/// Less coverage than this is a local match: a logo, a sticker, a line of text.
const LOCAL_COVERAGE: f64 = 0.1;
/// The shared part must be this much of at least one picture.
const LEAST_OVERLAP: f64 = 0.15;
/// This many agreeing patches are no logo, whatever the keypoints span.
const MANY_PATCHES: f64 = 100.0;

/// The tier of a pair: [`Tier::Partial`], [`Tier::SameScene`], or `None` when it is no pair. `pixels` is `None` where
/// the originals are gone or too flat to compare; the pair then lives by its score.
pub fn tier(found: &GeometricMatch, pixels: Option<&DenseCheck>) -> Option<Tier> {
    if found.overlap_a.max(found.overlap_b) < LEAST_OVERLAP {
        return None;
    }
    let linked = found.score >= LINK_SCORE;
    let spread = found.coverage >= LOCAL_COVERAGE;
    let Some(pixels) = pixels else {
        return (linked && spread).then_some(Tier::Partial);
    };
    let many = pixels.agreement * pixels.compared as f64 >= MANY_PATCHES;
    let needed = if linked { SAME_PHOTO.0 } else { SAME_PHOTO.1 };
    if found.score >= WEAK_SCORE && pixels.sameness() >= needed && (spread || many) {
        return Some(Tier::Partial);
    }
    (linked && spread).then_some(Tier::SameScene)
}
