//! Gaussian scale space: octaves of six blurred planes and the five differences between them.
//!
//! Lowe, "Distinctive Image Features from Scale-Invariant Keypoints" (2004), in 16-bit fixed point. All levels of an
//! octave are made in one sweep, row by row, each as soon as the rows it is made of are there, and the differences
//! are looked at and forgotten: everything stays in the cache. The buffers outlive a picture, because page faults on
//! fresh megabytes cost as much as the blurring.

use super::plane::Plane;
use crate::hash::kernel::features::FeatureKernel;
use std::sync::LazyLock;

/// Scales per octave; extrema are sought in the differences 1 to `INTERVALS`.
pub(crate) const INTERVALS: usize = 3;
/// Blurred planes per octave; the last is only ever subtracted from.
const LEVELS: usize = INTERVALS + 3;
const DIFFERENCES: usize = LEVELS - 1;
/// Rows of a difference that are kept: those between the first to be made and the last to be looked at beside it.
const KEPT: usize = 32;
/// Blur of the first plane of an octave, in its own pixels.
pub(crate) const BASE_SIGMA: f64 = 1.6;
/// Blur that a camera picture is taken to have already.
const INPUT_SIGMA: f64 = 0.5;
/// Octaves of the largest picture.
pub(crate) const MOST_OCTAVES: usize = 5;
/// Octaves with a shorter side than this hold nothing but border.
const SHORTEST_SIDE: usize = 24;

/// Three rows each of a difference and of the two next to it in scale.
pub(crate) type ScaleRows<'a> = [[&'a [i16]; 3]; 3];

/// One octave. Pixel `(x, y)` is the working image's pixel `(x, y) * 2^octave`.
#[derive(Default)]
pub(crate) struct Octave {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// All but the last, which is not kept.
    pub(crate) levels: [Vec<u16>; LEVELS - 1],
}

/// All octaves of one working image, and the room they are built in.
#[derive(Default)]
pub(crate) struct Pyramid {
    octaves: Vec<Octave>,
    used: usize,
    room: Room,
}

/// Buffers of a sweep.
#[derive(Default)]
struct Room {
    scratch: Vec<u16>,
    /// A row of the last level.
    last: Vec<u16>,
    /// Level `i + 1` minus level `i`, the last [`KEPT`] rows of each; row `y` stands at `y % KEPT`.
    differences: [Vec<i16>; DIFFERENCES],
}

/// Half kernels in 1/65536: the first blur of all, then those from level to level.
struct Kernels {
    first: Vec<u16>,
    steps: [Vec<u16>; DIFFERENCES],
    /// How many rows each step lags behind the first: the sum of the reaches of those between.
    lags: [usize; DIFFERENCES],
}

static KERNELS: LazyLock<Kernels> = LazyLock::new(|| {
    let added = |from: f64, to: f64| half_kernel((to * to - from * from).sqrt());
    let mut sigmas = [BASE_SIGMA; LEVELS];
    // The cube root of 2, so that no platform's `powf` decides a weight.
    (1..LEVELS).for_each(|i| sigmas[i] = sigmas[i - 1] * 1.259_921_049_894_873_2);
    let steps: [Vec<u16>; DIFFERENCES] = std::array::from_fn(|i| added(sigmas[i], sigmas[i + 1]));
    let mut lags = [0; DIFFERENCES];
    (1..DIFFERENCES).for_each(|i| lags[i] = lags[i - 1] + steps[i].len() - 1);
    Kernels { first: added(INPUT_SIGMA, BASE_SIGMA), steps, lags }
});

/// Centre and one side of a Gaussian, reaching to three sigma; both sides add up to 65536.
fn half_kernel(sigma: f64) -> Vec<u16> {
    let radius = (3.0 * sigma).ceil() as usize;
    let heights: Vec<f64> =
        (0..=radius).map(|k| exp_of_minus((k * k) as f64 / (2.0 * sigma * sigma))).collect();
    let total = 2.0 * heights.iter().sum::<f64>() - heights[0];
    let mut taps: Vec<u16> = heights.iter().map(|height| (height / total * 65536.0).round() as u16).collect();
    let sides: u32 = taps[1..].iter().map(|&tap| 2 * u32::from(tap)).sum();
    taps[0] = (65536 - sides) as u16;
    taps
}

/// `exp(-x)` from sums and products only: the standard library's differs between platforms in the last bit.
fn exp_of_minus(x: f64) -> f64 {
    let small = -x / 1024.0;
    let series = 1.0 + small * (1.0 + small / 2.0 * (1.0 + small / 3.0 * (1.0 + small / 4.0)));
    (0..10).fold(series, |value, _| value * value)
}

impl Pyramid {
    /// Builds the octaves of a working image. `see(octave, level, y, rows)` is shown the inner rows of all levels
    /// from 1 to [`INTERVALS`]; of each level in order, levels in turns.
    pub(crate) fn build(
        &mut self,
        image: &Plane,
        kernel: FeatureKernel,
        mut see: impl FnMut(usize, usize, usize, &ScaleRows<'_>),
    ) {
        self.used = 0;
        let (mut width, mut height) = (image.width, image.height);
        while self.used < MOST_OCTAVES && (self.used == 0 || width.min(height) >= SHORTEST_SIDE) {
            if self.octaves.len() == self.used {
                self.octaves.push(Octave::default());
            }
            let (before, rest) = self.octaves.split_at_mut(self.used);
            let octave = &mut rest[0];
            octave.resize(width, height);
            match before.last() {
                None => octave.blur_first(image, kernel, &mut self.room.scratch),
                Some(finer) => finer.halve_into(&mut octave.levels[0]),
            }
            octave.sweep(kernel, &mut self.room, |level, y, rows| see(self.used, level, y, rows));
            self.used += 1;
            (width, height) = (width.div_ceil(2), height.div_ceil(2));
        }
    }

    /// The octaves of the picture built last, finest first.
    pub(crate) fn octaves(&self) -> &[Octave] {
        &self.octaves[..self.used]
    }
}

impl Octave {
    fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.levels.iter_mut().for_each(|level| level.resize(width * height, 0));
    }

