//! Which ads belong together: cores joined along single shared photos, where the rest of what they show allows it.
//!
//! Agglomeration by a likelihood ratio. If two sets of ads were one poster's, a photo that ties them should be used
//! in both about as often as that poster's other photos are (a binomial tail), and the ads it ties should share
//! about as much as ads of one poster do in this corpus (another). Against that stands the chance that different
//! posters share an uncommon photo at all. So one photo joins two lone ads, and does not join two networks of
//! thirty in which it occurs once each. The trap: everything is judged on the sets as they are when a tie is taken,
//! so the order of ties matters; it is by score, then by how many ads show the photo, then by content.

use super::cores::Cores;
use super::facts::Facts;
use super::photo_uses::{PhotoUse, PhotoUses};
use super::totals::PhotoReuse;
use super::verdict::Verdicts;
use super::voices::{Voice, Voices, sharing_ads};
use crate::corpus::{AdRow, CommunityRow, ImageRow, PhotoRow, Row, Rows, Snapshot};
use crate::sets::Sets;
use std::collections::BTreeMap;

/// Natural log of the odds that an uncommon photo shared by two sets of ads is no accident.
const SHARED_PHOTO: f64 = 4.0;

/// What each further disagreeing part among a photo's ads takes from that.
const PER_PART: f64 = 2.5;

/// Parts that any photo may have without losing trust.
const FREE_PARTS: f64 = 2.0;

/// How widely rates vary from photo to photo and poster to poster: weight of the mean in a beta distribution, in
/// observations. Small, because habits differ much.
const SPREAD: f64 = 2.0;

/// Photos found again, and photos, that are taken as seen before any: cores are chosen by what they repeat, so a few of
/// them say too much about how much posters do.
const PRIOR: (f64, f64) = (14.0, 20.0);

/// Passes over the ties; a join can make another one acceptable.
const PASSES: usize = 6;

/// Ads of a set that are asked about one tie.
const ASKED: usize = 16;

/// The ads of a snapshot with what they show, common photos set aside.
pub(crate) struct Communities<'a> {
    uses: &'a PhotoUses,
    verdicts: &'a Verdicts,
    voices: &'a Voices,
    /// Images of each ad that show no shared photo.
    own_images: Rows<AdRow, u32>,
    /// How much is shown again in this section.
    own_reuse: PhotoReuse,
    /// Share of an ad's photos that other ads of its core show too, over all cores of the corpus.
    reuse: f64,
    sets: Sets<AdRow>,
    profiles: BTreeMap<AdRow, CommunityProfile>,
}

/// Share of an ad's photos that other ads of its core show too.
fn share(PhotoReuse { again, all }: PhotoReuse) -> f64 {
    if all == 0 { 0.0 } else { (again as f64 + PRIOR.0) / (all as f64 + PRIOR.1) }
}

/// What a set of ads shows.
#[derive(Debug, Clone, Default)]
struct CommunityProfile {
    ads: u32,
    /// Distinct photos, shared or not.
    photos: u32,
    /// Uses of them: each photo counts once an ad.
    uses: u32,
    /// Ads that give a contact.
    with_contact: u32,
    /// Their voices, at least.
    voices: u32,
    /// One of them.
    voice: Option<Voice>,
    /// Ads of the set that show each shared photo.
    counts: BTreeMap<PhotoRow, u32>,
}

impl CommunityProfile {
    fn absorb(&mut self, other: Self) {
        let (mut large, small) = if other.counts.len() > self.counts.len() {
            (other.counts, std::mem::take(&mut self.counts))
        } else {
            (std::mem::take(&mut self.counts), other.counts)
        };
        let mut both = 0;
        for (photo, count) in small {
            let entry = large.entry(photo).or_insert(0);
            both += u32::from(*entry > 0);
            *entry += count;
        }
        *self = Self {
            ads: self.ads + other.ads,
            photos: self.photos + other.photos - both,
            uses: self.uses + other.uses,
            with_contact: self.with_contact + other.with_contact,
            voices: self.voices + other.voices - u32::from(self.voice.is_some() && self.voice == other.voice),
            voice: self.voice.or(other.voice),
            counts: large,
        };
    }

