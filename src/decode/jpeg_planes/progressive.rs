//! Scans that add to coefficients: means first, then bands of detail, then their lower bits.
//!
//! Coefficients wait in memory until the last scan, two bytes each, in the order of the file. Scans of colour that nobody
//! wants are not even read. The trap: in a refining scan, coefficients that were set before take a bit each as zeros are
//! counted over them.

use super::bits::BitReader;
use super::block::difference;
use super::header::{Frame, ScanHead, Segments};
use super::huffman::Huffman;
use super::scan::{McuReader, ScanCourse, course};
use std::rc::Rc;

/// The coefficients of one component, block by block, padded to whole groups.
pub(super) struct WaitingBlocks {
    pub(super) blocks: Vec<[i16; 64]>,
    pub(super) across: usize,
}

impl WaitingBlocks {
    fn block(&mut self, (column, row): (usize, usize)) -> Option<&mut [i16; 64]> {
        self.blocks.get_mut(row * self.across + column)
    }
}

struct ProgressivePart<'w> {
    dc: Option<Rc<Huffman>>,
    ac: Option<Rc<Huffman>>,
    /// Blocks of a group, across and down.
    blocks: (usize, usize),
    mean: i32,
    waiting: Option<&'w mut WaitingBlocks>,
}

/// What a scan gives of each block.
#[derive(Clone, Copy)]
struct SpectralBand {
    /// The first and last coefficient, by their order in the file.
    first: usize,
    last: usize,
    /// The lowest bit.
    low: u32,
}

struct ProgressiveScan<'w> {
    parts: Vec<ProgressivePart<'w>>,
    /// Groups across.
    across: usize,
    band: SpectralBand,
    refines: bool,
    /// Blocks ahead without anything new.
    run: u32,
}

/// Reads a scan; `None` without the tables it needs, or where it mixes means and detail.
pub(super) fn read(
    bytes: &[u8],
    segments: &Segments<'_>,
    frame: &Frame,
    head: &ScanHead,
    waiting: &mut [Option<WaitingBlocks>],
) -> Option<ScanCourse> {
    let alone = head.components.len() == 1;
    let is_mean = head.band.0 == 0;
    if is_mean && head.band.1 > 0 || !is_mean && !alone {
        return None;
    }
    let (across, down) = if alone { frame.blocks(head.components[0].place) } else { frame.groups() };
    let refines = head.bits.0 > 0;
    let mut waiting: Vec<Option<&mut WaitingBlocks>> = waiting.iter_mut().map(Option::as_mut).collect();
    let mut parts = Vec::with_capacity(head.components.len());
    for of in &head.components {
        let component = frame.components[of.place];
        let part = ProgressivePart {
            dc: segments.dc(of.dc),
            ac: segments.ac(of.ac),
            blocks: if alone { (1, 1) } else { (component.h, component.v) },
            mean: 0,
            waiting: waiting[of.place].take(),
        };
        let has_table = if is_mean { refines || part.dc.is_some() } else { part.ac.is_some() };
        parts.push(has_table.then_some(part)?);
    }
    let band = SpectralBand { first: head.band.0, last: head.band.1, low: head.bits.1 };
    let mut scan = ProgressiveScan { parts, across, band, refines, run: 0 };
    Some(course(bytes, head.at, segments.restart, across * down, &mut scan))
}

impl McuReader for ProgressiveScan<'_> {
    fn restart(&mut self) {
        self.run = 0;
        self.parts.iter_mut().for_each(|part| part.mean = 0);
    }

    fn read(&mut self, bits: &mut BitReader<'_>, number: usize) -> Option<()> {
        let (row, column) = (number / self.across, number % self.across);
        let Self { parts, band, refines, run, .. } = self;
        for part in parts {
            let (h, v) = part.blocks;
            for block in 0..h * v {
                let at = (column * h + block % h, row * v + block / h);
                match (band.first, *refines) {
                    (0, false) => part.mean(bits, at, band.low)?,
                    (0, true) => part.mean_bit(bits, at, band.low)?,
                    (_, false) => part.detail(bits, at, *band, run)?,
                    (_, true) => part.detail_bits(bits, at, *band, run)?,
                }
            }
        }
        Some(())
    }
}

