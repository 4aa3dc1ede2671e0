//! One hash table of the feature index: buckets of keypoints whose codes share some bits.
//!
//! A code is first turned to a canonical orientation, the one that brings a chosen group of its bits to the front.
//! A turned copy's code ends up in the same place, so one look-up serves all eight turns. The choice can flip
//! with a bit; each table chooses by other weights. Buckets are kept in the order of rank, which depends on the row
//! alone, so reading a bucket from its start up to a cap keeps the *same* rows everywhere.

use crate::features::code::Code;
use crate::hash::Dihedral;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Tables of the index.
pub(crate) const TABLES: usize = 12;
/// Low bits of a tag: part of the canonical code, to drop chance company without touching the keypoint. The
/// three above hold the canonical turn.
const TAG_BITS: u32 = 29;
/// Tags further apart than this belong to codes that are hardly within reach.
const TAG_RADIUS: u32 = 8;
/// How many more bits of the code decide its bucket than number the buckets. A bucket holds several keys; the
/// more bits, the fewer codes meet by chance.
const EXTRA_KEY_BITS: usize = 1;

/// A keypoint in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Posting {
    keypoint: u32,
    tag: u32,
}

/// Where a code falls in one table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodePlace {
    bucket: u32,
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

/// How one table reads codes.
struct Reading {
    /// Weight of each value of a group's low and high byte.
    weights: [[i16; 256]; 2],
    /// All bits of a code in the order in which keys take them up.
    order: [u8; 128],
    /// The bits that make the key.
    masks: [u64; 2],
    /// First bit of the tag within word `tag_at.0`.
    tag_at: (usize, u32),
}

/// A table: most postings in one sorted run of buckets, those added since in a small map.
pub(crate) struct Table {
    reading: Reading,
    bucket_bits: u32,
    starts: Vec<u32>,
    /// Sorted by bucket, then rank; removed ones make room at the end of their bucket.
    postings: Vec<Posting>,
    /// Each list sorted by rank.
    young: HashMap<u32, Vec<Posting>>,
}

/// What a removed posting is overwritten with.
const GONE: Posting = Posting { keypoint: u32::MAX, tag: 0 };

/// The turn that brings a group of bits to the front, by group.
pub(crate) const TURN_OF_GROUP: [Dihedral; 8] = [
    Dihedral::None,
    Dihedral::FlipY,
    Dihedral::FlipX,
    Dihedral::Rot180,
    Dihedral::FlipPlus1,
    Dihedral::Rot270,
    Dihedral::Rot90,
    Dihedral::FlipMinus1,
];

/// `RELATIVE[a][b]`: the turn, as a group, that equals turn `a` followed by the inverse of turn `b`.
static RELATIVE: LazyLock<[[u8; 8]; 8]> = LazyLock::new(|| {
    let probe = Code::from_words([0x0003_0002_0001_0000, 0x0007_0006_0005_0004]);
    std::array::from_fn(|a| {
        std::array::from_fn(|b| {
            let turned = probe.turned(TURN_OF_GROUP[a]).turned(TURN_OF_GROUP[b].inverse());
            // The probe's groups carry their numbers: the one in front names the turn.
            (turned.words()[0] & 7) as u8
        })
    })
});

/// A fixed sequence of well-mixed numbers (SplitMix64).
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Reading {
    fn new(number: usize) -> Self {
        let draw = |i: u64| mix(1000 * number as u64 + i);
        // Near-equal weights of either sign: a flipped bit moves the sum a little, equal sums are rare.
        let of_bit: [i16; 16] = std::array::from_fn(|bit| {
            let random = draw(bit as u64);
            (100 + (random >> 8) as i16 % 6) * if random & 1 == 0 { 1 } else { -1 }
        });
        let of_byte = |byte: usize, half: usize| {
            (0..8).filter(|bit| byte >> bit & 1 == 1).map(|bit| of_bit[8 * half + bit]).sum()
        };
        let mut order: [u8; 128] = std::array::from_fn(|bit| bit as u8);
        order.sort_by_key(|&bit| draw(100 + u64::from(bit)));
        Self {
            weights: std::array::from_fn(|half| std::array::from_fn(|byte| of_byte(byte, half))),
            order,
            masks: [0; 2],
            tag_at: (number % 2, (9 * number as u32) % (64 - TAG_BITS)),
        }
    }

    fn take_bits(&mut self, count: usize) {
        self.masks = [0; 2];
        for bit in &self.order[..count] {
            self.masks[*bit as usize / 64] |= 1 << (bit % 64);
        }
    }

    /// The group with the largest weight; of equals, the first.
    fn front(&self, code: Code) -> usize {
        let weights: [i16; 8] = std::array::from_fn(|group| {
            let bits = code.words()[group / 4] >> (16 * (group % 4));
            self.weights[0][bits as usize & 0xff] + self.weights[1][(bits >> 8) as usize & 0xff]
        });
        (1..8).fold(0, |best, group| if weights[group] > weights[best] { group } else { best })
    }
}

impl Table {
    /// Table `number` with `2^bucket_bits` buckets, empty.
    pub(crate) fn new(number: usize, bucket_bits: u32) -> Self {
        let mut table = Self {
            reading: Reading::new(number),
            bucket_bits,
            starts: Vec::new(),
            postings: Vec::new(),
            young: HashMap::new(),
        };
        table.set_bucket_bits(bucket_bits);
        table.fill(&[]);
        table
    }

    /// Where a code falls.
    pub(crate) fn place(&self, code: Code) -> CodePlace {
        let front = self.reading.front(code);
        self.place_turned(front, code.turned(TURN_OF_GROUP[front]))
    }

    /// Where a code falls that stands under all eight turns, in the order of [`TURN_OF_GROUP`].
    pub(crate) fn place_among(&self, turned: &[Code; 8]) -> CodePlace {
        let front = self.reading.front(turned[0]);
        self.place_turned(front, turned[front])
    }

    fn place_turned(&self, front: usize, turned: Code) -> CodePlace {
        let Reading { masks, tag_at: (word, shift), .. } = self.reading;
        let words = turned.words();
        let low = (words[0] & masks[0]).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let high = (words[1] & masks[1]).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let key = (low ^ low >> 32).wrapping_add(high ^ high >> 32).wrapping_mul(0x94d0_49bb_1331_11eb);
        let tag = (words[word] >> shift) as u32 & ((1 << TAG_BITS) - 1);
        CodePlace { bucket: (key >> (64 - self.bucket_bits)) as u32, tag: tag | (front as u32) << TAG_BITS }
    }

    pub(crate) fn bucket_bits(&self) -> u32 {
        self.bucket_bits
    }

    /// Chooses the number of buckets; [`Table::fill`] must follow.
    pub(crate) fn set_bucket_bits(&mut self, bucket_bits: u32) {
        self.bucket_bits = bucket_bits;
        self.reading.take_bits(bucket_bits as usize + EXTRA_KEY_BITS);
    }

    /// Replaces everything by keypoints 0, 1, 2, ... at these places. Their numbers must be in order of rank.
    pub(crate) fn fill(&mut self, places: &[CodePlace]) {
        self.young.clear();
        let buckets = 1usize << self.bucket_bits;
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
        let turns = &RELATIVE[(place.tag >> TAG_BITS) as usize];
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