    /// Natural log of the chance that so few photos that this set repeats are found in another set of its poster.
    fn as_foreign_to(&self, other: &Self) -> f64 {
        let repeated = || self.counts.iter().filter(|(_, count)| **count > 1);
        let n = repeated().count() as u32;
        if self.ads < 2 || other.ads < 2 || n == 0 {
            return 0.0;
        }
        let found = repeated().filter(|(photo, _)| other.counts.contains_key(photo)).count() as u32;
        let usage = f64::from(repeated().map(|(_, count)| count).sum::<u32>()) / f64::from(n * self.ads);
        ln_tail(n.min(other.photos), 1.0 - (1.0 - usage).powi(other.ads as i32), found)
    }

    /// Natural log of the chance that a poster of both sets, who changes contacts as often as they do, gives other
    /// ones in each: small when each keeps its own for many ads.
    fn with_other_contacts_than(&self, other: &Self) -> f64 {
        if self.voice.is_none() || other.voice.is_none() || self.voice == other.voice {
            return 0.0;
        }
        let rate = f64::from(self.voices + other.voices) / f64::from(self.with_contact + other.with_contact);
        rate.ln().clamp(CONTACTS, 0.0)
    }

    /// Natural log of the chance that a photo of this set is in as few of its ads as this one, or fewer.
    fn as_rare_as(&self, photo: PhotoRow) -> f64 {
        let shown = self.counts.get(&photo).copied().unwrap_or(0);
        if self.photos < 2 {
            return 0.0;
        }
        let others = f64::from(self.uses - shown) / f64::from(self.photos - 1);
        ln_tail(self.ads, others / f64::from(self.ads), shown)
    }
}

/// Least natural log of a chance of contacts: posters change them as they like.
const CONTACTS: f64 = -3.0;

/// A photo that may join the sets of two ads.
#[derive(Debug, Clone, Copy)]
struct Tie {
    photo: PhotoRow,
    a: AdRow,
    b: AdRow,
}

impl<'a> Communities<'a> {
    /// Starts from cores.
    pub(crate) fn new(
        uses: &'a PhotoUses,
        verdicts: &'a Verdicts,
        voices: &'a Voices,
        cores: Cores,
        ads: usize,
    ) -> Self {
        let own_images = AdRow::all(ads)
            .map(|ad| {
                let mut images: Vec<ImageRow> =
                    uses.of_ad(ad).iter().map(|photo_use| photo_use.image).collect();
                images.sort_unstable();
                images.dedup();
                uses.images_of_ad(ad) - images.len() as u32
            })
            .collect();
        let mut this = Self {
            uses,
            verdicts,
            voices,
            own_images,
            own_reuse: PhotoReuse::default(),
            reuse: 0.0,
            sets: cores,
            profiles: BTreeMap::new(),
        };
        for ad in AdRow::all(ads) {
            let alone = this.profile_of_ad(ad);
            this.profiles.entry(this.sets.find(ad)).or_default().absorb(alone);
        }
        this.own_reuse = this.measured_reuse(ads);
        this
    }

    /// How much cores show again.
    pub(crate) fn reuse(&self) -> PhotoReuse {
        self.own_reuse
    }

    /// The set of each ad, by the name of its smallest row, given how much the cores of the corpus show again.
    pub(crate) fn find(mut self, reuse: PhotoReuse) -> Rows<AdRow, CommunityRow> {
        let _span = tracing::debug_span!("communities").entered();
        self.reuse = share(reuse);
        let mut ties = self.ties();
        for _ in 0..PASSES {
            let mut scored: Vec<(f64, usize, Tie)> = ties
                .iter()
                .map(|&tie| (self.score(tie), self.uses.photos[tie.photo].ads.len(), tie))
                .collect();
            scored.sort_by(|x, y| {
                let content = |tie: &Tie| (tie.photo, tie.a, tie.b);
                y.0.total_cmp(&x.0).then(y.1.cmp(&x.1)).then_with(|| content(&x.2).cmp(&content(&y.2)))
            });
            let joined = scored.iter().filter(|(_, _, tie)| self.try_join(*tie)).count();
            ties.retain(|tie| self.sets.find(tie.a) != self.sets.find(tie.b));
            if joined == 0 {
                break;
            }
        }
        named(&self.sets, self.own_images.len())
    }

