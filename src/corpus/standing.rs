//! What is in force: the last decision on each subject, and whether reviewers disagree about it.
//!
//! Latest wins, whoever said it. A reviewer disagrees with another when the last thing each said differs; `unsure`
//! settles nothing and so contradicts nobody, which is why it also takes a decision back.

use crate::record::{Decision, Ruling, Subject};
use std::collections::BTreeMap;

/// Where the decisions on one subject stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'d> {
    /// The decision in force.
    pub decision: &'d Decision,
    /// Its place in the list given.
    pub place: usize,
    /// The last decision of each reviewer on the same subject, by their names; the one in force is among them.
    pub last_of_each: Vec<&'d Decision>,
    /// How many decisions there are on the subject.
    pub decisions: usize,
}

impl Standing<'_> {
    /// True when two reviewers hold different opinions on the subject.
    pub fn is_disputed(&self) -> bool {
        let mut rulings = self.last_of_each.iter().map(|last| last.ruling).filter(|&r| r != Ruling::Unsure);
        rulings.next().is_some_and(|first| rulings.any(|other| other != first))
    }
}

/// What is in force on each subject, sorted by subject. `decisions` are in the order in which they were made, as
/// those of a case or snapshot are. O(n log n).
pub fn standing(decisions: &[Decision]) -> Vec<Standing<'_>> {
    let mut by_subject: BTreeMap<&Subject, Vec<(usize, &Decision)>> = BTreeMap::new();
    for (place, decision) in decisions.iter().enumerate() {
        by_subject.entry(&decision.subject).or_default().push((place, decision));
    }
    by_subject.into_values().filter_map(|made| of_one_subject(&made)).collect()
}

fn of_one_subject<'d>(made: &[(usize, &'d Decision)]) -> Option<Standing<'d>> {
    let last_of_each: BTreeMap<&str, &'d Decision> =
        made.iter().map(|&(_, decision)| (decision.reviewer.as_str(), decision)).collect();
    let &(place, decision) = made.last()?;
    Some(Standing {
        decision,
        place,
        last_of_each: last_of_each.into_values().collect(),
        decisions: made.len(),
    })
}
