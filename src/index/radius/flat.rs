//! Comparing everything: the definition of exact search, and the fastest engine for small sets and wide radii.
//!
//! Rows are kept transposed in blocks of eight, and many queries run over one cache-sized tile at a time: the
//! work is then bound by arithmetic, where one query alone is bound by memory.

use std::ops::Range;

use rayon::prelude::*;

use crate::hash::Hash256;
use crate::hash::kernel::hamming::{Block, Hamming, LANES};
use crate::index::join::batch::Batch;
use crate::index::neighbor::{JoinPair, Neighbor};

/// Blocks per tile: 16 KiB, half a first-level cache.
const TILE: usize = 64;
/// Rows of a join that one task compares with all later ones.
const JOIN_ROWS: usize = 512;

/// An exact index that compares every row. Cheap to build and to grow: 32 bytes a row.
#[derive(Debug, Clone)]
pub struct FlatIndex {
    kernel: Hamming,
    blocks: Vec<Block>,
    len: usize,
}

impl FlatIndex {
    /// Copies the hashes.
    pub fn new(hashes: &[Hash256]) -> Self {
        Self::with_kernel(hashes, Hamming::best())
    }

    /// The same with a given set of instructions.
    pub fn with_kernel(hashes: &[Hash256], kernel: Hamming) -> Self {
        Self { kernel, blocks: hashes.chunks(LANES).map(Block::new).collect(), len: hashes.len() }
    }

    /// Appends rows.
    pub(crate) fn extend(&mut self, hashes: &[Hash256]) {
        let partial = self.len % LANES;
        let last: Vec<Hash256> = (0..partial).map(|lane| self.blocks[self.len / LANES].hash(lane)).collect();
        self.blocks.truncate(self.len / LANES);
        let rows: Vec<Hash256> = last.into_iter().chain(hashes.iter().copied()).collect();
        self.blocks.extend(rows.chunks(LANES).map(Block::new));
        self.len += hashes.len();
    }

    /// The hash of every row, in order.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = Hash256> {
        self.blocks.iter().flat_map(|block| (0..LANES).map(|lane| block.hash(lane))).take(self.len)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Rows at most `radius` bits from `query`, nearest first, then by row.
    pub fn search(&self, query: &Hash256, radius: u32) -> Vec<Neighbor> {
        let mut found = Vec::new();
        self.scan(std::slice::from_ref(query), 0..self.len, radius, |_, row, distance| {
            found.push(Neighbor { distance, row: row as u32 });
        });
        found.sort_unstable();
        found
    }

    /// [`search`](Self::search) for many queries, on all threads.
    pub fn search_many(&self, queries: &[Hash256], radius: u32) -> Vec<Vec<Neighbor>> {
        let batch = |queries: &[Hash256]| {
            let mut found = vec![Vec::new(); queries.len()];
            self.scan(queries, 0..self.len, radius, |query, row, distance| {
                found[query].push(Neighbor { distance, row: row as u32 });
            });
            found.iter_mut().for_each(|neighbors| neighbors.sort_unstable());
            found
        };
        queries.par_chunks(JOIN_ROWS).flat_map_iter(batch).collect()
    }

    /// Reports `(query, row, distance)` for rows of `range`, which begins at a multiple of [`LANES`].
    pub(crate) fn scan(
        &self,
        queries: &[Hash256],
        range: Range<usize>,
        radius: u32,
        mut report: impl FnMut(usize, usize, u32),
    ) {
        debug_assert!(range.start.is_multiple_of(LANES));
        let first_block = range.start / LANES;
        for (n, tile) in self.blocks[first_block..range.end.div_ceil(LANES)].chunks(TILE).enumerate() {
            let first_row = (first_block + n * TILE) * LANES;
            self.kernel.tile(queries, tile, radius, |query, row, distance| {
                // The lanes after the last row hold zeros.
                if first_row + row < range.end {
                    report(query, first_row + row, distance);
                }
            });
        }
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        size_of_val(&*self.blocks)
    }
}

/// Reports `(query, row, distance)` like [`FlatIndex::scan`], transposing `rows` a tile at a time.
pub(crate) fn scan_rows(
    kernel: Hamming,
    queries: &[Hash256],
    rows: &[Hash256],
    radius: u32,
    mut report: impl FnMut(usize, usize, u32),
) {
    for (n, chunk) in rows.chunks(TILE * LANES).enumerate() {
        let tile = FlatIndex::with_kernel(chunk, kernel);
        tile.scan(queries, 0..chunk.len(), radius, |query, row, distance| {
            report(query, n * TILE * LANES + row, distance);
        });
    }
}

/// All pairs `a < b` within the radius, in batches.
pub(crate) fn self_join(
    kernel: Hamming,
    hashes: &[Hash256],
    radius: u32,
    sink: &(dyn Fn(&[JoinPair]) + Sync),
) {
    let index = FlatIndex::with_kernel(hashes, kernel);
    hashes.par_chunks(JOIN_ROWS).enumerate().for_each(|(n, queries)| {
        let first = n * JOIN_ROWS;
        let mut batch = Batch::new(sink);
        index.scan(queries, first..hashes.len(), radius, |query, b, distance| {
            let a = first + query;
            if a < b {
                batch.push(JoinPair { a: a as u32, b: b as u32, distance });
            }
        });
    });
}

/// All pairs (row of `left`, row of `right`) within the radius, in batches.
pub(crate) fn join(
    kernel: Hamming,
    left: &[Hash256],
    right: &[Hash256],
    radius: u32,
    sink: &(dyn Fn(&[JoinPair]) + Sync),
) {
    let index = FlatIndex::with_kernel(right, kernel);
    left.par_chunks(JOIN_ROWS).enumerate().for_each(|(n, queries)| {
        let mut batch = Batch::new(sink);
        index.scan(queries, 0..right.len(), radius, |query, b, distance| {
            batch.push(JoinPair { a: (n * JOIN_ROWS + query) as u32, b: b as u32, distance });
        });
    });
}
