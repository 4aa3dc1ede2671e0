//! A set of kinds in one byte, read as a sorted slice.
//!
//! A large case has millions of links, and each says what else its ads share and what speaks against it; a vector
//! for each of them would be most of the memory. The trap: a kind that is added needs its place in `SETS`.

use super::found::{Contradiction, Corroboration};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// Kinds of something of which there are few.
pub trait Kind: Copy + PartialEq + fmt::Debug + 'static {
    /// Every set of kinds, each sorted: place `k` holds the kinds whose bits are set in `k`.
    const SETS: &'static [&'static [Self]];
}

impl Kind for Corroboration {
    const SETS: &'static [&'static [Self]] = &[
        &[],
        &[Self::Phone],
        &[Self::Poster],
        &[Self::Phone, Self::Poster],
        &[Self::Text],
        &[Self::Phone, Self::Text],
        &[Self::Poster, Self::Text],
        &[Self::Phone, Self::Poster, Self::Text],
    ];
}

impl Kind for Contradiction {
    const SETS: &'static [&'static [Self]] =
        &[&[], &[Self::Phone], &[Self::Place], &[Self::Phone, Self::Place]];
}

/// A set of kinds; a slice, sorted, to whoever reads it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kinds<K> {
    place: u8,
    kind: PhantomData<K>,
}

impl<K: Kind> Deref for Kinds<K> {
    type Target = [K];

    fn deref(&self) -> &[K] {
        K::SETS[usize::from(self.place)]
    }
}

impl<K: Kind> FromIterator<K> for Kinds<K> {
    fn from_iter<I: IntoIterator<Item = K>>(kinds: I) -> Self {
        let bit = |kind: K| (0..8).find(|bit| K::SETS.get(1 << bit) == Some(&[kind].as_slice()));
        let place = kinds.into_iter().filter_map(bit).fold(0, |place, bit| place | 1 << bit);
        Self { place, kind: PhantomData }
    }
}

impl<K: Kind> Default for Kinds<K> {
    fn default() -> Self {
        Self::from_iter([])
    }
}

impl<K: Kind> fmt::Debug for Kinds<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_set_is_in_its_place<K: Kind + Ord>() {
        for (place, set) in K::SETS.iter().enumerate() {
            let kinds: Kinds<K> = set.iter().rev().copied().collect();
            assert_eq!((usize::from(kinds.place), &*kinds), (place, *set));
            assert!(set.is_sorted());
        }
        assert!(K::SETS.len().is_power_of_two());
    }

    #[test]
    fn a_set_is_the_kinds_it_was_made_from() {
        every_set_is_in_its_place::<Corroboration>();
        every_set_is_in_its_place::<Contradiction>();
    }
}
