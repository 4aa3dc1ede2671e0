//! Step 1: which images may show one photo, by their hashes. Nothing here is proven.
//!
//! Images that hash alike become one *hash class*; classes within the radius of each other, in any of the eight
//! orientations, become edges.

pub(crate) mod class_hashes;
pub(crate) mod hash_classes;
pub(crate) mod join;
mod nearest;
