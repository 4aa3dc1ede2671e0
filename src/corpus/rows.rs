//! Rows: places in the lists of one snapshot or one run, each list with a type of its own.
//!
//! Four bytes, dense from 0, and ordered as their list is. The types exist so that an image cannot be taken for an
//! ad. The trap: a row means nothing outside the snapshot or the run it is of; what leaves the process is named by
//! content ([`ImageId`](crate::record::ImageId), [`AdKey`](crate::record::AdKey)), never by row.

pub use crate::rows::{Row, Rows};

use crate::record::{Ad, Image};
use std::ops::Index;

macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u32);

        impl $name {
            /// The place in its list.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl Row for $name {
            const NONE: Self = Self(u32::MAX);

            fn of(index: usize) -> Self {
                Self(index as u32)
            }

            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

rows! {
    /// A place in [`Snapshot::images`](crate::corpus::Snapshot::images).
    ImageRow
    /// A place in [`Snapshot::ads`](crate::corpus::Snapshot::ads).
    AdRow
    /// Images that hash alike, in the order of their first images.
    HashClassRow
    /// A photo group by hashes alone, of which features may make several one.
    PartRow
    /// A photo group among all of a run, also those that one ad alone shows.
    GroupRow
    /// A photo that two or more ads show: a place in the photo groups of the findings.
    PhotoRow
    /// A place in the links of the findings.
    LinkRow
    /// A place in the pairs of the findings.
    PairRow
    /// Ads that belong together, under the name of any one of them.
    CommunityRow
}

impl Index<ImageRow> for Vec<Image> {
    type Output = Image;

    fn index(&self, row: ImageRow) -> &Image {
        &self[row.index()]
    }
}

impl Index<AdRow> for Vec<Ad> {
    type Output = Ad;

    fn index(&self, row: AdRow) -> &Ad {
        &self[row.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_four_bytes() {
        assert_eq!(size_of::<AdRow>(), size_of::<u32>(), "there are hundreds of millions of rows in memory");
    }
}
