//! A near code: what the hash tables of the index propose, packed so that millions sort fast.
//!
//! The trap: the order of the packed number is that of query, entry, turn, and a search relies on it.

/// A query keypoint and an entry that share a bucket under a turn of the query; in order of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Near(u64);

impl Near {
    pub(crate) fn new(query: u16, entry: u32, turn: u8) -> Self {
        Self(u64::from(query) << 40 | u64::from(entry) << 8 | u64::from(turn))
    }

    pub(crate) fn query(self) -> u16 {
        (self.0 >> 40) as u16
    }

    pub(crate) fn entry(self) -> u32 {
        (self.0 >> 8) as u32
    }

    pub(crate) fn turn(self) -> u8 {
        self.0 as u8
    }
}
