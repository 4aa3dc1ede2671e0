//! Exact joins: all near pairs of one set or of two, or the few that connect as much.

mod bands;
pub(crate) mod crowds;
pub(crate) mod exact;
pub(crate) mod forest;
