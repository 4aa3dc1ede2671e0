//! Photos that the user named as common beforehand, by file or by hash.
//!
//! A named hash means the photo under any turn, within the radius. The trap: one image is enough to name its whole
//! photo group.

use super::photo_uses::PhotoUses;
use crate::corpus::{HashClassRow, ImageRow, PhotoRow, Rows, Snapshot};
use crate::hash::{Dihedral, Hash256};
use crate::index;
use crate::link::candidates::HashClasses;
use crate::link::options::LinkOptions;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Which photos the user's bank names: by file, or by hash under any turn.
pub(crate) fn named(
    snapshot: &Snapshot,
    classes: &HashClasses,
    uses: &PhotoUses,
    options: &LinkOptions,
) -> Rows<PhotoRow, bool> {
    let bank = &options.common_bank;
    let files: BTreeSet<_> = bank.images.iter().collect();
    let mut named: Rows<ImageRow, bool> =
        snapshot.images.iter().map(|image| files.contains(&image.id())).collect();
    if !bank.hashes.is_empty() {
        for turn in Dihedral::ALL {
            let (classes_of, hashes): (Vec<HashClassRow>, Vec<Hash256>) = classes
                .rows()
                .flat_map(|class| classes.hashes(class, turn).map(move |(_, hash)| (class, hash)))
                .unzip();
            let found = Mutex::new(BTreeSet::new());
            index::join(&bank.hashes, &hashes, options.radius, &|pairs| {
                let classes = pairs.iter().map(|pair| classes_of[pair.b as usize]);
                found.lock().unwrap_or_else(PoisonError::into_inner).extend(classes);
            });
            for class in found.into_inner().unwrap_or_else(PoisonError::into_inner) {
                classes.images_of(class).iter().for_each(|&image| named[image] = true);
            }
        }
    }
    uses.photos.values().iter().map(|photo| photo.images.iter().any(|&image| named[image])).collect()
}
