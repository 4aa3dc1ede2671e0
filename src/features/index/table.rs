//! One hash table of the feature index: buckets of keypoints whose codes share some bits.
//!
//! Buckets are kept in the order of rank, which depends on the row alone, so reading a bucket from its start up to a cap
//! keeps the *same* rows everywhere. The trap: whoever changes this changes what the index on disk must answer, too.

use super::reading::{CodePlace, Reading, TAG_BITS, TAG_RADIUS};
use crate::features::code::Code;
use std::collections::HashMap;
use std::ops::Range;

/// A keypoint in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Posting {
    keypoint: u32,
    tag: u32,
}

/// The sorted part of a bucket, as far as it is looked at.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    postings: Range<usize>,
    /// The last of them, and the first, read early: by the time the others are wanted they have come from memory
    /// with these.
    ends: [Posting; 2],
}

/// A table: most postings in one sorted run of buckets, those added since in a small map.
pub(crate) struct Table {
    reading: Reading,
    starts: Vec<u32>,
    /// Sorted by bucket, then rank; removed ones make room at the end of their bucket.
    postings: Vec<Posting>,
    /// Each list sorted by rank.
    young: HashMap<u32, Vec<Posting>>,
}

/// What a removed posting is overwritten with.
const GONE: Posting = Posting { keypoint: u32::MAX, tag: 0 };

impl Table {
    /// Table `number` with `2^bucket_bits` buckets, empty.
    pub(crate) fn new(number: usize, bucket_bits: u32) -> Self {
        let mut table = Self {
            reading: Reading::new(number, bucket_bits),
            starts: Vec::new(),
            postings: Vec::new(),
            young: HashMap::new(),
        };
        table.fill(&[]);
        table
    }

    /// Where a code falls.
    pub(crate) fn place(&self, code: Code) -> CodePlace {
        self.reading.place(code)
    }

    /// Where a code falls that stands under all eight turns, in the order of `TURN_OF_GROUP`.
    pub(crate) fn place_among(&self, turned: &[Code; 8]) -> CodePlace {
        self.reading.place_among(turned)
    }

    pub(crate) fn bucket_bits(&self) -> u32 {
        self.reading.bucket_bits()
    }

    /// Chooses the number of buckets; [`Table::fill`] must follow.
    pub(crate) fn set_bucket_bits(&mut self, bucket_bits: u32) {
        self.reading.set_bucket_bits(bucket_bits);
    }

    /// Replaces everything by keypoints 0, 1, 2, ... at these places. Their numbers must be in order of rank.
    pub(crate) fn fill(&mut self, places: &[CodePlace]) {
        self.young.clear();
        let buckets = 1usize << self.bucket_bits();
        self.starts.clear();
        self.starts.resize(buckets + 1, 0);
        places.iter().for_each(|place| self.starts[place.bucket as usize + 1] += 1);
        (0..buckets).for_each(|bucket| self.starts[bucket + 1] += self.starts[bucket]);
        let mut next = self.starts.clone();
        self.postings.clear();
        self.postings.resize(places.len(), GONE);
        for (keypoint, place) in places.iter().enumerate() {
            let at = &mut next[place.bucket as usize];
            self.postings[*at as usize] = Posting { keypoint: keypoint as u32, tag: place.tag };
            *at += 1;
        }
    }

    /// Adds a keypoint; `rank` orders keypoints.
    pub(crate) fn insert<R: Ord>(&mut self, place: CodePlace, keypoint: u32, rank: impl Fn(u32) -> R) {
        let list = self.young.entry(place.bucket).or_default();
        let at = list.partition_point(|other| rank(other.keypoint) < rank(keypoint));
        list.insert(at, Posting { keypoint, tag: place.tag });
    }

    pub(crate) fn remove(&mut self, place: CodePlace, keypoint: u32) {
        if let Some(list) = self.young.get_mut(&place.bucket) {
            list.retain(|posting| posting.keypoint != keypoint);
        }
        let bucket = self.range(&place);
        let bucket = &mut self.postings[bucket];
        if let Some(at) = bucket.iter().position(|posting| posting.keypoint == keypoint) {
            bucket.copy_within(at + 1.., at);
            bucket[bucket.len() - 1] = GONE;
        }
    }

    /// Where the sorted part of a place's bucket stands, for [`Table::bucket`].
    pub(crate) fn range(&self, place: &CodePlace) -> Range<usize> {
        self.starts[place.bucket as usize] as usize..self.starts[place.bucket as usize + 1] as usize
    }

