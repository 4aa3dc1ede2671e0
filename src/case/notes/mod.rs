//! Names and notes of networks in the case: appended, never changed, each with its audit entry.
//!
//! `rows` says how they are kept. The trap: a note speaks of a whole network, so it outlives a single ad of it that goes.

mod rows;

pub(super) use rows::{forget, load};

use super::Case;
use crate::corpus::{NetworkNote, checked_note};
use crate::error::Result;
use rows::append;
use rusqlite::{Transaction, TransactionBehavior};

impl Case {
    /// Adds a name or a note of a network and returns its number. Durable when this returns. The case must be open for
    /// writing. Its time is now, whatever [`NetworkNote::at`] says, and later than that of any other note.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::error::Error::Parameter) names the field that cannot be.
    pub fn annotate(&mut self, note: &NetworkNote) -> Result<u64> {
        let note = checked_note(note)?;
        self.in_case(|db| {
            let whole = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            let number = append(&whole, &note)?;
            whole.commit()?;
            Ok(number)
        })
    }

    /// All names and notes of networks in the order in which they were given.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn network_notes(&self) -> Result<Vec<NetworkNote>> {
        self.in_case(load)
    }
}
