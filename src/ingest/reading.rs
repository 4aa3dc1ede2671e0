//! The first stage: every record into the case, every file it names into the queue of files to be read.

use super::declared::Claim;
use super::fields::{Fields, Parsed};
use super::folder;
use super::json;
use super::locate::{Declared, Located, Roots};
use super::source::{Form, Source};
use super::summary::{IngestSummary, Manifest};
use super::table;
use super::{IngestOptions, Input};
use crate::case::{Stamp, Tombstones, Writer};
use crate::corpus::readable;
use crate::error::{Error, ImageError, Result};
use crate::progress::{Progress, Stage};
use crate::record::Ad;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// Names of columns that fit in a warning.
const NAMES_SHOWN: usize = 12;

/// The files that records name: row of each, and how often.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) times: HashMap<i64, u64>,
    /// How many of them wait to be read.
    pub(super) pending: u64,
    /// What the records say of their bytes.
    pub(super) claims: Vec<Claim>,
}

/// An image of a record, looked for: the path as given, and the file or why there is none.
pub(super) struct Place {
    pub(super) position: u32,
    pub(super) shown: String,
    pub(super) found: Result<Located, ImageError>,
    /// What the record says of its bytes, and the line where it says so.
    pub(super) declared: Option<(u64, Box<Declared>)>,
}

/// Reads all inputs.
pub(super) fn read(
    writer: &mut Writer<'_>,
    inputs: &[Input],
    options: &IngestOptions,
    progress: &dyn Progress,
) -> Result<(IngestSummary, Named)> {
    progress.start(Stage::Reading, None);
    let mut reading = Reading {
        fields: Fields::new(&options.map, &options.keep_fields)?,
        withdrawn: writer.tombstones()?,
        source: 0,
        writer,
        options,
        progress,
        summary: IngestSummary::default(),
        named: Named::default(),
        complained: BTreeSet::new(),
    };
    for input in inputs {
        match input {
            Input::Path(path) if path.is_dir() => reading.folder(path)?,
            _ => reading.manifest(input)?,
        }
    }
    let (summary, named) = reading.finish()?;
    progress.finish();
    Ok((summary, named))
}

pub(super) struct Reading<'a, 'c> {
    writer: &'a mut Writer<'c>,
    pub(super) options: &'a IngestOptions,
    pub(super) progress: &'a dyn Progress,
    fields: Fields,
    withdrawn: Tombstones,
    /// Row of the manifest or folder at hand.
    source: i64,
    summary: IngestSummary,
    named: Named,
    /// What was warned about in the manifest at hand.
    complained: BTreeSet<&'static str>,
}

impl Reading<'_, '_> {
    fn folder(&mut self, root: &Path) -> Result<()> {
        let before = self.summary.records.read;
        let absolute = std::path::absolute(root).map_err(|error| Error::io("read folder", root, error))?;
        self.source = self.writer.manifest(&absolute, &readable(root.as_os_str()), false)?;
        folder::read(root, self)?;
        self.warn_if_empty(&readable(root.as_os_str()), before, "no image files in it")
    }

    fn manifest(&mut self, input: &Input) -> Result<()> {
        let mut source = Source::open(input)?;
        let shown = source.shown();
        let absolute = std::path::absolute(&source.path).map_err(|error| source.failed(error))?;
        let (key, again) = match input {
            Input::Stdin => (Path::new("-"), false),
            Input::Path(_) => (absolute.as_path(), true),
        };
        let manifest = self.writer.manifest(key, &shown, again)?;
        self.source = manifest;
        let roots = Roots::new(self.options.images.as_deref(), source.folder())
            .map_err(|error| source.failed(error))?;
        let before = self.summary.records.read;
        self.complained.clear();
        let mut each = |line: u64, columns: Result<serde_json::Map<_, _>, String>| match columns
            .and_then(|columns| self.fields.parse(columns))
        {
            Ok(parsed) => self.record(&shown, line, parsed, &roots),
            Err(detail) => self.bad_record(manifest, line, &detail),
        };
        match source.form()? {
            Form::Table(delimiter) => table::read(&mut source, delimiter, &mut each)?,
            Form::Json => json::read(&mut source, &mut each)?,
        }
        let (sha256, bytes) = source.finish()?;
        self.warn_if_empty(&shown, before, "no records in it")?;
        let records = self.summary.records.read - before;
        self.summary.manifests.push(Manifest { path: shown, sha256, bytes, records });
        Ok(())
    }

