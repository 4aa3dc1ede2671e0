//! What can be handed out: every result table and graph, hash lists, and a package of all.

use crate::output::formats;

/// A format by its name, which is that of the file in a result folder or package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format(&'static str);

pub(super) const CSV: Format = Format("hashes.csv");
pub(super) const JSONL: Format = Format("hashes.jsonl");
pub(super) const PARQUET: Format = Format("hashes.parquet");
pub(super) const PACKAGE: Format = Format("package");

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
