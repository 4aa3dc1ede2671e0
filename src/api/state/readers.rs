//! Connections to the case for reading, lent for one question each.
//!
//! SQLite lets any number read while one writes, each from a connection of its own; a connection sees what was committed
//! before its question. The trap: what a reader is told may be older than an index, never the other way round, since the
//! writer commits first.

use crate::case::Case;
use crate::error::Result;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Connections that are kept when nobody asks.
const KEPT: usize = 16;

/// Lends connections.
pub(crate) struct CaseReaders {
    path: PathBuf,
    idle: Mutex<Vec<Case>>,
}

impl CaseReaders {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf(), idle: Mutex::default() }
    }

    /// Asks the case something.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Case) -> Result<T>) -> Result<T> {
        let idle = self.idle().pop();
        let case = idle.map_or_else(|| Case::open_read(&self.path), Ok)?;
        let answer = question(&case);
        // After an error nobody knows what state a connection is in.
        if answer.is_ok() {
            let mut idle = self.idle();
            if idle.len() < KEPT {
                idle.push(case);
            }
        }
        answer
    }

    /// Closes all of them, so that the writer can close the case as its last user.
    pub(crate) fn close(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Case>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
