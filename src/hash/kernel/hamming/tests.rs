//! Every level against the plain definition; scalar too, since it takes the early exit.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Block, Hamming, LANES};
use crate::hash::Hash256;

/// A hash near `base`, so that distances round the radius occur.
fn near(base: Hash256, flips: &[u8]) -> Hash256 {
    let mut words = *base.words();
    for &bit in flips {
        words[usize::from(bit) / 64] ^= 1 << (bit % 64);
    }
    Hash256::from_words(words)
}

fn family() -> impl Strategy<Value = Vec<Hash256>> {
    (any::<[u64; 4]>(), vec(vec(any::<u8>(), 0..40), 0..70)).prop_map(|(base, members)| {
        members.iter().map(|flips| near(Hash256::from_words(base), flips)).collect()
    })
}

proptest! {
    #[test]
    fn tile_finds_what_distance_says(rows in family(), radius in 0u32..90, zeros in any::<bool>()) {
        let queries: Vec<Hash256> =
            rows.iter().copied().take(6).chain(zeros.then_some(Hash256::default())).collect();
        let blocks: Vec<Block> = rows.chunks(LANES).map(Block::new).collect();
        let mut wanted = Vec::new();
        for (q, query) in queries.iter().enumerate() {
            for row in 0..blocks.len() * LANES {
                let distance = query.distance(rows.get(row).unwrap_or(&Hash256::default()));
                if distance <= radius {
                    wanted.push((q, row, distance));
                }
            }
        }
        for level in Hamming::available() {
            let mut found = Vec::new();
            level.tile(&queries, &blocks, radius, |q, row, distance| found.push((q, row, distance)));
            found.sort_unstable();
            prop_assert_eq!(&found, &wanted, "{}", level.name());
        }
    }

    #[test]
    fn sketches_finds_what_count_ones_says(
        left in vec(any::<u16>(), 0..9),
        right in vec(any::<u16>(), 0..100),
        cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        limit in 0u16..=16,
    ) {
        let (one, other) = (cut.0.index(right.len() + 1), cut.1.index(right.len() + 1));
        let range = one.min(other)..one.max(other);
        let mut wanted = Vec::new();
        for (a, first) in left.iter().enumerate() {
            for b in range.clone() {
                if (first ^ right[b]).count_ones() <= u32::from(limit) {
                    wanted.push((a, b));
                }
            }
        }
        for level in Hamming::available() {
            let mut found = Vec::new();
            level.sketches(&left, &right, range.clone(), limit, |a, b| found.push((a, b)));
            found.sort_unstable();
            prop_assert_eq!(&found, &wanted, "{}", level.name());
        }
    }

    #[test]
    fn verify_keeps_what_is_within(rows in family(), radius in 0u32..60) {
        let pairs: Vec<(u32, u32)> = (0..rows.len() as u32).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        let distance = |a: u32, b: u32| rows[a as usize].distance(&rows[b as usize]);
        let wanted: Vec<(u32, u32, u32)> = pairs
            .iter()
            .map(|&(a, b)| (a, b, distance(a, b)))
            .filter(|&(_, _, distance)| distance <= radius)
            .collect();
        for level in Hamming::available() {
            let mut found = Vec::new();
            level.verify(&rows, &rows, &pairs, radius, |a, b, _, distance| found.push((a, b, distance)));
            prop_assert_eq!(&found, &wanted, "{}", level.name());
        }
    }
}
