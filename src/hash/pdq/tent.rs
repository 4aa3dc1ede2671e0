//! The fast way to the 64x64 buffer: sums of pixels under tents, in integers.
//!
//! PDQ blurs with a box twice per axis and then keeps 64 points per axis. Only those points matter, and seen from
//! there the two boxes are one tent: buffer = Wv L Wh^T with 64 short rows of weights per axis. Tents hardly
//! overlap, so each pixel is read about once. Away from the ends the weights are 1, 2, .., w, .., 2, 1; at the
//! ends, where boxes are cut off, they are fractions and stand in units of 2^-24. Sums are exact integers, so no
//! instruction set and no order of work can change a hash.

use super::super::kernel::tent::{LARGEST_WEIGHT, Tent as Kernel};
use super::super::luma::{FINE_ZERO, SamplePlane};
use super::exact::{sample_point, window};
use super::{Buffer, SIDE};
use std::ops::Range;

/// Unit of fractional weights: 255 x 2^24 still fits 32 bits.
pub(super) const UNIT: u32 = 1 << 24;

/// The tents of one axis: whole ones, which share their weights, between cut-off ones at the ends.
pub(super) struct Axis {
    /// 1, 2, .., w, .., 2, 1, one weight for each pixel under a whole tent.
    weights: Vec<u8>,
    /// The same in eights, padded with zeros.
    eights: Vec<[u32; 8]>,
    /// The first pixel of each whole tent.
    starts: Vec<usize>,
    /// Which tents are whole.
    whole: Range<usize>,
    /// The others, in order.
    cut: Vec<CutTent>,
}

/// A tent that reaches over an end, or any other with fractional weights.
pub(super) struct CutTent {
    /// Its place among the 64.
    place: usize,
    /// The first pixel with a weight.
    start: usize,
    /// Weights in [`UNIT`].
    weights: Vec<u32>,
}

impl Axis {
    /// PDQ's own, for `n` pixels.
    pub(super) fn new(n: usize) -> Self {
        let (behind, ahead) = window(n);
        let length = behind + ahead;
        let is_whole = |point: usize| {
            point >= 2 * behind && point + 2 * ahead - 1 <= n && length <= usize::from(LARGEST_WEIGHT)
        };
        let (whole, ends): (Vec<usize>, Vec<usize>) = (0..SIDE).partition(|&i| is_whole(sample_point(i, n)));
        let weights: Vec<u8> = (1..2 * length).map(|k| k.min(2 * length - k).min(255) as u8).collect();
        let eight = |chunk: &[u8]| std::array::from_fn(|k| chunk.get(k).map_or(0, |&weight| weight.into()));
        Self {
            eights: weights.chunks(8).map(eight).collect(),
            weights,
            starts: whole.iter().map(|&i| sample_point(i, n) - 2 * behind).collect(),
            whole: whole.first().map_or(0..0, |&first| first..first + whole.len()),
            cut: ends.into_iter().map(|i| CutTent::new(i, n)).collect(),
        }
    }

    /// Of 64 tents with fractional weights.
    pub(super) fn of_cut(cut: Vec<CutTent>) -> Self {
        Self { weights: vec![1], eights: Vec::new(), starts: Vec::new(), whole: 0..0, cut }
    }

    /// What makes a sum under a whole tent a mean.
    fn scale(&self) -> f64 {
        let length = self.weights.len().div_ceil(2);
        1.0 / (length * length) as f64
    }
}

impl CutTent {
    /// What makes a sum under it a mean.
    const SCALE: f64 = 1.0 / UNIT as f64;

    /// The box of boxes by definition, each box divided by what there is of it.
    fn new(place: usize, n: usize) -> Self {
        let (behind, ahead) = window(n);
        let reach = |x: usize| x.saturating_sub(behind)..(x + ahead).min(n);
        let outer = reach(sample_point(place, n));
        let (start, end) = (reach(outer.start).start, reach(outer.end - 1).end);
        let mut shares = vec![0.0_f64; end - start];
        for inner in outer.clone().map(reach) {
            let share = 1.0 / (outer.len() * inner.len()) as f64;
            shares[inner.start - start..inner.end - start].iter_mut().for_each(|sum| *sum += share);
        }
        let weights = shares.iter().map(|share| (share * f64::from(UNIT)).round() as u32).collect();
        Self::from_rounded(place, start, weights)
    }

