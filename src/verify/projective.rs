//! Projective maps between two pictures: what a flat thing does when seen from elsewhere.
//!
//! Fitted to many patches after features have found the affine part. Pixels have their centres on whole numbers, so
//! resizing shifts by half pixels; every change of resolution goes through [`Projective::resized`].

use super::affine::{Affine, Point};

/// A projective map: `x' = (a x + b y + c) / w`, `y' = (d x + e y + f) / w`, `w = g x + h y + 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Projective([f64; 8]);

impl Projective {
    /// The same map, as a projective one.
    pub fn from_affine(map: &Affine) -> Self {
        let [a, b, c, d, e, f] = map.0;
        Self([a, b, c, d, e, f, 0.0, 0.0])
    }

    /// As eight numbers: the two numerators, then `g` and `h`.
    pub const fn numbers(&self) -> [f64; 8] {
        self.0
    }

    /// From [`Self::numbers`].
    pub const fn from_numbers(numbers: [f64; 8]) -> Self {
        Self(numbers)
    }

    /// Where a point goes.
    pub fn apply(&self, (x, y): Point) -> Point {
        let [a, b, c, d, e, f, g, h] = self.0;
        let w = g * x + h * y + 1.0;
        ((a * x + b * y + c) / w, (d * x + e * y + f) / w)
    }

    /// The same map when the target is resized by these factors.
    pub fn to_resized(self, sx: f64, sy: f64) -> Self {
        let [a, b, c, d, e, f, g, h] = self.0;
        // x'' = sx (x' + 0.5) - 0.5, and w times the constant goes into the numerator.
        let (kx, ky) = (0.5 * sx - 0.5, 0.5 * sy - 0.5);
        Self([
            sx * a + kx * g,
            sx * b + kx * h,
            sx * c + kx,
            sy * d + ky * g,
            sy * e + ky * h,
            sy * f + ky,
            g,
            h,
        ])
    }

    /// The same map when the source is resized by these factors; `None` for a map that flattens.
    pub fn from_resized(self, sx: f64, sy: f64) -> Option<Self> {
        self.inverse()?.to_resized(sx, sy).inverse()
    }

    /// The way back; `None` for a map that flattens, or that sends the origin of the target to infinity.
    pub fn inverse(self) -> Option<Self> {
        let [a, b, c, d, e, f, g, h] = self.0;
        let one = a * e - b * d;
        (one.abs() > 1e-12).then(|| {
            Self(
                [
                    e - f * h,
                    c * h - b,
                    b * f - c * e,
                    f * g - d,
                    a - c * g,
                    c * d - a * f,
                    d * h - e * g,
                    b * g - a * h,
                ]
                .map(|minor| minor / one),
            )
        })
    }

    /// How many times nearer the nearest corner of a picture of this size is than the furthest; infinite for a map that
    /// sends a corner beyond the horizon.
    pub(super) fn recedes(&self, (width, height): (f64, f64)) -> f64 {
        let [.., g, h] = self.0;
        let depths =
            [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)].map(|(x, y)| g * x + h * y + 1.0);
        let (near, far) =
            depths.iter().fold((f64::INFINITY, 0.0f64), |(near, far), &w| (near.min(w), far.max(w)));
        if near > 0.0 { far / near } else { f64::INFINITY }
    }

    /// The affine map that comes closest near a point; `None` where the point goes to infinity.
    pub fn near(&self, (x, y): Point) -> Option<Affine> {
        let [a, b, _, d, e, _, g, h] = self.0;
        let w = g * x + h * y + 1.0;
        let (u, v) = self.apply((x, y));
        let [p, q, r, s] = [a - g * u, b - h * u, d - g * v, e - h * v].map(|slope| slope / w);
        (w > 0.0).then_some(Affine([p, q, u - p * x - q * y, r, s, v - r * x - s * y]))
    }

    /// The same map when both pictures are resized by this factor.
    pub(super) fn resized(self, factor: f64) -> Self {
        let [a, b, c, d, e, f, g, h] = self.to_resized(factor, factor).0;
        // x = (x'' + 0.5) / factor - 0.5 in the source.
        let (inverse, shift) = (1.0 / factor, 0.5 / factor - 0.5);
        let one = 1.0 + (g + h) * shift;
        Self(
            [
                a * inverse,
                b * inverse,
                c + (a + b) * shift,
                d * inverse,
                e * inverse,
                f + (d + e) * shift,
                g * inverse,
                h * inverse,
            ]
            .map(|value| value / one),
        )
    }

    /// Weighted least squares over (from, to, weight), receding as `like` does where the pairs leave that open; `None` when
    /// they do not determine the rest.
    pub(super) fn fit(pairs: &[(Point, Point, f64)], like: &Self) -> Option<Self> {
        if pairs.len() < 8 {
            return None;
        }
        // Coordinates near 1 keep the equations well conditioned.
        const UNIT: f64 = 256.0;
        let mut rows = [[0.0f64; 9]; 8];
        for &((x, y), (u, v), weight) in pairs {
            let (x, y, u, v) = (x / UNIT, y / UNIT, u / UNIT, v / UNIT);
            for (equation, target) in [
                ([x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y], u),
                ([0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y], v),
            ] {
                for i in 0..8 {
                    for j in 0..8 {
                        rows[i][j] += weight * equation[i] * equation[j];
                    }
                    rows[i][8] += weight * equation[i] * target;
                }
            }
        }
        // A little pull, for pairs that all lie in one corner.
        let pull = 1e-3 * pairs.iter().map(|pair| pair.2).sum::<f64>();
        for place in [6, 7] {
            rows[place][place] += pull;
            rows[place][8] += pull * like.0[place] * UNIT;
        }
        let [a, b, c, d, e, f, g, h] = solve(rows)?;
        Some(Self([a, b, c * UNIT, d, e, f * UNIT, g / UNIT, h / UNIT]))
    }
}

