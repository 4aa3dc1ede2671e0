//! Tilted queries: a picture turned by less than a quarter, as upright descriptors cannot see it.
//!
//! Descriptors find a copy that is tilted by up to about fifteen degrees. So the query, never what is stored, is also turned
//! by three angles between which no tilt is further off than eleven. The trap: features of a tilted picture lie on a larger
//! canvas; `Tilted::of_query` brings a match back to where the query itself lies.

use super::affine::Affine;
use super::geometry::{GeometricMatch, WeightedFeatures, match_any_turn, match_turned};
use crate::features::plane::{Plane, reduce, reduced_size};
use crate::features::{Features, Keypoint, QUERY, WORKING_SIDE, extract};
use crate::hash::kernel::features::GREY;
use crate::hash::{Dihedral, Luma};

/// Degrees, clockwise; the eight turns do the rest.
const ANGLES: [f64; 3] = [22.5, -22.5, 45.0];
/// Longest side, in pixels, of what is turned.
const SOURCE_SIDE: u32 = 768;
/// Grey level beyond the picture's corners.
const GROUND: u8 = 128;
/// Keypoints nearer to the picture's edge than so many of their sigmas see the ground beyond it.
const MARGIN: f64 = 3.0;

/// The features of a tilted picture, and the way to them.
#[derive(Debug, Clone)]
pub struct Tilted {
    /// In working pixels of the tilted picture.
    pub features: Features,
    /// From working pixels of the picture itself.
    map: Affine,
}

impl Tilted {
    /// The picture under every angle. About 40 ms of one core.
    pub fn all(luma: &Luma) -> Vec<Self> {
        let source = reduce(luma, SOURCE_SIDE);
        let (width, height) = reduced_size(luma.width(), luma.height(), WORKING_SIDE);
        let size = (f64::from(width), f64::from(height));
        ANGLES.iter().filter_map(|angle| Self::of(&source, size, *angle)).collect()
    }

    fn of(source: &Plane, working: (f64, f64), degrees: f64) -> Option<Self> {
        let (turned, map) = turn(source, degrees)?;
        let mut features = extract(&turned, QUERY);
        let (wide, high) = (f64::from(turned.width()), f64::from(turned.height()));
        let into_source =
            Affine::of_resizing(source.width as f64 / working.0, source.height as f64 / working.1);
        let out = Affine::of_resizing(f64::from(features.width) / wide, f64::from(features.height) / high);
        let map = into_source.then(&map).then(&out);
        let back = map.inverse()?;
        features.keypoints.retain(|keypoint| is_within(keypoint, &back, working));
        Some(Self { features, map })
    }

    /// The best match over all eight turns, between the picture itself, whose features these are, and another.
    pub fn match_any_turn(&self, query: &Features, other: WeightedFeatures) -> Option<GeometricMatch> {
        self.of_query(match_any_turn((&self.features).into(), other)?, query, other)
    }

    /// The match under one more turn.
    pub fn match_turned(
        &self,
        query: &Features,
        other: WeightedFeatures,
        turn: Dihedral,
    ) -> Option<GeometricMatch> {
        self.of_query(match_turned((&self.features).into(), other, turn)?, query, other)
    }

    fn of_query(
        &self,
        found: GeometricMatch,
        query: &Features,
        other: WeightedFeatures,
    ) -> Option<GeometricMatch> {
        let plane = found.plane.after(&self.map)?;
        let map = self.map.then(&found.map);
        GeometricMatch { turn: map.nearest_turn(), map, plane, ..found }.seen_from(query, other.features)
    }
}

/// Is a keypoint of the tilted picture clear of the edges of the picture itself?
fn is_within(keypoint: &Keypoint, back: &Affine, (width, height): (f64, f64)) -> bool {
    let (x, y) = keypoint.position();
    let (u, v) = back.apply((f64::from(x), f64::from(y)));
    let margin = MARGIN * f64::from(keypoint.sigma());
    u > margin && v > margin && u < width - margin && v < height - margin
}

/// The picture turned clockwise about its middle on a canvas that holds it, and the map to there.
fn turn(source: &Plane, degrees: f64) -> Option<(Luma, Affine)> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (source.width as f64, source.height as f64);
    let wide = (width * cos.abs() + height * sin.abs()).ceil();
    let high = (width * sin.abs() + height * cos.abs()).ceil();
    let middle = |length: f64| (length - 1.0) / 2.0;
    let (x, y, u, v) = (middle(width), middle(height), middle(wide), middle(high));
    let map = Affine([cos, -sin, u - cos * x + sin * y, sin, cos, v - sin * x - cos * y]);
    let back = map.inverse()?;
    let level = |grey: f32| (grey / f32::from(GREY)).round().min(255.0) as u8;
    let pixel = |k: usize| {
        let at = ((k % wide as usize) as f64, (k / wide as usize) as f64);
        source.between(back.apply(at)).map_or(GROUND, level)
    };
    let pixels = (0..wide as usize * high as usize).map(pixel).collect();
    Some((Luma::new(wide as u32, high as u32, pixels)?, map))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blobs of many sizes and levels.
    fn drawn(width: u32, height: u32) -> Luma {
        let blob = |k: u32| {
            let mixed = u64::from(k).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let at = |shift: u32, of: u32| f64::from((mixed >> shift) as u32 % of);
            (at(8, width), at(24, height), 4.0 + at(40, 24), at(52, 200) - 100.0)
        };
        let blobs: Vec<_> = (1..160).map(blob).collect();
        let level = |x: f64, y: f64| {
            let one = |&(u, v, size, level): &(f64, f64, f64, f64)| {
                level * (-((x - u).powi(2) + (y - v).powi(2)) / (size * size)).exp()
            };
            (128.0 + blobs.iter().map(one).sum::<f64>()).clamp(0.0, 255.0) as u8
        };
        let pixels = (0..width * height).map(|k| level(f64::from(k % width), f64::from(k / width))).collect();
        Luma::new(width, height, pixels).unwrap()
    }

    #[test]
    fn a_copy_at_any_tilt_is_matched_where_it_lies() {
        let picture = drawn(420, 340);
        let query = extract(&picture, QUERY);
        for degrees in [20.0, 33.0, 45.0, 60.0, -30.0, 110.0] {
            let (copy, _) = turn(&reduce(&picture, WORKING_SIDE), degrees).unwrap();
            let stored = extract(&copy, QUERY);
            let tilted = Tilted::all(&picture);
            let found = tilted.iter().filter_map(|tilted| tilted.match_any_turn(&query, (&stored).into()));
            let found = GeometricMatch::best(found).unwrap_or_else(|| panic!("nothing at {degrees}"));
            // The middle of the one is the middle of the other.
            let (x, y) = found.map.apply((209.5, 169.5));
            let middle = (f64::from(stored.width) / 2.0, f64::from(stored.height) / 2.0);
            assert!((x - middle.0).hypot(y - middle.1) < 4.0, "{degrees}: {x}, {y} and not {middle:?}");
            let turned = found.map.0[3].atan2(found.map.0[0]).to_degrees();
            assert!((turned - degrees).abs() < 2.0, "{degrees} is not {turned}");
            assert!(found.overlap.share_a > 0.97 && found.score > 8.0, "{degrees}: {:?}", found.overlap);
        }
    }
}
