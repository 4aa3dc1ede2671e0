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

    pub(super) fn sketches(
        self,
        left: &[u16],
        right: &[u16],
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
fn sketches(
    left: &[u16],
    right: &[u16],
    range: Range<usize>,
    limit: u16,
    report: &mut impl FnMut(usize, usize),
) {
    const WIDTH: usize = 32;
    let limit = _mm512_set1_epi16(limit.cast_signed());
    let (mut at, right) = (range.start, &right[..range.end]);
    while at < right.len() {
        let rest = &right[at..];
        let wanted: u32 = if rest.len() >= WIDTH { !0 } else { (1 << rest.len()) - 1 };
        // SAFETY: lanes outside `wanted`, which end where `rest` ends, are not read.
        let rows = unsafe { _mm512_maskz_loadu_epi16(wanted, rest.as_ptr().cast()) };
        for (a, sketch) in left.iter().enumerate() {
            let difference = _mm512_xor_si512(rows, _mm512_set1_epi16(sketch.cast_signed()));
            let mut lanes = _mm512_mask_cmple_epu16_mask(wanted, _mm512_popcnt_epi16(difference), limit);
            while lanes != 0 {
                report(a, at + lanes.trailing_zeros() as usize);
                lanes &= lanes - 1;
            }
        }
        at += WIDTH;
    }
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
    let (most, limit) = unsafe {
        (_mm256_loadu_si256(bands.most.as_ptr().cast()), _mm256_loadu_si256(bands.limit.as_ptr().cast()))
    };
    let following = _mm256_setr_epi16(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0);
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
        let both = _mm256_add_epi16(bits, _mm256_permutexvar_epi16(following, bits));
        let admitting = _mm256_cmple_epi16_mask(bits, most) & _mm256_cmple_epi16_mask(both, limit);
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
