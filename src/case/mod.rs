//! The case: one SQLite file that holds images, ads, sightings, runs. It holds no pixels.
//!
//! One writer, many readers. Everything downstream works on a [`Snapshot`]: plain vectors in content order, so
//! results do not depend on the order in which things were ingested.

mod snapshot;

pub use snapshot::{SeenIn, Snapshot};
