//! Disjoint sets over rows: [`Sets`] with the members of each set at hand, [`Roots`] in four bytes a row.
//!
//! In [`Sets`] the smaller set joins the larger, so `n` rows cost O(n log n) moves in all. The trap: there roots are
//! an accident of the order of unions; take them as names only within one run of a deterministic sequence.

/// Disjoint sets of `0..n`.
pub(crate) struct Sets {
    root: Vec<u32>,
    members: Vec<Vec<u32>>,
}

impl Sets {
    /// Every row on its own.
    pub(crate) fn new(n: usize) -> Self {
        Self { root: (0..n as u32).collect(), members: vec![Vec::new(); n] }
    }

    /// The set that holds `row`.
    pub(crate) fn find(&self, row: u32) -> u32 {
        self.root[row as usize]
    }

    /// Rows of the set `root`. A set of one is not stored until it grows.
    pub(crate) fn members(&self, root: u32) -> Members<'_> {
        match self.members[root as usize].as_slice() {
            [] => Members::One(root),
            many => Members::Many(many),
        }
    }

    /// Joins the sets of `a` and `b`; the surviving root and the one that went, if they were two.
    pub(crate) fn join(&mut self, a: u32, b: u32) -> Option<(u32, u32)> {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return None;
        }
        let larger =
            (self.members(a).len(), std::cmp::Reverse(a)) >= (self.members(b).len(), std::cmp::Reverse(b));
        let (keep, gone) = if larger { (a, b) } else { (b, a) };
        let moved = match std::mem::take(&mut self.members[gone as usize]) {
            none if none.is_empty() => vec![gone],
            rows => rows,
        };
        for &row in &moved {
            self.root[row as usize] = keep;
        }
        let into = &mut self.members[keep as usize];
        if into.is_empty() {
            into.push(keep);
        }
        into.extend(moved);
        Some((keep, gone))
    }

    /// The sets of two or more, each sorted, in the order of their first rows.
    pub(crate) fn of_two_or_more(self) -> Vec<Vec<u32>> {
        let mut sets: Vec<Vec<u32>> = self.members.into_iter().filter(|set| !set.is_empty()).collect();
        sets.iter_mut().for_each(|set| set.sort_unstable());
        sets.sort_unstable_by_key(|set| set[0]);
        sets
    }
}

/// Disjoint sets of `0..n` that know their smallest rows and nothing of their members: union-find with path halving.
pub(crate) struct Roots(Vec<u32>);

impl Roots {
    /// Every row on its own.
    pub(crate) fn new(n: usize) -> Self {
        Self((0..n as u32).collect())
    }

    /// The smallest row of the set that holds `row`.
    pub(crate) fn find(&mut self, mut row: u32) -> u32 {
        while self.0[row as usize] != row {
            let above = self.0[self.0[row as usize] as usize];
            self.0[row as usize] = above;
            row = above;
        }
        row
    }

    /// Joins the sets of `a` and `b`; false if they were one already.
    pub(crate) fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b) as usize] = a.min(b);
        a != b
    }

    /// Takes every set apart that these rows are of, provided that they are all of its rows.
    pub(crate) fn part(&mut self, rows: impl IntoIterator<Item = u32>) {
        rows.into_iter().for_each(|row| self.0[row as usize] = row);
    }

    /// The smallest row of the set of every row.
    pub(crate) fn labels(&mut self) -> Vec<u32> {
        (0..self.0.len() as u32).map(|row| self.find(row)).collect()
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
pub(crate) enum Members<'a> {
    One(u32),
    Many(&'a [u32]),
}

impl Members<'_> {
    pub(crate) fn as_slice(&self) -> &[u32] {
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
