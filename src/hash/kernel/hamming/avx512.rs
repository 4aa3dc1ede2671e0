//! AVX-512 with VPOPCNTDQ and BITALG (Ice Lake, Sapphire Rapids, Zen 4 and later): a vector popcount.

use std::arch::x86_64::*;
use std::ops::Range;

use super::{Bands16, Block, LANES, compare_pairs, deciding_words, lowest_is, report_lanes, word_distance};
use crate::hash::Hash256;

/// Proof that this CPU has AVX-512 F, VL, BW, VPOPCNTDQ and BITALG, and POPCNT.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    pub(super) fn new() -> Option<Self> {
        let present = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vpopcntdq")
            && is_x86_feature_detected!("avx512bitalg")
            && is_x86_feature_detected!("popcnt");
        present.then_some(Self(()))
    }

    #[inline]
    pub(super) fn distance(self, a: &[u64], b: &[u64]) -> u32 {
        // SAFETY: `self` exists only where the features do.
        unsafe { distance(a, b) }
    }

    pub(super) fn tile(
        self,
        queries: &[Hash256],
        blocks: &[Block],
        radius: u32,
        report: &mut impl FnMut(usize, usize, u32),
    ) {
        // SAFETY: `self` exists only where the features do.
        unsafe {
            match deciding_words(radius) {
                2 => tile::<2>(queries, blocks, radius, report),
                3 => tile::<3>(queries, blocks, radius, report),
                _ => tile::<4>(queries, blocks, radius, report),
            }
        }
    }

    pub(super) fn sketches<const N: usize>(
        self,
        left: &[[u16; N]],
        right: [&[u16]; N],
        range: Range<usize>,
        limit: u16,
        report: &mut impl FnMut(usize, usize),
    ) {
        // SAFETY: `self` exists only where the features do.
        unsafe { sketches(left, right, range, limit, report) }
    }

    pub(super) fn compare(
        self,
        left: &[Hash256],
        right: &[Hash256],
        pairs: &[(u32, u32)],
        report: &mut impl FnMut(u32, u32, Hash256, u32),
    ) {
        // SAFETY: `self` exists only where the features do.
        unsafe { compare(left, right, pairs, report) }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one call, taken apart for the loop")]
    pub(super) fn first_admitted(
        self,
        left: &[Hash256],
        right: &[Hash256],
        pairs: &[(u32, u32)],
        radius: u32,
        bands: &Bands16,
        band: usize,
        into: &mut [(u32, u32, u32)],
    ) -> usize {
        // SAFETY: `self` exists only where the features do.
        unsafe { first_admitted(left, right, pairs, radius, bands, band, into) }
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
fn tile<const WORDS: usize>(
    queries: &[Hash256],
    blocks: &[Block],
    radius: u32,
    report: &mut impl FnMut(usize, usize, u32),
) {
    let (fours, rest) = queries.as_chunks::<4>();
    for (n, four) in fours.iter().enumerate() {
        group::<4, WORDS>(four, blocks, radius, &mut |q, row, distance| report(4 * n + q, row, distance));
    }
    for (n, one) in rest.iter().enumerate() {
        let q = 4 * fours.len() + n;
        group::<1, WORDS>(&[*one], blocks, radius, &mut |_, row, distance| report(q, row, distance));
    }
}

/// Several queries at once, so that each block is loaded once for all of them.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
fn group<const QUERIES: usize, const WORDS: usize>(
    queries: &[Hash256; QUERIES],
    blocks: &[Block],
    radius: u32,
    report: &mut impl FnMut(usize, usize, u32),
) {
    let limit = _mm512_set1_epi64(i64::from(radius));
    let mut wanted = [[_mm512_setzero_si512(); WORDS]; QUERIES];
    for (vectors, query) in wanted.iter_mut().zip(queries) {
        for (vector, word) in vectors.iter_mut().zip(query.words().iter().rev()) {
            *vector = _mm512_set1_epi64(word.cast_signed());
        }
    }
    for (n, block) in blocks.iter().enumerate() {
        let mut rows = [_mm512_setzero_si512(); WORDS];
        for (vector, words) in rows.iter_mut().zip(block.0.iter().rev()) {
            // SAFETY: eight u64 are 64 readable bytes.
            *vector = unsafe { _mm512_loadu_si512(words.as_ptr().cast()) };
        }
        for (q, vectors) in wanted.iter().enumerate() {
            let mut bits = _mm512_setzero_si512();
            for (vector, row) in vectors.iter().zip(&rows) {
                bits = _mm512_add_epi64(bits, _mm512_popcnt_epi64(_mm512_xor_si512(*vector, *row)));
            }
            let lanes = _mm512_cmple_epu64_mask(bits, limit);
            if lanes != 0 {
                report_lanes(lanes.into(), block, n * LANES, &queries[q], radius, |row, d| report(q, row, d));
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
fn sketches<const N: usize>(
    left: &[[u16; N]],
    right: [&[u16]; N],
    range: Range<usize>,
    limit: u16,
    report: &mut impl FnMut(usize, usize),
) {
    let right = right.map(|sketches| &sketches[..range.end]);
    for at in range.clone().step_by(4 * SKETCHES) {
        match (range.end - at).div_ceil(SKETCHES) {
            1 => sketch_vectors::<N, 1>(left, right, at, limit, report),
            2 => sketch_vectors::<N, 2>(left, right, at, limit, report),
            3 => sketch_vectors::<N, 3>(left, right, at, limit, report),
            _ => sketch_vectors::<N, 4>(left, right, at, limit, report),
        }
    }
}

/// Sketches in a vector.
const SKETCHES: usize = 32;

/// Left rows that pass by before those near something are looked at.
const PASSING: usize = 64;

/// `VECTORS` vectors of right rows from `at` on, which stay in registers while the left rows pass by, with one
/// question for all of them: most buckets hold nothing near.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
fn sketch_vectors<const N: usize, const VECTORS: usize>(
    left: &[[u16; N]],
    right: [&[u16]; N],
    at: usize,
    limit: u16,
    report: &mut impl FnMut(usize, usize),
) {
    let limit = _mm512_set1_epi16(limit.cast_signed());
    let mut rows = [[_mm512_setzero_si512(); N]; VECTORS];
    let mut wanted = [0_u32; VECTORS];
    for (v, (rows, wanted)) in rows.iter_mut().zip(&mut wanted).enumerate() {
        for (row, right) in rows.iter_mut().zip(right) {
            let rest = &right[at + v * SKETCHES..];
            *wanted = if rest.len() >= SKETCHES { !0 } else { (1 << rest.len()) - 1 };
            // SAFETY: lanes outside `wanted`, which end where `rest` ends, are not read.
            *row = unsafe { _mm512_maskz_loadu_epi16(*wanted, rest.as_ptr().cast()) };
        }
    }
    for (part, few) in left.chunks(PASSING).enumerate() {
        // One bit a left row; nothing is called meanwhile, for which the vectors would leave their registers.
        let mut near = 0_u64;
        for (a, sketches) in few.iter().enumerate() {
            let sketches = sketches.map(|sketch| _mm512_set1_epi16(sketch.cast_signed()));
            let mut least = _mm512_set1_epi16(-1);
            for rows in &rows {
                least = _mm512_min_epu16(least, differing(rows, &sketches));
            }
            near |= u64::from(_mm512_cmple_epu16_mask(least, limit) != 0) << a;
        }
        while near != 0 {
            let a = near.trailing_zeros() as usize;
            let sketches = few[a].map(|sketch| _mm512_set1_epi16(sketch.cast_signed()));
            for (v, (rows, wanted)) in rows.iter().zip(wanted).enumerate() {
                let mut lanes = _mm512_mask_cmple_epu16_mask(wanted, differing(rows, &sketches), limit);
                while lanes != 0 {
                    report(part * PASSING + a, at + v * SKETCHES + lanes.trailing_zeros() as usize);
                    lanes &= lanes - 1;
                }
            }
            near &= near - 1;
        }
    }
}

/// Bits in which rows differ from one row in any of the sketches.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
fn differing<const N: usize>(rows: &[__m512i; N], sketches: &[__m512i; N]) -> __m512i {
    let mut difference = _mm512_setzero_si512();
    for (rows, sketch) in rows.iter().zip(sketches) {
        difference = _mm512_or_si512(difference, _mm512_xor_si512(*rows, *sketch));
    }
    _mm512_popcnt_epi16(difference)
}

#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
fn compare(
    left: &[Hash256],
    right: &[Hash256],
    pairs: &[(u32, u32)],
    report: &mut impl FnMut(u32, u32, Hash256, u32),
) {
    compare_pairs(left, right, pairs, report);
}

#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
fn first_admitted(
    left: &[Hash256],
    right: &[Hash256],
    pairs: &[(u32, u32)],
    radius: u32,
    bands: &Bands16,
    band: usize,
    into: &mut [(u32, u32, u32)],
) -> usize {
    // SAFETY: sixteen i16 are 32 readable bytes.
    let (most, reach) = unsafe {
        (_mm256_loadu_si256(bands.most.as_ptr().cast()), _mm256_loadu_si256(bands.reach.as_ptr().cast()))
    };
    let next = _mm256_setr_epi16(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0);
    let after_next = _mm256_permutexvar_epi16(next, next);
    let mut kept = 0;
    for &(a, b) in pairs {
        let (first, second) = (left[a as usize].words(), right[b as usize].words());
        // SAFETY: four u64 are 32 readable bytes.
        let difference = unsafe {
            _mm256_xor_si256(
                _mm256_loadu_si256(first.as_ptr().cast()),
                _mm256_loadu_si256(second.as_ptr().cast()),
            )
        };
        let bits = _mm256_popcnt_epi16(difference);
        let two = _mm256_add_epi16(bits, _mm256_permutexvar_epi16(next, bits));
        let three = _mm256_add_epi16(two, _mm256_permutexvar_epi16(after_next, bits));
        let admitting = _mm256_cmple_epi16_mask(bits, most) & _mm256_cmple_epi16_mask(three, reach);
        let sums = _mm256_sad_epu8(bits, _mm256_setzero_si256());
        let sums = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        let distance = (_mm_cvtsi128_si64(sums) + _mm_extract_epi64::<1>(sums)) as u32;
        into[kept] = (a, b, distance);
        kept += usize::from((distance <= radius) & lowest_is(admitting.into(), band));
    }
    kept
}

#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
fn distance(a: &[u64], b: &[u64]) -> u32 {
    word_distance(a, b)
}
