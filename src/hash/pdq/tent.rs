//! The fast way to the 64x64 buffer: sums of pixels under tents, in integers.
//!
//! PDQ blurs with a box twice per axis and then keeps 64 points per axis. Only those points matter, and seen from
//! there the two boxes are one tent: buffer = Wv L Wh^T with 64 short rows of weights per axis. Tents hardly
//! overlap, so each pixel is read about once. Away from the ends the weights are 1, 2, .., w, .., 2, 1; at the
//! ends, where boxes are cut off, they are fractions and stand in units of 2^-24. Sums are exact integers, so no
//! instruction set and no order of work can change a hash.

use super::super::luma::{FINE_ZERO, Plane};
use super::exact::{sample_point, window};
use super::{Buffer, SIDE};

/// Unit of fractional weights: 255 x 2^24 still fits 32 bits.
const UNIT: u32 = 1 << 24;

/// The longest box with whole weights, which then fit a byte.
const LONGEST_WHOLE: usize = 255;

/// Weights of neighbouring pixels in one row or column of the buffer.
#[derive(Debug, Clone, PartialEq)]
struct Tent {
    /// The first pixel with a weight.
    start: usize,
    weights: Vec<u32>,
    /// What makes the weighted sum a mean.
    scale: f64,
}

/// The 64 tents of an axis of `n` pixels.
fn tents(n: usize) -> Vec<Tent> {
    let (behind, ahead) = window(n);
    (0..SIDE)
        .map(|i| {
            let point = sample_point(i, n);
            let uncut = point >= 2 * behind && point + 2 * ahead - 1 <= n;
            if uncut && behind + ahead <= LONGEST_WHOLE {
                whole_tent(point - 2 * behind, behind + ahead)
            } else {
                fractional_tent(point, n)
            }
        })
        .collect()
}

fn whole_tent(start: usize, length: usize) -> Tent {
    let weights = (1..2 * length).map(|k| k.min(2 * length - k) as u32).collect();
    Tent { start, weights, scale: 1.0 / (length * length) as f64 }
}

/// The box of boxes around `point` by definition, each box divided by what there is of it.
fn fractional_tent(point: usize, n: usize) -> Tent {
    let (behind, ahead) = window(n);
    let reach = |x: usize| x.saturating_sub(behind)..(x + ahead).min(n);
    let outer = reach(point);
    let (start, end) = (reach(outer.start).start, reach(outer.end - 1).end);
    let mut shares = vec![0.0_f64; end - start];
    for inner in outer.clone().map(reach) {
        let share = 1.0 / (outer.len() * inner.len()) as f64;
        shares[inner.start - start..inner.end - start].iter_mut().for_each(|sum| *sum += share);
    }
    let mut weights: Vec<u32> = shares.iter().map(|share| (share * f64::from(UNIT)).round() as u32).collect();
    // Rounding must not brighten: the heaviest weight takes up the difference.
    let total: u32 = weights.iter().sum();
    let heaviest = weights.iter_mut().max().expect("a box holds its own point");
    *heaviest = heaviest.wrapping_add(UNIT.wrapping_sub(total));
    Tent { start, weights, scale: 1.0 / f64::from(UNIT) }
}

/// The 64x64 buffer of a picture of at least one pixel; `fine` has the same size when given.
pub(super) fn reduce(pixels: Plane<'_>, fine: Option<Plane<'_>>) -> Buffer {
    let (across, down) = (tents(pixels.width()), tents(pixels.height()));
    let mut levels = sum(pixels, &across, &down);
    if let Some(fine) = fine {
        let zero = f64::from(FINE_ZERO);
        let rest = sum(fine, &across, &down);
        levels.iter_mut().zip(rest).for_each(|(level, rest)| *level += (rest - zero) / 256.0);
    }
    std::array::from_fn(|k| levels[k] as f32)
}

