//! From the 64x64 buffer to bits and quality.
//!
//! Every f32 sum runs in the reference's order, so equal buffers give equal bits. Only the 16 lowest frequencies
//! above zero are computed; a brightness offset therefore changes nothing. Orientations come from sign changes
//! of the same coefficients, and each has its own median.

use super::super::kernel::dct::{Buffer, Coefficients, Cosines, Dct, FREQUENCIES, SIDE};
use super::super::{Hash256, Pdq, Quality};
use std::sync::LazyLock;

/// `cos(pi/128 (i+1)(2j+1)) sqrt(2/64)`, rounded to f32 as the reference does.
static COSINES: LazyLock<Cosines> = LazyLock::new(|| {
    let scale = f64::from((2.0_f64 / SIDE as f64).sqrt() as f32);
    let angle = std::f64::consts::PI / 2.0 / SIDE as f64;
    std::array::from_fn(|j| {
        std::array::from_fn(|i| (scale * (angle * ((i + 1) * (2 * j + 1)) as f64).cos()) as f32)
    })
});

/// Hashes and quality of the buffer.
pub(super) fn from_buffer(buffer: &Buffer) -> Pdq {
    from_block(buffer, &Dct::best().transform(buffer, &COSINES))
}

/// As [`from_buffer`], with the margin of the upright hash: how far apart the two frequencies on either side of the
/// median are. A picture whose frequencies shift by more may flip both bits.
pub(super) fn with_margin(buffer: &Buffer) -> (Pdq, f32) {
    let block = Dct::best().transform(buffer, &COSINES);
    let mut ordered = block;
    let (_, &mut median, above) = ordered.select_nth_unstable_by(127, f32::total_cmp);
    let next = above.iter().copied().fold(f32::INFINITY, f32::min);
    (from_block(buffer, &block), next - median)
}

fn from_block(buffer: &Buffer, block: &Coefficients) -> Pdq {
    let base = [
        bits(block, |_, _| false),
        bits(block, |i, _| i % 2 == 0),
        bits(block, |_, j| j % 2 == 0),
        bits(block, |i, j| (i + j) % 2 == 1),
    ];
    Pdq::from_base(base, Quality::new((Dct::best().steps(buffer) / 90).min(100) as u8))
}

/// One bit per coefficient above the lower median, after changing the sign of some.
fn bits(block: &Coefficients, negate: impl Fn(usize, usize) -> bool) -> Hash256 {
    // Adding 0 turns -0 into 0, so that the order of the keys below is that of the numbers.
    let keys: [i32; FREQUENCIES * FREQUENCIES] = std::array::from_fn(|k| {
        let negative = negate(k / FREQUENCIES, k % FREQUENCIES);
        order_key(if negative { -block[k] } else { block[k] } + 0.0)
    });
    let mut ordered = keys;
    let (_, &mut median, _) = ordered.select_nth_unstable(127);
    let mut words = [0_u64; 4];
    for (word, keys) in words.iter_mut().zip(keys.chunks_exact(64)) {
        *word = keys.iter().rev().fold(0, |word, &key| word << 1 | u64::from(key > median));
    }
    Hash256::from_words(words)
}

/// An integer in the order of the numbers: much cheaper to compare than f32.
fn order_key(value: f32) -> i32 {
    let bits = value.to_bits().cast_signed();
    bits ^ ((bits >> 31) & i32::MAX)
}
