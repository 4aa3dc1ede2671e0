//! Feature index: which pictures share enough codes, in the same arrangement, to be worth verifying.
//!
//! Locality-sensitive hashing of codes (Indyk and Motwani, 1998) and a weak geometric vote. Answers depend on what
//! is in the index and never on the order in which it came there; rows may be added and removed at any time. The
//! trap: a picture with many copies crowds its buckets. They are read up to a cap, always the same rows first, so
//! the copies find these rows rather than each other; index one picture per known photo group where you can.

use super::table::{Bucket, Place, TABLES, TURN_OF_GROUP, Table, mix};
use super::{Code, Features, Keypoint};
use crate::hash::Dihedral;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Codes further apart are no match.
const CODE_RADIUS: u32 = 28;
/// Codes as near as this count as the same when frequency is counted.
const SAME_RADIUS: u32 = 20;
/// Postings read per bucket.
const CAP: usize = 32;
/// Matches in one arrangement that make a candidate: few, because a tilted copy has no more that share a bucket.
const VOTES: usize = 2;
/// Candidates worth verifying: beyond these chance outnumbers copies, unless a photo has very many.
pub const CANDIDATES: usize = 64;
/// Weight of one good match.
const UNIQUE: u32 = 100;
/// Candidates with less evidence than this, and a step more for every doubling of the index beyond so many pictures,
/// are not worth verifying: the more pictures, the more of them agree by chance.
const LEAST_EVIDENCE: u32 = 80;
/// One in so many matches agrees with others by chance.
const CHANCE: u32 = 6;
const EVIDENCE_STEP: u32 = 10;
const FEW_PICTURES: usize = 512;
/// Frequencies above this are not told apart.
pub const MOST_FREQUENT: u8 = 32;
/// Tables that frequency is counted in: what is common is found in any of them.
const FREQUENCY_TABLES: usize = 4;
/// Pictures whose arrangement is looked at, per candidate wanted.
const SHORTLIST: usize = 16;
/// Votes tried as the one the others agree with.
const SEEDS: usize = 32;
const FEWEST_BUCKET_BITS: u32 = 12;
const MOST_BUCKET_BITS: u32 = 26;

/// A picture worth verifying against the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Its row.
    pub row: u32,
    /// The turn of the *query* under which codes agree.
    pub turn: Dihedral,
    /// Weight of the matches that agree on shift and scale: [`UNIQUE`] for one of average nearness between keypoints
    /// that do not repeat within their pictures.
    pub evidence: u32,
}

/// A keypoint in the index.
#[derive(Debug, Clone, Copy)]
struct Entry {
    keypoint: Keypoint,
    row: u32,
}

/// Keypoints of many pictures, found by code. Memory: about 16 KB a picture of 100 keypoints.
pub struct FeatureIndex {
    entries: Vec<Entry>,
    /// First entry and number of entries of every row.
    rows: BTreeMap<u32, (u32, u32)>,
    live: usize,
    /// Entries up to here are in the sorted part of the tables.
    sorted: usize,
    tables: Vec<Table>,
}

impl Default for FeatureIndex {
    fn default() -> Self {
        let tables = (0..TABLES).map(|number| Table::new(number, FEWEST_BUCKET_BITS)).collect();
        Self { entries: Vec::new(), rows: BTreeMap::new(), live: 0, sorted: 0, tables }
    }
}

/// A code under all eight turns, in the order of [`TURN_OF_GROUP`].
fn all_turns(code: Code) -> [Code; 8] {
    TURN_OF_GROUP.map(|turn| code.turned(turn))
}

/// Bits of a bucket's number for this many keypoints: two to four keypoints a bucket if codes were even.
fn bucket_bits(keypoints: usize) -> u32 {
    (keypoints / 2).max(1).ilog2().clamp(FEWEST_BUCKET_BITS, MOST_BUCKET_BITS)
}

