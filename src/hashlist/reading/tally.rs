//! What was met while a list is read, and where its entries go.
//!
//! The trap: refused lines are counted without end and told of only at the beginning, or a damaged file of millions
//! of lines fills the memory with complaints.

use super::digits::BareDigits;
use crate::corpus::{ListItem, NewEntry};
use crate::error::{Error, Result};
use crate::progress::stop_requested;
use std::fmt;
use std::path::{Path, PathBuf};

/// Refused lines that are kept to be told of.
const TOLD: usize = 100;

/// Entries between two looks whether the reading is to stop.
const LOOK_UP: u64 = 4096;

/// A line, row or element of a list that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLine {
    /// The file.
    pub file: PathBuf,
    /// 1-based; in a table of columns the row.
    pub line: u64,
    /// What is wrong, in words.
    pub reason: String,
}

impl fmt::Display for RefusedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.file.display(), self.line, self.reason)
    }
}

/// What was met in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListTally {
    /// Entries that are on the list.
    pub entries: u64,
    /// Entries that the list takes back.
    pub withdrawn: u64,
    /// Hashes that had lost their leading zeros.
    pub padded: u64,
    /// What says nothing of a photo: films, parts of pictures, files that could not be hashed.
    pub passed_over: u64,
    /// Lines, rows and elements that cannot be used.
    pub refused: u64,
    /// The first of them.
    pub first_refused: Vec<RefusedLine>,
    /// It says what changed, and not all there is.
    pub is_feed: bool,
}

/// What one line, row or element says.
pub(super) enum ListSaid {
    /// It is on the list; whether its hash had lost zeros.
    Entry(Box<NewEntry>, bool),
    /// It is not any more.
    Withdrawn(Box<NewEntry>),
    /// Nothing of a photo.
    Nothing,
}

/// Takes what a reader of one layout finds.
pub(super) struct ListIntake<'i> {
    file: &'i Path,
    pub(super) bare: BareDigits,
    tally: &'i mut ListTally,
    take: &'i mut dyn FnMut(ListItem) -> Result<()>,
}

impl<'i> ListIntake<'i> {
    pub(super) fn new(
        file: &'i Path,
        bare: BareDigits,
        tally: &'i mut ListTally,
        take: &'i mut dyn FnMut(ListItem) -> Result<()>,
    ) -> Self {
        Self { file, bare, tally, take }
    }

    /// The list says what changed since an earlier one.
    pub(super) fn is_feed(&mut self) {
        self.tally.is_feed = true;
    }

    /// Takes what a line says, or why it cannot be used.
    pub(super) fn take(&mut self, line: u64, said: Result<ListSaid, String>) -> Result<()> {
        match said {
            Err(reason) => self.refuse(line, reason),
            Ok(ListSaid::Nothing) => self.tally.passed_over += 1,
            Ok(ListSaid::Withdrawn(entry)) => {
                self.tally.withdrawn += 1;
                (self.take)(ListItem::Withdrawn(*entry))?;
            }
            Ok(ListSaid::Entry(entry, padded)) => match entry.check() {
                Err(error) => self.refuse(line, error.to_string()),
                Ok(()) => {
                    self.tally.entries += 1;
                    if self.tally.entries.is_multiple_of(LOOK_UP) && stop_requested() {
                        return Err(Error::Interrupted);
                    }
                    self.tally.padded += u64::from(padded);
                    (self.take)(ListItem::Entry(*entry))?;
                }
            },
        }
        Ok(())
    }

    pub(super) fn refuse(&mut self, line: u64, reason: String) {
        self.tally.refused += 1;
        if self.tally.first_refused.len() < TOLD {
            self.tally.first_refused.push(RefusedLine { file: self.file.into(), line, reason });
        }
    }

    pub(super) fn file(&self) -> &'i Path {
        self.file
    }
}
