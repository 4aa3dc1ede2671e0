//! The dense check: laid over each other, do the pixels of two pictures agree?
//!
//! Features prove that something is shared. A copy with a banner, an emoji or a watermark on it agrees to a
//! fraction of a pixel everywhere but in blobs; another photo of the same scene agrees on the wall and the carpet
//! at best. The trap: correlation alone does not tell them apart, a second photo of a carpet correlates well; it
//! is that *one* smooth map explains nearly every patch with structure that does, and down to the grain.

use super::affine::{Affine, Point};
use super::picture::{PATCH, Picture};
use super::projective::Projective;
use crate::features::WORKING_SIDE;
use crate::features::plane::{reduce, reduced_size};
use crate::hash::Luma;

/// Standard deviation, in grey levels, from which a patch has structure to compare.
const STRUCTURE: f64 = 4.0;
/// Fewer patches than this prove nothing.
const FEWEST: usize = 12;
/// Correlation and shift, in pixels, up to which a patch agrees.
const AGREES: (f64, f64) = (0.7, 1.0);
/// Correlation and shift up to which it agrees exactly.
const EXACT: (f64, f64) = (0.9, 0.5);
/// Correlation from which a patch agrees down to the grain, and how many agreeing patches it takes to judge by it.
const FINE: (f64, usize) = (0.985, 12);

/// What the pixels say. [`super::partial`] draws the conclusion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DenseCheck {
    /// Patches compared: those with structure in both pictures, or in agreement.
    pub compared: usize,
    /// Share of them that agree under the best map, 0 to 1, at the resolution where it is highest (noise and blur
    /// hide agreement at full resolution).
    pub agreement: f64,
    /// Share of them that agree to half a pixel and nearly grey by grey, likewise.
    pub exactness: f64,
    /// Share of all patches with structure that have it in one picture only: things put on, or blurred out.
    pub covered: f64,
    /// Share of those that agree at half resolution that agree down to the grain: there noise and compression are gone,
    /// and the texture of cloth and carpet is not. 1 where too few agree to tell.
    pub grain: f64,
}

impl DenseCheck {
    /// Mean of agreement and exactness, 0 to 1. Copies stay above 0.7, even with a third of the picture covered;
    /// other photos of the same scene below 0.6.
    pub fn sameness(&self) -> f64 {
        (self.agreement + self.exactness) / 2.0
    }
}

/// Compares the pixels of two pictures along a map between their working pixels: the one that features found, or
/// one that follows from two others ([`Affine::then`]). `None` when too little of the overlap has structure. The
/// pictures may come at any resolution. About 15 ms.
pub fn check(a: &Luma, b: &Luma, map: &Affine) -> Option<DenseCheck> {
    let laid = lay(a, b, map)?;
    judge(&laid.base, &laid.other)
}

/// The map that pixels settle on, from working pixels of the first picture to those of the second, starting from
/// one that may be some pixels off. `None` for a map that flattens. Costs what [`check`] costs.
pub fn align(a: &Luma, b: &Luma, map: &Affine) -> Option<Projective> {
    let Laid { map, swapped, .. } = lay(a, b, map)?;
    if swapped { map.inverse() } else { Some(map) }
}

/// Two pictures on one grid.
struct Laid {
    base: Picture,
    other: Picture,
    /// From working pixels of the base to those of the other.
    map: Projective,
    /// Whether the base is the second picture.
    swapped: bool,
}

fn lay(a: &Luma, b: &Luma, map: &Affine) -> Option<Laid> {
    let (growth, _) = map.stretches();
    // Compared on the grid of the picture that shows the shared part smaller: nothing is enlarged.
    let swapped = growth < 1.0;
    let (reference, other, map, growth) = match swapped {
        false => (a, b, *map, growth),
        true => (b, a, map.inverse()?, 1.0 / growth),
    };
    let still = reduce(reference, WORKING_SIDE);
    let (width, height) = reduced_size(other.width(), other.height(), WORKING_SIDE);
    let longest = (f64::from(width.max(height)) / growth).max(2.0 * PATCH as f64);
    let fine = reduce(other, longest as u32);
    let coarse = fine.halved();
    let shrink = (fine.width as f64 / f64::from(width), fine.height as f64 / f64::from(height));
    let map = Projective::from_affine(&map).to_resized(shrink.0, shrink.1);

    let base = Picture::new(&still);
    let half = base.halved();
    let coarse_map = map.resized(0.5);
    let laid = Picture::warped(&coarse, &coarse_map, half.width(), half.height());
    let map = settle(&half, &laid, coarse_map, 4, 2.0).resized(2.0);
    let laid = Picture::warped(&fine, &map, base.width(), base.height());
    let map = settle(&base, &laid, map, 3, 1.0);
    let other = Picture::warped(&fine, &map, base.width(), base.height());
    Some(Laid { base, other, map: map.to_resized(1.0 / shrink.0, 1.0 / shrink.1), swapped })
}

