//! Segments of a JPEG: the frame, tables as they come, and the head of the next scan.
//!
//! Read as others read them: a segment that claims less than its own length is stepped over, and a file without Huffman
//! tables has the standard ones (frames of Motion JPEG). The trap: tables may change between scans, so whoever reads a
//! scan takes what stands then.

use super::bits::after_ff;
use super::block::Steps;
use super::huffman::Huffman;
use super::standard;
use std::rc::Rc;

/// A component of the frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct FrameComponent {
    pub(super) id: u8,
    /// Samples across for each of the least.
    pub(super) h: usize,
    /// Samples down.
    pub(super) v: usize,
    /// Which steps of quantisation.
    pub(super) steps: usize,
}

/// What the frame header says.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) progressive: bool,
    pub(super) components: Vec<FrameComponent>,
}

impl Frame {
    /// The largest factors.
    pub(super) fn full(&self) -> (usize, usize) {
        self.components.iter().fold((1, 1), |(h, v), one| (h.max(one.h), v.max(one.v)))
    }

    /// Groups of blocks of all components, across and down. A lone component is not grouped.
    pub(super) fn groups(&self) -> (usize, usize) {
        let (h, v) = if self.components.len() == 1 { (1, 1) } else { self.full() };
        (self.width.div_ceil(8 * h), self.height.div_ceil(8 * v))
    }

    /// Samples of a component.
    pub(super) fn samples(&self, of: usize) -> (usize, usize) {
        let (h, v) = self.full();
        let one = self.components[of];
        ((self.width * one.h).div_ceil(h), (self.height * one.v).div_ceil(v))
    }

    /// Blocks across and down that hold these samples: what a scan of this component alone has.
    pub(super) fn blocks(&self, of: usize) -> (usize, usize) {
        let (width, height) = self.samples(of);
        (width.div_ceil(8), height.div_ceil(8))
    }

    fn of(marker: u8, body: &[u8]) -> Option<Self> {
        let [8, h1, h0, w1, w0, count, components @ ..] = body else { return None };
        let components: Vec<FrameComponent> =
            components.as_chunks::<3>().0.iter().take(usize::from(*count)).map(component).collect();
        let fits = |one: &FrameComponent| matches!(one.h, 1..=4) && matches!(one.v, 1..=4) && one.steps < 4;
        let frame = Self {
            width: usize::from(u16::from_be_bytes([*w1, *w0])),
            height: usize::from(u16::from_be_bytes([*h1, *h0])),
            progressive: marker == 0xc2,
            components,
        };
        let whole = frame.components.len() == usize::from(*count) && frame.components.iter().all(fits);
        (whole && frame.width > 0 && frame.height > 0 && !frame.components.is_empty()).then_some(frame)
    }
}

fn component(&[id, factors, steps]: &[u8; 3]) -> FrameComponent {
    FrameComponent {
        id,
        h: usize::from(factors >> 4),
        v: usize::from(factors & 15),
        steps: usize::from(steps),
    }
}

/// A component's part in a scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScanComponent {
    /// Place in the frame.
    pub(super) place: usize,
    pub(super) dc: usize,
    pub(super) ac: usize,
}

/// The head of a scan.
#[derive(Debug, Clone)]
pub(super) struct ScanHead {
    pub(super) components: Vec<ScanComponent>,
    /// The coefficients it holds, by their order in the file.
    pub(super) band: (usize, usize),
    /// BitReader that earlier scans gave, and those still missing after this one.
    pub(super) bits: (u32, u32),
    /// Where its data begins.
    pub(super) at: usize,
}

/// A walk through the file, and what was said so far.
pub(super) struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
    pub(super) frame: Option<Frame>,
    steps: [Rc<Steps>; 4],
    dc: [Option<Rc<Huffman>>; 4],
    ac: [Option<Rc<Huffman>>; 4],
    /// Groups of blocks between restart markers; 0: none.
    pub(super) restart: usize,
    in_picture: bool,
    /// Whether it ended at a segment that makes no sense.
    pub(super) is_faulty: bool,
}

