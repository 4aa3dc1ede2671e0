//! What the formats of other tools have in common: made by name only, and each keeps a note on handling where its readers
//! look for one.
//!
//! The trap: they say again, in another language, what a package holds already, so no package has them.

use super::{Content, Export, Home, RowCounts};
use crate::view::Joined;
use std::io::{self, Write};

/// A format of another tool.
pub(super) struct Exchange {
    pub(super) file_name: &'static str,
    pub(super) content: Content,
    /// Writes it, with the note if there is one.
    pub(super) write: fn(&Joined<'_>, Option<&str>, &mut dyn Write) -> io::Result<RowCounts>,
}

impl Export for Exchange {
    fn file_name(&self) -> &'static str {
        self.file_name
    }

    fn content(&self) -> Content {
        self.content
    }

    fn home(&self) -> Home {
        Home::Order
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        (self.write)(joined, None, out)
    }

    fn write_with_note(
        &self,
        joined: &Joined<'_>,
        note: &str,
        out: &mut dyn Write,
    ) -> Option<io::Result<RowCounts>> {
        Some((self.write)(joined, Some(note), out))
    }
}
