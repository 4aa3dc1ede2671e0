//! Local features of two pictures: do many of them agree on one map from the first to the second?
//!
//! Matching codes vote for similarities; the best is refined to an affine map. The `score` is *evidence*, not an
//! inlier count: near codes weigh more, keypoints that repeat within a picture or across the corpus weigh less.
//! The trap: a high score proves that something is shared, a logo or a carpet too. How much of each picture agrees
//! is said by the overlap and the coverage; that it is the same *photo*, by [`super::dense`].

use super::affine::{Affine, Overlap, Point, area, hull};
use super::projective::Projective;
use crate::features::texture::Texture;
use crate::features::{Features, Keypoint};
use crate::hash::Dihedral;
use crate::hash::kernel::features::{FeatureKernel, Nearest};
use crate::language::{current, say};

/// Codes further apart are no match.
const CODE_RADIUS: u32 = 28;
/// Fewer matches than this cannot reach any score of interest.
const FEWEST: usize = 4;
/// Matches that found hypotheses.
const SEEDS: usize = 24;
/// Least distance of the two points of a hypothesis, in pixels.
const BASELINE: f64 = 20.0;
/// Position tolerance of an inlier, in pixels.
const TOLERANCE: f64 = 5.0;
/// Fits with wide tolerance.
const WIDE_ROUNDS: usize = 4;
/// Tangent of the largest tilt of a copy, half a radian.
const MOST_TILT: f64 = 0.546;
/// Inliers from which a projective map is fitted.
const FLAT: usize = 12;
/// Fits of the projective map to all that it explains.
const PLANE_ROUNDS: usize = 6;
/// How many more matches it must explain than the affine one: times, and so many.
const PLANE_GAIN: (f64, f64) = (1.1, 1.0);
/// How many times nearer one corner of a photographed photo is than another, at the most.
const MOST_RECEDING: f64 = 2.0;
/// Blocks of tone from which it says how much of a photo is shown.
const FEWEST_TONE: u32 = 6;
/// Document frequency at which a keypoint's weight is halved.
const COMMON: f64 = 2.0;

/// Features of one picture, with how common each keypoint is.
#[derive(Debug, Clone, Copy)]
pub struct WeightedFeatures<'a> {
    /// The features.
    pub features: &'a Features,
    /// For each keypoint, in how many other photo groups it occurs; keypoints beyond the end occur in none.
    pub frequency: &'a [u8],
}

impl<'a> From<&'a Features> for WeightedFeatures<'a> {
    fn from(features: &'a Features) -> Self {
        Self { features, frequency: &[] }
    }
}

impl WeightedFeatures<'_> {
    /// By how much evidence from this keypoint is worth less than from a unique one.
    fn commonness(&self, keypoint: usize) -> f64 {
        let frequency = self.frequency.get(keypoint).copied().unwrap_or(0);
        f64::from(self.features.keypoints[keypoint].repeats) * (1.0 + f64::from(frequency) / COMMON)
    }
}

/// Two keypoints that agree with the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inlier {
    /// Keypoint of the first picture.
    pub a: u32,
    /// Keypoint of the second.
    pub b: u32,
    /// Bits between their codes.
    pub distance: u32,
}

/// How one picture maps on another by local features.
#[derive(Debug, Clone, PartialEq)]
pub struct GeometricMatch {
    /// The turn of the first picture that brings it closest to the second.
    pub turn: Dihedral,
    /// From working pixels of the first picture to those of the second, turn included.
    pub map: Affine,
    /// The same, as a flat thing seen from elsewhere where there are inliers enough to tell: where to lay pixels.
    pub plane: Projective,
    /// Agreeing keypoints, nearest codes first.
    pub inliers: Vec<Inlier>,
    /// Weight of the evidence; see [`super::partial`] for what it is worth.
    pub score: f64,
    /// That of the evidence between keypoints of continuous tone in both.
    pub tone: f64,
    /// What the two share under the map.
    pub overlap: Overlap,
    /// The largest share of either picture, or of the continuous tone in either, that the other shows: two screenshots with
    /// one photo each show much beyond the other, and of the photo nothing.
    pub whole: f64,
    /// Share of the overlap that the inliers span, 0 to 1.
    pub coverage: f64,
}

impl GeometricMatch {
    /// The transform for a reader; see [`in_words`].
    pub fn words(&self) -> String {
        in_words(self.turn, &self.map, &self.overlap)
    }

    /// The one with the highest score, the first of equals.
    pub fn best(found: impl Iterator<Item = Self>) -> Option<Self> {
        found.reduce(|best, next| if next.score > best.score { next } else { best })
    }

