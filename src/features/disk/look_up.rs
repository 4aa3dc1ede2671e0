//! A look-up on disk: which pictures share buckets with enough keypoints of the query, and what their codes say then.
//!
//! In memory a posting names its keypoint and brings part of its code; here it names the picture alone. So first pictures
//! are counted, by turn where that is kept, and only those that enough keypoints of the query meet are read. The trap:
//! votes must be those of the index in memory, one for one; a bucket that is read up to its cap may cut a picture's
//! postings in two, and only keypoints before the cut count.

use super::segment::FeatureSegment;
use super::shape::PicturePosting;
use super::tail::Tail;
use crate::error::Result;
use crate::features::Keypoint;
use crate::features::code::Code;
use crate::features::index::agreement::{Vote, weight};
use crate::features::index::reading::{CodePlace, Reading, TABLES};
use crate::features::index::search::{CAP, CODE_RADIUS, all_turns, rank};
use crate::hash::kernel::features::{CodeWords, FeatureKernel};
use std::collections::BTreeSet;

/// Counts of meetings by picture and turn; a power of two. Others may fall on the same count: it is an upper bound.
const COUNTS: usize = 1 << 20;
/// Most keypoints of a query.
pub(super) const MOST_QUERY: usize = 1 << QUERY_BITS;
const QUERY_BITS: u32 = 14;
const TABLE_BITS: u32 = 4;
/// Of the number of a posting among those of its picture in a bucket.
const NUMBER_BITS: u32 = 5;
const TURN_BITS: u32 = 3;

/// A query keypoint and a picture that meet in a bucket: row, turn of the query, keypoint, table, and how many postings
/// of the picture come before in the bucket; as a number that sorts in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Meeting(u64);

impl Meeting {
    fn new(row: u32, turn: u8, query: usize, table: usize, number: usize) -> Self {
        let turned = u64::from(row) << TURN_BITS | u64::from(turn);
        let at = (turned << QUERY_BITS | query as u64) << TABLE_BITS | table as u64;
        Self(at << NUMBER_BITS | number as u64)
    }

    fn row(self) -> u32 {
        (self.0 >> (NUMBER_BITS + TABLE_BITS + QUERY_BITS + TURN_BITS)) as u32
    }

    /// Row and turn.
    fn turned(self) -> u64 {
        self.0 >> (NUMBER_BITS + TABLE_BITS + QUERY_BITS)
    }

    fn turn(self) -> usize {
        self.turned() as usize % (1 << TURN_BITS)
    }

    fn query(self) -> usize {
        (self.0 >> (NUMBER_BITS + TABLE_BITS)) as usize % (1 << QUERY_BITS)
    }

    fn table(self) -> usize {
        (self.0 >> NUMBER_BITS) as usize % (1 << TABLE_BITS)
    }

    fn number(self) -> usize {
        self.0 as usize % (1 << NUMBER_BITS)
    }
}

/// What is looked through.
pub(super) struct LookUp<'i> {
    pub(super) readings: &'i [Reading],
    /// With the places of pictures that were taken out.
    pub(super) segments: Vec<(&'i FeatureSegment, &'i BTreeSet<u32>)>,
    pub(super) tail: &'i Tail,
}

/// A keypoint of the query, under all turns and where it falls in each table.
struct AskedKeypoint {
    keypoint: Keypoint,
    turned: [Code; 8],
    places: [CodePlace; TABLES],
}

impl AskedKeypoint {
    fn new(keypoint: Keypoint, readings: &[Reading]) -> Self {
        let turned = all_turns(keypoint.code);
        let places = std::array::from_fn(|table| readings[table].place_among(&turned));
        Self { keypoint, turned, places }
    }
}

/// Votes, and the keypoints that their entries number.
#[derive(Default)]
pub(super) struct Voted {
    pub(super) votes: Vec<Vote>,
    pub(super) stored: Vec<Keypoint>,
}

/// Postings of one bucket in all segments and the tail.
#[derive(Default)]
struct BucketPostings {
    buffer: Vec<u8>,
    of_segment: Vec<PicturePosting>,
    of_tail: Vec<(u32, u8)>,
    /// Row, group in front where it is kept.
    all: Vec<(u32, Option<u8>)>,
}

