//! Tent sums on NEON: 16 columns at a time, widening multiply-add from 8 to 16 bits.
//!
//! A run of rows is summed in 16 bits and then widened, as on AVX2.

use super::{PixelRows, runs, scalar};
use std::arch::aarch64::*;

/// Columns per step.
const LANES: usize = 16;

/// Proof that the CPU has NEON.
#[derive(Debug, Clone, Copy)]
pub(super) struct TentNeon(());

impl TentNeon {
    pub(super) fn new() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }

    pub(super) fn whole(self, rows: PixelRows<'_>, weights: &[u8], sums: &mut [u32]) {
        if rows.width < LANES {
            return scalar::whole(rows, weights, sums);
        }
        // SAFETY: holding `TentNeon` proves the feature.
        unsafe { whole(rows, weights, sums) }
    }
}

#[target_feature(enable = "neon")]
fn whole(rows: PixelRows<'_>, weights: &[u8], sums: &mut [u32]) {
    let mut x = 0;
    while x < rows.width {
        // The last step overlaps the one before; it writes the same sums again.
        x = x.min(rows.width - LANES);
        let block: &mut [u32; LANES] = (&mut sums[x..x + LANES]).try_into().expect("LANES sums");
        columns(rows, x, weights, block);
        x += LANES;
    }
}

#[target_feature(enable = "neon")]
fn columns(rows: PixelRows<'_>, x: usize, weights: &[u8], sums: &mut [u32; LANES]) {
    let mut wide = [vdupq_n_u32(0); 4];
    for run in runs(weights) {
        let (mut low, mut high) = (vdupq_n_u16(0), vdupq_n_u16(0));
        for y in run {
            let (pixels, weight) = (load(rows.row(y), x), vdup_n_u8(weights[y]));
            low = vmlal_u8(low, vget_low_u8(pixels), weight);
            high = vmlal_u8(high, vget_high_u8(pixels), weight);
        }
        wide[0] = vaddw_u16(wide[0], vget_low_u16(low));
        wide[1] = vaddw_u16(wide[1], vget_high_u16(low));
        wide[2] = vaddw_u16(wide[2], vget_low_u16(high));
        wide[3] = vaddw_u16(wide[3], vget_high_u16(high));
    }
    for (four, wide) in sums.chunks_exact_mut(4).zip(wide) {
        // SAFETY: `four` is 16 writable bytes.
        unsafe { vst1q_u32(four.as_mut_ptr(), wide) };
    }
}

#[target_feature(enable = "neon")]
fn load(row: &[u8], x: usize) -> uint8x16_t {
    let bytes = &row[x..x + LANES];
    // SAFETY: `bytes` is 16 readable bytes.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}
