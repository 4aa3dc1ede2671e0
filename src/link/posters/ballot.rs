//! What the ads of one photo say about whose it is: a ballot of the parts into which they fall without it.
//!
//! Ads are one part when they share a voice or another photo. A part that gives a contact and shows photos of its
//! own wherever it shows this one is an independent poster; one that says and shows nothing else is none, and the
//! ads of a poster's own photo are mostly of that kind. The trap: parts are not posters. Rotating phones, photos
//! that were not recognised and pictures added now and then make many parts of one poster, so each counts only for
//! as much as it differs, and nothing depends on a single ad more or less.

use super::cores::Cores;
use super::facts::Facts;
use super::flyers::Flyers;
use super::photo_uses::{CoOccurrence, PhotoUses};
use super::verdict::{Ballot, Verdicts};
use super::voices::Voices;
use crate::corpus::{AdRow, PhotoRow, Row};
use crate::sets::{Roots, sorted_distinct};
use std::collections::BTreeMap;

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
    pub(crate) flyers: &'a Flyers,
    pub(crate) together: CoOccurrence,
}

/// What one part says.
#[derive(Debug, Clone, Copy, Default)]
struct CoreVote {
    ads: u32,
    with_own: u32,
    /// Of the others, those that show the photo inside a design of their own.
    in_design: u32,
    has_voice: bool,
}

impl CoreVote {
    /// How far it is a poster with photos of its own: 1 when every ad shows some, 0 from two ads without to one with.
    fn own(&self) -> f64 {
        self.mostly(self.with_own)
    }

    /// How far it is a poster who puts the photo into designs, likewise.
    fn designs(&self) -> f64 {
        self.mostly(self.with_own + self.in_design) - self.own()
    }

    fn mostly(&self, ads: u32) -> f64 {
        (1.5 * f64::from(ads) / f64::from(self.ads) - 0.5).max(0.0)
    }

    fn bare(&self) -> u32 {
        self.ads - self.with_own - self.in_design
    }
}

