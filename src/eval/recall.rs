//! Which edits are still recognised: recall by edit and by family of edits.
//!
//! A matching pair is booked under the edits of both its images. The trap: a family's total is the sum over its
//! edits, so a pair of two different edits of one family counts twice there.

use super::pairs::PairFile;
use super::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// True pairs under one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LabelRecall {
    /// Listed.
    pub found: u64,
    /// In the truth.
    pub of: u64,
}

impl LabelRecall {
    /// Share that is listed. A label without pairs does not occur.
    pub fn share(self) -> f64 {
        self.found as f64 / self.of.max(1) as f64
    }
}

/// Recall of a run, by family and edit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recall<'t> {
    /// By (family, edit).
    pub edits: BTreeMap<(&'t str, &'t str), LabelRecall>,
    /// By family.
    pub families: BTreeMap<&'t str, LabelRecall>,
}

impl<'t> Recall<'t> {
    /// Books every true pair.
    pub fn new(truth: &'t Truth, pairs: &PairFile) -> Self {
        let listed: BTreeSet<(u32, u32)> = pairs.listed.iter().map(|pair| (pair.a, pair.b)).collect();
        let mut recall = Self::default();
        for &pair in truth.positives() {
            let hit = u64::from(listed.contains(&pair));
            for (family, edit) in truth.labels(pair) {
                for entry in [
                    recall.edits.entry((family, edit)).or_default(),
                    recall.families.entry(family).or_default(),
                ] {
                    entry.of += 1;
                    entry.found += hit;
                }
            }
        }
        recall
    }

    /// Writes `family,edit,found,of,recall`, one row an edit.
    ///
    /// # Errors
    /// What `out` says.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        let write = || -> csv::Result<()> {
            let mut csv = csv::Writer::from_writer(out);
            csv.write_record(["family", "edit", "found", "of", "recall"])?;
            for ((family, edit), booked) in &self.edits {
                let numbers = [booked.found, booked.of].map(|number| number.to_string());
                let share = format!("{:.4}", booked.share());
                csv.write_record([*family, *edit, &numbers[0], &numbers[1], &share])?;
            }
            Ok(csv.flush()?)
        };
        write().map_err(io::Error::from)
    }
}
