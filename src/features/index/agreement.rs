//! How much the matches of two pictures say: the weak geometric vote of the feature index.
//!
//! Matches that agree on a shift and a scale are weighed as verification weighs inliers: near codes more, keypoints
//! that repeat within their picture less. The trap: stripes and checks match each other everywhere, so many of their
//! matches agree whatever the pictures show. A share of *all* matches of the two is therefore taken off.

use crate::features::Keypoint;
use std::cmp::Reverse;
use std::sync::LazyLock;

/// Weight of a match of average nearness between keypoints that do not repeat.
const UNIQUE: u32 = 100;
/// Most that one match can weigh.
pub(crate) const MOST_WEIGHT: u32 = 8 * UNIQUE / 5;
/// Places in which matches must agree: few, because a tilted copy has no more that share a bucket.
pub(crate) const PLACES: usize = 2;
/// Votes tried as the one the others agree with.
const SEEDS: usize = 32;
/// One in so many matches agrees with any other by chance.
const CHANCE: u32 = 6;
/// Largest distance of codes that match, and product of repeats of two keypoints.
const FURTHEST: usize = 28;
const MOST_REPEATS: usize = 64;

/// A query keypoint and a stored one that look alike under a turn of the query.
#[derive(Clone, Copy)]
pub(crate) struct Vote {
    pub(crate) row: u32,
    pub(crate) turn: u8,
    pub(crate) query: u16,
    pub(crate) entry: u32,
    /// See [`weight`].
    pub(crate) weight: u32,
}

/// What a match adds to the evidence, as verification weighs inliers: near codes more, repeated ones less.
pub(crate) fn weight(query: &Keypoint, stored: &Keypoint, distance: u32) -> u32 {
    let repeats = usize::from(query.repeats) * usize::from(stored.repeats);
    WEIGHTS.0[distance as usize] * WEIGHTS.1[repeats.min(MOST_REPEATS)] / UNIQUE
}

/// By distance, and by product of repeats.
static WEIGHTS: LazyLock<([u32; FURTHEST + 1], [u32; MOST_REPEATS + 1])> = LazyLock::new(|| {
    let nearness = |distance: usize| ((40 - distance as u32) * UNIQUE / 14).min(MOST_WEIGHT);
    let rarity = |repeats: usize| UNIQUE * 1000 / (1_000_000 * repeats.max(1) as u32).isqrt();
    (std::array::from_fn(nearness), std::array::from_fn(rarity))
});

/// The largest weight of votes from and to different places that agree on a shift and scale, less what chance gives;
/// 0 where they are fewer than [`PLACES`]. `query` is turned as the votes say.
pub(crate) fn evidence<'a>(
    votes: &[Vote],
    query: &[Keypoint],
    stored: impl Fn(&Vote) -> &'a Keypoint,
) -> u32 {
    let ends: Vec<Ends> = votes
        .iter()
        .map(|vote| Ends::new(&query[usize::from(vote.query)], stored(vote), vote.weight))
        .collect();
    let (mut agreeing, mut spots) = (Vec::with_capacity(ends.len()), Vec::with_capacity(ends.len()));
    let mut most = 0;
    for seed in ends.iter().take(SEEDS) {
        agreeing.clear();
        agreeing.extend(ends.iter().filter(|other| seed.agrees(other)));
        // Places of which all count are the most there can be.
        if agreeing.iter().map(|ends| ends.weight).sum::<u32>() > most {
            let mut weigh = |place: fn(&Ends) -> (f32, f32)| weigh(&agreeing, place, &mut spots);
            most = most.max(weigh(|ends| ends.from).min(weigh(|ends| ends.to)));
        }
    }
    let all: u32 = ends.iter().map(|ends| ends.weight).sum();
    most.saturating_sub(all / CHANCE)
}

/// Sum of the largest weights at different places; 0 where they are fewer than [`PLACES`].
fn weigh(agreeing: &[&Ends], place: fn(&Ends) -> (f32, f32), spots: &mut Vec<((i32, i32), u32)>) -> u32 {
    spots.clear();
    spots.extend(agreeing.iter().map(|ends| (spot(place(ends)), ends.weight)));
    spots.sort_unstable_by_key(|&(spot, weight)| (spot, Reverse(weight)));
    spots.dedup_by_key(|(spot, _)| *spot);
    match spots.len() {
        PLACES.. => spots.iter().map(|(_, weight)| weight).sum(),
        _ => 0,
    }
}

/// Where a vote's keypoints are, in pixels, and the scale between them.
struct Ends {
    from: (f32, f32),
    to: (f32, f32),
    scale: f32,
    growth: i32,
    weight: u32,
}

impl Ends {
    fn new(query: &Keypoint, stored: &Keypoint, weight: u32) -> Self {
        Self {
            from: query.position(),
            to: stored.position(),
            scale: stored.sigma() / query.sigma(),
            growth: i32::from(stored.scale) - i32::from(query.scale),
            weight,
        }
    }

    /// Whether the other vote lies where this one's shift and scale put it, loosely.
    fn agrees(&self, other: &Self) -> bool {
        let (x, y) = (other.from.0 - self.from.0, other.from.1 - self.from.1);
        let (u, v) = (other.to.0 - self.to.0, other.to.1 - self.to.1);
        let reach = 8.0 + 0.35 * self.scale * (x * x + y * y).sqrt();
        let (du, dv) = (u - self.scale * x, v - self.scale * y);
        du * du + dv * dv < reach * reach && (self.growth - other.growth).abs() <= 6
    }
}

/// Places less than this far apart are one: keypoints on one spot prove no more than one of them.
fn spot((x, y): (f32, f32)) -> (i32, i32) {
    ((x / 6.0) as i32, (y / 6.0) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::code::Code;

    fn keypoint(x: u16, y: u16, repeats: u8) -> Keypoint {
        Keypoint { code: Code::default(), x, y, scale: 10, repeats }
    }

    type Spot = (u16, u16);

    /// Evidence of these pairs of places, each of codes as near as average.
    fn of(places: &[(Spot, Spot)], repeats: u8) -> u32 {
        let query: Vec<Keypoint> = places.iter().map(|((x, y), _)| keypoint(*x, *y, repeats)).collect();
        let stored: Vec<Keypoint> = places.iter().map(|(_, (x, y))| keypoint(*x, *y, repeats)).collect();
        let vote = |at: usize| {
            let weight = weight(&query[at], &stored[at], 26);
            Vote { row: 0, turn: 0, query: at as u16, entry: at as u32, weight }
        };
        let votes: Vec<Vote> = (0..places.len()).map(vote).collect();
        evidence(&votes, &query, |vote| &stored[vote.entry as usize])
    }

    #[test]
    fn agreeing_places_count_once_and_repeats_less() {
        let apart = [((0, 0), (50, 50)), ((100, 0), (150, 50)), ((0, 100), (50, 150))];
        assert_eq!(of(&apart, 1), 3 * UNIQUE - 3 * UNIQUE / CHANCE);
        assert!(of(&apart, 4) <= of(&apart, 1) / 4 + 1);
        let many_to_one = [((0, 0), (50, 50)), ((20, 0), (50, 50)), ((0, 20), (50, 50))];
        assert_eq!(of(&many_to_one, 1), 0);
        assert_eq!(of(&apart[..1], 1), 0);
    }
}
