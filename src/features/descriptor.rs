//! The descriptor of a keypoint: 4x4 cells of 8 gradient directions, upright.
//!
//! As SIFT's, without a dominant orientation; direction `k` is *centred* on `k` times 45 degrees, which is what
//! makes the eight symmetries permute the bins. Floats are used in a fixed order of sums, products and square
//! roots, which every machine rounds alike.

use super::code::Descriptor;
use super::detect::Extremum;
use super::pyramid::{BASE_SIGMA, INTERVALS, Octave};

/// Samples per side; gradients are taken on the inner 16.
const SIDE: usize = 18;
const INNER: usize = 16;
/// Sample distance in sigmas.
const SPACING: f32 = 0.75;
/// `exp(-u^2 / 8)` at a distance of `u = 1/8, 3/8, ...` cells from the centre.
const FADE: [f32; 8] =
    [0.998_048_8, 0.982_575_5, 0.952_344_8, 0.908_733_8, 0.853_676_4, 0.789_521_6, 0.718_867_6, 0.644_388_7];

/// Blur of a keypoint in pixels of its octave.
pub(super) fn sigma(level: f32) -> f32 {
    BASE_SIGMA as f32 * exp2(level / INTERVALS as f32)
}

/// `2^x` for `x >= 0`, to five digits, alike on every platform.
pub(super) fn exp2(x: f32) -> f32 {
    let whole = x.floor();
    let f = x - whole;
    let fraction = 1.0
        + f * (std::f32::consts::LN_2 + f * (0.240_23 + f * (0.055_48 + f * (0.009_68 + f * 0.001_462_8))));
    fraction * (1u32 << whole as u32) as f32
}

/// Samples around a keypoint, and which of them lie inside the picture.
struct Patch {
    values: [[f32; SIDE]; SIDE],
    inside_x: [bool; SIDE],
    inside_y: [bool; SIDE],
}

/// Where one row or column of samples falls between two pixels.
#[derive(Clone, Copy, Default)]
struct Tap {
    low: usize,
    high: usize,
    share: f32,
}

fn taps(centre: f32, spacing: f32, length: usize) -> ([Tap; SIDE], [bool; SIDE]) {
    let at: [f32; SIDE] = std::array::from_fn(|i| centre + (i as f32 - 8.5) * spacing);
    let last = (length - 1) as f32;
    let tap = |at: f32| {
        let at = at.clamp(0.0, last);
        let low = at as usize;
        Tap { low, high: (low + 1).min(length - 1), share: at - low as f32 }
    };
    (at.map(tap), at.map(|at| (0.0..=last).contains(&at)))
}

impl Patch {
    fn sample(octave: &Octave, extremum: &Extremum) -> Self {
        let level = &octave.levels[(extremum.level + 0.5) as usize];
        let spacing = SPACING * sigma(extremum.level);
        let (columns, inside_x) = taps(extremum.x, spacing, octave.width);
        let (rows, inside_y) = taps(extremum.y, spacing, octave.height);
        let mut values = [[0.0; SIDE]; SIDE];
        for (row, out) in rows.iter().zip(&mut values) {
            let low = &level[row.low * octave.width..][..octave.width];
            let high = &level[row.high * octave.width..][..octave.width];
            for (column, value) in columns.iter().zip(out) {
                let mix = |row: &[u16]| {
                    let (a, b) = (f32::from(row[column.low]), f32::from(row[column.high]));
                    a + column.share * (b - a)
                };
                let (above, below) = (mix(low), mix(high));
                *value = above + row.share * (below - above);
            }
        }
        Self { values, inside_x, inside_y }
    }

    /// Weighted size and direction (0 to 8) of the gradients of one inner row.
    fn gradients(&self, row: usize) -> ([f32; INNER], [f32; INNER]) {
        let (above, here, below) = (&self.values[row], &self.values[row + 1], &self.values[row + 2]);
        let (mut sizes, mut directions) = ([0.0; INNER], [0.0; INNER]);
        let fade = if self.inside_y[row + 1] { FADE[(2 * row).abs_diff(15) / 2] } else { 0.0 };
        for i in 0..INNER {
            let (dx, dy) = (here[i + 2] - here[i], below[i + 1] - above[i + 1]);
            let fade_x = if self.inside_x[i + 1] { FADE[(2 * i).abs_diff(15) / 2] } else { 0.0 };
            sizes[i] = (dx * dx + dy * dy).sqrt() * fade * fade_x;
            directions[i] = eighths(dx, dy);
        }
        (sizes, directions)
    }
}

