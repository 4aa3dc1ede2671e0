//! Files below one root, by name: a folder on the disk, or an archive. What layouts of several files are found in.
//!
//! The trap: names in an archive are hostile. They are only ever compared; a file is opened by its path, which the source
//! made.

use super::address::normal;
use super::eyes::{is_hidden, is_image_name, kind_of};
use super::layout::{At, Sink};
use crate::corpus::readable;
use crate::decode::is_image;
use crate::error::{Error, Result};
use crate::ingest::record::{Bounds, Files, Located, Place};
use crate::source::{self, Container, Opener, Stamp};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Files of a folder that are held in memory; a larger folder is a folder of pictures.
const MOST: usize = 300_000;

/// As deep as folders are followed.
const DEEPEST: usize = 64;

/// Bytes by which an image is known.
const HEAD: u64 = 64;

/// A file of the tree.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Way from the root, with `/` between its parts.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
    /// Place among the files as the archive has them; 0 in a folder.
    pub(super) place: usize,
    /// What its first bytes promise, where they were looked at for want of an ending.
    promises_image: Option<bool>,
}

impl Entry {
    pub(super) fn ending(&self) -> String {
        self.file_name().rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_lowercase())
    }

    pub(super) fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// The folder it lies in; empty at the root.
    pub(super) fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether its name or its first bytes promise an image.
    pub(super) fn is_image(&self) -> bool {
        let head = || self.promises_image.unwrap_or_else(|| is_image(&self.head(HEAD)));
        is_image_name(Path::new(&self.name)) || self.ending().is_empty() && head()
    }

    /// Where it is, for an ad that shows it; its position is still to be told.
    pub(super) fn place(&self) -> Place {
        let found = Ok(Located { path: self.path.clone(), stamp: self.stamp });
        Place { position: 0, shown: self.name.clone(), found, declared: None }
    }

    pub(super) fn kind(&self) -> &'static str {
        kind_of(Path::new(&self.name))
    }

    pub(super) fn head(&self, most: u64) -> Vec<u8> {
        let mut head = Vec::new();
        let read = source::stream(&self.path).and_then(|stream| stream.take(most).read_to_end(&mut head));
        if read.is_ok() { head } else { Vec::new() }
    }
}

/// A tree of files.
#[derive(Debug)]
pub(super) struct Tree {
    /// Its name: the site of what lies directly in it.
    pub(super) site: String,
    /// Sorted by name.
    pub(super) entries: Vec<Entry>,
    /// Links that were not followed, as they lead out of the folder or nowhere.
    pub(super) links_out: u64,
    by_name: OnceCell<HashMap<String, usize>>,
    by_lower: OnceCell<HashMap<String, Option<usize>>>,
}

impl Tree {
    fn empty(site: String) -> Self {
        Self { site, entries: Vec::new(), links_out: 0, by_name: OnceCell::new(), by_lower: OnceCell::new() }
    }

    /// The files of a folder, hidden ones left out, and links that lead out of it unless `outside` allows them; `None`
    /// for one that is too large to be looked at as a whole.
    pub(super) fn of_folder(root: &Path, outside: bool) -> Result<Option<Self>> {
        let failed = |error| Error::io("read folder", root, error);
        let absolute = std::path::absolute(root).map_err(failed)?;
        let real = fs::canonicalize(root).map_err(failed)?;
        let site = real.file_name().map_or_else(|| "folder".to_string(), readable);
        let bounds = Bounds::new([root], outside).map_err(failed)?;
        let mut found = Gathered { bounds, entries: Vec::new(), links_out: 0 };
        let whole = found.below(&absolute, "", 0);
        let Gathered { mut entries, links_out, .. } = found;
        entries.sort_by(|a: &Entry, b| a.name.cmp(&b.name));
        Ok(whole.then(|| Self { entries, links_out, ..Self::empty(site) }))
    }

