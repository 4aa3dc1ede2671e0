//! Where else was this photo? Query images against a snapshot or a case: by hashes, and by local features.
//!
//! The trap: rows of hits are rows of the snapshot that was searched.

mod hashes;
mod in_case;
mod parts;

pub use hashes::{Hit, NearestPhotos, PhotoSearch};
pub use in_case::CaseSearch;
pub use parts::{PartHit, PartSearch};
