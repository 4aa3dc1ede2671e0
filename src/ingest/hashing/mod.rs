//! From the bytes of image files to what a case holds of them.
//!
//! [`crate::analysis`] is one file, [`run`] all that wait, on every thread; [`declared`] holds what manifests said against what
//! was found, [`originals`] reads the files again later. Which file an ad shows is not known here.

mod declared;
mod hash_only;
mod named;
mod originals;
mod rehash;
mod run;
mod video;

pub(super) use declared::{Claim, check as check_claims, faults};
pub(super) use hash_only::image as image_of_hash;
pub(super) use named::Named;
pub use originals::{OriginalsCheck, check_originals};
pub use rehash::{Rehashed, rehash};
pub(super) use run::{count, hash_pending, left_over};
pub(super) use video::{VideoFault, VideoLimits, analysed as analysed_frame, frames};
