//! Codes that stand in files and are said in words on pages: one enum a kind, and sets of them in a byte or two.
//!
//! A code is a value of its enum everywhere in the program; its name is made where a file is written and its words
//! where a person reads. The trap: the order of declaration is the order in files, and it is that of the names.

use std::fmt;
use std::marker::PhantomData;

/// An enum of codes. Made by the macro below, which sees to it that a bit is left for each.
pub trait NamedCode: Copy + Ord + fmt::Debug + 'static {
    /// What holds a set of them.
    type Bits: Bits;

    /// All of them, in the order of declaration.
    const ALL: &'static [Self];

    /// Stable name in files and JSON.
    fn name(self) -> &'static str;

    /// What it says, for a person; without a full stop.
    fn words(self) -> &'static str;

    /// The code of a name.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

/// An unsigned integer as a set.
pub trait Bits: Copy + Eq + Default + Into<u32> {
    /// The lowest bits.
    fn lowest(bits: u32) -> Self;
}

impl Bits for u8 {
    fn lowest(bits: u32) -> Self {
        bits as Self
    }
}

impl Bits for u16 {
    fn lowest(bits: u32) -> Self {
        bits as Self
    }
}

/// A set of codes, as small as it can be: a large case has millions of links, and each says several.
#[derive(Clone, Copy)]
pub struct EnumSet<C: NamedCode> {
    bits: C::Bits,
    code: PhantomData<C>,
}

impl<C: NamedCode> EnumSet<C> {
    fn of(bits: u32) -> Self {
        Self { bits: C::Bits::lowest(bits), code: PhantomData }
    }

    fn bits(self) -> u32 {
        self.bits.into()
    }

    fn bit(code: C) -> u32 {
        let place = C::ALL.iter().position(|known| *known == code);
        place.map_or(0, |place| 1 << place)
    }

    /// True when it holds none.
    pub fn is_empty(self) -> bool {
        self.bits() == 0
    }

    /// True when `code` is in it.
    pub fn contains(self, code: C) -> bool {
        self.bits() & Self::bit(code) != 0
    }

    /// The codes of both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self::of(self.bits() | other.bits())
    }

    /// The codes in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self::of(self.bits() & other.bits())
    }

    /// In the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = C> {
        C::ALL.iter().copied().filter(move |&code| self.contains(code))
    }

    /// Their names, in the order of declaration.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(NamedCode::name).collect()
    }
}

impl<C: NamedCode> FromIterator<C> for EnumSet<C> {
    fn from_iter<I: IntoIterator<Item = C>>(codes: I) -> Self {
        Self::of(codes.into_iter().fold(0, |bits, code| bits | Self::bit(code)))
    }
}

impl<C: NamedCode> Default for EnumSet<C> {
    fn default() -> Self {
        Self::of(0)
    }
}

impl<C: NamedCode> PartialEq for EnumSet<C> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<C: NamedCode> Eq for EnumSet<C> {}

impl<C: NamedCode> fmt::Debug for EnumSet<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Writes an enum of codes down as one table: what it means in code, its name in files, its words for a person.
macro_rules! codes {
    ($(#[$about:meta])* $vis:vis enum $kind:ident: $bits:ident { $($(#[$doc:meta])* $code:ident => $name:literal, $words:literal;)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        $vis enum $kind { $($(#[$doc])* $code,)+ }

        impl $kind {
            /// Stable name in files and JSON.
            $vis const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// What it says, for a person.
            $vis const fn words(self) -> &'static str {
                match self { $(Self::$code => $words,)+ }
            }
        }

        impl $crate::codes::NamedCode for $kind {
            type Bits = $bits;

            const ALL: &'static [Self] = &[$(Self::$code),+];

            fn name(self) -> &'static str {
                self.name()
            }

            fn words(self) -> &'static str {
                self.words()
            }
        }

        const _: () = assert!(<$kind as $crate::codes::NamedCode>::ALL.len() <= $bits::BITS as usize);
    };
}
pub(crate) use codes;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    codes! {
        /// For the test.
        enum Letter: u8 {
            /// First.
            A => "A", "the first letter";
            /// Second.
            B => "B", "the second letter";
            /// Third.
            C => "C", "the third letter";
        }
    }

    proptest! {
        /// Against the slow way: ordered sets.
        #[test]
        fn a_set_is_the_codes_it_was_made_from(x in prop::collection::vec(0..3_usize, 0..6), y in prop::collection::vec(0..3_usize, 0..6)) {
            let codes = |places: &[usize]| places.iter().map(|&place| Letter::ALL[place]).collect::<Vec<_>>();
            let (slow_x, slow_y): (BTreeSet<_>, BTreeSet<_>) = (codes(&x).into_iter().collect(), codes(&y).into_iter().collect());
            let (fast_x, fast_y): (EnumSet<_>, EnumSet<_>) = (codes(&x).into_iter().collect(), codes(&y).into_iter().collect());
            prop_assert!(fast_x.iter().eq(slow_x.iter().copied()));
            prop_assert!(fast_x.union(fast_y).iter().eq(slow_x.union(&slow_y).copied()));
            prop_assert!(fast_x.intersection(fast_y).iter().eq(slow_x.intersection(&slow_y).copied()));
            prop_assert_eq!(fast_x == fast_y, slow_x == slow_y);
            prop_assert_eq!(fast_x.is_empty(), slow_x.is_empty());
            prop_assert!(Letter::ALL.iter().all(|&code| fast_x.contains(code) == slow_x.contains(&code)));
        }
    }

    #[test]
    fn names_lead_back() {
        assert!(Letter::ALL.iter().all(|&code| Letter::from_name(code.name()) == Some(code)));
        assert_eq!(Letter::from_name("D"), None);
    }
}
