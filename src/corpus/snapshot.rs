//! What a case holds at one moment, in content order: the input of linking and of every report.
//!
//! Rows (`u32`) are places in these vectors: dense, and meaningless outside this snapshot. Ids that leave the
//! process are [`ImageId`] and [`AdKey`](crate::record::AdKey).

use super::header::Header;
use super::network_note::NetworkNote;
use super::rows::{AdRow, ImageRow, Rows};
use crate::features::texture::TextureMap;
use crate::features::{Features, Outline, stored_texture};
use crate::record::{Ad, Decision, Image, ImageId, Skipped};
use std::ops::Range;
use std::sync::Arc;

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
    pub path: Box<str>,
    /// When the ad was collected with this image; empty when unknown. Shared by all sightings of one record.
    pub collected_at: Arc<str>,
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
    /// Of every image that has some, when they were asked for: see [`Case::snapshot_with_features`].
    ///
    /// [`Case::snapshot_with_features`]: crate::case::Case::snapshot_with_features
    pub features: StoredFeatures,
    /// In the order in which they were made.
    pub decisions: Vec<Decision>,
    /// Names and notes of networks, in the order in which they were given.
    pub notes: Vec<NetworkNote>,
    /// Why the case is held.
    pub header: Header,
}

impl Snapshot {
    /// The row of an image, if it is here. O(log n).
    pub fn image_row(&self, id: &ImageId) -> Option<u32> {
        self.images.binary_search_by_key(id, Image::id).ok().map(|row| row as u32)
    }

    /// Some of its images and ads (ascending), with the sightings of these ads, whose images must all be among them. `row`
    /// is the place of each of these images. Decisions are all kept: they name images by content.
    pub(crate) fn section(&self, images: &[ImageRow], ads: &[AdRow], row: &Rows<ImageRow, u32>) -> Self {
        let mut features = StoredFeatures::default();
        if !self.features.is_empty() {
            images.iter().for_each(|&image| features.push(Some(self.features.packed(image.index()))));
        }
        let seen = |(place, &AdRow(ad)): (u32, &AdRow)| {
            let first = self.sightings.partition_point(|seen| seen.ad < ad);
            let of_ad = self.sightings[first..].iter().take_while(move |seen| seen.ad == ad);
            of_ad.map(move |seen| SeenIn { ad: place, image: row[ImageRow(seen.image)], ..seen.clone() })
        };
        Self {
            images: images.iter().map(|&image| self.images[image].clone()).collect(),
            ads: ads.iter().map(|&ad| self.ads[ad].clone()).collect(),
            sightings: (0..).zip(ads).flat_map(seen).collect(),
            features,
            decisions: self.decisions.clone(),
            ..Self::default()
        }
    }
}

/// Local features of images in the packed form of the case: some two thousand bytes each, read when needed.
#[derive(Debug, Clone, Default)]
pub struct StoredFeatures {
    /// Where in `bytes` those of image row `k` stand, in any order; empty for none, as for rows beyond the last.
    places: Vec<Range<usize>>,
    bytes: Vec<u8>,
}

impl StoredFeatures {
    /// Adds those of the next image row; `None` for an image without any.
    pub fn push(&mut self, features: Option<&[u8]>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(features.unwrap_or_default());
        self.places.push(start..self.bytes.len());
    }

    /// Sets those of an image row that has none yet.
    #[cfg(feature = "case")]
    pub(crate) fn put(&mut self, row: u32, features: &[u8]) {
        let (row, start) = (row as usize, self.bytes.len());
        self.bytes.extend_from_slice(features);
        self.places.resize(self.places.len().max(row + 1), 0..0);
        self.places[row] = start..self.bytes.len();
    }

    /// The packed features of an image row; empty where it has none.
    fn packed(&self, row: usize) -> &[u8] {
        self.places.get(row).map_or(&[], |place| &self.bytes[place.clone()])
    }

    /// The features of an image row; `None` where it has none, or they are damaged.
    pub fn get(&self, row: u32) -> Option<Features> {
        Features::from_bytes(self.packed(row as usize))
    }

    /// Photo or design, block by block, of an image row; empty where that is not known.
    pub fn texture(&self, row: u32) -> TextureMap {
        stored_texture(self.packed(row as usize))
    }

    /// What [`get`](Self::get) would give, in outline and without unpacking it.
    pub(crate) fn outline(&self, row: u32) -> Option<Outline> {
        Features::outline(self.packed(row as usize))
    }

    /// True when no image has any, or they were not asked for.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Equal when every image row has the same features.
impl PartialEq for StoredFeatures {
    fn eq(&self, other: &Self) -> bool {
        let rows = self.places.len().max(other.places.len());
        (0..rows).all(|row| self.packed(row) == other.packed(row))
    }
}

impl Eq for StoredFeatures {}
