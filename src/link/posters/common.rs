//! Common photos, found from structure: site furniture, stock pictures, and what the user's bank names.
//!
//! A photo is common when its ads fall into many parts that share nothing else *and show something else*: ads with
//! other photos, none of them shared, disagree; an ad with this one photo only says next to nothing. So a poster
//! who reposts one photo a thousand times under one phone keeps it, and a picture on two hundred unrelated ads
//! does not. The trap: two badges on every ad of a site look like two independent shared photos, so furniture is
//! judged first, with all its candidates set aside.

use super::cores;
use super::facts::Facts;
use super::photo_uses::{Showings, Together};
use crate::corpus::Snapshot;
use crate::hash::{Dihedral, Hash256};
use crate::index;
use crate::link::candidates::HashClasses;
use crate::link::findings::CommonReason;
use crate::link::options::LinkOptions;
use crate::sets::{Sets, sorted_distinct};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Parts of its ads that disagree from which a photo is common.
const MANY: f64 = 4.0;

/// Parts that disagree beside one that has most of the ads, as a share of all ads, below which they are strays.
const STRAYS: f64 = 0.2;

/// What a part counts that gives another phone or handle, but shows no other photo.
const OTHER_CONTACT: f64 = 0.5;

/// What a part counts that says nothing else at all.
const SILENT: f64 = 1.0 / 16.0;

/// Share of the ads of one site from which a file on them may be furniture, and the ads that takes at least.
const FURNITURE: (f64, usize) = (0.2, 4);

/// Rounds of judging: each stock picture found takes false ground from under others.
const ROUNDS: usize = 6;

/// What is known about one photo.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Verdict {
    pub(crate) reason: Option<CommonReason>,
    /// Parts of its ads that share nothing but this photo.
    pub(crate) posters: u32,
    /// How much those parts disagree, strays left out.
    pub(crate) disagreement: f64,
    /// The same without parts that say nothing else.
    pub(crate) outspoken: f64,
}

/// Verdicts on all photos, and the cores of ads under them.
pub(crate) struct Judged {
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) cores: Sets,
}

/// Judges every photo of `showings`. `named` says which photos somebody called common.
pub(crate) fn judge(
    snapshot: &Snapshot,
    showings: &Showings,
    facts: &Facts,
    named: &[Option<CommonReason>],
) -> Judged {
    let _span = tracing::debug_span!("common photos").entered();
    let court = Court { snapshot, showings, facts, together: Together::new(showings, snapshot.ads.len()) };
    let mut verdicts: Vec<Verdict> =
        named.iter().map(|&reason| Verdict { reason, ..Verdict::default() }).collect();
    court.find_furniture(&mut verdicts);
    for _ in 0..ROUNDS {
        let cores = court.cores(&verdicts);
        let before = verdicts.clone();
        for (photo, verdict) in verdicts.iter_mut().enumerate() {
            let parts = court.parts(photo, &cores, &before);
            *verdict = Verdict { reason: verdict.reason, ..parts };
            if verdict.reason.is_none() && parts.disagreement >= MANY {
                verdict.reason = Some(CommonReason::Stock);
            }
        }
        if verdicts.iter().zip(&before).all(|(now, then)| now.reason == then.reason) {
            return Judged { verdicts, cores };
        }
    }
    let cores = court.cores(&verdicts);
    Judged { verdicts, cores }
}

struct Court<'a> {
    snapshot: &'a Snapshot,
    showings: &'a Showings,
    facts: &'a Facts<'a>,
    together: Together,
}

