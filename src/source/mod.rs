//! Where bytes are, and how they are read: the one way in to originals.
//!
//! Files are only ever read. What is read is bounded by the caller, and comes with the [`Stamp`] of the file that was
//! opened, whatever its name means by now. Knows nothing of ads, pictures or cases.

#[cfg(feature = "case")]
mod compressed;
mod file;
mod patient;

#[cfg(feature = "case")]
pub(crate) use compressed::opened;
pub(crate) use file::read_file;
#[cfg(feature = "case")]
pub(crate) use file::{Stamp, load};
pub use patient::Patient;