/// Weighted means, rows first: one row of column sums per row of the buffer, then tents along it.
fn sum(plane: Plane<'_>, across: &[Tent], down: &[Tent]) -> Vec<f64> {
    let mut means = Vec::with_capacity(SIDE * SIDE);
    let mut columns = vec![0_u32; plane.width()];
    for tent in down {
        columns.fill(0);
        for (y, weight) in tent.weights.iter().enumerate() {
            let row = plane.row(tent.start + y);
            columns.iter_mut().zip(row).for_each(|(sum, &value)| *sum += weight * u32::from(value));
        }
        means.extend(across.iter().map(|along| {
            let columns = &columns[along.start..][..along.weights.len()];
            let sum: u64 =
                columns.iter().zip(&along.weights).map(|(&c, &w)| u64::from(c) * u64::from(w)).sum();
            sum as f64 * (tent.scale * along.scale)
        }));
    }
    means
}

#[cfg(test)]
mod tests {
    use super::super::super::{Luma, Rect};
    use super::super::exact::{LumaF32, reduce as reduce_exact};
    use super::*;
    use proptest::prelude::*;

    /// A picture with structure at all scales, the same for the same seed.
    fn picture(width: u32, height: u32, seed: u32) -> Vec<u8> {
        (0..width * height * 3)
            .map(|k| {
                let coarse = (k / 3 % width / 7 + k / 3 / width / 5).wrapping_mul(seed | 1).wrapping_mul(40);
                let noise = (k ^ seed).wrapping_mul(0x9e37_79b1) >> 27;
                coarse.wrapping_add(noise) as u8
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Against two boxes run in f32, whose rounding is the only difference.
        #[test]
        fn tents_are_boxes_of_boxes(width in 5_u32..700, height in 5_u32..700, seed: u32) {
            let rgb = picture(width, height, seed);
            let luma = Luma::from_rgb(width, height, &rgb).unwrap();
            let (pixels, fine) = luma.planes(luma.bounds()).unwrap();
            let fast = reduce(pixels, fine);
            let slow = reduce_exact(LumaF32::from_rgb(width, height, &rgb).unwrap());
            for (fast, slow) in fast.iter().zip(&slow) {
                prop_assert!((fast - slow).abs() < 0.01, "{fast} {slow}");
            }
        }

        #[test]
        fn a_rectangle_is_the_picture_cut_out(x in 0_u32..50, y in 0_u32..50, width in 1_u32..200, height in 1_u32..200) {
            let luma = Luma::from_rgb(250, 250, &picture(250, 250, 3)).unwrap();
            let rect = Rect { x, y, width, height };
            let cut: Vec<u8> = (y..y + height)
                .flat_map(|y| picture(250, 250, 3)[(y * 250 + x) as usize * 3..][..width as usize * 3].to_vec())
                .collect();
            let cut = Luma::from_rgb(width, height, &cut).unwrap();
            prop_assert_eq!(super::super::pdq_of(&luma, rect), Some(super::super::pdq(&cut)));
        }

        #[test]
        fn weights_are_whole_and_sum_to_one(n in 1_usize..40_000) {
            for tent in tents(n) {
                let sum: u64 = tent.weights.iter().map(|&weight| u64::from(weight)).sum();
                prop_assert_eq!((sum as f64 * tent.scale) as f32, 1.0);
                prop_assert!(tent.start + tent.weights.len() <= n);
            }
        }
    }

    #[test]
    fn whole_tents_follow_from_the_definition() {
        for n in [128, 129, 500, 1080, 4000] {
            for (i, tent) in
                tents(n).into_iter().enumerate().filter(|(_, tent)| tent.scale > 1.0 / f64::from(UNIT))
            {
                let defined = fractional_tent(sample_point(i, n), n);
                assert_eq!(tent.start, defined.start);
                for (whole, fraction) in tent.weights.iter().zip(&defined.weights) {
                    let difference = f64::from(*whole) * tent.scale - f64::from(*fraction) * defined.scale;
                    assert!(difference.abs() < 1e-5, "{n} {i}");
                }
            }
        }
    }
}
