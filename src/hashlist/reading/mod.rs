//! Hash lists of others, read one entry at a time: what a bank is filled from.
//!
//! `form` tells layouts apart by content; `line`, `table`, `json_lines`, `document`, `ncmec` and `columnar` each read
//! one; `fields` makes an entry of named values, whatever the layout. What cannot be read is refused with its file
//! and line, counted, and the reading goes on. The trap: a digest is hex, too. Only its length, or a word beside it,
//! tells an MD5 from a hash that lost its leading zeros.

#[cfg(feature = "parquet")]
mod columnar;
mod digits;
mod document;
mod elements;
mod fields;
mod form;
mod json_lines;
mod line;
mod ncmec;
mod note;
mod stopncii;
mod stream;
mod table;
mod tally;
mod vics;

pub use digits::BareDigits;
pub use tally::{ListTally, RefusedLine};

use crate::corpus::{ListEnd, ListItem, ListOrigin, NewList};
use crate::error::{Error, Result};
use crate::record::hex;
use form::ListForm;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use stream::ListStream;
use tally::ListIntake;

/// What becomes of entries of the bank that a list does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// They go when the list is whole: of a kind that says all there is, read without a fault, and not empty.
    #[default]
    AsTheListSays,
    /// They stay: the list says what is new.
    Keep,
    /// They go.
    Remove,
}

impl Missing {
    /// Whether they go from a list of so many entries that says all there is, or not. One without entries is more
    /// likely a wrong file than the news that nothing is wanted any more.
    pub(super) const fn goes(self, entries: u64, whole: bool) -> bool {
        match self {
            Self::AsTheListSays => whole && entries > 0,
            Self::Keep => false,
            Self::Remove => true,
        }
    }
}

/// Where a list is read from.
pub enum ListSource<'s> {
    /// A file, or a folder of pages that are read in the order of their names.
    Path(&'s Path),
    /// A stream, under its name.
    Stream(&'s str, Box<dyn Read + 's>),
}

/// A list on its way in.
pub struct HashListReader<'s> {
    source: Option<ListSource<'s>>,
    /// What 64 hex digits are of which nothing else is said.
    pub bare: BareDigits,
    /// What becomes of entries that the list does not name.
    pub missing: Missing,
    /// What was met so far.
    pub tally: ListTally,
}

impl<'s> HashListReader<'s> {
    /// Ready to be read once.
    pub fn new(source: ListSource<'s>) -> Self {
        Self {
            source: Some(source),
            bare: BareDigits::default(),
            missing: Missing::default(),
            tally: ListTally::default(),
        }
    }

    fn source(
        &mut self,
        source: ListSource<'s>,
        take: &mut dyn FnMut(ListItem) -> Result<()>,
    ) -> Result<ListOrigin> {
        match source {
            ListSource::Stream(name, reader) => self.stream(name.as_ref(), name, reader, take),
            ListSource::Path(path) if path.is_dir() => self.pages(path, take),
            ListSource::Path(path) => self.file(path, take),
        }
    }

    /// The pages of one list: XML, one file after the other.
    fn pages(&mut self, folder: &Path, take: &mut dyn FnMut(ListItem) -> Result<()>) -> Result<ListOrigin> {
        let mut digest = Sha256::new();
        for page in pages_of(folder)? {
            let origin = self.file(&page, take)?;
            let name = page.file_name().unwrap_or_default().to_string_lossy();
            digest.update(format!("{}  {name}\n", origin.sha256));
        }
        Ok(ListOrigin { file: shown(folder), sha256: hex(&digest.finalize()) })
    }

    fn file(&mut self, path: &Path, take: &mut dyn FnMut(ListItem) -> Result<()>) -> Result<ListOrigin> {
        let opened = fs::File::open(path).map_err(|error| Error::io("read", path, error))?;
        #[cfg(feature = "parquet")]
        if columnar::is_columnar(&opened).map_err(|error| Error::io("read", path, error))? {
            let mut intake = ListIntake::new(path, self.bare, &mut self.tally, take);
            columnar::read(&opened, &mut intake)?;
            return Ok(ListOrigin { file: shown(path), sha256: crate::source::file_digest(opened, path)? });
        }
        self.stream(path, &shown(path), Box::new(opened), take)
    }

    fn stream(
        &mut self,
        path: &Path,
        name: &str,
        reader: Box<dyn Read + '_>,
        take: &mut dyn FnMut(ListItem) -> Result<()>,
    ) -> Result<ListOrigin> {
        let mut stream = ListStream::new(reader, path);
        let form = ListForm::of(stream.head()?, self.bare);
        let mut intake = ListIntake::new(path, self.bare, &mut self.tally, take);
        match form {
            ListForm::Nothing => {
                let reason =
                    "no hash to begin with, and no column or field of a name such as `pdq`, `hash`, `md5`";
                return Err(Error::Table { path: path.into(), line: 1, reason: reason.into() });
            }
            ListForm::Lines => line::read(&mut stream, &mut intake)?,
            ListForm::Table(start) => table::read(&mut stream, start, &mut intake)?,
            ListForm::JsonLines => json_lines::read(&mut stream, &mut intake)?,
            ListForm::Document => document::read(&mut stream, &mut intake)?,
            ListForm::Xml => ncmec::read(&mut stream, &mut intake)?,
        }
        Ok(ListOrigin { file: name.into(), sha256: hex(&stream.digest()?) })
    }
}

impl NewList for HashListReader<'_> {
    fn read(&mut self, take: &mut dyn FnMut(ListItem) -> Result<()>) -> Result<ListEnd> {
        let origin = match self.source.take() {
            Some(source) => self.source(source, take)?,
            None => ListOrigin::default(),
        };
        let whole = !self.tally.is_feed && self.tally.refused == 0;
        Ok(ListEnd { origin, removes_missing: self.missing.goes(self.tally.entries, whole) })
    }
}

fn pages_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: io::Error| Error::io("read folder", folder, error);
    let entries = fs::read_dir(folder).map_err(failed)?.collect::<io::Result<Vec<_>>>().map_err(failed)?;
    let is_page = |path: &PathBuf| {
        path.is_file() && path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xml"))
    };
    let mut pages: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).filter(is_page).collect();
    pages.sort_unstable();
    if pages.is_empty() {
        let reason = "a folder without pages of a list (`.xml`)".into();
        return Err(Error::Table { path: folder.into(), line: 0, reason });
    }
    Ok(pages)
}

fn shown(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
