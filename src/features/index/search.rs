//! Feature index: which pictures share enough codes, in the same arrangement, to be worth verifying.
//!
//! Locality-sensitive hashing of codes (Indyk and Motwani, 1998) and a weak geometric vote. Answers depend on what
//! is in the index and never on the order in which it came there; rows may be added and removed at any time. The
//! trap: a picture with many copies crowds its buckets. They are read up to a cap, always the same rows first, so
//! the copies find these rows rather than each other; index one picture per known photo group where you can.

use super::agreement::{MOST_WEIGHT, PLACES, Vote, evidence, weight};
use super::co_occurrence::Company;
use super::near::Near;
use super::reading::{CodePlace, TABLES, TURN_OF_GROUP, mix};
use super::table::{Bucket, Table};
use crate::features::code::Code;
use crate::features::{Features, Keypoint};
use crate::hash::Dihedral;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Codes further apart are no match.
pub(crate) const CODE_RADIUS: u32 = 28;
/// Codes as near as this count as the same when frequency is counted.
const SAME_RADIUS: u32 = 20;
/// Postings read per bucket: what is more common than this says little of which picture it is.
pub(crate) const CAP: usize = 24;
/// Postings read per bucket where it is counted how common something is.
const FREQUENCY_CAP: usize = 256;
/// Candidates worth verifying: beyond these chance outnumbers copies, unless a photo has very many.
pub const CANDIDATES: usize = 64;
/// Candidates with less evidence are not worth verifying, among so few pictures.
const LEAST_EVIDENCE: u32 = 80;
const FEW_PICTURES: usize = 512;
/// Evidence wanted beyond that for every doubling of the index: the more pictures, the more agree by chance.
const EVIDENCE_STEP: u32 = 20;
/// Frequencies above this are not told apart.
pub const MOST_FREQUENT: u8 = 32;
/// Tables that frequency is counted in: what is common is found in any of them.
const FREQUENCY_TABLES: usize = 4;
/// Pictures whose arrangement is looked at, per candidate wanted.
const SHORTLIST: usize = 16;
const FEWEST_BUCKET_BITS: u32 = 12;
const MOST_BUCKET_BITS: u32 = 26;

/// A picture worth verifying against the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Its row.
    pub row: u32,
    /// The turn of the *query* under which codes agree.
    pub turn: Dihedral,
    /// Weight of the matches that agree on shift and scale beyond what agrees by chance: 100 for one of average
    /// nearness between keypoints that do not repeat within their pictures.
    pub evidence: u32,
}

/// A keypoint in the index.
#[derive(Debug, Clone, Copy)]
struct IndexedKeypoint {
    keypoint: Keypoint,
    row: u32,
}

/// Keypoints of many pictures, found by code. Memory: about 16 KB a picture of 100 keypoints.
pub struct FeatureIndex {
    entries: Vec<IndexedKeypoint>,
    /// First entry and number of entries of every row.
    rows: BTreeMap<u32, (u32, u32)>,
    live: usize,
    /// The most entries that a row has had.
    longest: usize,
    /// Entries up to here are in the sorted part of the tables.
    sorted: usize,
    tables: Vec<Table>,
}

impl Default for FeatureIndex {
    fn default() -> Self {
        let tables = (0..TABLES).map(|number| Table::new(number, FEWEST_BUCKET_BITS)).collect();
        Self { entries: Vec::new(), rows: BTreeMap::new(), live: 0, longest: 0, sorted: 0, tables }
    }
}

/// A code under all eight turns, in the order of [`TURN_OF_GROUP`].
pub(crate) fn all_turns(code: Code) -> [Code; 8] {
    TURN_OF_GROUP.map(|turn| code.turned(turn))
}

/// Bits of a bucket's number for this many keypoints: two to four keypoints a bucket if codes were even.
pub(crate) fn bucket_bits(keypoints: usize) -> u32 {
    (keypoints / 2).max(1).ilog2().clamp(FEWEST_BUCKET_BITS, MOST_BUCKET_BITS)
}

/// Evidence that makes a candidate among so many pictures.
pub(crate) fn least_evidence(pictures: usize) -> u32 {
    LEAST_EVIDENCE + EVIDENCE_STEP * (pictures / FEW_PICTURES).max(1).ilog2()
}

/// Which rows a crowded bucket keeps: the lowest; the same in every bucket and in every run.
pub(crate) fn rank(row: u32) -> (u64, u32) {
    (mix(u64::from(row)), row)
}

