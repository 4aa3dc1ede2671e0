//! Photo or design: what kind of thing each block of the working image shows.
//!
//! Design (text, lines, codes, screens, flat ground with ink on it) has few exact grey levels; continuous tone has
//! many. A block is *design* when most of it lies within a narrow band of levels around one or two of them, measured
//! in its own standard deviations, so that contrast does not matter. The trap: one block alone says little (an edge
//! of a table is two levels, too, and blurred type is not); neighbours settle what is doubtful, so ask the map.

use super::plane::Plane;
use crate::hash::Dihedral;
use crate::hash::kernel::features::GREY;

/// Side of a block in pixels.
pub const BLOCK: usize = 16;
/// Standard deviation in grey levels below which a block is flat.
const STRUCTURE: f64 = 4.0;
/// Grey levels of a bin, and bins.
const BIN: u8 = 4;
const BINS: usize = 256 / BIN as usize;
/// Share of a design's block within the band around its commonest level; continuous tone has a quarter to a third.
const ONE_LEVEL: f64 = 0.5;
/// Share within the bands around its two commonest; continuous tone has half to two thirds.
const TWO_LEVELS: f64 = 0.72;

/// What a block shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum Texture {
    /// Nothing to speak of.
    #[default]
    Flat,
    /// Ink on a ground: text, lines, codes, buttons.
    Design,
    /// Continuous tone.
    Photo,
}

/// Shares of an area, adding up to 1; all 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Shares {
    /// Continuous tone.
    pub photo: f64,
    /// Ink on a ground.
    pub design: f64,
    /// Neither.
    pub flat: f64,
}

/// The kind of a block from its grey levels, one by one.
pub fn of_levels(levels: impl Iterator<Item = u8>) -> Texture {
    let mut histogram = [0u32; BINS];
    let (mut count, mut sum, mut squares) = (0u32, 0u64, 0u64);
    for level in levels {
        histogram[usize::from(level / BIN)] += 1;
        count += 1;
        sum += u64::from(level);
        squares += u64::from(level) * u64::from(level);
    }
    let (n, mean) = (f64::from(count.max(1)), sum as f64 / f64::from(count.max(1)));
    let deviation = (squares as f64 / n - mean * mean).max(0.0).sqrt();
    if deviation < STRUCTURE {
        return Texture::Flat;
    }
    let width = ((2.0 * deviation / 3.0 / f64::from(BIN)).round() as usize).clamp(1, BINS);
    let (one, two) = commonest(&histogram, width);
    let is_design = f64::from(one) > ONE_LEVEL * n || f64::from(one + two) > TWO_LEVELS * n;
    if is_design { Texture::Design } else { Texture::Photo }
}

/// How many values the fullest band of so many bins holds, and the fullest of those beside it.
fn commonest(histogram: &[u32; BINS], width: usize) -> (u32, u32) {
    let mut bands = [0u32; BINS];
    let places = BINS - width + 1;
    bands[0] = histogram[..width].iter().sum();
    for at in 1..places {
        bands[at] = bands[at - 1] + histogram[at + width - 1] - histogram[at - 1];
    }
    let bands = &bands[..places];
    let first = (0..places).fold(0, |best, at| if bands[at] > bands[best] { at } else { best });
    let apart = |&at: &usize| at.abs_diff(first) >= width;
    let second = (0..places).filter(apart).map(|at| bands[at]).max().unwrap_or(0);
    (bands[first], second)
}

/// Which of so many blocks along a length holds a pixel.
fn block_of(at: usize, length: usize, blocks: usize) -> usize {
    (2 * at + 1) * blocks / (2 * length).max(1)
}

/// The pixels of each block along a length.
fn ranges(length: usize, blocks: usize) -> Vec<std::ops::Range<usize>> {
    let mut ranges = vec![0..0; blocks];
    for at in (0..length).filter(|_| blocks > 0) {
        let range = &mut ranges[block_of(at, length, blocks)];
        if range.end == 0 {
            range.start = at;
        }
        range.end = at + 1;
    }
    ranges
}

/// The kinds of all blocks of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextureMap {
    across: usize,
    kinds: Vec<Texture>,
}

impl TextureMap {
    /// Of a working image. Its blocks are as near to [`BLOCK`] pixels as fill it from side to side, so that the map of a
    /// turned picture is the map turned. About 0.2 ms for the largest.
    pub fn of(plane: &Plane) -> Self {
        let (across, down) = (plane.width / BLOCK, plane.height / BLOCK);
        let (columns, rows) = (ranges(plane.width, across), ranges(plane.height, down));
        let level = |value: &u16| (value / GREY).min(255) as u8;
        let block = |place: usize| {
            let rows = rows[place / across].clone();
            let row = |y: usize| &plane.values[y * plane.width..][columns[place % across].clone()];
            of_levels(rows.flat_map(row).map(level))
        };
        Self::new(across, (0..across * down).map(block).collect())
    }

