//! The working image: luma reduced to a fixed longest side, in fixed point.
//!
//! Reduction is by a tent filter as wide as the reduction asks, in integer arithmetic; a picture is never
//! enlarged, so a small copy is compared at its own scale.

use crate::hash::Luma;
use crate::hash::kernel::features::{FeatureKernel, GREY, ONE, RUN};

/// A grey plane in 1/[`GREY`] levels, row-major.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plane {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` values.
    pub values: Vec<u16>,
}

impl Plane {
    /// The value at a place between pixels, by the four around it; `None` more than half a pixel beyond the edge.
    #[inline]
    pub fn between(&self, (x, y): (f64, f64)) -> Option<f32> {
        let (right, bottom) = (self.width as f64 - 1.0, self.height as f64 - 1.0);
        if !(x >= -0.5 && y >= -0.5 && x <= right + 0.5 && y <= bottom + 0.5) {
            return None;
        }
        let at = |x: usize, y: usize| f32::from(self.values[y * self.width + x]);
        let (x, y) = (x.clamp(0.0, right) as f32, y.clamp(0.0, bottom) as f32);
        let (left, top) = (x as usize, y as usize);
        let (next, below) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (across, down) = (x - left as f32, y - top as f32);
        let upper = at(left, top) + across * (at(next, top) - at(left, top));
        let lower = at(left, below) + across * (at(next, below) - at(left, below));
        Some(upper + down * (lower - upper))
    }

    /// At half the size, each pixel the mean of four; an odd last row or column is dropped.
    pub fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut values = Vec::with_capacity(width * height);
        for rows in self.values.chunks_exact(self.width.max(1)).collect::<Vec<_>>().chunks_exact(2) {
            let pairs = rows[0].chunks_exact(2).zip(rows[1].chunks_exact(2));
            values.extend(pairs.map(|(above, below)| {
                let sum: u32 = above.iter().chain(below).map(|&value| u32::from(value)).sum();
                ((sum + 2) / 4) as u16
            }));
        }
        Self { width, height, values }
    }
}

/// Where the inputs of every output sample along an axis start, and what they weigh: `taps` weights each, the unused
/// zero, all others adding up to 1.
struct Windows {
    taps: usize,
    starts: Vec<usize>,
    weights: Vec<i16>,
}

/// Size of a picture whose longest side is brought down to `longest`.
pub fn reduced_size(width: u32, height: u32, longest: u32) -> (u32, u32) {
    let side = width.max(height);
    if side <= longest {
        return (width, height);
    }
    let scaled = |n: u32| {
        let (n, side, longest) = (u64::from(n), u64::from(side), u64::from(longest));
        ((2 * n * longest + side) / (2 * side)).max(1) as u32
    };
    (scaled(width), scaled(height))
}

/// The picture with its longest side at most `longest`. Cost: one pass over the pixels.
pub fn reduce(luma: &Luma, longest: u32) -> Plane {
    let (width, height) = reduced_size(luma.width(), luma.height(), longest);
    let (width, height) = (width as usize, height as usize);
    if (width, height) == (luma.width() as usize, luma.height() as usize) {
        let values = luma.pixels().iter().map(|&value| u16::from(value) * GREY).collect();
        return Plane { width, height, values };
    }
    let across = Windows::new(luma.width() as usize, width);
    let down = Windows::new(luma.height() as usize, height);
    let kernel = FeatureKernel::detect();
    // Room behind the last pixel for the unused taps.
    let mut row = vec![0i16; luma.width() as usize + across.taps];
    let mut values = vec![0; width * height];
    for ((start, weights), out) in down.iter().zip(values.chunks_exact_mut(width)) {
        let rows = (start as u32..luma.height()).map(|y| luma.row(y));
        let rows: Vec<(&[u8], i16)> =
            rows.zip(weights.iter().copied()).filter(|&(_, weight)| weight > 0).collect();
        kernel.mix_rows(&rows, &mut row[..luma.width() as usize]);
        kernel.mix_runs(&row, &across.starts, &across.weights, out);
    }
    Plane { width, height, values }
}

impl Windows {
    /// Tents that take `from` samples to `to <= from`.
    fn new(from: usize, to: usize) -> Self {
        let tents: Vec<(usize, Vec<i16>)> = (0..to).map(|i| tent(i, from, to)).collect();
        let longest = tents.iter().map(|(_, weights)| weights.len()).max().unwrap_or(0);
        let taps = longest.next_multiple_of(RUN);
        let mut weights = vec![0; taps * to];
        for (into, (_, tent)) in weights.chunks_exact_mut(taps.max(1)).zip(&tents) {
            into[..tent.len()].copy_from_slice(tent);
        }
        Self { taps, starts: tents.iter().map(|(start, _)| *start).collect(), weights }
    }

    fn iter(&self) -> impl Iterator<Item = (usize, &[i16])> {
        self.starts.iter().copied().zip(self.weights.chunks_exact(self.taps.max(1)))
    }
}

/// Where the inputs of output sample `i` start, and their weights in 1/16384, which add up to 1 exactly.
fn tent(i: usize, from: usize, to: usize) -> (usize, Vec<i16>) {
    // All in units of 1 / (2 to) of an input sample, so that positions are whole numbers.
    let (reach, centre) = (2 * from as i64, (2 * i as i64 + 1) * from as i64 - to as i64);
    let unit = 2 * to as i64;
    let first = ((centre - reach).div_euclid(unit) + 1).max(0);
    let last = ((centre + reach - 1).div_euclid(unit)).min(from as i64 - 1);
    let heights: Vec<i64> = (first..=last).map(|at| reach - (at * unit - centre).abs()).collect();
    let total: i64 = heights.iter().sum();
    let mut weights: Vec<i16> =
        heights.iter().map(|&height| (height * i64::from(ONE) / total) as i16).collect();
    let short = ONE - weights.iter().sum::<i16>();
    let middle = weights.len() / 2;
    weights[middle] += short;
    (first as usize, weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn windows_stay_inside_and_add_up(from in 1usize..3000, share in 0.01f64..1.0) {
            let to = ((from as f64 * share) as usize).max(1);
            let windows = Windows::new(from, to);
            for (start, weights) in windows.iter() {
                let used = weights.iter().rposition(|&weight| weight != 0).unwrap();
                prop_assert!(start + used < from);
                prop_assert_eq!(weights.iter().sum::<i16>(), ONE);
            }
        }

        #[test]
        fn flat_stays_flat(width in 1u32..1500, height in 1u32..40, level: u8) {
            let luma = Luma::new(width, height, vec![level; (width * height) as usize]).unwrap();
            let plane = reduce(&luma, 64);
            prop_assert_eq!(plane.values.len(), plane.width * plane.height);
            let grey = u16::from(level) * GREY;
            prop_assert!(plane.values.iter().all(|&value| value <= grey && grey - value <= 2));
        }
    }
}