/// Gaussian elimination with row exchanges.
fn solve(mut rows: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|&i, &j| rows[i][column].abs().total_cmp(&rows[j][column].abs()))?;
        rows.swap(column, pivot);
        if rows[column][column].abs() < 1e-9 {
            return None;
        }
        for i in (0..8).filter(|&i| i != column) {
            let factor = rows[i][column] / rows[column][column];
            let source = rows[column];
            rows[i].iter_mut().zip(source).for_each(|(value, other)| *value -= factor * other);
        }
    }
    Some(std::array::from_fn(|i| rows[i][8] / rows[i][i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAT: Projective = Projective([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    const MAP: Projective = Projective([0.9, 0.1, 12.0, -0.2, 1.1, 30.0, 2e-4, -1e-4]);

    fn near(p: Point, q: Point) -> bool {
        (p.0 - q.0).abs() < 1e-3 && (p.1 - q.1).abs() < 1e-3
    }

    #[test]
    fn fit_recovers_the_map() {
        let pairs: Vec<(Point, Point, f64)> = (0..64)
            .map(|i| (f64::from(i % 8) * 50.0, f64::from(i / 8) * 40.0))
            .map(|point| (point, MAP.apply(point), 1.0))
            .collect();
        let fitted = Projective::fit(&pairs, &FLAT).unwrap();
        let off = |&(from, to, _): &(Point, Point, f64)| {
            let at = fitted.apply(from);
            (at.0 - to.0).abs().max((at.1 - to.1).abs())
        };
        assert!(pairs.iter().map(off).fold(0.0, f64::max) < 0.2);
        assert_eq!(Projective::fit(&pairs[..7], &FLAT), None);
        assert_eq!(Projective::fit(&[pairs[3]; 9], &FLAT), None);
    }

    #[test]
    fn the_way_back_and_the_slope() {
        let (back, from) = (MAP.inverse().unwrap(), (80.0, 50.0));
        assert!(near(back.apply(MAP.apply(from)), from));
        let slope = MAP.near(from).unwrap();
        assert!(near(slope.apply(from), MAP.apply(from)));
        let step = (80.01, 49.99);
        assert!(near(slope.apply(step), MAP.apply(step)));
        let resized = MAP.from_resized(2.0, 3.0).unwrap();
        assert!(near(resized.apply((160.5, 151.0)), MAP.apply(from)));
        assert_eq!(Projective([1.0, 2.0, 0.0, 2.0, 4.0, 0.0, 0.0, 0.0]).inverse(), None);
    }

    #[test]
    fn resizing_keeps_the_points() {
        let (from, to) = ((80.0, 50.0), MAP.apply((80.0, 50.0)));
        let resize = |p: Point, s: f64| ((p.0 + 0.5) * s - 0.5, (p.1 + 0.5) * s - 0.5);
        assert!(near(MAP.resized(0.5).apply(resize(from, 0.5)), resize(to, 0.5)));
        assert!(near(MAP.resized(2.0).apply(resize(from, 2.0)), resize(to, 2.0)));
        let stretched = MAP.to_resized(3.0, 0.25).apply(from);
        assert!(near(stretched, (resize(to, 3.0).0, resize(to, 0.25).1)));
    }
}
