//! AVX-512 with VPOPCNTDQ and BITALG (Ice Lake, Sapphire Rapids, Zen 4 and later): a vector popcount.

use std::arch::x86_64::*;
use std::ops::Range;

use super::{Block, LANES, deciding_words, report_lanes, verify_pairs};
use crate::hash::Hash256;

/// Proof that this CPU has AVX-512 F, BW, VPOPCNTDQ and BITALG, and POPCNT.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    pub(super) fn new() -> Option<Self> {
        let present = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vpopcntdq")
            && is_x86_feature_detected!("avx512bitalg")
            && is_x86_feature_detected!("popcnt");
        present.then_some(Self(()))
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

    pub(super) fn verify(
        self,
        left: &[Hash256],
        right: &[Hash256],
        pairs: &[(u32, u32)],
        radius: u32,
        report: &mut impl FnMut(u32, u32, Hash256, u32),
    ) {
        // SAFETY: `self` exists only where the features do.
        unsafe { verify(left, right, pairs, radius, report) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
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
#[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
fn group<const QUERIES: usize, const WORDS: usize>(
    queries: &[Hash256; QUERIES],
    blocks: &[Block],
    radius: u32,
    report: &mut impl FnMut(usize, usize, u32),
) {
    let limit = _mm512_set1_epi64(i64::from(radius));
    let mut wanted = [[_mm512_setzero_si512(); WORDS]; QUERIES];
    for (vectors, query) in wanted.iter_mut().zip(queries) {
        for (vector, word) in vectors.iter_mut().zip(query.words()) {
            *vector = _mm512_set1_epi64(word.cast_signed());
        }
    }
    for (n, block) in blocks.iter().enumerate() {
        let mut rows = [_mm512_setzero_si512(); WORDS];
        for (vector, words) in rows.iter_mut().zip(&block.0) {
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

#[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
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

#[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq,avx512bitalg,popcnt")]
fn verify(
    left: &[Hash256],
    right: &[Hash256],
    pairs: &[(u32, u32)],
    radius: u32,
    report: &mut impl FnMut(u32, u32, Hash256, u32),
) {
    verify_pairs(left, right, pairs, radius, report);
}
