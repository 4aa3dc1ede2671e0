//! Which images are of which hash class, for an index of features that images are added to.
//!
//! An index has one picture a class, of its first image that has features; what it proposes is a class. Which images
//! that means stands in the notes of an index on disk, 24 bytes an image. The trap: classes are numbered as they come, so
//! numbers are those of one index and of no other.

use crate::case::ImageKey;
use crate::error::Result;
use crate::features::DiskFeatureIndex;
use crate::hash::Quality;
use crate::link::class_digest;
use crate::record::Image;
use std::collections::HashMap;

/// Images that hash alike.
#[derive(Default)]
struct FeatureClass {
    images: Vec<ImageKey>,
    /// What they have in common; zeros for one of its own.
    digest: ClassDigest,
    indexed: bool,
}

/// Enough of a digest to tell classes apart.
type ClassDigest = [u8; 16];

/// Classes that images are added to.
pub(super) struct FeatureClasses {
    min_quality: Quality,
    classes: Vec<FeatureClass>,
    class_of: HashMap<ClassDigest, u32>,
}

/// Bytes of a note: class, row id, digest.
const NOTE: usize = 24;

impl FeatureClasses {
    pub(super) fn new(min_quality: Quality) -> Self {
        Self { min_quality, classes: Vec::new(), class_of: HashMap::new() }
    }

    /// Those of an index, from its notes.
    ///
    /// # Errors
    /// Those of reading them.
    pub(super) fn read(index: &DiskFeatureIndex, min_quality: Quality) -> Result<Self> {
        let mut classes = Self::new(min_quality);
        for note in index.notes()?.as_chunks::<NOTE>().0 {
            let (class, key, digest) = noted(note);
            if class as usize >= classes.classes.len() {
                classes.classes.resize_with(class as usize + 1, FeatureClass::default);
                classes.classes[class as usize].indexed = index.contains(class);
            }
            let held = &mut classes.classes[class as usize];
            held.images.push(key);
            held.digest = digest;
            if digest != ClassDigest::default() {
                classes.class_of.insert(digest, class);
            }
        }
        Ok(classes)
    }

    /// The next class, whole.
    pub(super) fn push(&mut self, image: &Image, keys: impl Iterator<Item = ImageKey>, indexed: bool) {
        let digest = self.digest(image);
        if digest != ClassDigest::default() {
            self.class_of.insert(digest, self.classes.len() as u32);
        }
        self.classes.push(FeatureClass { images: keys.collect(), digest, indexed });
    }

    /// The class of an image, which is of it from now on.
    pub(super) fn take(&mut self, key: ImageKey, image: &Image) -> u32 {
        let (next, digest) = (self.classes.len() as u32, self.digest(image));
        let class = match digest == ClassDigest::default() {
            true => next,
            false => *self.class_of.entry(digest).or_insert(next),
        };
        if class == next {
            self.classes.push(FeatureClass { digest, ..FeatureClass::default() });
        }
        let held = &mut self.classes[class as usize];
        if !held.images.contains(&key) {
            held.images.push(key);
        }
        class
    }

    /// Notes that a class is in the index from now on; false when it was.
    pub(super) fn index(&mut self, class: u32) -> bool {
        !std::mem::replace(&mut self.classes[class as usize].indexed, true)
    }

    /// The images of a class.
    pub(super) fn images_of(&self, class: u32) -> impl Iterator<Item = ImageKey> + '_ {
        self.classes.get(class as usize).into_iter().flat_map(|class| class.images.iter().copied())
    }

    /// What an index notes.
    pub(super) fn notes(&self) -> Vec<u8> {
        let mut notes = Vec::new();
        for (number, class) in (0u32..).zip(&self.classes) {
            for key in &class.images {
                notes.extend(number.to_le_bytes());
                // A case of more images than this has no index: see `feature_folder`.
                notes.extend((key.row() as u32).to_le_bytes());
                notes.extend(class.digest);
            }
        }
        notes
    }

    fn digest(&self, image: &Image) -> ClassDigest {
        let digest = class_digest(image, self.min_quality);
        digest.and_then(|digest| digest.first_chunk::<16>().copied()).unwrap_or_default()
    }
}

/// Class, image and digest of a note.
pub(super) fn noted(note: &[u8; NOTE]) -> (u32, ImageKey, ClassDigest) {
    let number = |at: usize| u32::from_le_bytes(*note[at..].first_chunk::<4>().expect("24 bytes"));
    let digest = *note[8..].first_chunk::<16>().expect("24 bytes");
    (number(0), ImageKey::of(i64::from(number(4))), digest)
}

/// The notes of an index as class and image, in order.
pub(super) fn members(notes: &[u8]) -> impl Iterator<Item = (u32, ImageKey)> + Clone + '_ {
    notes.as_chunks::<NOTE>().0.iter().map(|note| {
        let (class, key, _) = noted(note);
        (class, key)
    })
}
