//! Pictures of segments, of the tail and of what arrived, in order of rank, as one segment.
//!
//! The trap: no row may come from two sources; whoever adds a picture takes the older one out first.

use super::file::Writing;
use super::list::SegmentEntry;
use super::segment::{FeatureSegment, SegmentPictures, records_of};
use super::writing::{MOST_KEYPOINTS, SegmentWriter};
use crate::error::{Error, Result};
use crate::features::index::search::rank;
use crate::features::{Features, KEYPOINT_BYTES};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;

/// Refuses what does not fit into a record.
pub(super) fn check_count(features: &Features) -> Result<()> {
    if features.keypoints.len() < MOST_KEYPOINTS {
        return Ok(());
    }
    let (value, expected) = (features.keypoints.len().to_string(), format!("fewer than {MOST_KEYPOINTS}"));
    Err(Error::Parameter { name: "keypoints", value, expected })
}

/// Pictures that arrived, in a file of records; with their keypoints' numbers there, in order of rank.
pub(super) struct Arrivals {
    file: Writing,
    pub(super) pictures: Vec<(u32, Range<usize>)>,
}

impl Arrivals {
    pub(super) fn write(
        path: &Path,
        pictures: impl IntoIterator<Item = Result<(u32, Features)>>,
    ) -> Result<Self> {
        let (mut file, mut places, mut at) = (Writing::create(path)?, HashMap::new(), 0);
        for picture in pictures {
            let (row, features) = picture?;
            check_count(&features)?;
            file.put(&records_of(&features.keypoints))?;
            let end = at + features.keypoints.len();
            places.insert(row, at..end);
            at = end;
        }
        file.flush()?;
        let mut pictures: Vec<(u32, Range<usize>)> = places.into_iter().collect();
        pictures.sort_unstable_by_key(|(row, _)| rank(*row));
        Ok(Self { file, pictures })
    }
}

/// Pictures in order of rank.
pub(super) enum RankedSource<'i> {
    Segment(SegmentPictures<'i>, &'i FeatureSegment, &'i BTreeSet<u32>),
    Listed(std::vec::IntoIter<(u32, Vec<u8>)>),
    Arrived(std::slice::Iter<'i, (u32, Range<usize>)>, &'i Writing),
}

impl<'i> RankedSource<'i> {
    /// Those of a segment that were not taken out.
    pub(super) fn of(segment: &'i FeatureSegment, removed: &'i BTreeSet<u32>) -> Self {
        Self::Segment(segment.pictures(), segment, removed)
    }

    pub(super) fn arrived(arrivals: &'i Arrivals) -> Self {
        Self::Arrived(arrivals.pictures.iter(), &arrivals.file)
    }

    /// Row and records of the next.
    fn next(&mut self) -> Result<Option<(u32, Vec<u8>)>> {
        match self {
            Self::Listed(pictures) => Ok(pictures.next()),
            Self::Segment(pictures, segment, removed) => {
                while let Some((place, records)) = pictures.next()? {
                    if !removed.contains(&place) {
                        return Ok(Some((segment.row(place), records.to_vec())));
                    }
                }
                Ok(None)
            }
            Self::Arrived(pictures, file) => {
                let Some((row, own)) = pictures.next() else { return Ok(None) };
                let mut records = vec![0; KEYPOINT_BYTES * own.len()];
                file.read((KEYPOINT_BYTES * own.start) as u64, &mut records)?;
                Ok(Some((*row, records)))
            }
        }
    }
}

/// Writes the pictures of several sources as one segment.
pub(super) fn write_merged(
    folder: &Path,
    number: u32,
    bucket_bits: u32,
    sources: Vec<RankedSource<'_>>,
) -> Result<SegmentEntry> {
    let mut writer = SegmentWriter::create(folder, number)?;
    let mut merging = RankedMerge::new(sources)?;
    while let Some((row, records)) = merging.next()? {
        writer.put(folder, row, &records)?;
    }
    writer.finish(bucket_bits)
}

/// Several sources as one.
struct RankedMerge<'i> {
    sources: Vec<RankedSource<'i>>,
    /// The next picture of each.
    heads: Vec<Option<(u32, Vec<u8>)>>,
}

impl<'i> RankedMerge<'i> {
    fn new(mut sources: Vec<RankedSource<'i>>) -> Result<Self> {
        let heads = sources.iter_mut().map(RankedSource::next).collect::<Result<_>>()?;
        Ok(Self { sources, heads })
    }

    fn next(&mut self) -> Result<Option<(u32, Vec<u8>)>> {
        let waiting =
            self.heads.iter().enumerate().filter_map(|(number, head)| Some((number, head.as_ref()?.0)));
        let Some((number, _)) = waiting.min_by_key(|(_, row)| rank(*row)) else { return Ok(None) };
        let next = self.sources[number].next()?;
        Ok(std::mem::replace(&mut self.heads[number], next))
    }
}
