//! What ads say besides their photos, in comparable form: phones, poster, text, place, times.
//!
//! Values become small numbers, the same number for the same normalised value, 0 for "says nothing". The trap:
//! these corroborate or contradict a link between photos; unless the user asks, they never make one.

use crate::codes::EnumSet;
use crate::corpus;
use crate::corpus::{AdRow, PhoneBook, PhoneKey, Row, Rows, Snapshot};
use crate::link::findings::{Contradiction, Corroboration, Seen};
use crate::record::Ad;
use crate::sets::{Roots, sorted_distinct};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A normalised value within one snapshot; 0 means that the ad does not say.
pub(crate) type Value = u32;

/// Comparable facts of every ad.
pub(crate) struct Facts<'a> {
    ads: &'a [Ad],
    phones: Lists<Value>,
    addresses: Lists<Value>,
    posters: Rows<AdRow, Value>,
    /// One number for texts that are near-same.
    texts: Rows<AdRow, Value>,
    sketches: Lists<u32>,
    places: Rows<AdRow, Value>,
    /// Collection times of sightings widen what the ad itself says.
    times: Rows<AdRow, Option<(&'a str, &'a str)>>,
    /// Ads of each site of the whole corpus.
    sites: Arc<BTreeMap<String, usize>>,
}

impl<'a> Facts<'a> {
    /// Normalises every ad. O(n log n).
    pub(crate) fn of(snapshot: &'a Snapshot) -> Self {
        let _span = tracing::debug_span!("facts").entered();
        let ads = &snapshot.ads;
        let phones = Lists::from(PhoneBook::with_keys(ads).1);
        let numbers = ranks_of_numbers(&phones.values);
        let addresses = Lists::of(ads, corpus::addresses);
        let names = ranks(&addresses.values.iter().map(Some).collect::<Vec<_>>());
        let of_site = ads.chunk_by(|x, y| x.key.site == y.key.site);
        let sites = of_site.map(|ads| (ads[0].key.site.clone(), ads.len())).collect();
        let sketches = Lists::of(ads, |ad| sketch(&ad.text));
        let texts = with_near_same(numbered(ads, |ad| text_key(&ad.text)), &sketches);
        Self {
            ads,
            phones: Lists { values: numbers, ends: phones.ends },
            addresses: Lists { values: names, ends: addresses.ends },
            posters: numbered(ads, corpus::handle),
            texts,
            sketches,
            places: numbered(ads, |ad| folded(&ad.location)),
            times: times(snapshot),
            sites: Arc::new(sites),
        }
    }

