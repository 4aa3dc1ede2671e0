//! `decisions.csv`: every decision of reviewers, in the order in which they were made, and what became of it.
//!
//! A subject is written by content: one or more SHA-256, or the ad. `effect` is that on these very results; the
//! decision in force on a subject is the last one that is not `superseded`.

use super::{Content, Export, RowCounts, table};
use crate::corpus::standing;
use crate::record::{ImageId, Subject};
use crate::view::{Joined, ad_name};
use std::collections::BTreeSet;
use std::io::{self, Write};

pub(super) struct DecisionsCsv;

const HEADING: [&str; 9] =
    ["kind", "subject", "ruling", "reviewer", "at", "reason", "shown", "effect", "disputed"];

impl Export for DecisionsCsv {
    fn file_name(&self) -> &'static str {
        "decisions.csv"
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let mut csv = table::csv_with(&HEADING, out)?;
        let made = &joined.snapshot.decisions;
        let disputed: BTreeSet<&Subject> = standing(made)
            .into_iter()
            .filter(|stands| stands.is_disputed())
            .map(|stands| &stands.decision.subject)
            .collect();
        for (decision, effect) in made.iter().zip(&joined.findings.decisions) {
            let (kind, subject) = named(&decision.subject);
            csv.write_record([
                kind,
                &table::text(&subject),
                decision.ruling.name(),
                &table::text(&decision.reviewer),
                &decision.at,
                &table::text(&decision.reason),
                &table::text(&decision.shown),
                effect.name(),
                if disputed.contains(&decision.subject) { "yes" } else { "no" },
            ])?;
        }
        csv.flush()?;
        Ok(RowCounts::all(made.len()))
    }
}

fn named(subject: &Subject) -> (&'static str, String) {
    match subject {
        Subject::Pair(a, b) => ("pair", format!("{a} {b}")),
        Subject::Photo(images) => {
            ("photo", images.iter().map(ImageId::to_string).collect::<Vec<_>>().join(" "))
        }
        Subject::Ad(key) => ("ad", ad_name(key)),
    }
}
