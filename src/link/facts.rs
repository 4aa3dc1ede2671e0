//! What ads say besides their photos, in comparable form: phones, poster, text, place, times.
//!
//! Values become small numbers, the same number for the same normalised value, 0 for "says nothing". The trap:
//! these corroborate or contradict a link between photos; unless the user asks, they never make one.

use super::showings::sorted_distinct;
use crate::case::Snapshot;
use crate::link::{Contradiction, Corroboration};
use crate::record::Ad;
use rayon::prelude::*;

/// A normalised value within one snapshot; 0 means that the ad does not say.
pub(super) type Value = u32;

/// Comparable facts of every ad, by ad row.
pub(super) struct Facts<'a> {
    ads: &'a [Ad],
    phones: Vec<Vec<Value>>,
    posters: Vec<Value>,
    texts: Vec<Value>,
    sketches: Vec<Vec<u64>>,
    places: Vec<Value>,
    /// Collection times of sightings widen what the ad itself says.
    times: Vec<Option<(&'a str, &'a str)>>,
}

impl<'a> Facts<'a> {
    /// Normalises every ad. O(n log n).
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let _span = tracing::debug_span!("facts").entered();
        let ads = &snapshot.ads;
        let phones: Vec<Vec<String>> = ads.iter().map(|ad| phone_keys(&ad.phones)).collect();
        let known: Vec<&String> = sorted_distinct(phones.iter().flatten());
        let mut times: Vec<Option<(&str, &str)>> = ads.iter().map(own_times).collect();
        for sighting in &snapshot.sightings {
            widen(&mut times[sighting.ad as usize], &sighting.collected_at);
        }
        Self {
            ads,
            phones: phones
                .iter()
                .map(|keys| keys.iter().map(|key| place_of(&known, &key)).collect())
                .collect(),
            posters: numbered(ads, |ad| folded(&ad.poster)),
            texts: numbered(ads, |ad| text_key(&ad.text)),
            sketches: ads.par_iter().map(|ad| sketch(&ad.text)).collect(),
            places: numbered(ads, |ad| folded(&ad.location)),
            times,
        }
    }

    /// Earliest known time of an ad; empty when unknown.
    pub(super) fn first_seen(&self, ad: u32) -> &'a str {
        self.times[ad as usize].map_or("", |(first, _)| first)
    }

    /// Latest known time of an ad; empty when unknown.
    pub(super) fn last_seen(&self, ad: u32) -> &'a str {
        self.times[ad as usize].map_or("", |(_, last)| last)
    }

    /// Day on which it was posted, or first seen where that is all we know; empty when unknown.
    pub(super) fn day(&self, ad: u32) -> &'a str {
        let posted = &self.ads[ad as usize].posted_at;
        let time = if posted.is_empty() { self.first_seen(ad) } else { posted };
        time.get(..10).unwrap_or(time)
    }

    /// Everything that could tie an ad to its poster: phones, handle, text. Distinct kinds never share a number.
    pub(super) fn ties(&self, ad: u32) -> impl Iterator<Item = (Corroboration, Value)> + '_ {
        let row = ad as usize;
        let phones = self.phones[row].iter().map(|&phone| (Corroboration::Phone, phone));
        let rest = [(Corroboration::Poster, self.posters[row]), (Corroboration::Text, self.texts[row])];
        phones.chain(rest.into_iter().filter(|(_, value)| *value != 0))
    }

    /// Ads that share a phone, a handle or a text, one list for each value, in a fixed order.
    pub(super) fn sharing_ads(&self) -> Vec<Vec<u32>> {
        let mut all: Vec<(Corroboration, Value, u32)> = (0..self.ads.len() as u32)
            .flat_map(|ad| self.ties(ad).map(move |(kind, value)| (kind, value, ad)))
            .collect();
        all.sort_unstable();
        all.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1))
            .filter(|same| same.len() > 1)
            .map(|same| same.iter().map(|&(_, _, ad)| ad).collect())
            .collect()
    }

    /// Does the ad give a phone or a handle?
    pub(super) fn gives_contact(&self, ad: u32) -> bool {
        !self.phones[ad as usize].is_empty() || self.posters[ad as usize] != 0
    }

    /// What two ads share beside photos.
    pub(super) fn corroboration(&self, a: u32, b: u32) -> Vec<Corroboration> {
        let (x, y) = (a as usize, b as usize);
        let mut found = Vec::new();
        if self.phones[x].iter().any(|phone| self.phones[y].contains(phone)) {
            found.push(Corroboration::Phone);
        }
        if self.posters[x] != 0 && self.posters[x] == self.posters[y] {
            found.push(Corroboration::Poster);
        }
        if near_same(&self.sketches[x], &self.sketches[y]) {
            found.push(Corroboration::Text);
        }
        found
    }

    /// What speaks against one poster.
    pub(super) fn contradictions(&self, a: u32, b: u32) -> Vec<Contradiction> {
        let (x, y) = (a as usize, b as usize);
        let mut found = Vec::new();
        let both_give_phones = !self.phones[x].is_empty() && !self.phones[y].is_empty();
        if both_give_phones && !self.phones[x].iter().any(|phone| self.phones[y].contains(phone)) {
            found.push(Contradiction::Phone);
        }
        let both_placed = self.places[x] != 0 && self.places[y] != 0;
        if both_placed
            && self.places[x] != self.places[y]
            && !self.day(a).is_empty()
            && self.day(a) == self.day(b)
        {
            found.push(Contradiction::Place);
        }
        found
    }
}

