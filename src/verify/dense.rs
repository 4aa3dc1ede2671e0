//! The dense check: laid over each other, do the pixels of two pictures agree?
//!
//! Features prove that something is shared. A copy with a banner, an emoji or a watermark on it agrees to a
//! fraction of a pixel everywhere but in blobs; another photo of the same scene agrees on the wall and the carpet
//! at best. The trap: correlation alone does not tell them apart, a second photo of a carpet correlates well; it
//! is that *one* smooth map explains nearly every patch with structure that does, and down to the grain.

use super::affine::Point;
use super::patch_search::{STRUCTURE, Sighting, locate, patches};
use super::picture::{PATCH, Picture};
use super::projective::Projective;
use super::tally::{Count, Tally};
use crate::features::WORKING_SIDE;
use crate::features::plane::{Plane, reduce, reduced_size};
use crate::hash::Luma;

/// Fewer patches than this prove nothing.
const FEWEST: u32 = 12;
/// How many agreeing patches it takes to judge by the grain,
const FEWEST_GRAIN: u32 = 12;
/// and by the last detail.
const FEWEST_FINE: u32 = 8;
/// and by where patches lie.
const FEWEST_STILL: usize = 8;
/// The drift of pictures of which too little agrees to tell, in pixels.
pub const FAR_OFF: f64 = 9.0;
/// Pictures are enlarged until their longer side has so many pixels, though at most so many times: a patch of a small
/// portrait is half a face, and a pixel of it is a wide tolerance.
const LEAST_SIDE: f64 = 320.0;
const MOST_ZOOM: f64 = 4.0;

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
    /// Patches of continuous tone in both pictures, at the resolution at which the largest share agrees.
    pub photo: Count,
    /// Patches of tone in one picture and of something else in the other, at the same resolution.
    pub mixed: Count,
    /// Patches of ink and no tone, at full resolution.
    pub design: Count,
    /// Patches of ink outside the part in which tone agrees, at full resolution; ink in one picture only differs.
    pub around: Count,
    /// Share of the tone that agrees that is the same to the last detail. Copies of good quality have more than half;
    /// other shots of the same scene hardly any, but so have copies that were blurred, filtered or photographed.
    pub fine: f64,
    /// Share of the picture in which less is shown, that the tone that agrees covers.
    pub photo_area: f64,
    /// How far from where the map puts them agreeing patches are found, in pixels of the compared picture: the median, at the
    /// resolution where it is least, [`FAR_OFF`] of too few. Copies of one shot lie within an eighth of a pixel, softened ones
    /// within a quarter; another shot, from elsewhere or of something that moved, does not lie still under any map.
    pub drift: f64,
    /// Correlation of the patches that agree, the median, at full and at half resolution; 0 of too few.
    pub correlation: [f64; 2],
    /// Are the pictures so small that they had to be enlarged?
    pub enlarged: bool,
}

impl DenseCheck {
    /// Mean of agreement and exactness, 0 to 1. Copies stay above 0.7, even with a third of the picture covered;
    /// other photos of the same scene mostly below 0.6.
    pub fn sameness(&self) -> f64 {
        (self.agreement + self.exactness) / 2.0
    }
}

/// Compares the pixels of two pictures along a map between their working pixels: the one that features found, or
/// one that follows from two others ([`Affine::then`](super::affine::Affine::then)). `None` when too little of the overlap has structure. The
/// pictures may come at any resolution. About 15 ms.
pub fn check(a: &Luma, b: &Luma, map: &Projective) -> Option<DenseCheck> {
    let laid = lay(a, b, map)?;
    judge(&laid.base, &laid.other).map(|check| DenseCheck { enlarged: laid.enlarged, ..check })
}

/// The map that pixels settle on, from working pixels of the first picture to those of the second, starting from
/// one that may be some pixels off. `None` for a map that flattens. Costs what [`check`] costs.
pub fn align(a: &Luma, b: &Luma, map: &Projective) -> Option<Projective> {
    let Laid { map, swapped, .. } = lay(a, b, map)?;
    if swapped { map.inverse() } else { Some(map) }
}

/// Two pictures on one grid.
struct Laid {
    base: Picture,
    other: Picture,
    /// From working pixels of the base to those of the other.
    map: Projective,
    /// Whether both were enlarged.
    enlarged: bool,
    /// Whether the base is the second picture.
    swapped: bool,
}

