//! The first stage: every record into the case, every file it names into the queue of files to be read.

use super::elsewhere::{self, Elsewhere};
use super::hashing::{Claim, Named, VideoFault, VideoLimits, analysed_frame, frames, image_of_hash};
use super::options::{AdPer, IngestOptions, Input};
use super::readers::{self, At, Columns, Manifest, Sink};
use super::record::{Declared, Fields, Files, ImageRoots, Parsed, Place, Setting, two_numbers};
use super::scout::{FirstLook, names_some_of, scout};
use super::summary::{IngestSummary, ManifestRead};
use crate::case::{FileState, Tombstones, Writer};
use crate::corpus::readable;
use crate::error::{Error, ImageError, Result, SkipReason};
use crate::progress::{Progress, Stage};
use crate::record::{Ad, AdKey, ImageId};
use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

/// Names of columns that fit in a warning.
const NAMES_SHOWN: usize = 12;

/// Reads all inputs.
pub(super) fn read(
    writer: &mut Writer<'_>,
    inputs: &[Input],
    options: &IngestOptions,
    elsewhere: &Elsewhere,
    progress: &dyn Progress,
) -> Result<(IngestSummary, Named)> {
    progress.start(Stage::Reading, None);
    let mut intake = Intake {
        fields: Fields::new(&options.map, &options.keep_fields)?,
        withdrawn: writer.tombstones()?,
        source: 0,
        writer,
        options,
        elsewhere,
        taken: BTreeSet::new(),
        progress,
        summary: IngestSummary::default(),
        named: Named::default(),
        complained: BTreeSet::new(),
        within: 0,
    };
    for input in inputs {
        match input {
            Input::Path(path) if path.is_dir() => intake.folder(path)?,
            _ => intake.manifest(input)?,
        }
    }
    let (summary, named) = intake.finish()?;
    progress.finish();
    Ok((summary, named))
}

struct Intake<'a, 'c> {
    writer: &'a mut Writer<'c>,
    options: &'a IngestOptions,
    elsewhere: &'a Elsewhere,
    /// Images taken in this run as they were analysed elsewhere, by their names.
    taken: BTreeSet<ImageId>,
    progress: &'a dyn Progress,
    fields: Fields,
    withdrawn: Tombstones,
    /// Row of the manifest or folder at hand.
    source: i64,
    summary: IngestSummary,
    named: Named,
    /// What was warned about in the manifest at hand.
    complained: BTreeSet<&'static str>,
    /// Inputs within inputs that were read.
    within: u32,
}

/// A manifest's records on their way into the case.
struct Records<'a, 'i, 'c> {
    intake: &'a mut Intake<'i, 'c>,
    shown: &'a str,
    roots: &'a ImageRoots,
    /// Inputs around this one.
    depth: usize,
}

/// Archives within archives that are followed.
const DEEPEST: usize = 4;

/// Inputs within others that are read in a run: more than anybody collects, and an end to archives that hold sixteen others
/// each, all the way down.
const MOST_WITHIN: u32 = 4096;

