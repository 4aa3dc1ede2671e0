//! Where bytes are, and how they are read: the one way in to originals.
//!
//! Files are only ever read. What is read is bounded by the caller, and comes with the [`Stamp`] of the file that was
//! opened, whatever its name means by now. Knows nothing of ads, pictures or cases.

mod compressed;
mod file;

pub(crate) use compressed::opened;
pub(crate) use file::{Stamp, load, read_file};
