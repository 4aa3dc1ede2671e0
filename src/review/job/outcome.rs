//! What came of work, as facts.
//!
//! The trap: work ends once and is read by every window, each in its own language; so these hold no sentences, and pages
//! word them. Only what an error says is text, in English, as in the terminal.

use std::path::PathBuf;

use crate::case::Withdrawn;
use crate::error::Error;
use crate::ingest::IngestSummary;

/// A step of work, done or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WorkOutcome {
    /// Ads were read in.
    ReadIn(Box<IngestSummary>),
    /// The case was linked.
    Linked {
        networks: usize,
        /// In these networks.
        ads: usize,
    },
    /// A report was written.
    Report {
        /// `report.html`.
        page: PathBuf,
        networks: usize,
        ads: usize,
        files: usize,
    },
    /// A file was written for somebody else.
    HandedOut { file: String, bytes: u64, profile: &'static str },
    /// Something was taken out of the case for good.
    Withdrawn(Box<Withdrawn>),
    /// What was taken out still lies in what was handed out earlier.
    Elsewhere,
    /// It could not be done.
    Failed(Failure),
    /// A fault of adlink's own.
    Fault,
}

/// An error in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) what: String,
    /// From the nearest to the first.
    pub(super) causes: Vec<String>,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

impl Failure {
    pub(super) fn of(error: &Error) -> Self {
        let mut causes = Vec::new();
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            causes.push(inner.to_string());
            cause = inner.source();
        }
        Self { what: error.to_string(), causes, hint: error.hint() }
    }
}