impl Sink for Records<'_, '_, '_> {
    fn record(&mut self, at: At, columns: Result<Columns, String>) -> Result<()> {
        match columns.and_then(|columns| self.intake.fields.parse(columns)) {
            Ok(parsed) => self.intake.record(self.shown, at, parsed, self.roots),
            Err(detail) => self.intake.bad_record(at.line, &detail),
        }
    }

    fn shown(&mut self, _: At, columns: Columns, places: Vec<Place>) -> Result<()> {
        match self.intake.fields.parse(columns) {
            Ok(parsed) => self.intake.take(&parsed.ad, places),
            Err(detail) => self.intake.bad_record(0, &detail),
        }
    }

    fn ad(&mut self, ad: &Ad, places: Vec<Place>) -> Result<()> {
        self.intake.take(ad, places)
    }

    fn note(&mut self, once: &'static str, message: &str) {
        let shown = self.shown;
        self.intake.once(once, || format!("{shown}: {message}"));
    }

    fn unused(&mut self, kind: &str, number: u64) {
        *self.intake.summary.unused.entry(kind.to_string()).or_default() += number;
    }

    fn nested(&mut self, path: &Path, name: &str, files: &Rc<dyn Files>, base: &str) -> Result<()> {
        if self.depth >= DEEPEST {
            self.note(
                "depth",
                &format!(
                    "{name}: an archive within {DEEPEST} others is not read: give it as an input of its own"
                ),
            );
            self.unused("archive too deep in others", 1);
            return Ok(());
        }
        if self.intake.within >= MOST_WITHIN {
            self.note("within", &format!("more than {MOST_WITHIN} archives and lists lie in others; {name} and those after it are not read: give them as inputs of their own"));
            self.unused(&format!("archive or list beyond the first {MOST_WITHIN} within others"), 1);
            return Ok(());
        }
        self.intake.within += 1;
        let prefixes = &self.intake.options.strip_prefixes;
        let mut roots = ImageRoots::within(Rc::clone(files), base, prefixes);
        roots.manifest = Some(path.to_path_buf());
        let input = Input::Path(path.to_path_buf());
        let opened = Manifest::open(&input).and_then(|mut manifest| {
            let reader = readers::reader_of(&mut manifest)?;
            Ok((manifest, reader))
        });
        let (mut manifest, reader) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.intake.bad_record(0, &format!("{name}: {}", with_cause(&error))),
        };
        if reader.has_columns()
            && let Ok(found) = scout(&input, reader, &self.intake.fields, self.intake.options.dates)
        {
            self.intake.fields.setting.posted_days = found.posted_days.or(self.intake.options.dates);
            self.intake.fields.setting.collected_days = found.collected_days.or(self.intake.options.dates);
        }
        let shown = format!("{}/{name}", self.shown);
        let mut inner = Records { intake: self.intake, shown: &shown, roots: &roots, depth: self.depth + 1 };
        match reader.read(&mut manifest, &mut inner) {
            // What cannot be read of one of many is a fault of that one.
            Err(error @ (Error::Manifest { .. } | Error::Io { .. })) => {
                self.intake.bad_record(0, &format!("{name}: {}", with_cause(&error)))
            }
            other => other,
        }
    }

    fn names_any_of(&self, path: &Path, files: &Rc<dyn Files>, base: &str) -> bool {
        let roots = ImageRoots::within(Rc::clone(files), base, &self.intake.options.strip_prefixes);
        names_some_of(path, &roots, &self.intake.fields)
    }

    fn ad_per(&self) -> AdPer {
        self.intake.options.ad_per
    }

    fn takes_videos(&self) -> bool {
        self.intake.options.ffmpeg.is_some()
    }

    fn allows_outside(&self) -> bool {
        self.intake.options.allow_outside
    }
}

impl Intake<'_, '_> {
    fn folder(&mut self, root: &Path) -> Result<()> {
        let before = self.summary.records.read;
        let absolute = std::path::absolute(root).map_err(|error| Error::io("read folder", root, error))?;
        let shown = readable(root.as_os_str());
        self.source = self.writer.manifest(&absolute, &shown, false)?;
        self.complained.clear();
        // Of a folder there are no records, only ads: no image is looked for.
        let roots =
            ImageRoots::new(None, root, &[], false).map_err(|error| Error::io("read folder", root, error))?;
        self.fields.setting = self.setting(&Input::Path(root.to_path_buf()), &absolute.join("manifest"));
        readers::read_folder(root, &mut Records { intake: self, shown: &shown, roots: &roots, depth: 0 })?;
        self.warn_if_empty(&shown, before, "no image files in it")
    }

    fn manifest(&mut self, input: &Input) -> Result<()> {
        let mut manifest = Manifest::open(input)?;
        let shown = manifest.shown();
        let absolute = std::path::absolute(&manifest.path).map_err(|error| manifest.failed(error))?;
        let (key, again) = match input {
            Input::Stdin => (Path::new("-"), false),
            Input::Records { .. } => (absolute.as_path(), false),
            Input::Path(_) => (absolute.as_path(), true),
        };
        let IngestOptions { images, strip_prefixes, allow_outside, .. } = self.options;
        let mut roots = ImageRoots::new(images.as_deref(), manifest.folder(), strip_prefixes, *allow_outside)
            .map_err(|error| manifest.failed(error))?;
        roots.manifest = again.then(|| absolute.clone());
        let reader = readers::reader_of(&mut manifest)?;
        self.fields.setting = self.setting(input, &absolute);
        // A pipe can be read once.
        let twice = matches!(input, Input::Path(path) if path.is_file());
        if twice && reader.has_columns() {
            let found = scout(input, reader, &self.fields, self.options.dates)?;
            self.heed(&found, &mut roots);
        }
        self.source = self.writer.manifest(key, &shown, again)?;
        let before = self.summary.records.read;
        self.complained.clear();
        reader.read(&mut manifest, &mut Records { intake: self, shown: &shown, roots: &roots, depth: 0 })?;
        let (sha256, bytes) = manifest.finish()?;
        self.warn_if_empty(&shown, before, "no records in it")?;
        let records = self.summary.records.read - before;
        self.summary.manifests.push(ManifestRead { path: shown, sha256, bytes, records });
        Ok(())
    }

    /// What holds for all records of a manifest before any is read.
    fn setting(&self, input: &Input, path: &Path) -> Setting {
        let folder = match input {
            Input::Stdin | Input::Records { .. } => None,
            Input::Path(_) => path.parent().and_then(Path::file_name).map(readable),
        };
        let days = self.options.dates;
        Setting { site: self.options.site.clone(), folder, posted_days: days, collected_days: days }
    }

