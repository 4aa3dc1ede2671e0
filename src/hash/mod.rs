//! Perceptual hashes: 256-bit values and their Hamming distance, PDQ from luma, views, and the second hash.
//!
//! Everything here works on pixels already decoded ([`Luma`]); files are `decode`'s business. The one thing a
//! newcomer gets wrong: a *hash* here is perceptual. The digest of a file's bytes is [`crate::record::ImageId`].
//!
//! PDQ is specified in "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (Facebook,
//! 2019) and defined in practice by the C++ of facebook/ThreatExchange, whose bits we reproduce.

mod dihedral;
mod hash256;
#[doc(hidden)]
pub mod kernel;
mod luma;
mod pdq;
mod second;
mod stored;
mod view;
mod views;

pub(crate) use dihedral::transpose;
pub use dihedral::{Dihedral, Pdq};
pub use hash256::{Hash256, ParseHashError, Quality};
pub use luma::Luma;
pub use pdq::{LumaF32, pdq, pdq_exact, pdq_of, pdq_of_rgb};
pub use second::{WholeHashes, second_hash, whole_hashes};
#[cfg(feature = "case")]
pub(crate) use stored::{PDQ_BYTES, VIEW_BYTES};
pub(crate) use stored::{pdq_bytes, pdq_from, views_bytes, views_from};
pub use view::{Rect, View, ViewKind};
pub use views::views;
