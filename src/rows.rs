//! Rows: places in lists, each list with a type of its own, and values by row.
//!
//! Four bytes, dense from 0, and ordered as their list is. Which lists there are is said where the lists are
//! ([`crate::corpus`]). The trap: a plain `u32` is a row, too, of a list that nobody else sees; what one file hands
//! another has a type.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A place in a list.
pub trait Row: Copy + Ord + fmt::Debug {
    /// No row of any list, and after all of them: where a row may be missing and four bytes have to do.
    const NONE: Self;

    /// The row of a place. There are fewer than 2^32 - 1 rows in any list.
    fn of(index: usize) -> Self;

    /// The place.
    fn index(self) -> usize;

    /// All rows of a list of `n`, ascending.
    fn all(n: usize) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator + Clone {
        (0..n).map(Self::of)
    }

    /// The row, unless it is [`Self::NONE`].
    fn some(self) -> Option<Self> {
        Some(self).filter(|&row| row != Self::NONE)
    }
}

impl Row for u32 {
    const NONE: Self = Self::MAX;

    fn of(index: usize) -> Self {
        index as Self
    }

    fn index(self) -> usize {
        self as usize
    }
}

/// A value for each row of a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Rows<K, V> {
    values: Vec<V>,
    row: PhantomData<K>,
}

impl<K: Row, V> Rows<K, V> {
    /// One value for every row of a list of `n`.
    pub fn filled(value: V, n: usize) -> Self
    where
        V: Clone,
    {
        vec![value; n].into()
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True without any row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All rows, ascending.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = K> + ExactSizeIterator + Clone + use<K, V> {
        (0..self.values.len()).map(K::of)
    }

    /// All values, by row.
    pub fn values(&self) -> &[V] {
        &self.values
    }

    /// All values, by row, to be changed.
    pub fn values_mut(&mut self) -> &mut [V] {
        &mut self.values
    }

    /// Each row with its value, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &V)> + ExactSizeIterator {
        self.values.iter().enumerate().map(|(row, value)| (K::of(row), value))
    }

    /// Each row with its value to be changed, ascending.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (K, &mut V)> + ExactSizeIterator {
        self.values.iter_mut().enumerate().map(|(row, value)| (K::of(row), value))
    }

    /// Adds the value of the next row, which it returns.
    pub fn push(&mut self, value: V) -> K {
        self.values.push(value);
        K::of(self.values.len() - 1)
    }

    /// The value of a row; `None` beyond the last.
    pub fn get(&self, row: K) -> Option<&V> {
        self.values.get(row.index())
    }

    /// The values alone.
    pub fn into_values(self) -> Vec<V> {
        self.values
    }
}

impl<K: Row, V> Index<K> for Rows<K, V> {
    type Output = V;

    fn index(&self, row: K) -> &V {
        &self.values[row.index()]
    }
}

impl<K: Row, V> IndexMut<K> for Rows<K, V> {
    fn index_mut(&mut self, row: K) -> &mut V {
        &mut self.values[row.index()]
    }
}

impl<K, V> From<Vec<V>> for Rows<K, V> {
    fn from(values: Vec<V>) -> Self {
        Self { values, row: PhantomData }
    }
}

impl<K, V> FromIterator<V> for Rows<K, V> {
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        Vec::from_iter(values).into()
    }
}

impl<K, V> Default for Rows<K, V> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<K, V: fmt::Debug> fmt::Debug for Rows<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.values.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_under_the_row_it_was_given() {
        let mut rows: Rows<u32, &str> = Rows::default();
        let (first, second) = (rows.push("first"), rows.push("second"));
        assert_eq!((first, second), (0, 1));
        assert_eq!((rows[first], rows[second], rows.get(2)), ("first", "second", None));
        rows[first] = "changed";
        assert_eq!(rows.iter().collect::<Vec<_>>(), [(first, &"changed"), (second, &"second")]);
        assert_eq!(rows.rows().collect::<Vec<_>>(), [first, second]);
        assert_eq!((u32::of(1).some(), u32::NONE.some()), (Some(1), None));
        assert!(u32::all(3).eq([0, 1, 2]));
    }
}
