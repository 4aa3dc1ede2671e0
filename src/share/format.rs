//! What can be handed out: every format of the registry, and a package of all.

use super::Profile;
use super::marks::Marks;
use super::package;
use crate::corpus::Snapshot;
use crate::error::{Error, Result};
use crate::link::Findings;
use crate::output::formats::{self, Export};
use crate::view::Joined;

/// A format by its name, which is that of the file in a result folder or package.
#[derive(Clone, Copy)]
pub struct Format(Form);

#[derive(Clone, Copy)]
enum Form {
    File(&'static dyn Export),
    Package,
}

impl Format {
    /// All formats, the package last.
    pub fn all() -> impl Iterator<Item = Self> {
        formats::ALL.into_iter().map(Form::File).chain([Form::Package]).map(Self)
    }

    /// The format of that name; without its extension, or by that alone, when only one format is meant.
    pub fn from_name(name: &str) -> Option<Self> {
        let parts = |format: &Self| {
            format.name().split_once('.').is_some_and(|(stem, end)| stem == name || end == name)
        };
        let mut meant = Self::all().filter(parts);
        Self::all()
            .find(|format| format.name() == name)
            .or_else(|| meant.next().filter(|_| meant.next().is_none()))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.file().map_or("package", Export::file_name)
    }

    /// What is written; `None` for the package.
    pub(super) fn file(self) -> Option<&'static dyn Export> {
        match self.0 {
            Form::File(export) => Some(export),
            Form::Package => None,
        }
    }
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Format({})", self.name())
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Format {}

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
