//! Decisions as rows: appended with their audit entries, read in the order in which they were made.
//!
//! The trap: row numbers tell the order of arrival; the order in which decisions were *made* is that of their times.

use crate::case::audit;
use crate::case::store::clock;
use crate::corpus::{TIME, subject_from, subject_text};
use crate::error::CaseError;
use crate::record::{Decision, ImageId, Ruling};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;
use sha2::{Digest, Sha256};

/// All decisions in the order in which they were made.
pub(in crate::case) fn load(db: &Connection) -> Result<Vec<Decision>, CaseError> {
    let mut select =
        db.prepare("SELECT subject, ruling, reviewer, at, reason, shown FROM decision ORDER BY at, digest")?;
    let mut rows = select.query([])?;
    let mut decisions = Vec::new();
    while let Some(row) = rows.next()? {
        let (subject, ruling): (String, String) = (row.get(0)?, row.get(1)?);
        decisions.push(Decision {
            subject: subject_from(&subject)
                .map_err(|why| CaseError::Damaged(format!("a decision: {why}")))?,
            ruling: Ruling::from_name(&ruling)
                .ok_or_else(|| CaseError::Damaged(format!("ruling `{ruling}`")))?,
            reviewer: row.get(2)?,
            at: row.get(3)?,
            reason: row.get(4)?,
            shown: row.get(5)?,
        });
    }
    Ok(decisions)
}

/// The decision's number, and whether it is new.
pub(super) fn append(db: &Connection, decision: &Decision) -> Result<(u64, bool), CaseError> {
    let subject = subject_text(&decision.subject);
    let at = if decision.at.is_empty() { time_for(db, &subject)? } else { decision.at.clone() };
    let Decision { ruling, reviewer, reason, shown, .. } = decision;
    let digest = digest([&subject, ruling.name(), reviewer, &at, reason, shown]);
    let known: Option<i64> = db
        .query_row("SELECT number FROM decision WHERE digest = ?1", params![digest], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok((number.unsigned_abs(), false));
    }
    db.execute(
        "INSERT INTO decision (digest, subject, ruling, reviewer, at, reason, shown) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![digest, subject, ruling.name(), reviewer, at, reason, shown],
    )?;
    let number = db.last_insert_rowid().unsigned_abs();
    // The chain can never be shortened, so it holds the decision's digest and nothing of what it is about.
    let detail = json!({
        "number": number,
        "sha256": ImageId(digest).to_string(),
        "ruling": ruling.name(),
        "reviewer": reviewer,
    });
    audit::append(db, "decision", &detail)?;
    Ok((number, true))
}

/// Now, or just after the last word on this subject if a clock put that later.
fn time_for(db: &Connection, subject: &str) -> Result<String, CaseError> {
    let last: Option<String> =
        db.query_row("SELECT max(at) FROM decision WHERE subject = ?1", params![subject], |row| row.get(0))?;
    let after = last
        .and_then(|at| at.parse::<Timestamp>().ok())
        .and_then(|at| at.checked_add(SignedDuration::from_micros(1)).ok());
    let now = clock::now()?;
    Ok(after.map_or(now, |after| now.max(after)).strftime(TIME).to_string())
}

fn digest(fields: [&str; 6]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for text in fields {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    }
    digest.finalize().into()
}
