//! A file in a container, and what came of looking through one.

use super::file::Stamp;
use std::path::PathBuf;

/// Members that are looked at; a scrape that has more is split, or made to fill a machine.
pub(super) const MOST: u64 = 1_000_000;

/// A file in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// As the container writes it.
    pub(crate) name: String,
    /// By which it is opened.
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) stamp: Stamp,
}

/// What came of looking through a container.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) members: Vec<Member>,
    /// Members that cannot be read, by name, with the reason.
    pub(crate) unread: Vec<(String, String)>,
    /// Why it was not looked through to its end.
    pub(crate) fault: Option<String>,
}
