//! A segment as an index holds it, and segments that are joined while the index is asked and added to.
//!
//! Joining large segments takes minutes, so it can be done beside the index: it hands out a [`SegmentMerge`], which anybody
//! may run, and takes up what came of it. The trap: pictures may be taken out meanwhile, and must stay out.

use super::list::{SegmentEntry, damaged};
use super::merging::{RankedSource, write_merged};
use super::segment::FeatureSegment;
use crate::error::Result;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An open segment, and what has changed since it was written.
pub(super) struct HeldSegment {
    pub(super) entry: SegmentEntry,
    pub(super) segment: Arc<FeatureSegment>,
    /// Places of pictures that were taken out.
    pub(super) removed: BTreeSet<u32>,
    /// Whether it was seen to that it outlives a power cut.
    pub(super) lasts: bool,
}

impl HeldSegment {
    pub(super) fn open(folder: &Path, entry: SegmentEntry, lasts: bool) -> Result<Self> {
        let segment = Arc::new(FeatureSegment::open(folder, &entry)?);
        let removed: BTreeSet<u32> = entry.removed.iter().copied().collect();
        if removed.last().is_some_and(|place| *place as usize >= segment.len()) {
            return Err(damaged(folder, "it names pictures that are not there"));
        }
        Ok(Self { entry, segment, removed, lasts })
    }

    pub(super) fn pictures(&self) -> usize {
        self.segment.len() - self.removed.len()
    }

    pub(super) fn keypoints(&self) -> u64 {
        let removed: u64 = self.removed.iter().map(|&place| self.segment.keypoints_of(place)).sum();
        self.segment.keypoints() - removed
    }
}

/// Segments to be joined, and where to.
pub struct SegmentMerge {
    pub(super) folder: PathBuf,
    pub(super) number: u32,
    pub(super) bucket_bits: u32,
    pub(super) sources: Vec<MergeSource>,
}

/// A segment with what was taken out of it by the time it was handed out.
pub(super) struct MergeSource {
    pub(super) number: u32,
    pub(super) segment: Arc<FeatureSegment>,
    pub(super) removed: BTreeSet<u32>,
}

/// Segments as one, to be taken up by the index that they are of.
pub struct MergedSegment {
    pub(super) bucket_bits: u32,
    pub(super) sources: Vec<MergeSource>,
    pub(super) held: HeldSegment,
}

impl MergeSource {
    pub(super) fn of(held: &HeldSegment) -> Self {
        Self { number: held.entry.number, segment: held.segment.clone(), removed: held.removed.clone() }
    }
}

impl SegmentMerge {
    /// Writes the segment. Cost: some 200 microseconds a picture of one core's time.
    ///
    /// # Errors
    /// Those of reading and writing files.
    pub fn run(self) -> Result<MergedSegment> {
        let Self { folder, number, bucket_bits, sources } = self;
        let ranked =
            sources.iter().map(|source| RankedSource::of(&source.segment, &source.removed)).collect();
        let entry = write_merged(&folder, number, bucket_bits, ranked)?;
        Ok(MergedSegment { bucket_bits, sources, held: HeldSegment::open(&folder, entry, false)? })
    }
}

impl MergedSegment {
    /// Takes out what was taken out of its sources meanwhile; these are what the index has of them now.
    pub(super) fn follow(&mut self, now: &[HeldSegment]) {
        for (source, held) in self.sources.iter().zip(now) {
            for place in held.removed.difference(&source.removed) {
                self.held.removed.extend(self.held.segment.place_of(source.segment.row(*place)));
            }
        }
    }
}