/// Evidence that makes a candidate among so many pictures.
fn least_evidence(pictures: usize) -> u32 {
    LEAST_EVIDENCE + EVIDENCE_STEP * (pictures / FEW_PICTURES).max(1).ilog2()
}

/// Which rows a crowded bucket keeps: the lowest; the same in every bucket and in every run.
fn rank(row: u32) -> (u64, u32) {
    (mix(u64::from(row)), row)
}

impl FeatureIndex {
    /// An index of these pictures; of several in one row, the last. Tables are filled in parallel. Cost: about 2
    /// microseconds a keypoint of one core's time.
    pub fn build<'a>(pictures: impl IntoIterator<Item = (u32, &'a Features)>) -> Self {
        let mut index = Self::default();
        for (row, features) in pictures {
            index.remove(row);
            index.append(row, features);
        }
        index.rebuild();
        index
    }

    /// Number of pictures.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when there is no picture.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a picture, or replaces the one in this row.
    pub fn insert(&mut self, row: u32, features: &Features) {
        self.remove(row);
        let first = self.entries.len();
        self.append(row, features);
        let old = self.sorted;
        if bucket_bits(self.live) != self.bucket_bits() || self.entries.len() - old > 4096 + old / 4 {
            return self.rebuild();
        }
        for (at, entry) in self.entries.iter().enumerate().skip(first) {
            for table in &mut self.tables {
                let place = table.place(entry.keypoint.code);
                table.insert(place, at as u32, |at| (rank(self.entries[at as usize].row), at));
            }
        }
    }

    /// Takes a picture out; false when there is none in this row.
    pub fn remove(&mut self, row: u32) -> bool {
        let Some((first, count)) = self.rows.remove(&row) else { return false };
        self.live -= count as usize;
        if bucket_bits(self.live) != self.bucket_bits() {
            self.rebuild();
            return true;
        }
        for at in first..first + count {
            let code = self.entries[at as usize].keypoint.code;
            for table in &mut self.tables {
                let place = table.place(code);
                table.remove(place, at);
            }
        }
        true
    }

    fn rank(&self, entry: u32) -> impl Ord + use<> {
        (rank(self.entries[entry as usize].row), entry)
    }

    fn bucket_bits(&self) -> u32 {
        self.tables[0].bucket_bits()
    }

    fn append(&mut self, row: u32, features: &Features) {
        let first = self.entries.len() as u32;
        self.entries.extend(features.keypoints.iter().map(|&keypoint| Entry { keypoint, row }));
        self.rows.insert(row, (first, features.keypoints.len() as u32));
        self.live += features.keypoints.len();
    }

    /// Sorts everything into the tables and drops what was removed.
    fn rebuild(&mut self) {
        let mut entries = Vec::with_capacity(self.live);
        let mut rows: Vec<(&u32, &mut (u32, u32))> = self.rows.iter_mut().collect();
        rows.sort_by_key(|(row, _)| rank(**row));
        for (_, place) in rows {
            let first = entries.len() as u32;
            entries.extend_from_slice(&self.entries[place.0 as usize..][..place.1 as usize]);
            place.0 = first;
        }
        self.entries = entries;
        self.sorted = self.entries.len();
        let (bits, entries) = (bucket_bits(self.live), &self.entries);
        self.tables.par_iter_mut().for_each(|table| {
            table.set_bucket_bits(bits);
            let places: Vec<Place> = entries.iter().map(|entry| table.place(entry.keypoint.code)).collect();
            table.fill(&places);
        });
    }

    /// Up to `most` pictures that may show what the query shows, most votes first, then by row; [`CANDIDATES`] is a
    /// good number. A picture already in the index finds itself. Cost for 100 query keypoints: half a millisecond
    /// with 1,000 pictures, two with 100,000.
    pub fn candidates(&self, query: &Features, most: usize) -> Vec<Candidate> {
        let mut votes = self.votes(query);
        votes.sort_unstable_by_key(|vote| (vote.row, vote.turn, vote.query, vote.entry));
        let least = least_evidence(self.rows.len());
        let sum = |votes: &[Vote]| votes.iter().map(|vote| vote.weight).sum::<u32>();
        let mut groups: Vec<(u32, &[Vote])> = votes
            .chunk_by(|a, b| (a.row, a.turn) == (b.row, b.turn))
            .map(|votes| (sum(votes), votes))
            .filter(|&(sum, votes)| sum >= least && votes.len() >= VOTES)
            .collect();
        // Arrangement is looked at where there is most evidence; a photo with very many copies has enough of it.
        groups.sort_by_key(|&(sum, _)| std::cmp::Reverse(sum));
        groups.truncate(SHORTLIST * most);
        let mut turned: [Option<Features>; 8] = Default::default();
        let mut arranged = |(sum, votes): (u32, &[Vote])| {
            let (row, group) = (votes[0].row, usize::from(votes[0].turn));
            let turn = TURN_OF_GROUP[group];
            let query = turned[group].get_or_insert_with(|| query.turned(turn));
            let evidence = self.agreeing(votes, query).saturating_sub(sum / CHANCE);
            Candidate { row, turn, evidence }
        };
        let mut candidates: Vec<Candidate> = groups.into_iter().map(&mut arranged).collect();
        candidates.retain(|found| found.evidence >= least);
        candidates.sort_by_key(|found| (std::cmp::Reverse(found.evidence), found.row, found.turn));
        candidates.truncate(most);
        candidates
    }

    /// Pairs of codes within reach that share a bucket, each once.
    fn votes(&self, query: &Features) -> Vec<Vote> {
        let mut near: Vec<(u16, u32, u8)> = Vec::new();
        for table in &self.tables {
            // One step for all keypoints at a time, so that they wait for memory together.
            let places: Vec<Place> = query.keypoints.iter().map(|keypoint| table.place(keypoint.code)).collect();
            let buckets: Vec<Bucket> = places.iter().map(|place| table.bucket(place)).collect();
            for (number, (place, bucket)) in (0..).zip(places.iter().zip(buckets)) {
                table.look_up(*place, bucket, CAP, |at| self.rank(at), |at, turn| near.push((number, at, turn)));
            }
        }
        near.sort_unstable();
        near.dedup();
        let mut votes = Vec::new();
        for same in near.chunk_by(|a, b| a.0 == b.0) {
            let keypoint = &query.keypoints[usize::from(same[0].0)];
            let turned = all_turns(keypoint.code);
            for &(query, entry, turn) in same {
                let Entry { keypoint: stored, row } = self.entries[entry as usize];
                let distance = turned[turn as usize].distance(&stored.code);
                if distance <= CODE_RADIUS {
                    let weight = weight(keypoint, &stored, distance);
                    votes.push(Vote { row, turn, query, entry, weight });
                }
            }
        }
        votes
    }

    /// The largest weight of votes from and to different places that agree on a shift and scale; 0 for fewer than
    /// [`VOTES`] places.
    fn agreeing(&self, votes: &[Vote], query: &Features) -> u32 {
        let ends: Vec<Ends> = votes
            .iter()
            .map(|vote| {
                let stored = &self.entries[vote.entry as usize].keypoint;
                Ends::new(&query.keypoints[vote.query as usize], stored, vote.weight)
            })
            .collect();
        let mut places = Vec::with_capacity(ends.len());
        let mut support = |seed: &Ends| {
            let mut weigh = |place: fn(&Ends) -> (f32, f32)| {
                places.clear();
                places.extend(
                    ends.iter().filter(|other| seed.agrees(other)).map(|ends| (cell(place(ends)), ends.weight)),
                );
                places.sort_unstable_by_key(|&(cell, weight)| (cell, std::cmp::Reverse(weight)));
                places.dedup_by_key(|(cell, _)| *cell);
                match places.len() {
                    VOTES.. => places.iter().map(|(_, weight)| weight).sum(),
                    _ => 0,
                }
            };
            weigh(|ends| ends.from).min(weigh(|ends| ends.to))
        };
        ends.iter().take(SEEDS).map(&mut support).max().unwrap_or(0)
    }

    /// For each keypoint of a row, in how many *other* photo groups it occurs, up to [`MOST_FREQUENT`]. `group_of`
    /// says which photo group a row belongs to: counted over images, a photo's own copies would make it common. Cost:
    /// that of a query; ask only about pictures of which a pair depends on it.
    pub fn frequencies(&self, row: u32, group_of: &(dyn Fn(u32) -> u32 + Sync)) -> Vec<u8> {
        let Some(&(first, count)) = self.rows.get(&row) else { return Vec::new() };
        let own = group_of(row);
        let frequency = |entry: &Entry| {
            let turned = all_turns(entry.keypoint.code);
            let mut groups = BTreeSet::new();
            for table in &self.tables[..FREQUENCY_TABLES] {
                let place = table.place(entry.keypoint.code);
                table.look_up(
                    place,
                    table.bucket(&place),
                    CAP,
                    |at| self.rank(at),
                    |at, turn| {
                        let other = &self.entries[at as usize];
                        if groups.len() < usize::from(MOST_FREQUENT)
                            && other.row != row
                            && turned[turn as usize].distance(&other.keypoint.code) <= SAME_RADIUS
                        {
                            let group = group_of(other.row);
                            if group != own {
                                groups.insert(group);
                            }
                        }
                    },
                );
            }
            groups.len() as u8
        };
        self.entries[first as usize..][..count as usize].iter().map(frequency).collect()
    }
}

