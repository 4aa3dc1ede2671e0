//! Photos that alone hold a large community together, found by leaving each one out.
//!
//! A photo on *every* ad of a corpus makes a core with any second thing that two ads share, so the ads that ought to
//! speak against it hang together by its own doing. Where one photo is on most ads of a large community, the ads are
//! judged once more as if nobody showed it: an uncommon photo's ads still hang together by phones, texts or other
//! photos, or say nothing else; those of a common one fall into many parts that disagree. The trap: a poster may
//! change all photos but one, so a photo is called common only when the parts are many and none of them stands out.

use super::common::{Verdict, speaks_otherwise};
use super::communities::Communities;
use super::cores;
use super::facts::Facts;
use super::photo_uses::Showings;
use crate::link::findings::CommonReason;
use crate::sets::Sets;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Ads of a community from which its backbone is questioned.
const LARGE: u32 = 64;

/// Parts that disagree from which a backbone is common.
const MANY: f64 = 16.0;

/// Largest share of a common photo's ads that one part may have.
const STANDS_OUT: f64 = 0.1;

/// Photos that most ads of a large community show and that nothing but they themselves holds together.
pub(crate) fn common(
    showings: &Showings,
    facts: &Facts,
    verdicts: &[Verdict],
    community: &[u32],
) -> Vec<u32> {
    let suspects = suspects(showings, verdicts, community);
    if suspects.is_empty() {
        return suspects;
    }
    let mut without = verdicts.to_vec();
    suspects.iter().for_each(|&photo| without[photo as usize].reason = Some(CommonReason::Stock));
    let counts: Vec<bool> = without.iter().map(|verdict| verdict.reason.is_none()).collect();
    let ads = community.len();
    let cores = cores::cores(showings, facts, ads, &counts);
    let apart = Communities::new(showings, &without, cores, ads).find();
    let falls_apart = |photo: &u32| {
        let shared = &showings.photos[*photo as usize].ads;
        let (mut outspoken, mut largest) = (0.0, 0);
        for part in parts(shared, facts, &apart) {
            largest = largest.max(part.len());
            let says = part.iter().map(|&ad| speaks_otherwise(showings, facts, ad, *photo, &without));
            outspoken += says.fold(0.0, f64::max);
        }
        outspoken >= MANY && (largest as f64) < STANDS_OUT * shared.len() as f64
    };
    suspects.into_iter().filter(falls_apart).collect()
}

/// Ads in sets that are of one community or say something in common.
fn parts(ads: &[u32], facts: &Facts, community: &[u32]) -> Vec<Vec<u32>> {
    let mut sets = Sets::new(ads.len());
    let mut first = BTreeMap::new();
    for (place, &ad) in (0..).zip(ads) {
        let said = facts.ties(ad).map(|(kind, value)| (Some(kind), value));
        for what in std::iter::once((None, community[ad as usize])).chain(said) {
            sets.join(*first.entry(what).or_insert(place), place);
        }
    }
    let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (place, &ad) in (0..).zip(ads) {
        parts.entry(sets.find(place)).or_default().push(ad);
    }
    parts.into_values().collect()
}

/// For each large community the photo that most of its ads show, if more than half do.
fn suspects(showings: &Showings, verdicts: &[Verdict], community: &[u32]) -> Vec<u32> {
    let mut size: BTreeMap<u32, u32> = BTreeMap::new();
    community.iter().for_each(|&name| *size.entry(name).or_default() += 1);
    let mut backbone: BTreeMap<u32, (u32, Reverse<u32>)> = BTreeMap::new();
    for (photo, shared) in (0..).zip(&showings.photos) {
        if verdicts[photo as usize].reason.is_some() || (shared.ads.len() as u32) < LARGE / 2 {
            continue;
        }
        let mut here: BTreeMap<u32, u32> = BTreeMap::new();
        shared.ads.iter().for_each(|&ad| *here.entry(community[ad as usize]).or_default() += 1);
        for (name, shown) in here {
            if size[&name] >= LARGE && 2 * shown > size[&name] {
                let entry = backbone.entry(name).or_insert((0, Reverse(photo)));
                *entry = (*entry).max((shown, Reverse(photo)));
            }
        }
    }
    let mut photos: Vec<u32> = backbone.into_values().map(|(_, Reverse(photo))| photo).collect();
    photos.sort_unstable();
    photos.dedup();
    photos
}
