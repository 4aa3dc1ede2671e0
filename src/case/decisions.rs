//! Decisions of reviewers in the case: appended, never changed, each with its audit entry.
//!
//! A decision is identified by the digest of all it says, so the same one can be imported twice and adds nothing.
//! Taking one back is a further decision (`unsure`). What a reviewer writes is kept as data: nothing is cleaned,
//! only what no form would accept is refused. The trap: row numbers tell the order of arrival; the order in which
//! decisions were *made* is that of their times, and it alone decides what is in force.

use super::{Case, Tombstones, audit};
use crate::corpus::{TIME, checked, checked_with_time, refused};
use crate::corpus::{subject_from, subject_text};
use crate::error::{CaseError, Result};
use crate::record::{Decision, ImageId, Ruling, Subject};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::path::Path;

/// What became of a list of decisions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// New to the case.
    pub added: u64,
    /// In the case before.
    pub known: u64,
    /// Places in the list, ascending, of those that name what was withdrawn from this case: they stay out.
    pub refused: Vec<usize>,
}

/// Adds one decision to the case at `path`, holding it for that moment only: for programs that stay open while
/// others write. See [`Case::decide`].
///
/// # Errors
/// [`CaseError::Busy`] when another process has been writing for some seconds and still is.
pub fn decide(path: &Path, decision: &Decision) -> Result<u64> {
    // Told before the case is touched.
    checked(decision)?;
    Case::open(path)?.decide(decision)
}

impl Case {
    /// Adds a decision and returns its number in this case; one that is there already keeps its number. Durable when
    /// this returns. The case must be open for writing.
    ///
    /// The order of a pair's or a photo's images does not matter. An empty [`Decision::at`] means now: a time later
    /// than that of any decision on the same subject, so that what is said last holds whatever the clocks say.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the field that cannot be, also for what was withdrawn from this case.
    pub fn decide(&mut self, decision: &Decision) -> Result<u64> {
        let decision = checked(decision)?;
        let number = self.in_case(|db| {
            let whole = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            if names_withdrawn(&Tombstones::load(&whole)?, &decision.subject) {
                return Ok(None);
            }
            let (number, _) = append(&whole, &decision)?;
            whole.commit()?;
            Ok(Some(number))
        })?;
        number.ok_or_else(|| {
            let expected = "images and ads that were not withdrawn from this case".into();
            refused("subject", "something withdrawn", expected)
        })
    }

    /// Adds decisions made elsewhere, in one step; those that are here already are left as they are, and those about
    /// what was withdrawn are refused.
    ///
    /// # Errors
    /// As [`Case::decide`]; a decision without a time is refused.
    pub fn import_decisions(&mut self, decisions: &[Decision]) -> Result<Imported> {
        let decisions = decisions.iter().map(checked_with_time).collect::<Result<Vec<_>>>()?;
        self.in_case(|db| {
            let whole = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            let mut imported = Imported::default();
            let withdrawn = Tombstones::load(&whole)?;
            for (place, decision) in decisions.iter().enumerate() {
                if names_withdrawn(&withdrawn, &decision.subject) {
                    imported.refused.push(place);
                    continue;
                }
                let (_, new) = append(&whole, decision)?;
                *(if new { &mut imported.added } else { &mut imported.known }) += 1;
            }
            whole.commit()?;
            Ok(imported)
        })
    }

    /// All decisions in the order in which they were made.
    pub fn decisions(&self) -> Result<Vec<Decision>> {
        self.in_case(load)
    }
}

/// True when a subject holds an image or ad that must not come back, be it as a name in a decision.
fn names_withdrawn(withdrawn: &Tombstones, subject: &Subject) -> bool {
    match subject {
        Subject::Pair(a, b) => withdrawn.image(a) || withdrawn.image(b),
        Subject::Photo(images) => images.iter().any(|image| withdrawn.image(image)),
        Subject::Ad(key) => withdrawn.ad(key),
    }
}

/// As [`Case::decisions`], inside a transaction.
pub(super) fn load(db: &Connection) -> Result<Vec<Decision>, CaseError> {
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
fn append(db: &Connection, decision: &Decision) -> Result<(u64, bool), CaseError> {
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
    let now = Timestamp::now();
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