    /// From weights that sum to [`UNIT`] but for rounding.
    pub(super) fn from_rounded(place: usize, start: usize, mut weights: Vec<u32>) -> Self {
        // Rounding must not brighten: the heaviest weight takes up the difference.
        let total: u32 = weights.iter().sum();
        let heaviest = weights.iter_mut().max().expect("a tent covers a pixel");
        *heaviest = heaviest.wrapping_add(UNIT.wrapping_sub(total));
        Self { place, start, weights }
    }

    /// Mean under it along a row of column sums; exact up to the final scaling.
    fn mean(&self, columns: &[u32]) -> f64 {
        dot(&columns[self.start..], &self.weights) as f64 * Self::SCALE
    }
}

fn dot<W: Copy + Into<u64>>(columns: &[u32], weights: &[W]) -> u64 {
    columns.iter().zip(weights).map(|(&column, &weight)| u64::from(column) * weight.into()).sum()
}

/// The 64x64 buffer of a picture of at least one pixel; `fine` has the same size when given.
pub(super) fn reduce(
    (pixels, fine): (SamplePlane<'_>, Option<SamplePlane<'_>>),
    across: &Axis,
    down: &Axis,
    kernel: Kernel,
) -> Buffer {
    let [mut levels] = means(pixels, across, down, kernel);
    if let Some(fine) = fine {
        let zero = f64::from(FINE_ZERO);
        let [rest] = means(fine, across, down, kernel);
        levels.iter_mut().zip(rest).for_each(|(level, rest)| *level += (rest - zero) / 256.0);
    }
    std::array::from_fn(|k| levels[k] as f32)
}

/// The same of a picture in colour, whose rows are of `R G B R G B ..`. Means are linear, so luma is made of 3 x 4096
/// of them instead of all pixels.
pub(super) fn reduce_rgb(rows: SamplePlane<'_>, across: &Axis, down: &Axis, kernel: Kernel) -> Buffer {
    let [red, green, blue] = means(rows, across, down, kernel);
    std::array::from_fn(|k| (0.299 * red[k] + 0.587 * green[k] + 0.114 * blue[k]) as f32)
}

/// Weighted means of each channel: per row of the buffer one row of column sums, then tents along it.
fn means<const CHANNELS: usize>(
    plane: SamplePlane<'_>,
    across: &Axis,
    down: &Axis,
    kernel: Kernel,
) -> [Vec<f64>; CHANNELS] {
    let mut means = std::array::from_fn(|_| vec![0.0; SIDE * SIDE]);
    let mut columns = ColumnSums::<CHANNELS>::new(plane.width());
    let mut sums = [0; SIDE];
    for (place, &start) in down.whole.clone().zip(&down.starts) {
        let rows = plane.rows(start, down.weights.len());
        for (channel, means) in columns.of(|sums| kernel.whole(rows, &down.weights, sums)).zip(&mut means) {
            let row = &mut means[place * SIDE..][..SIDE];
            // At most 255 x 64^4, which is below 2^32.
            let scale = down.scale() * across.scale();
            kernel.along(channel, &across.starts, &across.eights, &mut sums);
            row[across.whole.clone()]
                .iter_mut()
                .zip(sums)
                .for_each(|(mean, sum)| *mean = f64::from(sum) * scale);
            across.cut.iter().for_each(|tent| row[tent.place] = tent.mean(channel) * down.scale());
        }
    }
    for tent in &down.cut {
        let rows = plane.rows(tent.start, tent.weights.len());
        for (channel, means) in
            columns.of(|sums| kernel.fractional(rows, &tent.weights, sums)).zip(&mut means)
        {
            let row = &mut means[tent.place * SIDE..][..SIDE];
            for (place, &start) in across.whole.clone().zip(&across.starts) {
                let sum = dot(&channel[start..], &across.weights);
                row[place] = sum as f64 * (CutTent::SCALE * across.scale());
            }
            across.cut.iter().for_each(|along| row[along.place] = along.mean(channel) * CutTent::SCALE);
        }
    }
    means
}

