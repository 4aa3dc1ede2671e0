//! What was chosen for the next run: the case, the inputs, how their columns are read.
//!
//! One plan, shared by all windows. The trap: columns are mapped for all inputs of a run together, as on a command line.

use std::path::PathBuf;

use crate::ingest::{AdPer, DayOrder, IngestOptions, field_names};
use crate::language::word;
use crate::review::http::guard::FormFields;

/// The choices so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RunPlan {
    /// The case to open or to make.
    pub(super) case: Option<PathBuf>,
    /// Folders, archives and lists to be read in.
    pub(super) inputs: Vec<PathBuf>,
    /// Where image paths of lists start.
    pub(super) images: Option<PathBuf>,
    /// (Field of adlink, column of the input).
    pub(super) map: Vec<(String, String)>,
    pub(super) site: String,
    pub(super) dates: Option<DayOrder>,
    pub(super) ad_per: AdPer,
}

/// Names of the two orders of dates in forms.
pub(super) const DATES: [(&str, DayOrder, &str); 2] = [
    ("dmy", DayOrder::DayFirst, word!("day first: 31/12/2024")),
    ("mdy", DayOrder::MonthFirst, word!("month first: 12/31/2024")),
];

impl RunPlan {
    /// Adds an input; one that is there already is not added twice.
    pub(super) fn add(&mut self, input: PathBuf) {
        if !self.inputs.contains(&input) {
            self.inputs.push(input);
        }
    }

    /// How the inputs are read. `stored`: local features that images of the case have.
    pub(super) fn options(&self, stored: Option<u16>) -> IngestOptions {
        let defaults = IngestOptions::default();
        IngestOptions {
            images: self.images.clone(),
            ad_per: self.ad_per,
            map: self.map.clone(),
            site: Some(self.site.clone()).filter(|site| !site.is_empty()),
            dates: self.dates,
            features: stored.unwrap_or(defaults.features),
            ..defaults
        }
    }

    /// Takes what the form of the preview says: for each column, `column` names it and `field` at the same place says
    /// what it is read as.
    pub(super) fn take(&mut self, fields: &FormFields) {
        let known = |name: &str| field_names().any(|field| field == name);
        let chosen = fields.all("column").zip(fields.all("field"));
        // A column that the form shows is as the form says; others keep what was said of them.
        for (column, field) in chosen {
            self.map.retain(|(_, other)| other != column);
            if known(field) {
                self.map.push((field.to_string(), column.to_string()));
            }
        }
        self.site = fields.one("site").trim().to_string();
        self.dates = DATES.iter().find(|(name, ..)| *name == fields.one("dates")).map(|(_, order, _)| *order);
        self.ad_per = if fields.one("ad_per") == "image" { AdPer::Image } else { AdPer::Folder };
    }
}