fn lay(a: &Luma, b: &Luma, map: &Projective) -> Option<Laid> {
    let (width, height) = reduced_size(a.width(), a.height(), WORKING_SIDE);
    let (growth, _) = map.near((f64::from(width) / 2.0, f64::from(height) / 2.0))?.stretches();
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
    let shrink = (fine.width as f64 / f64::from(width), fine.height as f64 / f64::from(height));
    let map = map.to_resized(shrink.0, shrink.1);

    let zoom = (LEAST_SIDE / still.width.max(still.height) as f64).clamp(1.0, MOST_ZOOM);
    let base = Picture::zoomed(&still, zoom);
    let map = settled(&base, &fine, map.from_resized(zoom, zoom)?);
    let other = Picture::warped(&fine, &map, base.width(), base.height());
    let map = map.from_resized(1.0 / zoom, 1.0 / zoom)?.to_resized(1.0 / shrink.0, 1.0 / shrink.1);
    Some(Laid { base, other, map, enlarged: zoom > 1.0, swapped })
}

/// The map from the base to the other picture after patches were moved to where they agree, at a quarter, half and all
/// of the resolution.
fn settled(base: &Picture, other: &Plane, map: Projective) -> Projective {
    let (half, coarse) = (base.halved(), other.halved());
    let (quarter, coarsest) = (half.halved(), coarse.halved());
    let mut map = map.resized(0.25);
    for (base, other, reach, sigma, growth) in
        [(&quarter, &coarsest, 4, 2.0, 2.0), (&half, &coarse, 4, 2.0, 2.0), (base, other, 3, 1.0, 1.0)]
    {
        let laid = Picture::warped(other, &map, base.width(), base.height());
        map = settle(base, &laid, map, reach, sigma).resized(growth);
    }
    map
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
        let Some(better) = Projective::fit(&weighted, &map) else { break };
        fitted = better;
    }
    fitted
}

/// Agreement at full, half and quarter resolution; the best counts.
fn judge(base: &Picture, laid: &Picture) -> Option<DenseCheck> {
    let (half, half_laid) = (base.halved(), laid.halved());
    let tallies =
        [Tally::of(base, laid), Tally::of(&half, &half_laid), Tally::of(&half.halved(), &half_laid.halved())];
    let usable = || tallies.iter().filter(|tally| tally.any.all() >= FEWEST);
    let most = |count: fn(&Tally) -> u32| {
        usable().map(|tally| f64::from(count(tally)) / f64::from(tally.any.all())).fold(0.0, f64::max)
    };
    let first = usable().next()?;
    let by_tone =
        tallies.iter().enumerate().filter(|(scale, tally)| *scale == 0 || tally.photo.all() >= FEWEST);
    let (scale, tone) =
        by_tone.reduce(|best, next| if next.1.photo.share() > best.1.photo.share() { next } else { best })?;
    let patch = (PATCH << scale) as f64;
    Some(DenseCheck {
        compared: first.any.all() as usize,
        agreement: most(|tally| tally.any.agree),
        exactness: most(|tally| tally.exact),
        covered: f64::from(first.covered) / f64::from(first.any.all() + first.covered),
        grain: grain(&tallies[1]),
        photo: tone.photo,
        mixed: tone.mixed,
        design: tallies[0].design,
        around: tallies[0].around,
        fine: tallies[..2].iter().map(fine).fold(0.0, f64::max),
        photo_area: f64::from(tone.photo.agree) * patch * patch / (base.width() * base.height()) as f64,
        drift: tallies
            .iter()
            .zip([1.0, 2.0, 4.0])
            .map(|(tally, scale)| scale * drift(tally))
            .fold(FAR_OFF, f64::min),
        correlation: [&tallies[0], &tallies[1]].map(correlation),
        enlarged: false,
    })
}

/// See [`DenseCheck::grain`].
fn grain(tally: &Tally) -> f64 {
    let agree = tally.any.agree;
    if agree < FEWEST_GRAIN { 1.0 } else { f64::from(tally.grain) / f64::from(agree) }
}

/// See [`DenseCheck::fine`].
fn fine(tally: &Tally) -> f64 {
    let agree = tally.photo.agree;
    if agree < FEWEST_FINE { 0.0 } else { f64::from(tally.fine) / f64::from(agree) }
}

/// See [`DenseCheck::drift`], in pixels of this resolution.
fn drift(tally: &Tally) -> f64 {
    middle(tally.agreeing.iter().map(|found| found.0)).unwrap_or(FAR_OFF)
}

/// See [`DenseCheck::correlation`].
fn correlation(tally: &Tally) -> f64 {
    middle(tally.agreeing.iter().map(|found| found.1)).unwrap_or(0.0)
}

fn middle(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    let middle = values.len() / 2;
    (values.len() >= FEWEST_STILL).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}
