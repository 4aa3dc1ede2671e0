//! Writing a segment: records first, then the postings of each table, sorted in memory a range of buckets at a time.
//!
//! Memory: 4 bytes a picture twice, 4 bytes a group, and at most about [`AT_ONCE`] postings. The trap: pictures must come
//! in order of rank, and no row twice.

use super::bits::BitWriter;
use super::file::Writing;
use super::list::{SegmentEntry, damaged};
use super::segment::{Head, MAGIC, PostingGroups, file_name};
use super::shape::{PicturePosting, SegmentShape, UNIT};
use crate::error::Result;
use crate::features::KEYPOINT_BYTES;
use crate::features::code::Code;
use crate::features::index::reading::{Reading, TABLES};
use crate::record::hex;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::path::Path;

/// Postings sorted at once, of 8 bytes.
const AT_ONCE: usize = if cfg!(test) { 1 << 10 } else { 1 << 24 };
/// Pictures read at once.
const BLOCK: usize = 256;
/// Bits of a posting while it is sorted: of the picture's place, the keypoint's number and the front.
const PLACE_BITS: u32 = 24;
const NUMBER_BITS: u32 = 11;
const FRONT_BITS: u32 = 3;
/// Most pictures of a segment, and most keypoints of a picture.
pub(super) const MOST_PICTURES: usize = 1 << PLACE_BITS;
pub(super) const MOST_KEYPOINTS: usize = 1 << NUMBER_BITS;

/// Writes segments picture by picture.
pub(super) struct SegmentWriter {
    number: u32,
    writing: Writing,
    rows: Vec<u32>,
    starts: Vec<u32>,
}

impl SegmentWriter {
    pub(super) fn create(folder: &Path, number: u32) -> Result<Self> {
        let mut writing = Writing::create(&folder.join(file_name(number)))?;
        writing.put(MAGIC)?;
        Ok(Self { number, writing, rows: Vec::new(), starts: vec![0] })
    }

    /// The next picture in order of rank, by its records.
    pub(super) fn put(&mut self, folder: &Path, row: u32, records: &[u8]) -> Result<()> {
        let count = u32::try_from(records.len() / KEYPOINT_BYTES).ok();
        let end = count.and_then(|count| self.starts[self.rows.len()].checked_add(count));
        let Some(end) = end.filter(|_| self.rows.len() < MOST_PICTURES) else {
            return Err(damaged(folder, format!("a segment holds at most {MOST_PICTURES} pictures")));
        };
        self.rows.push(row);
        self.starts.push(end);
        self.writing.put(records)
    }

    /// Adds the postings and completes the file.
    pub(super) fn finish(mut self, bucket_bits: u32) -> Result<SegmentEntry> {
        self.writing.flush()?;
        let keypoints = self.starts[self.rows.len()] as usize;
        let shape = SegmentShape::new(bucket_bits, self.rows.len(), keypoints);
        let mut tables = Vec::with_capacity(TABLES);
        for number in 0..TABLES {
            tables.push(self.table(&Reading::new(number, bucket_bits), &shape)?);
        }
        let Self { number, mut writing, rows, starts } = self;
        let pictures = rows.len() as u32;
        let head = Head { bucket_bits, rows, starts, tables }.to_bytes();
        writing.put(&head)?;
        let bytes = writing.len();
        let digest = hex(&writing.finish()?.1);
        let head = hex(&Sha256::digest(&head[..head.len() - 8]));
        Ok(SegmentEntry { number, bytes, pictures, head, digest, removed: Vec::new() })
    }

    fn table(&mut self, reading: &Reading, shape: &SegmentShape) -> Result<PostingGroups> {
        let (begin, mut at, mut offsets) = (self.writing.len(), 0u32, vec![0]);
        let keypoints = self.starts[self.rows.len()] as usize;
        let step = shape.groups().div_ceil(keypoints.div_ceil(AT_ONCE).max(1));
        let mut packer = BitWriter::default();
        for first in (0..shape.groups()).step_by(step) {
            let groups = first..(first + step).min(shape.groups());
            self.writing.flush()?;
            let postings = self.postings(reading, shape, groups.clone())?;
            let mut rest = &postings[..];
            for group in groups {
                let in_group = |sortable: &&u64| shape.group_of(posting(**sortable).0) == group;
                let end = rest.iter().take_while(in_group).count();
                let here: Vec<(u32, PicturePosting)> = rest[..end].iter().copied().map(posting).collect();
                let packed = shape.pack(&here, &mut packer);
                rest = &rest[end..];
                at += (packed.len() / UNIT) as u32;
                offsets.push(at);
                self.writing.put(&packed)?;
            }
        }
        Ok(PostingGroups { begin, offsets })
    }

    /// The postings of some groups in order, as numbers.
    fn postings(&self, reading: &Reading, shape: &SegmentShape, groups: Range<usize>) -> Result<Vec<u64>> {
        let blocks: Vec<usize> = (0..self.rows.len()).step_by(BLOCK).collect();
        let of_block = |first: usize| -> Result<Vec<u64>> {
            let places = first..(first + BLOCK).min(self.rows.len());
            self.sortable(reading, places, |bucket| groups.contains(&shape.group_of(bucket)))
        };
        let found: Vec<Vec<u64>> = blocks.into_par_iter().map(of_block).collect::<Result<_>>()?;
        let mut sortable = found.concat();
        drop(found);
        sortable.par_sort_unstable();
        Ok(sortable)
    }

    /// Postings of some pictures as numbers that sort by bucket, picture and keypoint.
    fn sortable(
        &self,
        reading: &Reading,
        places: Range<usize>,
        wanted: impl Fn(u32) -> bool,
    ) -> Result<Vec<u64>> {
        let (first, end) = (self.starts[places.start] as usize, self.starts[places.end] as usize);
        let mut bytes = vec![0; KEYPOINT_BYTES * (end - first)];
        self.writing.read((MAGIC.len() + KEYPOINT_BYTES * first) as u64, &mut bytes)?;
        let records = bytes.as_chunks::<KEYPOINT_BYTES>().0;
        let mut sortable = Vec::new();
        for place in places {
            let own = self.starts[place] as usize - first..self.starts[place + 1] as usize - first;
            for (number, record) in records[own].iter().enumerate() {
                let at = reading.place(code_of(record));
                if wanted(at.bucket) {
                    let place = u64::from(at.bucket) << PLACE_BITS | place as u64;
                    let number = place << NUMBER_BITS | number as u64;
                    sortable.push(number << FRONT_BITS | u64::from(at.front()));
                }
            }
        }
        Ok(sortable)
    }
}

fn posting(sortable: u64) -> (u32, PicturePosting) {
    let front = (sortable & ((1 << FRONT_BITS) - 1)) as u8;
    let place = (sortable >> (FRONT_BITS + NUMBER_BITS)) as u32 & ((1 << PLACE_BITS) - 1);
    ((sortable >> (FRONT_BITS + NUMBER_BITS + PLACE_BITS)) as u32, PicturePosting { place, front })
}

/// The code that a record begins with.
fn code_of(record: &[u8; KEYPOINT_BYTES]) -> Code {
    let word =
        |at: usize| u64::from_le_bytes(*record[at..].first_chunk::<8>().expect("a record has 20 bytes"));
    Code::from_words([word(0), word(8)])
}
