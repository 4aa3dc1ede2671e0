//! Which pixel of one image shows what a pixel of the other shows.
//!
//! Hashes and features say so roughly; the pixels themselves settle it to a fraction of one. The trap: settling
//! can also lead astray, on flat pictures and on repeating patterns, so every start is kept beside what became of
//! it, and the one under which the two pictures correlate best wins.

use super::lay::{Laying, SharedArea};
use super::rgb::Rgb;
use crate::features::WORKING_SIDE;
use crate::features::plane::reduced_size;
use crate::hash::Dihedral;
use crate::record::{Image, Rect, ViewKind};
use crate::verify::affine::{Affine, Overlap, Point, area, clip};
use crate::verify::geometry::{GeometricMatch, in_words};
use crate::verify::{Projective, Proof, Tier, ViewDistance, dense, distances};

/// Side of the pictures on which alignments are compared.
const TRIAL_SIDE: u32 = 320;

/// A first idea of how the first image lies on the second, in pixels of the files.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    transform: Dihedral,
    map: Affine,
    rect_a: Rect,
    rect_b: Rect,
}

impl Start {
    /// From the proof of a pair by hashes. `None` when the proof names no place in the image: by features only, or
    /// in a further frame of an animation.
    pub fn of_proof(a: &Image, b: &Image, proof: &Proof) -> Option<Self> {
        if proof.tier == Tier::SameFile {
            return Some(Self::of_rects(whole(a), whole(b), Dihedral::None));
        }
        let bits = proof.distance?;
        let won = |line: &ViewDistance| {
            (line.view_a, line.view_b, line.transform, line.distance)
                == (proof.view_a, proof.view_b, proof.transform, bits)
        };
        let line = distances(a, b).into_iter().find(won)?;
        let drawn = ![line.view_a, line.view_b].contains(&ViewKind::Frame);
        drawn.then(|| Self::of_rects(line.rect_a, line.rect_b, line.transform))
    }

    /// From a match of local features of two images of these sizes (width, height).
    pub fn of_features(found: &GeometricMatch, a: (u32, u32), b: (u32, u32)) -> Self {
        let full = |(width, height)| Rect { x: 0, y: 0, width, height };
        let (up_a, up_b) = (to_working(a), to_working(b));
        let map = up_a.then(&found.map).then(&up_b.inverse().expect("a resize has a way back"));
        Self { transform: found.turn, map, rect_a: full(a), rect_b: full(b) }
    }

    /// One rectangle, transformed, fills the other.
    fn of_rects(rect_a: Rect, rect_b: Rect, transform: Dihedral) -> Self {
        let size = |rect: Rect| (f64::from(rect.width), f64::from(rect.height));
        let ((from_x, from_y), (to_x, to_y)) = (size(rect_a), size(rect_b));
        let (mapped_x, mapped_y) = if transform.transposes() { (from_y, from_x) } else { (from_x, from_y) };
        let shift = |x: u32, y: u32, sign: f64| {
            Affine([1.0, 0.0, sign * f64::from(x), 0.0, 1.0, sign * f64::from(y)])
        };
        let map = shift(rect_a.x, rect_a.y, -1.0)
            .then(&Affine::of_turn(transform, from_x, from_y))
            .then(&resize(to_x / mapped_x, to_y / mapped_y))
            .then(&shift(rect_b.x, rect_b.y, 1.0));
        Self { transform, map, rect_a, rect_b }
    }
}

fn whole(image: &Image) -> Rect {
    Rect { x: 0, y: 0, width: image.width, height: image.height }
}

/// From pixels of a picture to those of the picture resized; centres lie on whole numbers.
fn resize(sx: f64, sy: f64) -> Affine {
    Affine([sx, 0.0, 0.5 * sx - 0.5, 0.0, sy, 0.5 * sy - 0.5])
}

fn to_working((width, height): (u32, u32)) -> Affine {
    let (across, down) = reduced_size(width, height, WORKING_SIDE);
    resize(f64::from(across) / f64::from(width), f64::from(down) / f64::from(height))
}

/// How the first image lies on the second.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// The transform of the first image that brings it closest to the second.
    pub transform: Dihedral,
    /// From pixels of the first image to those of the second.
    pub map: Projective,
    /// Part of the first image that was compared.
    pub rect_a: Rect,
    /// Part of the second.
    pub rect_b: Rect,
    /// What the two share.
    pub overlap: Overlap,
    /// Correlation of grey values over the shared part, -1 to 1.
    pub correlation: f64,
    /// The map near the middle of the shared part.
    slope: Affine,
}

