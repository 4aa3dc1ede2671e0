//! Affine maps between two pictures, and the polygons they make. Pixels have their centres on whole numbers.
//!
//! A picture's rectangle therefore reaches from -0.5 to `width - 0.5`; forgetting the half shifts every overlap.

use crate::hash::Dihedral;

/// A point in pixels.
pub type Point = (f64, f64);

/// `x' = a x + b y + c`, `y' = d x + e y + f`, as `[a, b, c, d, e, f]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine(pub [f64; 6]);

impl Affine {
    /// The map of a picture of this size on itself turned.
    pub fn of_turn(turn: Dihedral, width: f64, height: f64) -> Self {
        let (right, bottom) = (width - 1.0, height - 1.0);
        Self(match turn {
            Dihedral::None => [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            Dihedral::Rot90 => [0.0, 1.0, 0.0, -1.0, 0.0, right],
            Dihedral::Rot180 => [-1.0, 0.0, right, 0.0, -1.0, bottom],
            Dihedral::Rot270 => [0.0, -1.0, bottom, 1.0, 0.0, 0.0],
            Dihedral::FlipX => [1.0, 0.0, 0.0, 0.0, -1.0, bottom],
            Dihedral::FlipY => [-1.0, 0.0, right, 0.0, 1.0, 0.0],
            Dihedral::FlipPlus1 => [0.0, 1.0, 0.0, 1.0, 0.0, 0.0],
            Dihedral::FlipMinus1 => [0.0, -1.0, bottom, -1.0, 0.0, right],
        })
    }

    /// The map of a picture on itself resized by these factors.
    pub fn of_resizing(across: f64, down: f64) -> Self {
        Self([across, 0.0, (across - 1.0) / 2.0, 0.0, down, (down - 1.0) / 2.0])
    }

    /// The similarity (turn, scale, shift; never mirrored) that takes `from` to `to`; `None` for equal points.
    pub fn through(from: [Point; 2], to: [Point; 2]) -> Option<Self> {
        let (x, y) = (from[1].0 - from[0].0, from[1].1 - from[0].1);
        let (u, v) = (to[1].0 - to[0].0, to[1].1 - to[0].1);
        let square = x * x + y * y;
        let (a, d) = ((u * x + v * y) / square, (v * x - u * y) / square);
        let c = to[0].0 - a * from[0].0 + d * from[0].1;
        let f = to[0].1 - d * from[0].0 - a * from[0].1;
        (square > 0.0).then_some(Self([a, -d, c, d, a, f]))
    }

    /// The turn that does most of what this map does.
    pub fn nearest_turn(&self) -> Dihedral {
        let [a, b, _, d, e, _] = self.0;
        let alike = |turn: Dihedral| {
            let [p, q, _, r, s, _] = Self::of_turn(turn, 1.0, 1.0).0;
            a * p + b * q + d * r + e * s
        };
        Dihedral::ALL.into_iter().fold(
            Dihedral::None,
            |best, turn| {
                if alike(turn) > alike(best) { turn } else { best }
            },
        )
    }

    /// Least squares over pairs of points: a full affine map from five pairs on, a similarity below. `None` when
    /// the points do not determine it.
    pub fn fit(pairs: &[(Point, Point)]) -> Option<Self> {
        let count = pairs.len() as f64;
        let mean = pairs.iter().fold([0.0; 4], |sum, &((x, y), (u, v))| {
            [sum[0] + x / count, sum[1] + y / count, sum[2] + u / count, sum[3] + v / count]
        });
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        let (mut ux, mut uy, mut vx, mut vy) = (0.0, 0.0, 0.0, 0.0);
        for &((x, y), (u, v)) in pairs {
            let (x, y, u, v) = (x - mean[0], y - mean[1], u - mean[2], v - mean[3]);
            (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
            (ux, uy, vx, vy) = (ux + u * x, uy + u * y, vx + v * x, vy + v * y);
        }
        let det = xx * yy - xy * xy;
        let [a, b, d, e] = if pairs.len() >= 5 && det > 1e-3 * (xx + yy) * (xx + yy) {
            [ux * yy - uy * xy, uy * xx - ux * xy, vx * yy - vy * xy, vy * xx - vx * xy].map(|sum| sum / det)
        } else if xx + yy > 0.0 {
            let (along, across) = ((ux + vy) / (xx + yy), (vx - uy) / (xx + yy));
            [along, -across, across, along]
        } else {
            return None;
        };
        Some(Self([a, b, mean[2] - a * mean[0] - b * mean[1], d, e, mean[3] - d * mean[0] - e * mean[1]]))
    }

    /// Where a point goes.
    pub fn apply(&self, (x, y): Point) -> Point {
        let [a, b, c, d, e, f] = self.0;
        (a * x + b * y + c, d * x + e * y + f)
    }

    /// First this map, then `next`.
    pub fn then(&self, next: &Self) -> Self {
        let ([a, b, _, d, e, _], [g, h, _, k, l, _]) = (self.0, next.0);
        let (c, f) = next.apply((self.0[2], self.0[5]));
        Self([g * a + h * d, g * b + h * e, c, k * a + l * d, k * b + l * e, f])
    }

    /// The way back; `None` for a map that flattens.
    pub fn inverse(&self) -> Option<Self> {
        let ([a, b, c, d, e, f], det) = (self.0, self.determinant());
        (det.abs() > 1e-12)
            .then(|| Self([e, -b, b * f - e * c, -d, a, d * c - a * f].map(|minor| minor / det)))
    }

    /// By how much areas grow; negative for a mirror image.
    pub fn determinant(&self) -> f64 {
        self.0[0] * self.0[4] - self.0[1] * self.0[3]
    }

    /// Largest and smallest factor by which lengths grow.
    pub fn stretches(&self) -> (f64, f64) {
        let [a, b, _, d, e, _] = self.0;
        // Not `hypot`, which rounds differently from platform to platform.
        let turned = ((a + e) * (a + e) + (d - b) * (d - b)).sqrt();
        let mirrored = ((a - e) * (a - e) + (d + b) * (d + b)).sqrt();
        ((turned + mirrored) / 2.0, (turned - mirrored).abs() / 2.0)
    }
}

/// The part that two pictures share under a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    /// The part of the first picture that the second shows, as fractions of its width and height.
    pub polygon_a: Vec<Point>,
    /// The part of the second picture that shows the first, likewise.
    pub polygon_b: Vec<Point>,
    /// Share of the first picture's area, 0 to 1.
    pub share_a: f64,
    /// Share of the second picture's area, 0 to 1.
    pub share_b: f64,
}

impl Overlap {
    /// The overlap of two pictures of these sizes (width, height) under a map from the first to the second; `None`
    /// when they do not meet.
    pub fn of(map: &Affine, a: Point, b: Point) -> Option<Self> {
        let back = map.inverse()?;
        let seen = clip(rectangle(a.0, a.1).into_iter().map(|point| map.apply(point)).collect(), b.0, b.1);
        let shared = area(&seen);
        let fractions = |points: &mut dyn Iterator<Item = Point>, (width, height): Point| {
            points.map(|(x, y)| ((x + 0.5) / width, (y + 0.5) / height)).collect()
        };
        (shared > 0.0).then(|| Self {
            polygon_a: fractions(&mut seen.iter().map(|&point| back.apply(point)), a),
            polygon_b: fractions(&mut seen.iter().copied(), b),
            share_a: (shared / map.determinant().abs() / (a.0 * a.1)).min(1.0),
            share_b: (shared / (b.0 * b.1)).min(1.0),
        })
    }
}

/// The rectangle of a picture, counter to the clock on screen.
pub fn rectangle(width: f64, height: f64) -> Vec<Point> {
    let (right, bottom) = (width - 0.5, height - 0.5);
    vec![(-0.5, -0.5), (-0.5, bottom), (right, bottom), (right, -0.5)]
}

/// The part of a convex polygon inside the rectangle of a picture (Sutherland and Hodgman, 1974).
pub fn clip(mut polygon: Vec<Point>, width: f64, height: f64) -> Vec<Point> {
    let edges: [fn(Point, f64) -> f64; 4] = [
        |point, _| point.0 + 0.5,
        |point, width| width - 0.5 - point.0,
        |point, _| point.1 + 0.5,
        |point, height| height - 0.5 - point.1,
    ];
    for (edge, side) in edges.into_iter().zip([width, width, height, height]) {
        let mut kept = Vec::with_capacity(polygon.len() + 1);
        for (i, &to) in polygon.iter().enumerate() {
            let from = polygon[(i + polygon.len() - 1) % polygon.len()];
            let (before, after) = (edge(from, side), edge(to, side));
            if (before >= 0.0) != (after >= 0.0) {
                let share = before / (before - after);
                kept.push((from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1)));
            }
            if after >= 0.0 {
                kept.push(to);
            }
        }
        polygon = kept;
    }
    polygon
}

