//! Rows: places in the lists of one snapshot or one run, each list with a type of its own.
//!
//! Four bytes, dense from 0, and ordered as their list is. The types exist so that an image cannot be taken for an
//! ad. The trap: a row means nothing outside the snapshot or the run it is of; what leaves the process is named by
//! content ([`ImageId`](crate::record::ImageId), [`AdKey`](crate::record::AdKey)), never by row.

use crate::record::{Ad, Image};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A place in a list.
pub trait Row: Copy + Ord + fmt::Debug {
    /// The row of a place. There are fewer than 2^32 rows in any list.
    fn of(index: usize) -> Self;

    /// The place.
    fn index(self) -> usize;
}

macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u32);

        impl $name {
            /// The place in its list.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl Row for $name {
            fn of(index: usize) -> Self {
                Self(index as u32)
            }

            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

rows! {
    /// A place in [`Snapshot::images`](crate::corpus::Snapshot::images).
    ImageRow
    /// A place in [`Snapshot::ads`](crate::corpus::Snapshot::ads).
    AdRow
    /// Images that hash alike, in the order of their first images.
    HashClassRow
    /// A photo group among all of a run, also those that one ad alone shows.
    GroupRow
    /// A photo that two or more ads show: a place in the photo groups of the findings.
    PhotoRow
    /// A place in the links of the findings.
    LinkRow
    /// Ads that belong together, under the name of any one of them.
    CommunityRow
}

impl Index<ImageRow> for Vec<Image> {
    type Output = Image;

    fn index(&self, row: ImageRow) -> &Image {
        &self[row.index()]
    }
}

impl Index<AdRow> for Vec<Ad> {
    type Output = Ad;

    fn index(&self, row: AdRow) -> &Ad {
        &self[row.index()]
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
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = K> + ExactSizeIterator + use<K, V> {
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
        let mut rows: Rows<AdRow, &str> = Rows::default();
        let (first, second) = (rows.push("first"), rows.push("second"));
        assert_eq!((first, second), (AdRow(0), AdRow(1)));
        assert_eq!((rows[first], rows[second], rows.get(AdRow(2))), ("first", "second", None));
        rows[first] = "changed";
        assert_eq!(rows.iter().collect::<Vec<_>>(), [(first, &"changed"), (second, &"second")]);
        assert_eq!(rows.rows().collect::<Vec<_>>(), [first, second]);
        assert_eq!(size_of::<AdRow>(), size_of::<u32>(), "there are hundreds of millions of rows in memory");
    }
}