impl Polls<'_> {
    /// The ballot on a photo, as if those in `aside` and common ones were not there. `cores` are what else is known
    /// to belong together.
    pub(crate) fn hold(
        &self,
        photo: PhotoRow,
        cores: Option<&Cores>,
        verdicts: &Verdicts,
        aside: &[PhotoRow],
    ) -> Ballot {
        let counts = |other: PhotoRow| other != photo && verdicts[other].is_glue() && !aside.contains(&other);
        let mut by_part = self.by_part(photo, cores, &counts);
        if by_part.iter().all(|&(part, _)| part == by_part[0].0) {
            // Whatever one part shows, it is one poster.
            return Ballot { parts: u32::from(!by_part.is_empty()), ..Ballot::default() };
        }
        by_part.sort_unstable();
        let whole = |by_part: &[(u32, AdRow)]| -> Vec<CoreVote> {
            by_part.chunk_by(|x, y| x.0 == y.0).map(|part| self.part(part, photo, verdicts, aside)).collect()
        };
        let parts = whole(&by_part);
        let ballot = count(&parts);
        if ballot.with_own + ballot.contact_only + ballot.in_designs < WORTH_READING {
            return ballot;
        }
        // Only now, as reading is dear: do the parts that show nothing else say the same?
        let same_text = self.join_same_texts(&mut by_part, &parts);
        Ballot { same_text, ..count(&whole(&by_part)) }
    }

    fn part(
        &self,
        part: &[(u32, AdRow)],
        photo: PhotoRow,
        verdicts: &Verdicts,
        aside: &[PhotoRow],
    ) -> CoreVote {
        let mut this = CoreVote { ads: part.len() as u32, ..CoreVote::default() };
        for &(_, ad) in part {
            let with_own = self.shows_other(ad, photo, verdicts, aside);
            this.with_own += u32::from(with_own);
            this.in_design += u32::from(!with_own && self.shows_in_design(ad, photo));
            this.has_voice |= self.voices.of_ad(ad).is_some();
        }
        this
    }

    fn shows_in_design(&self, ad: AdRow, photo: PhotoRow) -> bool {
        let mut showing = self.uses.of_ad(ad).iter().filter(|photo_use| photo_use.photo == photo);
        showing.any(|photo_use| self.flyers.is_own(photo_use.image))
    }

    /// Does an ad show anything beside this photo and what is set aside?
    fn shows_other(&self, ad: AdRow, photo: PhotoRow, verdicts: &Verdicts, aside: &[PhotoRow]) -> bool {
        let set_aside =
            |other: PhotoRow| other == photo || verdicts[other].reason.is_some() || aside.contains(&other);
        let images = || {
            let aside = self.uses.of_ad(ad).iter().filter(|photo_use| set_aside(photo_use.photo));
            aside.map(|photo_use| photo_use.image)
        };
        let all = self.uses.images_of_ad(ad) as usize;
        // An image may show several photos: only then are they counted one by one.
        all > images().count() || all > sorted_distinct(images()).len()
    }

    /// (part, ad) for the ads of a photo. Ads of one core or voice are one part, and so are ads whose other photos
    /// are shown together somewhere: a poster who shows two of eight photos at a time repeats few pairs, yet all eight
    /// hang together without any one of them.
    fn by_part(
        &self,
        photo: PhotoRow,
        cores: Option<&Cores>,
        counts: &dyn Fn(PhotoRow) -> bool,
    ) -> Vec<(u32, AdRow)> {
        let ads = &self.uses.photos[photo].ads;
        let mut sets = Roots::new(ads.len());
        if self.join_known(ads, cores, &mut sets) > 1 {
            self.join_by_photos(photo, counts, &mut sets);
        }
        (0..).zip(ads).map(|(place, &ad)| (sets.find(place), ad)).collect()
    }

    /// Joins ads of one voice or core; how many parts are left.
    fn join_known(&self, ads: &[AdRow], cores: Option<&Cores>, sets: &mut Roots<u32>) -> usize {
        let mut names: Vec<(bool, u32, u32)> = Vec::with_capacity(2 * ads.len());
        for (place, &ad) in (0..).zip(ads) {
            names.extend(self.voices.of_ad(ad).map(|voice| (true, voice.0.0, place)));
            names.extend(cores.map(|cores| (false, cores.find(ad).0, place)));
        }
        names.sort_unstable();
        let same = |two: &&[(bool, u32, u32)]| (two[0].0, two[0].1) == (two[1].0, two[1].1);
        let joined = names.windows(2).filter(same).filter(|two| sets.join(two[0].2, two[1].2)).count();
        ads.len() - joined
    }

    /// Joins ads whose other photos are shown together somewhere.
    fn join_by_photos(&self, photo: PhotoRow, counts: &dyn Fn(PhotoRow) -> bool, sets: &mut Roots<u32>) {
        let ads = &self.uses.photos[photo].ads;
        let others: Vec<PhotoRow> =
            self.together.of(photo).iter().copied().filter(|&other| counts(other)).collect();
        if others.is_empty() {
            return;
        }
        let place_of = |other: PhotoRow| others.binary_search(&other).ok().map(u32::of);
        let mut of_others = Roots::new(others.len());
        for (place, &other) in (0..).zip(&others) {
            for third in self.together.of(other).iter().filter(|third| **third > other) {
                place_of(*third).map(|third| of_others.join(place, third));
            }
        }
        let mut first = vec![u32::NONE; others.len()];
        for (place, &ad) in (0..).zip(ads) {
            for shown in self.uses.of_ad(ad) {
                let Some(other) = place_of(shown.photo) else { continue };
                let first = &mut first[of_others.find(other).index()];
                if *first == u32::NONE {
                    *first = place;
                }
                sets.join(*first, place);
            }
        }
    }

    /// Makes one part of those that show nothing of their own and say the same but for numbers, if most do: a text
    /// that goes with the photo is a second thing in common, a phrase of the trade that a few use is not.
    fn join_same_texts(&self, by_part: &mut [(u32, AdRow)], parts: &[CoreVote]) -> bool {
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

fn count(parts: &[CoreVote]) -> Ballot {
    let (mut with_own, mut contact_only, mut silent, mut bare) = (0.0, 0.0, 0.0, 0.0);
    let mut in_designs = 0.0;
    for part in parts {
        if part.has_voice {
            with_own += part.own();
            in_designs += part.designs();
            let rest = 1.0 - part.own() - part.designs();
            contact_only += rest * CONTACT_ONLY / f64::from(part.bare().max(1));
        } else if part.with_own > 0 {
            silent += (1.0 - SILENT / f64::from(part.ads)) * part.own();
        } else {
            bare += BARE * f64::from(part.ads);
        }
    }
    let ads: u32 = parts.iter().map(|part| part.ads).sum();
    let owns = |part: &CoreVote| {
        let repeats = part.has_voice && part.bare() > 1 && 4 * part.bare() >= ads;
        repeats || (part.ads > 2 && 2 * part.ads >= ads)
    };
    Ballot {
        parts: parts.len() as u32,
        with_own: with_own + f64::max(0.0, silent - bare),
        contact_only,
        in_designs,
        owned: parts.len() > 1 && parts.iter().any(owns),
        same_text: false,
    }
}
