//! The 256-bit hash value and PDQ's quality.
//!
//! Bit `k = 16 i + j` (row `i`, column `j` of the 16x16 DCT block) has weight 2^k of the integer that the text
//! form prints in hex, most significant digit first. Words are little-endian: bit `k` is bit `k % 64` of word
//! `k / 64`. Text and bytes are big-endian; mixing the two up is the classic mistake.

use std::fmt;
use std::str::FromStr;

/// A hash with so few [bits of its own](Hash256::own_bits) is regular. Photos have about 84, and 4 of 19,000 edits of them
/// so few; of two stripes, checks, lattices or frames whose hashes lie within 31 bits of each other, nearly always one does.
pub(super) const REGULAR: u32 = 32;

/// A 256-bit perceptual hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash256([u64; 4]);

impl Hash256 {
    /// From four words; word 0 holds bits 0 to 63.
    pub const fn from_words(words: [u64; 4]) -> Self {
        Self(words)
    }

    /// The four words; word 0 holds bits 0 to 63.
    pub const fn words(&self) -> &[u64; 4] {
        &self.0
    }

    /// Number of bits in which two hashes differ, 0 to 256.
    #[inline]
    pub fn distance(&self, other: &Self) -> u32 {
        let [a, b, c, d] = self.0;
        let [e, f, g, h] = other.0;
        (a ^ e).count_ones() + (b ^ f).count_ones() + (c ^ g).count_ones() + (d ^ h).count_ones()
    }

    /// Bit `k`, 0 to 255.
    pub const fn bit(&self, k: usize) -> bool {
        self.0[k / 64] >> (k % 64) & 1 == 1
    }

    /// Is the 16x16 block hardly more than a product of a pattern of rows and one of columns? That is what stripes,
    /// checks, lattices and frames leave of themselves at low frequencies, whatever their measure: their hashes lie near
    /// each other, or are equal, though the pictures differ.
    pub const fn is_regular(&self) -> bool {
        self.own_bits() <= REGULAR
    }

    /// Bits of the 16x16 block that no product of a pattern of rows and one of columns explains: those in which its rows
    /// differ from one of them or its opposite, whichever is nearer, for the row that leaves the fewest. 0 to 120; some
    /// 100 ns.
    pub const fn own_bits(&self) -> u32 {
        let (mut least, mut k) = (u32::MAX, 0);
        while k < 16 {
            let (mut own, mut i) = (0, 0);
            while i < 16 {
                let apart = (self.row(k) ^ self.row(i)).count_ones();
                own += if apart < 8 { apart } else { 16 - apart };
                i += 1;
            }
            if own < least {
                least = own;
            }
            k += 1;
        }
        least
    }

    /// Row `i` of the 16x16 block.
    const fn row(&self, i: usize) -> u16 {
        (self.0[i / 4] >> (16 * (i % 4))) as u16
    }

    /// Big-endian bytes: the order of the text form, and of every file adlink writes.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.0.iter().rev()) {
            chunk.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }

    /// From big-endian bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut words = [0; 4];
        for (word, chunk) in words.iter_mut().rev().zip(bytes.chunks_exact(8)) {
            *word = u64::from_be_bytes(chunk.try_into().expect("chunks_exact(8) yields 8 bytes"));
        }
        Self(words)
    }
}

/// 64 lower-case hex digits, as PDQ tools print it.
impl fmt::Display for Hash256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [w0, w1, w2, w3] = self.0;
        write!(f, "{w3:016x}{w2:016x}{w1:016x}{w0:016x}")
    }
}

impl fmt::Debug for Hash256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash256({self})")
    }
}

/// Text that is not a 256-bit hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a hash: expected 1 to 64 hex digits")]
pub struct ParseHashError(String);

/// Reads either case and left-pads short text: a common archiver drops leading zeros.
impl FromStr for Hash256 {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || ParseHashError(text.chars().take(80).collect());
        let digits = text.as_bytes();
        if digits.is_empty() || digits.len() > 64 {
            return Err(refused());
        }
        let mut words = [0u64; 4];
        for (place, &digit) in digits.iter().rev().enumerate() {
            let value = char::from(digit).to_digit(16).ok_or_else(refused)?;
            words[place / 16] |= u64::from(value) << (4 * (place % 16));
        }
        Ok(Self(words))
    }
}

/// PDQ's quality, 0 to 100: how much gradient the 64x64 buffer holds. Not a similarity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quality(u8);

impl Quality {
    /// Below this, PDQ's authors advise to discard the hash; adlink never links by it.
    pub const USABLE: Self = Self(50);

    /// Of a picture without any gradient.
    pub const ZERO: Self = Self(0);

    /// Caps at 100.
    pub fn new(value: u8) -> Self {
        Self(value.min(100))
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_and_bytes_round_trip(words: [u64; 4]) {
            let hash = Hash256::from_words(words);
            prop_assert_eq!(hash.to_string().parse::<Hash256>().unwrap(), hash);
            prop_assert_eq!(hash.to_string().to_uppercase().parse::<Hash256>().unwrap(), hash);
            prop_assert_eq!(Hash256::from_bytes(&hash.to_bytes()), hash);
        }

        #[test]
        fn distance_counts_unequal_bits(a: [u64; 4], b: [u64; 4]) {
            let (a, b) = (Hash256::from_words(a), Hash256::from_words(b));
            let slow = (0..256).filter(|&k| a.bit(k) != b.bit(k)).count() as u32;
            prop_assert_eq!(a.distance(&b), slow);
        }

        #[test]
        fn parsing_never_panics(text in ".{0,80}") {
            let _ = text.parse::<Hash256>();
        }
    }

    #[test]
    fn short_text_is_padded_on_the_left() {
        let hash: Hash256 = "1f".parse().unwrap();
        assert_eq!(hash.words(), &[0x1f, 0, 0, 0]);
        assert_eq!(hash.to_bytes()[31], 0x1f);
    }

    proptest! {
        #[test]
        fn products_are_regular_and_drawn_bits_are_not(rows: u16, columns: u16, words: [u64; 4], off in 0..256_usize) {
            let bit = |k: usize| (rows >> (k / 16) ^ columns >> (k % 16)) & 1;
            let mut product = [0; 4];
            (0..256).for_each(|k| product[k / 64] |= u64::from(bit(k)) << (k % 64));
            prop_assert!(Hash256(product).is_regular());
            // A block in a corner of the frequencies that is not part of the product: still one.
            product[off / 64] ^= 0xff << (off % 56);
            prop_assert!(Hash256(product).is_regular());
            prop_assert!(!Hash256(words).is_regular());
        }
    }
}
