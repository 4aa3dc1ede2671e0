//! Rows and columns as lines of pixels: is a line of one colour, and does a picture begin beside it?
//!
//! "One colour" allows for JPEG: a line may waver a little, and a few of its pixels a lot. Most lines of a photo
//! are told from a dozen samples, so looking at every row and column of a picture costs next to nothing; only
//! flat pictures are read in full.

use super::super::{Luma, Rect};

/// How far, in levels, JPEG moves a flat area: what is further off is another colour.
pub(super) const TOLERANCE: u8 = 10;

/// Mean distance from its colour that a line may have, in tenths of a level.
const WAVER: u32 = 25;

/// One pixel in this many may be of another colour.
const STRAY: usize = 100;

/// Samples that settle most lines.
const SAMPLES: usize = 13;

/// A side of a rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Top,
    Bottom,
    Left,
    Right,
}

impl Side {
    pub(super) const ALL: [Self; 4] = [Self::Top, Self::Bottom, Self::Left, Self::Right];

    pub(super) const fn opposite(self) -> Self {
        match self {
            Self::Top => Self::Bottom,
            Self::Bottom => Self::Top,
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// Number of lines parallel to this side.
    pub(super) const fn depth(self, rect: Rect) -> u32 {
        match self {
            Self::Top | Self::Bottom => rect.height,
            Self::Left | Self::Right => rect.width,
        }
    }

    /// The rectangle without its first `lines` lines on this side.
    pub(super) const fn cut(self, mut rect: Rect, lines: u32) -> Rect {
        match self {
            Self::Top => {
                rect.y += lines;
                rect.height -= lines;
            }
            Self::Bottom => rect.height -= lines,
            Self::Left => {
                rect.x += lines;
                rect.width -= lines;
            }
            Self::Right => rect.width -= lines,
        }
        rect
    }

    /// The rectangle's first `lines` lines on this side.
    pub(super) const fn keep(self, rect: Rect, lines: u32) -> Rect {
        self.opposite().cut(rect, self.depth(rect) - lines)
    }

    /// The rectangle with one more line on this side, which must be inside the image.
    pub(super) const fn grown(self, mut rect: Rect) -> Rect {
        match self {
            Self::Top => {
                rect.y -= 1;
                rect.height += 1;
            }
            Self::Bottom => rect.height += 1,
            Self::Left => {
                rect.x -= 1;
                rect.width += 1;
            }
            Self::Right => rect.width += 1,
        }
        rect
    }

    /// The line just outside on this side, as a rectangle; `None` at the end of the image.
    pub(super) fn outside(self, rect: Rect, image: Rect) -> Option<Rect> {
        let mut line = self.keep(rect, 1);
        match self {
            Self::Top => line.y = line.y.checked_sub(1)?,
            Self::Bottom => line.y += 1,
            Self::Left => line.x = line.x.checked_sub(1)?,
            Self::Right => line.x += 1,
        }
        (line.x + line.width <= image.width && line.y + line.height <= image.height).then_some(line)
    }
}

/// Evenly spaced pixels of a picture.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pixels: &'a [u8],
    step: usize,
    len: usize,
}

impl<'a> Line<'a> {
    /// The `n`th line of the rectangle, counted inwards from `side`, from left to right or top to bottom.
    pub(super) fn new(luma: &'a Luma, rect: Rect, side: Side, n: u32) -> Self {
        let (x, y) = match side {
            Side::Top => (rect.x, rect.y + n),
            Side::Bottom => (rect.x, rect.y + rect.height - 1 - n),
            Side::Left => (rect.x + n, rect.y),
            Side::Right => (rect.x + rect.width - 1 - n, rect.y),
        };
        let stride = luma.width() as usize;
        let pixels = &luma.pixels()[y as usize * stride + x as usize..];
        match side {
            Side::Top | Side::Bottom => Self { pixels, step: 1, len: rect.width as usize },
            Side::Left | Side::Right => Self { pixels, step: stride, len: rect.height as usize },
        }
    }

    fn pixel(&self, k: usize) -> u8 {
        self.pixels[k * self.step]
    }

    fn iter(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.pixels.iter().step_by(self.step).take(self.len).copied()
    }

    fn sample(&self, k: usize) -> u8 {
        self.pixel((2 * k + 1) * self.len / (2 * SAMPLES))
    }

    /// The colour that most samples are near.
    pub(super) fn colour(&self) -> u8 {
        let mut samples: [u8; SAMPLES] = std::array::from_fn(|k| self.sample(k));
        samples.sort_unstable();
        samples[SAMPLES / 2]
    }