impl Court<'_> {
    fn cores(&self, verdicts: &[Verdict]) -> Sets {
        let counts: Vec<bool> = verdicts.iter().map(|verdict| verdict.reason.is_none()).collect();
        cores::cores(self.showings, self.facts, self.snapshot.ads.len(), &counts)
    }

    /// Into which parts the ads of a photo fall, and how much they disagree.
    fn parts(&self, photo: usize, cores: &Sets, verdicts: &[Verdict]) -> Verdict {
        let ads = &self.showings.photos[photo].ads;
        let mut by_part = self.by_part(photo as u32, cores, verdicts);
        by_part.sort_unstable();
        let (mut posters, mut silent, mut outspoken, mut largest) = (0, 0.0, 0.0, 0);
        for part in by_part.chunk_by(|x, y| x.0 == y.0) {
            posters += 1;
            largest = largest.max(part.len());
            let says = part
                .iter()
                .map(|&(_, ad)| speaks_otherwise(self.showings, self.facts, ad, photo as u32, verdicts));
            match says.fold(0.0, f64::max) {
                0.0 => silent += SILENT,
                more => outspoken += more,
            }
        }
        if 2 * largest > ads.len() {
            silent = 0.0;
            // A few strays beside a poster's many ads are ads whose other photos were not recognised.
            if outspoken < STRAYS * ads.len() as f64 {
                outspoken = 0.0;
            }
        }
        Verdict { reason: None, posters, disagreement: outspoken + silent, outspoken }
    }

    /// (part, ad) for the ads of a photo. Ads of one core are one part, and so are ads whose other photos are shown
    /// together somewhere: a poster who shows two of eight photos at a time repeats few pairs, yet all eight hang
    /// together without any one of them.
    fn by_part(&self, photo: u32, cores: &Sets, verdicts: &[Verdict]) -> Vec<(u32, u32)> {
        let ads = &self.showings.photos[photo as usize].ads;
        let counts = |other: u32| other != photo && verdicts[other as usize].reason.is_none();
        let roots = sorted_distinct(ads.iter().map(|&ad| cores.find(ad)));
        let others = sorted_distinct(self.together.of(photo).iter().copied().filter(|&other| counts(other)));
        let place = |list: &[u32], value: u32| list.binary_search(&value).ok().map(|place| place as u32);
        let of_photo = |other: u32| place(&others, other).map(|place| roots.len() as u32 + place);
        let mut sets = Sets::new(roots.len() + others.len());
        for &ad in ads {
            let Some(core) = place(&roots, cores.find(ad)) else { continue };
            for showing in self.showings.of_ad(ad) {
                of_photo(showing.photo).map(|other| sets.join(core, other));
            }
        }
        for &other in &others {
            for &third in self.together.of(other) {
                if let (Some(x), Some(y)) = (of_photo(other), of_photo(third)) {
                    sets.join(x, y);
                }
            }
        }
        let part = |ad: u32| place(&roots, cores.find(ad)).map(|core| (sets.find(core), ad));
        ads.iter().filter_map(|&ad| part(ad)).collect()
    }

    /// Furniture: the same file on a large share of the ads of one site, which otherwise disagree.
    fn find_furniture(&self, verdicts: &mut [Verdict]) {
        let candidates: Vec<usize> = (0..verdicts.len())
            .filter(|&photo| verdicts[photo].reason.is_none() && self.may_be_furniture(photo))
            .collect();
        let mut set_aside = verdicts.to_vec();
        candidates.iter().for_each(|&photo| set_aside[photo].reason = Some(CommonReason::SiteFurniture));
        let cores = self.cores(&set_aside);
        for photo in candidates {
            if self.parts(photo, &cores, &set_aside).disagreement >= MANY {
                verdicts[photo].reason = Some(CommonReason::SiteFurniture);
            }
        }
    }

    /// Are most sightings of a photo sightings of a file that stands on a large share of one site's ads? (Badges of
    /// two sites can look alike and be one photo, so files are asked, not the photo.)
    fn may_be_furniture(&self, photo: usize) -> bool {
        let images = &self.showings.photos[photo].images;
        let seen = images.iter().map(|&image| self.showings.ads_of_image(image).len()).sum::<usize>();
        let furnished: usize = images.iter().map(|&image| self.furnished_ads(image)).sum();
        10 * furnished >= 9 * seen && seen > 0
    }

    /// Ads on which a file may be furniture.
    fn furnished_ads(&self, image: u32) -> usize {
        let site = |ad: u32| self.snapshot.ads[ad as usize].key.site.as_str();
        // Ads are in order of their sites, so those of one site stand together.
        let of_site = |name: &str| {
            let all = &self.snapshot.ads;
            all.partition_point(|ad| ad.key.site.as_str() <= name)
                - all.partition_point(|ad| ad.key.site.as_str() < name)
        };
        self.showings
            .ads_of_image(image)
            .chunk_by(|&x, &y| site(x) == site(y))
            .filter(|ads| {
                ads.len() >= FURNITURE.1 && ads.len() as f64 >= FURNITURE.0 * of_site(site(ads[0])) as f64
            })
            .map(<[u32]>::len)
            .sum()
    }
}

/// Does an ad show or say anything beside this photo and common ones?
pub(crate) fn speaks_otherwise(
    showings: &Showings,
    facts: &Facts,
    ad: u32,
    photo: u32,
    verdicts: &[Verdict],
) -> f64 {
    let set_aside: BTreeSet<u32> = showings
        .of_ad(ad)
        .iter()
        .filter(|showing| showing.photo == photo || verdicts[showing.photo as usize].reason.is_some())
        .map(|showing| showing.image)
        .collect();
    if showings.images_of_ad(ad) as usize > set_aside.len() {
        1.0
    } else if facts.gives_contact(ad) {
        OTHER_CONTACT
    } else {
        0.0
    }
}

/// Which photos the user's bank names: by file, or by hash under any turn.
pub(crate) fn named_by_bank(
    snapshot: &Snapshot,
    classes: &HashClasses,
    showings: &Showings,
    options: &LinkOptions,
) -> Vec<bool> {
    let bank = &options.common_bank;
    let files: BTreeSet<_> = bank.images.iter().collect();
    let mut named: Vec<bool> = snapshot.images.iter().map(|image| files.contains(&image.id())).collect();
    if !bank.hashes.is_empty() {
        for turn in Dihedral::ALL {
            let (classes_of, hashes): (Vec<u32>, Vec<Hash256>) = (0..classes.len() as u32)
                .flat_map(|class| classes.hashes(class, turn).map(move |(_, hash)| (class, hash)))
                .unzip();
            let found = Mutex::new(BTreeSet::new());
            index::join(&bank.hashes, &hashes, options.radius, &|pairs| {
                let classes = pairs.iter().map(|pair| classes_of[pair.b as usize]);
                found.lock().unwrap_or_else(PoisonError::into_inner).extend(classes);
            });
            for class in found.into_inner().unwrap_or_else(PoisonError::into_inner) {
                classes.images_of(class).iter().for_each(|&image| named[image as usize] = true);
            }
        }
    }
    showings.photos.iter().map(|photo| photo.images.iter().any(|&image| named[image as usize])).collect()
}
