//! Two analysed pictures held against each other by everything there is: hashes, local features, pixels.
//!
//! What `adlink compare` tells and what linking would conclude of the same two files, were they all there is. The trap:
//! a pair proven by hashes may have no local match at all, in plain pictures, and a pair of the same scene is no proof.

use super::geometry::{GeometricMatch, match_any_turn};
use super::hash_doubt::{self, Doubt};
use super::local::LocalMatch;
use super::parts::{check_parts, of_rect};
use super::tilt::Tilted;
use super::verdict::{self, Shared};
use super::{Proof, Tier, dense, near_views, verify};
use crate::analysis::Analysis;
use crate::hash::Quality;

/// What is known of two pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Why their hashes show one photo; `None` when they do not.
    pub proof: Option<Proof>,
    /// Where local features agree, and what the pixels there say; `None` when they agree nowhere.
    pub local: Option<LocalMatch>,
}

impl Comparison {
    /// The first tier that proves the pair, from cheap to dear; [`Tier::SameScene`] is a lead and no proof.
    pub fn tier(&self) -> Option<Tier> {
        let by_features = || self.local.as_ref().and_then(|local| local.tier);
        self.proof.as_ref().map(|proof| proof.tier).or_else(by_features)
    }

    /// True when the two show the same photo.
    pub fn is_same_photo(&self) -> bool {
        self.tier().is_some_and(Tier::is_same_photo)
    }
}

/// Compares two pictures with the default limits: PDQ within [`RADIUS`](super::RADIUS) bits, usable quality. About 20 ms, and 45 more
/// where nothing shows one photo: the first is then turned by less than a quarter, too.
pub fn compare(a: &Analysis, b: &Analysis) -> Comparison {
    compare_within(a, b, super::RADIUS, Quality::USABLE)
}

/// [`compare`] with another radius, in bits of 256, and another least quality of a hash.
pub fn compare_within(a: &Analysis, b: &Analysis, radius: u32, min_quality: Quality) -> Comparison {
    let proof = borne_out(a, b, radius, min_quality);
    let judged = |found| LocalMatch::new(found, |map| dense::check(&a.luma, &b.luma, map));
    let upright = match_any_turn((&a.features).into(), (&b.features).into()).map(judged);
    let is_proven = proof.is_some() || upright.as_ref().is_some_and(LocalMatch::is_same_photo);
    let local = if is_proven {
        upright
    } else {
        tilted(a, b).map(judged).filter(LocalMatch::is_same_photo).or(upright)
    };
    Comparison { proof, local }
}

/// The best match of the first picture under tilts that upright features do not see.
fn tilted(a: &Analysis, b: &Analysis) -> Option<GeometricMatch> {
    let tilted = Tilted::all(&a.luma);
    let found = tilted.iter().filter_map(|one| one.match_any_turn(&a.features, (&b.features).into()));
    GeometricMatch::best(found)
}

/// What hashes prove, where pixels do not speak against them: see [`hash_doubt`].
fn borne_out(a: &Analysis, b: &Analysis, radius: u32, min_quality: Quality) -> Option<Proof> {
    let proof = verify(&a.image, &b.image, radius, min_quality)?;
    let (one, other) = ((&a.image, &a.features.texture), (&b.image, &b.features.texture));
    let near = near_views(&a.image, &b.image, radius, min_quality).into_iter();
    let least = near.map(|line| (hash_doubt::of_views(&line, one, other), line)).min_by_key(|near| near.0);
    let Some((doubt, line)) = least.filter(|near| near.0 != Doubt::None) else { return Some(proof) };
    let (part_a, part_b) = (of_rect(line.rect_a, &a.image), of_rect(line.rect_b, &b.image));
    match check_parts((&a.luma, &part_a), (&b.luma, &part_b), line.transform) {
        Some(check) => (verdict::by_hashes(&check, doubt) == Shared::Photo).then_some(proof),
        None if doubt == Doubt::Design => Some(proof.at_most_moderate()),
        None => Some(proof),
    }
}