    fn blur_first(&mut self, image: &Plane, kernel: FeatureKernel, scratch: &mut Vec<u16>) {
        for (y, row) in self.levels[0].chunks_exact_mut(self.width).enumerate() {
            kernel.blur_row(&image.values, self.width, y, &KERNELS.first, scratch, row);
        }
    }

    /// All levels from the first, and what there is to see in the differences between them.
    fn sweep(
        &mut self,
        kernel: FeatureKernel,
        room: &mut Room,
        mut see: impl FnMut(usize, usize, &ScaleRows<'_>),
    ) {
        let (height, lags) = (self.height, &KERNELS.lags);
        room.resize(self.width);
        for step in 0..height + lags[DIFFERENCES - 1] {
            for (i, &lag) in lags.iter().enumerate() {
                let made = step.checked_sub(lag).filter(|&y| y < height);
                made.into_iter().for_each(|y| self.blur_up(i, y, kernel, room));
                // The rows around the one before are complete now, in all differences up to this one.
                if let Some(y) = made.and_then(|y| y.checked_sub(1))
                    && let Some(level) = i.checked_sub(1).filter(|&level| level > 0 && y > 0)
                {
                    see(level, y, &room.around(level, y, self.width));
                }
            }
        }
    }

    /// Row `y` of level `i + 1` and of what it differs from level `i`.
    fn blur_up(&mut self, i: usize, y: usize, kernel: FeatureKernel, room: &mut Room) {
        let (lower, upper) = self.levels.split_at_mut(i + 1);
        let row = y * self.width..(y + 1) * self.width;
        let blurred = upper.first_mut().map_or(&mut room.last[..], |level| &mut level[row.clone()]);
        kernel.blur_row(&lower[i], self.width, y, &KERNELS.steps[i], &mut room.scratch, blurred);
        let difference = &mut room.differences[i][y % KEPT * self.width..][..self.width];
        kernel.subtract(blurred, &lower[i][row], difference);
    }

    /// Every second pixel of the level with twice the base blur.
    fn halve_into(&self, coarser: &mut [u16]) {
        let rows = self.levels[INTERVALS].chunks_exact(self.width).step_by(2);
        for (from, to) in rows.zip(coarser.chunks_exact_mut(self.width.div_ceil(2))) {
            from.iter().step_by(2).zip(to).for_each(|(&value, into)| *into = value);
        }
    }
}

impl Room {
    fn resize(&mut self, width: usize) {
        self.last.resize(width, 0);
        self.differences.iter_mut().for_each(|rows| rows.resize(KEPT * width, 0));
    }

    fn around(&self, level: usize, y: usize, width: usize) -> ScaleRows<'_> {
        let row = |plane: usize, y: usize| &self.differences[plane][y % KEPT * width..][..width];
        let plane = |plane: usize| [row(plane, y - 1), row(plane, y), row(plane, y + 1)];
        [plane(level - 1), plane(level), plane(level + 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_hold_their_weight_and_width() {
        for (i, taps) in KERNELS.steps.iter().chain([&KERNELS.first]).enumerate() {
            let sides: u32 = taps[1..].iter().map(|&tap| 2 * u32::from(tap)).sum();
            assert_eq!(u32::from(taps[0]) + sides, 65536, "kernel {i}");
            assert!(taps.is_sorted_by(|a, b| a >= b), "kernel {i}");
        }
        assert!((exp_of_minus(4.5) - (-4.5f64).exp()).abs() < 1e-9);
    }
    #[test]
    fn a_sweep_shows_the_rows_of_whole_planes() {
        let (width, height) = (67, 49);
        let values = (0..67 * 49u32).map(|i| (i.wrapping_mul(0x9e37_79b1) >> 17) as u16).collect();
        let (mut pyramid, kernel) = (Pyramid::default(), FeatureKernel::detect());
        let mut seen = Vec::new();
        pyramid.build(&Plane { width, height, values }, kernel, |octave, level, y, rows| {
            seen.push((octave, level, y, rows.map(|plane| plane.map(<[i16]>::to_vec))));
        });
        let rows = pyramid.octaves().iter().map(|octave| INTERVALS * (octave.height - 2));
        assert_eq!(seen.len(), rows.sum::<usize>());
        for (octave, level, y, planes) in seen {
            let Octave { width, levels, .. } = &pyramid.octaves()[octave];
            for (i, rows) in (level - 1..).zip(planes) {
                for (y, row) in (y - 1..).zip(rows) {
                    let mut above = vec![0; *width];
                    kernel.blur_row(&levels[i], *width, y, &KERNELS.steps[i], &mut Vec::new(), &mut above);
                    let below = &levels[i][y * width..][..*width];
                    let expected: Vec<i32> = above
                        .iter()
                        .zip(below)
                        .map(|(&above, &below)| i32::from(above) - i32::from(below))
                        .collect();
                    let row: Vec<i32> = row.into_iter().map(i32::from).collect();
                    assert_eq!(row, expected, "octave {octave}, difference {i}, row {y}");
                }
            }
        }
    }
}
