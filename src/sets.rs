//! Disjoint sets over rows, with the members of each set at hand.
//!
//! The smaller set joins the larger, so `n` rows cost O(n log n) moves in all. The trap: roots are an accident of
//! the order of unions; take them as names only within one run of a deterministic sequence.

use std::collections::BTreeMap;

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
/// Sets that the questions of one batch would make, if all were answered with yes.
#[derive(Default)]
pub(crate) struct Hypothesis {
    parent: BTreeMap<u32, u32>,
}

impl Hypothesis {
    fn root(&self, mut set: u32) -> u32 {
        while let Some(&parent) = self.parent.get(&set) {
            set = parent;
        }
        set
    }

    /// False when the two hang together already.
    pub(crate) fn join(&mut self, x: u32, y: u32) -> bool {
        let (x, y) = (self.root(x), self.root(y));
        x != y && self.parent.insert(x.max(y), x.min(y)).is_none()
    }
}

