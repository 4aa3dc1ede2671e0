//! Nearest-neighbour search over 256-bit hashes: exact radius search, and approximate k-NN that says so.
//!
//! Knows hashes and row numbers, nothing of images or ads. A row is a place in the slice the index was built
//! from. Exact means exact: every neighbour within the radius is reported, whichever engine answers; the engine
//! and its plan are chosen by cost alone. The trap: joins report from many threads in no fixed order; the *set*
//! of pairs is what is deterministic, so sort before writing anything.

mod hnsw;
mod join;
mod live;
mod neighbor;
mod radius;
#[cfg(test)]
mod test_hashes;

pub use hnsw::HnswIndex;
pub use join::dense_clusters::{DenseCluster, dense_clusters};
pub use join::exact::{join, join_many, self_join};
pub use join::forest::{Forest, self_join_forest};
pub use live::{LiveIndex, LiveSnapshot};
pub use neighbor::{JoinPair, Neighbor};
pub use radius::flat::FlatIndex;
pub use radius::mih::MihIndex;
pub use radius::search::RadiusIndex;
pub use radius::unique::Unique;