    fn record(&mut self, shown: &str, line: u64, parsed: Parsed, roots: &Roots) -> Result<()> {
        for (name, value) in &parsed.unread_times {
            self.summary.times_unread += 1;
            if self.complained.insert(name) {
                let value: String = value.chars().take(60).collect();
                self.progress.warn(&format!(
                    "{shown}, line {line}: {name} `{value}` is no time we know; left empty (others are only counted)"
                ));
            }
        }
        let places = parsed.images.into_iter().zip(0..).map(|(image, position)| Place {
            position,
            shown: image.shown().to_string(),
            found: roots.find(&image),
            declared: image.declared.map(|declared| (line, declared)),
        });
        self.ad(&parsed.ad, places)
    }

    /// Takes an ad with its images; they were looked for by whoever calls.
    pub(super) fn ad(&mut self, ad: &Ad, places: impl IntoIterator<Item = Place>) -> Result<()> {
        if self.withdrawn.ad(&ad.key) {
            self.summary.records.withdrawn += 1;
            return self.read_one(1);
        }
        let record = self.writer.record(ad)?;
        self.writer.origin(record.id, self.source)?;
        let (mut new, mut images) = (record.new, 0);
        for Place { position, shown, found, declared } in places {
            images += 1;
            new |= match found {
                Ok(located) => {
                    let file =
                        self.writer.file(&located.path, Stamp::of(&located.metadata), self.options.rehash)?;
                    let times = self.named.times.entry(file.id).or_default();
                    self.named.pending += u64::from(*times == 0 && file.pending);
                    *times += 1;
                    if let Some((line, declared)) = declared {
                        let (path, manifest) = (shown.clone(), self.source);
                        let (file, record) = (file.id, record.id);
                        self.named.claims.push(Claim {
                            file,
                            record,
                            position,
                            path,
                            manifest,
                            line,
                            declared,
                        });
                    }
                    self.writer.sighting(record.id, position, &shown, file.id)?
                }
                Err(why) => {
                    *self.summary.images.skipped.entry(why.reason).or_default() += 1;
                    self.writer.absent(record.id, position, &shown, &why)?
                }
            };
        }
        let counts = &mut self.summary.records;
        *(if new { &mut counts.used } else { &mut counts.repeated }) += 1;
        self.read_one(images + 1)
    }

    fn bad_record(&mut self, manifest: i64, line: u64, detail: &str) -> Result<()> {
        self.summary.records.malformed += 1;
        self.writer.bad_record(manifest, line, detail)?;
        self.read_one(1)
    }

    fn read_one(&mut self, weight: u32) -> Result<()> {
        self.summary.records.read += 1;
        self.progress.advance(1);
        self.writer.step(weight)?;
        if self.progress.stop_requested() {
            self.writer.commit()?;
            return Err(Error::Interrupted);
        }
        Ok(())
    }

    fn warn_if_empty(&self, shown: &str, before: u64, what: &str) -> Result<()> {
        if self.summary.records.read == before {
            self.progress.warn(&format!("{shown}: {what}"));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(IngestSummary, Named)> {
        self.writer.commit()?;
        let names = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>();
        self.summary.unknown_fields = names(self.fields.unknown);
        self.summary.dropped_fields = names(self.fields.dropped);
        let unknown = &self.summary.unknown_fields;
        if !unknown.is_empty() {
            let more = unknown.len().saturating_sub(NAMES_SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let listed = unknown[..unknown.len().min(NAMES_SHOWN)].join(", ");
            self.progress
                .warn(&format!("unknown columns left out: {listed}{more} (--map NAME=COLUMN uses one)"));
        }
        Ok((self.summary, self.named))
    }
}
