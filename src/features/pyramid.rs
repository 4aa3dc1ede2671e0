//! Gaussian scale space: octaves of six blurred planes and the five differences between them.
//!
//! Lowe, "Distinctive Image Features from Scale-Invariant Keypoints" (2004), in 16-bit fixed point. The buffers
//! outlive a picture: page faults on five fresh megabytes cost as much as the blurring.

use super::plane::Plane;
use crate::hash::kernel::features::FeatureKernel;
use std::sync::LazyLock;

/// Scales per octave; extrema are sought in the differences 1 to `INTERVALS`.
pub(super) const INTERVALS: usize = 3;
/// Blurred planes per octave.
pub(super) const LEVELS: usize = INTERVALS + 3;
/// Blur of the first plane of an octave, in its own pixels.
pub(super) const BASE_SIGMA: f64 = 1.6;
/// Blur that a camera picture is taken to have already.
const INPUT_SIGMA: f64 = 0.5;
const MOST_OCTAVES: usize = 5;
/// Octaves with a shorter side than this hold nothing but border.
const SHORTEST_SIDE: usize = 24;

/// One octave. Pixel `(x, y)` is the working image's pixel `(x, y) * 2^octave`.
#[derive(Default)]
pub(super) struct Octave {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) levels: [Vec<u16>; LEVELS],
    /// `differences[i]` is level `i + 1` minus level `i`.
    pub(super) differences: [Vec<i16>; LEVELS - 1],
}

/// All octaves of one working image, and the room they are built in.
#[derive(Default)]
pub(super) struct Pyramid {
    octaves: Vec<Octave>,
    used: usize,
    scratch: Vec<u16>,
}

/// Half kernels in 1/65536: the first blur of all, then those from level to level.
struct Kernels {
    first: Vec<u16>,
    steps: [Vec<u16>; LEVELS - 1],
}

static KERNELS: LazyLock<Kernels> = LazyLock::new(|| {
    let added = |from: f64, to: f64| half_kernel((to * to - from * from).sqrt());
    let mut sigmas = [BASE_SIGMA; LEVELS];
    // The cube root of 2, so that no platform's `powf` decides a weight.
    (1..LEVELS).for_each(|i| sigmas[i] = sigmas[i - 1] * 1.259_921_049_894_873_2);
    Kernels {
        first: added(INPUT_SIGMA, BASE_SIGMA),
        steps: std::array::from_fn(|i| added(sigmas[i], sigmas[i + 1])),
    }
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
    /// Builds the octaves of a working image.
    pub(super) fn build(&mut self, image: &Plane, kernel: FeatureKernel) {
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
                None => kernel.blur(
                    &image.values,
                    width,
                    &KERNELS.first,
                    &mut self.scratch,
                    &mut octave.levels[0],
                    &mut octave.differences[0],
                ),
                Some(finer) => finer.halve_into(&mut octave.levels[0]),
            }
            octave.blur_up(kernel, &mut self.scratch);
            self.used += 1;
            (width, height) = (width.div_ceil(2), height.div_ceil(2));
        }
    }

    /// The octaves of the picture built last, finest first.
    pub(super) fn octaves(&self) -> &[Octave] {
        &self.octaves[..self.used]
    }
}

impl Octave {
    fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.levels.iter_mut().for_each(|level| level.resize(width * height, 0));
        self.differences.iter_mut().for_each(|plane| plane.resize(width * height, 0));
    }

    fn blur_up(&mut self, kernel: FeatureKernel, scratch: &mut Vec<u16>) {
        for (i, taps) in KERNELS.steps.iter().enumerate() {
            let (lower, upper) = self.levels.split_at_mut(i + 1);
            kernel.blur(&lower[i], self.width, taps, scratch, &mut upper[0], &mut self.differences[i]);
        }
    }

    /// Every second pixel of the level with twice the base blur.
    fn halve_into(&self, coarser: &mut [u16]) {
        let rows = self.levels[INTERVALS].chunks_exact(self.width).step_by(2);
        for (from, to) in rows.zip(coarser.chunks_exact_mut(self.width.div_ceil(2))) {
            from.iter().step_by(2).zip(to).for_each(|(&value, into)| *into = value);
        }
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
}