    /// The match of another first picture that lies where `map` and `plane` now say; the first ends of its inliers stay
    /// those of the one that was matched.
    pub(super) fn seen_from(self, a: &Features, b: &Features) -> Option<Self> {
        let (overlap, whole, coverage) = shown(&self.map, &self.inliers, a, b)?;
        Some(Self { overlap, whole, coverage, ..self })
    }

    /// How far the inliers lie from where another map puts them: the median, in pixels of the larger-scaled picture.
    /// Two maps that say the same of a sticker may say different things of the rest; this is about what matched.
    pub fn strays(&self, a: &Features, b: &Features, expected: &Affine) -> f64 {
        let stray = |inlier: &Inlier| {
            let (x, y) = expected.apply(place(&a.keypoints[inlier.a as usize]));
            let (u, v) = place(&b.keypoints[inlier.b as usize]);
            ((x - u) * (x - u) + (y - v) * (y - v)).sqrt()
        };
        let mut strays: Vec<f64> = self.inliers.iter().map(stray).collect();
        let middle = strays.len() / 2;
        let scale = expected.determinant().abs().sqrt().max(1.0);
        if strays.is_empty() { 0.0 } else { *strays.select_nth_unstable_by(middle, f64::total_cmp).1 / scale }
    }

    /// Degrees by which the first picture is tilted clockwise beyond [`Self::turn`].
    pub fn tilt(&self) -> f64 {
        tilt(self.turn, &self.map)
    }
}

/// A map for a reader: `mirrored; tilted 5 degrees clockwise; 62 % of the first image is 97 % of the second`.
pub fn in_words(turn: Dihedral, map: &Affine, overlap: &Overlap) -> String {
    let mut said = vec![turned(turn).to_string()];
    let tilt = tilt(turn, map);
    let degrees = format!("{:.0}", tilt.abs());
    if tilt >= 1.0 {
        said.push(say!("tilted {degrees} degrees clockwise", degrees = degrees));
    } else if tilt <= -1.0 {
        said.push(say!("tilted {degrees} degrees counter-clockwise", degrees = degrees));
    }
    let (most, least) = map.stretches();
    if most > 1.05 * least {
        let times = format!("{:.2}", most / least).replace('.', current().decimal_mark());
        said.push(say!("stretched {times} times one way", times = times));
    }
    let percent = |share: f64| (100.0 * share).round();
    let (a, b) = (percent(overlap.share_a), percent(overlap.share_b));
    said.push(say!("{a} % of the first image is {b} % of the second", a = a, b = b));
    said.join("; ")
}

fn turned(turn: Dihedral) -> &'static str {
    match turn {
        Dihedral::None => say!("upright"),
        Dihedral::Rot90 => say!("quarter turn counter-clockwise"),
        Dihedral::Rot180 => say!("half turn"),
        Dihedral::Rot270 => say!("quarter turn clockwise"),
        Dihedral::FlipX => say!("top and bottom swapped"),
        Dihedral::FlipY => say!("mirrored"),
        Dihedral::FlipPlus1 => say!("mirrored, quarter turn counter-clockwise"),
        Dihedral::FlipMinus1 => say!("mirrored, quarter turn clockwise"),
    }
}

fn tilt(turn: Dihedral, map: &Affine) -> f64 {
    let upright = Affine::of_turn(turn.inverse(), 1.0, 1.0).then(map);
    let [a, b, _, d, e, _] = upright.0;
    (d - b).atan2(a + e).to_degrees()
}

/// The best match over all eight turns; `None` when nothing is shared. About 0.1 ms for 100 keypoints a side.
pub fn match_any_turn(a: WeightedFeatures, b: WeightedFeatures) -> Option<GeometricMatch> {
    let found = Dihedral::ALL.into_iter().filter_map(|turn| match_turned(a, b, turn));
    GeometricMatch::best(found)
}

/// The match of the first picture turned by `turn` with the second.
pub fn match_turned(a: WeightedFeatures, b: WeightedFeatures, turn: Dihedral) -> Option<GeometricMatch> {
    let turned = a.features.turned(turn);
    let pairing = Pairing::new(&turned, b.features);
    let first = pairing.best_similarity()?;
    let (map, inliers) = pairing.refine(first)?;
    let score = inliers.iter().map(|inlier| evidence(inlier, a, b)).sum();
    let tone =
        inliers.iter().filter(|inlier| is_tone(inlier, a, b)).map(|inlier| evidence(inlier, a, b)).sum();
    let size = |features: &Features| (f64::from(features.width), f64::from(features.height));
    let from = size(a.features);
    let map = Affine::of_turn(turn, from.0, from.1).then(&map);
    let affine = Projective::from_affine(&map);
    let plane = pairing.grown(plane(&map, &inliers, a.features, b.features), affine, a.features);
    let (overlap, whole, coverage) = shown(&map, &inliers, a.features, b.features)?;
    Some(GeometricMatch { turn, map, plane, inliers, score, tone, overlap, whole, coverage })
}

