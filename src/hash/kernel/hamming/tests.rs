//! Every level against the plain definition; scalar too, since it takes the early exit.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Bands16, Block, Hamming, LANES};
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
        left in vec(any::<(u16, u16)>(), 0..90),
        right in vec(any::<(u16, u16)>(), 0..300),
        cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        limit in 0u16..=16,
    ) {
        let (one, other) = (cut.0.index(right.len() + 1), cut.1.index(right.len() + 1));
        let range = one.min(other)..one.max(other);
        let (mut by_one, mut by_both) = (Vec::new(), Vec::new());
        for (a, first) in left.iter().enumerate() {
            for b in range.clone() {
                let (one, other) = (first.0 ^ right[b].0, first.1 ^ right[b].1);
                let near = |difference: u16| difference.count_ones() <= u32::from(limit);
                by_one.extend(near(one).then_some((a, b)));
                by_both.extend(near(one | other).then_some((a, b)));
                prop_assert!(near(one | other) || one.count_ones() + other.count_ones() > u32::from(limit));
            }
        }
        let (ones, twos): (Vec<[u16; 1]>, Vec<[u16; 2]>) =
            left.iter().map(|&(one, other)| ([one], [one, other])).unzip();
        let right: (Vec<u16>, Vec<u16>) = right.into_iter().unzip();
        for level in Hamming::available() {
            let mut found = Vec::new();
            level.sketches(&ones, [&right.0], range.clone(), limit, |a, b| found.push((a, b)));
            found.sort_unstable();
            prop_assert_eq!(&found, &by_one, "{}", level.name());
            found.clear();
            level.sketches(&twos, [&right.0, &right.1], range.clone(), limit, |a, b| found.push((a, b)));
            found.sort_unstable();
            prop_assert_eq!(&found, &by_both, "{}", level.name());
        }
    }

    #[test]
    fn compare_tells_difference_and_distance(rows in family()) {
        let pairs: Vec<(u32, u32)> = (0..rows.len() as u32).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        for level in Hamming::available() {
            let mut found = Vec::new();
            level.compare(&rows, &rows, &pairs, |a, b, difference, distance| {
                let (first, second) = (rows[a as usize], rows[b as usize]);
                assert_eq!(distance, first.distance(&second));
                assert_eq!((0..256).filter(|&k| difference.bit(k)).count() as u32, distance);
                assert!((0..256).all(|k| difference.bit(k) == (first.bit(k) != second.bit(k))));
                found.push((a, b));
            });
            prop_assert_eq!(&found, &pairs, "{}", level.name());
        }
    }

    #[test]
    fn first_admitted_is_the_same_everywhere(
        rows in family(),
        radius in 0u32..60,
        most in any::<[i16; 16]>(),
        reach in any::<[i16; 16]>(),
        band in 0usize..16,
    ) {
        let bands = Bands16 { most: most.map(|most| most.rem_euclid(5) - 1), reach: reach.map(|reach| reach.rem_euclid(12)) };
        let pairs: Vec<(u32, u32)> = (0..rows.len() as u32).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        let mut wanted = vec![(7, 7, 7)];
        for &(a, b) in &pairs {
            let (first, second) = (rows[a as usize], rows[b as usize]);
            let bits = |band: usize| {
                (0..16).filter(|k| first.bit(16 * (band % 16) + k) != second.bit(16 * (band % 16) + k)).count() as i16
            };
            let admits = |band: &usize| {
                let three: i16 = (0..3).map(|more| bits(band + more)).sum();
                bits(*band) <= bands.most[*band] && three <= bands.reach[*band]
            };
            if first.distance(&second) <= radius && (0..16).find(admits) == Some(band) {
                wanted.push((a, b, first.distance(&second)));
            }
        }
        for level in Hamming::available() {
            let mut found = vec![(7, 7, 7)];
            level.first_admitted((&rows, &rows), &pairs, radius, (&bands, band), &mut found);
            prop_assert_eq!(&found, &wanted, "{}", level.name());
        }
    }
}