    /// Uses what a first look at a manifest told.
    fn heed(&mut self, found: &FirstLook, roots: &mut ImageRoots) {
        let setting = &mut self.fields.setting;
        setting.posted_days = setting.posted_days.or(found.posted_days);
        setting.collected_days = setting.collected_days.or(found.collected_days);
        let learnt =
            if self.options.strip_prefixes.is_empty() { roots.learn_prefix(&found.images) } else { None };
        if let Some(prefix) = learnt {
            self.progress.warn(&format!(
                "image paths are of another machine: `{prefix}` is taken off each (--strip-prefix says so without guessing)"
            ));
        }
        for name in &found.likely_images {
            if !self.summary.likely_images.contains(name) {
                self.summary.likely_images.push(name.clone());
            }
        }
    }

    fn record(&mut self, shown: &str, at: At, parsed: Parsed, roots: &ImageRoots) -> Result<()> {
        let line = at.line;
        for (name, value) in &parsed.unread_times {
            self.summary.times_unread += 1;
            let value: String = value.chars().take(60).collect();
            let hint = if two_numbers(&value).is_some() {
                "; --dates dmy or --dates mdy says what comes first"
            } else {
                ""
            };
            self.once(name, || {
                format!("{shown}, line {line}: {name} `{value}` is no time we know; left empty (others are only counted){hint}")
            });
        }
        if parsed.assumed.site {
            let site = &parsed.ad.key.site;
            self.once("site", || format!("{shown}: records without a site are taken for `{site}`, the folder (--site NAME says otherwise)"));
        }
        if parsed.assumed.ad_id {
            self.once("ad_id", || {
                format!("{shown}: records without an id or address are ads by the name of their first image")
            });
        }
        self.summary.videos += parsed.videos.len() as u64;
        let first = parsed.images.len() as u32;
        // One that is not there is a video that was not looked at, as all of them are without ffmpeg.
        let looked_at = parsed.videos.iter().filter(|_| self.options.ffmpeg.is_some());
        let videos = looked_at.zip(first..).filter_map(|(video, position)| {
            let found = Ok(roots.find(video).ok()?);
            Some(Place { position, shown: video.shown().to_string(), found, declared: None })
        });
        let videos: Vec<Place> = videos.collect();
        let places = parsed.images.into_iter().zip(0..).map(|(image, position)| {
            let written = image.path.as_deref().filter(|path| path.starts_with("data:"));
            let label = format!("image {}", position + 1);
            let (shown, found) = match written {
                Some(address) => (format!("data: {label}"), roots.find_written(address, at.offset, &label)),
                None => (image.shown().to_string(), roots.find(&image)),
            };
            let declared = image.declared.map(|declared| (line, declared));
            Place { position, shown, found, declared }
        });
        self.take(&parsed.ad, places.chain(videos))
    }

    /// Warns of something a single time for each manifest.
    fn once(&mut self, what: &'static str, message: impl FnOnce() -> String) {
        if self.complained.insert(what) {
            self.progress.warn(&message());
        }
    }