/// The candidates that these votes make; `stored` gives the keypoint that a vote is for.
pub(crate) fn arranged<'a>(
    query: &Features,
    mut votes: Vec<Vote>,
    least: u32,
    most: usize,
    stored: impl Fn(&Vote) -> &'a Keypoint,
) -> Vec<Candidate> {
    votes.sort_unstable_by_key(|vote| (vote.row, vote.turn, vote.query, vote.entry));
    let mut groups: Vec<(u32, &[Vote])> = votes
        .chunk_by(|a, b| (a.row, a.turn) == (b.row, b.turn))
        .map(|votes| (votes.iter().map(|vote| vote.weight).sum(), votes))
        .filter(|&(sum, votes)| sum >= least && can_reach(least, votes))
        .collect();
    // Arrangement is looked at where there is most evidence; a photo with very many copies has enough of it.
    groups.sort_by_key(|&(sum, _)| std::cmp::Reverse(sum));
    groups.truncate(SHORTLIST * most);
    let mut turned: [Option<Features>; 8] = Default::default();
    let mut arranged = |(_, votes): (u32, &[Vote])| {
        let (row, group) = (votes[0].row, usize::from(votes[0].turn));
        let turn = TURN_OF_GROUP[group];
        let query = turned[group].get_or_insert_with(|| query.turned(turn));
        Candidate { row, turn, evidence: evidence(votes, &query.keypoints, &stored) }
    };
    let mut candidates: Vec<Candidate> = groups.into_iter().map(&mut arranged).collect();
    candidates.retain(|found| found.evidence >= least);
    candidates.sort_by_key(|found| (std::cmp::Reverse(found.evidence), found.row, found.turn));
    candidates.truncate(most);
    candidates
}

/// Query keypoints that a candidate's votes must come from, at the least.
pub(crate) fn fewest_keypoints(least: u32) -> usize {
    (least.div_ceil(MOST_WEIGHT) as usize).max(PLACES)
}

