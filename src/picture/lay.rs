//! One picture laid over another, and how far the two differ.
//!
//! Both are sampled by the same filter onto one grid, so that a difference is a difference of the pictures and not
//! of two ways of resizing. Several samples a pixel where the source is finer than the grid.

use super::rgb::Rgb;
use crate::record::Rect;
use crate::verify::Projective;
use crate::verify::affine::Point;

/// Colour where a picture has nothing to show.
const NOTHING: [u8; 3] = [200, 200, 200];
/// Most samples along one side of a pixel.
const MOST_SAMPLES: u32 = 4;
/// Differences are small to the eye; they are shown this many times as large.
const AMPLIFIED: u8 = 2;

/// How one image lies on another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Laying {
    /// From pixels of the first image to those of the second.
    pub(super) map: Projective,
    /// Part of the first image that is compared.
    pub(super) rect_a: Rect,
    /// Part of the second.
    pub(super) rect_b: Rect,
    /// Pixels of the second image that show what one of the first shows, along a side.
    pub(super) growth: f64,
}

/// The shared part of two images on the grid of the first.
#[derive(Debug, Clone)]
pub(super) struct SharedArea {
    pub(super) a: Rgb,
    /// The second image as the first shows it.
    pub(super) laid: Rgb,
    /// Which pixels both show.
    pub(super) both: Vec<bool>,
    /// The two as the coarser of them would show them both, or fine detail would count as a difference.
    alike: [Rgb; 2],
}

/// Scales, from pixels of the files to pixels shown, that make the shared part equally large in both. The longest
/// side shown is at most `side`; the finer image is not enlarged.
pub(super) fn scales(a: &Rgb, b: &Rgb, growth: f64, side: u32) -> (f64, f64) {
    let longest = |picture: &Rgb| f64::from(picture.width.max(picture.height));
    let fits = (f64::from(side) / longest(a)).min(f64::from(side) * growth / longest(b));
    let scale = fits.min(growth.max(1.0));
    (scale, scale / growth)
}

/// Size of a picture shown at this scale.
pub(super) fn shown_size(picture: &Rgb, scale: f64) -> (u32, u32) {
    let scaled = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    (scaled(picture.width), scaled(picture.height))
}

/// The whole picture at this size.
pub(super) fn shown(picture: &Rgb, (width, height): (u32, u32)) -> Rgb {
    let map = from_shown(picture, (width, height));
    sample(picture, (width, height), &map, |_| true).0
}

/// From pixels shown to pixels of the picture.
fn from_shown(picture: &Rgb, (width, height): (u32, u32)) -> Projective {
    let (sx, sy) =
        (f64::from(picture.width) / f64::from(width), f64::from(picture.height) / f64::from(height));
    Projective::from_affine(&crate::verify::affine::Affine([
        sx,
        0.0,
        0.5 * sx - 0.5,
        0.0,
        sy,
        0.5 * sy - 0.5,
    ]))
}

impl SharedArea {
    pub(super) fn of(a: &Rgb, b: &Rgb, laying: &Laying, side: u32) -> Self {
        let (scale_a, scale_b) = scales(a, b, laying.growth, side);
        let size = shown_size(a, scale_a);
        let back = from_shown(a, size);
        let lay = |b: &Rgb, factors: (f64, f64)| {
            let (sx, sy) = (f64::from(size.0) / f64::from(a.width), f64::from(size.1) / f64::from(a.height));
            let map = laying.map.from_resized(sx, sy).unwrap_or(laying.map);
            let wanted = |at| holds(laying.rect_a, back.apply(at)) && holds(laying.rect_b, map.apply(at));
            sample(b, size, &map.to_resized(factors.0, factors.1), wanted)
        };
        let (laid, both) = lay(b, (1.0, 1.0));
        let a_shown = shown(a, size);
        let coarse_a = coarsened(a, scale_a, scale_b).map(|coarse| shown(&coarse, size));
        let coarse_b = coarsened(b, scale_b, scale_a).map(|coarse| {
            let factor = |to: u32, from: u32| f64::from(to) / f64::from(from);
            lay(&coarse, (factor(coarse.width, b.width), factor(coarse.height, b.height))).0
        });
        let alike = [coarse_a.unwrap_or_else(|| a_shown.clone()), coarse_b.unwrap_or_else(|| laid.clone())];
        Self { a: a_shown, laid, both, alike }
    }

    /// Pearson's correlation of the grey values that both show; 0 when one of them is flat.
    pub(super) fn correlation(&self) -> f64 {
        let grey = |pixel: &[u8]| {
            f64::from(u32::from(pixel[0]) + 2 * u32::from(pixel[1]) + u32::from(pixel[2])) / 4.0
        };
        let (mut count, mut sums) = (0.0, [0.0; 5]);
        for (p, q) in self.pixels() {
            let (x, y) = (grey(p), grey(q));
            count += 1.0;
            for (sum, value) in sums.iter_mut().zip([x, y, x * x, y * y, x * y]) {
                *sum += value;
            }
        }
        let [x, y, xx, yy, xy] = sums;
        let (energy_x, energy_y) = (count * xx - x * x, count * yy - y * y);
        if energy_x > 0.0 && energy_y > 0.0 {
            (count * xy - x * y) / (energy_x * energy_y).sqrt()
        } else {
            0.0
        }
    }

