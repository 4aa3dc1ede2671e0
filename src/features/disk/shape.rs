//! How postings lie in a segment: buckets in cells, cells in groups, a group read at once.
//!
//! A group tells of each of its cells how many postings it has, in unary, and then the postings: the low bits of the
//! bucket (where a cell is several buckets), the place of the picture in the segment, and which group of bits is in
//! front of the code. There is neither keypoint nor tag, which follow from the picture's record. The trap: pictures are
//! numbered in order of rank, so postings of a bucket ascend, and their order is part of every answer.

use super::bits::{BitWriter, bits_at, nth_zero};
use crate::features::index::search::CAP;

/// Postings kept of a bucket. Twice what is looked at, so that some pictures may be taken out before it must be written
/// anew.
pub(super) const KEPT: usize = 2 * CAP;
/// Cells of a group: postings of about one read.
const CELL_BITS: u32 = 6;
/// With more pictures than this a posting does without the turn, three bits of some twenty. Then turns do not tell apart
/// what agrees by chance, and several times the records are read.
const MOST_WITH_TURNS: usize = if cfg!(test) { 60 } else { 1 << 22 };
/// PostingGroups begin at multiples of so many bytes.
pub(super) const UNIT: usize = 4;

/// The widths of all parts of a segment's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentShape {
    /// Bits of a bucket's number.
    pub(super) bucket_bits: u32,
    group_bits: u32,
    cell_bits: u32,
    picture_bits: u32,
    front_bits: u32,
}

/// A keypoint of a picture in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PicturePosting {
    /// Place of the picture in the segment.
    pub(super) place: u32,
    /// The group in front of the code; 0 where that is not kept.
    pub(super) front: u8,
}

impl SegmentShape {
    pub(super) fn new(bucket_bits: u32, pictures: usize, keypoints: usize) -> Self {
        let bits_of = |count: usize| count.max(1).next_power_of_two().ilog2();
        let low_bits = bucket_bits.saturating_sub(bits_of(keypoints));
        let cell_bits = CELL_BITS.min(bucket_bits - low_bits);
        Self {
            bucket_bits,
            group_bits: bucket_bits - low_bits - cell_bits,
            cell_bits,
            picture_bits: bits_of(pictures),
            front_bits: if pictures <= MOST_WITH_TURNS { 3 } else { 0 },
        }
    }

    pub(super) fn groups(&self) -> usize {
        1 << self.group_bits
    }

    pub(super) fn keeps_fronts(&self) -> bool {
        self.front_bits > 0
    }

    fn low_bits(&self) -> u32 {
        self.bucket_bits - self.group_bits - self.cell_bits
    }

    /// The group that a bucket is in.
    pub(super) fn group_of(&self, bucket: u32) -> usize {
        (bucket >> (self.bucket_bits - self.group_bits)) as usize
    }

    fn cell_of(&self, bucket: u32) -> usize {
        (bucket >> self.low_bits()) as usize & ((1 << self.cell_bits) - 1)
    }

    fn low_of(&self, bucket: u32) -> u64 {
        u64::from(bucket) & ((1 << self.low_bits()) - 1)
    }

    fn posting_bits(&self) -> u32 {
        self.low_bits() + self.picture_bits + self.front_bits
    }

    /// Packs the postings of a group, in order of bucket and place; nothing for none.
    pub(super) fn pack(&self, postings: &[(u32, PicturePosting)], writer: &mut BitWriter) -> Vec<u8> {
        if postings.is_empty() {
            return Vec::new();
        }
        let mut kept: Vec<&(u32, PicturePosting)> = Vec::with_capacity(postings.len());
        postings.chunk_by(|a, b| a.0 == b.0).for_each(|bucket| kept.extend(bucket.iter().take(KEPT)));
        let mut rest = &kept[..];
        for cell in 0..1 << self.cell_bits {
            let (here, others) =
                rest.split_at(rest.partition_point(|(bucket, _)| self.cell_of(*bucket) <= cell));
            writer.put_unary(here.len());
            rest = others;
        }
        for (bucket, posting) in kept {
            let front = if self.keeps_fronts() { u64::from(posting.front) } else { 0 };
            let picture = u64::from(posting.place) << self.front_bits | front;
            writer.put(picture << self.low_bits() | self.low_of(*bucket), self.posting_bits());
        }
        writer.take(UNIT)
    }

    /// The postings of a bucket, from the bytes of its group and some more; `None` for bytes that [`Self::pack`] does not
    /// write.
    pub(super) fn unpack(&self, group: &[u8], bucket: u32, into: &mut Vec<PicturePosting>) -> Option<()> {
        let (cells, cell) = (1 << self.cell_bits, self.cell_of(bucket));
        // Of the postings before a zero, so many are not zeros themselves.
        let first = if cell == 0 { 0 } else { nth_zero(group, cell - 1)? - (cell - 1) };
        let end = nth_zero(group, cell)? - cell;
        if first == end {
            return Some(());
        }
        let postings = nth_zero(group, cells - 1)? + 1;
        let (bits, low_bits) = (self.posting_bits() as usize, self.low_bits());
        for number in first..end {
            let posting = bits_at(group, postings + number * bits, bits as u32)?;
            if posting & ((1 << low_bits) - 1) == self.low_of(bucket) {
                let picture = posting >> low_bits;
                let front = (picture & ((1 << self.front_bits) - 1)) as u8;
                into.push(PicturePosting { place: (picture >> self.front_bits) as u32, front });
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::bits::PADDING;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bucket_is_unpacked_as_it_was_packed(
            bucket_bits in 12u32..=26, pictures in 1usize..2_000_000, keypoints in 1usize..200_000_000,
            drawn in prop::collection::vec((any::<u32>(), any::<u32>(), 0u8..8), 0..300), few in any::<bool>(),
        ) {
            let shape = SegmentShape::new(bucket_bits, pictures, keypoints);
            let in_group = bucket_bits - shape.group_bits;
            // Of one group, and some in one bucket.
            let mut postings: Vec<(u32, PicturePosting)> = drawn
                .iter()
                .map(|&(bucket, place, front)| {
                    let bucket = (bucket >> (32 - in_group)) & if few { 3 } else { u32::MAX };
                    let front = if shape.keeps_fronts() { front } else { 0 };
                    (bucket, PicturePosting { place: place % pictures as u32, front })
                })
                .collect();
            postings.sort_unstable();
            let mut packed = shape.pack(&postings, &mut BitWriter::default());
            prop_assert_eq!(packed.is_empty(), postings.is_empty());
            packed.extend([0; PADDING]);
            for bucket in postings.iter().map(|posting| posting.0).chain([0, 1, (1 << in_group) - 1]) {
                let mut found = Vec::new();
                if packed.len() > PADDING {
                    prop_assert_eq!(shape.unpack(&packed, bucket, &mut found), Some(()));
                }
                let expected: Vec<PicturePosting> =
                    postings.iter().filter(|posting| posting.0 == bucket).map(|posting| posting.1).take(KEPT).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
