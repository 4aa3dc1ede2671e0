//! NEON (every 64-bit Arm): popcount per byte, then pairwise sums.

use std::arch::aarch64::*;
use std::ops::Range;

use super::{Bands16, Block, LANES, compare_pairs, deciding_words, report_lanes, scalar, word_distance};
use crate::hash::Hash256;

/// Proof that this CPU has NEON.
#[derive(Debug, Clone, Copy)]
pub(super) struct HammingNeon(());

impl HammingNeon {
    pub(super) fn new() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }

    #[inline]
    pub(super) fn distance(self, a: &[u64], b: &[u64]) -> u32 {
        word_distance(a, b)
    }

    pub(super) fn tile(
        self,
        queries: &[Hash256],
        blocks: &[Block],
        radius: u32,
        report: &mut impl FnMut(usize, usize, u32),
    ) {
        // SAFETY: `self` exists only where NEON does.
        unsafe { tile(queries, blocks, radius, report) }
    }

    pub(super) fn sketches<const N: usize>(
        self,
        left: &[[u16; N]],
        right: [&[u16]; N],
        range: Range<usize>,
        limit: u16,
        report: &mut impl FnMut(usize, usize),
    ) {
        // SAFETY: `self` exists only where NEON does.
        unsafe { sketches(left, right, range, limit, report) }
    }

    pub(super) fn compare(
        self,
        left: &[Hash256],
        right: &[Hash256],
        pairs: &[(u32, u32)],
        report: &mut impl FnMut(u32, u32, Hash256, u32),
    ) {
        compare_pairs(left, right, pairs, report);
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
        scalar::first_admitted(left, right, pairs, radius, bands, band, into)
    }
}

#[target_feature(enable = "neon")]
fn tile(queries: &[Hash256], blocks: &[Block], radius: u32, report: &mut impl FnMut(usize, usize, u32)) {
    let words = deciding_words(radius);
    for (q, query) in queries.iter().enumerate() {
        for (n, block) in blocks.iter().enumerate() {
            let mut lanes = 0;
            for two in 0..LANES / 2 {
                let mut counts = vdupq_n_u8(0);
                for (wanted, row) in query.words()[..words].iter().zip(&block.0) {
                    // SAFETY: two u64 from an even lane below eight are 16 readable bytes.
                    let row = unsafe { vld1q_u64(row.as_ptr().add(2 * two)) };
                    let difference = veorq_u64(row, vdupq_n_u64(*wanted));
                    counts = vaddq_u8(counts, vcntq_u8(vreinterpretq_u8_u64(difference)));
                }
                let bits = vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(counts)));
                let near = |bits: u64| u32::from(bits <= u64::from(radius));
                lanes |= near(vgetq_lane_u64::<0>(bits)) << (2 * two);
                lanes |= near(vgetq_lane_u64::<1>(bits)) << (2 * two + 1);
            }
            report_lanes(lanes, block, n * LANES, query, radius, |row, d| report(q, row, d));
        }
    }
}

#[target_feature(enable = "neon")]
fn sketches<const N: usize>(
    left: &[[u16; N]],
    right: [&[u16]; N],
    range: Range<usize>,
    limit: u16,
    report: &mut impl FnMut(usize, usize),
) {
    const WIDTH: usize = 8;
    let limit = vdupq_n_u16(limit);
    let mut at = range.start;
    while at < range.end {
        // Eight mask bits a lane, of which the lowest is kept.
        let wanted: u64 = if range.end - at >= WIDTH { !0 } else { (1 << (8 * (range.end - at))) - 1 };
        let rows = right.map(|right| {
            let mut padded = [0u16; WIDTH];
            let full = right.get(at..at + WIDTH).unwrap_or_else(|| {
                let rest = &right[at..];
                padded[..rest.len()].copy_from_slice(rest);
                &padded
            });
            // SAFETY: `full` has 8 u16, that is 16 readable bytes.
            unsafe { vld1q_u16(full.as_ptr()) }
        });
        for (a, sketches) in left.iter().enumerate() {
            let mut difference = vdupq_n_u16(0);
            for (row, sketch) in rows.iter().zip(sketches) {
                difference = vorrq_u16(difference, veorq_u16(*row, vdupq_n_u16(*sketch)));
            }
            let bits = vpaddlq_u8(vcntq_u8(vreinterpretq_u8_u16(difference)));
            let within = vmovn_u16(vcleq_u16(bits, limit));
            let mut lanes = vget_lane_u64::<0>(vreinterpret_u64_u8(within)) & wanted & 0x0101_0101_0101_0101;
            while lanes != 0 {
                report(a, at + lanes.trailing_zeros() as usize / 8);
                lanes &= lanes - 1;
            }
        }
        at += WIDTH;
    }
}
