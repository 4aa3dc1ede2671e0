//! What can be handed out: every format of the registry, and a package of all.

use crate::output::formats::{self, Export};

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
