//! Which images are together in a photo group, whatever shows it: what stands for a pair that nobody compared.
//!
//! A group of a thousand copies of one flyer is held together by a thousand pixel checks, not by half a million. The
//! trap: two images that merely hold the photo count as well, as they do share it.

use crate::corpus::{GroupRow, ImageRow, Row, Rows, Snapshot};
use crate::link::candidates::HashClasses;
use crate::link::photos::Group;

/// The groups of every image, ascending.
pub(crate) struct Together(Rows<ImageRow, Vec<GroupRow>>);

impl Together {
    pub(crate) fn new(snapshot: &Snapshot, classes: &HashClasses, groups: &[Group]) -> Self {
        let mut of_image = Rows::filled(Vec::new(), snapshot.images.len());
        for (row, group) in GroupRow::all(groups.len()).zip(groups) {
            if group.core.len() + group.containers.len() < 2 && classes.images_of(group.core[0]).len() < 2 {
                continue;
            }
            let images =
                group.core.iter().chain(&group.containers).flat_map(|&class| classes.images_of(class));
            images.for_each(|&image| of_image[image].push(row));
        }
        Self(of_image)
    }

    /// Is any group that of both?
    pub(crate) fn are(&self, a: ImageRow, b: ImageRow) -> bool {
        let other = &self.0[b];
        self.0[a].iter().any(|group| other.binary_search(group).is_ok())
    }
}