/// What two pictures show of each other, how much of a photo that is, and how much of it the inliers span.
fn shown(map: &Affine, inliers: &[Inlier], a: &Features, b: &Features) -> Option<(Overlap, f64, f64)> {
    let size = |features: &Features| (f64::from(features.width), f64::from(features.height));
    let (from, to) = (size(a), size(b));
    let overlap = Overlap::of(map, from, to)?;
    let span = hull(inliers.iter().map(|inlier| place(&b.keypoints[inlier.b as usize])).collect());
    let coverage = (area(&span) / (overlap.share_b * to.0 * to.1)).min(1.0);
    let tones = [tone_shown(a, map, to), map.inverse().map_or(0.0, |back| tone_shown(b, &back, from))];
    let whole = tones.into_iter().fold(overlap.share_a.max(overlap.share_b), f64::max);
    Some((overlap, whole, coverage))
}

/// The map that the inliers make of a flat thing, if there are enough of them; else the affine one.
fn plane(map: &Affine, inliers: &[Inlier], a: &Features, b: &Features) -> Projective {
    let ends = |inlier: &Inlier| {
        (place(&a.keypoints[inlier.a as usize]), place(&b.keypoints[inlier.b as usize]), 1.0)
    };
    let pairs: Vec<(Point, Point, f64)> = inliers.iter().map(ends).collect();
    let affine = Projective::from_affine(map);
    let fitted = (pairs.len() >= FLAT).then(|| Projective::fit(&pairs, &affine)).flatten();
    fitted.unwrap_or(affine)
}

/// Share of the continuous tone of a picture that a map puts within another of this size; 0 of hardly any.
fn tone_shown(features: &Features, map: &Affine, (width, height): Point) -> f64 {
    let texture = &features.texture;
    let (across, down) = (texture.across().max(1), texture.down().max(1));
    let middle = |at: usize, of: usize, length: u16| (at as f64 + 0.5) / of as f64 * f64::from(length) - 0.5;
    let tone = texture.kinds().iter().enumerate().filter(|(_, kind)| **kind == Texture::Photo);
    let (mut all, mut shown) = (0u32, 0u32);
    for (place, _) in tone {
        let at =
            (middle(place % across, across, features.width), middle(place / across, down, features.height));
        let (x, y) = map.apply(at);
        all += 1;
        shown += u32::from(x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5);
    }
    if all < FEWEST_TONE { 0.0 } else { f64::from(shown) / f64::from(all) }
}

/// Are both ends of continuous tone?
fn is_tone(inlier: &Inlier, a: WeightedFeatures, b: WeightedFeatures) -> bool {
    let ends = [(a, inlier.a), (b, inlier.b)];
    ends.iter().all(|(side, place)| {
        side.features.texture_of(&side.features.keypoints[*place as usize]) == Texture::Photo
    })
}

/// What one inlier adds to the score.
fn evidence(inlier: &Inlier, a: WeightedFeatures, b: WeightedFeatures) -> f64 {
    let nearness = ((40.0 - f64::from(inlier.distance)) / 14.0).clamp(0.4, 1.6);
    nearness / (a.commonness(inlier.a as usize) * b.commonness(inlier.b as usize)).sqrt()
}

fn place(keypoint: &Keypoint) -> Point {
    let (x, y) = keypoint.position();
    (f64::from(x), f64::from(y))
}

/// One match of codes with what the search needs of it.
#[derive(Clone, Copy)]
struct Tentative {
    inlier: Inlier,
    from: Point,
    to: Point,
    /// Sigma at either end.
    sigma_from: f64,
    sigma_to: f64,
    /// log2 of the scale it implies, in eighths.
    growth: i32,
}

/// Where a match comes from and goes to, and what it weighs in a fit.
type Weighted = (Point, Point, f64);

/// All tentative matches of two pictures.
struct Pairing(Vec<Tentative>);