impl LookUp<'_> {
    /// The votes of all pictures that at least `fewest` of these keypoints vote for, and perhaps of others.
    pub(super) fn votes(&self, query: &[Keypoint], fewest: usize) -> Result<Voted> {
        let asked: Vec<AskedKeypoint> =
            query.iter().map(|keypoint| AskedKeypoint::new(*keypoint, self.readings)).collect();
        let mut meetings = self.meetings(&asked)?;
        retain_accompanied(&mut meetings, fewest);
        meetings.sort_unstable();
        let (mut voted, mut buffer) = (Voted::default(), Vec::new());
        for met in meetings.chunk_by(|a, b| a.row() == b.row()) {
            if met.chunk_by(|a, b| a.turned() == b.turned()).any(|met| query_keypoints(met) >= fewest) {
                let (first, row) = (voted.stored.len(), met[0].row());
                let knows_turns = self.read(row, &mut buffer, &mut voted.stored)?;
                let picture = MetPicture::new(self.readings, row, first, &voted.stored[first..], knows_turns);
                picture.vote(met, &asked, &mut voted.votes);
            }
        }
        Ok(voted)
    }

    /// All meetings in buckets that are read up to the cap.
    fn meetings(&self, asked: &[AskedKeypoint]) -> Result<Vec<Meeting>> {
        let (mut meetings, mut gathered) = (Vec::new(), BucketPostings::default());
        for (query, asked) in asked.iter().enumerate() {
            for (table, place) in asked.places.iter().enumerate() {
                self.gather(table, place.bucket, &mut gathered)?;
                let (mut last, mut number) = (None, 0);
                for &(row, front) in gathered.all.iter().take(CAP) {
                    number = if last == Some(row) { number + 1 } else { 0 };
                    last = Some(row);
                    let turn = front.map_or(0, |front| place.turns()[usize::from(front)]);
                    meetings.push(Meeting::new(row, turn, query, table, number));
                }
            }
        }
        Ok(meetings)
    }

    /// All postings of a bucket that are there, in order of rank and keypoint; more than the cap only where that takes no
    /// more reading.
    fn gather(&self, table: usize, bucket: u32, gathered: &mut BucketPostings) -> Result<()> {
        let BucketPostings { buffer, of_segment, of_tail, all } = gathered;
        all.clear();
        let mut sources = 0;
        for (segment, removed) in &self.segments {
            of_segment.clear();
            segment.bucket(table, bucket, buffer, of_segment)?;
            of_segment.retain(|posting| removed.is_empty() || !removed.contains(&posting.place));
            let front = |posting: &PicturePosting| segment.keeps_fronts().then_some(posting.front);
            all.extend(
                of_segment.iter().take(CAP).map(|posting| (segment.row(posting.place), front(posting))),
            );
            sources += usize::from(!of_segment.is_empty());
        }
        of_tail.clear();
        self.tail.bucket(table, bucket, of_tail);
        all.extend(of_tail.iter().map(|&(row, front)| (row, Some(front))));
        if !of_tail.is_empty() || sources > 1 {
            all.sort_by_key(|(row, _)| rank(*row));
        }
        Ok(())
    }

    /// Reads the keypoints of a picture; whether turns of its meetings are known.
    fn read(&self, row: u32, buffer: &mut Vec<u8>, into: &mut Vec<Keypoint>) -> Result<bool> {
        if let Some(keypoints) = self.tail.picture(row) {
            into.extend_from_slice(keypoints);
            return Ok(true);
        }
        let holds = |segment: &FeatureSegment, removed: &BTreeSet<u32>| {
            segment.place_of(row).filter(|place| !removed.contains(place))
        };
        for (segment, removed) in &self.segments {
            if let Some(place) = holds(segment, removed) {
                segment.picture(place, buffer, into)?;
                return Ok(segment.keeps_fronts());
            }
        }
        Ok(false)
    }
}

