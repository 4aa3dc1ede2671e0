//! Disjoint sets over rows: [`Sets`] with the members of each set at hand, [`Roots`] in four bytes a row.
//!
//! In [`Sets`] the smaller set joins the larger, so `n` rows cost O(n log n) moves in all. The trap: there roots are
//! an accident of the order of unions; take them as names only within one run of a deterministic sequence.

use crate::rows::{Row, Rows};

/// Disjoint sets of the rows of a list.
pub(crate) struct Sets<K> {
    root: Rows<K, K>,
    members: Rows<K, Vec<K>>,
}

impl<K: Row> Sets<K> {
    /// Every row on its own.
    pub(crate) fn new(n: usize) -> Self {
        Self { root: K::all(n).collect(), members: Rows::filled(Vec::new(), n) }
    }

    /// The set that holds `row`.
    pub(crate) fn find(&self, row: K) -> K {
        self.root[row]
    }

    /// Rows of the set `root`. A set of one is not stored until it grows.
    pub(crate) fn members(&self, root: K) -> Members<'_, K> {
        match self.members[root].as_slice() {
            [] => Members::One(root),
            many => Members::Many(many),
        }
    }

    /// Joins the sets of `a` and `b`; the surviving root and the one that went, if they were two. Its members now stand
    /// behind those of the surviving one.
    pub(crate) fn join(&mut self, a: K, b: K) -> Option<(K, K)> {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return None;
        }
        let larger =
            (self.members(a).len(), std::cmp::Reverse(a)) >= (self.members(b).len(), std::cmp::Reverse(b));
        let (keep, gone) = if larger { (a, b) } else { (b, a) };
        let moved = match std::mem::take(&mut self.members[gone]) {
            none if none.is_empty() => vec![gone],
            rows => rows,
        };
        for &row in &moved {
            self.root[row] = keep;
        }
        let into = &mut self.members[keep];
        if into.is_empty() {
            into.push(keep);
        }
        into.extend(moved);
        Some((keep, gone))
    }

    /// The sets of two or more, each sorted, in the order of their first rows.
    pub(crate) fn of_two_or_more(self) -> Vec<Vec<K>> {
        let mut sets: Vec<Vec<K>> =
            self.members.into_values().into_iter().filter(|set| !set.is_empty()).collect();
        sets.iter_mut().for_each(|set| set.sort_unstable());
        sets.sort_unstable_by_key(|set| set[0]);
        sets
    }
}

/// Disjoint sets that know their smallest rows and nothing of their members: union-find with path halving.
pub(crate) struct Roots<K>(Rows<K, K>);

impl<K: Row> Roots<K> {
    /// Every row on its own.
    pub(crate) fn new(n: usize) -> Self {
        Self(K::all(n).collect())
    }

    /// The smallest row of the set that holds `row`.
    pub(crate) fn find(&mut self, mut row: K) -> K {
        while self.0[row] != row {
            let above = self.0[self.0[row]];
            self.0[row] = above;
            row = above;
        }
        row
    }

    /// Joins the sets of `a` and `b`; false if they were one already.
    pub(crate) fn join(&mut self, a: K, b: K) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b)] = a.min(b);
        a != b
    }

    /// Takes every set apart that these rows are of, provided that they are all of its rows.
    pub(crate) fn part(&mut self, rows: impl IntoIterator<Item = K>) {
        rows.into_iter().for_each(|row| self.0[row] = row);
    }

    /// The smallest row of the set of every row.
    pub(crate) fn labels(&mut self) -> Vec<K> {
        self.0.rows().map(|row| self.find(row)).collect()
    }
}

/// Values in order, each once.
pub(crate) fn sorted_distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = values.collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Rows of one set.
pub(crate) enum Members<'a, K> {
    One(K),
    Many(&'a [K]),
}

impl<K> Members<'_, K> {
    pub(crate) fn as_slice(&self) -> &[K] {
        match self {
            Self::One(row) => std::slice::from_ref(row),
            Self::Many(rows) => rows,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.as_slice().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Both against labels that are rewritten at every union.
        #[test]
        fn rows_are_of_one_set_if_unions_connect_them(unions in prop::collection::vec((0..9_u32, 0..9_u32), 0..12)) {
            let (mut sets, mut roots) = (Sets::new(9), Roots::new(9));
            let mut label: Vec<u32> = (0..9).collect();
            for &(a, b) in &unions {
                let (x, y) = (label[a as usize], label[b as usize]);
                prop_assert_eq!(sets.join(a, b).is_some(), x != y);
                prop_assert_eq!(roots.join(a, b), x != y);
                label.iter_mut().filter(|label| **label == x.max(y)).for_each(|label| *label = x.min(y));
            }
            prop_assert_eq!(&roots.labels(), &label);
            for row in 0..9 {
                let mut members = sets.members(sets.find(row)).as_slice().to_vec();
                members.sort_unstable();
                let same: Vec<u32> = (0..9).filter(|&other| label[other as usize] == label[row as usize]).collect();
                prop_assert_eq!(members, same);
            }
            roots.part(0..9);
            prop_assert_eq!(roots.labels(), (0..9).collect::<Vec<_>>());
        }
    }
}
