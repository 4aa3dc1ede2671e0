//! The distinct hashes of all looks under one turn, and whose each is: what joins work on.
//!
//! The trap: one hash may stand for many looks and one look for many hashes; rows here are neither looks nor images.

use super::hash_classes::Looks;
use crate::hash::{Dihedral, Hash256, transpose};
use crate::record::ViewKind;
use rayon::prelude::*;

/// Distinct hashes, sorted, with the looks that have each.
pub(crate) struct LookHashes {
    /// Of [`Self::rows`] rows, or of twice as many: see [`Self::with_transposed`].
    pub(crate) hashes: Vec<Hash256>,
    /// Entries of row `k`: `entries[starts[k]..starts[k + 1]]`, plainest view first, each look once.
    starts: Vec<u32>,
    entries: Vec<(ViewKind, u32)>,
}

impl LookHashes {
    /// Those of the views whose upright hash is not among `left_out` (sorted). O(n log n).
    pub(crate) fn new(looks: &Looks, turn: Dihedral, left_out: &[Hash256]) -> Self {
        let (mut hashes, mut views) = (Vec::with_capacity(looks.len()), Vec::with_capacity(looks.len()));
        for look in 0..looks.len() as u32 {
            let wanted = looks.views_of(look).filter(|(_, pdq)| left_out.binary_search(&pdq.hash()).is_err());
            for (kind, pdq) in wanted {
                hashes.push(pdq.oriented(turn));
                views.push((kind, look));
            }
        }
        let mut order: Vec<(u64, u32)> =
            hashes.iter().zip(0..).map(|(hash, place)| (hash.words()[0], place)).collect();
        // The first word nearly always decides, and is at hand.
        let hash = |place: u32| &hashes[place as usize];
        order.par_sort_unstable_by(|x, y| x.0.cmp(&y.0).then_with(|| hash(x.1).cmp(hash(y.1))));
        let mut sorted =
            Self { hashes: Vec::new(), starts: vec![0], entries: Vec::with_capacity(views.len()) };
        let mut run: Vec<(ViewKind, u32)> = Vec::new();
        for same in order.chunk_by(|x, y| hash(x.1) == hash(y.1)) {
            run.clear();
            run.extend(same.iter().map(|&(_, place)| views[place as usize]));
            sorted.push(*hash(same[0].1), &mut run);
        }
        sorted
    }

    fn push(&mut self, hash: Hash256, views: &mut Vec<(ViewKind, u32)>) {
        if views.len() > 1 {
            views.sort_unstable_by_key(|&(kind, look)| (look, kind));
            views.dedup_by_key(|(_, look)| *look);
            views.sort_unstable();
        }
        self.hashes.push(hash);
        self.entries.extend_from_slice(views);
        self.starts.push(self.entries.len() as u32);
    }

    /// Some rows of it.
    pub(crate) fn subset(&self, rows: &[u32]) -> Self {
        let mut subset = Self { hashes: Vec::new(), starts: vec![0], entries: Vec::new() };
        for &row in rows {
            subset.push(self.hashes[row as usize], &mut self.of(row).to_vec());
        }
        subset
    }

    /// Number of distinct hashes.
    pub(crate) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// The same hashes, and all of them once more with rows and columns swapped: row `rows() + k` is row `k`
    /// transposed.
    pub(crate) fn with_transposed(mut self) -> Self {
        let rows = self.rows();
        self.hashes.reserve_exact(rows);
        for row in 0..rows {
            self.hashes.push(transpose(self.hashes[row]));
        }
        self
    }

    /// Does this row hold a transposed hash?
    pub(crate) fn is_transposed(&self, row: u32) -> bool {
        row as usize >= self.rows()
    }

    /// The looks that have the hash of a row, and in which view.
    pub(crate) fn of(&self, row: u32) -> &[(ViewKind, u32)] {
        let row = row as usize % self.rows();
        &self.entries[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    /// The looks of every hash that several have.
    pub(crate) fn shared(&self) -> impl Iterator<Item = &[(ViewKind, u32)]> {
        (0..self.rows() as u32).map(|row| self.of(row)).filter(|entries| entries.len() > 1)
    }
}
