//! The audit chain: what was done to a case, append-only, each entry sealed with the digest of the one before.
//!
//! Changing, removing or inserting an entry breaks the chain there, and [`Case::check_audit`](crate::case::Case::check_audit) names it. The end is
//! noted in `meta` besides, so that a shortened chain shows. Whoever can write to the file can forge all of that
//! together: only an [`AuditHead`] that was written down elsewhere proves what the case said at that time.

use super::seal;
use crate::case::store::clock;
use crate::case::store::codec::exactly;
use crate::error::CaseError;
use crate::record::ImageId;
use rusqlite::{Connection, OptionalExtension, params};
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
    /// What was done: `ingest-start`, `ingest-end`, `link`, `decision`, `export`, `withdraw`, `purge`, ...
    pub action: String,
    /// Parameters, input and output digests, counts; `by` when the user gave a name.
    pub detail: Value,
    /// Digest of all that the case held when this was written; `None` in entries of an adlink that made none.
    pub case: Option<[u8; 32]>,
}

/// End of the chain: write it down elsewhere to be able to prove what the case said at that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of entries.
    pub entries: u64,
    /// Digest of the last entry, which covers all before it.
    pub digest: [u8; 32],
}

impl AuditHead {
    pub(super) const START: Self = Self { entries: 0, digest: [0; 32] };

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (entries, digest) = text.trim().split_once(':')?;
        Some(Self { entries: entries.parse().ok()?, digest: ImageId::parse(digest)?.0 })
    }
}

/// `7:` and the digest in hex, of a chain with seven entries.
impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.entries, ImageId(self.digest))
    }
}

/// Where the detail of an entry, as it is stored, has the digest of the case.
const CASE: &str = "case_sha256";

/// The detail as it is stored, parted into what was said and the digest of the case.
pub(super) fn parted(stored: &[u8]) -> Option<(Value, Option<[u8; 32]>)> {
    let mut detail: Value = serde_json::from_slice(stored).ok()?;
    let case = detail.as_object_mut().and_then(|fields| fields.shift_remove(CASE));
    Some((detail, case.and_then(|text| ImageId::parse(text.as_str()?)).map(|digest| digest.0)))
}

/// Whether any entry seals the data, too.
pub(in crate::case) fn seals_data(db: &Connection) -> Result<bool, CaseError> {
    Ok(db.prepare("SELECT 1 FROM audit WHERE detail LIKE ?1")?.exists([format!("%\"{CASE}\":%")])?)
}

/// Adds an entry with the time of now, inside a transaction of the caller, and seals what that changed.
///
/// It goes on from the noted end: when the table was shortened since, the gap stays visible.
pub(in crate::case) fn append(db: &Connection, action: &str, detail: &Value) -> Result<(), CaseError> {
    seal::flush(db)?;
    let mut detail = detail.clone();
    if let Value::Object(fields) = &mut detail {
        fields.insert(CASE.into(), ImageId(seal::root(db)?).to_string().into());
    }
    seal::close(db)?;
    let last = last(db)?;
    let before = match noted_head(db)? {
        Some(noted) if noted.entries >= last.entries => noted,
        _ => last,
    };
    let at = clock::now()?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let detail = detail.to_string();
    let number = before.entries.cast_signed() + 1;
    let digest = link(&before.digest, number, [at.as_bytes(), action.as_bytes(), detail.as_bytes()]);
    db.execute(
        "INSERT INTO audit (number, at, action, detail, digest) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![number, at, action, detail, digest],
    )?;
    let head = AuditHead { entries: number.unsigned_abs(), digest };
    db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('audit_head', ?1)", [head.to_string()])?;
    Ok(())
}

/// The end of the table.
fn last(db: &Connection) -> Result<AuditHead, CaseError> {
    let last: Option<(i64, Vec<u8>)> = db
        .query_row("SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    last.map_or(Ok(AuditHead::START), |(number, digest)| {
        Ok(AuditHead { entries: number.unsigned_abs(), digest: exactly(&digest, "an audit digest")? })
    })
}

/// The end as the last writer noted it; `None` when the note is gone or unreadable.
pub(super) fn noted_head(db: &Connection) -> Result<Option<AuditHead>, CaseError> {
    let noted: Option<Vec<u8>> = db
        .query_row("SELECT CAST(value AS BLOB) FROM meta WHERE name = 'audit_head'", [], |row| row.get(0))
        .optional()?;
    Ok(noted.and_then(|text| AuditHead::parse(std::str::from_utf8(&text).ok()?)))
}

/// SHA-256 over the digest of the entry before and every field behind its length.
pub(super) fn link(before: &[u8; 32], number: i64, texts: [&[u8]; 3]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(before);
    digest.update(number.to_be_bytes());
    for text in texts {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().into()
}
