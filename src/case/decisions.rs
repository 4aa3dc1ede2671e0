//! Decisions of reviewers in the case: appended, never changed, each with its audit entry.
//!
//! A decision is identified by the digest of all it says, so the same one can be imported twice and adds nothing.
//! Taking one back is a further decision (`unsure`). What a reviewer writes is kept as data: nothing is cleaned,
//! only what no form would accept is refused. The trap: row numbers tell the order of arrival; the order in which
//! decisions were *made* is that of their times, and it alone decides what is in force.

use super::decision_json::{subject_from, subject_text};
use super::{Case, Tombstones, audit};
use crate::error::{CaseError, Error, Result};
use crate::record::{AdKey, Decision, ImageId, Ruling, Subject};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Characters of a reviewer's name.
const MAX_REVIEWER: usize = 200;
/// Characters of a reason.
const MAX_REASON: usize = 4000;
/// Characters of what was shown.
const MAX_SHOWN: usize = 500;
/// Characters of a site, and of an ad's id.
const MAX_KEY: usize = 4096;
/// Images of a photo group. Of a larger one, those that were looked at are enough: see [`Subject::Photo`].
const MAX_IMAGES: usize = 10_000;

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

/// Microseconds, always: texts of one length sort as the times do.
const TIME: &str = "%Y-%m-%dT%H:%M:%S.%6fZ";

fn digest(fields: [&str; 6]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for text in fields {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    }
    digest.finalize().into()
}

fn checked_with_time(decision: &Decision) -> Result<Decision> {
    if decision.at.is_empty() {
        return Err(refused("at", "", "a time such as 2024-01-03T04:05:06Z".into()));
    }
    checked(decision)
}

/// The decision in its one written form, or which field cannot be.
pub(super) fn checked(decision: &Decision) -> Result<Decision> {
    let line = |c: char| c.is_control();
    let text = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    limited("reviewer", &decision.reviewer, 1, MAX_REVIEWER, line)?;
    limited("reason", &decision.reason, 0, MAX_REASON, text)?;
    limited("shown", &decision.shown, 0, MAX_SHOWN, line)?;
    Ok(Decision {
        subject: checked_subject(&decision.subject)?,
        at: checked_time(&decision.at)?,
        ..decision.clone()
    })
}

fn checked_time(at: &str) -> Result<String> {
    if at.is_empty() {
        return Ok(String::new());
    }
    match at.parse::<Timestamp>() {
        Ok(time) => Ok(time.strftime(TIME).to_string()),
        Err(_) => Err(refused("at", at, "a time such as 2024-01-03T04:05:06Z".into())),
    }
}

fn checked_subject(subject: &Subject) -> Result<Subject> {
    match subject {
        Subject::Pair(a, b) if a == b => {
            Err(refused("pair", &a.to_string(), "two different images; a file is always itself".into()))
        }
        Subject::Pair(a, b) => Ok(Subject::Pair(*a.min(b), *a.max(b))),
        Subject::Photo(images) => {
            let mut images = images.clone();
            images.sort_unstable();
            images.dedup();
            if images.is_empty() || images.len() > MAX_IMAGES {
                let expected = format!("1 to {MAX_IMAGES} images");
                return Err(refused("photo", &format!("{} images", images.len()), expected));
            }
            Ok(Subject::Photo(images))
        }
        Subject::Ad(AdKey { site, ad_id }) => {
            // Any character: the key must be that of an ad as it was found.
            limited("site", site, 0, MAX_KEY, |_| false)?;
            limited("ad_id", ad_id, 1, MAX_KEY, |_| false)?;
            Ok(subject.clone())
        }
    }
}

fn limited(
    name: &'static str,
    value: &str,
    least: usize,
    most: usize,
    forbidden: impl Fn(char) -> bool,
) -> Result<()> {
    let length = value.chars().count();
    if length < least || length > most {
        return Err(refused(name, value, format!("{least} to {most} characters, not {length}")));
    }
    if value.contains(forbidden) {
        return Err(refused(name, value, "text without control characters".into()));
    }
    Ok(())
}

fn refused(name: &'static str, value: &str, expected: String) -> Error {
    let shown = match value.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &value[..end]),
        None => value.to_string(),
    };
    Error::Parameter { name, value: shown, expected }
}