fn own_times(ad: &Ad) -> Option<(&str, &str)> {
    let mut times = None;
    widen(&mut times, &ad.posted_at);
    widen(&mut times, &ad.collected_at);
    times
}

fn widen<'a>(times: &mut Option<(&'a str, &'a str)>, time: &'a str) {
    if !time.is_empty() {
        *times = Some(times.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
    }
}

/// Place in a sorted list, from 1.
fn place_of<T: Ord>(known: &[T], value: &T) -> Value {
    known.binary_search(value).map_or(0, |place| place as Value + 1)
}

fn numbered(ads: &[Ad], key: impl Fn(&Ad) -> String + Sync + Send) -> Vec<Value> {
    let keys: Vec<String> = ads.par_iter().map(key).collect();
    let known = sorted_distinct(keys.iter().filter(|key| !key.is_empty()));
    keys.iter().map(|key| place_of(&known, &key)).collect()
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The last nine digits: the same number with and without country code, trunk zero and punctuation. Numbers of
/// fewer than six digits, and of one digit repeated, are placeholders.
fn phone_keys(phones: &[String]) -> Vec<String> {
    let keys = phones.iter().filter_map(|phone| {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let key = &digits[digits.len().saturating_sub(9)..];
        let repeated = key.bytes().all(|digit| key.starts_with(char::from(digit)));
        (key.len() >= 6 && !repeated).then(|| key.to_string())
    });
    sorted_distinct(keys)
}

/// Words that a text must have before two ads can be said to share it: short texts are phrases of the trade.
const MIN_WORDS: usize = 20;

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn text_key(text: &str) -> String {
    let key: Vec<String> = words(text).collect();
    if key.len() < MIN_WORDS { String::new() } else { key.join(" ") }
}

/// Runs of three words that stand for a text: those whose digests are smallest.
const SKETCH: usize = 48;

/// The smallest digests of a text's runs of three words, ascending; empty for short texts.
fn sketch(text: &str) -> Vec<u64> {
    let words: Vec<String> = words(text).collect();
    if words.len() < MIN_WORDS {
        return Vec::new();
    }
    let mut digests = sorted_distinct(words.windows(3).map(digest));
    digests.truncate(SKETCH);
    digests
}

/// FNV-1a over the words, then mixed, so that the order of digests says nothing about words.
fn digest(words: &[String]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([b' ']));
    let sum = bytes
        .fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    (sum ^ (sum >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Do most runs of three words occur in both texts? Estimates the Jaccard index by the smallest digests of the
/// union (Broder 1997); 0.7 and more is near-same.
fn near_same(a: &[u64], b: &[u64]) -> bool {
    if a.is_empty() || b.is_empty() {
        return false;
    }
    let union = sorted_distinct(a.iter().chain(b).copied());
    let smallest = &union[..union.len().min(SKETCH)];
    let shared =
        smallest.iter().filter(|digest| a.binary_search(digest).is_ok() && b.binary_search(digest).is_ok());
    shared.count() as f64 >= 0.7 * smallest.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_the_same_however_written() {
        let keys = |phone: &str| phone_keys(&[phone.to_string()]);
        assert_eq!(keys("+44 20 7946 0018"), keys("(020) 7946-0018"));
        assert_eq!(keys("0044 2079460018"), keys("020 79460018"));
        assert_ne!(keys("020 7946 0018"), keys("020 7946 0019"));
        assert!(keys("12345").is_empty() && keys("000 000 000").is_empty());
    }

    #[test]
    fn near_same_text_tolerates_a_changed_word_but_not_another_text() {
        let text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
                    sixteen seventeen eighteen nineteen twenty twenty-one twenty-two twenty-three twenty-four";
        let near_same = |a: &str, b: &str| near_same(&sketch(a), &sketch(b));
        assert!(near_same(text, &text.replace("One", "First").replace("four five", "four, FIVE")));
        assert!(near_same(text, &text.replace("nine ten", "9 ten")));
        assert!(!near_same(text, &text.split(' ').rev().collect::<Vec<_>>().join(" ")));
        assert!(!near_same("short text", "short text"));
    }
}
