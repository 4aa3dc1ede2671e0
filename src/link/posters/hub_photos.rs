//! Photos that alone hold a large community together, found by leaving each one out.
//!
//! A photo on *every* ad of a corpus makes a core with any second thing that two ads share, so the ads that ought to
//! speak against it hang together by its own doing. Where one photo is on most ads of a large community, the ads are
//! judged once more as if nobody showed it: an uncommon photo's ads still hang together by voices or other photos, or
//! show nothing else; those of a common one fall into many parts that disagree. The trap: a poster may change all
//! photos but one, so a photo is called common only when the parts are many and none of them stands out.

use super::communities::Communities;
use super::cores;
use super::photo_uses::PhotoUses;
use super::totals::Totals;
use super::verdict::{Said, Verdicts};
use super::voices::Voices;
use crate::corpus::{AdRow, CommunityRow, ImageRow, PhotoRow, Rows};
use crate::link::findings::CommonReason;
use crate::sets::Sets;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Ads of a community from which its hub photo is questioned.
const LARGE: u32 = 64;

/// Parts that disagree from which a hub photo is common.
const MANY: u32 = 16;

/// Largest share of a common photo's ads that one part may have.
const STANDS_OUT: f64 = 0.1;

/// Photos that most ads of a large community show and that nothing but they themselves holds together; `None` where the
/// whole corpus has to be asked first. A section without a suspect says what its posters show again, too.
pub(crate) fn common(
    uses: &PhotoUses,
    voices: &Voices,
    verdicts: &Verdicts,
    community: &Rows<AdRow, CommunityRow>,
    totals: &mut Totals,
) -> Option<Vec<PhotoRow>> {
    let suspects = suspects(uses, verdicts, community);
    if !totals.changed(!suspects.is_empty())? {
        return Some(suspects);
    }
    let mut without = verdicts.clone();
    suspects.iter().for_each(|&photo| without[photo].reason = Some(CommonReason::Stock));
    let ads = community.len();
    let cores = cores::cores(uses, voices, ads, &without);
    let communities = Communities::new(uses, &without, voices, cores, ads);
    let reuse = totals.reuse(communities.reuse())?;
    let apart = communities.find(reuse);
    let falls_apart = |photo: &PhotoRow| {
        let shared = &uses.photos[*photo].ads;
        let (mut outspoken, mut largest) = (0, 0);
        for part in parts(shared, voices, &apart) {
            largest = largest.max(part.len());
            let shows = part.iter().filter(|&&ad| shows_other(uses, &without, ad)).count();
            outspoken += u32::from(2 * shows > part.len());
        }
        outspoken >= MANY && (largest as f64) < STANDS_OUT * shared.len() as f64
    };
    Some(suspects.into_iter().filter(falls_apart).collect())
}

/// Does an ad show anything beside common photos?
fn shows_other(uses: &PhotoUses, verdicts: &Verdicts, ad: AdRow) -> bool {
    let mut common: Vec<ImageRow> = uses
        .of_ad(ad)
        .iter()
        .filter(|photo_use| verdicts[photo_use.photo].reason.is_some())
        .map(|photo_use| photo_use.image)
        .collect();
    common.sort_unstable();
    common.dedup();
    uses.images_of_ad(ad) as usize > common.len()
}

/// Ads in sets that are of one community or have one voice.
fn parts(ads: &[AdRow], voices: &Voices, community: &Rows<AdRow, CommunityRow>) -> Vec<Vec<AdRow>> {
    let mut sets = Sets::<u32>::new(ads.len());
    let mut first = BTreeMap::new();
    for (place, &ad) in (0..).zip(ads) {
        let voice = voices.of_ad(ad).map(|voice| (true, voice.0.0));
        for name in voice.into_iter().chain([(false, community[ad].0)]) {
            sets.join(*first.entry(name).or_insert(place), place);
        }
    }
    let mut parts: BTreeMap<u32, Vec<AdRow>> = BTreeMap::new();
    for (place, &ad) in (0..).zip(ads) {
        parts.entry(sets.find(place)).or_default().push(ad);
    }
    parts.into_values().collect()
}

/// For each large community the photo that most of its ads show, if more than half do.
fn suspects(uses: &PhotoUses, verdicts: &Verdicts, community: &Rows<AdRow, CommunityRow>) -> Vec<PhotoRow> {
    let mut size: BTreeMap<CommunityRow, u32> = BTreeMap::new();
    community.values().iter().for_each(|&name| *size.entry(name).or_default() += 1);
    let mut hub: BTreeMap<CommunityRow, (u32, Reverse<PhotoRow>)> = BTreeMap::new();
    for (photo, shared) in uses.photos.iter() {
        let verdict = &verdicts[photo];
        if verdict.reason.is_some() || verdict.confirmed || (shared.ads.len() as u32) < LARGE / 2 {
            continue;
        }
        let mut here: BTreeMap<CommunityRow, u32> = BTreeMap::new();
        shared.ads.iter().for_each(|&ad| *here.entry(community[ad]).or_default() += 1);
        for (name, shown) in here {
            if size[&name] >= LARGE && 2 * shown > size[&name] {
                let entry = hub.entry(name).or_insert((0, Reverse(photo)));
                *entry = (*entry).max((shown, Reverse(photo)));
            }
        }
    }
    let mut photos: Vec<PhotoRow> = hub.into_values().map(|(_, Reverse(photo))| photo).collect();
    photos.sort_unstable();
    photos.dedup();
    photos
}

/// Notes in what was said that these photos are common.
pub(crate) fn note(said: &mut Rows<PhotoRow, Said>, photos: &[PhotoRow]) {
    photos.iter().for_each(|&photo| said[photo] = Said::Common(CommonReason::Stock));
}