impl<'a> Segments<'a> {
    /// Starts behind the marker that opens the file.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 2,
            frame: None,
            steps: std::array::from_fn(|_| Rc::new([1; 64])),
            dc: Default::default(),
            ac: Default::default(),
            restart: 0,
            in_picture: false,
            is_faulty: false,
        }
    }

    /// Goes on from a place in the file, as when a scan has been read.
    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn steps(&self, number: usize) -> Rc<Steps> {
        Rc::clone(&self.steps[number & 3])
    }

    pub(super) fn dc(&self, number: usize) -> Option<Rc<Huffman>> {
        self.dc[number & 3].clone().or_else(|| standard::dc(number).map(Rc::new))
    }

    pub(super) fn ac(&self, number: usize) -> Option<Rc<Huffman>> {
        self.ac[number & 3].clone().or_else(|| standard::ac(number).map(Rc::new))
    }

    /// Takes segments up to the next scan; `None` at the end of the picture, of the file, or of what makes sense.
    pub(super) fn next_scan(&mut self) -> Option<ScanHead> {
        loop {
            let next = self.bytes.get(self.at..)?.iter().position(|&byte| byte == 0xff)?;
            let (marker, after) = after_ff(self.bytes, self.at + next)?;
            self.at = after;
            if matches!(marker, 0x00 | 0x01 | 0xd0..=0xd8) {
                continue;
            }
            if marker == 0xd9 {
                return None;
            }
            let length = usize::from(u16::from_be_bytes(*self.bytes.get(after..)?.first_chunk()?));
            let Some(body) =
                length.checked_sub(2).and_then(|length| self.bytes.get(after + 2..after + 2 + length))
            else {
                // Less than its own length, or more than the file: the marker is a stray one.
                continue;
            };
            self.at = after + length;
            match marker {
                0xda => {
                    self.in_picture = true;
                    let head = self.scan(body);
                    self.is_faulty = head.is_none();
                    return head;
                }
                _ => {
                    self.is_faulty = self.take(marker, body).is_none();
                    if self.is_faulty {
                        return None;
                    }
                }
            }
        }
    }

    fn take(&mut self, marker: u8, body: &[u8]) -> Option<()> {
        match marker {
            0xc4 => self.take_codes(body)?,
            0xdb => self.take_steps(body)?,
            0xdd => self.restart = usize::from(u16::from_be_bytes(*body.first_chunk()?)),
            // A second picture has no say once the first one's data has begun.
            0xc0..=0xc2 if !self.in_picture => self.frame = Some(Frame::of(marker, body)?),
            _ => {}
        }
        Some(())
    }

    fn take_codes(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&[kind, ref counts @ ..], rest)) = body.split_first_chunk::<17>() {
            let counts: &[u8; 16] = counts;
            let all = counts.iter().map(|&count| usize::from(count)).sum();
            let (symbols, rest) = rest.split_at_checked(all)?;
            let table = Some(Rc::new(Huffman::new(counts, symbols)?));
            let place = usize::from(kind & 3);
            if kind >> 4 == 0 {
                self.dc[place] = table
            } else {
                self.ac[place] = table
            }
            body = rest;
        }
        Some(())
    }

    fn take_steps(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&kind, rest)) = body.split_first() {
            let wide = kind >> 4 != 0;
            let (values, rest) = rest.split_at_checked(if wide { 128 } else { 64 })?;
            let step = |k: usize| match wide {
                true => i32::from(u16::from_be_bytes([values[2 * k], values[2 * k + 1]])),
                false => i32::from(values[k]),
            };
            self.steps[usize::from(kind & 3)] = Rc::new(std::array::from_fn(step));
            body = rest;
        }
        Some(())
    }

    fn scan(&self, body: &[u8]) -> Option<ScanHead> {
        let frame = self.frame.as_ref()?;
        let (&count, rest) = body.split_first()?;
        let (components, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let part = |&[id, tables]: &[u8; 2]| {
            let place = frame.components.iter().position(|one| one.id == id)?;
            Some(ScanComponent { place, dc: usize::from(tables >> 4), ac: usize::from(tables & 15) })
        };
        let components: Vec<ScanComponent> =
            components.as_chunks::<2>().0.iter().map(part).collect::<Option<_>>()?;
        let (first, last, bits) = match rest {
            [first, last, bits, ..] if frame.progressive => (*first, *last, *bits),
            _ => (0, 63, 0),
        };
        let band = (usize::from(first), usize::from(last).min(63));
        let bits = (u32::from(bits >> 4), u32::from(bits & 15));
        let sound = !components.is_empty() && band.0 <= band.1 && bits.1 < 14;
        sound.then_some(ScanHead { components, band, bits, at: self.at })
    }
}
