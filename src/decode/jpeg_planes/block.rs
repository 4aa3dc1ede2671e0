//! One block of entropy-coded coefficients: read and dequantised, or only passed over.
//!
//! Colour is passed over in three steps out of four: its bits have to be counted, its values do not matter. The trap:
//! zeros may run past the last coefficient, which is damage, never a reason to write there.

use super::bits::BitReader;
use super::huffman::Huffman;
use crate::hash::kernel::idct::DctBlock;

/// Where the `k`-th coefficient of the file stands in its block; rows are frequencies down.
pub(super) const NATURAL: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Steps of quantisation, in the order of the file.
pub(super) type Steps = [i32; 64];

/// The tables of one component in a scan.
pub(super) struct Coding<'t> {
    pub(super) dc: &'t Huffman,
    pub(super) ac: &'t Huffman,
    pub(super) steps: &'t Steps,
}

impl Coding<'_> {
    /// Reads a block of which all coefficients come at once into zeros; whether there is more than a mean, or `None` where
    /// the bits make no sense.
    #[inline]
    pub(super) fn read(
        &self,
        bits: &mut BitReader<'_>,
        mean: &mut i32,
        block: &mut DctBlock,
    ) -> Option<bool> {
        *mean = mean.wrapping_add(difference(bits, self.dc)?);
        block[0] = mean.wrapping_mul(self.steps[0]);
        let mut k = 1;
        while k < 64 {
            bits.fill();
            let (zeros, value) = match self.ac.valued(bits) {
                Some(found) => found,
                None => {
                    let symbol = self.ac.symbol(bits)?;
                    match (usize::from(symbol >> 4), u32::from(symbol & 15)) {
                        (15, 0) => {
                            k += 16;
                            continue;
                        }
                        (_, 0) => break,
                        (zeros, size) => (zeros, bits.value(size)),
                    }
                }
            };
            k += zeros;
            let place = *NATURAL.get(k)?;
            block[usize::from(place & 63)] = value.wrapping_mul(self.steps[k]);
            k += 1;
        }
        Some(k > 1)
    }

    /// Passes over a block.
    #[inline]
    pub(super) fn pass(&self, bits: &mut BitReader<'_>) -> Option<()> {
        difference(bits, self.dc)?;
        let mut k = 1;
        while k < 64 {
            bits.fill();
            let symbol = self.ac.symbol(bits)?;
            let (zeros, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            match (zeros, size) {
                (15, 0) => k += 16,
                (_, 0) => break,
                _ if k + zeros > 63 => return None,
                _ => {
                    bits.skip(size);
                    k += zeros + 1;
                }
            }
        }
        Some(())
    }
}

/// How much a mean differs from that of the block before.
#[inline]
pub(super) fn difference(bits: &mut BitReader<'_>, table: &Huffman) -> Option<i32> {
    bits.fill();
    let size = u32::from(table.symbol(bits)?);
    (size <= 15).then(|| bits.value(size))
}
