//! What agrees between two pictures laid over each other, patch by patch, and of what kind it is.
//!
//! That something agrees proves nothing yet: two screenshots of one site agree in every line of its menus. So patches of
//! continuous tone ([`Texture::Photo`]) are counted by themselves, and count as agreeing only if they still do *within*
//! their lighter and their darker parts: what a watermark has in common with itself on two photos is which pixels are
//! light. The trap: a patch of tone in one picture and of ink in the other is no disagreement; that is how stickers,
//! bars and mosaics look. They take tone from one picture; where each has tone that the other has not, things were
//! exchanged: two garments on one floor.

use super::patch_search::{STRUCTURE, Sighting, locate, patches};
use super::picture::{PATCH, Picture};
use crate::features::texture::{Texture, TextureMap, of_levels};

/// How far a patch is moved to find where it agrees best.
const REACH: usize = 2;
/// Correlation and shift, in pixels, up to which a patch agrees.
const AGREES: (f64, f64) = (0.7, 1.0);
/// Correlation and shift up to which it agrees exactly.
const EXACT: (f64, f64) = (0.9, 0.5);
/// Correlation from which a patch agrees down to the grain.
const GRAIN: f64 = 0.985;
/// Correlation and shift up to which a patch is the same to the last detail.
const FINE: (f64, f64) = (GRAIN, 0.25);
/// Correlation from which tone agrees within the lighter and the darker part of a patch.
const WITHIN: f64 = 0.5;

/// Patches that agree and patches that do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// How many agree.
    pub agree: u32,
    /// How many differ.
    pub differ: u32,
}

impl Count {
    fn add(&mut self, agrees: bool) {
        self.agree += u32::from(agrees);
        self.differ += u32::from(!agrees);
    }

    /// All of them.
    pub fn all(&self) -> u32 {
        self.agree + self.differ
    }

    /// Share that agrees; 0 of none.
    pub fn share(&self) -> f64 {
        f64::from(self.agree) / f64::from(self.all().max(1))
    }
}

/// Counts at one resolution.
#[derive(Default)]
pub(super) struct Tally {
    /// Of any kind, with structure in both pictures or in agreement.
    pub(super) any: Count,
    pub(super) exact: u32,
    /// With structure in one picture only, and not in agreement.
    pub(super) covered: u32,
    /// Of those that agree, how many do down to the grain.
    pub(super) grain: u32,
    /// Continuous tone in both; what was exchanged differs.
    pub(super) photo: Count,
    /// Of the tone that agrees, how much is the same to the last detail.
    pub(super) fine: u32,
    /// Tone in one, ink or nothing in the other.
    pub(super) mixed: Count,
    /// Ink with structure in both, tone in neither.
    pub(super) design: Count,
    /// Ink outside the rectangle that holds the tone that agrees; in one picture only, it differs.
    pub(super) around: Count,
    /// Of patches with structure in both that agree: how far off they were found, and how well they correlate.
    pub(super) agreeing: Vec<(f64, f64)>,
}

impl Tally {
    pub(super) fn of(base: &Picture, laid: &Picture) -> Self {
        let mut tally = Self::default();
        let kinds = (kinds(base, laid), kinds(laid, laid));
        let (mut tone, mut ink, mut alone) = (Vec::new(), Vec::new(), [Vec::new(), Vec::new()]);
        for (x, y) in patches(base, laid, REACH) {
            let structure = (base.deviation(x, y), laid.deviation(x, y));
            if structure.0.max(structure.1) < STRUCTURE {
                continue;
            }
            let found = locate(base, laid, (x, y), REACH);
            let both = structure.0.min(structure.1) >= STRUCTURE;
            tally.count(&found, both);
            let place = |map: &TextureMap| (y - REACH) / PATCH * map.across() + (x - REACH) / PATCH;
            let kind = |map: &TextureMap| map.kinds()[place(map)];
            let kinds = (kind(&kinds.0), kind(&kinds.1));
            let before = (tally.photo.agree, tally.mixed.differ);
            tally.count_by_kind(&found, both, kinds, || {
                within(base, (x, y), laid, found.place((x, y))) >= WITHIN
            });
            if tally.photo.agree > before.0 {
                tone.push((x, y));
            }
            if tally.mixed.differ > before.1 {
                alone[usize::from(kinds.1 == Texture::Photo)].push((x, y));
            }
            let is_ink = [kinds.0, kinds.1].contains(&Texture::Design);
            if is_ink && kinds.0 != Texture::Photo && kinds.1 != Texture::Photo {
                ink.push(((x, y), both && found.correlation >= AGREES.0));
            }
        }
        let inside = Within::of(&tone);
        ink.iter().filter(|(at, _)| !inside.holds(*at)).for_each(|(_, agrees)| tally.around.add(*agrees));
        let within = |places: &Vec<_>| places.iter().filter(|at| inside.holds(**at)).count() as u32;
        tally.count_exchanged(alone.each_ref().map(within));
        tally
    }

    /// Patches within a photo with tone in one of the two alone. What was put on a copy takes tone from one; as much in
    /// either is something else in its place, and differs.
    fn count_exchanged(&mut self, alone: [u32; 2]) {
        let exchanged = 2 * alone[0].min(alone[1]);
        self.mixed.differ -= exchanged;
        self.photo.differ += exchanged;
    }

    fn count(&mut self, found: &Sighting, both: bool) {
        self.exact += u32::from(found.within(EXACT));
        match (found.within(AGREES), both) {
            (true, _) => {
                self.any.agree += 1;
                self.agreeing.extend(both.then(|| (found.shift.0.hypot(found.shift.1), found.correlation)));
                self.grain += u32::from(found.correlation >= GRAIN);
            }
            (false, true) => self.any.differ += 1,
            (false, false) => self.covered += 1,
        }
    }

