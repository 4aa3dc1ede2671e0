//! The working image: luma reduced to a fixed longest side, in fixed point.
//!
//! Reduction is by a tent filter as wide as the reduction asks, in integer arithmetic; a picture is never
//! enlarged, so a small copy is compared at its own scale.

use crate::hash::Luma;
use crate::hash::kernel::features::{FeatureKernel, GREY};

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

const WEIGHT_BITS: u32 = 14;

/// One output sample along an axis: where its inputs start and what they weigh.
struct Window {
    start: usize,
    weights: Vec<u32>,
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
    let (across, down) = (windows(luma.width() as usize, width), windows(luma.height() as usize, height));
    let kernel = FeatureKernel::detect();
    let mut sums = vec![0u32; luma.width() as usize];
    let mut row = vec![0u16; luma.width() as usize];
    let mut values = Vec::with_capacity(width * height);
    for window in &down {
        sums.fill(0);
        for (k, &weight) in window.weights.iter().enumerate() {
            kernel.add_weighted(luma.row((window.start + k) as u32), weight, &mut sums);
        }
        for (value, &sum) in row.iter_mut().zip(&sums) {
            *value = ((sum * u32::from(GREY / 2)) >> (WEIGHT_BITS - 1)) as u16;
        }
        values.extend(across.iter().map(|window| {
            let inputs = &row[window.start..][..window.weights.len()];
            let sum: u32 = window.weights.iter().zip(inputs).map(|(&w, &v)| w * u32::from(v)).sum();
            (sum >> WEIGHT_BITS) as u16
        }));
    }
    Plane { width, height, values }
}

/// Tent windows that take `from` samples to `to <= from`. Each window's weights add up to 1 exactly.
fn windows(from: usize, to: usize) -> Vec<Window> {
    let one = 1u32 << WEIGHT_BITS;
    let window = |i: usize| {
        // All in units of 1 / (2 to) of an input sample, so that positions are whole numbers.
        let (reach, centre) = (2 * from as i64, (2 * i as i64 + 1) * from as i64 - to as i64);
        let unit = 2 * to as i64;
        let first = ((centre - reach).div_euclid(unit) + 1).max(0);
        let last = ((centre + reach - 1).div_euclid(unit)).min(from as i64 - 1);
        let tent: Vec<i64> = (first..=last).map(|at| reach - (at * unit - centre).abs()).collect();
        let total: i64 = tent.iter().sum();
        let mut weights: Vec<u32> =
            tent.iter().map(|&height| (height * i64::from(one) / total) as u32).collect();
        let short = one - weights.iter().sum::<u32>();
        let middle = weights.len() / 2;
        weights[middle] += short;
        Window { start: first as usize, weights }
    };
    (0..to).map(window).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn windows_stay_inside_and_add_up(from in 1usize..3000, share in 0.01f64..1.0) {
            let to = ((from as f64 * share) as usize).max(1);
            for window in windows(from, to) {
                prop_assert!(window.start + window.weights.len() <= from);
                prop_assert_eq!(window.weights.iter().sum::<u32>(), 1 << WEIGHT_BITS);
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
