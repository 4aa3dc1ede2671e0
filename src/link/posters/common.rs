//! Whose photos are: one poster's own, a common picture, or one picture with many contacts.
//!
//! A photo is common only where many independent voices show it, most of which show photos of their own. Where they
//! give many contacts and show nothing else, or where one of them owns it, it is neither common nor glue between
//! them. All else is a poster's own photo, however often it is repeated. The trap: two badges on every ad of a site
//! look like two shared photos, so what always goes with a possible badge is judged with all of it set aside.

use super::ballot::Polls;
use super::cores::{self, Cores};
use super::facts::Facts;
use super::flyers::Flyers;
use super::photo_uses::{CoOccurrence, PhotoUse, PhotoUses};
use super::verdict::{Said, Verdict, Verdicts};
use super::voices::Voices;
use crate::corpus::{AdRow, ImageRow, PhotoRow, Rows, Snapshot};
use crate::link::findings::CommonReason;
use std::collections::BTreeMap;

/// Share of the ads of one site from which a file on them may be a badge, and the ads that takes at least.
const BADGE: (f64, usize) = (0.2, 4);

/// Share of the ads of a site that show a file from which it may be the site's whatever else they show, and the ads that
/// takes at least.
const MOST_ADS: (f64, usize) = (0.5, 12);

/// Share of the ads of either of two photos that show both, from which they may be badges that go together.
const GO_TOGETHER: f64 = 0.6;

/// Rounds of judging: each stock picture found takes false ground from under others.
const ROUNDS: usize = 6;

/// Verdicts on all photos, and the cores of ads under them.
pub(crate) struct Judged {
    pub(crate) verdicts: Verdicts,
    pub(crate) cores: Cores,
}

/// Judges every photo of `uses`.
pub(crate) fn judge(
    snapshot: &Snapshot,
    uses: &PhotoUses,
    facts: &Facts,
    voices: &Voices,
    flyers: &Flyers,
    said: &Rows<PhotoRow, Said>,
) -> Judged {
    let _span = tracing::debug_span!("common photos").entered();
    let ads = snapshot.ads.len();
    let polls = Polls { uses, facts, voices, flyers, together: CoOccurrence::new(uses, ads) };
    let judge = PhotoJudge { snapshot, polls };
    let mut verdicts: Verdicts = said.values().iter().map(|&said| Verdict::said(said)).collect();
    judge.find_badges(&mut verdicts);
    judge.find_files_of_sites(&mut verdicts);
    let cores = judge.settle(&mut verdicts);
    for (photo, verdict) in verdicts.iter_mut() {
        if verdict.reason == Some(CommonReason::Stock) && judge.may_be_badge(photo) {
            verdict.reason = Some(CommonReason::SiteFurniture);
        }
    }
    Judged { verdicts, cores }
}

/// Photos on whose ballots may come another answer: those shown beside a photo of another verdict than before, or on ads
/// that moved to another core.
fn touched(
    uses: &PhotoUses,
    others: &Rows<PhotoRow, bool>,
    moved: &Rows<AdRow, bool>,
) -> Rows<PhotoRow, bool> {
    let mut touched = Rows::filled(false, others.len());
    for (ad, moved) in moved.iter() {
        let shown = uses.of_ad(ad);
        let is_other = |photo_use: &PhotoUse| others[photo_use.photo];
        if *moved || shown.iter().any(is_other) {
            shown.iter().for_each(|photo_use| touched[photo_use.photo] = true);
        }
    }
    touched
}

struct PhotoJudge<'a> {
    snapshot: &'a Snapshot,
    polls: Polls<'a>,
}

