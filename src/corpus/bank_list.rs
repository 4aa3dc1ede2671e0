//! A list on its way into a bank: one item after the other, and at its end what it was and whether it was whole.
//!
//! The trap: whether entries that a list does not name are to go can only be said when all of it was read, since a list
//! with lines that cannot be read may name them there.

use super::bank::ListOrigin;
use super::bank_entry::NewEntry;
use crate::error::Result;

/// One item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListItem {
    /// It is on the list.
    Entry(NewEntry),
    /// It is on the list no more: known by its [identity](NewEntry::identity).
    Withdrawn(NewEntry),
}

/// What is known of a list when all of it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListEnd {
    /// Where it came from.
    pub origin: ListOrigin,
    /// Entries that it did not name go.
    pub removes_missing: bool,
}

/// A list that is read once, from start to end. An error ends the reading, and nothing of it is kept.
pub trait NewList {
    /// Gives every item to `take`, and says at the end what was read.
    ///
    /// # Errors
    /// Those of reading, and those of `take`.
    fn read(&mut self, take: &mut dyn FnMut(ListItem) -> Result<()>) -> Result<ListEnd>;
}

/// What a list made of a bank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListDiff {
    /// New in the bank.
    pub added: u64,
    /// In the bank, and no more.
    pub removed: u64,
    /// In the bank before; the list says something else of them now.
    pub changed: u64,
    /// In the bank before, and the list says the same.
    pub unchanged: u64,
    /// Named more than once by the list.
    pub repeated: u64,
    /// In the bank and not on the list, and kept.
    pub missing: u64,
    /// Taken back by the list, and neither in the bank nor on the list before.
    pub unknown: u64,
    /// Of images that were withdrawn from this case: they stay out.
    pub refused: u64,
    /// The version of the bank that this made; the one there was when nothing changed.
    pub version: u64,
}
