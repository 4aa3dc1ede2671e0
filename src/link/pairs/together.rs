//! Which images are together in a photo group, whatever shows it: what stands for a pair that nobody compared.
//!
//! A group of a thousand copies of one flyer is held together by a thousand pixel checks, not by half a million. The
//! trap: two images that merely hold the photo count as well, as they do share it.

use crate::corpus::Snapshot;
use crate::link::candidates::HashClasses;
use crate::link::photos::Group;

/// The groups of every image, ascending.
pub(crate) struct Together(Vec<Vec<u32>>);

impl Together {
    pub(crate) fn new(snapshot: &Snapshot, classes: &HashClasses, groups: &[Group]) -> Self {
        let mut of_image = vec![Vec::new(); snapshot.images.len()];
        for (group, place) in groups.iter().zip(0..) {
            if group.core.len() + group.containers.len() < 2 && classes.images_of(group.core[0]).len() < 2 {
                continue;
            }
            let images =
                group.core.iter().chain(&group.containers).flat_map(|&class| classes.images_of(class));
            images.for_each(|&image| of_image[image as usize].push(place));
        }
        Self(of_image)
    }

    /// Is any group that of both?
    pub(crate) fn are(&self, a: u32, b: u32) -> bool {
        let other = &self.0[b as usize];
        self.0[a as usize].iter().any(|group| other.binary_search(group).is_ok())
    }
}
