//! Voices: ads that share a contact are one poster's, as far as one can tell, whatever else they do.
//!
//! A contact is a phone, a handle, an address or a long text of one's own. Ads that give none have no voice. The
//! trap is the number that a site prints on every ad beside the poster's own: whatever stands beside many different
//! phones is the site's and names nobody.

use super::facts::{Facts, Value};
use crate::link::findings::Corroboration;
use crate::sets::Sets;

/// Different phones beside a phone from which it is not the poster's own; the same for a handle, which an account keeps
/// while its phones change, and for a text, which may be a phrase of the trade.
const BESIDE_PHONE: usize = 6;
const BESIDE_HANDLE: usize = 24;
const BESIDE_TEXT: usize = 3;

/// Which voice each ad has.
pub(crate) struct Voices {
    of_ad: Vec<u32>,
}

impl Voices {
    /// O(c log c) in the contacts given.
    pub(crate) fn of(facts: &Facts, ads: usize) -> Self {
        let _span = tracing::debug_span!("voices").entered();
        let mut of_ad = vec![u32::MAX; ads];
        let mut sets = Sets::new(ads);
        for sharing in facts.ties_with_ads().chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)) {
            if is_the_sites(facts, sharing) {
                continue;
            }
            sharing.iter().for_each(|&(_, _, ad)| of_ad[ad as usize] = ad);
            sharing.windows(2).for_each(|two| {
                sets.join(two[0].2, two[1].2);
            });
        }
        for voice in of_ad.iter_mut().filter(|voice| **voice != u32::MAX) {
            *voice = sets.find(*voice);
        }
        Self { of_ad }
    }

    /// The voice of an ad; `None` when it gives no contact.
    pub(crate) fn of_ad(&self, ad: u32) -> Option<u32> {
        Some(self.of_ad[ad as usize]).filter(|&voice| voice != u32::MAX)
    }
}

/// Ads that share a contact of their poster, one list for each value, in a fixed order.
pub(crate) fn sharing_ads(facts: &Facts) -> Vec<Vec<u32>> {
    let own = |same: &&[(Corroboration, Value, u32)]| same.len() > 1 && !is_the_sites(facts, same);
    let ties = facts.ties_with_ads();
    let ads = |same: &[(Corroboration, Value, u32)]| same.iter().map(|&(_, _, ad)| ad).collect();
    ties.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)).filter(own).map(ads).collect()
}

/// Does a value stand beside many different phones, on most of its ads?
fn is_the_sites(facts: &Facts, sharing: &[(Corroboration, Value, u32)]) -> bool {
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
        phones.extend(facts.ties(ad).filter(|(tie, _)| *tie == Corroboration::Phone).map(|(_, value)| value));
        with_another += usize::from(phones.len() - before > own);
    }
    phones.sort_unstable();
    phones.dedup();
    2 * with_another > sharing.len() && phones.len() - own >= most
}
