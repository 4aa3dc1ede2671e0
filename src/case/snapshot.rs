//! What a case holds at one moment, in content order: the input of linking and of every report.
//!
//! Rows (`u32`) are places in these vectors: dense, and meaningless outside this snapshot. Ids that leave the
//! process are [`ImageId`](crate::record::ImageId) and [`AdKey`](crate::record::AdKey).

use crate::record::{Ad, Image, Skipped};

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
}
