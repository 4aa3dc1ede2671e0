//! Elements of a JSON array, written one by one: a case may hold millions, and no format needs them all in memory.
//!
//! Every element has a line of its own, so that a text tool gets along with such a file, too. The trap: what stands
//! before the array and after it is text that whoever starts one has to close again.

use serde_json::Value;
use std::io::{self, Write};

/// An array that is being written, one element a line.
pub(crate) struct JsonList<'o> {
    out: &'o mut dyn Write,
    written: usize,
}

impl<'o> JsonList<'o> {
    /// `start` is what stands before the array and opens it.
    pub(crate) fn start(start: &str, out: &'o mut dyn Write) -> io::Result<Self> {
        out.write_all(start.as_bytes())?;
        Ok(Self { out, written: 0 })
    }

    pub(crate) fn push(&mut self, element: &Value) -> io::Result<()> {
        self.out.write_all(if self.written == 0 { b"\n" } else { b",\n" })?;
        self.written += 1;
        serde_json::to_writer(&mut *self.out, element).map_err(io::Error::from)
    }

    /// `end` closes the array and whatever it stands in. Returns how many elements there are.
    pub(crate) fn end(self, end: &str) -> io::Result<usize> {
        writeln!(self.out, "\n{end}")?;
        Ok(self.written)
    }
}