/// Area of a simple polygon.
pub fn area(polygon: &[Point]) -> f64 {
    let corners = polygon.iter().zip(polygon.iter().cycle().skip(1));
    corners.map(|(p, q)| p.0 * q.1 - p.1 * q.0).sum::<f64>().abs() / 2.0
}

/// Convex hull (Andrew's monotone chain, 1979).
pub fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|p, q| p.0.total_cmp(&q.0).then(p.1.total_cmp(&q.1)));
    let turns_left = |p: Point, q: Point, r: Point| (q.0 - p.0) * (r.1 - p.1) > (q.1 - p.1) * (r.0 - p.0);
    let chain = |points: &mut dyn Iterator<Item = &Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for &point in points {
            while chain.len() >= 2 && !turns_left(chain[chain.len() - 2], chain[chain.len() - 1], point) {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = chain(&mut points.iter());
    hull.extend(chain(&mut points.iter().rev()));
    hull
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(p: Point, q: Point) -> bool {
        (p.0 - q.0).abs() < 1e-6 && (p.1 - q.1).abs() < 1e-6
    }

    proptest! {
        #[test]
        fn inverse_and_composition(values in prop::array::uniform6(-3.0f64..3.0), x in -9.0f64..9.0, y in -9.0f64..9.0) {
            let map = Affine(values);
            prop_assume!(map.determinant().abs() > 0.01);
            let back = map.inverse().unwrap();
            prop_assert!(near(map.then(&back).apply((x, y)), (x, y)));
            prop_assert!(near(back.apply(map.apply((x, y))), (x, y)));
            let (most, least) = map.stretches();
            prop_assert!((most * least - map.determinant().abs()).abs() < 1e-6);
        }

        #[test]
        fn fit_recovers_the_map(values in prop::array::uniform6(-3.0f64..3.0), angle in -3.0f64..3.0) {
            let points = [(0.0, 0.0), (9.0, 1.0), (2.0, 8.0), (7.0, 7.0), (4.0, 1.0)];
            let apply = |map: Affine, count| points[..count].iter().map(|&p| (p, map.apply(p))).collect::<Vec<_>>();
            let map = Affine(values);
            let fitted = Affine::fit(&apply(map, 5)).unwrap();
            prop_assert!(points.iter().all(|&p| near(fitted.apply(p), map.apply(p))));
            let turn = Affine([angle.cos(), -angle.sin(), 4.0, angle.sin(), angle.cos(), 1.0]);
            let pairs = apply(turn, 3);
            let fitted = Affine::fit(&pairs).unwrap();
            prop_assert!(points.iter().all(|&p| near(fitted.apply(p), turn.apply(p))));
            let through = Affine::through([pairs[0].0, pairs[1].0], [pairs[0].1, pairs[1].1]).unwrap();
            prop_assert!(points.iter().all(|&p| near(through.apply(p), turn.apply(p))));
        }

        #[test]
        fn clipped_area_is_the_share_of_points_inside(
            values in prop::array::uniform4(-2.0f64..2.0), x in -20.0f64..60.0, y in -20.0f64..60.0
        ) {
            let map = Affine([values[0], values[1], x, values[2], values[3], y]);
            prop_assume!(map.determinant().abs() > 0.1);
            let clipped = clip(rectangle(30.0, 20.0).into_iter().map(|p| map.apply(p)).collect(), 40.0, 50.0);
            let back = map.inverse().unwrap();
            let inside = (0..200 * 250).filter(|i| {
                let point = (f64::from(i % 200) / 5.0 - 0.4, f64::from(i / 200) / 5.0 - 0.4);
                let (u, v) = back.apply(point);
                (-0.5..29.5).contains(&u) && (-0.5..19.5).contains(&v)
            });
            prop_assert!((area(&clipped) - inside.count() as f64 / 25.0).abs() < 12.0);
        }
    }

    proptest! {
        #[test]
        fn a_map_near_a_turn_is_that_turn(turn in 0usize..8, angle in -0.7f64..0.7, scale in 0.1f64..9.0) {
            let turn = Dihedral::ALL[turn];
            let (sin, cos) = angle.sin_cos();
            let tilt = Affine([scale * cos, -scale * sin, 3.0, scale * sin, scale * cos, -4.0]);
            prop_assert_eq!(Affine::of_turn(turn, 30.0, 20.0).then(&tilt).nearest_turn(), turn);
        }
    }

    #[test]
    fn hull_of_a_square_with_points_inside() {
        let points = vec![(0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (1.0, 0.0)];
        assert_eq!(area(&hull(points)), 4.0);
        assert_eq!(area(&hull(vec![(1.0, 1.0)])), 0.0);
        assert_eq!(area(&hull(Vec::new())), 0.0);
    }

    #[test]
    fn turns_map_the_rectangle_on_itself() {
        for turn in Dihedral::ALL {
            let map = Affine::of_turn(turn, 30.0, 20.0);
            let corners: Vec<Point> = rectangle(30.0, 20.0).into_iter().map(|p| map.apply(p)).collect();
            assert!(corners.iter().all(|&(x, y)| x >= -0.5 && y >= -0.5), "{turn}: {corners:?}");
            assert_eq!(area(&corners), 600.0);
        }
    }
}
