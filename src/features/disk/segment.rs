//! One file of the index: records of pictures in order of rank, and twelve tables of postings that find them.
//!
//! From front to end: a word that names the format, records, postings of each table, then what is read at the start: the
//! pictures' rows, where their records begin, where groups of postings begin; last the length of that. The trap: only
//! that last part is checked when a segment is opened; all of it is by [`FeatureSegment::verify`].

use super::bits::PADDING;
use super::file::{digest_of, read_exact_at, sync};
use super::list::{SegmentEntry, damaged};
use super::shape::{PicturePosting, SegmentShape, UNIT};
use crate::error::{Error, Result};
use crate::features::index::reading::TABLES;
use crate::features::index::search::rank;
use crate::features::record::{packed, unpacked};
use crate::features::{KEYPOINT_BYTES, Keypoint};
use crate::record::hex;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};

/// What a segment begins with.
pub(super) const MAGIC: &[u8; 8] = b"adlinkF1";

/// An open segment.
pub(super) struct FeatureSegment {
    path: PathBuf,
    file: File,
    shape: SegmentShape,
    /// The row of each picture.
    rows: Vec<u32>,
    /// First keypoint of each picture, and of none that follows the last.
    starts: Vec<u32>,
    tables: Vec<PostingGroups>,
}

/// Where the groups of a table lie.
pub(super) struct PostingGroups {
    /// Where the first begins in the file.
    pub(super) begin: u64,
    /// Where each begins from there on, and where the last ends, in [`UNIT`]s.
    pub(super) offsets: Vec<u32>,
}

/// What a segment ends with: all that is read at the start.
pub(super) struct Head {
    pub(super) bucket_bits: u32,
    pub(super) rows: Vec<u32>,
    pub(super) starts: Vec<u32>,
    pub(super) tables: Vec<PostingGroups>,
}

impl Head {
    /// As it stands in the file; its length comes last.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let lengths = [self.bucket_bits, self.rows.len() as u32, self.starts.last().copied().unwrap_or(0)];
        lengths.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        let mut numbers =
            |numbers: &[u32]| numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        numbers(&self.rows);
        numbers(&self.starts);
        self.tables.iter().for_each(|groups| numbers(&groups.offsets));
        bytes.extend((bytes.len() as u64).to_le_bytes());
        bytes
    }
}

impl FeatureSegment {
    /// Opens a segment and checks what is read of it. Memory: 8 bytes a picture and some 25 for groups.
    pub(super) fn open(folder: &Path, entry: &SegmentEntry) -> Result<Self> {
        let path = folder.join(file_name(entry.number));
        let file = File::open(&path).map_err(|error| Error::io("open", &path, error))?;
        let length = file.metadata().map_err(|error| Error::io("read", &path, error))?.len();
        let wrong = |what: &str| damaged(folder, format!("`{}` {what}", file_name(entry.number)));
        if length != entry.bytes || length < 8 + MAGIC.len() as u64 {
            return Err(wrong("has another length than it was written with"));
        }
        let read = |place: u64, count: usize| -> Result<Vec<u8>> {
            let mut bytes = vec![0; count];
            read_exact_at(&file, &mut bytes, place).map_err(|error| Error::io("read", &path, error))?;
            Ok(bytes)
        };
        let ending = read(length - 8, 8)?;
        let head = u64::from_le_bytes(*ending.first_chunk::<8>().expect("eight bytes were read"));
        let begin = (length - 8).checked_sub(head).filter(|begin| *begin >= MAGIC.len() as u64);
        let mut rest =
            HeadReader { read: &read, at: begin.ok_or_else(|| wrong("is damaged"))?, digest: Sha256::new() };
        let numbers = rest.numbers(3)?;
        let (bucket_bits, pictures, keypoints) = (numbers[0], numbers[1] as usize, numbers[2]);
        if pictures != entry.pictures as usize
            || !(1..=32).contains(&bucket_bits)
            || 8 * pictures as u64 > head
        {
            return Err(wrong("is damaged"));
        }
        let shape = SegmentShape::new(bucket_bits, pictures, keypoints as usize);
        let (rows, starts) = (rest.numbers(pictures)?, rest.numbers(pictures + 1)?);
        let mut begin = MAGIC.len() as u64 + KEYPOINT_BYTES as u64 * u64::from(keypoints);
        let mut tables = Vec::with_capacity(TABLES);
        for _ in 0..TABLES {
            let offsets = rest.numbers(shape.groups() + 1)?;
            let end = begin + UNIT as u64 * u64::from(offsets[shape.groups()]);
            tables.push(PostingGroups { begin, offsets });
            begin = end;
        }
        let digest: [u8; 32] = rest.digest.finalize().into();
        if hex(&digest) != entry.head || read(0, MAGIC.len())? != MAGIC {
            return Err(wrong("is not as it was written"));
        }
        Ok(Self { path, file, shape, rows, starts, tables })
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn keypoints(&self) -> u64 {
        self.starts.last().map_or(0, |count| u64::from(*count))
    }

    pub(super) fn keypoints_of(&self, place: u32) -> u64 {
        u64::from(self.starts[place as usize + 1] - self.starts[place as usize])
    }

    pub(super) fn row(&self, place: u32) -> u32 {
        self.rows[place as usize]
    }

    pub(super) fn bucket_bits(&self) -> u32 {
        self.shape.bucket_bits
    }

    pub(super) fn keeps_fronts(&self) -> bool {
        self.shape.keeps_fronts()
    }

    /// Where a row stands in the segment.
    pub(super) fn place_of(&self, row: u32) -> Option<u32> {
        self.rows.binary_search_by_key(&rank(row), |other| rank(*other)).ok().map(|place| place as u32)
    }

    /// The postings kept of a bucket, in order of rank. `buffer` is only there so that none is made anew each time.
    pub(super) fn bucket(
        &self,
        table: usize,
        bucket: u32,
        buffer: &mut Vec<u8>,
        into: &mut Vec<PicturePosting>,
    ) -> Result<()> {
        let (groups, group) = (&self.tables[table], self.shape.group_of(bucket));
        let (begin, end) = (groups.offsets[group], groups.offsets[group + 1]);
        if begin == end {
            return Ok(());
        }
        let length = UNIT * end.checked_sub(begin).ok_or_else(|| self.damaged())? as usize;
        buffer.clear();
        buffer.resize(length + PADDING, 0);
        self.read(groups.begin + UNIT as u64 * u64::from(begin), &mut buffer[..length])?;
        let first = into.len();
        self.shape.unpack(buffer, bucket, into).ok_or_else(|| self.damaged())?;
        let sound = into[first..].iter().all(|posting| (posting.place as usize) < self.rows.len());
        if sound { Ok(()) } else { Err(self.damaged()) }
    }

    /// The keypoints of a picture.
    pub(super) fn picture(&self, place: u32, buffer: &mut Vec<u8>, into: &mut Vec<Keypoint>) -> Result<()> {
        self.records(place, place + 1, buffer)?;
        let records = buffer.as_chunks::<KEYPOINT_BYTES>().0;
        into.reserve(records.len());
        for record in records {
            into.push(unpacked(record).ok_or_else(|| self.damaged())?);
        }
        Ok(())
    }

    /// The bytes of the records of some pictures, one after the other.
    fn records(&self, from: u32, to: u32, buffer: &mut Vec<u8>) -> Result<()> {
        let (first, end) = (self.starts[from as usize], self.starts[to as usize]);
        let count = end.checked_sub(first).ok_or_else(|| self.damaged())? as usize;
        buffer.clear();
        buffer.resize(KEYPOINT_BYTES * count, 0);
        self.read(MAGIC.len() as u64 + KEYPOINT_BYTES as u64 * u64::from(first), buffer)
    }

    /// All pictures in order of rank, with their places.
    pub(super) fn pictures(&self) -> SegmentPictures<'_> {
        SegmentPictures { segment: self, next: 0, block: Vec::new(), first: 0 }
    }

