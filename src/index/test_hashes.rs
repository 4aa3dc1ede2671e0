//! Hashes for the tests of this room: families of near copies, where the edges of the radius occur.

use std::sync::Mutex;

use proptest::collection::vec;
use proptest::prelude::*;

use super::neighbor::JoinPair;
use crate::hash::Hash256;

/// Up to `most` hashes: copies and near copies of a few bases, 0 to 70 bits away.
pub(super) fn families(most: usize) -> impl Strategy<Value = Vec<Hash256>> {
    let member = (0usize..4, prop_oneof![Just(0usize), 0usize..70], any::<u64>());
    (vec(any::<[u64; 4]>(), 4), vec(member, 0..=most)).prop_map(|(bases, members)| {
        members.into_iter().map(|(base, flips, seed)| flipped(bases[base], flips, seed)).collect()
    })
}

/// Near copies of one photo, each up to `flips` bits away from it.
pub(super) fn around(words: [u64; 4], copies: usize, flips: usize) -> Vec<Hash256> {
    let seed = |k: usize| (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..copies).map(|k| flipped(words, k % (flips + 1), seed(k))).collect()
}

/// `words` with at most `flips` bits changed.
fn flipped(mut words: [u64; 4], flips: usize, mut seed: u64) -> Hash256 {
    for _ in 0..flips {
        seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        words[(seed >> 62) as usize] ^= 1 << (seed >> 40 & 63);
    }
    Hash256::from_words(words)
}

/// What a join reports, sorted.
pub(super) fn collected(join: impl FnOnce(&(dyn Fn(&[JoinPair]) + Sync))) -> Vec<JoinPair> {
    let pairs = Mutex::new(Vec::new());
    join(&|batch| pairs.lock().unwrap().extend_from_slice(batch));
    let mut pairs = pairs.into_inner().unwrap();
    pairs.sort_unstable();
    pairs
}
