//! What the ads of one photo say about whose it is: a ballot of the parts into which they fall without it.
//!
//! Ads are one part when they share a voice or another photo. A part that gives a contact and shows photos of its
//! own wherever it shows this one is an independent poster; one that says and shows nothing else is none, and the
//! ads of a poster's own photo are mostly of that kind. The trap: parts are not posters. Rotating phones, photos
//! that were not recognised and pictures added now and then make many parts of one poster, so each counts only for
//! as much as it differs, and nothing depends on a single ad more or less.

use super::cores::Cores;
use super::facts::Facts;
use super::photo_uses::{CoOccurrence, PhotoUses};
use super::verdict::{Ballot, Verdict};
use super::voices::Voices;
use crate::sets::Sets;
use crate::sets::sorted_distinct;
use std::collections::{BTreeMap, BTreeSet};

/// What a part counts that gives another contact in one ad and shows nothing else; divided by its ads, as only
/// owners repeat a photo and nothing else.
const CONTACT_ONLY: f64 = 0.5;

/// What a lone ad without a contact lacks of a poster when it shows photos of its own; divided by the ads of a part
/// that hang together by them.
const SILENT: f64 = 0.5;

/// What an ad that neither says nor shows anything else takes from those.
const BARE: f64 = 0.5;

/// Parts from which it is asked whether they say the same.
const WORTH_READING: f64 = 2.0;

/// Share of the parts that must say the same to be one.
const SAY_THE_SAME: f64 = 0.5;

/// Where ballots are held.
pub(crate) struct Polls<'a> {
    pub(crate) uses: &'a PhotoUses,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) voices: &'a Voices,
    pub(crate) together: CoOccurrence,
}

/// What one part says.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    ads: u32,
    with_own: u32,
    has_voice: bool,
}

impl Part {
    /// How far it is a poster with photos of its own: 1 when every ad shows some, 0 from two ads without to one with.
    fn own(&self) -> f64 {
        (1.5 * f64::from(self.with_own) / f64::from(self.ads) - 0.5).max(0.0)
    }

    fn bare(&self) -> u32 {
        self.ads - self.with_own
    }
}

