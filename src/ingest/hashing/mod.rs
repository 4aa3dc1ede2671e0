//! From the bytes of image files to what a case holds of them.
//!
//! [`analyse`] is one file, [`run`] all that wait, on every thread; [`declared`] holds what manifests said against what
//! was found, [`originals`] reads the files again later. Which file an ad shows is not known here.

mod analyse;
mod declared;
mod named;
mod originals;
mod run;

pub use analyse::{Analysis, Form, analyse, analyse_as, analyse_with_features, digest};
pub(super) use declared::{Claim, check as check_claims};
pub(super) use named::Named;
pub use originals::{OriginalsCheck, check_originals, original, read_file};
pub(super) use run::{count, hash_pending, left_over};