    /// Sees to it that it outlives a power cut.
    pub(super) fn sync(&self) -> Result<()> {
        // Some systems write through only what was opened for writing.
        let file = File::options().write(true).open(&self.path);
        sync(&self.path, &file.map_err(|error| Error::io("open", &self.path, error))?)
    }

    /// Reads all of it and compares it with what was written.
    pub(super) fn verify(&self, entry: &SegmentEntry) -> Result<()> {
        if hex(&digest_of(&self.path, &self.file)?) == entry.digest { Ok(()) } else { Err(self.damaged()) }
    }

    fn read(&self, place: u64, into: &mut [u8]) -> Result<()> {
        read_exact_at(&self.file, into, place).map_err(|error| Error::io("read", &self.path, error))
    }

    fn damaged(&self) -> Error {
        damaged(&self.path, "its bytes are not those that were written")
    }
}

/// The file of a segment.
pub(super) fn file_name(number: u32) -> String {
    format!("{number:06}.segment")
}

/// Reads numbers one list after the other, so that never two copies of all are in memory.
struct HeadReader<'r> {
    read: &'r dyn Fn(u64, usize) -> Result<Vec<u8>>,
    at: u64,
    digest: Sha256,
}

impl HeadReader<'_> {
    fn numbers(&mut self, count: usize) -> Result<Vec<u32>> {
        let bytes = (self.read)(self.at, 4 * count)?;
        self.at += bytes.len() as u64;
        self.digest.update(&bytes);
        Ok(bytes.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)).collect())
    }
}

/// Pictures of a segment, read in blocks.
pub(super) struct SegmentPictures<'s> {
    segment: &'s FeatureSegment,
    next: u32,
    block: Vec<u8>,
    /// The keypoint that the block begins with.
    first: u32,
}

/// Pictures read at once.
const BLOCK: u32 = 256;

impl SegmentPictures<'_> {
    /// The next picture's place and its records.
    pub(super) fn next(&mut self) -> Result<Option<(u32, &[u8])>> {
        let (segment, place) = (self.segment, self.next);
        if place as usize == segment.len() {
            return Ok(None);
        }
        if place % BLOCK == 0 {
            self.first = segment.starts[place as usize];
            segment.records(place, (place + BLOCK).min(segment.len() as u32), &mut self.block)?;
        }
        self.next += 1;
        let byte = |keypoint: u32| KEYPOINT_BYTES * (keypoint - self.first) as usize;
        let (begin, end) = (byte(segment.starts[place as usize]), byte(segment.starts[place as usize + 1]));
        Ok(Some((place, &self.block[begin..end])))
    }
}

/// Keypoints as records.
pub(super) fn records_of(keypoints: &[Keypoint]) -> Vec<u8> {
    keypoints.iter().flat_map(packed).collect()
}
