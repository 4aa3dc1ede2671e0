//! `skipped.csv`: every input that was left out, with a stable reason code and a detail for a person.

use super::{Content, Export, RowCounts, table};
use crate::view::{Joined, ad_name};
use std::io::{self, Write};

pub(super) struct SkippedInputs;

impl Export for SkippedInputs {
    fn file_name(&self) -> &'static str {
        "skipped.csv"
    }

    fn content(&self) -> Content {
        Content::Inputs
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let mut csv = table::csv_with(&["path", "ad", "reason", "detail"], out)?;
        for skipped in &joined.snapshot.skipped {
            let ad = skipped.ad.as_ref().map(ad_name).unwrap_or_default();
            csv.write_record([&skipped.path, &*ad, skipped.reason.name(), &table::text(&skipped.detail)])?;
        }
        csv.flush()?;
        Ok(RowCounts::all(joined.snapshot.skipped.len()))
    }
}
