//! What can be handed out: every format of the registry, and a package of all.

use crate::output::formats::{self, Export, Home};

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

    /// The format of that name; without its extension, or by that alone, when only one format is meant. Formats that are
    /// made by name only give way to the others.
    pub fn from_name(name: &str) -> Option<Self> {
        let parts = |format: &Self| {
            format.name().split_once('.').is_some_and(|(stem, end)| stem == name || end == name)
        };
        let (by_name, usual): (Vec<Self>, Vec<Self>) = Self::all()
            .filter(parts)
            .partition(|format| format.file().is_some_and(|file| file.home() == Home::Order));
        let meant = if usual.is_empty() { by_name } else { usual };
        Self::all().find(|format| format.name() == name).or_else(|| match meant[..] {
            [only] => Some(only),
            _ => None,
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_mean_what_they_meant_and_nothing_when_they_mean_several() {
        for (name, meant) in [
            ("graphml", Some("graph.graphml")),
            ("parquet", Some("hashes.parquet")),
            ("pairs", Some("pairs.csv")),
            ("followthemoney", Some("followthemoney.jsonl")),
            ("case-uco", Some("case-uco.jsonld")),
            ("geojson", Some("sightings.geojson")),
            ("vics", Some("vics.json")),
            ("links.parquet", Some("links.parquet")),
            ("package", Some("package")),
            ("json", None),
            ("links", None),
            ("csv", None),
            ("", None),
        ] {
            assert_eq!(Format::from_name(name).map(Format::name), meant, "{name}");
        }
    }
}