    /// Of some of the ads, which are those of `snapshot`. What the whole corpus makes of a number, of near-same texts and
    /// of the size of a site stays.
    pub(crate) fn section<'s>(&self, snapshot: &'s Snapshot, ads: &[AdRow]) -> Facts<'s> {
        let values = |all: &Rows<AdRow, Value>| ads.iter().map(|&ad| all[ad]).collect();
        Facts {
            ads: &snapshot.ads,
            phones: self.phones.section(ads),
            addresses: self.addresses.section(ads),
            posters: values(&self.posters),
            texts: values(&self.texts),
            sketches: self.sketches.section(ads),
            places: values(&self.places),
            times: times(snapshot),
            sites: Arc::clone(&self.sites),
        }
    }

    /// How many ads of a site there are in the whole corpus.
    pub(crate) fn ads_of_site(&self, site: &str) -> usize {
        self.sites.get(site).copied().unwrap_or(0)
    }

    /// Earliest known time of an ad; empty when unknown.
    pub(crate) fn first_seen(&self, ad: AdRow) -> &'a str {
        self.times[ad].map_or("", |(first, _)| first)
    }

    /// Day on which it was posted, or first seen where that is all we know; empty when unknown.
    pub(crate) fn day(&self, ad: AdRow) -> &'a str {
        let posted = &self.ads[ad.index()].posted_at;
        let time = if posted.is_empty() { self.first_seen(ad) } else { posted };
        time.get(..10).unwrap_or(time)
    }

    /// Everything that could tie an ad to its poster: phones, addresses, handle, text. Distinct kinds never share a
    /// number.
    pub(crate) fn ties(&self, ad: AdRow) -> impl Iterator<Item = (Corroboration, Value)> + '_ {
        let phones = self.phones.of_ad(ad).iter().map(|&phone| (Corroboration::Phone, phone));
        let addresses = self.addresses.of_ad(ad).iter().map(|&address| (Corroboration::Address, address));
        let rest = [(Corroboration::Poster, self.posters[ad]), (Corroboration::Text, self.texts[ad])];
        phones.chain(addresses).chain(rest.into_iter().filter(|(_, value)| *value != 0))
    }

    /// Every tie with the ads that have it, one after the other: sorted by kind, value and ad.
    pub(crate) fn ties_with_ads(&self) -> Vec<(Corroboration, Value, AdRow)> {
        let mut all: Vec<(Corroboration, Value, AdRow)> = AdRow::all(self.ads.len())
            .flat_map(|ad| self.ties(ad).map(move |(kind, value)| (kind, value, ad)))
            .collect();
        all.par_sort_unstable();
        all
    }

    /// The words of an ad's text without those that hold digits; `None` for a few words.
    pub(crate) fn template_text(&self, ad: AdRow) -> Option<String> {
        let text = &self.ads[ad.index()].text;
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let words: Vec<String> = words
            .filter(|word| !word.contains(|c: char| c.is_ascii_digit()))
            .map(str::to_lowercase)
            .collect();
        (words.len() >= MIN_TEMPLATE_WORDS).then(|| words.join(" "))
    }

    /// What two ads share beside photos.
    pub(crate) fn corroboration(&self, x: AdRow, y: AdRow) -> EnumSet<Corroboration> {
        let phone = self.share_a_phone(x, y);
        let poster = self.posters[x] != 0 && self.posters[x] == self.posters[y];
        let text = near_same(self.sketches.of_ad(x), self.sketches.of_ad(y));
        let kinds = [
            phone.then_some(Corroboration::Phone),
            poster.then_some(Corroboration::Poster),
            self.share_an_address(x, y).then_some(Corroboration::Address),
            text.then_some(Corroboration::Text),
        ];
        kinds.into_iter().flatten().collect()
    }

    /// What speaks against one poster.
    pub(crate) fn contradictions(&self, x: AdRow, y: AdRow) -> EnumSet<Contradiction> {
        let both_give_phones = !self.phones.of_ad(x).is_empty() && !self.phones.of_ad(y).is_empty();
        let phone = both_give_phones && !self.share_a_phone(x, y);
        let both_placed = self.places[x] != 0 && self.places[y] != 0;
        let place = both_placed
            && self.places[x] != self.places[y]
            && !self.day(x).is_empty()
            && self.day(x) == self.day(y);
        let kinds = [phone.then_some(Contradiction::Phone), place.then_some(Contradiction::Place)];
        kinds.into_iter().flatten().collect()
    }

    fn share_a_phone(&self, x: AdRow, y: AdRow) -> bool {
        self.phones.of_ad(x).iter().any(|phone| self.phones.of_ad(y).contains(phone))
    }

    fn share_an_address(&self, x: AdRow, y: AdRow) -> bool {
        self.addresses.of_ad(x).iter().any(|address| self.addresses.of_ad(y).contains(address))
    }

    /// Between which times each ad is known to have been there.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let mut known: HashMap<&str, Arc<str>> = HashMap::new();
        let mut shared = |time: &'a str| Arc::clone(known.entry(time).or_insert_with(|| time.into()));
        let times = self.times.values().iter().map(|times| times.unwrap_or_default());
        times.map(|(first, last)| Seen { first: shared(first), last: shared(last) }).collect()
    }

    /// Lets go of what only links are compared by, which is most of it.
    pub(crate) fn forget_texts(&mut self) {
        self.sketches = Lists::default();
    }
}

/// A list of every ad, end to end: a vector for each would double what they take.
#[derive(Default)]
struct Lists<T> {
    /// Where the list of ad row `k` ends in `values`.
    ends: Vec<u32>,
    values: Vec<T>,
}

impl<T: Clone> Lists<T> {
    fn section(&self, ads: &[AdRow]) -> Self {
        let mut some = Self { ends: Vec::with_capacity(ads.len()), values: Vec::new() };
        for &ad in ads {
            some.values.extend_from_slice(self.of_ad(ad));
            some.ends.push(some.values.len() as u32);
        }
        some
    }
}

