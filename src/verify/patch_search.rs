//! Where the patches of one picture are found in another that was laid over it.
//!
//! The trap: a shift is from where the map puts a patch, not between the pictures.

use super::affine::Point;
use super::picture::{PATCH, Picture};

/// Standard deviation, in grey levels, from which a patch has structure to compare.
pub(super) const STRUCTURE: f64 = 4.0;

/// A patch of the reference and where in the other picture it was found.
pub(super) struct Sighting {
    pub(super) at: Point,
    /// Found this far from where the map puts it, in pixels.
    pub(super) shift: Point,
    pub(super) correlation: f64,
}

impl Sighting {
    /// Does it correlate as much, and lie as near?
    pub(super) fn within(&self, limit: (f64, f64)) -> bool {
        let square = self.shift.0 * self.shift.0 + self.shift.1 * self.shift.1;
        self.correlation >= limit.0 && square <= limit.1 * limit.1
    }

    /// The whole pixel at which a patch was found whose corner is here.
    pub(super) fn place(&self, (x, y): (usize, usize)) -> (usize, usize) {
        let moved = |at: usize, by: f64| (at as f64 + by.round()) as usize;
        (moved(x, self.shift.0), moved(y, self.shift.1))
    }
}

/// Corners of all patches that can be moved by `reach` within both pictures.
pub(super) fn patches(base: &Picture, laid: &Picture, reach: usize) -> impl Iterator<Item = (usize, usize)> {
    let along = |length: usize| (reach..(length + 1).saturating_sub(PATCH + reach)).step_by(PATCH);
    let (across, down) = (along(base.width()), along(base.height()));
    down.flat_map(move |y| across.clone().map(move |x| (x, y))).filter(move |&(x, y)| laid.holds(x, y, reach))
}

/// Most shifts tried along one side.
const MOST_SHIFTS: usize = 9;

/// Where within `reach` a patch correlates best, to a fraction of a pixel by a parabola through three values.
pub(super) fn locate(base: &Picture, laid: &Picture, (x, y): (usize, usize), reach: usize) -> Sighting {
    let side = 2 * reach + 1;
    let mut tried = [0.0; MOST_SHIFTS * MOST_SHIFTS];
    let tried = &mut tried[..side * side];
    for (i, value) in tried.iter_mut().enumerate() {
        *value = base.correlation((x, y), laid, (x + i % side - reach, y + i / side - reach));
    }
    let best = (1..tried.len()).fold(0, |best, i| if tried[i] > tried[best] { i } else { best });
    let vertex = |place: usize, stride: usize| {
        if place == 0 || place + 1 == side {
            return 0.0;
        }
        let (before, here, after) = (tried[best - stride], tried[best], tried[best + stride]);
        let curve = before + after - 2.0 * here;
        if curve < 0.0 { ((before - after) / (2.0 * curve)).clamp(-0.5, 0.5) } else { 0.0 }
    };
    let (column, row) = (best % side, best / side);
    let offset = |place: usize, fraction: f64| place as f64 - reach as f64 + fraction;
    let middle = (PATCH - 1) as f64 / 2.0;
    Sighting {
        at: (x as f64 + middle, y as f64 + middle),
        shift: (offset(column, vertex(column, 1)), offset(row, vertex(row, side))),
        correlation: tried[best],
    }
}
