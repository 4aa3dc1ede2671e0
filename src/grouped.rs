//! Values in groups, end to end: one list of values, and where each group starts in it.
//!
//! A vector for every group would double what small groups take, and scatter them. Groups are numbered from 0. The
//! trap: `sorted` wants its entries in order of their groups; `counted` takes any order and needs two passes.

use crate::rows::Row;
use std::marker::PhantomData;

/// The values of each of the groups, by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grouped<K, V> {
    /// Values of group `k`: `values[starts[k]..starts[k + 1]]`.
    starts: Vec<u32>,
    values: Vec<V>,
    row: PhantomData<K>,
}

impl<K: Row, V> Grouped<K, V> {
    /// No group yet, with room for as many groups and values.
    pub(crate) fn with_capacity(groups: usize, values: usize) -> Self {
        let mut starts = Vec::with_capacity(groups + 1);
        starts.push(0);
        Self { starts, values: Vec::with_capacity(values), row: PhantomData }
    }

    /// Adds the next group.
    pub(crate) fn push(&mut self, values: impl IntoIterator<Item = V>) {
        self.values.extend(values);
        self.starts.push(self.values.len() as u32);
    }

    /// Of (group, value) in order of groups. O(n).
    pub(crate) fn sorted(groups: usize, entries: impl IntoIterator<Item = (K, V)>) -> Self {
        let entries = entries.into_iter();
        let mut grouped = Self::with_capacity(groups, entries.size_hint().0);
        for (group, value) in entries {
            let before = grouped.values.len() as u32;
            grouped.starts.resize(group.index() + 1, before);
            grouped.values.push(value);
        }
        grouped.starts.resize(groups + 1, grouped.values.len() as u32);
        grouped
    }

    /// Of (group, value) in any order, which is kept within a group. O(n).
    pub(crate) fn counted(groups: usize, entries: impl Iterator<Item = (K, V)> + Clone) -> Self
    where
        V: Copy + Default,
    {
        let mut starts = vec![0; groups + 1];
        entries.clone().for_each(|(group, _)| starts[group.index() + 1] += 1);
        for group in 0..groups {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut values = vec![V::default(); starts[groups] as usize];
        for (group, value) in entries {
            let place = &mut next[group.index()];
            values[*place as usize] = value;
            *place += 1;
        }
        Self { starts, values, row: PhantomData }
    }

    /// The number of groups.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// All groups, ascending.
    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = K> + ExactSizeIterator + Clone + use<K, V> {
        (0..self.len()).map(K::of)
    }

    /// The values of a group.
    pub(crate) fn of(&self, group: K) -> &[V] {
        let group = group.index();
        &self.values[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// Bytes held.
    pub(crate) fn memory(&self) -> usize {
        size_of_val(&*self.starts) + size_of_val(&*self.values)
    }

    /// The values of all groups.
    pub(crate) fn values(&self) -> &[V] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_group_has_the_values_that_were_given_to_it(
            entries in prop::collection::vec((0..6_u32, 0..9_u8), 0..20), more in 0..3_usize,
        ) {
            let groups = 6 + more;
            let slow = |group: u32| -> Vec<u8> {
                entries.iter().filter(|entry| entry.0 == group).map(|entry| entry.1).collect()
            };
            let mut in_order = entries.clone();
            in_order.sort_by_key(|entry| entry.0);
            let counted = Grouped::<u32, _>::counted(groups, entries.iter().copied());
            let mut pushed = Grouped::with_capacity(groups, entries.len());
            (0..groups as u32).for_each(|group| pushed.push(slow(group)));
            prop_assert_eq!(&counted, &pushed);
            prop_assert_eq!(&Grouped::sorted(groups, in_order), &pushed);
            prop_assert_eq!((counted.len(), counted.values().len()), (groups, entries.len()));
            for group in 0..groups as u32 {
                prop_assert_eq!(counted.of(group), slow(group));
            }
        }
    }
}