/// A query keypoint and a stored one that look alike under a turn of the query.
#[derive(Clone, Copy)]
struct Vote {
    row: u32,
    turn: u8,
    query: u16,
    entry: u32,
    weight: u32,
}

/// What a match adds to the evidence, as in [`crate::verify::geometry`]: near codes more, repeated ones less.
fn weight(query: &Keypoint, stored: &Keypoint, distance: u32) -> u32 {
    let repeats = u32::from(query.repeats) * u32::from(stored.repeats);
    WEIGHTS.0[distance as usize] * WEIGHTS.1[repeats as usize] / UNIQUE
}

/// By distance, and by product of repeats.
static WEIGHTS: LazyLock<([u32; CODE_RADIUS as usize + 1], [u32; 65])> = LazyLock::new(|| {
    let nearness = |distance: usize| ((40 - distance as u32) * UNIQUE / 14).min(8 * UNIQUE / 5);
    let rarity = |repeats: usize| UNIQUE * 1000 / (1_000_000 * repeats.max(1) as u32).isqrt();
    (std::array::from_fn(nearness), std::array::from_fn(rarity))
});

/// Where a vote's keypoints are, in pixels, and the scale between them.
struct Ends {
    from: (f32, f32),
    to: (f32, f32),
    scale: f32,
    growth: i32,
    weight: u32,
}

impl Ends {
    fn new(query: &Keypoint, stored: &Keypoint, weight: u32) -> Self {
        Self {
            from: query.position(),
            to: stored.position(),
            scale: stored.sigma() / query.sigma(),
            growth: i32::from(stored.scale) - i32::from(query.scale),
            weight,
        }
    }

    /// Whether the other vote lies where this one's shift and scale put it, loosely.
    fn agrees(&self, other: &Self) -> bool {
        let (x, y) = (other.from.0 - self.from.0, other.from.1 - self.from.1);
        let (u, v) = (other.to.0 - self.to.0, other.to.1 - self.to.1);
        let reach = 8.0 + 0.35 * self.scale * (x * x + y * y).sqrt();
        let (du, dv) = (u - self.scale * x, v - self.scale * y);
        du * du + dv * dv < reach * reach && (self.growth - other.growth).abs() <= 6
    }
}

/// Places less than this far apart are one: keypoints on one spot prove no more than one of them.
fn cell((x, y): (f32, f32)) -> (i32, i32) {
    ((x / 6.0) as i32, (y / 6.0) as i32)
}
