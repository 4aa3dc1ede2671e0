//! The descriptor of a keypoint: 4x4 cells of 8 gradient directions, upright.
//!
//! As SIFT's, without a dominant orientation; direction `k` is *centred* on `k` times 45 degrees, which is what
//! makes the eight symmetries permute the bins. Here is where samples are taken; what becomes of them is
//! [`FeatureKernel::describe`].

use super::detect::Extremum;
use super::pyramid::{BASE_SIGMA, INTERVALS, Octave};
use crate::features::code::Descriptor;
use crate::hash::kernel::features::{FeatureKernel, SIDE, Samples};

/// Sample distance in sigmas.
const SPACING: f32 = 0.75;

/// Blur of a keypoint in pixels of its octave.
pub(crate) fn sigma(level: f32) -> f32 {
    BASE_SIGMA as f32 * exp2(level / INTERVALS as f32)
}

/// `2^x` for `x >= 0`, to five digits, alike on every platform.
pub(crate) fn exp2(x: f32) -> f32 {
    let whole = x.floor();
    let f = x - whole;
    let fraction = 1.0
        + f * (std::f32::consts::LN_2 + f * (0.240_23 + f * (0.055_48 + f * (0.009_68 + f * 0.001_462_8))));
    fraction * (1u32 << whole as u32) as f32
}

/// Samples along one axis, clamped to the picture.
fn samples(centre: f32, spacing: f32, length: usize) -> Samples {
    let at: [f32; SIDE] = std::array::from_fn(|i| centre + (i as f32 - 8.5) * spacing);
    let last = (length - 1) as f32;
    let clamped = at.map(|at| at.clamp(0.0, last));
    Samples {
        low: clamped.map(|at| at as usize),
        share: clamped.map(|at| at - (at as usize) as f32),
        inside: at.map(|at| (0.0..=last).contains(&at)),
    }
}

/// The descriptor of a keypoint of this octave.
pub(crate) fn describe(octave: &Octave, extremum: &Extremum, kernel: FeatureKernel) -> Descriptor {
    let level = &octave.levels[(extremum.level + 0.5) as usize];
    let spacing = SPACING * sigma(extremum.level);
    let columns = samples(extremum.x, spacing, octave.width);
    let rows = samples(extremum.y, spacing, octave.height);
    kernel.describe(level, octave.width, &columns, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exp2_is_close(x in 0.0f32..6.0) {
            prop_assert!((exp2(x) / x.exp2() - 1.0).abs() < 1e-4);
        }
    }
}
