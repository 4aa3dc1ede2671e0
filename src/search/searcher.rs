//! The one way to ask: which images show this photo, or a part of it? Program, desk and library users ask alike.
//!
//! Over a snapshot held anyhow a [`Searcher`] looks by hashes, then by local features, and lets pixels decide. Over a
//! case it reads hashes alone, asks the index of local features beside it, and then reads only what may answer. The
//! trap: rows of hits are rows of the snapshot in [`Answers`], which need not be the one that was searched.

#[cfg(feature = "case")]
use super::feature_folder::FeatureFolder;
use super::hashes::{Hit, NearestPhotos, PhotoSearch};
#[cfg(feature = "case")]
use super::in_case::CaseSearch;
use super::parts::{PartHit, PartSearch};
#[cfg(feature = "case")]
use super::proposals::Proposals;
use crate::analysis::Analysis;
use crate::corpus::Snapshot;
use crate::error::Result;
#[cfg(feature = "case")]
use crate::features::{CANDIDATES, Features};
use crate::hash::Quality;
use crate::link::Pixels;
#[cfg(feature = "case")]
use crate::record::Image;
use crate::verify::RADIUS;
#[cfg(feature = "case")]
use crate::verify::tilt::Tilted;
use std::borrow::Cow;
#[cfg(feature = "case")]
use std::collections::BTreeSet;

/// What counts as found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchOptions {
    /// Largest Hamming distance between PDQ hashes of one photo, of 256 bits.
    pub radius: u32,
    /// Least PDQ quality; below it only identical files are found by hashes.
    pub min_quality: Quality,
    /// Also look for crops, pages and collages by local features, where there are any.
    pub parts: bool,
    /// Instead of all images within the radius, about so many of the nearest, however far. Then no parts.
    pub nearest: Option<usize>,
    /// About how many queries will come: for a few no index is built.
    pub queries: usize,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { radius: RADIUS, min_quality: Quality::USABLE, parts: true, nearest: None, queries: usize::MAX }
    }
}

/// What answers one query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// By hashes, surest first; with [`SearchOptions::nearest`] also images that only are near.
    pub hits: Vec<Hit>,
    /// By local features, of images that hashes did not prove; [`Tier::SameScene`](crate::verify::Tier::SameScene) is a
    /// lead.
    pub parts: Vec<PartHit>,
}

/// Answers to queries, in their order.
pub struct Answers<'s> {
    /// What rows in the answers are rows of.
    pub snapshot: Cow<'s, Snapshot>,
    /// One for each query.
    pub answers: Vec<Answer>,
}

/// Something made ready to be searched.
pub struct Searcher<'s>(Over<'s>);

