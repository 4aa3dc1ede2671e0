//! The reference's own way to the 64x64 buffer: running f32 sums in its order of operations.
//!
//! Slow, and the oracle of the fast form. Its rounding errors are the reference's, which alone decides the bits
//! of flat and one-axis pictures; so nothing here may be reordered or fused. One corner is out of reach of the
//! eight-in-one form: for 64x64 pixels of colour the reference's orientation entry point runs a filter of one
//! pixel that rounds, where its plain entry point does not.

use super::super::{Luma, Pdq};
use super::{Buffer, LEAST_SIDE, SIDE, TOO_SMALL, dct};

/// Luma in f32 with the reference's rounding: 0.299 R + 0.587 G + 0.114 B from left to right, grey as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct LumaF32 {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl From<&Luma> for LumaF32 {
    /// From grey pixels as they are.
    fn from(luma: &Luma) -> Self {
        Self {
            width: luma.width() as usize,
            height: luma.height() as usize,
            values: luma.pixels().iter().map(|&value| f32::from(value)).collect(),
        }
    }
}

impl LumaF32 {
    /// From interleaved RGB rows; `None` when the number of bytes does not fit the size.
    pub fn from_rgb(width: u32, height: u32, rgb: &[u8]) -> Option<Self> {
        if rgb.len() as u64 != u64::from(width) * u64::from(height) * 3 {
            return None;
        }
        let luma = |rgb: &[u8]| {
            0.299_f32 * f32::from(rgb[0]) + 0.587_f32 * f32::from(rgb[1]) + 0.114_f32 * f32::from(rgb[2])
        };
        Some(Self {
            width: width as usize,
            height: height as usize,
            values: rgb.chunks_exact(3).map(luma).collect(),
        })
    }

    /// What the reference's file reader makes of a picture: when either side exceeds 512, nearest neighbours on
    /// a 512x512 grid, whatever the shape.
    pub fn nearest_512(self) -> Self {
        const GRID: usize = 512;
        if self.width.max(self.height) <= GRID {
            return self;
        }
        let sample = |k: usize| {
            let (x, y) = (k % GRID * self.width / GRID, k / GRID * self.height / GRID);
            self.values[y * self.width + x]
        };
        Self { width: GRID, height: GRID, values: (0..GRID * GRID).map(sample).collect() }
    }
}

/// PDQ bit for bit as the reference computes it, rounding included. Some 15 ns per pixel.
pub fn pdq_exact(luma: LumaF32) -> Pdq {
    if luma.width.min(luma.height) < LEAST_SIDE as usize {
        return TOO_SMALL;
    }
    dct::from_buffer(&reduce(luma))
}

/// The 64x64 buffer: two box filters per axis, rows before columns, then 64 points per axis.
pub(super) fn reduce(mut luma: LumaF32) -> Buffer {
    let (width, height) = (luma.width, luma.height);
    if (width, height) != (SIDE, SIDE) {
        let mut scratch = vec![0.0; width * height];
        for _ in 0..2 {
            let rows = luma.values.chunks_exact(width).zip(scratch.chunks_exact_mut(width));
            rows.for_each(|(from, to)| blur_row(from, to));
            blur_columns(&scratch, &mut luma.values, width);
        }
    }
    std::array::from_fn(|k| {
        luma.values[sample_point(k / SIDE, height) * width + sample_point(k % SIDE, width)]
    })
}

/// Which of `n` pixels stands for row or column `i` of the buffer: the one that holds the centre.
pub(super) fn sample_point(i: usize, n: usize) -> usize {
    (2 * i + 1) * n / (2 * SIDE)
}

/// How far the box filter reaches along an axis of `n` pixels: pixels before, and from the own one on.
/// Windows of even length reach one further ahead than behind.
pub(super) fn window(n: usize) -> (usize, usize) {
    let length = n.div_ceil(2 * SIDE);
    let ahead = length / 2 + 1;
    (length - ahead, ahead)
}

/// Mean over the window; at the ends, over what there is of it.
fn blur_row(from: &[f32], to: &mut [f32]) {
    let (behind, ahead) = window(from.len());
    let mut sum = from[..ahead - 1].iter().fold(0.0_f32, |sum, value| sum + value);
    let mut count = ahead - 1;
    for (x, mean) in to.iter_mut().enumerate() {
        if let Some(entering) = from.get(x + ahead - 1) {
            sum += entering;
            count += 1;
        }
        if x > behind {
            sum -= from[x - behind - 1];
            count -= 1;
        }
        *mean = sum / count as f32;
    }
}

/// The same along columns, a row of running sums at a time.
fn blur_columns(from: &[f32], to: &mut [f32], width: usize) {
    let height = from.len() / width;
    let (behind, ahead) = window(height);
    let row = |y: usize| &from[y * width..][..width];
    let mut sums = vec![0.0_f32; width];
    for y in 0..ahead - 1 {
        sums.iter_mut().zip(row(y)).for_each(|(sum, value)| *sum += value);
    }
    let mut count = ahead - 1;
    for (y, means) in to.chunks_exact_mut(width).enumerate() {
        if y + ahead <= height {
            sums.iter_mut().zip(row(y + ahead - 1)).for_each(|(sum, value)| *sum += value);
            count += 1;
        }
        if y > behind {
            sums.iter_mut().zip(row(y - behind - 1)).for_each(|(sum, value)| *sum -= value);
            count -= 1;
        }
        means.iter_mut().zip(&sums).for_each(|(mean, sum)| *mean = sum / count as f32);
    }
}
