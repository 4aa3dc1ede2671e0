//! Exact joins: all near pairs of one set or of two, or the few that connect as much.

mod bands;
pub(crate) mod batch;
pub(crate) mod dense_clusters;
pub(crate) mod exact;
pub(crate) mod forest;
