//! Pictures that were added since the last segment was written: a small index in memory.
//!
//! Postings of a bucket are a chain from the newest to the oldest, which costs 12 bytes each and a place in a map. The
//! trap: a picture that was replaced leaves its postings in the chains; they name its slot, which is empty by then.

use super::segment::records_of;
use crate::features::Keypoint;
use crate::features::index::reading::Reading;
use crate::features::index::search::rank;
use std::collections::HashMap;

/// Pictures in memory.
#[derive(Default)]
pub(super) struct Tail {
    slots: Vec<Option<TailPicture>>,
    slot_of: HashMap<u32, u32>,
    /// The newest posting of each bucket, by table and bucket.
    newest: HashMap<(u8, u32), u32>,
    postings: Vec<TailPosting>,
}

struct TailPicture {
    row: u32,
    keypoints: Vec<Keypoint>,
}

struct TailPosting {
    slot: u32,
    /// The next older posting of the bucket, or none.
    older: u32,
    front: u8,
}

const NONE: u32 = u32::MAX;

impl Tail {
    pub(super) fn len(&self) -> usize {
        self.slot_of.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slot_of.is_empty()
    }

    /// Adds a picture whose row is not there.
    pub(super) fn add(&mut self, row: u32, keypoints: &[Keypoint], readings: &[Reading]) {
        let slot = self.slots.len() as u32;
        self.slot_of.insert(row, slot);
        for keypoint in keypoints {
            for (table, reading) in (0..).zip(readings) {
                let place = reading.place(keypoint.code);
                let number = self.postings.len() as u32;
                let older = self.newest.insert((table, place.bucket), number).unwrap_or(NONE);
                self.postings.push(TailPosting { slot, older, front: place.front() });
            }
        }
        self.slots.push(Some(TailPicture { row, keypoints: keypoints.to_vec() }));
    }

    /// Takes a picture out; how many keypoints it had.
    pub(super) fn remove(&mut self, row: u32) -> Option<u64> {
        let slot = self.slot_of.remove(&row)?;
        self.slots[slot as usize].take().map(|picture| picture.keypoints.len() as u64)
    }

    /// Rows and fronts of a bucket, each picture's in order of keypoints.
    pub(super) fn bucket(&self, table: usize, bucket: u32, into: &mut Vec<(u32, u8)>) {
        let first = into.len();
        let mut next = self.newest.get(&(table as u8, bucket)).copied().unwrap_or(NONE);
        while let Some(posting) = self.postings.get(next as usize) {
            if let Some(picture) = &self.slots[posting.slot as usize] {
                into.push((picture.row, posting.front));
            }
            next = posting.older;
        }
        into[first..].reverse();
    }

    /// The keypoints of a picture.
    pub(super) fn picture(&self, row: u32) -> Option<&[Keypoint]> {
        let slot = *self.slot_of.get(&row)?;
        self.slots[slot as usize].as_ref().map(|picture| &picture.keypoints[..])
    }

    /// The rows of all pictures, in order of arrival.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        self.slots.iter().flatten().map(|picture| picture.row)
    }

    /// Rows and records of all pictures in order of rank.
    pub(super) fn sorted(&self) -> Vec<(u32, Vec<u8>)> {
        let mut all: Vec<&TailPicture> = self.slots.iter().flatten().collect();
        all.sort_unstable_by_key(|picture| rank(picture.row));
        all.into_iter().map(|picture| (picture.row, records_of(&picture.keypoints))).collect()
    }
}
