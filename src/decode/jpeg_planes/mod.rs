//! Planes of a JPEG as they are stored, and exactly which of their rows are there.
//!
//! For hashing, which wants luma alone: colour is counted over or not read at all. Reads what others read and the general
//! decoder refuses (components in separate scans, odd samplings, files without tables or with segments of a wrong length),
//! and knows which rows bits were lost for. Baseline, extended and progressive files of 8 bits with Huffman codes; planes
//! are level for level those of zune-jpeg. The trap: sampled components have planes of their own, smaller size.

mod bits;
mod block;
mod header;
mod huffman;
mod progressive;
mod scan;
mod sequential;
mod standard;

use super::damage::Damage;
use super::pixels::MISSING;
use crate::hash::kernel::idct::{DctBlock, Idct};
use block::NATURAL;
use header::{Frame, ScanHead, Segments};
use progressive::WaitingBlocks;
use scan::{ScanCourse, end_of_data, rows_read};

/// Scans of a picture that are read: a progressive file has some ten, and each may walk all blocks for a few bytes.
const MOST_SCANS: usize = 100;

/// The samples of one component, rows without padding.
pub(super) struct ComponentPlane {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Levels; [`MISSING`] where nothing was read.
    pub(super) samples: Vec<u8>,
}

/// Planes, and what was lost.
pub(super) struct DecodedPlanes {
    /// By component of the frame; `None` for those nobody wanted.
    pub(super) planes: Vec<Option<ComponentPlane>>,
    /// Which rows of the picture are there, by the first component.
    pub(super) rows: Vec<bool>,
    pub(super) damage: Damage,
}

/// Reads the planes of the first `wanted` components; `None` where not even a frame and a scan of it can be made out.
pub(super) fn read(bytes: &[u8], wanted: usize) -> Option<DecodedPlanes> {
    let mut segments = Segments::new(bytes);
    let mut head = segments.next_scan()?;
    let frame = segments.frame.clone()?;
    let mut reading = PlaneReader::new(&frame, wanted);
    for _ in 0..MOST_SCANS {
        let after = match reading.is_wanted(&head) {
            true => reading.scan(bytes, &segments, &head),
            false => Some(end_of_data(bytes, head.at)),
        };
        if reading.is_done() {
            return reading.end();
        }
        let next = after.and_then(|after| {
            segments.go_to(after);
            segments.next_scan()
        });
        reading.wrong |= after.is_none() || segments.is_faulty;
        match next {
            Some(next) => head = next,
            None => return reading.end(),
        }
    }
    // More scans than any picture needs: what they would have added is missing.
    reading.wrong = true;
    reading.end()
}

impl DecodedPlanes {
    /// Luma and colour as RGB, each pixel with the nearest samples; `None` without three planes.
    pub(super) fn to_rgb(&self, width: usize, height: usize) -> Option<Vec<u8>> {
        let [Some(luma), Some(blue), Some(red)] = &self.planes[..] else { return None };
        let mut pixels = Vec::with_capacity(3 * width * height);
        for (y, row) in luma.samples.chunks_exact(width).take(height).enumerate() {
            let rows = [blue, red].map(|plane| plane.row(y * plane.height / height));
            for (x, &level) in row.iter().enumerate() {
                let colour = rows.map(|row| i32::from(row[x * row.len() / width]) - 128);
                pixels.extend(rgb(i32::from(level), colour));
            }
        }
        Some(pixels)
    }
}

/// The colour of JFIF, in 1/65,536.
fn rgb(level: i32, [blue, red]: [i32; 2]) -> [u8; 3] {
    let sums = [91_881 * red, -22_554 * blue - 46_802 * red, 116_130 * blue];
    sums.map(|sum| (level + ((sum + (1 << 15)) >> 16)).clamp(0, 255) as u8)
}

/// What has been read so far.
struct PlaneReader<'f> {
    frame: &'f Frame,
    planes: Vec<Option<ComponentPlane>>,
    /// Of progressive files.
    waiting: Vec<Option<WaitingBlocks>>,
    /// By component: the steps that its first scan found.
    steps: Vec<Option<std::rc::Rc<block::Steps>>>,
    rows: Vec<bool>,
    wrong: bool,
    cut: bool,
}

impl<'f> PlaneReader<'f> {
    fn new(frame: &'f Frame, wanted: usize) -> Self {
        let all = frame.components.len();
        let planes = (0..all).map(|of| (of < wanted).then(|| ComponentPlane::new(frame.samples(of))));
        let waiting =
            (0..all).map(|of| (of < wanted && frame.progressive).then(|| WaitingBlocks::new(frame, of)));
        Self {
            frame,
            planes: planes.collect(),
            waiting: waiting.collect(),
            steps: vec![None; all],
            rows: vec![false; frame.height],
            wrong: false,
            cut: false,
        }
    }

