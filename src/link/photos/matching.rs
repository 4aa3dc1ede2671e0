//! How two images match by their stored features where a map between them is expected.
//!
//! The trap: a match that agrees with the map over all that is shared may still be of one sticker; whoever takes it
//! for a proof asks whether it lies where it should.

use crate::features::Features;
use crate::verify::affine::{Affine, Overlap, Point};
use crate::verify::geometry::{GeometricMatch, match_turned};
use crate::verify::partial;

/// How far two maps of one picture may lie apart: pixels, and share of the length of what they share.
const SLACK: (f64, f64) = (10.0, 0.1);

/// How far most of what matches may lie from where another map puts it, in pixels. Of pairs of one photo one in a hundred
/// lies further off; two stickers on two photos lay 37.
const STRAY: f64 = 6.0;

/// Does what matched lie where the map expected puts it? Drawn out over all that is shared, the map of one sticker laid on
/// two photos can come near any other.
pub(crate) fn is_borne_out(x: &Features, y: &Features, found: &GeometricMatch, expected: &Affine) -> bool {
    found.strays(x, y, expected) <= STRAY
}

/// The match of two images, if it says what another map between them says.
pub(crate) fn matched(x: &Features, y: &Features, expected: &Affine) -> Option<GeometricMatch> {
    let found = match_turned(x.into(), y.into(), expected.nearest_turn())?;
    let overlap = Overlap::of(expected, size(x), size(y))?;
    let (width, height) = size(y);
    let reach = SLACK.0 + SLACK.1 * (overlap.share_b * width * height).sqrt();
    let (from_width, from_height) = size(x);
    let apart = |&(u, v): &(f64, f64)| {
        let at = (u * from_width - 0.5, v * from_height - 0.5);
        let ((x, y), (p, q)) = (found.map.apply(at), expected.apply(at));
        ((x - p) * (x - p) + (y - q) * (y - q)).sqrt()
    };
    let corners = &overlap.polygon_a;
    let mean = corners.iter().map(apart).sum::<f64>() / corners.len().max(1) as f64;
    (mean <= reach && found.score >= partial::WEAK_SCORE).then_some(found)
}

/// Size of the working image that features are of.
pub(crate) fn size(features: &Features) -> Point {
    (f64::from(features.width), f64::from(features.height))
}
