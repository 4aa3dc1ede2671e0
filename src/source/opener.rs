//! Opens what a path names: a file as it is, a member by going through its containers.
//!
//! The trap: members of a container that is compressed as a whole can only be read in their order. [`Opener`] remembers
//! how far it has read; asked in order it reads the container once, out of order from the start each time.

use super::codecs::undo;
use super::compressed::{Stream, opened};
use super::file::{self, Stamp, unreadable};
use super::limited::read;
use super::locator::{Locator, Step, through_file};
use super::region::Region;
use crate::error::{ImageError, SkipReason};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most of a container within a container that is held in memory, when it is compressed there.
const INNER: u64 = 256 << 20;

/// Reads a file or member whole, within a limit on bytes.
pub(crate) fn load(path: &Path, max_bytes: u64, buffer: &mut Vec<u8>) -> Result<Stamp, ImageError> {
    Opener::default().load(path, max_bytes, buffer)
}

/// As [`load`], into new memory.
pub(crate) fn read_file(path: &Path, max_bytes: u64) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    load(path, max_bytes, &mut bytes).map(|_| bytes)
}

/// The stamp of a file or member; `None` where there is none.
pub(crate) fn stamp(path: &Path) -> Result<Option<Stamp>, ImageError> {
    match path.metadata() {
        Ok(metadata) => return Ok(metadata.is_file().then(|| Stamp::of(&metadata))),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(ImageError::new(SkipReason::Unreadable, "no permission to look into its folder"));
        }
        Err(_) => {}
    }
    let Some(Locator { file, steps }) = through_file(path) else { return Ok(None) };
    let whole = file.metadata().map_err(unreadable)?;
    Ok(steps.last().map(|step| Stamp::of(&whole).member(step.length)))
}

/// Where a member stands in a container that can only be read in order; `None` for what can be read in any.
pub(crate) fn order(path: &Path) -> Option<(PathBuf, u64)> {
    path.file_name()?.to_str().filter(|name| name.contains("@~"))?;
    let locator = through_file(path)?;
    let place = locator.steps.iter().find(|step| step.decompressed)?.offset;
    Some((locator.file, place))
}

/// The content of a file or member as a stream.
pub(crate) fn stream(path: &Path) -> io::Result<Stream<'static>> {
    match through_file(path) {
        None => Ok(Box::new(File::open(path)?)),
        Some(locator) => match region(&locator) {
            Ok(region) => Ok(Box::new(region.reader())),
            Err(fault) => Err(io::Error::other(fault.detail)),
        },
    }
}

/// What a path names, to be read from any place.
pub(super) fn region_of(path: &Path) -> Result<Region, ImageError> {
    match through_file(path) {
        None => whole(path),
        Some(locator) => region(&locator),
    }
}

fn whole(path: &Path) -> Result<Region, ImageError> {
    let file = file::open(path)?;
    let length = file.metadata().map_err(unreadable)?.len();
    Ok(Region::Range { file: Arc::new(file), start: 0, length })
}

fn region(locator: &Locator) -> Result<Region, ImageError> {
    Opener::default().follow(&locator.file, &locator.steps, INNER)
}

/// Opens one path after the other.
#[derive(Default)]
pub(crate) struct Opener {
    cursor: Option<Cursor>,
    /// The container that was read last.
    open: Option<(PathBuf, Region, Stamp)>,
}

/// How far a compressed container has been read.
struct Cursor {
    file: PathBuf,
    steps: Vec<Step>,
    stream: Stream<'static>,
    at: u64,
}

impl Opener {
    /// Reads what a path names into `buffer`.
    pub(crate) fn load(
        &mut self,
        path: &Path,
        max_bytes: u64,
        buffer: &mut Vec<u8>,
    ) -> Result<Stamp, ImageError> {
        let Some(Locator { file, steps }) = through_file(path) else {
            return file::load(path, max_bytes, buffer);
        };
        let length = steps.last().map_or(0, |step| step.length);
        let found = self.follow(&file, &steps, max_bytes)?;
        *buffer = match found {
            Region::Memory(bytes) => Arc::unwrap_or_clone(bytes),
            range => range.bytes(max_bytes)?,
        };
        if buffer.len() as u64 > max_bytes {
            return Err(ImageError::new(
                SkipReason::TooLarge,
                format!("{} bytes, limit {max_bytes}", buffer.len()),
            ));
        }
        let stamp = self.open.as_ref().map(|(_, _, stamp)| stamp.member(length));
        stamp.ok_or_else(|| ImageError::new(SkipReason::Unreadable, "no file"))
    }

