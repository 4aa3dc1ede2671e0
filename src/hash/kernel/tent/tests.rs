//! Every instruction set against the definition, on extreme pixels too: 255 everywhere is where 16 bits end.

use super::*;
use proptest::prelude::*;

fn triangle(length: usize) -> Vec<u8> {
    (1..2 * length).map(|k| k.min(2 * length - k) as u8).collect()
}

proptest! {
    #[test]
    fn all_instruction_sets_agree(
        length in 1_usize..=LARGEST_WEIGHT as usize,
        width in 1_usize..200,
        gap in 0_usize..3,
        seed: u32,
        bright: bool,
    ) {
        let weights = triangle(length);
        let stride = width + gap;
        let pixel = |k: usize| if bright { 255 } else { ((k as u32 ^ seed).wrapping_mul(0x9e37_79b1) >> 24) as u8 };
        let bytes: Vec<u8> = (0..stride * weights.len()).map(pixel).collect();
        let rows = PixelRows::new(&bytes, stride, width, weights.len());
        let defined: Vec<u32> = (0..width)
            .map(|x| (0..weights.len()).map(|y| u32::from(weights[y]) * u32::from(bytes[y * stride + x])).sum())
            .collect();
        let fractions: Vec<u32> = weights.iter().map(|&weight| u32::from(weight)).collect();
        for tent in [Tent::scalar(), Tent::best()] {
            let mut sums = vec![7; width];
            tent.whole(rows, &weights, &mut sums);
            prop_assert_eq!(&sums, &defined, "{:?}", tent);
            tent.fractional(rows, &fractions, &mut sums);
            prop_assert_eq!(&sums, &defined, "{:?}", tent);

            let eights = [[3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5, 8, 9, 0, 0, 0]];
            sums.resize(width + 16, 0);
            let starts: Vec<usize> = (0..width).collect();
            let mut out = vec![0; width];
            tent.along(&sums, &starts, &eights, &mut out);
            let slow = starts.iter().map(|&x| eights.as_flattened().iter().zip(&sums[x..]).map(|(w, s)| w * s).sum());
            prop_assert_eq!(out, slow.collect::<Vec<u32>>());
        }
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[test]
fn runs_cover_all_rows_and_fit_16_bits() {
    for length in 1..=LARGEST_WEIGHT as usize {
        let weights = triangle(length);
        let mut next = 0;
        for run in runs(&weights) {
            assert_eq!(run.start, next);
            assert!(run.start % 2 == 0);
            assert!(
                weights[run.clone()].iter().map(|&weight| u32::from(weight)).sum::<u32>() <= SUM_IN_16_BITS
            );
            next = run.end;
        }
        assert_eq!(next, weights.len());
    }
}
