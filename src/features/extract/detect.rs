//! Keypoints: where a difference of Gaussians is largest among its neighbours in place and scale.

use super::pyramid::{INTERVALS, MOST_OCTAVES, ScaleRows};
use crate::hash::kernel::features::{FeatureKernel, GREY};

/// Least contrast of a keypoint, in grey levels.
const FLOOR: i16 = GREY as i16;
/// Most the two curvatures may differ: points on edges slide along them.
const EDGE_RATIO: i64 = 10;

/// A keypoint in its octave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extremum {
    pub(crate) octave: usize,
    /// Column in the octave's pixels, to a fraction.
    pub(crate) x: f32,
    /// Row in the octave's pixels, to a fraction.
    pub(crate) y: f32,
    /// Scale as a fractional level: blur is `1.6 * 2^(level / 3)` octave pixels.
    pub(crate) level: f32,
    /// Contrast in fixed-point grey levels.
    pub(crate) strength: u16,
}

/// The keypoints of a picture, by octave and level.
#[derive(Default)]
pub(crate) struct Scan {
    found: [[Vec<Extremum>; INTERVALS]; MOST_OCTAVES],
    columns: Vec<usize>,
}

impl Scan {
    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.found.as_flattened_mut().iter_mut().for_each(Vec::clear);
    }

    /// Adds the extrema of row `y` of one level.
    pub(crate) fn row(
        &mut self,
        octave: usize,
        level: usize,
        y: usize,
        rows: &ScaleRows<'_>,
        kernel: FeatureKernel,
    ) {
        self.columns.clear();
        kernel.extrema(rows, FLOOR, &mut self.columns);
        for &x in &self.columns {
            let around = Neighbourhood::new(rows, x);
            if around.is_corner() {
                self.found[octave][level - 1].push(around.refine(octave, x, y, level));
            }
        }
    }

    /// Those of each octave in the order level, row, column.
    pub(crate) fn octaves(&self) -> impl Iterator<Item = Vec<Extremum>> {
        self.found.iter().map(|levels| levels.concat())
    }
}

/// The 27 values around a pixel, `[plane][row][column]`.
struct Neighbourhood([[[i32; 3]; 3]; 3]);

impl Neighbourhood {
    fn new(rows: &ScaleRows<'_>, x: usize) -> Self {
        Self(rows.map(|plane| plane.map(|row| [x - 1, x, x + 1].map(|x| i32::from(row[x])))))
    }

    /// Second derivatives along x, along y, and across.
    fn hessian(&self) -> (i64, i64, i64) {
        let plane = self.0[1].map(|row| row.map(i64::from));
        let twice = 2 * plane[1][1];
        let across = plane[2][2] - plane[2][0] - plane[0][2] + plane[0][0];
        (plane[1][2] + plane[1][0] - twice, plane[2][1] + plane[0][1] - twice, across)
    }

    fn is_corner(&self) -> bool {
        let (xx, yy, four_xy) = self.hessian();
        let sixteen_det = 16 * xx * yy - four_xy * four_xy;
        let trace = xx + yy;
        sixteen_det > 0 && 16 * EDGE_RATIO * trace * trace <= (EDGE_RATIO + 1).pow(2) * sixteen_det
    }

    /// One Newton step in place and one in scale.
    fn refine(&self, octave: usize, x: usize, y: usize, level: usize) -> Extremum {
        let at = |plane: usize, row: usize, column: usize| self.0[plane][row][column] as f32;
        let (xx, yy, four_xy) = self.hessian();
        let (xx, yy, xy) = (xx as f32, yy as f32, four_xy as f32 / 4.0);
        let (dx, dy) = ((at(1, 1, 2) - at(1, 1, 0)) / 2.0, (at(1, 2, 1) - at(1, 0, 1)) / 2.0);
        let ds = (at(2, 1, 1) - at(0, 1, 1)) / 2.0;
        let ss = at(2, 1, 1) + at(0, 1, 1) - 2.0 * at(1, 1, 1);
        let det = xx * yy - xy * xy;
        let step = |value: f32| value.clamp(-0.6, 0.6);
        Extremum {
            octave,
            x: x as f32 + step((xy * dy - yy * dx) / det),
            y: y as f32 + step((xy * dx - xx * dy) / det),
            // A strict extremum has ss != 0.
            level: level as f32 + step(-ds / ss),
            strength: self.0[1][1][1].unsigned_abs() as u16,
        }
    }
}
