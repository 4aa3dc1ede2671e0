//! Exact radius search: everything compared, or bands of the hash looked up, whichever is cheaper.

pub(crate) mod cost;
pub(crate) mod flat;
pub(crate) mod mih;
pub(crate) mod plan;
pub(crate) mod search;
pub(crate) mod unique;
