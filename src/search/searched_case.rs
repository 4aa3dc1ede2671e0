//! A case made ready for a [`Searcher`]: its hashes, and where features are wanted the index of them that lies beside it.
//!
//! The trap: where there is no such index, or it does not fit the case, all of the case is read, which takes minutes and
//! gigabytes for a million images; [`SearchedCase::why_whole`] says so.

use super::feature_folder::FeatureFolder;
use super::in_case::CaseSearch;
use super::searcher::{SearchOptions, Searcher};
use crate::case::Case;
use crate::corpus::Snapshot;
use crate::decode::Limits;
use crate::error::Result;
use crate::link::OriginalFiles;

/// A case with what a search needs of it in memory.
pub struct SearchedCase<'c> {
    case: &'c Case,
    /// All of it; `None` where hashes are enough.
    whole: Option<(Snapshot, OriginalFiles)>,
    /// The index of its features, where it is asked.
    features: Option<FeatureFolder>,
    why_whole: Option<String>,
    options: SearchOptions,
}

impl<'c> SearchedCase<'c> {
    /// Opens the index of local features if they are wanted. Without one that fits the case, and where the nearest images
    /// are wanted, reads the whole case; else nothing yet.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn read(case: &'c Case, options: &SearchOptions) -> Result<Self> {
        let by_parts = options.parts && options.nearest.is_none() && case.has_features()?;
        let opened = by_parts.then(|| FeatureFolder::open(case, options.min_quality)).transpose()?;
        let (features, why_whole) = match opened {
            Some(Ok(features)) => (Some(features), None),
            Some(Err(why)) => (None, Some(why)),
            None => (None, None),
        };
        let whole = match (&why_whole, options.nearest) {
            (Some(_), _) => Some(case.snapshot_with_features()?),
            (None, Some(_)) => Some(case.snapshot()?),
            (None, None) => None,
        };
        let with_files = |snapshot: Snapshot| {
            let originals = case.all_originals(&snapshot)?;
            let files = OriginalFiles::new(&snapshot, originals, Limits::default());
            Result::Ok((snapshot, files))
        };
        let whole = whole.map(with_files).transpose()?;
        Ok(Self { case, whole, features, why_whole, options: *options })
    }

    /// Why the index of local features could not be asked and the whole case was read; `None` where it was, or was not
    /// wanted.
    pub fn why_whole(&self) -> Option<&str> {
        self.why_whole.as_deref()
    }

    /// Makes it ready for queries.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn searcher(&self) -> Result<Searcher<'_>> {
        let SearchOptions { radius, min_quality, queries, .. } = self.options;
        let hashes = || CaseSearch::new(self.case, radius, min_quality, queries);
        Ok(match (&self.whole, &self.features) {
            (Some((snapshot, files)), _) => Searcher::new(snapshot, files, &self.options),
            (None, Some(features)) => Searcher::by_index(hashes()?, features),
            (None, None) => Searcher::by_hashes(hashes()?),
        })
    }
}
