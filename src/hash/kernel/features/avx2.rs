//! The sums of a blur with AVX2: what [`super::body::Plain`] computes, with the sums of 64 columns kept in registers
//! while all taps pass over them. Written out, because the compiler spills them.

use super::body::{Convolve, Plain, blur as blur_by};
use std::arch::x86_64::*;

/// Columns summed at once, in four registers.
const BLOCK: usize = 64;
const LANES: usize = 16;

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn blur(
    source: &[u16],
    width: usize,
    taps: &[u16],
    scratch: &mut Vec<u16>,
    blurred: &mut [u16],
    difference: &mut [i16],
) {
    blur_by::<Blocks>(source, width, taps, scratch, blurred, difference);
}

struct Blocks;

impl Convolve for Blocks {
    #[inline(always)]
    fn convolve<'a>(into: &mut [u16], taps: &[u16], at: impl Fn(isize) -> &'a [u16]) {
        if into.len() < BLOCK {
            return Plain::convolve(into, taps, at);
        }
        // SAFETY: only `blur` above uses this type, and it has AVX2.
        #[allow(unsafe_code)]
        unsafe {
            convolve(into, taps, at);
        }
    }
}

#[target_feature(enable = "avx2")]
fn convolve<'a>(into: &mut [u16], taps: &[u16], at: impl Fn(isize) -> &'a [u16]) {
    let spread = |value: u16| _mm256_set1_epi16(value.cast_signed());
    let bias = spread(taps.len().div_ceil(2) as u16);
    // The last block ends at the end, and writes again what the one before it wrote there.
    let last = into.len() - BLOCK;
    for start in (0..last).step_by(BLOCK).chain([last]) {
        let (centre, weight) = (block(at(0), start), spread(taps[0]));
        let mut sums: [__m256i; BLOCK / LANES] =
            std::array::from_fn(|k| _mm256_add_epi16(_mm256_mulhi_epu16(load(centre, k), weight), bias));
        for (offset, &tap) in (1..).zip(&taps[1..]) {
            let (left, right) = (block(at(-offset), start), block(at(offset), start));
            let weight = spread(tap);
            for (k, sum) in sums.iter_mut().enumerate() {
                let pair = _mm256_add_epi16(load(left, k), load(right, k));
                *sum = _mm256_add_epi16(*sum, _mm256_mulhi_epu16(pair, weight));
            }
        }
        let (into, _) = into[start..][..BLOCK].as_chunks_mut::<LANES>();
        for (into, sum) in into.iter_mut().zip(sums) {
            // SAFETY: `into` is as large as a register; unaligned stores are allowed.
            #[allow(unsafe_code)]
            unsafe {
                _mm256_storeu_si256(into.as_mut_ptr().cast(), sum);
            }
        }
    }
}

#[inline(always)]
fn block(slice: &[u16], start: usize) -> &[[u16; LANES]] {
    slice[start..][..BLOCK].as_chunks().0
}

#[target_feature(enable = "avx2")]
fn load(block: &[[u16; LANES]], k: usize) -> __m256i {
    // SAFETY: an array is as large as a register; unaligned loads are allowed.
    #[allow(unsafe_code)]
    unsafe {
        _mm256_loadu_si256(block[k].as_ptr().cast())
    }
}
