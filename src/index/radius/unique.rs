//! Exact duplicates collapsed: equal hashes become one group, searched once and expanded at the end.
//!
//! A photo reposted a thousand times is half a million pairs but one group; without this step the cost of every
//! search grows with the square of its fame. Groups are numbered by their first row, so the numbering depends on
//! the hashes alone.

use rayon::prelude::*;

use crate::grouped::Grouped;
use crate::hash::Hash256;
use crate::index::neighbor::Neighbor;

/// The distinct hashes of a slice and the rows each came from.
#[derive(Debug, Clone)]
pub struct Unique {
    hashes: Vec<Hash256>,
    groups: Groups,
}

/// Which rows share a hash.
#[derive(Debug, Clone)]
pub(crate) struct Groups(Grouped<u32, u32>);

impl Unique {
    /// Groups equal hashes; `n log n`, 24 bytes per row while it runs. Hashes in ascending order take one look each.
    ///
    /// # Panics
    /// With 2^32 rows or more: rows are numbered by `u32`.
    pub fn new(hashes: &[Hash256]) -> Self {
        Self::of(hashes.to_vec())
    }

    /// [`Unique::new`] of hashes that nobody needs any more: the distinct ones stay where they are.
    pub(crate) fn of(mut hashes: Vec<Hash256>) -> Self {
        if hashes.is_sorted_by(|a, b| a < b) {
            let groups = Groups::apart(hashes.len() as u32);
            return Self { hashes, groups };
        }
        let first = first_rows(&hashes);
        let mut group_of = vec![0u32; hashes.len()];
        let mut distinct = 0;
        for row in 0..hashes.len() {
            if first[row] as usize == row {
                group_of[row] = distinct as u32;
                hashes[distinct] = hashes[row];
                distinct += 1;
            } else {
                group_of[row] = group_of[first[row] as usize];
            }
        }
        drop(first);
        hashes.truncate(distinct);
        let rows = Grouped::counted(distinct, group_of.iter().copied().zip(0..));
        Self { hashes, groups: Groups(rows) }
    }

    /// The distinct hashes, in order of first appearance.
    pub fn hashes(&self) -> &[Hash256] {
        &self.hashes
    }

    /// Rows of one group, ascending.
    pub fn rows(&self, group: u32) -> &[u32] {
        self.groups.rows(group)
    }

    /// True if no hash occurs twice; groups then are rows.
    pub fn is_identity(&self) -> bool {
        self.groups.is_identity()
    }

    /// The distinct hashes and their rows, each to be kept where it is needed.
    pub(crate) fn into_parts(self) -> (Vec<Hash256>, Groups) {
        (self.hashes, self.groups)
    }
}

impl Groups {
    /// Every row a group of its own, whether or not their hashes differ.
    pub(crate) fn apart(rows: u32) -> Self {
        Self(Grouped::sorted(rows as usize, (0..rows).map(|row| (row, row))))
    }

    pub(crate) fn rows(&self, group: u32) -> &[u32] {
        self.0.of(group)
    }

    /// Number of rows, duplicates counted.
    pub(crate) fn len(&self) -> usize {
        self.0.values().len()
    }

    fn is_identity(&self) -> bool {
        self.0.len() == self.len()
    }

    /// From groups, nearest first, to their rows, nearest first, then by row.
    pub(crate) fn expand(&self, mut neighbors: Vec<Neighbor>) -> Vec<Neighbor> {
        if !self.is_identity() {
            let rows_of = |group: &Neighbor| {
                let distance = group.distance;
                self.rows(group.row).iter().map(move |&row| Neighbor { distance, row })
            };
            neighbors = neighbors.iter().flat_map(rows_of).collect();
            neighbors.sort_unstable();
        }
        neighbors
    }

    /// One value per row from one per group.
    pub(crate) fn spread<T: Copy + Default>(&self, values: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut spread = vec![T::default(); self.len()];
        for (group, value) in (0..).zip(values) {
            self.rows(group).iter().for_each(|&row| spread[row as usize] = value);
        }
        spread
    }

    /// Bytes held.
    pub(crate) fn memory(&self) -> usize {
        self.0.memory()
    }
}

/// For every row the first row with the same hash.
fn first_rows(hashes: &[Hash256]) -> Vec<u32> {
    let rows = u32::try_from(hashes.len()).expect("rows are numbered by u32");
    let mut order: Vec<(u64, u32)> =
        (0..rows).into_par_iter().map(|row| (digest(&hashes[row as usize]), row)).collect();
    order.par_sort_unstable();
    let mut first = vec![0; hashes.len()];
    for run in order.chunk_by_mut(|a, b| a.0 == b.0) {
        let same_hash = |a: &(u64, u32), b: &(u64, u32)| hashes[a.1 as usize] == hashes[b.1 as usize];
        if !run.iter().all(|entry| same_hash(entry, &run[0])) {
            run.sort_unstable_by_key(|&(_, row)| (hashes[row as usize], row));
        }
        for group in run.chunk_by(same_hash) {
            for &(_, row) in group {
                first[row as usize] = group[0].1;
            }
        }
    }
    first
}

/// Spreads hashes for sorting; collisions cost time, not correctness.
fn digest(hash: &Hash256) -> u64 {
    hash.words()
        .iter()
        .fold(0, |mixed: u64, word| (mixed ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn groups_partition_the_rows(values in vec(0u64..20, 0..60)) {
            let hashes: Vec<Hash256> = values.iter().map(|&v| Hash256::from_words([v, 0, v, 0])).collect();
            let unique = Unique::new(&hashes);
            let mut seen = Vec::new();
            for (group, hash) in unique.hashes().iter().enumerate() {
                let rows = unique.rows(group as u32);
                prop_assert!(rows.is_sorted());
                prop_assert!(rows.iter().all(|&row| hashes[row as usize] == *hash));
                prop_assert!(!unique.hashes()[..group].contains(hash));
                seen.extend_from_slice(rows);
            }
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..hashes.len() as u32).collect::<Vec<_>>());
            let (distinct, groups) = unique.into_parts();
            prop_assert_eq!(groups.spread(distinct), hashes);
        }
    }
}
