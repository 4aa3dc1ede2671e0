//! The distinct hashes of all classes under one turn, and whose each is: what joins work on.
//!
//! The trap: one hash may stand for many classes and one class for many hashes; the plain numbers here are places in the
//! list of hashes, as the index gives them, neither classes nor images.

use super::hash_classes::HashClasses;
use crate::corpus::HashClassRow;
use crate::grouped::Grouped;
use crate::hash::{Dihedral, Hash256, transpose};
use crate::record::ViewKind;
use rayon::prelude::*;

/// Distinct hashes, sorted, with the classes that have each.
pub(crate) struct ClassHashes {
    /// Of [`Self::rows`] rows, or of twice as many: see [`Self::with_transposed`].
    pub(crate) hashes: Vec<Hash256>,
    /// Of every row, plainest view first, each class once.
    entries: Grouped<u32, (ViewKind, HashClassRow)>,
}

impl ClassHashes {
    /// Those of the views whose upright hash is not among `left_out` (sorted). O(n log n).
    pub(crate) fn new(classes: &HashClasses, turn: Dihedral, left_out: &[Hash256]) -> Self {
        let (mut hashes, mut views) = (Vec::with_capacity(classes.len()), Vec::with_capacity(classes.len()));
        for class in classes.rows() {
            let wanted =
                classes.views_of(class).filter(|(_, pdq)| left_out.binary_search(&pdq.hash()).is_err());
            for (kind, pdq) in wanted {
                hashes.push(pdq.oriented(turn));
                views.push((kind, class));
            }
        }
        Self::sorted(&hashes, &views)
    }

    /// Those of the whole pictures with dark and light exchanged, where the hash is proof by itself and the picture's own is
    /// not among `left_out` (sorted).
    pub(crate) fn negatives(classes: &HashClasses, left_out: &[Hash256]) -> Self {
        let (mut hashes, mut views) = (Vec::with_capacity(classes.len()), Vec::with_capacity(classes.len()));
        for class in classes.rows() {
            let whole = classes.views_of(class).find(|(kind, _)| *kind == ViewKind::Whole);
            let Some((_, pdq)) = whole else { continue };
            if pdq.stands_alone() && left_out.binary_search(&pdq.hash()).is_err() {
                hashes.push(pdq.negative().hash());
                views.push((ViewKind::Negative, class));
            }
        }
        Self::sorted(&hashes, &views)
    }

    fn sorted(hashes: &[Hash256], views: &[(ViewKind, HashClassRow)]) -> Self {
        let mut order: Vec<(u64, u32)> =
            hashes.iter().zip(0..).map(|(hash, place)| (hash.words()[0], place)).collect();
        // The first word nearly always decides, and is at hand.
        let hash = |place: u32| &hashes[place as usize];
        order.par_sort_unstable_by(|x, y| x.0.cmp(&y.0).then_with(|| hash(x.1).cmp(hash(y.1))));
        let mut sorted = Self { hashes: Vec::new(), entries: Grouped::with_capacity(0, views.len()) };
        let mut run: Vec<(ViewKind, HashClassRow)> = Vec::new();
        for same in order.chunk_by(|x, y| hash(x.1) == hash(y.1)) {
            run.clear();
            run.extend(same.iter().map(|&(_, place)| views[place as usize]));
            sorted.push(*hash(same[0].1), &mut run);
        }
        sorted
    }

    fn push(&mut self, hash: Hash256, views: &mut Vec<(ViewKind, HashClassRow)>) {
        if views.len() > 1 {
            views.sort_unstable_by_key(|&(kind, class)| (class, kind));
            views.dedup_by_key(|(_, class)| *class);
            views.sort_unstable();
        }
        self.hashes.push(hash);
        self.entries.push(views.iter().copied());
    }

    /// Some rows of it.
    pub(crate) fn subset(&self, rows: &[u32]) -> Self {
        let mut subset = Self { hashes: Vec::new(), entries: Grouped::with_capacity(rows.len(), rows.len()) };
        for &row in rows {
            subset.push(self.hashes[row as usize], &mut self.of(row).to_vec());
        }
        subset
    }

    /// Number of distinct hashes.
    pub(crate) fn rows(&self) -> usize {
        self.entries.len()
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

    /// The classes that have the hash of a row, and in which view.
    pub(crate) fn of(&self, row: u32) -> &[(ViewKind, HashClassRow)] {
        self.entries.of(row % self.rows() as u32)
    }

    /// The classes of every hash that several have.
    pub(crate) fn shared(&self) -> impl Iterator<Item = &[(ViewKind, HashClassRow)]> {
        self.entries.rows().map(|row| self.of(row)).filter(|entries| entries.len() > 1)
    }
}