impl Pairing {
    fn new(a: &Features, b: &Features) -> Self {
        let words = |features: &Features| -> Vec<_> {
            features.keypoints.iter().map(|keypoint| *keypoint.code.words()).collect()
        };
        let mut nearest = Vec::with_capacity(a.keypoints.len());
        FeatureKernel::detect().nearest_two(&words(a), &words(b), &mut nearest);
        let tentative = |i: usize, (distance, j): (u32, u32)| {
            let (p, q) = (&a.keypoints[i], &b.keypoints[j as usize]);
            Tentative {
                inlier: Inlier { a: i as u32, b: j, distance },
                from: place(p),
                to: place(q),
                sigma_from: f64::from(p.sigma()),
                sigma_to: f64::from(q.sigma()),
                growth: i32::from(q.scale) - i32::from(p.scale),
            }
        };
        let both = |(i, Nearest { first, second }): (usize, &Nearest)| {
            [*first, *second]
                .into_iter()
                .filter(|&(distance, _)| distance <= CODE_RADIUS)
                .map(move |found| (i, found))
                .collect::<Vec<_>>()
        };
        Self(nearest.iter().enumerate().flat_map(both).map(|(i, found)| tentative(i, found)).collect())
    }

    /// The similarity through two matches that most matches agree with.
    fn best_similarity(&self) -> Option<Affine> {
        if self.0.len() < FEWEST {
            return None;
        }
        let mut seeds: Vec<(usize, &Tentative)> =
            self.0.iter().map(|seed| (self.support(seed), seed)).filter(|seed| seed.0 >= FEWEST).collect();
        seeds.sort_by_key(|&(support, seed)| (std::cmp::Reverse(support), seed.inlier.distance));
        seeds.truncate(SEEDS);
        let mut best: Option<(usize, Affine)> = None;
        for (i, (_, one)) in seeds.iter().enumerate() {
            for (_, other) in &seeds[i + 1..] {
                let (x, y) = (one.from.0 - other.from.0, one.from.1 - other.from.1);
                let far = x * x + y * y >= BASELINE * BASELINE;
                if !far || !one.agrees(other) {
                    continue;
                }
                let map = Affine::through([one.from, other.from], [one.to, other.to]);
                let Some(map) = map.filter(is_sane) else { continue };
                let votes = self.votes(&map);
                if votes >= FEWEST && best.is_none_or(|(most, _)| votes > most) {
                    best = Some((votes, map));
                }
            }
        }
        best.map(|(_, map)| map)
    }

    /// Matches of different query keypoints that agree with the shift and scale of one.
    fn support(&self, seed: &Tentative) -> usize {
        let mut last = u32::MAX;
        let agreeing = self.0.iter().filter(|other| {
            let counts = other.inlier.a != last && seed.agrees(other);
            last = if counts { other.inlier.a } else { last };
            counts
        });
        agreeing.count()
    }

    /// Query keypoints with a match near where the map puts it.
    fn votes(&self, map: &Affine) -> usize {
        let check = Check::new(map, 2.0 * TOLERANCE);
        let mut last = u32::MAX;
        let agreeing = self.0.iter().filter(|tentative| {
            let counts = tentative.inlier.a != last && check.passes(tentative);
            last = if counts { tentative.inlier.a } else { last };
            counts
        });
        agreeing.count()
    }

    /// One to one, nearest codes first, none on top of another.
    fn inliers(&self, map: &Affine, tolerance: f64) -> Vec<&Tentative> {
        let check = Check::new(map, tolerance);
        let mut agreeing: Vec<&Tentative> =
            self.0.iter().filter(|tentative| check.passes(tentative)).collect();
        agreeing.sort_by_key(|tentative| (tentative.inlier.distance, tentative.inlier.a, tentative.inlier.b));
        let mut kept: Vec<&Tentative> = Vec::with_capacity(agreeing.len());
        for tentative in agreeing {
            let apart = (0.8 * tentative.sigma_from).min(12.0);
            let clashes = kept.iter().any(|other| {
                let shift = (other.from.0 - tentative.from.0).abs() + (other.from.1 - tentative.from.1).abs();
                other.inlier.a == tentative.inlier.a || other.inlier.b == tentative.inlier.b || shift < apart
            });
            if !clashes {
                kept.push(tentative);
            }
        }
        kept
    }

    /// The map of a flat thing seen from elsewhere, grown from a first one to all matches that it explains; the affine one
    /// unless that explains clearly fewer. Seen from far to the side only a corner is nearly affine, and pixels laid by that
    /// corner alone miss all others.
    fn grown(&self, first: Projective, affine: Projective, a: &Features) -> Projective {
        let mut plane = first;
        for _ in 0..PLANE_ROUNDS {
            let explained = self.explained(&plane, a, 2.0 * TOLERANCE);
            // Most pairs that are matched share nothing, and have no more than this.
            if explained.len() < FLAT {
                return affine;
            }
            let Some(next) = Projective::fit(&explained, &plane) else { return affine };
            plane = next;
        }
        let count = |map: &Projective| self.explained(map, a, TOLERANCE).len();
        let (flat, seen) = (count(&affine), count(&plane));
        let explains_more = seen >= FLAT && seen as f64 >= PLANE_GAIN.0 * flat as f64 + PLANE_GAIN.1;
        let recedes = plane.recedes((f64::from(a.width), f64::from(a.height)));
        if explains_more && recedes <= MOST_RECEDING { plane } else { affine }
    }

