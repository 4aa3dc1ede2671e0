//! Nearest-neighbour search over 256-bit hashes: exact radius search, and approximate k-NN that says so.
//!
//! Knows hashes and row numbers, nothing of images or ads. A row is a place in the slice the index was built
//! from. Exact means exact: every neighbour within the radius is reported, whichever engine answers; the engine
//! and its plan are chosen by cost alone. The trap: joins report from many threads in no fixed order; the *set*
//! of pairs is what is deterministic, so sort before writing anything.

mod band_join;
mod cost;
mod flat;
mod mih;
mod plan;
#[cfg(test)]
mod test_hashes;
mod unique;

pub use flat::FlatIndex;
pub use mih::MihIndex;
pub use unique::Unique;

use cost::Work;
use rayon::prelude::*;

use crate::hash::Hash256;
use crate::hash::kernel::hamming::Hamming;

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

/// Exact radius search by whichever engine is cheaper for the number of rows.
#[derive(Debug)]
pub enum RadiusIndex {
    /// Compares every row.
    Flat(FlatIndex),
    /// Looks up bands.
    Mih(MihIndex),
}

impl RadiusIndex {
    /// Builds for single queries at about `radius`; every radius is answered exactly.
    pub fn new(hashes: &[Hash256], radius: u32) -> Self {
        let kernel = Hamming::best();
        match cost::best_plan(kernel, Work::Query, hashes.len(), radius, cost::evenness(hashes)) {
            Some(_) => Self::Mih(MihIndex::with_kernel(hashes, radius, kernel)),
            None => Self::Flat(FlatIndex::with_kernel(hashes, kernel)),
        }
    }

    /// Rows at most `radius` bits from `query`, nearest first, then by row.
    pub fn search(&self, query: &Hash256, radius: u32) -> Vec<Neighbor> {
        match self {
            Self::Flat(index) => index.search(query, radius),
            Self::Mih(index) => index.search(query, radius),
        }
    }

    /// [`search`](Self::search) for many queries, on all threads.
    pub fn search_many(&self, queries: &[Hash256], radius: u32) -> Vec<Vec<Neighbor>> {
        match self {
            Self::Flat(index) => index.search_many(queries, radius),
            Self::Mih(index) => index.search_many(queries, radius),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Flat(index) => index.len(),
            Self::Mih(index) => index.len(),
        }
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        match self {
            Self::Flat(index) => index.memory(),
            Self::Mih(index) => index.memory(),
        }
    }
}

/// Every pair `a < b` of rows at most `radius` bits apart, handed to `sink` in batches, in no fixed order, from
/// many threads. Memory does not grow with the number of pairs: some 90 bytes per distinct hash.
///
/// Equal hashes are compared once, but every pair of their rows is reported; where that is too much, join
/// [`Unique::hashes`] instead.
pub fn self_join(hashes: &[Hash256], radius: u32, sink: &(dyn Fn(&[JoinPair]) + Sync)) {
    let unique = Unique::new(hashes);
    if unique.is_identity() {
        return join_distinct(unique.hashes(), radius, sink);
    }
    (0..unique.hashes().len() as u32).into_par_iter().for_each(|group| {
        let mut batch = Batch::new(sink);
        let rows = unique.rows(group);
        for (n, &a) in rows.iter().enumerate() {
            rows[n + 1..].iter().for_each(|&b| batch.push(JoinPair { a, b, distance: 0 }));
        }
    });
    join_distinct(unique.hashes(), radius, &|pairs| {
        let mut batch = Batch::new(sink);
        for pair in pairs {
            for &a in unique.rows(pair.a) {
                for &b in unique.rows(pair.b) {
                    batch.push(JoinPair { a: a.min(b), b: a.max(b), distance: pair.distance });
                }
            }
        }
    });
}

/// [`self_join`] of hashes that are known to be distinct (correct for any, slower where they are not).
fn join_distinct(hashes: &[Hash256], radius: u32, sink: &(dyn Fn(&[JoinPair]) + Sync)) {
    let kernel = Hamming::best();
    match cost::best_plan(kernel, Work::SelfJoin, hashes.len(), radius, cost::evenness(hashes)) {
        Some(plan) => band_join::self_join(kernel, &plan, hashes, radius, sink),
        None => flat::self_join(kernel, hashes, radius, sink),
    }
}

/// Every pair (row of `left`, row of `right`) at most `radius` bits apart; see [`self_join`].
pub fn join(left: &[Hash256], right: &[Hash256], radius: u32, sink: &(dyn Fn(&[JoinPair]) + Sync)) {
    let kernel = Hamming::best();
    let (lefts, rights) = (Unique::new(left), Unique::new(right));
    let expand = |pairs: &[JoinPair]| {
        let mut batch = Batch::new(sink);
        for pair in pairs {
            for &a in lefts.rows(pair.a) {
                rights.rows(pair.b).iter().for_each(|&b| batch.push(JoinPair { a, b, ..*pair }));
            }
        }
    };
    let (left, right) = (lefts.hashes(), rights.hashes());
    let work = Work::Join { share: right.len() as f64 / left.len().max(1) as f64 };
    match cost::best_plan(kernel, work, right.len(), radius, cost::evenness(right)) {
        Some(plan) => band_join::join(kernel, &plan, left, right, radius, &expand),
        None => flat::join(kernel, left, right, radius, &expand),
    }
}

/// Collects pairs and hands them on in batches, the last one when dropped.
struct Batch<'s> {
    pairs: Vec<JoinPair>,
    sink: &'s (dyn Fn(&[JoinPair]) + Sync),
}

impl<'s> Batch<'s> {
    /// Pairs handed on at once.
    const SIZE: usize = 4096;

    fn new(sink: &'s (dyn Fn(&[JoinPair]) + Sync)) -> Self {
        Self { pairs: Vec::new(), sink }
    }

    #[inline]
    fn push(&mut self, pair: JoinPair) {
        self.pairs.push(pair);
        if self.pairs.len() == Self::SIZE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.pairs.is_empty() {
            (self.sink)(&self.pairs);
            self.pairs.clear();
        }
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.flush();
    }
}
