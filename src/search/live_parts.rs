//! Local features of a case that grows: the index of [`PartSearch`](super::PartSearch), held apart from any snapshot.
//!
//! Images that hash alike are one entry here as there, so that many copies of one photo do not crowd out all others. The
//! trap: an entry's features are those of its first image that has some; what is proposed is proven on each image's own.

use crate::case::ImageKey;
use crate::corpus::{ImageRow, Snapshot};
use crate::features::{FeatureIndex, Features};
use crate::hash::{Dihedral, Quality};
use crate::link::{HashClasses, class_digest};
use crate::record::{Image, ImageId};
use std::collections::HashMap;

/// An index of features that images are added to.
pub(super) struct LiveParts {
    min_quality: Quality,
    index: FeatureIndex,
    /// By row of the index.
    classes: Vec<LiveClass>,
    class_of: HashMap<[u8; 32], u32>,
}

/// Images that hash alike.
#[derive(Default)]
struct LiveClass {
    images: Vec<ImageKey>,
    indexed: bool,
}

impl LiveParts {
    /// An index of all features of a snapshot. Cost and memory: see [`FeatureIndex`].
    pub(super) fn build(
        snapshot: &Snapshot,
        keys: &HashMap<ImageId, ImageKey>,
        min_quality: Quality,
    ) -> Self {
        let classes = HashClasses::with_alone(&snapshot.images, min_quality, &[]);
        let key_of = |row: &ImageRow| keys.get(&snapshot.images[row.index()].id()).copied();
        let (mut held, mut class_of, mut features) = (Vec::new(), HashMap::new(), Vec::new());
        for class in classes.rows() {
            let rows = classes.images_of(class);
            let stored = rows.iter().find_map(|&row| snapshot.features.get(row));
            if let Some(digest) = class_digest(classes.image(class), min_quality) {
                class_of.insert(digest, class.0);
            }
            held.push(LiveClass {
                images: rows.iter().filter_map(key_of).collect(),
                indexed: stored.is_some(),
            });
            features.extend(stored.map(|stored| (class.0, stored)));
        }
        let index = FeatureIndex::build(features.iter().map(|(class, features)| (*class, features)));
        Self { min_quality, index, classes: held, class_of }
    }

    /// Adds an image. Microseconds, but for the moments when the tables are sorted anew.
    pub(super) fn add(&mut self, key: ImageKey, image: &Image, features: &Features) {
        let next = self.classes.len() as u32;
        let class = match class_digest(image, self.min_quality) {
            Some(digest) => *self.class_of.entry(digest).or_insert(next),
            None => next,
        };
        if class == next {
            self.classes.push(LiveClass::default());
        }
        let held = &mut self.classes[class as usize];
        if !held.images.contains(&key) {
            held.images.push(key);
        }
        if !held.indexed {
            held.indexed = true;
            self.index.insert(class, features);
        }
    }

    /// Images that may show a part of what the query shows, with the turn of the query.
    pub(super) fn candidates(&self, query: &Features, most: usize) -> Vec<(ImageKey, Dihedral)> {
        let candidates = self.index.candidates(query, most);
        let images = |row: u32| self.classes[row as usize].images.iter();
        candidates.iter().flat_map(|found| images(found.row).map(|key| (*key, found.turn))).collect()
    }
}
