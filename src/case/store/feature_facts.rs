//! What an index of the features of a case is made of: which images there are, in numbers that tell whether it still fits.
//!
//! The trap: a purge gives row ids to other images, so the number of the last removal is among the facts; and an ingest
//! with features may look again at images that are there, so it counts how many have some.

use super::features::{read_limit, stored_of};
use super::files::features_path;
use super::load::{CONTENT, content};
use super::open::Case;
use super::view_hashes::ImageKey;
use crate::error::{CaseError, Result};
use crate::features::Features;
use crate::record::Image;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The images of a case up to some moment, as far as an index of their features is concerned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureFacts {
    /// Of [`Case::id`].
    pub case: String,
    /// Keypoints an image, as the last ingest with features asked for.
    pub keypoints: u16,
    /// How many images there are, and how many of them have features.
    pub images: i64,
    /// See `images`.
    pub with_features: i64,
    /// The largest row id, and the sum of all.
    pub last: i64,
    /// See `last`.
    pub sum: i64,
    /// Number of the last withdrawal or purge in the audit chain.
    pub removal: i64,
}

impl Case {
    /// Facts of all images, or of those up to a row id. Cost: one pass over an index of small numbers.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn feature_facts(&self, up_to: Option<i64>) -> Result<FeatureFacts> {
        let case = self.id()?;
        self.in_case(|db| {
            let images = "SELECT count(*), coalesce(sum(features > 0), 0), coalesce(max(id), 0), \
                          coalesce(sum(id), 0) FROM content INDEXED BY content_features \
                          WHERE reason IS NULL AND id <= ?1";
            let removals = "SELECT coalesce(max(number), 0) FROM audit WHERE action IN ('withdraw', 'purge')";
            let removal = db.query_row(removals, [], |row| row.get(0))?;
            let keypoints = read_limit(db)?.unwrap_or(0);
            Ok(db.query_row(images, [up_to.unwrap_or(i64::MAX)], |row| {
                let (images, with_features) = (row.get(0)?, row.get(1)?);
                let (last, sum) = (row.get(2)?, row.get(3)?);
                Ok(FeatureFacts { case, keypoints, images, with_features, last, sum, removal })
            })?)
        })
    }

    /// The images beyond a row id, in order of their SHA-256.
    pub(crate) fn images_after(&self, last: i64) -> Result<Vec<ImageKey>> {
        self.in_case(|db| {
            let select = "SELECT id FROM content WHERE reason IS NULL AND id > ?1 ORDER BY sha256";
            let mut select = db.prepare(select)?;
            let keys = select.query_map([last], |row| Ok(ImageKey::of(row.get(0)?)))?;
            Ok(keys.collect::<Result<_, _>>()?)
        })
    }

    /// An image, and its features cut to so many keypoints: [`FeatureFacts::keypoints`], as a rule.
    pub(crate) fn image_with_features(
        &self,
        key: ImageKey,
        keypoints: u16,
    ) -> Result<(Image, Option<Features>)> {
        self.in_case(|db| {
            let mut select = db.prepare_cached(&format!("SELECT {CONTENT} FROM content WHERE id = ?1"))?;
            let mut rows = select.query(params![key.row()])?;
            let gone = || CaseError::Damaged(format!("content {} is gone", key.row()));
            let image = content(rows.next()?.ok_or_else(gone)?, &mut BTreeSet::new())?;
            Ok((image.map_err(|_| gone())?, stored_of(db, key.row(), keypoints.into())?))
        })
    }

    /// Where the index of its features lies: a folder beside the case.
    pub fn features_path(&self) -> PathBuf {
        features_path(self.path())
    }
}
