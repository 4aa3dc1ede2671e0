//! Reduction with AVX2: what [`body`] computes, with products added in pairs, whose sums fit 32 bits exactly.
//!
//! The trap: unpacking and packing work within 128-bit halves.

use super::super::{GREY, ONE, RUN, body};
use std::arch::x86_64::*;

/// Columns mixed at once: the bytes of a register.
const COLUMNS: usize = 32;

#[target_feature(enable = "avx2")]
pub(in super::super) fn mix_rows(rows: &[(&[u8], i16)], into: &mut [i16]) {
    let Some(last) = into.len().checked_sub(COLUMNS) else { return body::mix_rows(rows, into) };
    for start in (0..last).step_by(COLUMNS).chain([last]) {
        let mixed = mix_columns(rows, start);
        for (into, half) in into[start..][..COLUMNS].as_chunks_mut::<16>().0.iter_mut().zip(mixed) {
            // SAFETY: `into` is as large as a register; unaligned stores are allowed.
            #[allow(unsafe_code)]
            unsafe {
                _mm256_storeu_si256(into.as_mut_ptr().cast(), half);
            }
        }
    }
}

#[target_feature(enable = "avx2")]
fn mix_columns(rows: &[(&[u8], i16)], start: usize) -> [__m256i; 2] {
    let zero = _mm256_setzero_si256();
    let mut sums = [zero; 4];
    fetch_next(rows, start);
    for pair in rows.chunks(2) {
        let (upper, weight) = pair[0];
        let (lower, other) = pair.get(1).copied().unwrap_or((upper, 0));
        let weights = _mm256_set1_epi32(i32::from(other) << 16 | i32::from(weight));
        let (upper, lower) = (load(upper, start), load(lower, start));
        let (low, high) = (_mm256_unpacklo_epi8(upper, lower), _mm256_unpackhi_epi8(upper, lower));
        let pairs = [
            _mm256_unpacklo_epi8(low, zero),
            _mm256_unpackhi_epi8(low, zero),
            _mm256_unpacklo_epi8(high, zero),
            _mm256_unpackhi_epi8(high, zero),
        ];
        for (sum, pair) in sums.iter_mut().zip(pairs) {
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pair, weights));
        }
    }
    let grey = _mm256_set1_epi32(i32::from(GREY / 2));
    for sum in &mut sums {
        *sum = _mm256_srai_epi32::<{ ONE.ilog2() as i32 - 1 }>(_mm256_mullo_epi32(*sum, grey));
    }
    // Columns 0 to 7 and 16 to 23, then 8 to 15 and 24 to 31.
    let (even, odd) = (_mm256_packs_epi32(sums[0], sums[1]), _mm256_packs_epi32(sums[2], sums[3]));
    [_mm256_permute2x128_si256::<0x20>(even, odd), _mm256_permute2x128_si256::<0x31>(even, odd)]
}

/// Asks memory for what the next call will want: rows follow each other in memory, and half of those of a tent are new.
#[target_feature(enable = "avx2")]
fn fetch_next(rows: &[(&[u8], i16)], start: usize) {
    let half = rows.len() / 2;
    for (row, _) in &rows[half..] {
        let next = row.as_ptr().wrapping_add(start + half * row.len());
        // SAFETY: a prefetch may name any address. (Newer compilers know.)
        #[allow(unsafe_code, unused_unsafe)]
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(next.cast());
        }
    }
}

#[target_feature(enable = "avx2")]
fn load(row: &[u8], start: usize) -> __m256i {
    let bytes: &[u8; COLUMNS] = row[start..].first_chunk().expect("rows are as long as their mixture");
    // SAFETY: the array is as large as a register; unaligned loads are allowed.
    #[allow(unsafe_code)]
    unsafe {
        _mm256_loadu_si256(bytes.as_ptr().cast())
    }
}

/// Runs summed at once.
const RUNS: usize = 4;

#[target_feature(enable = "avx2")]
pub(in super::super) fn mix_runs(values: &[i16], starts: &[usize], weights: &[i16], into: &mut [u16]) {
    match weights.len() / starts.len().max(1) / RUN {
        1 => mix_fours::<1>(values, starts, weights, into),
        2 => mix_fours::<2>(values, starts, weights, into),
        _ => body::mix_runs(values, starts, weights, into),
    }
}

/// Runs of `N` times [`RUN`] values.
#[target_feature(enable = "avx2")]
fn mix_fours<const N: usize>(values: &[i16], starts: &[usize], weights: &[i16], into: &mut [u16]) {
    let (runs, _) = weights.as_chunks::<RUN>().0.as_chunks::<N>();
    let (fours, rest) = starts.as_chunks::<RUNS>();
    let (levels, last) = into.as_chunks_mut::<RUNS>();
    for ((starts, weights), into) in fours.iter().zip(runs.as_chunks::<RUNS>().0).zip(levels) {
        let mut sums = [_mm_setzero_si128(); RUNS];
        for k in 0..RUNS {
            let values: &[[i16; RUN]; N] =
                values[starts[k]..].as_chunks().0.first_chunk().expect("runs end inside the values");
            for n in 0..N {
                sums[k] = _mm_add_epi32(sums[k], products(&values[n], &weights[k][n]));
            }
        }
        let halves = (_mm_hadd_epi32(sums[0], sums[1]), _mm_hadd_epi32(sums[2], sums[3]));
        let levels = _mm_srai_epi32::<{ ONE.ilog2() as i32 }>(_mm_hadd_epi32(halves.0, halves.1));
        // SAFETY: the store writes the lower half of a register, which is as large as four levels.
        #[allow(unsafe_code)]
        unsafe {
            _mm_storel_epi64(into.as_mut_ptr().cast(), _mm_packus_epi32(levels, levels));
        }
    }
    body::mix_runs(values, rest, &weights[weights.len() - RUN * N * rest.len()..], last);
}

/// Four sums of two products each.
#[target_feature(enable = "avx2")]
fn products(values: &[i16; RUN], weights: &[i16; RUN]) -> __m128i {
    // SAFETY: both arrays are as large as a register; unaligned loads are allowed.
    #[allow(unsafe_code)]
    unsafe {
        let (values, weights) =
            (_mm_loadu_si128(values.as_ptr().cast()), _mm_loadu_si128(weights.as_ptr().cast()));
        _mm_madd_epi16(values, weights)
    }
}
