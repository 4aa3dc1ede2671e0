//! From codes to candidates: which pictures share enough of them in the same arrangement.

mod agreement;
mod co_occurrence;
mod near;
pub(crate) mod search;
mod table;
