//! The index of a case's local features on disk: made of the case, brought up to date, and asked in its place.
//!
//! Its pictures are hash classes, as in [`PartSearch`](super::PartSearch); which images are of which class stands in its
//! notes. The trap: it lies beside a case that may have been replaced, purged or added to, so it is used only while the
//! case's [`FeatureFacts`] are those that it was made of. Where it does not fit nothing is lost: the case is read instead.

use crate::case::{Case, FeatureFacts, ImageKey};
use crate::error::{Error, Result};
use crate::features::{DiskFeatureIndex, Features};
use crate::grouped::Grouped;
use crate::hash::{Dihedral, Quality};
use crate::link::class_digest;
use crate::record::Image;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

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
enum Standing {
    Current,
    /// It has all but the images beyond this row id.
    Behind(i64),
    /// It was made of something else.
    Foreign,
}

fn standing(case: &Case, index: &DiskFeatureIndex, now: &FeatureFacts) -> Result<Standing> {
    let Ok(basis) = serde_json::from_str::<IndexBasis>(index.basis()) else { return Ok(Standing::Foreign) };
    let last = basis.facts.last;
    if basis == IndexBasis::of(now.clone()) {
        return Ok(Standing::Current);
    }
    let then = IndexBasis::of(case.feature_facts(Some(last))?);
    Ok(if basis == then { Standing::Behind(last) } else { Standing::Foreign })
}

/// Makes the index of a case's local features beside it, or adds the images that came since; not for a case of fewer than
/// `fewest` images. Cost: some 300 microseconds an image of one core's time, and half a gigabyte at the most.
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
        Ok((Standing::Current, _)) => return Ok(FeatureIndexing::Current),
        Ok((Standing::Behind(last), index)) => (index, last),
        // Of something else, or damaged: nothing of it is of use.
        Ok((Standing::Foreign, _)) | Err(Error::FeatureIndex { .. } | Error::Io { .. }) => {
            DiskFeatureIndex::delete(&folder)?;
            (DiskFeatureIndex::open(&folder)?, 0)
        }
        Err(error) => return Err(error),
    };
    let mut gathering = ClassGathering::of(case, &index, last)?;
    let count = gathering.keys.len() as u64;
    index.extend(std::iter::from_fn(|| gathering.next_picture().transpose()))?;
    let basis = serde_json::to_string(&IndexBasis::of(facts)).expect("numbers and text are JSON");
    index.commit(&basis, &gathering.notes())?;
    Ok(if last == 0 { FeatureIndexing::Made(count) } else { FeatureIndexing::Extended(count) })
}

/// An image of a class, as it is noted.
struct ClassMember {
    class: u32,
    image: u32,
    /// What images of the class have in common; zeros for one of its own.
    digest: [u8; 16],
}

/// Bytes of a member.
const MEMBER: usize = 24;

impl ClassMember {
    fn to_bytes(&self) -> [u8; MEMBER] {
        let mut bytes = [0; MEMBER];
        bytes[..4].copy_from_slice(&self.class.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.image.to_le_bytes());
        bytes[8..].copy_from_slice(&self.digest);
        bytes
    }

    fn from_bytes(bytes: &[u8; MEMBER]) -> Self {
        let (numbers, digest) = bytes.split_at(8);
        let number = |at: usize| u32::from_le_bytes(*numbers[at..].first_chunk::<4>().expect("eight bytes"));
        let digest = *digest.first_chunk::<16>().expect("sixteen bytes");
        Self { class: number(0), image: number(4), digest }
    }
}

/// Sorts images into classes, one after the other, on top of those that were.
struct ClassGathering<'c> {
    case: &'c Case,
    keys: std::vec::IntoIter<ImageKey>,
    members: Vec<ClassMember>,
    class_of: HashMap<[u8; 16], u32>,
    /// Whether a class's features are in the index.
    indexed: Vec<bool>,
}

impl<'c> ClassGathering<'c> {
    fn of(case: &'c Case, index: &DiskFeatureIndex, last: i64) -> Result<Self> {
        let notes = index.notes()?;
        let members: Vec<ClassMember> =
            notes.as_chunks::<MEMBER>().0.iter().map(ClassMember::from_bytes).collect();
        let shared = members.iter().filter(|member| member.digest != [0; 16]);
        let class_of = shared.map(|member| (member.digest, member.class)).collect();
        let classes = members.iter().map(|member| member.class + 1).max().unwrap_or(0);
        let indexed = (0..classes).map(|class| index.contains(class)).collect();
        let keys = case.images_after(last)?.into_iter();
        Ok(Self { case, keys, members, class_of, indexed })
    }

    /// The next class with its features.
    fn next_picture(&mut self) -> Result<Option<(u32, Features)>> {
        while let Some(key) = self.keys.next() {
            let (image, features) = self.case.image_with_features(key)?;
            let class = self.take(key, &image)?;
            if let Some(features) = features.filter(|_| !self.indexed[class as usize]) {
                self.indexed[class as usize] = true;
                return Ok(Some((class, features)));
            }
        }
        Ok(None)
    }

    /// The class of an image.
    fn take(&mut self, key: ImageKey, image: &Image) -> Result<u32> {
        let next = self.indexed.len() as u32;
        let digest: Option<[u8; 16]> =
            class_digest(image, QUALITY).and_then(|digest| digest.first_chunk::<16>().copied());
        let class = digest.map_or(next, |digest| *self.class_of.entry(digest).or_insert(next));
        if class == next {
            self.indexed.push(false);
        }
        let image = u32::try_from(key.row()).map_err(|_| Error::FeatureIndex {
            path: self.case.features_path(),
            reason: "the case has too many images for it".into(),
        })?;
        self.members.push(ClassMember { class, image, digest: digest.unwrap_or_default() });
        Ok(class)
    }

    fn notes(&self) -> Vec<u8> {
        self.members.iter().flat_map(ClassMember::to_bytes).collect()
    }
}

/// The index beside a case, while it fits.
pub(super) struct FeatureFolder {
    index: DiskFeatureIndex,
    images_of: Grouped<u32, u32>,
}

impl FeatureFolder {
    /// Opens the index beside a case; in words why there is none that can be used.
    ///
    /// # Errors
    /// Those of reading the case.
    pub(super) fn open(case: &Case, min_quality: Quality) -> Result<Result<Self, String>> {
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
            Standing::Current => return Ok(Self::of(index).map_err(|error| error.to_string())),
            Standing::Behind(_) => "images were added to the case since it was made",
            Standing::Foreign => "it was made of another case, or the case was changed since",
        };
        Ok(Err(unfit.into()))
    }

    fn of(index: DiskFeatureIndex) -> Result<Self> {
        let notes = index.notes()?;
        let members = notes.as_chunks::<MEMBER>().0.iter().map(ClassMember::from_bytes);
        let entries = members.map(|member| (member.class, member.image));
        let classes = entries.clone().map(|(class, _)| class + 1).max().unwrap_or(0);
        Ok(Self { images_of: Grouped::counted(classes as usize, entries), index })
    }

    /// Images that may show a part of what the query shows, with the turn of the query.
    ///
    /// # Errors
    /// Those of [`DiskFeatureIndex::candidates`].
    pub(super) fn candidates(&self, query: &Features, most: usize) -> Result<Vec<(ImageKey, Dihedral)>> {
        let candidates = self.index.candidates(query, most)?;
        let images = |row: u32| self.images_of.of(row).iter().map(|image| ImageKey::of(i64::from(*image)));
        Ok(candidates.iter().flat_map(|found| images(found.row).map(|key| (key, found.turn))).collect())
    }
}
