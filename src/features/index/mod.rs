//! From codes to candidates: which pictures share enough of them in the same arrangement.

pub(crate) mod agreement;
mod co_occurrence;
mod near;
pub(crate) mod reading;
pub(crate) mod search;
mod table;
