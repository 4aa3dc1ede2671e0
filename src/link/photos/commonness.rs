//! How common the keypoints of a picture are among photos: a caption, a logo, a sticker that many bear proves little.
//!
//! Photos that a picture may yet become one with are counted as they are by then; all others as the hashes tell them apart,
//! which never changes. So what is to be known of the rest of a corpus is one number for each keypoint, and a section can
//! be linked without it. The trap: these others may be one photo, too, found so by features; they count as several.

use crate::corpus::{ImageRow, PartRow, Rows};
use crate::features::{FeatureIndex, MOST_FREQUENT};
use crate::sets::{Roots, sorted_distinct};
use std::collections::{BTreeMap, BTreeSet};

/// Who bears one keypoint of a picture, beside the picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bearers {
    /// Photos that nothing ties to the picture's, as the hashes tell them apart; up to [`MOST_FREQUENT`].
    pub(crate) elsewhere: u8,
    /// Pictures that matches tie to it, by way of others, too; ascending.
    pub(crate) near: Vec<ImageRow>,
}

/// Where that is looked up.
pub(crate) enum Commonness {
    /// In the index of the whole corpus, by which pictures are tied to which.
    Asked { index: Box<FeatureIndex>, tied: Rows<PartRow, PartRow> },
    /// Of the pictures of a section, as the whole corpus said.
    Known(BTreeMap<ImageRow, Vec<Bearers>>),
}

impl Default for Commonness {
    fn default() -> Self {
        Self::Known(BTreeMap::new())
    }
}

/// The group that an image stands for.
type GroupOf<'g> = dyn Fn(ImageRow) -> Option<PartRow> + 'g;

impl Commonness {
    /// Of the pictures of so many groups, tied by these edges between them.
    pub(super) fn asked(
        index: FeatureIndex,
        groups: usize,
        edges: impl Iterator<Item = (PartRow, PartRow)>,
    ) -> Self {
        let mut sets = Roots::new(groups);
        edges.for_each(|(a, b)| {
            sets.join(a, b);
        });
        Self::Asked { index: Box::new(index), tied: sets.labels().into() }
    }

    /// Who bears each keypoint of a picture.
    pub(super) fn bearers(&self, picture: ImageRow, group_of: &GroupOf) -> Vec<Bearers> {
        match self {
            Self::Known(known) => known.get(&picture).cloned().unwrap_or_default(),
            Self::Asked { index, tied } => {
                let Some(own) = group_of(picture) else { return Vec::new() };
                let sorted = |rows: Vec<u32>| {
                    let of = |row: u32| Some((ImageRow(row), group_of(ImageRow(row))?));
                    let (near, elsewhere): (Vec<_>, Vec<_>) =
                        rows.into_iter().filter_map(of).partition(|(_, group)| tied[*group] == tied[own]);
                    let elsewhere = sorted_distinct(elsewhere.into_iter().map(|(_, group)| group)).len();
                    Bearers {
                        elsewhere: elsewhere.min(MOST_FREQUENT.into()) as u8,
                        near: near.into_iter().map(|(image, _)| image).collect(),
                    }
                };
                index.bearers(picture.0).into_iter().map(sorted).collect()
            }
        }
    }
}

/// In how many photos beside the picture's `own` each keypoint occurs, up to [`MOST_FREQUENT`]; `photo` says which photo a
/// picture that is tied to it shows by now.
pub(super) fn frequencies(
    bearers: Vec<Bearers>,
    own: PartRow,
    photo: &dyn Fn(ImageRow) -> PartRow,
) -> Vec<u8> {
    let frequency = |bearers: Bearers| {
        let near: BTreeSet<PartRow> =
            bearers.near.into_iter().map(photo).filter(|other| *other != own).collect();
        (usize::from(bearers.elsewhere) + near.len()).min(MOST_FREQUENT.into()) as u8
    };
    bearers.into_iter().map(frequency).collect()
}