    /// The pixels that both show.
    fn pixels(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let [a, b] = self.alike.each_ref().map(|picture| picture.pixels.chunks_exact(3));
        a.zip(b).zip(&self.both).filter(|(_, both)| **both).map(|(pixels, _)| pixels)
    }

    /// Where the two differ, black where they do not; and the median difference in levels of 255, which things put
    /// on a copy do not move.
    pub(super) fn difference(&self) -> (Rgb, u8) {
        let mut picture = Rgb::flat(self.a.width, self.a.height, NOTHING);
        let mut levels = [0usize; 256];
        let shown = picture.pixels.chunks_exact_mut(3).zip(&self.both).filter(|(_, both)| **both);
        for ((out, _), (p, q)) in shown.zip(self.pixels()) {
            for k in 0..3 {
                let apart = p[k].abs_diff(q[k]);
                levels[usize::from(apart)] += 1;
                out[k] = apart.saturating_mul(AMPLIFIED);
            }
        }
        let (mut seen, half) = (0, levels.iter().sum::<usize>() / 2);
        let median = (0..=255).find(|&level| {
            seen += levels[usize::from(level)];
            seen > half
        });
        (picture, median.unwrap_or(0))
    }
}

/// The picture as coarse as another that is enlarged by `other`, where this one is shown at `scale`; `None` where
/// the other is not enlarged.
fn coarsened(picture: &Rgb, scale: f64, other: f64) -> Option<Rgb> {
    let longest = f64::from(picture.width.max(picture.height)) * scale / other;
    (other > 1.1).then(|| picture.reduced(longest.round() as u32))
}

fn holds(rect: Rect, (x, y): Point) -> bool {
    let (left, top) = (f64::from(rect.x) - 0.5, f64::from(rect.y) - 0.5);
    (left..left + f64::from(rect.width)).contains(&x) && (top..top + f64::from(rect.height)).contains(&y)
}

/// A picture of this size whose pixels come from where the map puts them in the source, and which of them are
/// `wanted`.
fn sample(
    source: &Rgb,
    (width, height): (u32, u32),
    map: &Projective,
    wanted: impl Fn(Point) -> bool,
) -> (Rgb, Vec<bool>) {
    let growth =
        map.near((f64::from(width) / 2.0, f64::from(height) / 2.0)).map_or(1.0, |slope| slope.stretches().0);
    let reduced;
    let (source, map) = if growth > f64::from(MOST_SAMPLES) {
        let longest = f64::from(source.width.max(source.height)) * f64::from(MOST_SAMPLES) / growth;
        reduced = source.reduced(longest.ceil() as u32);
        let factor = |to: u32, from: u32| f64::from(to) / f64::from(from);
        let factors = (factor(reduced.width, source.width), factor(reduced.height, source.height));
        (&reduced, map.to_resized(factors.0, factors.1))
    } else {
        (source, *map)
    };
    let samples = (growth - 1e-6).ceil().clamp(1.0, f64::from(MOST_SAMPLES)) as u32;
    let mut picture = Rgb::flat(width, height, NOTHING);
    let mut shows = vec![false; width as usize * height as usize];
    for (shown, i) in shows.iter_mut().zip(0..) {
        let (x, y) = (i % width, i / width);
        *shown = wanted((f64::from(x), f64::from(y)));
        if *shown {
            picture.set(x, y, mean(source, &map, (x, y), samples));
        }
    }
    (picture, shows)
}

/// Mean of the samples of one pixel.
fn mean(source: &Rgb, map: &Projective, (x, y): (u32, u32), samples: u32) -> [u8; 3] {
    let mut sums = [0.0f64; 3];
    let offset = |k: u32| (f64::from(k) + 0.5) / f64::from(samples) - 0.5;
    for row in 0..samples {
        for column in 0..samples {
            let colour =
                between(source, map.apply((f64::from(x) + offset(column), f64::from(y) + offset(row))));
            for (sum, value) in sums.iter_mut().zip(colour) {
                *sum += value;
            }
        }
    }
    sums.map(|sum| (sum / f64::from(samples * samples)).round() as u8)
}

/// Bilinear between the four nearest pixels.
fn between(source: &Rgb, (x, y): Point) -> [f64; 3] {
    let (right, bottom) = (f64::from(source.width - 1), f64::from(source.height - 1));
    let (x, y) = (x.clamp(0.0, right), y.clamp(0.0, bottom));
    let (left, top) = (x as u32, y as u32);
    let (next, below) = ((left + 1).min(source.width - 1), (top + 1).min(source.height - 1));
    let (across, down) = (x - f64::from(left), y - f64::from(top));
    let corners =
        [source.at(left, top), source.at(next, top), source.at(left, below), source.at(next, below)];
    std::array::from_fn(|k| {
        let [p, q, r, s] = corners.map(|corner| f64::from(corner[k]));
        let (upper, lower) = (p + across * (q - p), r + across * (s - r));
        upper + down * (lower - upper)
    })
}