/// A patch of the reference and where in the other picture it was found.
struct Sighting {
    at: Point,
    /// Found this far from where the map puts it, in pixels.
    shift: Point,
    correlation: f64,
}

/// Corners of all patches that can be moved by `reach` within both pictures.
fn patches(base: &Picture, laid: &Picture, reach: usize) -> impl Iterator<Item = (usize, usize)> {
    let along = |length: usize| (reach..(length + 1).saturating_sub(PATCH + reach)).step_by(PATCH);
    let (across, down) = (along(base.width()), along(base.height()));
    down.flat_map(move |y| across.clone().map(move |x| (x, y))).filter(move |&(x, y)| laid.holds(x, y, reach))
}

/// The map after moving every structured patch to where it correlates best within `reach`. Patches further than
/// `sigma` from where the others put them hardly count.
fn settle(base: &Picture, laid: &Picture, map: Projective, reach: usize, sigma: f64) -> Projective {
    let structured =
        |&(x, y): &(usize, usize)| base.deviation(x, y) >= STRUCTURE && laid.deviation(x, y) >= STRUCTURE;
    let moved: Vec<(Point, Point)> = patches(base, laid, reach)
        .filter(structured)
        .map(|corner| locate(base, laid, corner, reach))
        .filter(|sighting| sighting.correlation >= 0.6)
        .map(|Sighting { at, shift, .. }| (at, map.apply((at.0 + shift.0, at.1 + shift.1))))
        .collect();
    let mut fitted = map;
    for _ in 0..4 {
        let weighted: Vec<(Point, Point, f64)> = moved
            .iter()
            .map(|&(at, to)| {
                let (u, v) = fitted.apply(at);
                let off = ((u - to.0) * (u - to.0) + (v - to.1) * (v - to.1)) / (sigma * sigma);
                (at, to, 1.0 / ((1.0 + off) * (1.0 + off)))
            })
            .collect();
        let Some(better) = Projective::fit(&weighted) else { break };
        fitted = better;
    }
    fitted
}

/// Most shifts tried along one side.
const MOST_SHIFTS: usize = 9;

/// Where within `reach` a patch correlates best, to a fraction of a pixel by a parabola through three values.
fn locate(base: &Picture, laid: &Picture, (x, y): (usize, usize), reach: usize) -> Sighting {
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

/// Counts at one resolution.
#[derive(Default)]
struct Tally {
    agreeing: usize,
    exact: usize,
    disagreeing: usize,
    covered: usize,
    fine: usize,
}

impl Tally {
    fn of(base: &Picture, laid: &Picture) -> Self {
        let mut tally = Self::default();
        for (x, y) in patches(base, laid, 2) {
            let structure = (base.deviation(x, y), laid.deviation(x, y));
            if structure.0.max(structure.1) < STRUCTURE {
                continue;
            }
            let Sighting { shift, correlation, .. } = locate(base, laid, (x, y), 2);
            let square = shift.0 * shift.0 + shift.1 * shift.1;
            let within = |limit: (f64, f64)| correlation >= limit.0 && square <= limit.1 * limit.1;
            tally.exact += usize::from(within(EXACT));
            match (within(AGREES), structure.0.min(structure.1) >= STRUCTURE) {
                (true, _) => {
                    tally.agreeing += 1;
                    tally.fine += usize::from(correlation >= FINE.0);
                }
                (false, true) => tally.disagreeing += 1,
                (false, false) => tally.covered += 1,
            }
        }
        tally
    }

    fn compared(&self) -> usize {
        self.agreeing + self.disagreeing
    }

    /// See [`DenseCheck::grain`].
    fn grain(&self) -> f64 {
        if self.agreeing < FINE.1 { 1.0 } else { self.fine as f64 / self.agreeing as f64 }
    }
}

/// Agreement at full, half and quarter resolution; the best counts.
fn judge(base: &Picture, laid: &Picture) -> Option<DenseCheck> {
    let (half, half_laid) = (base.halved(), laid.halved());
    let tallies =
        [Tally::of(base, laid), Tally::of(&half, &half_laid), Tally::of(&half.halved(), &half_laid.halved())];
    let usable = || tallies.iter().filter(|tally| tally.compared() >= FEWEST);
    let most = |count: fn(&Tally) -> usize| {
        usable().map(|tally| count(tally) as f64 / tally.compared() as f64).fold(0.0, f64::max)
    };
    let first = usable().next()?;
    Some(DenseCheck {
        compared: first.compared(),
        agreement: most(|tally| tally.agreeing),
        exactness: most(|tally| tally.exact),
        covered: first.covered as f64 / (first.compared() + first.covered) as f64,
        grain: tallies[1].grain(),
    })
}