    /// As [`find`](Self::find), and then ads that share a phone, a handle or a text are joined too.
    pub(crate) fn find_with(
        self,
        reuse: PhotoReuse,
        snapshot: &Snapshot,
        facts: &Facts,
    ) -> Rows<AdRow, CommunityRow> {
        let by_facts = sharing_ads(snapshot, facts, self.uses);
        let community = self.find(reuse);
        let mut sets = Sets::new(community.len());
        let by_photo = community.iter().map(|(ad, name)| (ad, AdRow(name.0)));
        let by_facts = by_facts.iter().flat_map(|ads| ads.windows(2).map(|two| (two[0], two[1])));
        for (a, b) in by_photo.chain(by_facts) {
            sets.join(a, b);
        }
        named(&sets, community.len())
    }

    fn try_join(&mut self, tie: Tie) -> bool {
        let (a, b) = (self.sets.find(tie.a), self.sets.find(tie.b));
        if a == b || self.score(tie) < 0.0 {
            return false;
        }
        let Some((keep, gone)) = self.sets.join(a, b) else { return false };
        let absorbed = self.profiles.remove(&gone).unwrap_or_default();
        self.profiles.entry(keep).or_default().absorb(absorbed);
        true
    }

    /// Photos that count, once for each two neighbouring parts of their ads and for each part and the largest.
    fn ties(&self) -> Vec<Tie> {
        let mut ties = Vec::new();
        for (photo, shared) in self.uses.photos.iter() {
            if !self.verdicts[photo].is_glue() {
                continue;
            }
            let mut parts: Vec<(AdRow, AdRow)> =
                shared.ads.iter().map(|&ad| (self.sets.find(ad), ad)).collect();
            parts.sort_unstable();
            let parts: Vec<&[(AdRow, AdRow)]> = parts.chunk_by(|x, y| x.0 == y.0).collect();
            let Some(largest) = parts.iter().max_by_key(|part| (part.len(), std::cmp::Reverse(part[0].1)))
            else {
                continue;
            };
            let mut firsts: Vec<AdRow> = parts.iter().map(|part| part[0].1).collect();
            firsts.sort_unstable();
            let hub = largest[0].1;
            let pairs = firsts
                .windows(2)
                .map(|two| (two[0], two[1]))
                .chain(firsts.iter().map(|&ad| (hub.min(ad), hub.max(ad))));
            let mut pairs: Vec<(AdRow, AdRow)> = pairs.filter(|(a, b)| a != b).collect();
            pairs.sort_unstable();
            pairs.dedup();
            ties.extend(pairs.into_iter().map(|(a, b)| Tie { photo, a, b }));
        }
        ties
    }

    /// Log-likelihood ratio: one poster against two, for the sets that hold the tie's ends.
    fn score(&self, tie: Tie) -> f64 {
        let (a, b) = (self.sets.find(tie.a), self.sets.find(tie.b));
        let (Some(x), Some(y)) = (self.profiles.get(&a), self.profiles.get(&b)) else {
            return f64::NEG_INFINITY;
        };
        let (few, many) = if x.counts.len() <= y.counts.len() { (x, y) } else { (y, x) };
        let shared = few.counts.keys().copied().filter(|photo| many.counts.contains_key(photo));
        let (mut n, mut trust, mut rare) = (0_u32, 0.0, 0.0);
        for photo in shared {
            n += 1;
            trust += self.trust(photo);
            rare += x.as_rare_as(photo) + y.as_rare_as(photo);
        }
        // Photos of one set are rare in another for one reason, so together they say it once.
        trust
            + rare / f64::from(n.max(1))
            + x.with_other_contacts_than(y)
            + x.as_foreign_to(y).min(y.as_foreign_to(x))
            + self.closed(tie.photo, a, x, y)
            + self.closed(tie.photo, b, y, x)
    }

