//! How joins hand on what they find: pairs in batches, each pair once.
//!
//! The trap: a batch hands on its last pairs when it is dropped, so it must not outlive its sink.

use crate::index::neighbor::JoinPair;

/// Is the left row the smaller one, within rounds of so many rows on the right?
#[inline]
pub(crate) fn comes_first(left: u32, right: u32, rows: u32) -> bool {
    left < right.checked_sub(rows).unwrap_or(right)
}

/// Collects pairs and hands them on in batches, the last one when dropped.
pub(crate) struct Batch<'s> {
    pairs: Vec<JoinPair>,
    sink: &'s (dyn Fn(&[JoinPair]) + Sync),
}

impl<'s> Batch<'s> {
    /// Pairs handed on at once.
    const SIZE: usize = 4096;

    pub(crate) fn new(sink: &'s (dyn Fn(&[JoinPair]) + Sync)) -> Self {
        Self { pairs: Vec::new(), sink }
    }

    #[inline]
    pub(crate) fn push(&mut self, pair: JoinPair) {
        self.pairs.push(pair);
        if self.pairs.len() == Self::SIZE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.pairs.is_empty() {
            (self.sink)(&self.pairs);
            self.pairs.clear();
        }
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.flush();
    }
}
