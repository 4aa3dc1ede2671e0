//! What an ingest would make of an input, without doing it: its layout, its columns, its first ads, what is left out.
//!
//! It reads as an ingest does, through the same readers and fields, and stops after the first records. Nothing is stored
//! and no image is opened. The trap: numbers here are of what was looked at, not of the whole input.

use super::options::{AdPer, IngestOptions, Input};
use super::readers::{At, Columns, Manifest, Sink, read_folder, reader_of};
use super::record::{ColumnUse, Fields, Files, ImageRoots, Place, Setting};
use super::scout::{names_some_of, scout};
use crate::corpus::readable;
use crate::error::{Error, Result};
use crate::language::word;
use crate::record::Ad;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

/// Records looked at.
const FIRST: u64 = 200;
/// Ads shown of these.
const ADS: usize = 5;
/// Columns shown, faults told.
const COLUMNS: usize = 60;
const FAULTS: usize = 5;
/// Characters of an example.
const EXAMPLE: usize = 60;

/// What was understood of one input.
#[derive(Debug, Clone, Default)]
pub struct InputPreview {
    /// What it was taken for, with its article, in words of the table of languages: `a table (CSV)`.
    pub layout: &'static str,
    /// Its columns, as first met; none where ads have no columns.
    pub columns: Vec<ColumnFound>,
    /// The first ads.
    pub ads: Vec<PreviewedAd>,
    /// Records looked at, good or bad.
    pub records: u64,
    /// True when there are more records than were looked at.
    pub more: bool,
    /// Images that these records name.
    pub images: u64,
    /// Those of them whose files are there.
    pub images_found: u64,
    /// Why the first image that was not found was not found.
    pub missing: Option<String>,
    /// The first records that cannot be used: line, and why.
    pub faults: Vec<(u64, String)>,
    /// How many cannot be used.
    pub bad: u64,
    /// What its owner has to know.
    pub notes: Vec<String>,
    /// What was met and is not used, by kind.
    pub unused: BTreeMap<String, u64>,
}

/// A column of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnFound {
    /// Its name there.
    pub name: String,
    /// What becomes of it.
    pub used: ColumnUse,
    /// The first value met, shortened.
    pub example: String,
}

/// An ad as it would be taken.
#[derive(Debug, Clone)]
pub struct PreviewedAd {
    /// Its record.
    pub ad: Ad,
    /// Its images as the input names them, and whether each was found.
    pub images: Vec<(String, bool)>,
}

/// Looks at the first records of a file or folder.
///
/// # Errors
/// Those that reading it would end with: it cannot be read, has no layout that is known, or `options` name a field
/// that there is not.
pub fn preview(path: &Path, options: &IngestOptions) -> Result<InputPreview> {
    let failed = |error| Error::io("read", path, error);
    let absolute = std::path::absolute(path).map_err(failed)?;
    let mut fields = Fields::new(&options.map, &options.keep_fields)?;
    let folder = absolute.parent().and_then(Path::file_name).map(readable);
    let days = options.dates;
    fields.setting = Setting { site: options.site.clone(), folder, posted_days: days, collected_days: days };
    if path.is_dir() {
        let roots = ImageRoots::new(None, path, &[], false).map_err(failed)?;
        let mut look = PreviewSink::new(fields, roots, options);
        look.seen.layout = word!("a folder");
        let read = read_folder(path, &mut look);
        return look.finish(read);
    }
    let input = Input::Path(path.to_path_buf());
    let mut manifest = Manifest::open(&input)?;
    let (images, prefixes) = (options.images.as_deref(), &options.strip_prefixes);
    let mut roots = ImageRoots::new(images, manifest.folder(), prefixes, options.allow_outside)
        .map_err(|error| manifest.failed(error))?;
    roots.manifest = Some(absolute);
    let reader = reader_of(&mut manifest)?;
    if reader.has_columns()
        && let Ok(found) = scout(&input, reader, &fields, options.dates)
    {
        fields.setting.posted_days = days.or(found.posted_days);
        fields.setting.collected_days = days.or(found.collected_days);
        if prefixes.is_empty() {
            roots.learn_prefix(&found.images);
        }
    }
    let mut look = PreviewSink::new(fields, roots, options);
    look.seen.layout = reader.words();
    let read = reader.read(&mut manifest, &mut look);
    look.finish(read)
}

struct PreviewSink<'o> {
    fields: Fields,
    roots: ImageRoots,
    options: &'o IngestOptions,
    seen: InputPreview,
    noted: BTreeSet<&'static str>,
    named: BTreeSet<String>,
    enough: bool,
    depth: u32,
}

impl<'o> PreviewSink<'o> {
    fn new(fields: Fields, roots: ImageRoots, options: &'o IngestOptions) -> Self {
        let (noted, named) = (BTreeSet::new(), BTreeSet::new());
        Self { fields, roots, options, seen: InputPreview::default(), noted, named, enough: false, depth: 0 }
    }

    /// What was seen, unless reading failed before there was enough of it.
    fn finish(mut self, read: Result<()>) -> Result<InputPreview> {
        match read {
            Err(Error::Interrupted) if self.enough => self.seen.more = true,
            Err(error) if self.seen.records == 0 => return Err(error),
            Err(error) => self.seen.notes.push(error.to_string()),
            Ok(()) => {}
        }
        Ok(self.seen)
    }