    /// The first `cap` that stand there, for [`Table::look_up`].
    pub(crate) fn bucket(&self, sorted: Range<usize>, cap: usize) -> Bucket {
        let postings = sorted.start..sorted.end.min(sorted.start + cap);
        let ends = match &self.postings[postings.clone()] {
            [first, .., last] => [*last, *first],
            [only] => [*only; 2],
            [] => [GONE; 2],
        };
        Bucket { postings, ends }
    }

    /// Calls `found` for the first `cap` keypoints in a place's bucket in order of rank, if their tags are near,
    /// with the group that must come to the front of the looked-up code to make it look like the keypoint.
    pub(crate) fn look_up<R: Ord>(
        &self,
        place: CodePlace,
        bucket: &Bucket,
        cap: usize,
        rank: impl Fn(u32) -> R,
        mut found: impl FnMut(u32, u8),
    ) {
        let turns = place.turns();
        let mut found = |posting: Posting| found(posting.keypoint, turns[(posting.tag >> TAG_BITS) as usize]);
        let mut old = &self.postings[bucket.postings.clone()];
        if bucket.ends.contains(&GONE) {
            old = &old[..old.iter().position(|old| *old == GONE).unwrap_or(old.len())];
        }
        let Some(young) =
            Some(&self.young).filter(|young| !young.is_empty()).and_then(|young| young.get(&place.bucket))
        else {
            return old[..old.len().min(cap)]
                .chunks(EIGHT)
                .for_each(|eight| near_tags(place, eight, &mut found));
        };
        let mut consider = |posting: &Posting| near_tags(place, &[*posting], &mut found);
        let (mut old, mut young) = (old.iter().peekable(), young.iter().peekable());
        for _ in 0..cap {
            let next = match (old.peek(), young.peek()) {
                (Some(a), Some(b)) if rank(b.keypoint) < rank(a.keypoint) => young.next(),
                (None, _) => young.next(),
                _ => old.next(),
            };
            let Some(posting) = next else { break };
            consider(posting);
        }
    }
}

/// Postings compared at once.
const EIGHT: usize = 8;

/// Calls `found` for those of up to [`EIGHT`] postings whose tags are near. Which are is as good as random: nothing
/// branches on it.
fn near_tags(place: CodePlace, postings: &[Posting], found: &mut impl FnMut(Posting)) {
    let mut tags = [0; EIGHT];
    tags.iter_mut().zip(postings).for_each(|(tag, posting)| *tag = posting.tag);
    let distances = tags.map(|tag| ((tag ^ place.tag) << (32 - TAG_BITS)).count_ones());
    let (mut near, mut count) = ([GONE; EIGHT + 1], 0);
    for (&posting, distance) in postings.iter().zip(distances) {
        near[count] = posting;
        count += usize::from(distance <= TAG_RADIUS);
    }
    near[..count].iter().copied().for_each(found);
}

#[cfg(test)]
mod tests {
    use super::super::reading::{TURN_OF_GROUP, mix};
    use super::*;

    #[test]
    fn a_new_table_spreads_codes_and_finds_turned_ones() {
        let mut table = Table::new(3, 12);
        let codes: Vec<Code> = (0..500).map(|i| Code::from_words([mix(i), mix(i + 1_000)])).collect();
        for (keypoint, &code) in codes.iter().enumerate() {
            table.insert(table.place(code), keypoint as u32, |keypoint| keypoint);
        }
        assert!(table.young.len() > 400, "{} buckets", table.young.len());
        let mut lost = 0;
        for (keypoint, &code) in codes.iter().enumerate() {
            let seen = code.turned(TURN_OF_GROUP[keypoint % 8]);
            let mut found = Vec::new();
            let place = table.place(seen);
            table.look_up(
                place,
                &table.bucket(table.range(&place), 99),
                99,
                |keypoint| keypoint,
                |keypoint, turn| found.push((keypoint, turn)),
            );
            match found.iter().find(|found| found.0 == keypoint as u32) {
                Some(&(_, turn)) => assert_eq!(seen.turned(TURN_OF_GROUP[turn as usize]), code, "{keypoint}"),
                // Two groups of equal weight: which of them is first depends on the turn.
                None => lost += 1,
            }
        }
        assert!(lost < 15, "{lost} codes lost");
    }
}
