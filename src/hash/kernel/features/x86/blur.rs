//! The sums of a blur with AVX2 and AVX-512: what [`body`] computes, with the sums of four registers of columns kept
//! while all taps pass over them.

use super::super::body::{self, Convolve, Plain};
use std::arch::x86_64::*;

/// Registers of columns blurred at once.
const REGISTERS: usize = 4;
/// The most taps to a side.
const REACH: usize = 16;

/// Declares a way to convolve in registers of `$lanes` columns, which needs `$features`; `$narrow` does what is
/// narrower than it takes at once.
macro_rules! blocks {
    ($name:ident, $narrow:ty, $features:literal, $lanes:literal, $register:ty, $spread:ident, $add:ident, $weigh:ident, $load:ident,
     $store:ident) => {
        pub(in super::super) mod $name {
            use super::*;

            #[target_feature(enable = $features)]
            pub(in super::super::super) fn blur_row(
                source: &[u16],
                width: usize,
                y: usize,
                taps: &[u16],
                scratch: &mut Vec<u16>,
                blurred: &mut [u16],
            ) {
                body::blur_row::<Blocks>(source, width, y, taps, scratch, blurred);
            }

            /// Columns blurred at once.
            const BLOCK: usize = REGISTERS * $lanes;

            pub(super) struct Blocks;

            impl Convolve for Blocks {
                #[inline(always)]
                fn convolve<'a>(into: &mut [u16], taps: &[u16], at: impl Fn(isize) -> &'a [u16]) {
                    if into.len() < BLOCK {
                        return <$narrow>::convolve(into, taps, at);
                    }
                    // SAFETY: only `blur_row`s use this type, and they have these features.
                    #[allow(unsafe_code)]
                    unsafe {
                        convolve(into, taps, at);
                    }
                }
            }

            #[target_feature(enable = $features)]
            fn convolve<'a>(into: &mut [u16], taps: &[u16], at: impl Fn(isize) -> &'a [u16]) {
                let bias = $spread(taps.len().div_ceil(2) as i16);
                let centre = at(0);
                let mut sides = [(centre, centre); REACH];
                let sides = &mut sides[..taps.len() - 1];
                for (offset, side) in (1..).zip(&mut *sides) {
                    *side = (at(-offset), at(offset));
                }
                // The last block ends at the end, and writes again what the one before it wrote there.
                let last = into.len() - BLOCK;
                for start in (0..last).step_by(BLOCK).chain([last]) {
                    let mut sums = [bias; REGISTERS];
                    let (centre, weight) = (block(centre, start), $spread(taps[0].cast_signed()));
                    for k in 0..REGISTERS {
                        sums[k] = $add(sums[k], $weigh(load(centre, k), weight));
                    }
                    for (&(left, right), &tap) in sides.iter().zip(&taps[1..]) {
                        let (left, right) = (block(left, start), block(right, start));
                        let weight = $spread(tap.cast_signed());
                        for k in 0..REGISTERS {
                            let pair = $add(load(left, k), load(right, k));
                            sums[k] = $add(sums[k], $weigh(pair, weight));
                        }
                    }
                    let (into, _) = into[start..][..BLOCK].as_chunks_mut::<$lanes>();
                    for (into, sum) in into.iter_mut().zip(sums) {
                        // SAFETY: `into` is as large as a register; unaligned stores are allowed.
                        #[allow(unsafe_code)]
                        unsafe {
                            $store(into.as_mut_ptr().cast(), sum);
                        }
                    }
                }
            }

            #[inline(always)]
            fn block(slice: &[u16], start: usize) -> &[[u16; $lanes]] {
                slice[start..][..BLOCK].as_chunks().0
            }

            #[target_feature(enable = $features)]
            fn load(block: &[[u16; $lanes]], k: usize) -> $register {
                // SAFETY: an array is as large as a register; unaligned loads are allowed.
                #[allow(unsafe_code)]
                unsafe {
                    $load(block[k].as_ptr().cast())
                }
            }
        }
    };
}

blocks!(
    avx2,
    Plain,
    "avx2,popcnt",
    16,
    __m256i,
    _mm256_set1_epi16,
    _mm256_add_epi16,
    _mm256_mulhi_epu16,
    _mm256_loadu_si256,
    _mm256_storeu_si256
);
blocks!(
    avx512,
    super::avx2::Blocks,
    "avx512f,avx512bw,avx512vl,avx2,popcnt",
    32,
    __m512i,
    _mm512_set1_epi16,
    _mm512_add_epi16,
    _mm512_mulhi_epu16,
    _mm512_loadu_si512,
    _mm512_storeu_si512
);