    /// One more record; an error once enough were looked at.
    fn on(&mut self) -> Result<()> {
        self.seen.records += 1;
        self.enough = self.seen.records >= FIRST;
        if self.enough { Err(Error::Interrupted) } else { Ok(()) }
    }

    fn bad(&mut self, line: u64, why: String) {
        self.seen.bad += 1;
        if self.seen.faults.len() < FAULTS {
            self.seen.faults.push((line, why));
        }
    }

    fn columns(&mut self, columns: &Columns) {
        for (name, value) in columns {
            if self.named.len() < COLUMNS && self.named.insert(name.clone()) {
                let used = self.fields.use_of(name);
                self.seen.columns.push(ColumnFound { name: name.clone(), used, example: example(value) });
            }
        }
    }

    fn take(&mut self, ad: &Ad, images: Vec<(String, Option<String>)>) {
        self.seen.images += images.len() as u64;
        self.seen.images_found += images.iter().filter(|(_, why)| why.is_none()).count() as u64;
        if self.seen.missing.is_none() {
            self.seen.missing = images.iter().find_map(|(_, why)| why.clone());
        }
        if self.seen.ads.len() < ADS {
            let images = images.into_iter().map(|(name, why)| (name, why.is_none())).collect();
            self.seen.ads.push(PreviewedAd { ad: ad.clone(), images });
        }
    }
}

fn example(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().take(EXAMPLE).collect()
}

/// Places as the look keeps them: the name, and why there is no file.
fn looked_for(places: Vec<Place>) -> Vec<(String, Option<String>)> {
    let found = |place: Place| (place.shown, place.found.err().map(|why| why.detail));
    places.into_iter().map(found).collect()
}

impl Sink for PreviewSink<'_> {
    fn record(&mut self, at: At, columns: Result<Columns, String>) -> Result<()> {
        if let Ok(columns) = &columns {
            self.columns(columns);
        }
        match columns.and_then(|columns| self.fields.parse(columns)) {
            Ok(parsed) => {
                let why = |image| self.roots.find(image).err().map(|why| why.detail);
                let images = parsed.images.iter().map(|image| {
                    // One that is written into the record needs no file.
                    let written = image.path.as_deref().is_some_and(|path| path.starts_with("data:"));
                    let name: String = image.shown().chars().take(200).collect();
                    (name, if written { None } else { why(image) })
                });
                let images = images.collect();
                self.take(&parsed.ad, images);
            }
            Err(why) => self.bad(at.line, why),
        }
        self.on()
    }

    fn shown(&mut self, at: At, columns: Columns, places: Vec<Place>) -> Result<()> {
        self.columns(&columns);
        match self.fields.parse(columns) {
            Ok(parsed) => self.take(&parsed.ad, looked_for(places)),
            Err(why) => self.bad(at.line, why),
        }
        self.on()
    }

    fn ad(&mut self, ad: &Ad, places: Vec<Place>) -> Result<()> {
        self.take(ad, looked_for(places));
        self.on()
    }

    fn note(&mut self, once: &'static str, message: &str) {
        if self.noted.insert(once) {
            self.seen.notes.push(message.to_string());
        }
    }

    fn unused(&mut self, kind: &str, number: u64) {
        *self.seen.unused.entry(kind.to_string()).or_default() += number;
    }

    fn nested(&mut self, path: &Path, name: &str, files: &Rc<dyn Files>, base: &str) -> Result<()> {
        // Deeper than that an ingest tells; here it would be looked at for nothing.
        if self.depth >= 2 {
            return Ok(());
        }
        let mut roots = ImageRoots::within(Rc::clone(files), base, &self.options.strip_prefixes);
        roots.manifest = Some(path.to_path_buf());
        let opened = Manifest::open(&Input::Path(path.to_path_buf())).and_then(|mut manifest| {
            let reader = reader_of(&mut manifest)?;
            Ok((manifest, reader))
        });
        let (mut manifest, reader) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.bad(0, format!("{name}: {error}"));
                return Ok(());
            }
        };
        self.seen.notes.push(format!("{name} in it is {}", reader.words()));
        let outer = std::mem::replace(&mut self.roots, roots);
        self.depth += 1;
        let read = reader.read(&mut manifest, self);
        self.depth -= 1;
        self.roots = outer;
        match read {
            Err(error @ (Error::Manifest { .. } | Error::Io { .. })) => {
                self.bad(0, format!("{name}: {error}"));
                Ok(())
            }
            other => other,
        }
    }

    fn names_any_of(&self, path: &Path, files: &Rc<dyn Files>, base: &str) -> bool {
        let roots = ImageRoots::within(Rc::clone(files), base, &self.options.strip_prefixes);
        names_some_of(path, &roots, &self.fields)
    }

    fn ad_per(&self) -> AdPer {
        self.options.ad_per
    }

    fn takes_videos(&self) -> bool {
        self.options.ffmpeg.is_some()
    }

    fn allows_outside(&self) -> bool {
        self.options.allow_outside
    }
}
