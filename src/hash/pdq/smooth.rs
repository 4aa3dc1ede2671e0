//! PDQ of a small picture as if it had been enlarged first.
//!
//! PDQ's tents consist of whole pixels, so on a picture of 256 pixels they stand a quarter of a cell off where
//! they stand on one of 2000: a thumbnail is 18 bits from its original at the median, over 31 for one in twenty.
//! Tents with fractional ends, one cell wide, have no such error: 6 bits, and 2 between two of them. Nobody else
//! computes this hash, so it serves beside PDQ, never in its place.

use super::SIDE;
use super::tent::{Axis, CutTent, UNIT};

/// How far right of and below a cell's centre tents stand, in cells: the mean over PDQ of common photo sizes.
const OFFSET: f64 = 1.0 / 16.0;

/// The tents of an axis of `n` pixels.
pub(super) fn axis(n: usize) -> Axis {
    Axis::of_cut((0..SIDE).map(|place| tent(place, n)).collect())
}

/// A triangle over one cell, cut off at the end of the picture; never narrower than a pixel.
fn tent(place: usize, n: usize) -> CutTent {
    let cell = n as f64 / SIDE as f64;
    let (centre, half) = ((place as f64 + 0.5 + OFFSET) * cell, (cell / 2.0).max(0.5));
    let start = ((centre - half).max(0.0) as usize).min(n - 1);
    let end = ((centre + half).ceil() as usize).clamp(start + 1, n);
    let below = |x: usize| share_below((x as f64 - centre) / half);
    let shares: Vec<f64> = (start..end).map(|x| below(x + 1) - below(x)).collect();
    let total: f64 = shares.iter().sum();
    let weights = shares.iter().map(|share| (share / total * f64::from(UNIT)).round() as u32).collect();
    CutTent::from_rounded(place, start, weights)
}

/// Part of a triangle over -1 to 1 that lies below `x`.
fn share_below(x: f64) -> f64 {
    let x = x.clamp(-1.0, 1.0);
    if x < 0.0 { (1.0 + x) * (1.0 + x) / 2.0 } else { 1.0 - (1.0 - x) * (1.0 - x) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Luma, Rect};
    use super::super::pdq_enlarged;

    /// The same scene at several sizes, averaged over each pixel.
    fn scene(width: u32, height: u32) -> Luma {
        let level = |u: f64, v: f64| {
            let wave = |k: f64| (u * k + 1.3 * k).sin() * (v * k * 1.2 - k).cos();
            128.0 + 40.0 * wave(5.0) + 30.0 * wave(11.0) + 25.0 * wave(23.0) + 15.0 * wave(37.0)
        };
        let pixel = |k: u32| {
            let part = |at: u32, n: u32, i: u32| (f64::from(at) + (f64::from(i) + 0.5) / 4.0) / f64::from(n);
            let (x, y) = (k % width, k / width);
            let sum: f64 = (0..16).map(|i| level(part(x, width, i % 4), part(y, height, i / 4))).sum();
            (sum / 16.0).round() as u8
        };
        Luma::new(width, height, (0..width * height).map(pixel).collect()).unwrap()
    }

    #[test]
    fn size_does_not_matter() {
        let hash = |luma: &Luma| pdq_enlarged(luma, luma.bounds()).unwrap().hash();
        let large = hash(&scene(640, 480));
        for (width, height) in [(256, 192), (200, 150), (150, 256), (101, 77), (64, 64)] {
            let distance = large.distance(&hash(&scene(width, height)));
            assert!(distance <= 10, "{width}x{height}: {distance}");
        }
        let luma = scene(64, 64);
        assert!(pdq_enlarged(&luma, Rect { x: 1, ..luma.bounds() }).is_none());
        assert!(pdq_enlarged(&scene(3, 9), Rect { x: 0, y: 0, width: 3, height: 9 }).is_none());
    }
}