    /// Ends of matches near where a map puts them, the nearest code of each keypoint; what is nearer weighs more.
    fn explained(&self, plane: &Projective, a: &Features, tolerance: f64) -> Vec<Weighted> {
        let mut nearest: Vec<Option<(u32, Weighted)>> = vec![None; a.keypoints.len()];
        for tentative in &self.0 {
            let at = tentative.inlier.a as usize;
            let from = place(&a.keypoints[at]);
            let (x, y) = plane.apply(from);
            let off = (x - tentative.to.0).hypot(y - tentative.to.1) / tolerance;
            let is_nearer = nearest[at].is_none_or(|(distance, _)| tentative.inlier.distance < distance);
            if off < 1.0 && is_nearer {
                nearest[at] = Some((tentative.inlier.distance, (from, tentative.to, 1.0 - off * off)));
            }
        }
        nearest.into_iter().flatten().map(|(_, ends)| ends).collect()
    }

    /// Least squares and recount: first with wide tolerance, so that an affine map can grow out of a similarity
    /// that fits one corner, then with the final one until nothing is gained.
    fn refine(&self, first: Affine) -> Option<(Affine, Vec<Inlier>)> {
        let fit = |inliers: &[&Tentative]| {
            let pairs: Vec<_> = inliers.iter().map(|tentative| (tentative.from, tentative.to)).collect();
            Affine::fit(&pairs).filter(is_sane)
        };
        let mut start = first;
        for _ in 0..WIDE_ROUNDS {
            let Some(map) = fit(&self.inliers(&start, 2.0 * TOLERANCE)) else { break };
            start = map;
        }
        let narrow = |map: Affine| (map, self.inliers(&map, TOLERANCE));
        let (grown, fixed) = (narrow(start), narrow(first));
        let mut best = if grown.1.len() >= fixed.1.len() { grown } else { fixed };
        while let Some(map) = fit(&best.1) {
            let next = narrow(map);
            if next.1.len() <= best.1.len() {
                // As many inliers as before, under the map that fits them best.
                best = if next.1.len() == best.1.len() { next } else { best };
                break;
            }
            best = next;
        }
        let (map, inliers) = best;
        (inliers.len() >= FEWEST)
            .then(|| (map, inliers.into_iter().map(|tentative| tentative.inlier).collect()))
    }
}

impl Tentative {
    /// Whether the other match lies where this one's shift and scale put it, loosely.
    fn agrees(&self, other: &Self) -> bool {
        let scale = self.sigma_to / self.sigma_from;
        let (x, y) = (other.from.0 - self.from.0, other.from.1 - self.from.1);
        let (u, v) = (other.to.0 - self.to.0, other.to.1 - self.to.1);
        let reach = 8.0 + 0.35 * scale * (x * x + y * y).sqrt();
        let (du, dv) = (u - scale * x, v - scale * y);
        du * du + dv * dv < reach * reach && (self.growth - other.growth).abs() <= 6
    }
}

/// The test of a match against a map.
struct Check {
    map: Affine,
    tolerance: f64,
    scale: f64,
}

impl Check {
    fn new(map: &Affine, tolerance: f64) -> Self {
        let scale = map.determinant().abs().sqrt();
        Self { map: *map, tolerance: tolerance * scale.clamp(1.0, 3.0), scale }
    }

    fn passes(&self, tentative: &Tentative) -> bool {
        let (x, y) = self.map.apply(tentative.from);
        let (dx, dy) = (x - tentative.to.0, y - tentative.to.1);
        let reach = self.tolerance + 0.25 * tentative.sigma_to;
        // Scales within 0.7 octaves of the map's.
        let ratio = tentative.sigma_to / (tentative.sigma_from * self.scale);
        dx * dx + dy * dy < reach * reach && (0.615..1.625).contains(&ratio)
    }
}

/// Maps that edits of a photo make: not mirrored (turns are tried apart), not flat, not far from upright.
fn is_sane(map: &Affine) -> bool {
    let [a, b, _, d, e, _] = map.0;
    let (most, least) = map.stretches();
    map.determinant() > 0.0
        && most < 1.8 * least
        && least > 0.12
        && most < 8.0
        && (d - b).abs() < MOST_TILT * (a + e)
}
