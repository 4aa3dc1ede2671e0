//! Local features of a case that grows: the index of [`PartSearch`](super::PartSearch), held apart from any snapshot.
//!
//! Of a large case it is the index on disk that lies beside it, else one in memory. Images that hash alike are one entry
//! here as there, so that many copies of one photo do not crowd out all others. The trap: an entry's features are those of
//! its first image that has some; what is proposed is proven on each image's own.

use super::feature_classes::FeatureClasses;
use crate::case::ImageKey;
use crate::corpus::{ImageRow, Snapshot};
use crate::error::Result;
use crate::features::{Candidate, DiskFeatureIndex, FeatureIndex, Features, MergedSegment, SegmentMerge};
use crate::hash::{Dihedral, Quality};
use crate::link::HashClasses;
use crate::record::{Image, ImageId};
use std::collections::HashMap;

/// An index of features that images are added to.
pub(super) struct LiveParts {
    index: LivePartIndex,
    classes: FeatureClasses,
}

/// Where the features are.
enum LivePartIndex {
    Memory(FeatureIndex),
    Disk(Box<DiskFeatureIndex>),
}

impl LivePartIndex {
    fn insert(&mut self, class: u32, features: &Features) -> Result<()> {
        match self {
            Self::Memory(index) => {
                index.insert(class, features);
                Ok(())
            }
            Self::Disk(index) => index.insert(class, features),
        }
    }

    fn candidates(&self, query: &Features, most: usize) -> Result<Vec<Candidate>> {
        match self {
            Self::Memory(index) => Ok(index.candidates(query, most)),
            Self::Disk(index) => index.candidates(query, most),
        }
    }
}

impl LiveParts {
    /// An index of all features of a snapshot. Cost and memory: see [`FeatureIndex`].
    pub(super) fn build(
        snapshot: &Snapshot,
        keys: &HashMap<ImageId, ImageKey>,
        min_quality: Quality,
    ) -> Self {
        let classes = HashClasses::with_alone(&snapshot.images, min_quality, &[]);
        let mut held = FeatureClasses::new(min_quality);
        let mut features = Vec::new();
        for class in classes.rows() {
            let rows = classes.images_of(class);
            let stored = rows.iter().find_map(|&row| snapshot.features.get(row));
            let key_of = |row: &ImageRow| keys.get(&snapshot.images[*row].id()).copied();
            held.push(classes.image(class), rows.iter().filter_map(key_of), stored.is_some());
            features.extend(stored.map(|stored| (class.0, stored)));
        }
        let index = FeatureIndex::build(features.iter().map(|(class, features)| (*class, features)));
        Self { index: LivePartIndex::Memory(index), classes: held }
    }

    /// The index beside a case, which fits it. What it is added to is kept by [`Self::keep`].
    ///
    /// # Errors
    /// Those of reading its notes.
    pub(super) fn of_disk(mut index: DiskFeatureIndex, min_quality: Quality) -> Result<Self> {
        index.merge_elsewhere();
        let classes = FeatureClasses::read(&index, min_quality)?;
        Ok(Self { index: LivePartIndex::Disk(Box::new(index)), classes })
    }

    /// Adds an image. Microseconds, but for the moments when tables are sorted anew, or a segment is written.
    ///
    /// # Errors
    /// Those of writing to an index on disk.
    pub(super) fn add(&mut self, key: ImageKey, image: &Image, features: &Features) -> Result<()> {
        let class = self.classes.take(key, image);
        if self.classes.index(class) { self.index.insert(class, features) } else { Ok(()) }
    }

    /// Images that may show a part of what the query shows, with the turn of the query.
    ///
    /// # Errors
    /// Those of reading an index on disk.
    pub(super) fn candidates(&self, query: &Features, most: usize) -> Result<Vec<(ImageKey, Dihedral)>> {
        let candidates = self.index.candidates(query, most)?;
        let images = |row: u32| self.classes.images_of(row);
        Ok(candidates.iter().flat_map(|found| images(found.row).map(|key| (key, found.turn))).collect())
    }

    /// Segments that should be joined.
    pub(super) fn merging(&mut self) -> Result<Option<SegmentMerge>> {
        match &mut self.index {
            LivePartIndex::Memory(_) => Ok(None),
            LivePartIndex::Disk(index) => index.merging(),
        }
    }

    /// Takes up segments that were joined.
    pub(super) fn adopt(&mut self, merged: MergedSegment) {
        if let LivePartIndex::Disk(index) = &mut self.index {
            // Where they do not fit any more, others are joined later.
            index.adopt(merged);
        }
    }

    /// Makes what was added to an index on disk lasting, under a basis.
    ///
    /// # Errors
    /// Those of writing to it.
    pub(super) fn keep(&mut self, basis: impl FnOnce() -> Result<String>) -> Result<()> {
        match &mut self.index {
            LivePartIndex::Memory(_) => Ok(()),
            LivePartIndex::Disk(index) => index.commit(&basis()?, &self.classes.notes()),
        }
    }
}
