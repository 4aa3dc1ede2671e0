//! The portable kernels: what the vector kernels must repeat, bit for bit.
//!
//! No instruction is assumed, so `count_ones` is arithmetic here on x86_64.

use std::ops::Range;

pub(super) use super::word_distance as distance;
use super::{Bands16, Block, LANES, compare_pairs, deciding_words, lowest_is, report_lanes};
use crate::hash::Hash256;

pub(super) fn tile(
    queries: &[Hash256],
    blocks: &[Block],
    radius: u32,
    report: &mut impl FnMut(usize, usize, u32),
) {
    let words = deciding_words(radius);
    for (q, query) in queries.iter().enumerate() {
        for (n, block) in blocks.iter().enumerate() {
            let mut lanes = 0;
            for lane in 0..LANES {
                let part: u32 =
                    (0..words).map(|word| (block.0[word][lane] ^ query.words()[word]).count_ones()).sum();
                lanes |= u32::from(part <= radius) << lane;
            }
            report_lanes(lanes, block, n * LANES, query, radius, |row, distance| report(q, row, distance));
        }
    }
}

pub(super) fn sketches<const N: usize>(
    left: &[[u16; N]],
    right: [&[u16]; N],
    range: Range<usize>,
    limit: u16,
    report: &mut impl FnMut(usize, usize),
) {
    for b in range {
        for (a, sketches) in left.iter().enumerate() {
            let both = sketches.iter().zip(right);
            let difference = both.fold(0, |all, (sketch, right)| all | (sketch ^ right[b]));
            if difference.count_ones() <= u32::from(limit) {
                report(a, b);
            }
        }
    }
}

pub(super) fn compare(
    left: &[Hash256],
    right: &[Hash256],
    pairs: &[(u32, u32)],
    report: &mut impl FnMut(u32, u32, Hash256, u32),
) {
    compare_pairs(left, right, pairs, report);
}

/// Writes what is admitted to the front of `into`, which is as long as `pairs`, and returns how many.
pub(super) fn first_admitted(
    left: &[Hash256],
    right: &[Hash256],
    pairs: &[(u32, u32)],
    radius: u32,
    bands: &Bands16,
    band: usize,
    into: &mut [(u32, u32, u32)],
) -> usize {
    let mut kept = 0;
    compare_pairs(left, right, pairs, &mut |a, b, difference, distance| {
        into[kept] = (a, b, distance);
        kept += usize::from((distance <= radius) & lowest_is(bands.admitting(&difference), band));
    });
    kept
}
