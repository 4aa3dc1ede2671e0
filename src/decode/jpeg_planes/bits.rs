//! Bits of entropy-coded data, most significant first, up to the next marker.
//!
//! Behind 0xff a zero is stuffing and anything else a marker, where reading stops: what is asked for beyond it is zero,
//! and [`BitReader::overran`] says so afterwards. The trap: whole words are taken where no 0xff is near, so `held` may have
//! right bits beyond `count` already; or-ing them in once more changes nothing.

/// A reader that stands anywhere between two markers.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, from the top.
    held: u64,
    /// How many of them count; below zero when more was taken than there was.
    count: i32,
}

impl<'a> BitReader<'a> {
    /// Reads from a place in the file on.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, held: 0, count: 0 }
    }

    /// Makes sure of 32 bits: a code and what belongs to it.
    #[inline(always)]
    pub(super) fn fill(&mut self) {
        if self.count < 32 {
            self.take_word();
        }
    }

    #[inline]
    fn take_word(&mut self) {
        let word = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>());
        match word.map(|word| u64::from_be_bytes(*word)) {
            Some(word) if self.count >= 0 && !has_ff(word) => {
                self.held |= word >> self.count;
                let whole = (63 - self.count) >> 3;
                self.at += whole as usize;
                self.count += 8 * whole;
            }
            _ => self.take_bytes(),
        }
    }

    #[cold]
    fn take_bytes(&mut self) {
        while (0..=56).contains(&self.count) {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            if byte == 0xff {
                match after_ff(self.bytes, self.at) {
                    Some((0, after)) => self.at = after,
                    _ => return,
                }
            } else {
                self.at += 1;
            }
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// The next `n` bits, 1 to 16, which stay.
    #[inline(always)]
    pub(super) fn peek(&self, n: u32) -> usize {
        (self.held >> (64 - n)) as usize
    }

    #[inline(always)]
    pub(super) fn skip(&mut self, n: u32) {
        self.held <<= n;
        self.count -= n as i32;
    }

    /// One bit.
    pub(super) fn bit(&mut self) -> bool {
        self.fill();
        let bit = self.peek(1) == 1;
        self.skip(1);
        bit
    }

    /// The next `n` bits as a number, 0 to 16; `fill` comes before.
    #[inline(always)]
    pub(super) fn number(&mut self, n: u32) -> i32 {
        if n == 0 {
            return 0;
        }
        let number = self.peek(n) as i32;
        self.skip(n);
        number
    }

    /// The next `n` bits as a value: those that begin with 0 are negative.
    #[inline(always)]
    pub(super) fn value(&mut self, n: u32) -> i32 {
        let number = self.number(n);
        if n > 0 && number < 1 << (n - 1) { number - (1 << n) + 1 } else { number }
    }

    /// Was more taken than there was before the marker, or the end of the file?
    pub(super) fn overran(&self) -> bool {
        self.count < 0
    }

    /// A place in the file that is not beyond the next marker.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// The next marker, with the place after it and how many bytes of data were not read before it. At the end of the
    /// file there is none.
    pub(super) fn next_marker(&self) -> (Option<(u8, usize)>, usize) {
        let held = (self.count.max(0) / 8) as usize;
        let mut at = self.at;
        while let Some(next) =
            self.bytes.get(at..).and_then(|rest| rest.iter().position(|&byte| byte == 0xff))
        {
            at += next;
            match after_ff(self.bytes, at) {
                Some((0, after)) => at = after,
                Some((code, after)) => return (Some((code, after)), held + at - self.at),
                None => break,
            }
        }
        (None, held + self.bytes.len().saturating_sub(self.at))
    }
}

/// What stands behind 0xff and any number of further ones, and the place after it.
pub(super) fn after_ff(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let rest = bytes.get(at + 1..)?;
    let fill = rest.iter().position(|&byte| byte != 0xff)?;
    Some((rest[fill], at + 2 + fill))
}

#[inline(always)]
fn has_ff(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let gaps = !word;
    gaps.wrapping_sub(ONES) & word & (ONES << 7) != 0
}