    /// Whether samples alone show several colours; one stray sample either way is what a plain line may have.
    fn is_varied(&self) -> bool {
        let (mut low, mut high) = ([u8::MAX; 2], [u8::MIN; 2]);
        (0..SAMPLES).map(|k| self.sample(k)).any(|sample| {
            low = [low[0].min(sample), low[1].min(low[0].max(sample))];
            high = [high[0].max(sample), high[1].max(high[0].min(sample))];
            high[1].saturating_sub(low[1]) > 2 * TOLERANCE
        })
    }

    /// The colour that nearly all of it is near: all but a share of its pixels, within so many levels.
    pub(super) fn nearly_uniform(&self, within: u8, stray: f32) -> Option<u8> {
        let colour = self.colour();
        let far = (0..SAMPLES).filter(|&k| self.sample(k).abs_diff(colour) > within).count();
        (far <= 1 && self.share_beyond(colour, within) <= stray).then_some(colour)
    }

    /// Share of its pixels that are further from a colour than so many levels.
    pub(super) fn share_beyond(&self, colour: u8, within: u8) -> f32 {
        let far = self.iter().filter(|pixel| pixel.abs_diff(colour) > within).count();
        far as f32 / self.len.max(1) as f32
    }

    /// Its colour, when it has just one.
    pub(super) fn uniform(&self) -> Option<u8> {
        if self.is_varied() {
            return None;
        }
        let colour = self.colour();
        let (mut stray, mut waver) = (0, 0);
        for pixel in self.iter() {
            let distance = pixel.abs_diff(colour);
            waver += u32::from(distance);
            stray += usize::from(distance > TOLERANCE);
            if stray * STRAY > self.len {
                return None;
            }
        }
        (u64::from(waver) * 10 <= u64::from(WAVER) * self.len as u64).then_some(colour)
    }
}

/// How a picture begins beside a border of one colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    /// Lines of noise before it, as coarse JPEG leaves beside a hard step.
    pub(super) noise: u32,
    /// Part of the edge along which the picture differs from the border.
    along: f32,
    /// The same near the end of the edge where it is less. What merely stands before a plain background hardly
    /// ever reaches into the corners.
    at_ends: f32,
}

impl Edge {
    /// Lines in which a step may be blurred by scaling.
    const BLUR: usize = 3;

    /// Lines that noise may take: a block of JPEG.
    const NOISE: usize = 8;

    /// Of `side` of the rectangle, towards a border of that colour.
    pub(super) fn new(luma: &Luma, rect: Rect, side: Side, border: u8) -> Self {
        let depth = (side.depth(rect) as usize).min(Self::NOISE + Self::BLUR);
        let lines: Vec<Vec<bool>> = (0..depth as u32)
            .map(|n| {
                Line::new(luma, rect, side, n)
                    .iter()
                    .map(|pixel| pixel.abs_diff(border) > TOLERANCE)
                    .collect()
            })
            .collect();
        let shares: Vec<f32> = lines.iter().map(|line| share(line)).collect();
        let most = shares.iter().copied().fold(0.0, f32::max);
        // Noise is a matter of few pixels until, at once, there are many.
        let sudden = |&n: &usize| shares[n] >= 0.75 * most && (n == 0 || shares[n - 1] <= 0.6 * shares[n]);
        let noise = (0..depth.min(Self::NOISE)).find(sudden).unwrap_or(0);
        let differs =
            lines[noise..].iter().take(Self::BLUR).fold(vec![false; lines[0].len()], |all, line| {
                all.iter().zip(line).map(|(all, one)| all | one).collect()
            });
        let end = differs.len().div_ceil(8);
        let at_ends = share(&differs[..end]).min(share(&differs[differs.len() - end..]));
        Self { noise: noise as u32, along: share(&differs), at_ends }
    }

    /// Whether the picture shows along that part of the edge, and along that part of either end of it.
    pub(super) fn shows(self, along: f32, at_ends: f32) -> bool {
        self.along >= along && self.at_ends >= at_ends
    }

    /// Whether the picture may end here in a straight line, though some of it looks like the border.
    pub(super) fn is_straight(self) -> bool {
        self.shows(0.75, 0.2) || self.shows(0.4, 0.3)
    }

    /// Whether a picture between two like bars ends here, given how it ends at the other: where the sky is as
    /// bright as a white bar, the bar opposite tells.
    pub(super) fn holds_beside(self, opposite: Self) -> bool {
        let (weaker, stronger) =
            if self.along < opposite.along { (self, opposite) } else { (opposite, self) };
        weaker.is_straight() && stronger.is_straight() || weaker.shows(0.1, 0.0) && stronger.shows(0.75, 0.2)
    }
}

fn share(differs: &[bool]) -> f32 {
    differs.iter().filter(|&&differs| differs).count() as f32 / differs.len() as f32
}