    /// The first bytes of what a path names; none of what cannot be read. Of a member that is not compressed by itself no
    /// more than those are taken.
    pub(crate) fn head(&mut self, path: &Path, most: u64) -> Vec<u8> {
        let mut head = Vec::new();
        match through_file(path) {
            Some(Locator { file, mut steps }) if steps.last().is_some_and(|step| step.codecs.is_empty()) => {
                if let Some(last) = steps.last_mut() {
                    last.length = last.length.min(most);
                }
                if let Ok(region) = self.follow(&file, &steps, most) {
                    head = region.bytes(most).unwrap_or_default();
                }
            }
            _ => {
                let read = stream(path).and_then(|stream| stream.take(most).read_to_end(&mut head));
                if read.is_err() {
                    head.clear();
                }
            }
        }
        head
    }

    fn follow(&mut self, file: &Path, steps: &[Step], limit: u64) -> Result<Region, ImageError> {
        let mut region = self.opened(file)?;
        for (place, step) in steps.iter().enumerate() {
            let last = place + 1 == steps.len();
            let limit = if last { limit } else { INNER };
            region = if step.decompressed {
                let bytes = self.further(file, &steps[..place], &region, step, limit)?;
                Region::Memory(Arc::new(bytes))
            } else {
                region.part(step.offset, step.length)?
            };
            for codec in &step.codecs {
                // Base64 takes four bytes for three, and line ends; the others make less of what they hold.
                let bytes = region.bytes(limit.saturating_mul(2).saturating_add(1 << 16))?;
                region = Region::Memory(Arc::new(undo(*codec, &bytes, limit)?));
            }
        }
        Ok(region)
    }

    fn opened(&mut self, file: &Path) -> Result<Region, ImageError> {
        if let Some((path, region, _)) = &self.open
            && path == file
        {
            return Ok(region.clone());
        }
        let region = whole(file)?;
        let stamp = Stamp::of(&file.metadata().map_err(unreadable)?);
        self.open = Some((file.to_path_buf(), region.clone(), stamp));
        Ok(region)
    }

    /// A part of what a region holds when it is decompressed, read on from where the last one ended.
    fn further(
        &mut self,
        file: &Path,
        steps: &[Step],
        region: &Region,
        part: &Step,
        limit: u64,
    ) -> Result<Vec<u8>, ImageError> {
        let broken =
            |error: io::Error| ImageError::new(SkipReason::Unreadable, format!("damaged container: {error}"));
        if part.length > limit {
            return Err(ImageError::new(
                SkipReason::TooLarge,
                format!("{} bytes, limit {limit}", part.length),
            ));
        }
        let fits = |cursor: &Cursor| cursor.file == file && cursor.steps == steps && cursor.at <= part.offset;
        let mut cursor = match self.cursor.take().filter(fits) {
            Some(cursor) => cursor,
            None => {
                let (stream, _) =
                    opened(BufReader::with_capacity(1 << 16, region.reader())).map_err(broken)?;
                Cursor { file: file.to_path_buf(), steps: steps.to_vec(), stream, at: 0 }
            }
        };
        let skip = part.offset - cursor.at;
        let skipped = io::copy(&mut (&mut cursor.stream).take(skip), &mut io::sink()).map_err(broken)?;
        let bytes = read((&mut cursor.stream).take(part.length), part.length)?;
        if skipped < skip || (bytes.len() as u64) < part.length {
            return Err(ImageError::new(SkipReason::Unreadable, "its container ends before it does"));
        }
        cursor.at = part.offset + part.length;
        self.cursor = Some(cursor);
        Ok(bytes)
    }
}
