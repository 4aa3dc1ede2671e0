//! Keypoints: where a difference of Gaussians is largest among its neighbours in place and scale.

use super::pyramid::{INTERVALS, Octave};
use crate::hash::kernel::features::{FeatureKernel, GREY};

/// Least contrast of a keypoint, in grey levels.
const FLOOR: i16 = GREY as i16;
/// Most the two curvatures may differ: points on edges slide along them.
const EDGE_RATIO: i64 = 10;

/// A keypoint in its octave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extremum {
    pub(super) octave: usize,
    /// Column in the octave's pixels, to a fraction.
    pub(super) x: f32,
    /// Row in the octave's pixels, to a fraction.
    pub(super) y: f32,
    /// Scale as a fractional level: blur is `1.6 * 2^(level / 3)` octave pixels.
    pub(super) level: f32,
    /// Contrast in fixed-point grey levels.
    pub(super) strength: u16,
}

/// Buffers of the scan.
#[derive(Default)]
pub(super) struct Scan {
    marks: Vec<u8>,
}

impl Scan {
    /// Appends the extrema of one octave in the order level, row, column.
    pub(super) fn extrema(
        &mut self,
        octave: &Octave,
        number: usize,
        kernel: FeatureKernel,
        found: &mut Vec<Extremum>,
    ) {
        let width = octave.width;
        self.marks.resize(width, 0);
        for level in 1..=INTERVALS {
            for y in 1..octave.height.saturating_sub(1) {
                let row = |plane: usize, y: usize| &octave.differences[plane][y * width..][..width];
                let rows = [level - 1, level, level + 1]
                    .map(|plane| [row(plane, y - 1), row(plane, y), row(plane, y + 1)]);
                // The planes above and below are asked about the few pixels that stand out in their own.
                kernel.mark_extrema(rows[1], FLOOR, &mut self.marks);
                for x in marked(&self.marks) {
                    if !stands_out(&rows, x) {
                        continue;
                    }
                    let around = Neighbourhood::new(&rows, x);
                    if around.is_corner() {
                        found.push(around.refine(number, x, y, level));
                    }
                }
            }
        }
    }
}

/// Columns with a mark, eight at a glance: nearly all are without.
fn marked(marks: &[u8]) -> impl Iterator<Item = usize> {
    marks.chunks(8).enumerate().filter(|(_, eight)| eight.iter().any(|&mark| mark != 0)).flat_map(
        |(block, eight)| (0..eight.len()).filter(move |&i| eight[i] != 0).map(move |i| 8 * block + i),
    )
}

/// Is a marked pixel a strict extremum of the three planes? One above zero can be a peak only, one below only a pit.
fn stands_out(rows: &[[&[i16]; 3]; 3], x: usize) -> bool {
    let [below, own, above] = rows;
    let centre = own[1][x];
    let beyond = |value: i16| if centre > 0 { value < centre } else { value > centre };
    let around = |row: &[i16]| row[x - 1..=x + 1].iter().all(|&value| beyond(value));
    let rest = [below[1], above[1], below[0], below[2], above[0], above[2], own[0], own[2]];
    rest.into_iter().all(around) && beyond(own[1][x - 1]) && beyond(own[1][x + 1])
}

/// The 27 values around a pixel, `[plane][row][column]`.
struct Neighbourhood([[[i32; 3]; 3]; 3]);

impl Neighbourhood {
    fn new(rows: &[[&[i16]; 3]; 3], x: usize) -> Self {
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
