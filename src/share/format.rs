//! What can be handed out: every result table and graph, hash lists, and a package of all.

use super::Profile;
use super::marks::Marks;
use super::package;
use crate::corpus::Snapshot;
use crate::error::{Error, Result};
use crate::hashlist::{CsvHashes, HashColumns, HashList, JsonHashes, ParquetHashes};
use crate::link::Findings;
use crate::output::formats;
use crate::view::Joined;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// A format by its name, which is that of the file in a result folder or package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format(&'static str);

const CSV: Format = Format("hashes.csv");
const JSONL: Format = Format("hashes.jsonl");
const PARQUET: Format = Format("hashes.parquet");
const PACKAGE: Format = Format("package");

impl Format {
    /// All formats, the package last.
    pub fn all() -> impl Iterator<Item = Self> {
        let results = formats::ALL.iter().map(|export| Self(export.file_name()));
        results.chain([CSV, JSONL, PARQUET, PACKAGE])
    }

    /// The format of that name; without its extension, or by that alone, when only one format is meant.
    pub fn from_name(name: &str) -> Option<Self> {
        let parts =
            |format: &Self| format.0.split_once('.').is_some_and(|(stem, end)| stem == name || end == name);
        let mut meant = Self::all().filter(parts);
        Self::all()
            .find(|format| format.0 == name)
            .or_else(|| meant.next().filter(|_| meant.next().is_none()))
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// True for lists of hashes, which anybody can test a photo against.
    pub(super) fn is_hashes(self) -> bool {
        [CSV, JSONL, PARQUET].contains(&self)
    }

    pub(super) fn is_package(self) -> bool {
        self == PACKAGE
    }
}

/// The file, marked.
pub(super) fn bytes(
    format: Format,
    profile: Profile,
    snapshot: &Snapshot,
    findings: &Findings,
    marks: &Marks,
) -> Result<Vec<u8>> {
    let joined = Joined::new(snapshot, findings);
    if !format.is_package() {
        return file(format, &joined, marks);
    }
    let inside = Format::all().filter(|format| !format.is_package() && profile.allows(*format));
    package::tar(inside.map(|format| Ok((format.name(), file(format, &joined, marks)?))), profile, marks)
}

fn file(format: Format, joined: &Joined<'_>, marks: &Marks) -> Result<Vec<u8>> {
    let bytes = match formats::named(format.0) {
        Some(export) => {
            let mut bytes = Vec::new();
            export.write(joined, &mut bytes).map_err(|error| Error::io("write", format.0, error))?;
            bytes
        }
        None => return hashes(format, joined, marks),
    };
    marks.put(format.0, bytes)
}

fn hashes(format: Format, joined: &Joined<'_>, marks: &Marks) -> Result<Vec<u8>> {
    let out = Shared::default();
    let columns = HashColumns { dihedral: false, views: true };
    let mut list: Box<dyn HashList> = match format {
        CSV => Box::new(CsvHashes::new(out.clone(), format.0, columns)?),
        JSONL => Box::new(JsonHashes::new(out.clone(), format.0, columns)),
        _ => {
            let mut list = ParquetHashes::new(out.clone(), format.0, columns)?;
            list.note("adlink.handling", marks.text());
            Box::new(list)
        }
    };
    for (row, image) in (0u32..).zip(&joined.snapshot.images) {
        let path = joined.sightings_of_image(row).map(|seen| &*seen.path).min().unwrap_or_default();
        list.write(path, &Ok(image.clone()))?;
    }
    list.finish()?;
    let bytes = std::mem::take(&mut *out.0.lock().unwrap_or_else(PoisonError::into_inner));
    if format == PARQUET { Ok(bytes) } else { marks.put(format.0, bytes) }
}

/// Bytes that are still there when the list that was given them is finished and gone.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
