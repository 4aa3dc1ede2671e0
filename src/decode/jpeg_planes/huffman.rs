//! Huffman tables: the first ten bits are looked up, longer codes are counted out.
//!
//! For coefficients the ten bits often hold the value as well, which is looked up with them (after stb_image). The trap:
//! a table may be incomplete, and then there are bits that no code begins.

use super::bits::BitReader;

const LOOK: u32 = 10;

/// One table. 6 KiB.
#[derive(Clone)]
pub(super) struct Huffman {
    /// By the first bits: the symbol, and the length of its code times 256; 0 for none that short.
    short: Box<[u16; 1 << LOOK]>,
    /// By the first bits: the value times 65,536, the zeros before it times 16, and the length of both; 0 for none.
    valued: Box<[i32; 1 << LOOK]>,
    /// By length: one more than the last code, at the top of 16 bits.
    limit: [u32; 18],
    /// By length: what leads from a code to its place in `symbols`.
    offset: [i32; 18],
    symbols: Vec<u8>,
}

impl Huffman {
    /// From the number of codes of each length and their symbols; `None` where that is no code.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            short: Box::new([0; 1 << LOOK]),
            valued: Box::new([0; 1 << LOOK]),
            limit: [0; 18],
            offset: [0; 18],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, &count) in (1_u32..).zip(counts) {
            table.offset[length as usize] = place as i32 - code as i32;
            for &symbol in symbols.get(place..place + usize::from(count))? {
                if code >> length != 0 {
                    return None;
                }
                table.enter(code, length, symbol);
                code += 1;
            }
            place += usize::from(count);
            table.limit[length as usize] = code << (16 - length);
            code <<= 1;
        }
        table.limit[17] = u32::MAX;
        table.find_values();
        Some(table)
    }

    fn enter(&mut self, code: u32, length: u32, symbol: u8) {
        if length <= LOOK {
            let first = (code << (LOOK - length)) as usize;
            let entry = (length as u16) << 8 | u16::from(symbol);
            self.short[first..first + (1 << (LOOK - length))].fill(entry);
        }
    }

    fn find_values(&mut self) {
        for (bits, &entry) in (0_u32..).zip(self.short.iter()) {
            let (length, zeros, size) =
                (u32::from(entry >> 8), i32::from(entry >> 4 & 15), u32::from(entry & 15));
            if length == 0 || size == 0 || length + size > LOOK {
                continue;
            }
            let number = (bits >> (LOOK - length - size) & ((1 << size) - 1)) as i32;
            let value = if number < 1 << (size - 1) { number - (1 << size) + 1 } else { number };
            self.valued[bits as usize] = value << 16 | zeros << 4 | (length + size) as i32;
        }
    }

    /// The next symbol; `None` where the bits are no code. `fill` comes before; 16 bits at most are taken.
    #[inline(always)]
    pub(super) fn symbol(&self, bits: &mut BitReader<'_>) -> Option<u8> {
        let entry = self.short[bits.peek(LOOK)];
        if entry != 0 {
            bits.skip(u32::from(entry >> 8));
            return Some(entry as u8);
        }
        self.long_symbol(bits)
    }

    fn long_symbol(&self, bits: &mut BitReader<'_>) -> Option<u8> {
        let ahead = bits.peek(16) as u32;
        let length = (LOOK + 1..=17).find(|&length| ahead < self.limit[length as usize])?;
        if length > 16 {
            return None;
        }
        bits.skip(length);
        let place = (ahead >> (16 - length)) as i32 + self.offset[length as usize];
        self.symbols.get(usize::try_from(place).ok()?).copied()
    }

    /// The zeros before the next coefficient and its value, where ten bits hold both; they are taken then.
    #[inline(always)]
    pub(super) fn valued(&self, bits: &mut BitReader<'_>) -> Option<(usize, i32)> {
        let entry = self.valued[bits.peek(LOOK)];
        if entry == 0 {
            return None;
        }
        bits.skip((entry & 15) as u32);
        Some(((entry >> 4 & 15) as usize, entry >> 16))
    }
}