    fn is_wanted(&self, head: &ScanHead) -> bool {
        head.components.iter().any(|of| self.planes[of.place].is_some())
    }

    /// Reads one scan; where the file goes on. `None` without the tables it needs.
    fn scan(&mut self, bytes: &[u8], segments: &Segments<'_>, head: &ScanHead) -> Option<usize> {
        let is_first = head.components.iter().any(|of| of.place == 0) && self.steps[0].is_none();
        let course = match self.frame.progressive {
            true => progressive::read(bytes, segments, self.frame, head, &mut self.waiting)?,
            false => sequential::read(bytes, segments, self.frame, head, &mut self.planes)?,
        };
        for of in &head.components {
            let steps = segments.steps(self.frame.components[of.place].steps);
            self.steps[of.place].get_or_insert(steps);
        }
        if is_first {
            self.rows = self.rows_of(head, &course);
        }
        self.wrong |= course.wrong;
        self.cut |= course.cut;
        Some(course.after)
    }

    /// Rows of the picture that the first scan of luma holds; luma is sampled most finely, so a block is 8 of them.
    fn rows_of(&self, head: &ScanHead, course: &ScanCourse) -> Vec<bool> {
        let (across, rows) = match head.components.len() {
            1 => (self.frame.blocks(0).0, 8),
            _ => (self.frame.groups().0, 8 * self.frame.full().1),
        };
        rows_read(&course.missing, across, rows, self.frame.height)
    }

    /// Of sequential files the rest is of no interest once all that is wanted is there.
    fn is_done(&self) -> bool {
        let mut all = self.planes.iter().zip(&self.steps);
        !self.frame.progressive && all.all(|(plane, steps)| plane.is_none() || steps.is_some())
    }

    /// What there is; `None` where not even the first component was reached.
    fn end(mut self) -> Option<DecodedPlanes> {
        for ((plane, waiting), steps) in self.planes.iter_mut().zip(&self.waiting).zip(&self.steps) {
            if let (Some(plane), Some(waiting), Some(steps)) = (plane, waiting, steps) {
                waiting.transform(steps, &self.rows, plane);
            }
        }
        self.steps[0].as_ref()?;
        let damage = match (self.wrong, self.cut) {
            (true, _) => Damage::wrong(&self.rows),
            (false, true) => Damage::cut(&self.rows),
            _ if !self.rows.iter().all(|row| *row) => Damage::cut(&self.rows),
            _ => Damage::None,
        };
        Some(DecodedPlanes { planes: self.planes, rows: self.rows, damage })
    }
}

impl ComponentPlane {
    fn new((width, height): (usize, usize)) -> Self {
        Self { width, height, samples: vec![MISSING; width * height] }
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.samples[y * self.width..][..self.width]
    }

    /// Puts the block of this column and row in, as far as it lies inside.
    #[inline]
    fn put(&mut self, (column, row): (usize, usize), levels: &[u8; 64]) {
        let (x, y) = (8 * column, 8 * row);
        if x >= self.width {
            return;
        }
        let start = (y * self.width).min(self.samples.len());
        let rows = self.samples[start..].chunks_exact_mut(self.width);
        for (row, levels) in rows.zip(levels.as_chunks::<8>().0) {
            match row[x..].first_chunk_mut::<8>() {
                // Of a fixed length, so that it is one store.
                Some(inside) => *inside = *levels,
                None => row[x..].copy_from_slice(&levels[..self.width - x]),
            }
        }
    }
}

impl WaitingBlocks {
    fn new(frame: &Frame, of: usize) -> Self {
        let one = frame.components[of];
        let (h, v) = if frame.components.len() == 1 { (1, 1) } else { (one.h, one.v) };
        let (across, down) = frame.groups();
        Self { blocks: vec![[0; 64]; across * h * down * v], across: across * h }
    }

    /// Puts all blocks into the plane, but for rows of the picture that no scan has reached.
    fn transform(&self, steps: &block::Steps, rows: &[bool], plane: &mut ComponentPlane) {
        let idct = Idct::best();
        let down = plane.height.div_ceil(8);
        for (row, blocks) in self.blocks.chunks(self.across).take(down).enumerate() {
            if rows.get(row * 8 * rows.len() / plane.height.max(1)) == Some(&false) {
                continue;
            }
            for (column, waiting) in blocks.iter().enumerate() {
                let mut block: DctBlock = [0; 64];
                for ((place, value), step) in NATURAL.iter().zip(waiting).zip(steps) {
                    block[usize::from(*place)] = i32::from(*value).wrapping_mul(*step);
                }
                plane.put((column, row), &idct.whole(&block));
            }
        }
    }
}
