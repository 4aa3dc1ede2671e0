//! The files that the records of a run name, until their bytes are read.

use super::declared::Claim;
use std::collections::HashMap;

/// The files that records name: row of each, and how often.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Named {
    pub(in crate::ingest) times: HashMap<i64, u64>,
    /// How many of them wait to be read.
    pub(in crate::ingest) pending: u64,
    /// What the records say of their bytes.
    pub(in crate::ingest) claims: Vec<Claim>,
}
