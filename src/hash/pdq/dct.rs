//! From the 64x64 buffer to bits and quality.
//!
//! Every f32 sum runs in the reference's order, so equal buffers give equal bits. Only the 16 lowest frequencies
//! above zero are computed; a brightness offset therefore changes nothing. Orientations come from sign changes
//! of the same coefficients, and each has its own median.

use super::super::{Hash256, Pdq, Quality};
use super::{Buffer, SIDE};
use std::sync::LazyLock;

/// Frequencies per axis.
const FREQUENCIES: usize = 16;

type Block = [f32; FREQUENCIES * FREQUENCIES];

/// `cos(pi/128 (i+1)(2j+1)) sqrt(2/64)`: row `j` of the buffer's weight in frequency `i + 1`, stored as
/// `[j][i]` so that inner loops run over frequencies.
static COSINES: LazyLock<[[f32; FREQUENCIES]; SIDE]> = LazyLock::new(|| {
    let scale = f64::from((2.0_f64 / SIDE as f64).sqrt() as f32);
    let angle = std::f64::consts::PI / 2.0 / SIDE as f64;
    std::array::from_fn(|j| {
        std::array::from_fn(|i| (scale * (angle * ((i + 1) * (2 * j + 1)) as f64).cos()) as f32)
    })
});

/// Hashes and quality of the buffer.
pub(super) fn from_buffer(buffer: &Buffer) -> Pdq {
    let block = transform(buffer);
    let base = [
        bits(&block, |_, _| false),
        bits(&block, |i, _| i % 2 == 0),
        bits(&block, |_, j| j % 2 == 0),
        bits(&block, |i, j| (i + j) % 2 == 1),
    ];
    Pdq::from_base(base, quality(buffer))
}

/// `D A D^T` with 16x64 `D`, columns first; each sum runs from row or column 0 up.
fn transform(buffer: &Buffer) -> Block {
    let mut half = [0.0_f32; FREQUENCIES * SIDE];
    for (row, cosines) in buffer.chunks_exact(SIDE).zip(COSINES.iter()) {
        for (sums, cosine) in half.chunks_exact_mut(SIDE).zip(cosines) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += cosine * value);
        }
    }
    let mut block = [0.0_f32; FREQUENCIES * FREQUENCIES];
    for (sums, row) in block.chunks_exact_mut(FREQUENCIES).zip(half.chunks_exact(SIDE)) {
        for (value, cosines) in row.iter().zip(COSINES.iter()) {
            sums.iter_mut().zip(cosines).for_each(|(sum, cosine)| *sum += value * cosine);
        }
    }
    block
}

/// One bit per coefficient above the lower median, after changing the sign of some.
fn bits(block: &Block, negate: impl Fn(usize, usize) -> bool) -> Hash256 {
    let values: Block =
        std::array::from_fn(|k| if negate(k / FREQUENCIES, k % FREQUENCIES) { -block[k] } else { block[k] });
    let mut ordered = values;
    let (_, &mut median, _) = ordered.select_nth_unstable_by(127, f32::total_cmp);
    let mut words = [0_u64; 4];
    for (k, &value) in values.iter().enumerate() {
        words[k / 64] |= u64::from(value > median) << (k % 64);
    }
    Hash256::from_words(words)
}

/// Sum of the differences between neighbours in whole percent of full scale, over 90, at most 100.
fn quality(buffer: &Buffer) -> Quality {
    let step = |u: f32, v: f32| (((u - v) * 100.0 / 255.0) as i32).abs();
    let steps = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&u, &v)| step(u, v)).sum::<i32>();
    let down = steps(&buffer[..SIDE * (SIDE - 1)], &buffer[SIDE..]);
    let across: i32 = buffer.chunks_exact(SIDE).map(|row| steps(&row[..SIDE - 1], &row[1..])).sum();
    Quality::new(((down + across) / 90).min(100) as u8)
}