impl<T> From<Vec<Vec<T>>> for Lists<T> {
    fn from(lists: Vec<Vec<T>>) -> Self {
        let mut all = Self { ends: Vec::with_capacity(lists.len()), values: Vec::new() };
        for list in lists {
            all.values.extend(list);
            all.ends.push(all.values.len() as u32);
        }
        all
    }
}

impl<T: Send> Lists<T> {
    /// Ads whose lists are made at once.
    const PART: usize = 1 << 14;

    fn of(ads: &[Ad], list: impl Fn(&Ad) -> Vec<T> + Sync) -> Self {
        let mut all = Self { ends: Vec::with_capacity(ads.len()), values: Vec::new() };
        for part in ads.chunks(Self::PART) {
            let lists: Vec<Vec<T>> = part.par_iter().map(&list).collect();
            for list in lists {
                all.values.extend(list);
                all.ends.push(all.values.len() as u32);
            }
        }
        all.values.shrink_to_fit();
        all
    }
}

impl<T> Lists<T> {
    fn of_ad(&self, ad: AdRow) -> &[T] {
        let row = ad.index();
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.values[start..self.ends[row] as usize]
    }
}

fn times(snapshot: &Snapshot) -> Rows<AdRow, Option<(&str, &str)>> {
    let mut times: Rows<AdRow, Option<(&str, &str)>> = snapshot.ads.iter().map(own_times).collect();
    for sighting in &snapshot.sightings {
        widen(&mut times[sighting.ad], &sighting.collected_at);
    }
    times
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

fn numbered<K: AsRef<[u8]> + Send + Sync>(
    ads: &[Ad],
    key: impl Fn(&Ad) -> Option<K> + Sync + Send,
) -> Rows<AdRow, Value> {
    ranks(&ads.par_iter().map(key).collect::<Vec<_>>()).into()
}

/// Place of each key among all different ones in order, from 1; 0 for none.
fn ranks<K: AsRef<[u8]> + Sync>(keys: &[Option<K>]) -> Vec<Value> {
    let bytes = |row: u32| keys[row as usize].as_ref().map_or(&[][..], K::as_ref);
    // The first eight bytes mostly decide, and are at hand.
    let mut order: Vec<(u64, u32)> = Vec::with_capacity(keys.len());
    for row in (0..keys.len() as u32).filter(|&row| keys[row as usize].is_some()) {
        let mut first = [0; 8];
        first.iter_mut().zip(bytes(row)).for_each(|(to, from)| *to = *from);
        order.push((u64::from_be_bytes(first), row));
    }
    order.par_sort_unstable_by(|x, y| x.0.cmp(&y.0).then_with(|| bytes(x.1).cmp(bytes(y.1))));
    let mut ranks = vec![0; keys.len()];
    for (rank, same) in (1..).zip(order.chunk_by(|x, y| bytes(x.1) == bytes(y.1))) {
        same.iter().for_each(|&(_, row)| ranks[row as usize] = rank);
    }
    ranks
}

/// Place of each number among all different ones in order, from 1.
fn ranks_of_numbers(numbers: &[PhoneKey]) -> Vec<Value> {
    let known = sorted_distinct(numbers.iter().copied());
    let rank = |number: &PhoneKey| known.binary_search(number).map_or(0, |place| place as Value + 1);
    numbers.par_iter().map(rank).collect()
}

fn folded(text: &str) -> Option<String> {
    Some(text.trim().to_lowercase()).filter(|text| !text.is_empty())
}

/// Words that make a template of a text when most ads of a photo have them: phrases of the trade have seven.
const MIN_TEMPLATE_WORDS: usize = 8;

/// Words that a text must have before two ads can be said to share it: short texts are phrases of the trade.
const MIN_WORDS: usize = 20;

/// The words of a text in small letters, each followed by one space, and where each begins; nothing for short texts.
fn words(text: &str) -> Option<(String, Vec<usize>)> {
    let (mut all, mut begins) = (String::with_capacity(text.len() + 1), Vec::new());
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        begins.push(all.len());
        if word.is_ascii() {
            all.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            all.push_str(&word.to_lowercase());
        }
        all.push(' ');
    }
    (begins.len() >= MIN_WORDS).then_some((all, begins))
}