impl Alignment {
    /// The best of all starts and of what pixels make of them; `None` without a start, or when the images do not
    /// meet under any. About 60 ms a start.
    pub fn new(a: &Rgb, b: &Rgb, starts: &[Start]) -> Option<Self> {
        let (luma_a, luma_b) = (a.luma(), b.luma());
        let small = (to_working((a.width, a.height)), to_working((b.width, b.height)));
        let settled = |start: &Start| {
            let map = small.0.inverse()?.then(&start.map).then(&small.1);
            let (up_a, up_b) = (stretch(&small.0), stretch(&small.1));
            dense::align(&luma_a, &luma_b, &Projective::from_affine(&map))?
                .from_resized(up_a.0, up_a.1)
                .map(|map| map.to_resized(up_b.0, up_b.1))
        };
        let tried = starts.iter().flat_map(|start| {
            let plain = Some(Projective::from_affine(&start.map));
            [settled(start), plain].into_iter().flatten().filter_map(|map| Self::tried(a, b, start, map))
        });
        tried.reduce(|best, next| if next.correlation > best.correlation { next } else { best })
    }

    fn tried(a: &Rgb, b: &Rgb, start: &Start, map: Projective) -> Option<Self> {
        let (overlap, middle) = shared(&map, start, (a.width, a.height), (b.width, b.height))?;
        let slope = map.near(middle).filter(|slope| slope.determinant().abs() > 1e-6)?;
        let (transform, rect_a, rect_b) = (start.transform, start.rect_a, start.rect_b);
        let mut alignment = Self { transform, map, rect_a, rect_b, overlap, correlation: 0.0, slope };
        alignment.correlation = SharedArea::of(a, b, &alignment.laying(), TRIAL_SIDE).correlation();
        Some(alignment)
    }

    /// How many pixels of the second image show what one of the first shows, along a side.
    pub(super) fn growth(&self) -> f64 {
        self.slope.determinant().abs().sqrt()
    }

    /// What laying one over the other needs to know.
    pub(super) fn laying(&self) -> Laying {
        Laying { map: self.map, rect_a: self.rect_a, rect_b: self.rect_b, growth: self.growth() }
    }

    /// The transform and the overlap for a reader.
    pub fn words(&self) -> String {
        in_words(self.transform, &self.slope, &self.overlap)
    }
}

/// Factors from the small picture back to the whole.
fn stretch(small: &Affine) -> (f64, f64) {
    (1.0 / small.0[0], 1.0 / small.0[4])
}

/// The overlap within both rectangles, and its middle in the first image.
fn shared(map: &Projective, start: &Start, a: (u32, u32), b: (u32, u32)) -> Option<(Overlap, Point)> {
    let back = map.inverse()?;
    let corners = corners(start.rect_a);
    if corners.iter().any(|&corner| map.near(corner).is_none()) {
        return None;
    }
    let (left, top) = (f64::from(start.rect_b.x), f64::from(start.rect_b.y));
    let moved =
        corners.into_iter().map(|corner| map.apply(corner)).map(|(x, y)| (x - left, y - top)).collect();
    let inside = clip(moved, f64::from(start.rect_b.width), f64::from(start.rect_b.height));
    let on_b: Vec<Point> = inside.into_iter().map(|(x, y)| (x + left, y + top)).collect();
    let on_a: Vec<Point> = on_b.iter().map(|&point| back.apply(point)).collect();
    let count = on_a.len() as f64;
    let middle =
        on_a.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / count, sum.1 + point.1 / count));
    let fractions = |points: &[Point], (width, height): (u32, u32)| -> Vec<Point> {
        points.iter().map(|(x, y)| ((x + 0.5) / f64::from(width), (y + 0.5) / f64::from(height))).collect()
    };
    let (polygon_a, polygon_b) = (fractions(&on_a, a), fractions(&on_b, b));
    let (share_a, share_b) = (area(&polygon_a).min(1.0), area(&polygon_b).min(1.0));
    (share_a > 0.0 && share_b > 0.0).then_some((Overlap { polygon_a, polygon_b, share_a, share_b }, middle))
}

/// Counter to the clock on screen.
fn corners(rect: Rect) -> Vec<Point> {
    let (left, top) = (f64::from(rect.x) - 0.5, f64::from(rect.y) - 0.5);
    let (right, bottom) = (left + f64::from(rect.width), top + f64::from(rect.height));
    vec![(left, top), (left, bottom), (right, bottom), (right, top)]
}