enum Over<'s> {
    Whole(Box<Whole<'s>>),
    #[cfg(feature = "case")]
    Hashes(CaseSearch<'s>),
    #[cfg(feature = "case")]
    Indexed(Box<Indexed<'s>>),
}

impl<'s> Searcher<'s> {
    /// Over a snapshot, with local features if it was taken with them. `pixels` decide what features propose; with
    /// [`NoPixels`](crate::link::NoPixels) the score has to. Cost: see [`PhotoSearch::new`], [`PartSearch::new`].
    pub fn new(snapshot: &'s Snapshot, pixels: &'s dyn Pixels, options: &SearchOptions) -> Self {
        let (radius, least) = (options.radius, options.min_quality);
        let hashes = match options.nearest {
            None => Hashes::Exact(PhotoSearch::for_queries(snapshot, radius, least, options.queries)),
            Some(k) => Hashes::Nearest(NearestPhotos::new(snapshot, radius, least), k),
        };
        let parts = options.parts && options.nearest.is_none() && !snapshot.features.is_empty();
        let parts = parts.then(|| PartSearch::new(snapshot, least));
        Self(Over::Whole(Box::new(Whole { snapshot, pixels, hashes, parts })))
    }

    /// Over the hashes of a case: see [`CaseSearch`].
    #[cfg(feature = "case")]
    pub(super) fn by_hashes(search: CaseSearch<'s>) -> Self {
        Self(Over::Hashes(search))
    }

    /// Over the hashes of a case and the index of its features.
    #[cfg(feature = "case")]
    pub(super) fn by_index(hashes: CaseSearch<'s>, features: &'s FeatureFolder) -> Self {
        Self(Over::Indexed(Box::new(Indexed { hashes, features })))
    }

    /// True when local features are searched, too.
    pub fn finds_parts(&self) -> bool {
        match &self.0 {
            Over::Whole(whole) => whole.parts.is_some(),
            #[cfg(feature = "case")]
            Over::Hashes(_) => false,
            #[cfg(feature = "case")]
            Over::Indexed(_) => true,
        }
    }

    /// True when there is nothing to be found by hashes.
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Over::Whole(whole) => whole.snapshot.images.is_empty(),
            #[cfg(feature = "case")]
            Over::Hashes(search) => search.is_empty(),
            // What has no usable hash may have features.
            #[cfg(feature = "case")]
            Over::Indexed(_) => false,
        }
    }

    /// Answers queries. Several at once share what it costs to read ads from a case.
    ///
    /// # Errors
    /// Those of reading a case; none over a snapshot.
    pub fn find(&self, queries: &[&Analysis]) -> Result<Answers<'_>> {
        match &self.0 {
            Over::Whole(whole) => {
                let answers = queries.iter().map(|query| whole.find(query)).collect();
                Ok(Answers { snapshot: Cow::Borrowed(whole.snapshot), answers })
            }
            #[cfg(feature = "case")]
            Over::Hashes(search) => {
                let images: Vec<_> = queries.iter().map(|query| &query.image).collect();
                let (snapshot, hits) = search.find(&images)?;
                let answers = hits.into_iter().map(|hits| Answer { hits, parts: Vec::new() }).collect();
                Ok(Answers { snapshot: Cow::Owned(snapshot), answers })
            }
            #[cfg(feature = "case")]
            Over::Indexed(indexed) => {
                let (snapshot, answers) = indexed.find(queries)?;
                Ok(Answers { snapshot: Cow::Owned(snapshot), answers })
            }
        }
    }
}

/// A case of which only what may answer is read.
#[cfg(feature = "case")]
struct Indexed<'s> {
    hashes: CaseSearch<'s>,
    features: &'s FeatureFolder,
}

#[cfg(feature = "case")]
impl Indexed<'_> {
    fn find(&self, queries: &[&Analysis]) -> Result<(Snapshot, Vec<Answer>)> {
        let (mut wanted, mut proposed) = (BTreeSet::new(), Vec::new());
        for query in queries {
            let near = self.hashes.near(&query.image)?;
            let most = CANDIDATES + near.len();
            let candidates = |look: &Features| self.features.candidates(look, most);
            let proposals = Proposals::new(query, Tilted::all(&query.luma), candidates)?;
            wanted.extend(near);
            wanted.extend(proposals.images());
            proposed.push(proposals);
        }
        let case = self.hashes.case();
        let snapshot = case.snapshot_of(&wanted, true)?;
        let images: Vec<&Image> = queries.iter().map(|query| &query.image).collect();
        let mut answers = Vec::with_capacity(queries.len());
        let proven = self.hashes.proven(&snapshot, &images);
        for ((query, hits), proposals) in queries.iter().zip(proven).zip(&proposed) {
            let known = hits.iter().map(|hit| hit.image).collect();
            let parts = proposals.proven(case, &snapshot, query, &known)?;
            answers.push(Answer { hits, parts });
        }
        Ok((snapshot, answers))
    }
}

struct Whole<'s> {
    snapshot: &'s Snapshot,
    pixels: &'s dyn Pixels,
    hashes: Hashes<'s>,
    parts: Option<PartSearch<'s>>,
}

enum Hashes<'s> {
    Exact(PhotoSearch<'s>),
    Nearest(NearestPhotos<'s>, usize),
}

impl Whole<'_> {
    fn find(&self, query: &Analysis) -> Answer {
        let hits = match &self.hashes {
            Hashes::Exact(search) => search.find(&query.image),
            Hashes::Nearest(search, k) => search.find(&query.image, *k),
        };
        let known = hits.iter().filter(|hit| hit.proof.is_some()).map(|hit| hit.image).collect();
        let by_parts =
            |search: &PartSearch<'_>| search.find((&query.features, &query.luma), &known, self.pixels);
        let parts = self.parts.as_ref().map(by_parts).unwrap_or_default();
        Answer { hits, parts }
    }
}
