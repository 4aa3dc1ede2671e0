//! The definition of the tent sums, in safe code.
//!
//! Rows outside, columns inside: memory is read in order and the loops vectorise by themselves. Wrapping is
//! excluded by what the callers promise about weights.

use super::PixelRows;

pub(super) fn whole(rows: PixelRows<'_>, weights: &[u8], sums: &mut [u32]) {
    accumulate(rows, weights.iter().map(|&weight| u32::from(weight)), sums);
}

#[inline(always)]
pub(super) fn fractional(rows: PixelRows<'_>, weights: &[u32], sums: &mut [u32]) {
    accumulate(rows, weights.iter().copied(), sums);
}

#[inline(always)]
fn accumulate(rows: PixelRows<'_>, weights: impl Iterator<Item = u32>, sums: &mut [u32]) {
    sums.fill(0);
    for (y, weight) in weights.enumerate() {
        for (sum, &pixel) in sums.iter_mut().zip(rows.row(y)) {
            *sum = sum.wrapping_add(weight.wrapping_mul(u32::from(pixel)));
        }
    }
}

#[inline(always)]
pub(super) fn along(sums: &[u32], starts: &[usize], weights: &[[u32; 8]], out: &mut [u32]) {
    for (out, &start) in out.iter_mut().zip(starts) {
        let mut lanes = [0_u32; 8];
        for (sums, weights) in sums[start..][..8 * weights.len()].chunks_exact(8).zip(weights) {
            for ((lane, sum), weight) in lanes.iter_mut().zip(sums).zip(weights) {
                *lane = lane.wrapping_add(sum.wrapping_mul(*weight));
            }
        }
        *out = lanes.iter().fold(0, |total, lane| total.wrapping_add(*lane));
    }
}