/// Drops meetings of pictures that have fewer, as far as counts tell.
fn retain_accompanied(meetings: &mut Vec<Meeting>, fewest: usize) {
    let mut counts = vec![0u8; COUNTS];
    let slot = |meeting: &Meeting| meeting.turned() as usize % COUNTS;
    for meeting in &*meetings {
        let count = &mut counts[slot(meeting)];
        *count = count.saturating_add(1);
    }
    // All of a picture's meetings are wanted when any of its turns has enough; those of other turns stay, too.
    let mut wanted = vec![false; COUNTS];
    let picture = |meeting: &Meeting| meeting.row() as usize % COUNTS;
    for meeting in meetings.iter().filter(|meeting| usize::from(counts[slot(meeting)]) >= fewest.min(255)) {
        wanted[picture(meeting)] = true;
    }
    meetings.retain(|meeting| wanted[picture(meeting)]);
}

/// How many keypoints of the query these meetings are of, which are sorted and of one turn.
fn query_keypoints(met: &[Meeting]) -> usize {
    met.chunk_by(|a, b| a.query() == b.query()).count()
}

/// A picture that was read.
struct MetPicture<'i> {
    readings: &'i [Reading],
    row: u32,
    /// The entry of its first keypoint.
    first: usize,
    stored: &'i [Keypoint],
    codes: Vec<CodeWords>,
    knows_turns: bool,
}

/// A query keypoint met a picture in this table's bucket, so many of its postings.
type MetIn = (usize, usize);

/// Of meetings in one table.
fn met_in(met: &[Meeting]) -> MetIn {
    (met[0].table(), 1 + met.iter().map(|meeting| meeting.number()).max().unwrap_or(0))
}

impl<'i> MetPicture<'i> {
    fn new(
        readings: &'i [Reading],
        row: u32,
        first: usize,
        stored: &'i [Keypoint],
        knows_turns: bool,
    ) -> Self {
        let codes = stored.iter().map(|keypoint| *keypoint.code.words()).collect();
        Self { readings, row, first, stored, codes, knows_turns }
    }

    /// Pairs of codes within reach that share a bucket, each once.
    fn vote(&self, met: &[Meeting], asked: &[AskedKeypoint], votes: &mut Vec<Vote>) {
        let mut met = met.to_vec();
        met.sort_unstable_by_key(|meeting| (meeting.query(), meeting.table()));
        for met in met.chunk_by(|a, b| a.query() == b.query()) {
            self.vote_for(met, &asked[met[0].query()], votes);
        }
    }

    /// The pairs of one query keypoint.
    fn vote_for(&self, met: &[Meeting], asked: &AskedKeypoint, votes: &mut Vec<Vote>) {
        let (kernel, mut distances) = (FeatureKernel::detect(), Vec::with_capacity(self.codes.len()));
        let tables: Vec<MetIn> = met.chunk_by(|a, b| a.table() == b.table()).map(met_in).collect();
        for (turn, code) in asked.turned.iter().enumerate() {
            if self.knows_turns && !met.iter().any(|meeting| meeting.turn() == turn) {
                continue;
            }
            distances.clear();
            kernel.distances(*code.words(), &self.codes, &mut distances);
            for (number, distance) in distances.iter().map(|distance| u32::from(*distance)).enumerate() {
                if distance <= CODE_RADIUS && self.meets(number, turn, asked, &tables) {
                    let weight = weight(&asked.keypoint, &self.stored[number], distance);
                    let (query, entry) = (met[0].query() as u16, (self.first + number) as u32);
                    votes.push(Vote { row: self.row, turn: turn as u8, query, entry, weight });
                }
            }
        }
    }

    /// Whether a keypoint shares one of these buckets, before the cut, and under this turn.
    fn meets(&self, number: usize, turn: usize, asked: &AskedKeypoint, tables: &[MetIn]) -> bool {
        tables.iter().any(|&(table, count)| {
            let (reading, place) = (&self.readings[table], asked.places[table]);
            let own = reading.place(self.stored[number].code);
            let in_bucket = |other: &&Keypoint| reading.place(other.code).bucket == place.bucket;
            own.bucket == place.bucket
                && usize::from(place.turns()[usize::from(own.front())]) == turn
                && own.is_near(place)
                && self.stored[..number].iter().filter(in_bucket).count() < count
        })
    }
}