/// One row of column sums, as they come and by channel.
struct ColumnSums<const CHANNELS: usize> {
    mixed: Vec<u32>,
    channels: [Vec<u32>; CHANNELS],
}

impl<const CHANNELS: usize> ColumnSums<CHANNELS> {
    fn new(width: usize) -> Self {
        // Reading in eights may run past the last column.
        let channel = || vec![0; width / CHANNELS + 8];
        Self { mixed: vec![0; width], channels: std::array::from_fn(|_| channel()) }
    }

    /// What `add_up` writes, channel by channel.
    fn of(&mut self, add_up: impl FnOnce(&mut [u32])) -> impl Iterator<Item = &[u32]> {
        add_up(&mut self.mixed);
        let (pixels, _) = self.mixed.as_chunks::<CHANNELS>();
        for (k, channel) in self.channels.iter_mut().enumerate() {
            channel.iter_mut().zip(pixels).for_each(|(sum, pixel)| *sum = pixel[k]);
        }
        self.channels.iter().map(Vec::as_slice)
    }
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
            let planes = luma.planes(luma.bounds()).unwrap();
            let (across, down) = (Axis::new(width as usize), Axis::new(height as usize));
            let fast = reduce(planes, &across, &down, Kernel::best());
            prop_assert!(fast == reduce(planes, &across, &down, Kernel::scalar()));
            let rows = SamplePlane::of_rgb(width, height, &rgb).unwrap();
            let colour = reduce_rgb(rows, &across, &down, Kernel::best());
            prop_assert!(colour == reduce_rgb(rows, &across, &down, Kernel::scalar()));
            let slow = reduce_exact(LumaF32::from_rgb(width, height, &rgb).unwrap());
            for ((fast, colour), slow) in fast.iter().zip(&colour).zip(&slow) {
                prop_assert!((fast - slow).abs() < 0.01, "{fast} {slow}");
                prop_assert!((colour - slow).abs() < 0.01, "{colour} {slow}");
            }
        }

        #[test]
        fn a_rectangle_is_the_picture_cut_out(x in 0_u32..50, y in 0_u32..50, width in 1_u32..200, height in 1_u32..200) {
            let whole = picture(250, 250, 3);
            let luma = Luma::from_rgb(250, 250, &whole).unwrap();
            let rect = Rect { x, y, width, height };
            let row = |y: u32| &whole[(y * 250 + x) as usize * 3..][..width as usize * 3];
            let cut: Vec<u8> = (y..y + height).flat_map(row).copied().collect();
            let cut = Luma::from_rgb(width, height, &cut).unwrap();
            prop_assert_eq!(super::super::pdq_of(&luma, rect), Some(super::super::pdq(&cut)));
        }

        #[test]
        fn weights_lie_inside_and_sum_to_one(n in 1_usize..40_000) {
            let axis = Axis::new(n);
            prop_assert_eq!(axis.whole.len() + axis.cut.len(), SIDE);
            for tent in &axis.cut {
                prop_assert_eq!(tent.weights.iter().sum::<u32>(), UNIT);
                prop_assert!(tent.start + tent.weights.len() <= n);
            }
            let sum: u32 = axis.weights.iter().map(|&weight| u32::from(weight)).sum();
            prop_assert!(axis.whole.is_empty() || (f64::from(sum) * axis.scale()) as f32 == 1.0);
            prop_assert!(axis.starts.iter().all(|start| start + axis.weights.len() <= n));
        }
    }

    #[test]
    fn whole_tents_follow_from_the_definition() {
        for n in [64, 128, 129, 500, 1080, 4000, 8192] {
            let axis = Axis::new(n);
            assert!(axis.whole.len() > 58, "{n}: most tents are whole");
            for (place, &start) in axis.whole.clone().zip(&axis.starts) {
                let defined = CutTent::new(place, n);
                assert_eq!(start, defined.start);
                assert_eq!(axis.weights.len(), defined.weights.len());
                for (&whole, &fraction) in axis.weights.iter().zip(&defined.weights) {
                    let difference = f64::from(whole) * axis.scale() - f64::from(fraction) * CutTent::SCALE;
                    assert!(difference.abs() < 1e-5, "{n} {place}");
                }
            }
        }
    }
}