impl PhotoJudge<'_> {
    /// Rounds of judging until nothing changes; the cores under what was found.
    fn settle(&self, verdicts: &mut Verdicts) -> Cores {
        let Polls { uses, voices, .. } = self.polls;
        let ads = self.snapshot.ads.len();
        let mut cores = cores::cores(uses, voices, ads, verdicts);
        let mut asked = Rows::filled(true, verdicts.len());
        for _ in 0..ROUNDS {
            let before = verdicts.clone();
            for (photo, verdict) in verdicts.iter_mut().filter(|(photo, _)| asked[*photo]) {
                *verdict = verdict.on(self.polls.hold(photo, Some(&cores), &before, &[]));
            }
            let two = || verdicts.values().iter().zip(before.values());
            let others: Rows<PhotoRow, bool> = two().map(|(now, then)| !now.says_as(then)).collect();
            if !others.values().contains(&true) {
                break;
            }
            let mut moved = Rows::filled(false, ads);
            if two().any(|(now, then)| now.reason != then.reason) {
                let last = std::mem::replace(&mut cores, cores::cores(uses, voices, ads, verdicts));
                moved.iter_mut().for_each(|(ad, moved)| *moved = last.find(ad) != cores.find(ad));
            }
            asked = touched(uses, &others, &moved);
        }
        cores
    }

    /// Files that stand on most ads of a site, whatever else the ads show, and are common once all else is judged as if they
    /// were not there: such a file makes two shared things of every stock picture on two ads of its site.
    fn find_files_of_sites(&self, verdicts: &mut Verdicts) {
        let open = |photo: &PhotoRow| verdicts[*photo].is_glue() && self.is_on_most_ads_of_a_site(*photo);
        let candidates: Vec<PhotoRow> = verdicts.rows().filter(open).collect();
        if candidates.is_empty() {
            return;
        }
        let mut without = verdicts.clone();
        candidates.iter().for_each(|&photo| without[photo].reason = Some(CommonReason::SiteFurniture));
        let cores = self.settle(&mut without);
        for photo in candidates {
            let verdict = verdicts[photo].on(self.polls.hold(photo, Some(&cores), &without, &[]));
            if verdict.reason.is_some() {
                verdicts[photo] = verdict;
            }
        }
    }

    fn is_on_most_ads_of_a_site(&self, photo: PhotoRow) -> bool {
        let uses = self.polls.uses;
        let images = &uses.photos[photo].images;
        let most = |&image: &ImageRow| {
            let shown = uses.ads_of_image(image).len();
            shown >= MOST_ADS.1 && shown as f64 >= MOST_ADS.0 * self.ads_of_the_site(image) as f64
        };
        self.may_be_badge(photo) && images.iter().any(most)
    }

    /// Photos that stand on a site's ads together with others, and are common when all of them are set aside.
    fn find_badges(&self, verdicts: &mut Verdicts) {
        let open = |photo: &PhotoRow| verdicts[*photo].is_glue() && self.may_be_badge(*photo);
        let candidates: Vec<PhotoRow> = verdicts.rows().filter(open).collect();
        let before = verdicts.clone();
        for photo in candidates {
            let with = self.go_with(photo);
            if !with.is_empty() {
                let verdict = before[photo].on(self.polls.hold(photo, None, &before, &with));
                if verdict.reason.is_some() {
                    verdicts[photo] = verdict;
                }
            }
        }
    }

    /// Photos that are on most of a photo's ads, and the other way round.
    fn go_with(&self, photo: PhotoRow) -> Vec<PhotoRow> {
        let uses = self.polls.uses;
        let mut beside: BTreeMap<PhotoRow, usize> = BTreeMap::new();
        for &ad in &uses.photos[photo].ads {
            for shown in uses.of_ad(ad).chunk_by(|x, y| x.photo == y.photo) {
                *beside.entry(shown[0].photo).or_default() += 1;
            }
        }
        beside.remove(&photo);
        let ads = |photo: PhotoRow| uses.photos[photo].ads.len();
        beside.retain(|&other, both| *both as f64 >= GO_TOGETHER * ads(photo).max(ads(other)) as f64);
        beside.into_keys().collect()
    }

    /// Are most sightings of a photo sightings of a file that stands on a large share of the ads of one site, and on
    /// no other? (Badges of two sites can look alike and be one photo, so files are asked, not the photo.)
    fn may_be_badge(&self, photo: PhotoRow) -> bool {
        let uses = self.polls.uses;
        let images = &uses.photos[photo].images;
        let seen = images.iter().map(|&image| uses.ads_of_image(image).len()).sum::<usize>();
        let on_site: usize = images.iter().map(|&image| self.ads_with_badge(image)).sum();
        10 * on_site >= 9 * seen && seen > 0
    }

    /// Ads on which a file may be a badge.
    fn ads_with_badge(&self, image: ImageRow) -> usize {
        let ads = self.polls.uses.ads_of_image(image);
        if ads.len() < BADGE.1 {
            return 0;
        }
        if ads.len() as f64 >= BADGE.0 * self.ads_of_the_site(image) as f64 { ads.len() } else { 0 }
    }

    /// All ads of the site on which a file is seen; more than there are when it is seen on two.
    fn ads_of_the_site(&self, image: ImageRow) -> usize {
        let site = |ad: AdRow| self.snapshot.ads[ad].key.site.as_str();
        let ads = self.polls.uses.ads_of_image(image);
        // Ads are in order of their sites, so those of one site stand together.
        match (ads.first(), ads.last()) {
            (Some(&first), Some(&last)) if site(first) == site(last) => {
                self.polls.facts.ads_of_site(site(first))
            }
            _ => usize::MAX,
        }
    }
}