    fn trust(&self, photo: PhotoRow) -> f64 {
        SHARED_PHOTO - PER_PART * (self.verdicts[photo].ballot.with_own - FREE_PARTS).max(0.0)
    }

    /// Natural log of the chance that so few photos of a tied ad of set `of` are found again in the rest of the two
    /// sets, for the ad that fits best. A lone ad can find no more than the other set has.
    fn closed(&self, photo: PhotoRow, of: AdRow, own: &CommunityProfile, other: &CommunityProfile) -> f64 {
        let ads = self.uses.photos[photo].ads.iter().filter(|&&ad| self.sets.find(ad) == of);
        ads.take(ASKED)
            .map(|&ad| {
                let alone = self.profile_of_ad(ad);
                let again = |photo: &&PhotoRow| own.counts[photo] > 1 || other.counts.contains_key(photo);
                let found = alone.counts.keys().filter(again).count() as u32;
                let findable = if own.ads == 1 { alone.photos.min(other.photos) } else { alone.photos };
                ln_tail(findable, self.reuse, found)
            })
            .fold(f64::NEG_INFINITY, f64::max)
    }

    fn profile_of_ad(&self, ad: AdRow) -> CommunityProfile {
        let counted = |photo_use: &&PhotoUse| self.verdicts[photo_use.photo].is_glue();
        let counts: BTreeMap<PhotoRow, u32> =
            self.uses.of_ad(ad).iter().filter(counted).map(|photo_use| (photo_use.photo, 1)).collect();
        let photos = counts.len() as u32 + self.own_images[ad];
        let voice = self.voices.of_ad(ad);
        let gives = u32::from(voice.is_some());
        CommunityProfile { ads: 1, photos, uses: photos, with_contact: gives, voices: gives, voice, counts }
    }

    fn measured_reuse(&self, ads: usize) -> PhotoReuse {
        let (mut again, mut all) = (0, 0);
        for ad in AdRow::all(ads) {
            let core = &self.profiles[&self.sets.find(ad)];
            if core.ads > 1 {
                let alone = self.profile_of_ad(ad);
                again += alone.counts.keys().filter(|photo| core.counts[photo] > 1).count() as u64;
                all += u64::from(alone.photos);
            }
        }
        PhotoReuse { again, all }
    }
}

/// The set of each ad, by its smallest row.
pub(super) fn named(sets: &Sets<AdRow>, ads: usize) -> Rows<AdRow, CommunityRow> {
    let mut name: Rows<AdRow, CommunityRow> = Rows::filled(CommunityRow::NONE, ads);
    AdRow::all(ads)
        .map(|ad| {
            let name = &mut name[sets.find(ad)];
            *name = CommunityRow(ad.0).min(*name);
            *name
        })
        .collect()
}

/// Trials beyond which a sample says no more about a rate that itself varies.
const ENOUGH: u32 = 400;

/// Natural log of the chance of `k` or fewer successes in `n` trials, where the rate varies from case to case
/// around `mean` (beta-binomial).
fn ln_tail(n: u32, mean: f64, k: u32) -> f64 {
    let (n, k) =
        if n > ENOUGH { (ENOUGH, (u64::from(k) * u64::from(ENOUGH) / u64::from(n)) as u32) } else { (n, k) };
    let mean = mean.clamp(0.0, 0.98);
    if k >= n || f64::from(k) >= f64::from(n) * mean {
        return 0.0;
    }
    let (yes, no) = (mean * SPREAD, (1.0 - mean) * SPREAD);
    let trials = f64::from(n);
    let mut ln_term: f64 = (0..n).map(|i| ((no + f64::from(i)) / (yes + no + f64::from(i))).ln()).sum();
    let mut ln_sum = ln_term;
    for done in (0..k).map(f64::from) {
        ln_term += ((trials - done) / (done + 1.0) * (done + yes) / (trials - done - 1.0 + no)).ln();
        ln_sum = ln_sum.max(ln_term) + (-(ln_sum - ln_term).abs()).exp().ln_1p();
    }
    ln_sum
}
