//! Tent sums on AVX2: 32 columns at a time, two rows per multiplication.
//!
//! Two rows are interleaved byte by byte so that one multiply-add weighs and sums them into 16 bits; a run of
//! rows is summed there and then widened. Interleaving works within 128-bit halves, hence the final shuffle.

use super::{PixelRows, runs, scalar};
use std::arch::x86_64::*;

/// Columns per step.
const LANES: usize = 32;

/// Proof that the CPU has AVX2.
#[derive(Debug, Clone, Copy)]
pub(super) struct TentAvx2(());

impl TentAvx2 {
    pub(super) fn new() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    pub(super) fn whole(self, rows: PixelRows<'_>, weights: &[u8], sums: &mut [u32]) {
        if rows.width < LANES {
            return scalar::whole(rows, weights, sums);
        }
        // SAFETY: holding `TentAvx2` proves the feature.
        unsafe { whole(rows, weights, sums) }
    }

    pub(super) fn fractional(self, rows: PixelRows<'_>, weights: &[u32], sums: &mut [u32]) {
        // SAFETY: holding `TentAvx2` proves the feature.
        unsafe { fractional(rows, weights, sums) }
    }

    pub(super) fn along(self, sums: &[u32], starts: &[usize], weights: &[[u32; 8]], out: &mut [u32]) {
        // SAFETY: holding `TentAvx2` proves the feature.
        unsafe { along(sums, starts, weights, out) }
    }
}

#[target_feature(enable = "avx2")]
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

#[target_feature(enable = "avx2")]
fn columns(rows: PixelRows<'_>, x: usize, weights: &[u8], sums: &mut [u32; LANES]) {
    let mut wide = [_mm256_setzero_si256(); 4];
    for run in runs(weights) {
        let (mut low, mut high) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        for y in run.clone().step_by(2) {
            // A tent without a partner for its last row pairs it with itself at weight 0.
            let (next, second) = if y + 1 < run.end { (y + 1, weights[y + 1]) } else { (y, 0) };
            let pair = _mm256_set1_epi16(i16::from_le_bytes([weights[y], second]));
            let (a, b) = (load(rows.row(y), x), load(rows.row(next), x));
            low = _mm256_add_epi16(low, _mm256_maddubs_epi16(_mm256_unpacklo_epi8(a, b), pair));
            high = _mm256_add_epi16(high, _mm256_maddubs_epi16(_mm256_unpackhi_epi8(a, b), pair));
        }
        let halves =
            [_mm256_permute2x128_si256::<0x20>(low, high), _mm256_permute2x128_si256::<0x31>(low, high)];
        for (pair, half) in wide.chunks_exact_mut(2).zip(halves) {
            let (first, second) = (_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half));
            pair[0] = _mm256_add_epi32(pair[0], _mm256_cvtepu16_epi32(first));
            pair[1] = _mm256_add_epi32(pair[1], _mm256_cvtepu16_epi32(second));
        }
    }
    for (eight, wide) in sums.chunks_exact_mut(8).zip(wide) {
        // SAFETY: `eight` is 32 writable bytes; the store takes any alignment.
        unsafe { _mm256_storeu_si256(eight.as_mut_ptr().cast(), wide) };
    }
}

#[target_feature(enable = "avx2")]
fn load(row: &[u8], x: usize) -> __m256i {
    let bytes = &row[x..x + LANES];
    // SAFETY: `bytes` is 32 readable bytes; the load takes any alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

/// The scalar code itself, compiled for wider vectors.
#[target_feature(enable = "avx2")]
fn fractional(rows: PixelRows<'_>, weights: &[u32], sums: &mut [u32]) {
    scalar::fractional(rows, weights, sums);
}

/// The scalar code itself, compiled for wider vectors.
#[target_feature(enable = "avx2")]
fn along(sums: &[u32], starts: &[usize], weights: &[[u32; 8]], out: &mut [u32]) {
    scalar::along(sums, starts, weights, out);
}
