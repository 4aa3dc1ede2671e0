//! What a search compares with: one hash of every usable view, and nothing else of the case.
//!
//! A whole [`Snapshot`] of a million images takes seconds and a gigabyte, most of it text that no hit shows. So a search
//! reads 32 bytes a view first, and afterwards a snapshot of what it found. The trap: keys are row ids. They are good
//! for the case they came from and for now; a purge may give them to other images.

use super::codec::{upright, upright_of_views};
use super::load;
use super::open::Case;
use crate::corpus::Snapshot;
use crate::error::{CaseError, Result};
use crate::hash::{Hash256, Quality};
use crate::record::ImageId;
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeSet;

/// An image of the case it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageKey(i64);

impl ImageKey {
    pub(crate) const fn of(row: i64) -> Self {
        Self(row)
    }

    pub(crate) const fn row(self) -> i64 {
        self.0
    }
}

/// The upright PDQ hashes of all usable views of a case, in no order that means anything.
#[derive(Debug, Default)]
pub struct ViewHashes {
    /// One a view.
    pub hashes: Vec<Hash256>,
    /// The image of each hash.
    pub images: Vec<ImageKey>,
}

impl ViewHashes {
    fn push(&mut self, image: ImageKey, hash: Hash256) {
        if !hash.is_regular() {
            self.hashes.push(hash);
            self.images.push(image);
        }
    }
}

impl Case {
    /// The hashes of all views of at least this quality: of whole images and of their parts. Images that no file has
    /// any more may be among them. Cost: one pass over the images, and 40 bytes a view.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] for a column that cannot be read.
    pub fn view_hashes(&self, min_quality: Quality) -> Result<ViewHashes> {
        self.in_case(|db| {
            let mut select =
                db.prepare("SELECT id, quality, pdq, views FROM content WHERE reason IS NULL")?;
            let mut rows = select.query([])?;
            let mut found = ViewHashes::default();
            while let Some(row) = rows.next()? {
                let blob = |column| -> Result<Option<&[u8]>, CaseError> {
                    Ok(row.get_ref(column)?.as_blob_or_null().map_err(rusqlite::Error::from)?)
                };
                let image = ImageKey(row.get(0)?);
                if row.get::<_, u8>(1)? >= min_quality.get() {
                    found.push(image, upright(blob(2)?.unwrap_or_default())?);
                }
                for (quality, hash) in upright_of_views(blob(3)?.unwrap_or_default())? {
                    if quality >= min_quality.get() {
                        found.push(image, hash);
                    }
                }
            }
            Ok(found)
        })
    }

    /// The key of an image of the case.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn image_key(&self, id: &ImageId) -> Result<Option<ImageKey>> {
        self.in_case(|db| {
            let mut select =
                db.prepare_cached("SELECT id FROM content WHERE sha256 = ?1 AND reason IS NULL")?;
            Ok(select.query_row(params![id.0], |row| row.get(0)).optional()?.map(ImageKey))
        })
    }

    /// The id of an image of the case.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn image_id(&self, key: ImageKey) -> Result<Option<ImageId>> {
        self.in_case(|db| {
            let mut select = db.prepare_cached("SELECT sha256 FROM content WHERE id = ?1")?;
            Ok(select.query_row(params![key.0], |row| row.get(0)).optional()?.map(ImageId))
        })
    }

    /// A snapshot of these images and of the ads that show them, whole: with all their sightings and the images of
    /// those. It says of them what a snapshot of everything says, but holds no decisions or skipped inputs, and features
    /// only when they are wanted, and of these images alone.
    ///
    /// Cost: one pass over the sightings and one over the records, whatever the number of images.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn snapshot_of(&self, images: &BTreeSet<ImageKey>, with_features: bool) -> Result<Snapshot> {
        let contents: BTreeSet<i64> = images.iter().map(|key| key.0).collect();
        self.in_case(|db| load::snapshot_of(db, &contents, with_features))
    }

    /// True when local features of any image are stored.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn has_features(&self) -> Result<bool> {
        self.in_case(|db| Ok(db.prepare("SELECT 1 FROM feature LIMIT 1")?.exists([])?))
    }
}
