//! How far each webhook has been told, in a file beside the case.
//!
//! Not in the case: moving a place there would be a change, which would have to be told. The trap: one that is new is told
//! what comes from now on, and not the whole past of the case.

use crate::api::private_file;
use crate::error::{Error, Result};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Numbers of the last changes told, by address.
pub(crate) struct WebhookCursors {
    path: PathBuf,
    told: Mutex<BTreeMap<String, u64>>,
    delivered: AtomicU64,
    failed: AtomicU64,
}

impl WebhookCursors {
    /// Reads the file beside a case whose chain of changes ends at `end`.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Table`] for a file that is damaged.
    pub(crate) fn open(case: &Path, addresses: &[String], end: u64) -> Result<Self> {
        let path = private_file::beside(case, "-webhooks");
        let mut told = read(&path)?;
        for address in addresses {
            let at = told.entry(address.clone()).or_insert(end);
            // Of a case that was put back from a copy the end may lie before it.
            *at = end.min(*at);
        }
        let (delivered, failed) = (AtomicU64::new(0), AtomicU64::new(0));
        let cursors = Self { path, told: Mutex::new(told), delivered, failed };
        if !addresses.is_empty() {
            cursors.write(&cursors.known())?;
        }
        Ok(cursors)
    }

    pub(crate) fn told(&self, address: &str) -> u64 {
        self.known().get(address).copied().unwrap_or(0)
    }

    /// Moves on; durable when this returns.
    ///
    /// # Errors
    /// [`Error::Io`]: then it is told again.
    pub(super) fn advance(&self, address: &str, told: u64) -> Result<()> {
        self.delivered.fetch_add(1, Ordering::Relaxed);
        let mut known = self.known();
        known.insert(address.to_string(), told);
        self.write(&known)
    }

    /// Counts a delivery that was not taken.
    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// Deliveries that were taken, and those that were not.
    pub(crate) fn deliveries(&self) -> (u64, u64) {
        (self.delivered.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, known: &BTreeMap<String, u64>) -> Result<()> {
        let told: Map<String, Value> =
            known.iter().map(|(address, at)| (address.clone(), (*at).into())).collect();
        let text = format!("{:#}\n", json!({ "told": told }));
        private_file::replace(&self.path, text.as_bytes())
            .map_err(|error| Error::io("write", &self.path, error))
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, u64>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(Error::io("read", path, error)),
    };
    let parse = || {
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        let told = value.get("told")?.as_object()?.iter();
        told.map(|(address, at)| Some((address.clone(), at.as_u64()?))).collect::<Option<BTreeMap<_, _>>>()
    };
    parse().ok_or_else(|| Error::Table {
        path: path.to_path_buf(),
        line: 0,
        reason: "it does not say how far webhooks were told, or is damaged: restore it, or remove it, and they are told \
                 what comes from now on"
            .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_kept_and_never_behind_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let case = folder.path().join("case.adlink");
        let open = |addresses: &[&str], end| {
            let addresses: Vec<String> = addresses.iter().map(|address| (*address).to_string()).collect();
            WebhookCursors::open(&case, &addresses, end)
        };
        let first = open(&["a"], 7).unwrap();
        assert_eq!(first.told("a"), 7);
        first.advance("a", 9).unwrap();
        let again = open(&["a", "b"], 20).unwrap();
        assert_eq!((again.told("a"), again.told("b")), (9, 20));
        // Left out once, it goes on where it was.
        assert_eq!(open(&["b"], 30).unwrap().told("b"), 20);
        assert_eq!(open(&["a"], 30).unwrap().told("a"), 9);
        assert_eq!(open(&["a"], 4).unwrap().told("a"), 4);
        let file = folder.path().join("case.adlink-webhooks");
        for bad in ["", "[]", "{\"told\":{\"a\":\"x\"}}"] {
            fs::write(&file, bad).unwrap();
            assert!(matches!(open(&["a"], 1), Err(Error::Table { .. })), "{bad}");
        }
    }
}
