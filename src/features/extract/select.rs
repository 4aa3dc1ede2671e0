//! Which keypoints to keep: strong ones spread over the picture, in an order every prefix of which is valid.
//!
//! Suppression radius after Brown, Szeliski and Winder, "Multi-Image Matching using Multi-Scale Oriented
//! Patches" (2005). Octaves take turns, finer ones more often, so a short prefix still holds all sizes. Keypoints of
//! continuous tone go before those of design, three to one: type is full of strong corners, and a screenshot with a
//! hundred keypoints on its menus is found by its menus.

use super::detect::{Extremum, Scan};
use super::pyramid::MOST_OCTAVES;
use crate::features::texture::{Texture, TextureMap};

/// Keypoints per octave and kind that enter the selection; bounds the time on noise.
const STRONGEST: usize = 600;
/// How many each octave gives per round.
const TURNS: [usize; MOST_OCTAVES] = [4, 3, 2, 1, 1];
/// How many of continuous tone, and how many of anything else, are taken in turns.
const KINDS: [usize; 2] = [3, 1];

/// The first `limit` keypoints in order of merit.
pub(crate) fn select(
    scan: &Scan,
    limit: usize,
    (texture, size): (&TextureMap, (usize, usize)),
) -> Vec<Extremum> {
    let is_photo = |extremum: &Extremum| {
        let pixels = |at: f32| (at * (1u32 << extremum.octave) as f32) as usize;
        texture.at((pixels(extremum.x), pixels(extremum.y)), size) == Texture::Photo
    };
    let octaves: Vec<(Vec<Extremum>, Vec<Extremum>)> =
        scan.octaves().map(|extrema| extrema.into_iter().partition(is_photo)).collect();
    let (photo, other): (Vec<_>, Vec<_>) = octaves.into_iter().unzip();
    let mut kinds = [photo, other].map(|octaves| merged(octaves, limit).into_iter());
    let mut chosen = Vec::with_capacity(limit);
    while chosen.len() < limit {
        let before = chosen.len();
        for (kind, turns) in kinds.iter_mut().zip(KINDS) {
            chosen.extend(kind.take(turns));
        }
        if chosen.len() == before {
            break;
        }
    }
    chosen.truncate(limit);
    chosen
}

/// The first `limit` of several octaves.
fn merged(octaves: Vec<Vec<Extremum>>, limit: usize) -> Vec<Extremum> {
    let mut octaves: Vec<_> = octaves.into_iter().map(|extrema| spread(extrema).into_iter()).collect();
    let mut chosen = Vec::with_capacity(limit);
    while chosen.len() < limit {
        let before = chosen.len();
        for (octave, turns) in octaves.iter_mut().zip(TURNS) {
            chosen.extend(octave.take(turns));
        }
        if chosen.len() == before {
            break;
        }
    }
    chosen
}

/// Keypoints of one octave, those first that have no stronger one near.
fn spread(mut extrema: Vec<Extremum>) -> Vec<Extremum> {
    let place = |extremum: &Extremum| ((16.0 * extremum.x) as i32, (16.0 * extremum.y) as i32);
    extrema.sort_by_key(|extremum| {
        let (x, y) = place(extremum);
        (std::cmp::Reverse(extremum.strength), y, x, (16.0 * extremum.level) as i32)
    });
    extrema.truncate(STRONGEST);
    let places: Vec<(i32, i32)> = extrema.iter().map(place).collect();
    let mut ranked: Vec<(i32, Extremum)> = Vec::with_capacity(extrema.len());
    let mut stronger = 0;
    for (&extremum, &(x, y)) in extrema.iter().zip(&places) {
        while 10 * u32::from(extremum.strength) < 9 * u32::from(extrema[stronger].strength) {
            stronger += 1;
        }
        let squared = |&(u, v): &(i32, i32)| (u - x) * (u - x) + (v - y) * (v - y);
        ranked.push((places[..stronger].iter().map(squared).min().unwrap_or(i32::MAX), extremum));
    }
    ranked.sort_by_key(|&(radius, _)| std::cmp::Reverse(radius));
    ranked.into_iter().map(|(_, extremum)| extremum).collect()
}
