//! A case made ready for a [`Searcher`]: all of it in memory where features or neighbours are wanted, else its hashes.

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
    options: SearchOptions,
}

impl<'c> SearchedCase<'c> {
    /// Reads the whole case if local features or the nearest images are wanted, and else nothing yet.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn read(case: &'c Case, options: &SearchOptions) -> Result<Self> {
        let by_parts = options.parts && options.nearest.is_none() && case.has_features()?;
        let whole = match (by_parts, options.nearest) {
            (true, _) => Some(case.snapshot_with_features()?),
            (false, Some(_)) => Some(case.snapshot()?),
            (false, None) => None,
        };
        let with_files = |snapshot: Snapshot| {
            let originals = case.all_originals(&snapshot)?;
            let files = OriginalFiles::new(&snapshot, originals, Limits::default());
            Result::Ok((snapshot, files))
        };
        Ok(Self { case, whole: whole.map(with_files).transpose()?, options: *options })
    }

    /// Makes it ready for queries.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn searcher(&self) -> Result<Searcher<'_>> {
        let SearchOptions { radius, min_quality, queries, .. } = self.options;
        Ok(match &self.whole {
            Some((snapshot, files)) => Searcher::new(snapshot, files, &self.options),
            None => Searcher::by_hashes(CaseSearch::new(self.case, radius, min_quality, queries)?),
        })
    }
}
