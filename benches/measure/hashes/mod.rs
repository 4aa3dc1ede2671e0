//! Made-up hashes for the benches of index and linking: unrelated ones, and near copies of a given one.
//!
//! Numbers come from splitmix64, so that a seed makes the same corpus on every machine. The trap: whoever changes
//! how many numbers one hash draws changes every corpus, and figures can no longer be compared with earlier ones.

use adlink::hash::Hash256;

/// splitmix64, by its state.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A hash unrelated to all others.
    pub(crate) fn hash(&mut self) -> Hash256 {
        Hash256::from_words(std::array::from_fn(|_| self.next()))
    }

    /// `hash` with `flips` draws of a bit to change.
    pub(crate) fn near(&mut self, hash: Hash256, flips: u64) -> Hash256 {
        let mut words = *hash.words();
        for _ in 0..flips {
            words[self.below(4) as usize] ^= 1 << self.below(64);
        }
        Hash256::from_words(words)
    }
}