impl ProgressivePart<'_> {
    fn block(&mut self, at: (usize, usize)) -> Option<&mut [i16; 64]> {
        self.waiting.as_mut()?.block(at)
    }

    /// The table of detail, and the block that it is of.
    fn detailed(&mut self, at: (usize, usize)) -> Option<(&Huffman, &mut [i16; 64])> {
        Some((self.ac.as_deref()?, self.waiting.as_mut()?.block(at)?))
    }

    fn mean(&mut self, bits: &mut BitReader<'_>, at: (usize, usize), low: u32) -> Option<()> {
        self.mean = self.mean.wrapping_add(difference(bits, self.dc.as_ref()?)?);
        let mean = self.mean.wrapping_shl(low) as i16;
        if let Some(block) = self.block(at) {
            block[0] = mean;
        }
        Some(())
    }

    fn mean_bit(&mut self, bits: &mut BitReader<'_>, at: (usize, usize), low: u32) -> Option<()> {
        let bit = i16::from(bits.bit()) << low;
        if let Some(block) = self.block(at) {
            block[0] |= bit;
        }
        Some(())
    }

    fn detail(
        &mut self,
        bits: &mut BitReader<'_>,
        at: (usize, usize),
        band: SpectralBand,
        run: &mut u32,
    ) -> Option<()> {
        if *run > 0 {
            *run -= 1;
            return Some(());
        }
        let (table, block) = self.detailed(at)?;
        let mut k = band.first;
        while k <= band.last {
            bits.fill();
            let symbol = table.symbol(bits)?;
            match (usize::from(symbol >> 4), u32::from(symbol & 15)) {
                (15, 0) => k += 16,
                (zeros, 0) => {
                    *run = run_of(bits, zeros) - 1;
                    break;
                }
                (zeros, size) => {
                    let value = bits.value(size).wrapping_shl(band.low) as i16;
                    k += zeros;
                    *block.get_mut(k)? = value;
                    k += 1;
                }
            }
        }
        Some(())
    }

    fn detail_bits(
        &mut self,
        bits: &mut BitReader<'_>,
        at: (usize, usize),
        band: SpectralBand,
        run: &mut u32,
    ) -> Option<()> {
        let (table, block) = self.detailed(at)?;
        let (one, last) = (1_i16 << band.low, band.last);
        let mut k = band.first;
        while *run == 0 && k <= last {
            bits.fill();
            let symbol = table.symbol(bits)?;
            let (zeros, size) = (usize::from(symbol >> 4), symbol & 15);
            let value = match size {
                0 if zeros < 15 => {
                    *run = run_of(bits, zeros);
                    break;
                }
                0 => 0,
                1 => {
                    if bits.number(1) == 1 {
                        one
                    } else {
                        -one
                    }
                }
                _ => return None,
            };
            k = refine_over(bits, block, k..=last, zeros, one);
            if value != 0 {
                *block.get_mut(k).filter(|_| k <= last)? = value;
            }
            k += 1;
        }
        if *run > 0 {
            refine_over(bits, block, k..=last, usize::MAX, one);
            *run -= 1;
        }
        Some(())
    }
}

/// Blocks that end here, this one among them; `fill` came before the symbol.
fn run_of(bits: &mut BitReader<'_>, size: usize) -> u32 {
    (1 << size) + bits.number(size as u32) as u32
}

/// Gives each coefficient that is set its bit until so many zeros are passed; the place of the zero behind them.
fn refine_over(
    bits: &mut BitReader<'_>,
    block: &mut [i16; 64],
    places: std::ops::RangeInclusive<usize>,
    mut zeros: usize,
    one: i16,
) -> usize {
    let end = places.end() + 1;
    for k in places {
        let coefficient = &mut block[k];
        if *coefficient == 0 {
            if zeros == 0 {
                return k;
            }
            zeros -= 1;
        } else if bits.bit() && *coefficient & one == 0 {
            *coefficient = coefficient.wrapping_add(if *coefficient > 0 { one } else { -one });
        }
    }
    end
}
