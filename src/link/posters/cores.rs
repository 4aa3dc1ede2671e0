//! Ads that share two independent things: the firm ground that everything else about networks is judged from.
//!
//! One shared photo may be a stock picture or a badge; two photos by two images, or a photo and a phone, are hardly
//! ever shared by chance. Cores are the connected sets under that rule. The trap: two photos seen in *one* image
//! (a collage) are one thing, not two.

use super::facts::Facts;
use super::photo_uses::{MAX_PHOTOS, Showings};
use crate::link::findings::Corroboration;
use crate::sets::Sets;
use rayon::prelude::*;

/// A photo (with the image that shows it) or a tie such as a phone, numbered apart.
type Thing = (u32, Option<u32>);

/// Sets of ads that share two things, one of them a photo that `counts`.
pub(crate) fn cores(showings: &Showings, facts: &Facts, ads: usize, counts: &[bool]) -> Sets {
    let mut pairs: Vec<((u32, u32), u32)> = Vec::new();
    for ad in 0..ads as u32 {
        let things = things(showings, facts, ad, counts);
        for (k, &x) in things.iter().enumerate() {
            let others = things[k + 1..].iter().filter(|y| x.1.is_none() || y.1 != x.1);
            pairs.extend(others.filter(|y| x.0 != y.0 && x.1.or(y.1).is_some()).map(|y| ((x.0, y.0), ad)));
        }
    }
    pairs.par_sort_unstable();
    let mut sets = Sets::new(ads);
    for two in pairs.windows(2).filter(|two| two[0].0 == two[1].0) {
        sets.join(two[0].1, two[1].1);
    }
    sets
}

/// Photos first, in order, then ties. Ties are numbered above all photos, by kind.
fn things(showings: &Showings, facts: &Facts, ad: u32, counts: &[bool]) -> Vec<Thing> {
    let photos = showings
        .of_ad(ad)
        .iter()
        .filter(|showing| counts[showing.photo as usize])
        .map(|showing| (showing.photo, Some(showing.image)));
    let mut things: Vec<Thing> = photos.take(MAX_PHOTOS).collect();
    if !things.is_empty() {
        things.extend(facts.ties(ad).map(|(kind, value)| (tie_number(kind, value), None)));
    }
    things
}

/// Ties count down from the top, the kinds interleaved; photos count up from zero.
fn tie_number(kind: Corroboration, value: u32) -> u32 {
    u32::MAX - (value * 3 + kind as u32)
}