    fn count_by_kind(
        &mut self,
        found: &Sighting,
        both: bool,
        kinds: (Texture, Texture),
        tone_agrees: impl FnOnce() -> bool,
    ) {
        let agrees = found.within(AGREES);
        match kinds {
            (Texture::Photo, Texture::Photo) => {
                let agrees = agrees && tone_agrees();
                self.photo.add(agrees);
                self.fine += u32::from(agrees && found.within(FINE));
            }
            (Texture::Photo, _) | (_, Texture::Photo) => self.mixed.add(agrees),
            (Texture::Flat, Texture::Flat) => {}
            // A straight line agrees with itself anywhere along it: for ink, where it agrees says nothing.
            _ if found.correlation >= AGREES.0 => self.design.add(true),
            _ if both => self.design.add(false),
            _ => {}
        }
    }
}

/// Corners of the patches within a photo: left, top, right, bottom, all included. A patch over its edge is within.
struct Within([usize; 4]);

/// Of so many patches of tone one at each end is a stray.
const STRAY: usize = 50;

impl Within {
    fn of(tone: &[(usize, usize)]) -> Self {
        let ends = |mut along: Vec<usize>| {
            along.sort_unstable();
            let stray = along.len() / STRAY;
            let (first, last) = (along.get(stray)?, along.get(along.len() - 1 - stray)?);
            Some((first.saturating_sub(PATCH), last + PATCH))
        };
        let across = ends(tone.iter().map(|at| at.0).collect());
        let down = ends(tone.iter().map(|at| at.1).collect());
        let ends = across.zip(down).map(|((left, right), (top, bottom))| [left, top, right, bottom]);
        Self(ends.unwrap_or([usize::MAX, usize::MAX, 0, 0]))
    }

    fn holds(&self, (x, y): (usize, usize)) -> bool {
        let [left, top, right, bottom] = self.0;
        (left..=right).contains(&x) && (top..=bottom).contains(&y)
    }
}

/// The kinds of the patches of a picture that can be compared; those beyond the end of `laid` are flat.
fn kinds(picture: &Picture, laid: &Picture) -> TextureMap {
    let along = |length: usize| (REACH..(length + 1).saturating_sub(PATCH + REACH)).step_by(PATCH);
    let (across, down) = (along(picture.width()), along(picture.height()));
    let kind = |x: usize, y: usize| match laid.holds(x, y, 0) {
        true => of_levels(picture.levels(x, y)),
        false => Texture::Flat,
    };
    let count = across.clone().count();
    TextureMap::new(count, down.flat_map(|y| across.clone().map(move |x| kind(x, y))).collect())
}

/// Rounds of finding the middle between the lighter and the darker part.
const ROUNDS: usize = 4;

/// Correlation, -1 to 1, of what is left of two patches when the mean of the lighter and that of the darker part are
/// taken off each; 0 where nothing is left. Lighter and darker is what both patches together say, by two means (Lloyd).
fn within(base: &Picture, at: (usize, usize), laid: &Picture, to: (usize, usize)) -> f64 {
    let (p, q) = (base.patch(at), laid.patch(to));
    let (one, other) = (Scaled::of(&p), Scaled::of(&q));
    let both: Vec<f64> = p.iter().zip(&q).map(|(&p, &q)| one.of_value(p) + other.of_value(q)).collect();
    let mut cut = 0.0;
    for _ in 0..ROUNDS {
        let (mut sums, mut counts) = ([0.0f64; 2], [0.0f64; 2]);
        for &value in &both {
            let part = usize::from(value > cut);
            sums[part] += value;
            counts[part] += 1.0;
        }
        if counts.contains(&0.0) {
            return 0.0;
        }
        cut = (sums[0] / counts[0] + sums[1] / counts[1]) / 2.0;
    }
    let mut parts = [Moments::default(), Moments::default()];
    for ((&p, &q), &value) in p.iter().zip(&q).zip(&both) {
        parts[usize::from(value > cut)].add(f64::from(p), f64::from(q));
    }
    let [pp, pq, qq] = [0, 1, 2].map(|k| parts.iter().map(|part| part.central()[k]).sum::<f64>());
    if pp > 0.0 && qq > 0.0 { pq / (pp * qq).sqrt() } else { 0.0 }
}

/// Values less their mean, in standard deviations.
struct Scaled {
    mean: f64,
    deviation: f64,
}

impl Scaled {
    fn of(values: &[i16]) -> Self {
        let (sum, squares) = values.iter().fold((0i64, 0i64), |(sum, squares), &value| {
            (sum + i64::from(value), squares + i64::from(value) * i64::from(value))
        });
        let (n, mean) = (values.len() as f64, sum as f64 / values.len() as f64);
        Self { mean, deviation: (squares as f64 / n - mean * mean).max(1e-9).sqrt() }
    }

    fn of_value(&self, value: i16) -> f64 {
        (f64::from(value) - self.mean) / self.deviation
    }
}

/// Sums of two values and their products.
#[derive(Default)]
struct Moments {
    n: f64,
    sums: [f64; 2],
    products: [f64; 3],
}

impl Moments {
    fn add(&mut self, p: f64, q: f64) {
        self.n += 1.0;
        self.sums = [self.sums[0] + p, self.sums[1] + q];
        self.products = [self.products[0] + p * p, self.products[1] + p * q, self.products[2] + q * q];
    }

    /// Squares and product of the deviations from the means, summed.
    fn central(&self) -> [f64; 3] {
        let ([p, q], n) = (self.sums, self.n.max(1.0));
        let [pp, pq, qq] = self.products;
        [pp - p * p / n, pq - p * q / n, qq - q * q / n]
    }
}
