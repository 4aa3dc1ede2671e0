//! Voices: ads that share a contact are one poster's, as far as one can tell, whatever else they do.
//!
//! A contact is a phone, a handle, an address or a long text of one's own. Ads that give none have no voice. The
//! trap is what a site, an agency or the trade puts on everybody's ads: a hotline, a footer, `Verified member`, a phrase. It
//! stands on nearly all ads of a site, or beside many phones, and most of the ads that share it share no photo.

use super::facts::{Facts, Value};
use super::photo_uses::PhotoUses;
use crate::corpus::{AdRow, PhotoRow, Row, Rows, Snapshot};
use crate::link::findings::Corroboration;
use crate::sets::Sets;
use std::collections::BTreeMap;

/// Different phones beside a phone from which it may be more than one poster's; the same for a handle, which an account
/// keeps while its phones change, and for a text, which may be a phrase of the trade.
const BESIDE_PHONE: usize = 6;
const BESIDE_HANDLE: usize = 24;
const BESIDE_TEXT: usize = 3;

/// Share of the ads of its sites from which a value may be the sites', and the ads that takes at least.
const EVERYWHERE: (f64, usize) = (0.8, 8);

/// Ads that share contacts, under the name of any one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Voice(pub(super) AdRow);

/// Which voice each ad has.
pub(crate) struct Voices {
    /// One of those with its voice; [`Row::NONE`] where it gives no contact.
    of_ad: Rows<AdRow, AdRow>,
}

impl Voices {
    /// O(c log c) in the contacts given.
    pub(crate) fn of(snapshot: &Snapshot, facts: &Facts, uses: &PhotoUses) -> Self {
        let _span = tracing::debug_span!("voices").entered();
        let ads = snapshot.ads.len();
        let mut of_ad = Rows::filled(AdRow::NONE, ads);
        let mut sets = Sets::new(ads);
        let owners = Owners::new(snapshot, facts, uses);
        for sharing in facts.ties_with_ads().chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)) {
            if owners.are_many(sharing) {
                continue;
            }
            sharing.iter().for_each(|&(_, _, ad)| of_ad[ad] = ad);
            sharing.windows(2).for_each(|two| {
                sets.join(two[0].2, two[1].2);
            });
        }
        for (_, voice) in of_ad.iter_mut().filter(|(_, voice)| **voice != AdRow::NONE) {
            *voice = sets.find(*voice);
        }
        Self { of_ad }
    }

    /// The voice of an ad; `None` when it gives no contact.
    pub(crate) fn of_ad(&self, ad: AdRow) -> Option<Voice> {
        self.of_ad[ad].some().map(Voice)
    }
}

/// Ads that share a contact of their poster, one list for each value, in a fixed order.
pub(crate) fn sharing_ads(snapshot: &Snapshot, facts: &Facts, uses: &PhotoUses) -> Vec<Vec<AdRow>> {
    let owners = Owners::new(snapshot, facts, uses);
    let own = |same: &&[(Corroboration, Value, AdRow)]| same.len() > 1 && !owners.are_many(same);
    let ties = facts.ties_with_ads();
    let ads = |same: &[(Corroboration, Value, AdRow)]| same.iter().map(|&(_, _, ad)| ad).collect();
    ties.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)).filter(own).map(ads).collect()
}

/// Whether a value is one poster's.
struct Owners<'a> {
    snapshot: &'a Snapshot,
    facts: &'a Facts<'a>,
    uses: &'a PhotoUses,
}

impl<'a> Owners<'a> {
    fn new(snapshot: &'a Snapshot, facts: &'a Facts<'a>, uses: &'a PhotoUses) -> Self {
        Self { snapshot, facts, uses }
    }

    /// Is it on the ads of many who have nothing to do with each other?
    fn are_many(&self, sharing: &[(Corroboration, Value, AdRow)]) -> bool {
        (self.is_beside_many_phones(sharing) || self.is_everywhere(sharing))
            && self.show_little_in_common(sharing)
    }

    /// Does it stand beside many different phones, on most of its ads?
    fn is_beside_many_phones(&self, sharing: &[(Corroboration, Value, AdRow)]) -> bool {
        let kind = sharing[0].0;
        let most = match kind {
            Corroboration::Poster => BESIDE_HANDLE,
            Corroboration::Text => BESIDE_TEXT,
            _ => BESIDE_PHONE,
        };
        if sharing.len() < most {
            return false;
        }
        let own = usize::from(kind == Corroboration::Phone);
        let mut phones: Vec<Value> = Vec::new();
        let mut with_another = 0;
        for &(_, _, ad) in sharing {
            let before = phones.len();
            let ties = self.facts.ties(ad).filter(|(tie, _)| *tie == Corroboration::Phone);
            phones.extend(ties.map(|(_, value)| value));
            with_another += usize::from(phones.len() - before > own);
        }
        phones.sort_unstable();
        phones.dedup();
        2 * with_another > sharing.len() && phones.len() - own >= most
    }

    /// Does it stand on nearly all ads of the sites on which it is?
    fn is_everywhere(&self, sharing: &[(Corroboration, Value, AdRow)]) -> bool {
        if sharing.len() < EVERYWHERE.1 {
            return false;
        }
        let site = |ad: AdRow| self.snapshot.ads[ad].key.site.as_str();
        // Ads are in order of their sites.
        let by_site = sharing.chunk_by(|x, y| site(x.2) == site(y.2));
        let on_sites: usize = by_site.map(|on_site| self.facts.ads_of_site(site(on_site[0].2))).sum();
        sharing.len() as f64 >= EVERYWHERE.0 * on_sites as f64
    }

    /// Do most of its ads show no photo that another of them shows?
    fn show_little_in_common(&self, sharing: &[(Corroboration, Value, AdRow)]) -> bool {
        let photos =
            |ad: AdRow| self.uses.of_ad(ad).chunk_by(|x, y| x.photo == y.photo).map(|same| same[0].photo);
        let mut shown: BTreeMap<PhotoRow, u32> = BTreeMap::new();
        for &(_, _, ad) in sharing {
            photos(ad).for_each(|photo| *shown.entry(photo).or_default() += 1);
        }
        let in_common = |ad: AdRow| photos(ad).any(|photo| shown[&photo] > 1);
        2 * sharing.iter().filter(|tie| in_common(tie.2)).count() < sharing.len()
    }
}