    /// Takes an ad with its images; they were looked for by whoever calls.
    fn take(&mut self, ad: &Ad, places: impl IntoIterator<Item = Place>) -> Result<()> {
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
                Ok(located) if self.options.ffmpeg.is_some() && readers::is_video_name(&located.path) => {
                    self.video(&ad.key, record.id, position, &shown, &located.path)?
                }
                Ok(located) => {
                    let file = self.writer.file(&located.path, located.stamp, self.options.rehash)?;
                    self.shows(record.id, position, shown, file, declared)?
                }
                Err(why) => match self.analysed_elsewhere(&shown, &why)?.unwrap_or(Err(why)) {
                    Ok(file) => self.shows(record.id, position, shown, file, declared)?,
                    Err(why) => {
                        self.without_file(&ad.key, record.id, position, &shown, why, declared.as_ref())?
                    }
                },
            };
        }
        let counts = &mut self.summary.records;
        *(if new { &mut counts.used } else { &mut counts.repeated }) += 1;
        self.read_one(images + 1)
    }

    /// Notes that a record shows a file; true when that was new.
    fn shows(
        &mut self,
        record: i64,
        position: u32,
        path: String,
        file: FileState,
        declared: Option<(u64, Box<Declared>)>,
    ) -> Result<bool> {
        let times = self.named.times.entry(file.id).or_default();
        self.named.pending += u64::from(*times == 0 && file.pending);
        *times += 1;
        let new = self.writer.sighting(record, position, &path, file.id)?;
        if let Some((line, declared)) = declared {
            let (file, manifest) = (file.id, self.source);
            self.named.claims.push(Claim { file, record, position, path, manifest, line, declared });
        }
        Ok(new)
    }

    /// The file row of an image that is not here and was analysed elsewhere, or why it could not be used there.
    fn analysed_elsewhere(
        &mut self,
        shown: &str,
        why: &ImageError,
    ) -> Result<Option<Result<FileState, ImageError>>> {
        if !matches!(why.reason, SkipReason::Missing | SkipReason::NotLocal | SkipReason::Outside) {
            return Ok(None);
        }
        let IngestOptions { limits, features, strip_prefixes, .. } = self.options;
        let names = elsewhere::names(shown, strip_prefixes);
        let analysed = match self.elsewhere.of_name(&names, limits, *features)? {
            None => return Ok(None),
            Some(Err(why)) => return Ok(Some(Err(why))),
            Some(Ok(analysed)) => analysed,
        };
        let id = analysed.digests.sha256;
        if self.withdrawn.image(&id) {
            return Ok(Some(Err(ImageError::new(SkipReason::Withdrawn, "withdrawn from this case"))));
        }
        if self.taken.insert(id) {
            let known = self.writer.has_analysed(&id)?;
            self.summary.images.taken += u64::from(!known && analysed.outcome.is_ok());
            self.writer.content(&analysed)?;
        }
        Ok(Some(Ok(FileState { id: self.writer.fileless(&id)?, pending: false })))
    }

    /// The frames of a video, each an image `clip.mp4#t=12.4`; true when one was new. They have no file of their own: what
    /// is known of them is what is found now.
    fn video(&mut self, ad: &AdKey, record: i64, position: u32, shown: &str, path: &Path) -> Result<bool> {
        let Some(ffmpeg) = self.options.ffmpeg.as_deref().filter(|_| path.is_file()) else {
            let why = ImageError::new(
                SkipReason::Unsupported,
                "a video in an archive; unpack it, since frames are taken of files only",
            );
            return self.without_file(ad, record, position, shown, why, None);
        };
        let keypoints = usize::from(self.options.features);
        let mut found = Vec::new();
        let stop = || self.progress.stop_requested();
        let outcome = frames(ffmpeg, path, VideoLimits::default(), &stop, &mut |frame| {
            found.push((frame.at, analysed_frame(&frame.picture, &self.options.limits, keypoints)));
        });
        let fault = match outcome {
            Err(VideoFault::Stopped) => return Err(Error::Interrupted),
            Err(VideoFault::Said(why)) => Some(ImageError::new(SkipReason::Unreadable, why)),
            Ok(()) => None,
        };
        let mut new = false;
        found.retain(|(_, frame)| !self.withdrawn.image(&frame.digests.sha256));
        for (at, analysed) in found {
            let shown = format!("{shown}#t={at}");
            match &analysed.outcome {
                Ok(image) => {
                    self.summary.images.frames += 1;
                    new |= self.writer.hash_only(record, position, &shown, image)?;
                    self.writer.content(&analysed)?;
                }
                Err(why) => new |= self.without_file(ad, record, position, &shown, why.clone(), None)?,
            }
        }
        match fault {
            None => Ok(new),
            Some(why) => Ok(self.without_file(ad, record, position, shown, why, None)? || new),
        }
    }

    /// An image for which there is no file: known by the hash that the record gives, or absent; true when that was new.
    fn without_file(
        &mut self,
        ad: &AdKey,
        record: i64,
        position: u32,
        shown: &str,
        why: ImageError,
        declared: Option<&(u64, Box<Declared>)>,
    ) -> Result<bool> {
        let why = match declared.and_then(|(_, declared)| image_of_hash(declared, ad, position)) {
            Some(Ok(image)) => {
                self.summary.images.by_hash += 1;
                return self.writer.hash_only(record, position, shown, &image);
            }
            Some(Err(detail)) => ImageError::new(SkipReason::Malformed, detail),
            None => why,
        };
        *self.summary.images.skipped.entry(why.reason).or_default() += 1;
        self.writer.absent(record, position, shown, &why)
    }

    fn bad_record(&mut self, line: u64, detail: &str) -> Result<()> {
        self.summary.records.malformed += 1;
        self.writer.bad_record(self.source, line, detail)?;
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
        if let Some(said) = self.fields.missing.values().next() {
            return Err(no_column(said, &self.fields));
        }
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

/// An error in one line, with what caused it.
fn with_cause(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// A column that `--map` names and no input has.
fn no_column(said: &str, fields: &Fields) -> Error {
    let column = said.split_once('=').map_or(said, |(_, column)| column);
    let near = fields.near(column);
    let hint = if near.is_empty() {
        "look at the first line of the input".into()
    } else {
        format!("the input has {}", near.join(", "))
    };
    Error::Fruitless { what: format!("--map {said}: there is no column `{column}`"), hint }
}
