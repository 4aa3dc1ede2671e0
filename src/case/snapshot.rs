//! What a case holds at one moment, in content order: the input of linking and of every report.
//!
//! Rows (`u32`) are places in these vectors: dense, and meaningless outside this snapshot. Ids that leave the
//! process are [`ImageId`](crate::record::ImageId) and [`AdKey`](crate::record::AdKey).

use crate::features::Features;
use crate::record::{Ad, Decision, Image, Skipped};

/// An image seen in an ad: the rows of both, with the path the manifest gave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeenIn {
    /// Row in [`Snapshot::ads`].
    pub ad: u32,
    /// Place of the image in the ad, from 0.
    pub position: u32,
    /// Row in [`Snapshot::images`].
    pub image: u32,
    /// Path as the manifest gave it.
    pub path: String,
    /// When the ad was collected with this image; empty when unknown.
    pub collected_at: String,
}

/// A consistent view of a case. All vectors are sorted and free of repeats.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Sorted by [`Image::id`].
    pub images: Vec<Image>,
    /// Sorted by key.
    pub ads: Vec<Ad>,
    /// Sorted by ad, position, image, path, time. Every ad and image row is valid.
    pub sightings: Vec<SeenIn>,
    /// Sorted.
    pub skipped: Vec<Skipped>,
    /// Of every image that has some, when they were asked for.
    pub features: StoredFeatures,
    /// In the order in which they were made.
    pub decisions: Vec<Decision>,
}

/// Local features of images in the packed form of the case: some two thousand bytes each, read when needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredFeatures {
    /// Where the bytes of image row `k` end in `bytes`; rows beyond the last have none.
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl StoredFeatures {
    /// Adds those of the next image row; `None` for an image without any.
    pub fn push(&mut self, features: Option<&[u8]>) {
        self.bytes.extend_from_slice(features.unwrap_or_default());
        self.ends.push(self.bytes.len());
    }

    /// The features of an image row; `None` where it has none, or they are damaged.
    pub fn get(&self, row: u32) -> Option<Features> {
        let row = row as usize;
        let end = *self.ends.get(row)?;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        Features::from_bytes(&self.bytes[start..end])
    }

    /// True when no image has any, or they were not asked for.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}
