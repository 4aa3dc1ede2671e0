//! Scans that hold all coefficients of their blocks at once: read, transformed and put into their planes.
//!
//! The trap: a component alone in its scan has as many blocks as hold its samples; together with others it is padded to
//! whole groups, and the padding has bits, too.

use super::ComponentPlane;
use super::bits::BitReader;
use super::block::Coding;
use super::header::{Frame, ScanHead, Segments};
use super::huffman::Huffman;
use super::scan::{McuReader, ScanCourse, course};
use crate::hash::kernel::idct::{DctBlock, Idct, level_of};
use std::rc::Rc;

/// What one component has in a scan.
struct SequentialPart<'p> {
    dc: Rc<Huffman>,
    ac: Rc<Huffman>,
    steps: Rc<[i32; 64]>,
    /// Blocks of a group, across and down.
    blocks: (usize, usize),
    mean: i32,
    plane: Option<&'p mut ComponentPlane>,
}

struct SequentialScan<'p> {
    parts: Vec<SequentialPart<'p>>,
    /// Groups across.
    across: usize,
    idct: Idct,
}

/// Reads a scan into the planes of its components, as far as they are wanted; `None` without the tables it needs.
pub(super) fn read(
    bytes: &[u8],
    segments: &Segments<'_>,
    frame: &Frame,
    head: &ScanHead,
    planes: &mut [Option<ComponentPlane>],
) -> Option<ScanCourse> {
    let alone = head.components.len() == 1;
    let (across, down) = if alone { frame.blocks(head.components[0].place) } else { frame.groups() };
    let mut planes: Vec<Option<&mut ComponentPlane>> = planes.iter_mut().map(Option::as_mut).collect();
    let mut parts = Vec::with_capacity(head.components.len());
    for of in &head.components {
        let component = frame.components[of.place];
        parts.push(SequentialPart {
            dc: segments.dc(of.dc)?,
            ac: segments.ac(of.ac)?,
            steps: segments.steps(component.steps),
            blocks: if alone { (1, 1) } else { (component.h, component.v) },
            mean: 0,
            plane: planes[of.place].take(),
        });
    }
    let mut scan = SequentialScan { parts, across, idct: Idct::best() };
    Some(course(bytes, head.at, segments.restart, across * down, &mut scan))
}

impl McuReader for SequentialScan<'_> {
    fn restart(&mut self) {
        self.parts.iter_mut().for_each(|part| part.mean = 0);
    }

    fn read(&mut self, bits: &mut BitReader<'_>, number: usize) -> Option<()> {
        let (row, column) = (number / self.across, number % self.across);
        for part in &mut self.parts {
            let (h, v) = part.blocks;
            for block in 0..h * v {
                part.block(bits, self.idct, (column * h + block % h, row * v + block / h))?;
            }
        }
        Some(())
    }
}

impl SequentialPart<'_> {
    #[inline]
    fn block(&mut self, bits: &mut BitReader<'_>, idct: Idct, at: (usize, usize)) -> Option<()> {
        let coding = Coding { dc: &self.dc, ac: &self.ac, steps: &self.steps };
        let Some(plane) = &mut self.plane else { return coding.pass(bits) };
        let mut block: DctBlock = [0; 64];
        let levels = match coding.read(bits, &mut self.mean, &mut block)? {
            true => idct.whole(&block),
            false => [level_of(block[0]); 64],
        };
        plane.put(at, &levels);
        Some(())
    }
}
