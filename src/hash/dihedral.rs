//! The eight rotations and mirrorings, by PDQ's names, and the hash of a picture under all of them.
//!
//! Transposing the picture permutes the 16x16 bits and changes nothing else: the coefficients, hence their
//! median, are the same. Four of the eight hashes therefore follow from the other four exactly, and [`Pdq`]
//! keeps four. The mirrored ones do *not* follow from the upright one: negated coefficients have another median.

use super::hash256::REGULAR;
use super::{Hash256, Quality};
use std::fmt;

/// How a picture is turned. `Rot90` is counter-clockwise; `FlipX` swaps top and bottom; `FlipY` is the mirror
/// image; `FlipPlus1` transposes about the main diagonal, `FlipMinus1` about the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Dihedral {
    /// As it is.
    #[default]
    None,
    /// Quarter turn counter-clockwise.
    Rot90,
    /// Half turn.
    Rot180,
    /// Quarter turn clockwise.
    Rot270,
    /// Top and bottom swapped.
    FlipX,
    /// Mirror image: left and right swapped.
    FlipY,
    /// Transposed.
    FlipPlus1,
    /// Transposed about the other diagonal.
    FlipMinus1,
}

impl Dihedral {
    /// All eight, in the order of PDQ's output columns.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Rot90,
        Self::Rot180,
        Self::Rot270,
        Self::FlipX,
        Self::FlipY,
        Self::FlipPlus1,
        Self::FlipMinus1,
    ];

    /// The turn that undoes this one.
    pub const fn inverse(self) -> Self {
        match self {
            Self::Rot90 => Self::Rot270,
            Self::Rot270 => Self::Rot90,
            other => other,
        }
    }

    /// Whether width and height change places.
    pub const fn transposes(self) -> bool {
        matches!(self, Self::Rot90 | Self::Rot270 | Self::FlipPlus1 | Self::FlipMinus1)
    }

    /// Where pixel (x, y) of the turned picture of `width` x `height` comes from.
    pub(crate) const fn source(self, x: u32, y: u32, width: u32, height: u32) -> (u32, u32) {
        let (right, below) = (width - 1 - x, height - 1 - y);
        match self {
            Self::None => (x, y),
            Self::Rot90 => (below, x),
            Self::Rot180 => (right, below),
            Self::Rot270 => (y, right),
            Self::FlipX => (x, below),
            Self::FlipY => (right, y),
            Self::FlipPlus1 => (y, x),
            Self::FlipMinus1 => (below, right),
        }
    }

    /// Name in files, flags and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Rot90 => "rot90",
            Self::Rot180 => "rot180",
            Self::Rot270 => "rot270",
            Self::FlipX => "flipx",
            Self::FlipY => "flipy",
            Self::FlipPlus1 => "flipplus1",
            Self::FlipMinus1 => "flipminus1",
        }
    }
}

impl fmt::Display for Dihedral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Bits of its own up to which a hash needs a witness.
const WITNESSED: u8 = 64;

/// PDQ of one picture in all eight orientations, with its quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pdq {
    /// Hashes of the picture as it is, flipped (top/bottom), mirrored, and half turned.
    base: [Hash256; 4],
    /// PDQ's quality of the picture.
    pub quality: Quality,
    /// [Bits of its own](Hash256::own_bits) that the upright hash has.
    own: u8,
}

impl Pdq {
    /// From the hashes as-is, `FlipX`, `FlipY`, `Rot180`, in that order.
    pub const fn from_base(base: [Hash256; 4], quality: Quality) -> Self {
        Self { base, quality, own: base[0].own_bits() as u8 }
    }

    /// From the hash as-is alone, as others give it. Those of the mirrored pictures follow from it but for the bits of
    /// coefficients near the median: negating a coefficient moves it to the other side, and the median is near zero.
    pub fn from_upright(hash: Hash256, quality: Quality) -> Self {
        // Frequencies are 1 to 16: the first, third, ... of a row or column are odd, and flip with the picture.
        const ODD_COLUMNS: u64 = 0x5555_5555_5555_5555;
        const ODD_ROWS: u64 = 0x0000_ffff_0000_ffff;
        let flipped = |mask: u64| Hash256::from_words(hash.words().map(|word| word ^ mask));
        Self::from_base(
            [hash, flipped(ODD_ROWS), flipped(ODD_COLUMNS), flipped(ODD_ROWS ^ ODD_COLUMNS)],
            quality,
        )
    }

    /// PDQ of the picture with dark and light exchanged: every coefficient and their median change sign, so every bit does.
    pub fn negative(&self) -> Self {
        let complement = |hash: Hash256| Hash256::from_words(hash.words().map(|word| !word));
        Self::from_base(self.base.map(complement), self.quality)
    }

    /// Can pictures be told apart by this hash? Needs at least this quality, and a hash that is not
    /// [regular](Hash256::is_regular).
    pub fn is_usable(&self, min_quality: Quality) -> bool {
        self.quality >= min_quality && u32::from(self.own) > REGULAR
    }

    /// Is this hash proof by itself? With few bits of its own it needs a witness: one in a hundred photos has so few, and
    /// so have the checks and lattices that are not quite regular.
    pub const fn stands_alone(&self) -> bool {
        self.own > WITNESSED
    }

    /// The hashes as-is, `FlipX`, `FlipY`, `Rot180`: what the case stores.
    pub const fn base(&self) -> &[Hash256; 4] {
        &self.base
    }

    /// The hash that others exchange.
    pub const fn hash(&self) -> Hash256 {
        self.base[0]
    }

    /// Hash of the picture turned by `turn`.
    pub fn oriented(&self, turn: Dihedral) -> Hash256 {
        let [as_is, flip_x, flip_y, rot180] = self.base;
        match turn {
            Dihedral::None => as_is,
            Dihedral::FlipX => flip_x,
            Dihedral::FlipY => flip_y,
            Dihedral::Rot180 => rot180,
            Dihedral::FlipPlus1 => transpose(as_is),
            Dihedral::Rot270 => transpose(flip_x),
            Dihedral::Rot90 => transpose(flip_y),
            Dihedral::FlipMinus1 => transpose(rot180),
        }
    }
}

/// Swaps rows and columns of the 16x16 bits. An involution; 256 bit moves by four halving swaps.
pub(crate) fn transpose(hash: Hash256) -> Hash256 {
    let mut rows = [0u16; 16];
    for (i, row) in rows.iter_mut().enumerate() {
        *row = (hash.words()[i / 4] >> (16 * (i % 4))) as u16;
    }
    // Hacker's Delight 7-3: swap off-diagonal blocks of size 8, 4, 2, 1.
    let (mut block, mut mask) = (8, 0x00ff_u16);
    while block > 0 {
        let mut i = 0;
        while i < 16 {
            let swap = ((rows[i] >> block) ^ rows[i + block]) & mask;
            rows[i] ^= swap << block;
            rows[i + block] ^= swap;
            i = (i + block + 1) & !block;
        }
        block /= 2;
        mask ^= mask << block;
    }
    let mut words = [0u64; 4];
    for (i, &row) in rows.iter().enumerate() {
        words[i / 4] |= u64::from(row) << (16 * (i % 4));
    }
    Hash256::from_words(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn transpose_swaps_row_and_column(words: [u64; 4]) {
            let hash = Hash256::from_words(words);
            let turned = transpose(hash);
            for i in 0..16 {
                for j in 0..16 {
                    prop_assert_eq!(hash.bit(16 * i + j), turned.bit(16 * j + i));
                }
            }
            prop_assert_eq!(transpose(turned), hash);
        }
    }
}
