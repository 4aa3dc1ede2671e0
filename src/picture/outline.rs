//! The line around what two images share: bright with dark edges, so that it shows on any picture.

use super::rgb::Rgb;
use crate::verify::affine::Point;

/// Half the width of the bright line and of the dark one under it, in pixels.
const LINES: [(f64, [u8; 3]); 2] = [(3.0, [0, 0, 0]), (1.6, [255, 176, 0])];
/// The line stays this far inside the picture, or half of it would be cut off along the edge.
const INSET: f64 = 2.5;

/// The picture with a closed line through the points.
pub(super) fn outlined(picture: &Rgb, polygon: &[Point]) -> Rgb {
    let mut out = picture.clone();
    let inside = |at: f64, length: u32| at.min(f64::from(length) - 1.0 - INSET).max(INSET);
    let points: Vec<Point> =
        polygon.iter().map(|&(x, y)| (inside(x, out.width), inside(y, out.height))).collect();
    for (reach, colour) in LINES {
        for (&from, &to) in points.iter().zip(points.iter().cycle().skip(1)) {
            line(&mut out, from, to, reach, colour);
        }
    }
    out
}

/// All pixels within `reach` of the segment.
fn line(picture: &mut Rgb, from: Point, to: Point, reach: f64, colour: [u8; 3]) {
    let range = |p: f64, q: f64, length: u32| {
        let first = (p.min(q) - reach).ceil().max(0.0) as u32;
        let last = (p.max(q) + reach).floor().clamp(0.0, f64::from(length - 1)) as u32;
        first..=last
    };
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let square = dx * dx + dy * dy;
    for y in range(from.1, to.1, picture.height) {
        for x in range(from.0, to.0, picture.width) {
            let (px, py) = (f64::from(x) - from.0, f64::from(y) - from.1);
            let along = if square > 0.0 { ((px * dx + py * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
            let (ex, ey) = (px - along * dx, py - along * dy);
            if ex * ex + ey * ey <= reach * reach {
                picture.set(x, y, colour);
            }
        }
    }
}
