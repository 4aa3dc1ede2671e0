//! Pictures laid over each other: grey values on one grid, missing where the other picture ends, and the
//! correlation of their patches.
//!
//! Sums over rectangles are kept from the corner, so the moments of any patch cost four look-ups (Crow, 1984); sums of
//! products are whole numbers, alike on every machine.

use super::projective::Projective;
use crate::features::plane::Plane;
use crate::hash::kernel::features::GREY;

/// Side of a patch in pixels.
pub(super) const PATCH: usize = 16;
const COUNT: f64 = (PATCH * PATCH) as f64;

/// Grey values in quarter levels, with running sums over rectangles from the corner.
pub(super) struct Picture {
    width: usize,
    height: usize,
    values: Vec<i16>,
    sums: Vec<[u64; 2]>,
    /// Pixels that have no value, counted likewise.
    missing: Vec<u32>,
}

impl Picture {
    /// A plane as it is.
    pub(super) fn new(plane: &Plane) -> Self {
        let value = |i: usize| (plane.values[i] / (GREY / 4)) as i16;
        Self::collect(plane.width, plane.height, |x, y| Some(value(y * plane.width + x)))
    }

    /// Picture of this size whose pixels come from where the map puts them in the plane.
    pub(super) fn warped(plane: &Plane, map: &Projective, width: usize, height: usize) -> Self {
        let (right, bottom) = (plane.width as f64 - 1.0, plane.height as f64 - 1.0);
        let at = |x: usize, y: usize| f32::from(plane.values[y * plane.width + x]);
        let mut segment = Segment::default();
        Self::collect(width, height, |x, y| {
            let (u, v) = segment.at(map, x, y);
            if !(u >= -0.5 && v >= -0.5 && u <= right + 0.5 && v <= bottom + 0.5) {
                return None;
            }
            let (u, v) = (u.clamp(0.0, right) as f32, v.clamp(0.0, bottom) as f32);
            let (left, top) = (u as usize, v as usize);
            let (next, below) = ((left + 1).min(plane.width - 1), (top + 1).min(plane.height - 1));
            let (across, down) = (u - left as f32, v - top as f32);
            let upper = at(left, top) + across * (at(next, top) - at(left, top));
            let lower = at(left, below) + across * (at(next, below) - at(left, below));
            Some(((upper + down * (lower - upper)) / f32::from(GREY / 4)) as i16)
        })
    }

    fn collect(width: usize, height: usize, mut value: impl FnMut(usize, usize) -> Option<i16>) -> Self {
        let stride = width + 1;
        let mut values = Vec::with_capacity(width * height);
        let (mut sums, mut missing) = (vec![[0; 2]; stride * (height + 1)], vec![0; stride * (height + 1)]);
        for y in 0..height {
            let (mut sum, mut gone) = ([0u64; 2], 0);
            for x in 0..width {
                let value = value(x, y);
                gone += u32::from(value.is_none());
                let value = value.unwrap_or(0);
                values.push(value);
                let grey = u64::from(value.unsigned_abs());
                sum = [sum[0] + grey, sum[1] + grey * grey];
                let (above, here) = (y * stride + x + 1, (y + 1) * stride + x + 1);
                sums[here] = [sums[above][0] + sum[0], sums[above][1] + sum[1]];
                missing[here] = missing[above] + gone;
            }
        }
        Self { width, height, values, sums, missing }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// At half the size.
    pub(super) fn halved(&self) -> Self {
        Self::collect(self.width / 2, self.height / 2, |x, y| {
            let at = |x: usize, y: usize| i32::from(self.values[y * self.width + x]);
            let (left, top) = (2 * x, 2 * y);
            let sum = at(left, top) + at(left + 1, top) + at(left, top + 1) + at(left + 1, top + 1);
            (self.gone(left, top, 2) == 0).then_some(((sum + 2) / 4) as i16)
        })
    }

    /// Pixels without value in a square.
    fn gone(&self, x: usize, y: usize, side: usize) -> u32 {
        let at = |x: usize, y: usize| self.missing[y * (self.width + 1) + x];
        at(x + side, y + side) + at(x, y) - at(x + side, y) - at(x, y + side)
    }

    /// Whether every pixel within `reach` of the patch at `(x, y)` has a value.
    pub(super) fn holds(&self, x: usize, y: usize, reach: usize) -> bool {
        let side = PATCH + 2 * reach;
        let Some((left, top)) = x.checked_sub(reach).zip(y.checked_sub(reach)) else { return false };
        left + side <= self.width && top + side <= self.height && self.gone(left, top, side) == 0
    }

    /// Mean times pixels, and squared deviation summed, of a patch.
    fn moments(&self, x: usize, y: usize) -> (f64, f64) {
        let at = |x: usize, y: usize| self.sums[y * (self.width + 1) + x];
        let (last, first) = (at(x + PATCH, y + PATCH), at(x, y));
        let (right, below) = (at(x + PATCH, y), at(x, y + PATCH));
        let [sum, squares] = [0, 1].map(|k| (last[k] + first[k] - right[k] - below[k]) as f64);
        (sum, squares - sum * sum / COUNT)
    }

    /// Standard deviation of a patch in grey levels.
    pub(super) fn deviation(&self, x: usize, y: usize) -> f64 {
        (self.moments(x, y).1 / COUNT).sqrt() / 4.0
    }

    /// Normalised cross-correlation, -1 to 1, of a patch with one of another picture; 0 when either is flat.
    pub(super) fn correlation(&self, (x, y): (usize, usize), other: &Self, (u, v): (usize, usize)) -> f64 {
        let (here, there) = (self.moments(x, y), other.moments(u, v));
        let mut products = 0i32;
        for row in 0..PATCH {
            let p = &self.values[(y + row) * self.width + x..][..PATCH];
            let q = &other.values[(v + row) * other.width + u..][..PATCH];
            products += p.iter().zip(q).map(|(&p, &q)| i32::from(p) * i32::from(q)).sum::<i32>();
        }
        let energy = here.1 * there.1;
        if energy > 0.0 { (f64::from(products) - here.0 * there.0 / COUNT) / energy.sqrt() } else { 0.0 }
    }
}

/// A map along one row: exact at every sixteenth pixel, straight between.
#[derive(Default)]
struct Segment {
    start: (f64, f64),
    step: (f64, f64),
}

impl Segment {
    const LENGTH: usize = 16;

    /// Where the map puts a pixel; to be asked row by row from left to right.
    fn at(&mut self, map: &Projective, x: usize, y: usize) -> (f64, f64) {
        let along = x % Self::LENGTH;
        if along == 0 {
            let end = map.apply(((x + Self::LENGTH) as f64, y as f64));
            self.start = map.apply((x as f64, y as f64));
            let length = Self::LENGTH as f64;
            self.step = ((end.0 - self.start.0) / length, (end.1 - self.start.1) / length);
        }
        (self.start.0 + along as f64 * self.step.0, self.start.1 + along as f64 * self.step.1)
    }
}