/// A digest of the words stands for them: texts are long, and there are many.
fn text_key(text: &str) -> Option<[u8; 32]> {
    words(text).map(|(words, _)| Sha256::digest(words).into())
}

/// Smallest digests of a text by which near-same ones are found, and texts with the same one that each is compared with:
/// two texts that share half of their runs share one of the first three in nearly nine cases of ten.
const LOOKED_UP: (usize, usize) = (3, 4);

/// Gives texts that are near-same, by way of others, too, the smallest of their numbers. O(n log n).
fn with_near_same(mut texts: Rows<AdRow, Value>, sketches: &Lists<u32>) -> Rows<AdRow, Value> {
    let count = texts.values().iter().max().map_or(0, |&most| most as usize + 1);
    let mut ad_of = vec![AdRow::NONE; count];
    for (ad, &text) in texts.iter().filter(|(_, text)| **text != 0).rev() {
        ad_of[text as usize] = ad;
    }
    let sketch = |text: Value| sketches.of_ad(ad_of[text as usize]);
    let mut by_digest: Vec<(u32, Value)> = (1..count as Value)
        .flat_map(|text| sketch(text).iter().take(LOOKED_UP.0).map(move |&digest| (digest, text)))
        .collect();
    by_digest.par_sort_unstable();
    let mut sets = Roots::new(count);
    for bucket in by_digest.chunk_by(|x, y| x.0 == y.0) {
        for (place, &(_, text)) in bucket.iter().enumerate() {
            for &(_, other) in &bucket[place.saturating_sub(LOOKED_UP.1)..place] {
                if near_same(sketch(text), sketch(other)) {
                    sets.join(text, other);
                }
            }
        }
    }
    texts.values_mut().iter_mut().for_each(|text| *text = sets.find(*text));
    texts
}

/// Runs of three words that stand for a text: those whose digests are smallest.
const SKETCH: usize = 48;

/// The smallest digests of a text's runs of three words, ascending; empty for short texts.
fn sketch(text: &str) -> Vec<u32> {
    let Some((words, mut begins)) = words(text) else { return Vec::new() };
    begins.push(words.len());
    let mut digests = sorted_distinct(begins.windows(4).map(|run| digest(&words.as_bytes()[run[0]..run[3]])));
    digests.truncate(SKETCH);
    digests
}

/// FNV-1a over the words, then mixed, so that the order of digests says nothing about words. Half of the sum is
/// enough to tell the runs of two texts apart.
fn digest(words: &[u8]) -> u32 {
    let sum = words
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum: u64, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    ((sum ^ (sum >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// Do most runs of three words occur in both texts? Estimates the Jaccard index by the smallest digests of the
/// union (Broder 1997); half and more is near-same: two or three words in forty may be others in each.
fn near_same(a: &[u32], b: &[u32]) -> bool {
    if a.is_empty() || b.is_empty() {
        return false;
    }
    // Both lists are ascending and at most as long as the sketch of the union; what is exhausted counts as larger.
    let (mut i, mut j, mut union, mut shared) = (0, 0, 0_u32, 0_u32);
    while union < SKETCH as u32 && (i < a.len() || j < b.len()) {
        let (x, y) = (a.get(i).map_or(u64::MAX, |&x| x.into()), b.get(j).map_or(u64::MAX, |&y| y.into()));
        i += usize::from(x <= y);
        j += usize::from(y <= x);
        shared += u32::from(x == y);
        union += 1;
    }
    f64::from(shared) >= 0.5 * f64::from(union)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_places_among_the_different_keys() {
        let keys =
            [Some("beta"), None, Some("a\0"), Some("a"), Some("beta"), Some("abcdefgh2"), Some("abcdefgh1")];
        let known = sorted_distinct(keys.iter().flatten());
        let place = |key: &Option<&str>| {
            key.as_ref().map_or(0, |key| known.binary_search(&key).map_or(0, |place| place as Value + 1))
        };
        assert_eq!(ranks(&keys), keys.iter().map(place).collect::<Vec<_>>());
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
