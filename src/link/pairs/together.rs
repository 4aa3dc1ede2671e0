//! Which images are together in a photo group, whatever shows it: what stands for a pair that nobody compared.
//!
//! A group of a thousand copies of one flyer is held together by a thousand pixel checks, not by half a million. The
//! trap: two images that merely hold the photo count as well, as they do share it.

use crate::corpus::{GroupRow, ImageRow, Row, Snapshot};
use crate::grouped::Grouped;
use crate::link::candidates::HashClasses;
use crate::link::photos::Group;

/// The groups of every image, ascending.
pub(crate) struct Together(Grouped<ImageRow, GroupRow>);

impl Together {
    pub(crate) fn new(snapshot: &Snapshot, classes: &HashClasses, groups: &[Group]) -> Self {
        let large = |group: &Group| {
            group.core.len() + group.containers.len() > 1 || classes.images_of(group.core[0]).len() > 1
        };
        let rows = GroupRow::all(groups.len()).zip(groups).filter(|(_, group)| large(group));
        let entries = rows.flat_map(|(row, group)| {
            let classes_of_it = group.core.iter().chain(&group.containers);
            classes_of_it.flat_map(|&class| classes.images_of(class)).map(move |&image| (image, row))
        });
        Self(Grouped::counted(snapshot.images.len(), entries))
    }

    /// Where nobody asks, as hashes have to do.
    pub(crate) fn unasked() -> Self {
        Self(Grouped::with_capacity(0, 0))
    }

    /// Is any group that of both?
    pub(crate) fn are(&self, a: ImageRow, b: ImageRow) -> bool {
        let other = self.0.of(b);
        self.0.of(a).iter().any(|group| other.binary_search(group).is_ok())
    }
}
