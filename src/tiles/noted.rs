//! What a Parquet file says of itself: words under keys.
//!
//! The trap: whoever rewrites a file, as Spark does, drops what it said; nothing may rest on it being there.

use std::collections::BTreeMap;

/// What a file says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted(BTreeMap<String, String>);

impl Noted {
    pub(super) fn new(notes: BTreeMap<String, String>) -> Self {
        Self(notes)
    }

    /// What stands under a key.
    pub fn of(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The number under a key; 0 where none stands.
    pub fn number(&self, key: &str) -> u64 {
        self.of(key).and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}
