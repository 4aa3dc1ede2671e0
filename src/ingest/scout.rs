//! A first look at a manifest, before anything of it is taken: what only many records together can tell.
//!
//! In which order dates are written, what stands before image paths, which columns there are. It reads the first records,
//! and goes on to the end only for dates that can be read in two ways. Nothing is stored.

use super::options::{AdPer, Input};
use super::readers::{At, Columns, Manifest, RecordReader, Sink, reader_of};
use super::record::{DayOrder, Fields, Files, ImageRef, ImageRoots, Place, two_numbers};
use crate::error::{Error, Result};
use crate::record::Ad;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

/// Records looked at in any case.
const FIRST: u64 = 1000;

/// Names of columns that are remembered.
const REMEMBERED: usize = 20;

/// What a first look told.
#[derive(Debug, Default)]
pub(super) struct FirstLook {
    pub(super) posted_days: Option<DayOrder>,
    pub(super) collected_days: Option<DayOrder>,
    /// Images of the first records.
    pub(super) images: Vec<ImageRef>,
    /// Columns that no field goes by and whose values look like images.
    pub(super) likely_images: Vec<String>,
}

/// Looks at a manifest that can be opened again. Fails where a column that the user named is in none of the first
/// records, before any of them is taken.
pub(super) fn scout(
    input: &Input,
    reader: &dyn RecordReader,
    fields: &Fields,
    told: Option<DayOrder>,
) -> Result<FirstLook> {
    let mut manifest = Manifest::open(input)?;
    let mut look = Look {
        fields: fields.clone(),
        told: told.is_some(),
        records: 0,
        posted: Column::default(),
        collected: Column::default(),
        images: Vec::new(),
        likely: BTreeSet::new(),
        enough: false,
    };
    match reader.read(&mut manifest, &mut look) {
        Err(Error::Interrupted) if look.enough => {}
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    Ok(FirstLook {
        posted_days: look.posted.order(),
        collected_days: look.collected.order(),
        images: look.images,
        likely_images: look.likely.into_iter().collect(),
    })
}

struct Look {
    fields: Fields,
    told: bool,
    records: u64,
    posted: Column,
    collected: Column,
    images: Vec<ImageRef>,
    likely: BTreeSet<String>,
    enough: bool,
}

/// Dates of one column.
#[derive(Default)]
struct Column {
    met: bool,
    not_day_first: bool,
    not_month_first: bool,
}

impl Column {
    fn take(&mut self, text: &str) {
        if let Some((first, second)) = two_numbers(text) {
            self.met = true;
            self.not_day_first |= second > 12;
            self.not_month_first |= first > 12;
        }
    }

    /// The one reading that all dates of the column allow.
    fn order(&self) -> Option<DayOrder> {
        match (self.not_day_first, self.not_month_first) {
            (false, true) => Some(DayOrder::DayFirst),
            (true, false) => Some(DayOrder::MonthFirst),
            _ => None,
        }
    }
}

impl Sink for Look {
    fn record(&mut self, _: At, columns: Result<Columns, String>) -> Result<()> {
        let Ok(columns) = columns else { return self.on() };
        if self.records < FIRST && self.likely.len() < REMEMBERED {
            let names = columns.iter().filter(|(_, value)| looks_like_images(value)).map(|(name, _)| name);
            self.likely.extend(names.filter(|name| !self.fields.knows(name)).cloned());
        }
        if let Ok(parsed) = self.fields.parse(columns) {
            for (name, value) in &parsed.unread_times {
                (if *name == "posted_at" { &mut self.posted } else { &mut self.collected }).take(value);
            }
            if self.records < FIRST {
                self.images.extend(parsed.images.into_iter().filter(|image| image.shown().len() < 4096));
            }
        }
        self.on()
    }

    fn shown(&mut self, _: At, _: Columns, _: Vec<Place>) -> Result<()> {
        self.on()
    }

    fn ad(&mut self, _: &Ad, _: Vec<Place>) -> Result<()> {
        self.on()
    }

    fn note(&mut self, _: &'static str, _: &str) {}

    fn unused(&mut self, _: &str, _: u64) {}

    fn nested(&mut self, _: &Path, _: &str, _: &Rc<dyn Files>, _: &str) -> Result<()> {
        Ok(())
    }

    fn names_any_of(&self, _: &Path, _: &Rc<dyn Files>, _: &str) -> bool {
        false
    }

    fn ad_per(&self) -> AdPer {
        AdPer::default()
    }

    fn takes_videos(&self) -> bool {
        false
    }

    fn allows_outside(&self) -> bool {
        false
    }
}

impl Look {
    /// One more record; an error once there is nothing more to learn.
    fn on(&mut self) -> Result<()> {
        self.records += 1;
        let dates = !self.told && (self.posted.met || self.collected.met);
        if self.records >= FIRST && !dates {
            self.enough = true;
            return Err(Error::Interrupted);
        }
        Ok(())
    }
}

/// Whether a file is a manifest that names some of the images that `roots` find.
pub(super) fn names_some_of(path: &Path, roots: &ImageRoots, fields: &Fields) -> bool {
    let input = Input::Path(path.to_path_buf());
    let opened = Manifest::open(&input).and_then(|mut manifest| reader_of(&mut manifest));
    let found = opened.ok().filter(|reader| reader.has_columns());
    let found = found.and_then(|reader| scout(&input, reader, fields, None).ok());
    found.is_some_and(|found| found.images.iter().take(50).any(|image| roots.find(image).is_ok()))
}

/// Whether a value names an image, or several.
fn looks_like_images(value: &Value) -> bool {
    const ENDINGS: [&str; 8] = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".jxl", ".heic"];
    match value {
        Value::String(text) => {
            let lower = text.to_lowercase();
            ENDINGS.iter().any(|ending| lower.contains(ending))
        }
        Value::Array(list) => list.first().is_some_and(looks_like_images),
        Value::Object(parts) => parts.values().any(looks_like_images),
        _ => false,
    }
}