/// Direction of a vector in eighths of a turn, 0 up to but not including 8.
#[inline(always)]
fn eighths(dx: f32, dy: f32) -> f32 {
    let (ax, ay) = (dx.abs(), dy.abs());
    let ratio = ax.min(ay) / ax.max(ay).max(1e-9);
    let s = ratio * ratio;
    // Odd polynomial for atan on [0, 1], scaled to eighths of a turn.
    let octant = ratio
        * (1.273_21 + s * (-0.423_51 + s * (0.246_43 + s * (-0.148_25 + s * (0.067_04 - s * 0.014_92)))));
    let quarter = if ay > ax { 2.0 - octant } else { octant };
    let half = if dx < 0.0 { 4.0 - quarter } else { quarter };
    if dy < 0.0 && half > 0.0 { 8.0 - half } else { half }
}

/// The two cells an inner row or column falls into, and its share in the first.
const CELLS: [(usize, f32); INNER] = {
    let mut cells = [(0, 0.0); INNER];
    let mut i = 0;
    while i < INNER {
        // Positions are eighths of a cell: sample i lies at (2 i - 15) / 8 cells from the centre.
        let eighths = 2 * i + 5;
        cells[i] = (eighths / 8, 1.0 - (eighths % 8) as f32 / 8.0);
        i += 1;
    }
    cells
};

/// The descriptor of a keypoint of this octave.
pub(super) fn describe(octave: &Octave, extremum: &Extremum) -> Descriptor {
    let patch = Patch::sample(octave, extremum);
    // One ring of cells more on each side takes what falls outside; direction 8 is direction 0.
    let mut cells = [[[0.0f32; 9]; 6]; 6];
    for (row, (cell_y, share_y)) in CELLS.into_iter().enumerate() {
        let (sizes, directions) = patch.gradients(row);
        for (i, (cell_x, share_x)) in CELLS.into_iter().enumerate() {
            let direction = (directions[i] as usize).min(7);
            let next = directions[i] - direction as f32;
            let (upper, lower) = (sizes[i] * share_y, sizes[i] * (1.0 - share_y));
            for (size, y) in [(upper, cell_y), (lower, cell_y + 1)] {
                for (size, x) in [(size * share_x, cell_x), (size * (1.0 - share_x), cell_x + 1)] {
                    let bins = &mut cells[y][x];
                    bins[direction] += size * (1.0 - next);
                    bins[direction + 1] += size * next;
                }
            }
        }
    }
    let mut values = [0.0; 128];
    for (cell, bins) in values.chunks_exact_mut(8).enumerate() {
        let from = &cells[cell / 4 + 1][cell % 4 + 1];
        bins.copy_from_slice(&from[..8]);
        bins[0] += from[8];
    }
    normalise(&values)
}

/// Unit length, no value above 0.2, then square roots of shares (Arandjelovic and Zisserman, 2012) in 1/512.
fn normalise(values: &[f32; 128]) -> Descriptor {
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length <= 0.0 {
        return [0; 128];
    }
    let clipped = values.map(|value| (value / length).min(0.2));
    let total: f32 = clipped.iter().sum();
    clipped.map(|value| ((value / total).sqrt() * 512.0 + 0.5).min(255.0) as i16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn direction_is_the_angle(dx in -500.0f32..500.0, dy in -500.0f32..500.0) {
            prop_assume!(dx.abs() + dy.abs() > 1e-3);
            let angle = f64::from(dy).atan2(f64::from(dx)).rem_euclid(std::f64::consts::TAU);
            let error = (f64::from(eighths(dx, dy)) - angle * 4.0 / std::f64::consts::PI).abs();
            prop_assert!(error.min(8.0 - error) < 1e-3, "off by {}", error);
        }

        #[test]
        fn exp2_is_close(x in 0.0f32..6.0) {
            prop_assert!((exp2(x) / x.exp2() - 1.0).abs() < 1e-4);
        }
    }
}
