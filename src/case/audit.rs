//! The audit chain: what was done to a case, append-only, each entry sealed with the digest of the one before.
//!
//! Changing or removing an entry breaks the chain from there on. Removing entries from the *end* does not: only
//! someone who wrote down an earlier [`AuditHead`] can notice that.

use super::Case;
use super::codec::exactly;
use crate::error::{CaseError, Result};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;

/// One entry of the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Place in the chain, from 1.
    pub number: u64,
    /// When, ISO 8601 UTC.
    pub at: String,
    /// What was done: `ingest-start`, `ingest-end`, ...
    pub action: String,
    /// Parameters, input and output digests, counts.
    pub detail: Value,
}

/// End of the chain: write it down elsewhere to be able to prove what the case said at that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of entries.
    pub entries: u64,
    /// Digest of the last entry, which covers all before it.
    pub digest: [u8; 32],
}

/// `7:` and the digest in hex, of a chain with seven entries.
impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.entries)?;
        self.digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Case {
    /// All entries in order. Fails with [`CaseError::Damaged`], naming the entry, when the chain is broken.
    pub fn audit_entries(&self) -> Result<Vec<AuditEntry>> {
        self.in_case(|db| {
            let mut entries = Vec::new();
            walk(db, |entry| entries.push(entry))?;
            Ok(entries)
        })
    }

    /// Walks the chain and returns its end; fails like [`Case::audit_entries`].
    pub fn audit_head(&self) -> Result<AuditHead> {
        self.in_case(|db| walk(db, drop))
    }

    /// Notes something that was done with the case. The case must be open for writing.
    pub fn note(&mut self, action: &str, detail: &Value) -> Result<()> {
        self.in_case(|db| append(db, action, detail))
    }
}

/// Adds an entry with the time of now.
pub(super) fn append(db: &Connection, action: &str, detail: &Value) -> Result<(), CaseError> {
    let last = db
        .query_row(
            "SELECT number, at, action, detail, digest FROM audit ORDER BY number DESC LIMIT 1",
            [],
            stored,
        )
        .optional()?;
    let (number, before) = match last {
        Some(last) => (last.number + 1, exactly(&last.digest, "an audit digest")?),
        None => (1, [0; 32]),
    };
    let at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let entry =
        Stored { number, at, action: action.to_string(), detail: detail.to_string(), digest: Vec::new() };
    db.execute(
        "INSERT INTO audit (number, at, action, detail, digest) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![entry.number, entry.at, entry.action, entry.detail, entry.seal(&before)],
    )?;
    Ok(())
}

fn walk(db: &Connection, mut each: impl FnMut(AuditEntry)) -> Result<AuditHead, CaseError> {
    let mut select = db.prepare("SELECT number, at, action, detail, digest FROM audit ORDER BY number")?;
    let mut rows = select.query([])?;
    let mut head = AuditHead { entries: 0, digest: [0; 32] };
    while let Some(row) = rows.next()? {
        let entry = stored(row)?;
        let number = head.entries + 1;
        let broken = || CaseError::Damaged(format!("the audit chain is broken at entry {number}"));
        let digest = entry.seal(&head.digest);
        if entry.number.unsigned_abs() != number || entry.digest != digest {
            return Err(broken());
        }
        let detail = serde_json::from_str(&entry.detail).map_err(|_| broken())?;
        each(AuditEntry { number, at: entry.at, action: entry.action, detail });
        head = AuditHead { entries: number, digest };
    }
    Ok(head)
}

/// An entry as it lies in the table.
struct Stored {
    number: i64,
    at: String,
    action: String,
    detail: String,
    digest: Vec<u8>,
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        number: row.get(0)?,
        at: row.get(1)?,
        action: row.get(2)?,
        detail: row.get(3)?,
        digest: row.get(4)?,
    })
}

impl Stored {
    /// SHA-256 over the digest of the entry before and every field behind its length.
    fn seal(&self, before: &[u8; 32]) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(before);
        digest.update(self.number.to_be_bytes());
        for text in [&self.at, &self.action, &self.detail] {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text.as_bytes());
        }
        digest.finalize().into()
    }
}
