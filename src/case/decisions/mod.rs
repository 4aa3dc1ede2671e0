//! Decisions of reviewers in the case: appended, never changed, each with its audit entry.
//!
//! A decision is identified by the digest of all it says, so the same one can be imported twice and adds nothing.
//! Taking one back is a further decision (`unsure`). `rows` says how they are kept; their one written form
//! is that of the corpus.

mod rows;

pub(super) use rows::load;

use super::{Case, Tombstones};
use crate::corpus::{checked, checked_with_time, refused};
use crate::error::Result;
use crate::record::{Decision, Subject};
use rows::append;
use rusqlite::{Transaction, TransactionBehavior};
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
/// [`CaseError::Busy`](crate::error::CaseError::Busy) when another process has been writing for some seconds and still
/// is.
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
    /// [`Error::Parameter`](crate::error::Error::Parameter) names the field that cannot be, also for what was withdrawn
    /// from this case.
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
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
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