impl Polls<'_> {
    /// The ballot on a photo, as if those in `aside` and common ones were not there. `cores` are what else is known
    /// to belong together.
    pub(crate) fn hold(
        &self,
        photo: u32,
        cores: Option<&Cores>,
        verdicts: &[Verdict],
        aside: &[u32],
    ) -> Ballot {
        let counts =
            |other: u32| other != photo && verdicts[other as usize].is_glue() && !aside.contains(&other);
        let mut by_part = self.by_part(photo, cores, &counts);
        by_part.sort_unstable();
        let whole = |by_part: &[(u32, u32)]| -> Vec<Part> {
            by_part.chunk_by(|x, y| x.0 == y.0).map(|part| self.part(part, photo, verdicts, aside)).collect()
        };
        let parts = whole(&by_part);
        let ballot = count(&parts);
        if ballot.with_own + ballot.contact_only < WORTH_READING {
            return ballot;
        }
        // Only now, as reading is dear: do the parts that show nothing else say the same?
        let same_text = self.join_same_texts(&mut by_part, &parts);
        Ballot { same_text, ..count(&whole(&by_part)) }
    }

    fn part(&self, part: &[(u32, u32)], photo: u32, verdicts: &[Verdict], aside: &[u32]) -> Part {
        let with_own =
            part.iter().filter(|(_, ad)| self.shows_other(*ad, photo, verdicts, aside)).count() as u32;
        let has_voice = part.iter().any(|(_, ad)| self.voices.of_ad(*ad).is_some());
        Part { ads: part.len() as u32, with_own, has_voice }
    }

    /// Does an ad show anything beside this photo and what is set aside?
    fn shows_other(&self, ad: u32, photo: u32, verdicts: &[Verdict], aside: &[u32]) -> bool {
        let set_aside = |other: u32| {
            other == photo || verdicts[other as usize].reason.is_some() || aside.contains(&other)
        };
        let images: BTreeSet<u32> = self
            .uses
            .of_ad(ad)
            .iter()
            .filter(|photo_use| set_aside(photo_use.photo))
            .map(|photo_use| photo_use.image)
            .collect();
        self.uses.images_of_ad(ad) as usize > images.len()
    }

    /// (part, ad) for the ads of a photo. Ads of one core or voice are one part, and so are ads whose other photos
    /// are shown together somewhere: a poster who shows two of eight photos at a time repeats few pairs, yet all eight
    /// hang together without any one of them.
    fn by_part(&self, photo: u32, cores: Option<&Cores>, counts: &dyn Fn(u32) -> bool) -> Vec<(u32, u32)> {
        let ads = &self.uses.photos[photo as usize].ads;
        let others = sorted_distinct(self.together.of(photo).iter().copied().filter(|&other| counts(other)));
        let of_photo = |other: u32| others.binary_search(&other).ok().map(|place| (ads.len() + place) as u32);
        let mut sets = Sets::new(ads.len() + others.len());
        let mut first: BTreeMap<(bool, u32), u32> = BTreeMap::new();
        for (place, &ad) in (0..).zip(ads) {
            let voice = self.voices.of_ad(ad).map(|voice| (true, voice));
            let core = cores.map(|cores| (false, cores.find(ad)));
            for name in voice.into_iter().chain(core) {
                sets.join(*first.entry(name).or_insert(place), place);
            }
            for photo_use in self.uses.of_ad(ad) {
                of_photo(photo_use.photo).map(|other| sets.join(place, other));
            }
        }
        for &other in &others {
            for &third in self.together.of(other) {
                if let (Some(x), Some(y)) = (of_photo(other), of_photo(third)) {
                    sets.join(x, y);
                }
            }
        }
        (0..).zip(ads).map(|(place, &ad)| (sets.find(place), ad)).collect()
    }

    /// Makes one part of those that show nothing of their own and say the same but for numbers, if most do: a text
    /// that goes with the photo is a second thing in common, a phrase of the trade that a few use is not.
    fn join_same_texts(&self, by_part: &mut [(u32, u32)], parts: &[Part]) -> bool {
        let mut texts: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let (mut asked, mut place) = (0, 0);
        for part in parts {
            let (name, ad) = by_part[place];
            place += part.ads as usize;
            if part.own() == 0.0 || !part.has_voice {
                asked += 1;
                if let Some(text) = self.facts.template_text(ad) {
                    texts.entry(text).or_default().push(name);
                }
            }
        }
        let Some(same) = texts.into_values().max_by_key(Vec::len) else { return false };
        if same.len() < 3 || (same.len() as f64) < SAY_THE_SAME * f64::from(asked) {
            return false;
        }
        for (name, _) in by_part.iter_mut().filter(|(name, _)| same.contains(name)) {
            *name = same[0];
        }
        by_part.sort_unstable();
        true
    }
}

fn count(parts: &[Part]) -> Ballot {
    let (mut with_own, mut contact_only, mut silent, mut bare) = (0.0, 0.0, 0.0, 0.0);
    for part in parts {
        if part.has_voice {
            with_own += part.own();
            contact_only += (1.0 - part.own()) * CONTACT_ONLY / f64::from(part.bare().max(1));
        } else if part.with_own > 0 {
            silent += (1.0 - SILENT / f64::from(part.ads)) * part.own();
        } else {
            bare += BARE * f64::from(part.ads);
        }
    }
    let ads: u32 = parts.iter().map(|part| part.ads).sum();
    let owns = |part: &Part| {
        let repeats = part.has_voice && part.bare() > 1 && 4 * part.bare() >= ads;
        repeats || (part.ads > 2 && 2 * part.ads >= ads)
    };
    Ballot {
        parts: parts.len() as u32,
        with_own: with_own + f64::max(0.0, silent - bare),
        contact_only,
        owned: parts.len() > 1 && parts.iter().any(owns),
        same_text: false,
    }
}
