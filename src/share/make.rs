//! Makes a file in the format wanted, every part of it marked.

use super::format::{CSV, Format, JSONL, PARQUET};
use super::marks::Marks;
use super::package;
use super::profile::Profile;
use crate::corpus::Snapshot;
use crate::error::{Error, Result};
use crate::hashlist::{CsvHashes, HashColumns, HashList, JsonHashes, ParquetHashes};
use crate::link::Findings;
use crate::output::formats;
use crate::view::Joined;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

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
    let bytes = match formats::named(format.name()) {
        Some(export) => {
            let mut bytes = Vec::new();
            export.write(joined, &mut bytes).map_err(|error| Error::io("write", format.name(), error))?;
            bytes
        }
        None => return hashes(format, joined, marks),
    };
    marks.put(format.name(), bytes)
}

fn hashes(format: Format, joined: &Joined<'_>, marks: &Marks) -> Result<Vec<u8>> {
    let out = Shared::default();
    let columns = HashColumns { dihedral: false, views: true };
    let mut list: Box<dyn HashList> = match format {
        CSV => Box::new(CsvHashes::new(out.clone(), format.name(), columns)?),
        JSONL => Box::new(JsonHashes::new(out.clone(), format.name(), columns)),
        _ => {
            let mut list = ParquetHashes::new(out.clone(), format.name(), columns)?;
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
    if format == PARQUET { Ok(bytes) } else { marks.put(format.name(), bytes) }
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
