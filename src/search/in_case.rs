//! Where else was this photo? A few query images against a case of which little is read.
//!
//! [`PhotoSearch`] wants a snapshot of everything, which pays for thousands of queries. Here only hashes are read to find
//! what may answer, and a snapshot is taken of that alone; it then goes through the same [`PhotoSearch`], so the hits
//! are the same. The trap: rows of the hits are rows of that small snapshot.

use super::hashes::{Hit, PhotoSearch, oriented};
use crate::case::{Case, ImageKey};
use crate::corpus::Snapshot;
use crate::error::Result;
use crate::hash::{Hash256, Quality};
use crate::index::RadiusIndex;
use crate::record::Image;
use std::collections::BTreeSet;

/// Exact search within a radius, straight from a case.
pub struct CaseSearch<'c> {
    case: &'c Case,
    /// The image of every hash in the index.
    images: Vec<ImageKey>,
    index: RadiusIndex,
    radius: u32,
    min_quality: Quality,
}

impl<'c> CaseSearch<'c> {
    /// Reads the hashes of a case; how they are searched depends on how many queries are to come. About a second and
    /// 100 bytes a view for a million images and few queries.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn new(case: &'c Case, radius: u32, min_quality: Quality, queries: usize) -> Result<Self> {
        let held = case.view_hashes(min_quality)?;
        let index = RadiusIndex::for_queries(&held.hashes, radius, PhotoSearch::hashes_of(queries));
        Ok(Self { case, images: held.images, index, radius, min_quality })
    }

    /// True when no image of the case has a usable hash.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The case that is searched.
    pub(super) fn case(&self) -> &'c Case {
        self.case
    }

    /// Images that are near by hash, or have the very bytes.
    ///
    /// # Errors
    /// Those of reading the case.
    pub(super) fn near(&self, query: &Image) -> Result<BTreeSet<ImageKey>> {
        let turned: Vec<Hash256> = oriented(query, self.min_quality).collect();
        let near = self.index.search_many(&turned, self.radius).into_iter().flatten();
        let mut found: BTreeSet<ImageKey> = near.map(|near| self.images[near.row as usize]).collect();
        found.extend(self.case.image_key(&query.id())?);
        Ok(found)
    }

    /// Of each query every image of a snapshot that shows its photo, surest first.
    pub(super) fn proven(&self, snapshot: &Snapshot, queries: &[&Image]) -> Vec<Vec<Hit>> {
        let search = PhotoSearch::new(snapshot, self.radius, self.min_quality);
        queries.iter().map(|query| search.find(query)).collect()
    }

    /// Of each query every image that shows its photo, surest first; and a snapshot of these images and the ads that
    /// show them. Several queries at once share its cost: see [`Case::snapshot_of`].
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn find(&self, queries: &[&Image]) -> Result<(Snapshot, Vec<Vec<Hit>>)> {
        let mut found = BTreeSet::new();
        for query in queries {
            found.extend(self.near(query)?);
        }
        let snapshot = self.case.snapshot_of(&found, false)?;
        let hits = self.proven(&snapshot, queries);
        Ok((snapshot, hits))
    }
}
