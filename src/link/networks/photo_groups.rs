//! The shared photos as findings list them: their ids, how rare they are, and what that makes them worth.

use crate::corpus::{AdRow, PhotoRow, Rows, Snapshot};
use crate::link::findings::photo_group_id;
use crate::link::findings::{PhotoGroup, Rarity};
use crate::link::posters::{Facts, SharedPhoto, Verdict, Verdicts};

/// The shared photos as findings have them, in their order.
pub(super) fn photo_groups(
    snapshot: &Snapshot,
    facts: &Facts,
    photos: Rows<PhotoRow, SharedPhoto>,
    verdicts: &Verdicts,
) -> Vec<PhotoGroup> {
    let group = |(photo, verdict): (SharedPhoto, &Verdict)| PhotoGroup {
        id: photo_group_id(snapshot.images[photo.first_image].id()),
        rarity: rarity_of(snapshot, facts, &photo.ads, verdict.ballot.parts),
        images: photo.images,
        ads: photo.ads,
        common: verdict.reason,
        many_contacts: verdict.many_contacts,
    };
    photos.into_values().into_iter().zip(verdicts.values()).map(group).collect()
}

/// A photo that u unrelated posters show says 1 / log2(1 + u) of what one poster's own photo says.
pub(super) fn rarity_weight(verdict: &Verdict) -> f64 {
    let weight = 1.0 / (1.0 + f64::from(verdict.ballot.parts.max(1))).log2();
    if verdict.reason.is_some() { weight.min(0.05) } else { weight }
}

fn rarity_of(snapshot: &Snapshot, facts: &Facts, ads: &[AdRow], posters: u32) -> Rarity {
    let distinct = |mut values: Vec<&str>| {
        values.sort_unstable();
        values.dedup();
        values.iter().filter(|value| !value.is_empty()).count() as u32
    };
    Rarity {
        ads: ads.len() as u32,
        sites: distinct(ads.iter().map(|&ad| snapshot.ads[ad].key.site.as_str()).collect()),
        days: distinct(ads.iter().map(|&ad| facts.day(ad)).collect()),
        unrelated_posters: posters,
    }
}
