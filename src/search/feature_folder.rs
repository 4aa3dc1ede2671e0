//! The index of a case's local features on disk: made of the case, brought up to date, and asked in its place.
//!
//! Its pictures are hash classes, as in [`PartSearch`](super::PartSearch); which images are of which class stands in its
//! notes. The trap: it lies beside a case that may have been replaced, purged or added to, so it is used only while the
//! case's [`FeatureFacts`] are those that it was made of. Where it does not fit nothing is lost: the case is read instead.

use super::feature_classes::{FeatureClasses, members};
use crate::case::{Case, FeatureFacts, ImageKey};
use crate::error::{Error, Result};
use crate::features::{DiskFeatureIndex, Features};
use crate::grouped::Grouped;
use crate::hash::{Dihedral, Quality};
use serde::{Deserialize, Serialize};

/// With fewer images than this a case is read whole before the index would be open.
pub const WORTH_INDEXING: u64 = 5_000;
/// The least quality of hashes that make a class.
const QUALITY: Quality = Quality::USABLE;

/// What bringing an index up to date came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureIndexing {
    /// There are no features, or too few images for an index to be worth while.
    NotWorth,
    /// Nothing was to be done.
    Current,
    /// So many images were added.
    Extended(u64),
    /// It was made anew, of so many images.
    Made(u64),
}

/// What an index was made of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct IndexBasis {
    quality: u8,
    facts: FeatureFacts,
}

impl IndexBasis {
    fn of(facts: FeatureFacts) -> Self {
        Self { quality: QUALITY.get(), facts }
    }
}

/// How an index stands to the case that it lies beside.
#[derive(Debug, Clone, PartialEq, Eq)]
enum IndexStanding {
    Current,
    /// It has all but the images beyond this row id.
    Behind(i64),
    /// It was made of something else.
    Foreign,
}

/// What an index of a case is made of by now, as it is written.
///
/// # Errors
/// Those of reading the case.
pub(super) fn basis_now(case: &Case) -> Result<String> {
    Ok(basis_of(case.feature_facts(None)?))
}

fn basis_of(facts: FeatureFacts) -> String {
    serde_json::to_string(&IndexBasis::of(facts)).expect("numbers and text are JSON")
}

fn standing(case: &Case, index: &DiskFeatureIndex, now: &FeatureFacts) -> Result<IndexStanding> {
    let Ok(basis) = serde_json::from_str::<IndexBasis>(index.basis()) else {
        return Ok(IndexStanding::Foreign);
    };
    let last = basis.facts.last;
    if basis == IndexBasis::of(now.clone()) {
        return Ok(IndexStanding::Current);
    }
    let then = IndexBasis::of(case.feature_facts(Some(last))?);
    Ok(if basis == then { IndexStanding::Behind(last) } else { IndexStanding::Foreign })
}

/// Makes the index of a case's local features beside it, or adds the images that came since; not for a case of fewer than
/// `fewest` images. Cost: some 400 microseconds an image of one core's time, and half a gigabyte at the most.
///
/// # Errors
/// Those of reading the case and of [`DiskFeatureIndex::extend`].
pub fn index_features(case: &Case, fewest: u64) -> Result<FeatureIndexing> {
    let (folder, facts) = (case.features_path(), case.feature_facts(None)?);
    if facts.with_features == 0 || facts.images.unsigned_abs() < fewest {
        DiskFeatureIndex::delete(&folder)?;
        return Ok(FeatureIndexing::NotWorth);
    }
    let standing =
        DiskFeatureIndex::open(&folder).and_then(|index| Ok((standing(case, &index, &facts)?, index)));
    let (mut index, last) = match standing {
        Ok((IndexStanding::Current, _)) => return Ok(FeatureIndexing::Current),
        Ok((IndexStanding::Behind(last), index)) => (index, last),
        // Of something else, or damaged: nothing of it is of use.
        Ok((IndexStanding::Foreign, _)) | Err(Error::FeatureIndex { .. } | Error::Io { .. }) => {
            DiskFeatureIndex::delete(&folder)?;
            (DiskFeatureIndex::open(&folder)?, 0)
        }
        Err(error) => return Err(error),
    };
    if u32::try_from(facts.last).is_err() {
        let reason = "the case has too many images for it".into();
        return Err(Error::FeatureIndex { path: folder, reason });
    }
    let (keys, classes) = (case.images_after(last)?, FeatureClasses::read(&index, QUALITY)?);
    let count = keys.len() as u64;
    let mut gathering = ClassGathering { case, keypoints: facts.keypoints, keys: keys.into_iter(), classes };
    index.extend(std::iter::from_fn(|| gathering.next_picture().transpose()))?;
    index.commit(&basis_of(facts), &gathering.classes.notes())?;
    Ok(if last == 0 { FeatureIndexing::Made(count) } else { FeatureIndexing::Extended(count) })
}