    /// The members of an archive; what cannot be read of it is handed on as bad records.
    pub(super) fn of_archive(path: &Path, kind: Container, sink: &mut dyn Sink) -> Result<Self> {
        let name = path.file_name().map_or_else(|| "archive".to_string(), readable);
        let site = name.split(['.', '@']).next().unwrap_or_default().to_string();
        let mut entries = Vec::new();
        match source::list(path, kind) {
            Err(fault) => sink.record(At::default(), Err(format!("{name}: {}", fault.detail)))?,
            Ok(listing) => {
                for (number, (member, reason)) in (1..).zip(&listing.unread) {
                    sink.record(At::line(number), Err(format!("{name}: {member}: {reason}")))?;
                }
                if let Some(fault) = listing.fault {
                    sink.record(At::default(), Err(format!("{name}: {fault}")))?;
                }
                let hidden = |name: &str| {
                    name.split(['/', '\\']).any(|part| {
                        part.starts_with('.') && part != "." && part != ".." || part == "__MACOSX"
                    })
                };
                let members = listing.members.into_iter().filter(|member| !hidden(&member.name));
                // In their order and with one opener: what is compressed as a whole is read through once, not once a member.
                let mut opener = Opener::default();
                entries.extend(members.enumerate().map(|(place, member)| {
                    let name = normal("", &member.name.replace('\\', "/"));
                    let (path, stamp) = (member.path, member.stamp);
                    let mut entry = Entry { name, path, stamp, place, promises_image: None };
                    if entry.ending().is_empty() {
                        entry.promises_image = Some(is_image(&opener.head(&entry.path, HEAD)));
                    }
                    entry
                }));
                // Of members with one name, the last counts, as for programs that unpack.
                entries.sort_by(|a: &Entry, b| a.name.cmp(&b.name));
                entries.reverse();
                entries.dedup_by(|a, b| a.name == b.name);
                entries.reverse();
            }
        }
        Ok(Self { entries, ..Self::empty(site) })
    }

    /// Looked up as records name files: with other letter case where only one file fits.
    fn any_case(&self, name: &str) -> Option<&Entry> {
        let by_lower = self.by_lower.get_or_init(|| {
            let mut names: HashMap<String, Option<usize>> = HashMap::new();
            for (place, entry) in self.entries.iter().enumerate() {
                let several = names.contains_key(&entry.name.to_lowercase());
                names.insert(entry.name.to_lowercase(), (!several).then_some(place));
            }
            names
        });
        by_lower.get(&name.to_lowercase()).copied().flatten().map(|place| &self.entries[place])
    }

    /// The file of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Entry> {
        let by_name = self.by_name.get_or_init(|| {
            self.entries.iter().enumerate().map(|(place, entry)| (entry.name.clone(), place)).collect()
        });
        by_name.get(name).map(|place| &self.entries[*place])
    }
}

impl Files for Tree {
    fn find(&self, base: &str, name: &str) -> Option<Located> {
        let name = normal(base, name);
        let entry = self.get(&name).or_else(|| self.any_case(&name))?;
        Some(Located { path: entry.path.clone(), stamp: entry.stamp })
    }
}

/// The files below a folder, as they are found.
struct Gathered {
    bounds: Bounds,
    entries: Vec<Entry>,
    links_out: u64,
}

impl Gathered {
    /// False when there are too many.
    fn below(&mut self, folder: &Path, name: &str, depth: usize) -> bool {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if is_hidden(&entry.file_name()) {
                continue;
            }
            if self.entries.len() >= MOST {
                return false;
            }
            let own = readable(&entry.file_name());
            let name = if name.is_empty() { own } else { format!("{name}/{own}") };
            let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
            if kind.is_dir() {
                if depth < DEEPEST && !self.below(&path, &name, depth + 1) {
                    return false;
                }
            } else if kind.is_symlink() && !self.bounds.leads_within(&path) {
                self.links_out += 1;
            } else if let Ok(metadata) = fs::metadata(&path)
                && metadata.is_file()
            {
                self.entries.push(Entry {
                    name,
                    path,
                    stamp: Stamp::of(&metadata),
                    place: 0,
                    promises_image: None,
                });
            }
        }
        true
    }
}
