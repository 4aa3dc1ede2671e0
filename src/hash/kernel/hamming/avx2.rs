//! AVX2 with POPCNT (Haswell, Zen and later): popcount of nibbles by table look-up (Muła's method).

use std::arch::x86_64::*;
use std::ops::Range;

use super::{Bands16, Block, LANES, compare_pairs, deciding_words, lowest_is, report_lanes, word_distance};
use crate::hash::Hash256;

/// Proof that this CPU has AVX2 and POPCNT.
#[derive(Debug, Clone, Copy)]
pub(super) struct HammingAvx2(());

impl HammingAvx2 {
    pub(super) fn new() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt")).then_some(Self(()))
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

/// Bits set in each byte.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn byte_counts(vector: __m256i) -> __m256i {
    let table = _mm256_setr_epi8(
        0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
    );
    let nibble = _mm256_set1_epi8(0x0f);
    let low = _mm256_shuffle_epi8(table, _mm256_and_si256(vector, nibble));
    let high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16::<4>(vector), nibble));
    _mm256_add_epi8(low, high)
}

#[target_feature(enable = "avx2,popcnt")]
fn tile<const WORDS: usize>(
    queries: &[Hash256],
    blocks: &[Block],
    radius: u32,
    report: &mut impl FnMut(usize, usize, u32),
) {
    let above = _mm256_set1_epi64x(i64::from(radius) + 1);
    for (q, query) in queries.iter().enumerate() {
        let mut wanted = [_mm256_setzero_si256(); WORDS];
        for (vector, word) in wanted.iter_mut().zip(query.words().iter().rev()) {
            *vector = _mm256_set1_epi64x(word.cast_signed());
        }
        for (n, block) in blocks.iter().enumerate() {
            let mut lanes = 0;
            for half in 0..2 {
                let mut counts = _mm256_setzero_si256();
                for (vector, words) in wanted.iter().zip(block.0.iter().rev()) {
                    // SAFETY: half 0 and half 1 of eight u64 are 32 readable bytes each.
                    let row = unsafe { _mm256_loadu_si256(words.as_ptr().add(4 * half).cast()) };
                    counts = _mm256_add_epi8(counts, byte_counts(_mm256_xor_si256(*vector, row)));
                }
                let bits = _mm256_sad_epu8(counts, _mm256_setzero_si256());
                let within = _mm256_castsi256_pd(_mm256_cmpgt_epi64(above, bits));
                lanes |= _mm256_movemask_pd(within).cast_unsigned() << (4 * half);
            }
            if lanes != 0 {
                report_lanes(lanes, block, n * LANES, query, radius, |row, d| report(q, row, d));
            }
        }
    }
}

#[target_feature(enable = "avx2,popcnt")]
fn sketches<const N: usize>(
    left: &[[u16; N]],
    right: [&[u16]; N],
    range: Range<usize>,
    limit: u16,
    report: &mut impl FnMut(usize, usize),
) {
    const WIDTH: usize = 16;
    let above = _mm256_set1_epi16(limit.cast_signed() + 1);
    let mut at = range.start;
    while at < range.end {
        // Two mask bits a lane, of which the lower is kept.
        let wanted: u32 = if range.end - at >= WIDTH { !0 } else { (1 << (2 * (range.end - at))) - 1 };
        let rows = right.map(|right| {
            let mut padded = [0u16; WIDTH];
            let full = right.get(at..at + WIDTH).unwrap_or_else(|| {
                let rest = &right[at..];
                padded[..rest.len()].copy_from_slice(rest);
                &padded
            });
            // SAFETY: `full` has 16 u16, that is 32 readable bytes.
            unsafe { _mm256_loadu_si256(full.as_ptr().cast()) }
        });
        for (a, sketches) in left.iter().enumerate() {
            let mut difference = _mm256_setzero_si256();
            for (row, sketch) in rows.iter().zip(sketches) {
                let sketch = _mm256_set1_epi16(sketch.cast_signed());
                difference = _mm256_or_si256(difference, _mm256_xor_si256(*row, sketch));
            }
            let bits = _mm256_maddubs_epi16(byte_counts(difference), _mm256_set1_epi8(1));
            let within = _mm256_movemask_epi8(_mm256_cmpgt_epi16(above, bits)).cast_unsigned();
            let mut lanes = within & wanted & 0x5555_5555;
            while lanes != 0 {
                report(a, at + lanes.trailing_zeros() as usize / 2);
                lanes &= lanes - 1;
            }
        }
        at += WIDTH;
    }
}

#[target_feature(enable = "avx2,popcnt")]
fn compare(
    left: &[Hash256],
    right: &[Hash256],
    pairs: &[(u32, u32)],
    report: &mut impl FnMut(u32, u32, Hash256, u32),
) {
    compare_pairs(left, right, pairs, report);
}

#[target_feature(enable = "avx2,popcnt")]
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
        let bytes = byte_counts(difference);
        let bits = _mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1));
        let other_half = _mm256_permute4x64_epi64::<0b01_00_11_10>(bits);
        let two = _mm256_add_epi16(bits, _mm256_alignr_epi8::<2>(other_half, bits));
        let three = _mm256_add_epi16(two, _mm256_alignr_epi8::<4>(other_half, bits));
        let refused = _mm256_or_si256(_mm256_cmpgt_epi16(bits, most), _mm256_cmpgt_epi16(three, reach));
        // Two mask bits a band.
        let admitting = !_mm256_movemask_epi8(refused).cast_unsigned() & 0x5555_5555;
        let sums = _mm256_sad_epu8(bytes, _mm256_setzero_si256());
        let sums = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        let distance = (_mm_cvtsi128_si64(sums) + _mm_extract_epi64::<1>(sums)) as u32;
        into[kept] = (a, b, distance);
        kept += usize::from((distance <= radius) & lowest_is(admitting, 2 * band));
    }
    kept
}

#[target_feature(enable = "avx2,popcnt")]
fn distance(a: &[u64], b: &[u64]) -> u32 {
    word_distance(a, b)
}
