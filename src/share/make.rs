//! Makes a file in the format wanted, every part of it marked.
//!
//! The trap: formats that can hold a note get the marking as one; all others are marked by what is put around them.

use super::format::Format;
use super::marks::Marks;
use super::package;
use super::profile::Profile;
use crate::corpus::Snapshot;
use crate::error::{Error, Result};
use crate::link::Findings;
use crate::output::formats::Export;
use crate::view::Joined;

/// The file, marked.
pub(super) fn bytes(
    format: Format,
    profile: Profile,
    snapshot: &Snapshot,
    findings: &Findings,
    marks: &Marks,
) -> Result<Vec<u8>> {
    let joined = Joined::new(snapshot, findings);
    if let Some(export) = format.file() {
        return file(export, &joined, marks);
    }
    let inside = Format::all().filter(|format| profile.allows(*format)).filter_map(Format::file);
    package::tar(inside.map(|export| Ok((export.file_name(), file(export, &joined, marks)?))), profile, marks)
}

fn file(export: &dyn Export, joined: &Joined<'_>, marks: &Marks) -> Result<Vec<u8>> {
    let name = export.file_name();
    let failed = |error| Error::io("write", name, error);
    let mut bytes = Vec::new();
    if let Some(written) = export.write_with_note(joined, marks.text(), &mut bytes) {
        return written.map(|_| bytes).map_err(failed);
    }
    export.write(joined, &mut bytes).map_err(failed)?;
    marks.put(name, bytes)
}
