//! Pictures laid over each other: grey values on one grid, missing where the other picture ends, and the
//! correlation of their patches.
//!
//! Sums over rectangles are kept from the corner, so the moments of any patch cost four look-ups (Crow, 1984); sums of
//! products are whole numbers, alike on every machine.

use super::affine::Affine;
use super::projective::Projective;
use crate::features::plane::Plane;
use crate::hash::Dihedral;
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

    /// A plane this many times as large, or as it is.
    pub(super) fn zoomed(plane: &Plane, zoom: f64) -> Self {
        if zoom <= 1.0 {
            return Self::new(plane);
        }
        let side = |pixels: usize| (pixels as f64 * zoom) as usize;
        let map = Projective::from_affine(&Affine::of_turn(Dihedral::None, 1.0, 1.0));
        let map = map.to_resized(1.0 / zoom, 1.0 / zoom);
        Self::warped(plane, &map, side(plane.width), side(plane.height))
    }

    /// Picture of this size whose pixels come from where the map puts them in the plane.
    pub(super) fn warped(plane: &Plane, map: &Projective, width: usize, height: usize) -> Self {
        let mut segment = Segment::default();
        let value = |grey: f32| (grey / f32::from(GREY / 4)) as i16;
        Self::collect(width, height, |x, y| plane.between(segment.at(map, x, y)).map(value))
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

    /// Grey levels of a patch, row by row.
    pub(super) fn levels(&self, x: usize, y: usize) -> impl Iterator<Item = u8> {
        let rows = (y..y + PATCH).flat_map(move |row| &self.values[row * self.width + x..][..PATCH]);
        rows.map(|&value| (value / 4).clamp(0, 255) as u8)
    }

    /// Values of a patch, row by row.
    pub(super) fn patch(&self, (x, y): (usize, usize)) -> Vec<i16> {
        (y..y + PATCH).flat_map(|row| &self.values[row * self.width + x..][..PATCH]).copied().collect()
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

#[cfg(test)]
mod tests {
    use super::super::affine::Affine;
    use super::*;
    use proptest::prelude::*;

    fn plane(seed: u64, width: usize, height: usize) -> Plane {
        let values = (0..(width * height) as u64)
            .map(|i| (i ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40)
            .map(|mixed| (mixed % 256) as u16 * GREY)
            .collect();
        Plane { width, height, values }
    }

    proptest! {
        #[test]
        fn correlation_is_pearsons(seed: u64, x in 0usize..10, y in 0usize..10, u in 0usize..10, v in 0usize..10) {
            let (one, two) = (Picture::new(&plane(seed, 30, 28)), Picture::new(&plane(seed / 3, 40, 26)));
            let patch = |picture: &Picture, x: usize, y: usize| -> Vec<f64> {
                let rows = (y..y + PATCH).flat_map(|row| &picture.values[row * picture.width + x..][..PATCH]);
                rows.map(|&value| f64::from(value)).collect()
            };
            let (p, q) = (patch(&one, x, y), patch(&two, u, v));
            let mean = |values: &[f64]| values.iter().sum::<f64>() / COUNT;
            let (mean_p, mean_q) = (mean(&p), mean(&q));
            let joint: f64 = p.iter().zip(&q).map(|(p, q)| (p - mean_p) * (q - mean_q)).sum();
            let energy = |values: &[f64], mean: f64| values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
            let slow = joint / (energy(&p, mean_p) * energy(&q, mean_q)).sqrt();
            prop_assert!((one.correlation((x, y), &two, (u, v)) - slow).abs() < 1e-6);
            prop_assert!((one.correlation((x, y), &one, (x, y)) - 1.0).abs() < 1e-9);
            let deviation = (energy(&p, mean_p) / COUNT).sqrt() / 4.0;
            prop_assert!((one.deviation(x, y) - deviation).abs() < 1e-6);
        }

        #[test]
        fn warping_by_whole_pixels_moves_them(seed: u64, dx in -5i32..6, dy in -5i32..6) {
            let plane = plane(seed, 50, 40);
            let shift = Affine([1.0, 0.0, f64::from(dx), 0.0, 1.0, f64::from(dy)]);
            let (still, laid) = (Picture::new(&plane), Picture::warped(&plane, &Projective::from_affine(&shift), 50, 40));
            for y in 0..40i32 {
                for x in 0..50i32 {
                    let (u, v) = (x + dx, y + dy);
                    let inside = (0..50).contains(&u) && (0..40).contains(&v);
                    prop_assert_eq!(laid.gone(x as usize, y as usize, 1), u32::from(!inside));
                    if inside {
                        let value = laid.values[(y * 50 + x) as usize];
                        prop_assert!((value - still.values[(v * 50 + u) as usize]).abs() <= 1);
                    }
                }
            }
            let small = laid.halved();
            prop_assert_eq!((small.width(), small.height()), (25, 20));
            prop_assert!(!laid.holds(0, 0, 1) && laid.holds(17, 12, 2));
        }
    }
}
