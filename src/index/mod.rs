//! Nearest-neighbour search over 256-bit hashes: exact radius search, and approximate k-NN that says so.
//!
//! Knows hashes and row numbers, nothing of images or ads. A row is a place in the slice the index was built
//! from. Exact means exact: every neighbour within the radius is reported, whichever engine answers.

use crate::hash::Hash256;

/// A row within the radius.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbor {
    /// Hamming distance in bits.
    pub distance: u32,
    /// Row in the indexed slice.
    pub row: u32,
}

/// Two rows within the radius: `a` of the first slice, `b` of the second (`a < b` in a self-join).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct JoinPair {
    /// Row in the first slice.
    pub a: u32,
    /// Row in the second slice.
    pub b: u32,
    /// Hamming distance in bits.
    pub distance: u32,
}

/// Every pair `a < b` of rows at most `radius` bits apart, handed to `sink` in batches, in no fixed order, from
/// many threads. Memory does not grow with the number of pairs.
pub fn self_join(hashes: &[Hash256], radius: u32, sink: &(dyn Fn(&[JoinPair]) + Sync)) {
    for (a, hash) in hashes.iter().enumerate() {
        let found: Vec<JoinPair> = (a + 1..hashes.len())
            .map(|b| JoinPair { a: a as u32, b: b as u32, distance: hash.distance(&hashes[b]) })
            .filter(|pair| pair.distance <= radius)
            .collect();
        if !found.is_empty() {
            sink(&found);
        }
    }
}

/// Every pair (row of `left`, row of `right`) at most `radius` bits apart; see [`self_join`].
pub fn join(left: &[Hash256], right: &[Hash256], radius: u32, sink: &(dyn Fn(&[JoinPair]) + Sync)) {
    for (a, hash) in left.iter().enumerate() {
        let found: Vec<JoinPair> = right
            .iter()
            .enumerate()
            .map(|(b, other)| JoinPair { a: a as u32, b: b as u32, distance: hash.distance(other) })
            .filter(|pair| pair.distance <= radius)
            .collect();
        if !found.is_empty() {
            sink(&found);
        }
    }
}