    /// From the kinds of blocks by themselves, row by row: neighbours settle what is doubtful.
    pub(crate) fn new(across: usize, alone: Vec<Texture>) -> Self {
        let down = alone.len().checked_div(across).unwrap_or(0);
        let settled = |place: usize| {
            let (x, y) = (place % across, place / across);
            let (rows, columns) =
                (y.saturating_sub(1)..(y + 2).min(down), x.saturating_sub(1)..(x + 2).min(across));
            let others = rows.len() * columns.len() - 1;
            let in_row = |row: usize| &alone[row * across..][columns.clone()];
            let photo = |kind: &&Texture| **kind == Texture::Photo;
            let photos: usize = rows.map(|row| in_row(row).iter().filter(photo).count()).sum();
            match alone[place] {
                Texture::Photo if 8 * (photos - 1) < 3 * others => Texture::Design,
                Texture::Design if 8 * photos >= 5 * others => Texture::Photo,
                kind => kind,
            }
        };
        let kinds = (0..alone.len()).map(settled).collect();
        Self { across, kinds }
    }

    /// Nothing is known.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Bytes that so many blocks take.
    pub(super) fn bytes_of(blocks: usize) -> usize {
        blocks.div_ceil(4)
    }

    /// Two bits a block, the lowest first.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let pack = |four: &[Texture]| four.iter().rev().fold(0, |byte, &kind| byte << 2 | kind as u8);
        self.kinds.chunks(4).map(pack).collect()
    }

    /// The map of so many blocks, or that of which nothing is known; `None` for bytes that no map has.
    pub(super) fn from_bytes(across: usize, down: usize, bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        let kind = |bits: u8| match bits {
            0 => Some(Texture::Flat),
            1 => Some(Texture::Design),
            2 => Some(Texture::Photo),
            _ => None,
        };
        let place = |place: usize| kind(bytes.get(place / 4)? >> (2 * (place % 4)) & 3);
        let kinds = (0..across * down).map(place).collect::<Option<Vec<_>>>()?;
        let map = Self { across, kinds };
        (map.to_bytes() == bytes).then_some(map)
    }

    /// Blocks in a row.
    pub fn across(&self) -> usize {
        self.across
    }

    /// Rows of blocks.
    pub fn down(&self) -> usize {
        self.kinds.len().checked_div(self.across).unwrap_or(0)
    }

    /// The kind of the block that holds a pixel of a working image of this size.
    pub fn at(&self, (x, y): (usize, usize), (width, height): (usize, usize)) -> Texture {
        let block = |at: usize, length: usize, blocks: usize| {
            block_of(at.min(length.saturating_sub(1)), length, blocks).min(blocks.saturating_sub(1))
        };
        let place = block(y, height, self.down()) * self.across + block(x, width, self.across);
        self.kinds.get(place).copied().unwrap_or_default()
    }

    /// That of the picture turned.
    pub(super) fn turned(&self, turn: Dihedral) -> Self {
        let (across, down) = (self.across, self.down());
        let (wide, high) = if turn.transposes() { (down, across) } else { (across, down) };
        let kind = |place: usize| {
            let (x, y) = turn.source((place % wide) as u32, (place / wide) as u32, wide as u32, high as u32);
            self.kinds[y as usize * across + x as usize]
        };
        Self { across: wide, kinds: (0..wide * high).map(kind).collect() }
    }

    /// Block by block, row by row.
    pub fn kinds(&self) -> &[Texture] {
        &self.kinds
    }

    /// Of the whole picture.
    pub fn shares(&self) -> Shares {
        self.shares_in([0.0, 0.0, 1.0, 1.0])
    }

    /// Of the blocks whose middle lies in a rectangle: left, top, right and bottom as fractions of width and height.
    pub fn shares_in(&self, [left, top, right, bottom]: [f64; 4]) -> Shares {
        let middle = |place: usize, of: usize| (place as f64 + 0.5) / of as f64;
        let (across, down) = (self.across, self.down());
        let mut counts = [0usize; 3];
        for (place, &kind) in self.kinds.iter().enumerate() {
            let (x, y) = (middle(place % across, across), middle(place / across, down));
            if (left..right).contains(&x) && (top..bottom).contains(&y) {
                counts[kind as usize] += 1;
            }
        }
        let all = counts.iter().sum::<usize>().max(1) as f64;
        let [flat, design, photo] = counts.map(|count| count as f64 / all);
        Shares { photo, design, flat }
    }
}