/// Whether votes come from enough query keypoints to make a candidate. No evidence would come of others, but they would
/// take the places of those it comes of.
fn can_reach(least: u32, votes: &[Vote]) -> bool {
    votes.chunk_by(|a, b| a.query == b.query).count() >= fewest_keypoints(least)
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
        self.entries.extend(features.keypoints.iter().map(|&keypoint| IndexedKeypoint { keypoint, row }));
        self.rows.insert(row, (first, features.keypoints.len() as u32));
        self.live += features.keypoints.len();
        self.longest = self.longest.max(features.keypoints.len());
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
            let places: Vec<CodePlace> =
                entries.iter().map(|entry| table.place(entry.keypoint.code)).collect();
            table.fill(&places);
        });
    }

    /// Up to `most` pictures that may show what the query shows, most evidence first, then by row; [`CANDIDATES`] is
    /// a good number. A picture already in the index finds itself. Cost for 100 query keypoints: a third of a
    /// millisecond with 1,000 pictures, half of one with 10,000.
    pub fn candidates(&self, query: &Features, most: usize) -> Vec<Candidate> {
        let least = least_evidence(self.rows.len());
        let votes = self.votes(query, least.div_ceil(MOST_WEIGHT));
        arranged(query, votes, least, most, |vote| &self.entries[vote.entry as usize].keypoint)
    }

    /// Pairs of codes within reach that share a bucket, each once; at the least all those of pictures and turns with
    /// no fewer than `fewest`.
    fn votes(&self, query: &Features, fewest: u32) -> Vec<Vote> {
        let turned: Vec<[Code; 8]> =
            query.keypoints.iter().map(|keypoint| all_turns(keypoint.code)).collect();
        let mut near = self.near(&turned);
        let company = Company::of(&near, self.longest);
        near.retain(|near| company.around(near) >= fewest);
        // Read before anything hangs on it: a branch that waits for memory lets nothing else wait beside it.
        let entries: Vec<IndexedKeypoint> =
            near.iter().map(|near| self.entries[near.entry() as usize]).collect();
        let mut votes = Vec::new();
        for (near, IndexedKeypoint { keypoint: stored, row }) in near.into_iter().zip(entries) {
            let (query_at, turn) = (usize::from(near.query()), near.turn());
            let distance = turned[query_at][usize::from(turn)].distance(&stored.code);
            if distance <= CODE_RADIUS {
                let weight = weight(&query.keypoints[query_at], &stored, distance);
                votes.push(Vote { row, turn, query: near.query(), entry: near.entry(), weight });
            }
        }
        votes
    }

    /// Entries that share a bucket with a query keypoint, each once, in order.
    fn near(&self, turned: &[[Code; 8]]) -> Vec<Near> {
        // One step for all keypoints and tables at a time, so that they wait for memory together.
        let places: Vec<(&Table, CodePlace)> = turned
            .iter()
            .flat_map(|turned| self.tables.iter().map(|table| (table, table.place_among(turned))))
            .collect();
        let ranges: Vec<Range<usize>> = places.iter().map(|(table, place)| table.range(place)).collect();
        let buckets: Vec<Bucket> =
            places.iter().zip(ranges).map(|((table, _), range)| table.bucket(range, CAP)).collect();
        let mut near = Vec::new();
        let per_keypoint = places.chunks_exact(TABLES).zip(buckets.chunks_exact(TABLES));
        for (number, (places, buckets)) in (0..).zip(per_keypoint) {
            let first = near.len();
            for ((table, place), bucket) in places.iter().zip(buckets) {
                let found = |at, turn| near.push(Near::new(number, at, turn));
                table.look_up(*place, bucket, CAP, |at| self.rank(at), found);
            }
            near[first..].sort_unstable();
        }
        near.dedup();
        near
    }

    /// For each keypoint of a row, in how many *other* photo groups it occurs, up to [`MOST_FREQUENT`]. `group_of`
    /// says which photo group a row belongs to: counted over images, a photo's own copies would make it common. Cost:
    /// that of a query; ask only about pictures of which a pair depends on it.
    pub fn frequencies(&self, row: u32, group_of: &(dyn Fn(u32) -> u32 + Sync)) -> Vec<u8> {
        let own = group_of(row);
        let frequency = |rows: Vec<u32>| {
            let groups: BTreeSet<u32> =
                rows.into_iter().map(group_of).filter(|group| *group != own).collect();
            groups.len().min(MOST_FREQUENT.into()) as u8
        };
        self.bearers(row).into_iter().map(frequency).collect()
    }

    /// For each keypoint of a row, the other rows that have the same, each once. Cost: that of a query.
    pub(crate) fn bearers(&self, row: u32) -> Vec<Vec<u32>> {
        let Some(&(first, count)) = self.rows.get(&row) else { return Vec::new() };
        let of_keypoint = |entry: &IndexedKeypoint| {
            let turned = all_turns(entry.keypoint.code);
            let mut rows = Vec::new();
            for table in &self.tables[..FREQUENCY_TABLES] {
                let place = table.place(entry.keypoint.code);
                table.look_up(
                    place,
                    &table.bucket(table.range(&place), FREQUENCY_CAP),
                    FREQUENCY_CAP,
                    |at| self.rank(at),
                    |at, turn| {
                        let other = &self.entries[at as usize];
                        if other.row != row
                            && turned[turn as usize].distance(&other.keypoint.code) <= SAME_RADIUS
                        {
                            rows.push(other.row);
                        }
                    },
                );
            }
            rows.sort_unstable();
            rows.dedup();
            rows
        };
        self.entries[first as usize..][..count as usize].iter().map(of_keypoint).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_without_company_make_no_candidate() {
        let mut state = 5u64;
        let mut draw = |below: u64| {
            state = mix(state);
            (state >> 20) % below
        };
        // Few codes to choose from, so that pictures share some by chance; one in five has half of the one before.
        let mut pictures: Vec<Features> = Vec::new();
        for number in 0..1500 {
            let shared =
                pictures.last().filter(|_| number % 5 == 0).map_or(0, |last| last.keypoints.len() / 2);
            let mut keypoints = pictures.last().map_or(Vec::new(), |last| last.keypoints[..shared].to_vec());
            for _ in 0..20 + draw(60) {
                let code = draw(100_000);
                let words = [mix(code) ^ 1 << draw(64), mix(code << 20)];
                let (x, y) = (draw(1000) as u16, draw(1000) as u16);
                keypoints.push(Keypoint { code: Code::from_words(words), x, y, scale: 10, repeats: 1 });
            }
            pictures.push(Features { width: 512, height: 512, keypoints, ..Features::default() });
        }
        let index = FeatureIndex::build((0..).zip(&pictures));
        let least = MOST_WEIGHT + 1;
        let (mut found, mut saved) = (0, 0);
        for query in pictures.iter().step_by(5) {
            let (all, some) = (index.votes(query, 0), index.votes(query, least.div_ceil(MOST_WEIGHT)));
            saved += all.len() - some.len();
            let keypoint = |vote: &Vote| &index.entries[vote.entry as usize].keypoint;
            let slow = arranged(query, all, least, CANDIDATES, keypoint);
            assert_eq!(arranged(query, some, least, CANDIDATES, keypoint), slow);
            found += slow.len();
        }
        assert!(found > 300 && saved > 1000, "{found} candidates, {saved} votes saved");
    }
}
