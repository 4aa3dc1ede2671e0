//! Step 2: photo groups, the images that show one photo: by hashes first, then by local features and pixels.
//!
//! Groups are guarded against chaining, and respect what reviewers said. Every image gets its place in its photo.

pub(crate) mod constraints;
pub(crate) mod feature_candidates;
pub(crate) mod frames;
pub(crate) mod groups;
pub(crate) mod hash_gate;
pub(crate) mod joining;
pub(crate) mod path_support;
pub(crate) mod pixel_checks;
pub(crate) mod pixel_result;
pub(crate) mod pixels;
