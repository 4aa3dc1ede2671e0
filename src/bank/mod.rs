//! Banks: named, versioned lists of hashes, and where a photo stands on them.
//!
//! The lists lie in the case (`Case::banks` and its neighbours); [`BankIndex`] holds their hashes ready for look-ups
//! and follows every change. The trap: what is on a list is a photo that somebody listed, and a hit says that two
//! pictures show one photo. Neither says why it was listed, nor that whoever shows it did anything.

mod filter;
mod index;
mod matching;
mod rows;

pub use crate::corpus::{
    Bank, BankChange, BankEntry, BankId, BankKind, BankVersion, DisableUntil, EntryChange, EntryHash,
    EntryId, ListDiff, ListItem, NewBank, NewEntry,
};
pub use filter::{BankFilter, EntriesLeftOut};
pub use index::{BankAnswer, BankHit, BankIndex};
pub use matching::{BankMatch, BankMatcher, BankMatches, FoundEntries, FoundEntry};