/// Images of a case in turn, sorted into classes.
struct ClassGathering<'c> {
    case: &'c Case,
    keypoints: u16,
    keys: std::vec::IntoIter<ImageKey>,
    classes: FeatureClasses,
}

impl ClassGathering<'_> {
    /// The next class with its features.
    fn next_picture(&mut self) -> Result<Option<(u32, Features)>> {
        for key in self.keys.by_ref() {
            let (image, features) = self.case.image_with_features(key, self.keypoints)?;
            let class = self.classes.take(key, &image);
            if let Some(features) = features.filter(|_| self.classes.index(class)) {
                return Ok(Some((class, features)));
            }
        }
        Ok(None)
    }
}

/// The index beside a case, if it fits; in words why not.
///
/// # Errors
/// Those of reading the case.
pub(super) fn fitting(case: &Case, min_quality: Quality) -> Result<Result<DiskFeatureIndex, String>> {
    if min_quality != QUALITY {
        return Ok(Err("it was made for another least quality of hashes".into()));
    }
    let index = match DiskFeatureIndex::open(&case.features_path()) {
        Ok(index) => index,
        Err(error) => return Ok(Err(error.to_string())),
    };
    if index.basis().is_empty() {
        return Ok(Err("there is none".into()));
    }
    let unfit = match standing(case, &index, &case.feature_facts(None)?)? {
        IndexStanding::Current => return Ok(Ok(index)),
        IndexStanding::Behind(_) => "images were added to the case since it was made",
        IndexStanding::Foreign => "it was made of another case, or the case was changed since",
    };
    Ok(Err(unfit.into()))
}

/// The index beside a case, while it fits.
pub(super) struct FeatureFolder {
    index: DiskFeatureIndex,
    images_of: Grouped<u32, ImageKey>,
}

impl FeatureFolder {
    /// Opens the index beside a case; in words why there is none that can be used.
    ///
    /// # Errors
    /// Those of reading the case.
    pub(super) fn open(case: &Case, min_quality: Quality) -> Result<Result<Self, String>> {
        Ok(match fitting(case, min_quality)? {
            Ok(index) => Self::of(index).map_err(|error| error.to_string()),
            Err(why) => Err(why),
        })
    }

    fn of(index: DiskFeatureIndex) -> Result<Self> {
        let notes = index.notes()?;
        let classes = members(&notes).map(|(class, _)| class + 1).max().unwrap_or(0);
        Ok(Self { images_of: Grouped::sorted(classes as usize, members(&notes)), index })
    }

    /// Images that may show a part of what the query shows, with the turn of the query.
    ///
    /// # Errors
    /// Those of [`DiskFeatureIndex::candidates`].
    pub(super) fn candidates(&self, query: &Features, most: usize) -> Result<Vec<(ImageKey, Dihedral)>> {
        let candidates = self.index.candidates(query, most)?;
        let images = |row: u32| self.images_of.of(row).iter();
        Ok(candidates.iter().flat_map(|found| images(found.row).map(|key| (*key, found.turn))).collect())
    }
}
