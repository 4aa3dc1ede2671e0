//! Numbers of any width side by side, lowest bits first: how groups of postings are packed.
//!
//! The trap: a reader takes eight bytes at a time, so what it reads needs [`PADDING`] bytes behind its end.

/// Bytes that must follow what is read.
pub(super) const PADDING: usize = 8;
/// Most bits that are put or read at once.
pub(super) const MOST_BITS: u32 = 56;

/// Packs numbers.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    pending: u64,
    filled: u32,
}

impl BitWriter {
    /// The lowest `bits` of a number, which has no others; at most [`MOST_BITS`].
    pub(super) fn put(&mut self, value: u64, bits: u32) {
        self.pending |= value << self.filled;
        self.filled += bits;
        while self.filled >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.filled -= 8;
        }
    }

    /// So many ones and a zero.
    pub(super) fn put_unary(&mut self, mut ones: usize) {
        while ones >= MOST_BITS as usize {
            self.put((1 << MOST_BITS) - 1, MOST_BITS);
            ones -= MOST_BITS as usize;
        }
        self.put((1 << ones) - 1, ones as u32 + 1);
    }

    /// What was packed, filled up to a multiple of so many bytes; begins anew.
    pub(super) fn take(&mut self, unit: usize) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.bytes);
        if self.filled > 0 {
            bytes.push(self.pending as u8);
        }
        (self.pending, self.filled) = (0, 0);
        bytes.resize(bytes.len().next_multiple_of(unit), 0);
        bytes
    }
}

/// The number of so many bits that begins at a bit; `None` beyond the end.
pub(super) fn bits_at(bytes: &[u8], place: usize, bits: u32) -> Option<u64> {
    let word = u64::from_le_bytes(*bytes.get(place / 8..)?.first_chunk::<8>()?);
    Some(word >> (place % 8) & ((1 << bits) - 1))
}

/// Where the zero number `nth` stands, counted from 0; `None` when there are not so many.
pub(super) fn nth_zero(bytes: &[u8], nth: usize) -> Option<usize> {
    let mut left = nth as u32;
    for (number, word) in bytes.as_chunks::<8>().0.iter().enumerate() {
        let mut zeros = !u64::from_le_bytes(*word);
        if left < zeros.count_ones() {
            (0..left).for_each(|_| zeros &= zeros - 1);
            return Some(64 * number + zeros.trailing_zeros() as usize);
        }
        left -= zeros.count_ones();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_is_read(numbers in prop::collection::vec((any::<u64>(), 1u32..=MOST_BITS, 0usize..130), 1..60)) {
            let mut writer = BitWriter::default();
            numbers.iter().for_each(|&(_, _, ones)| writer.put_unary(ones));
            let after = numbers.iter().map(|&(_, _, ones)| ones + 1).sum::<usize>();
            for &(number, bits, _) in &numbers {
                writer.put(number & ((1 << bits) - 1), bits);
            }
            let mut bytes = writer.take(4);
            prop_assert_eq!(bytes.len() % 4, 0);
            bytes.extend([0; PADDING + 8]);
            let (mut ones, mut place) = (0, after);
            for (nth, &(number, bits, run)) in numbers.iter().enumerate() {
                ones += run;
                prop_assert_eq!(nth_zero(&bytes, nth), Some(ones + nth));
                prop_assert_eq!(bits_at(&bytes, place, bits), Some(number & ((1 << bits) - 1)));
                place += bits as usize;
            }
            prop_assert_eq!(bits_at(&bytes, 8 * bytes.len(), 3), None);
        }
    }
}
