//! The folders that a browser may look into and name files of.
//!
//! The trap: a path can leave a folder by `..` or by a link on the way. So paths are resolved by the system first, and
//! what comes of it must lie within a root that was resolved, too.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Entries of a folder that are listed.
const MOST: usize = 2000;

/// The folders that were given, resolved.
#[derive(Debug, Clone)]
pub(super) struct VisibleRoots(Vec<PathBuf>);

/// A folder as it is shown.
#[derive(Debug)]
pub(super) struct FolderView {
    pub(super) folder: PathBuf,
    /// The folder around it, where that is within a root.
    pub(super) above: Option<PathBuf>,
    /// Folders first, then by name.
    pub(super) entries: Vec<FolderEntry>,
    /// Further entries, hidden ones and such whose name is no text left out of it.
    pub(super) more: usize,
}

/// A file or folder.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FolderEntry {
    /// False sorts first.
    pub(super) is_file: bool,
    pub(super) name: String,
    pub(super) path: String,
    pub(super) bytes: u64,
}

impl VisibleRoots {
    /// The folders that can be resolved, each once.
    ///
    /// # Errors
    /// A folder that is not there.
    pub(super) fn new(folders: &[PathBuf]) -> Result<Self> {
        let mut roots = Vec::new();
        for folder in folders {
            let real = fs::canonicalize(folder).map_err(|error| Error::io("look into", folder, error))?;
            if !roots.contains(&real) {
                roots.push(real);
            }
        }
        Ok(Self(roots))
    }

    pub(super) fn all(&self) -> &[PathBuf] {
        &self.0
    }

    /// The file or folder of this path, resolved, if it is there and within a root.
    pub(super) fn existing(&self, path: &str) -> Option<PathBuf> {
        let real = fs::canonicalize(path).ok()?;
        self.0.iter().any(|root| real.starts_with(root)).then_some(real)
    }

    /// The path of a new file or folder of this name in a folder within a root.
    pub(super) fn new_in(&self, folder: &str, name: &str) -> Option<PathBuf> {
        let plain = |c: char| !c.is_control() && !"/\\:*?\"<>|".contains(c);
        let named = !name.trim().is_empty() && !name.starts_with('.') && name.len() < 200;
        let folder = self.existing(folder).filter(|folder| folder.is_dir())?;
        (named && name.chars().all(plain)).then(|| folder.join(name.trim()))
    }

    /// What a folder holds that can be chosen.
    pub(super) fn list(&self, path: &str) -> Option<FolderView> {
        let folder = self.existing(path)?;
        let mut entries: Vec<FolderEntry> =
            fs::read_dir(&folder).ok()?.filter_map(|entry| self.entry(&entry.ok()?)).collect();
        entries.sort();
        let more = entries.len().saturating_sub(MOST);
        entries.truncate(MOST);
        let above = folder.parent().filter(|above| self.0.iter().any(|root| above.starts_with(root)));
        Some(FolderView { above: above.map(Path::to_path_buf), folder, entries, more })
    }

    /// Hidden entries, links that lead out, and names that are no text are not shown.
    fn entry(&self, entry: &fs::DirEntry) -> Option<FolderEntry> {
        let name = entry.file_name().into_string().ok().filter(|name| !name.starts_with('.'))?;
        let path = entry.path().to_str()?.to_string();
        if entry.file_type().ok()?.is_symlink() {
            self.existing(&path)?;
        }
        let found = fs::metadata(&path).ok().filter(|found| found.is_dir() || found.is_file())?;
        Some(FolderEntry { is_file: found.is_file(), name, path, bytes: found.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_roots_is_reached_or_shown() {
        let top = tempfile::tempdir().unwrap();
        let path = |name: &str| top.path().join(name).to_str().unwrap().to_string();
        for folder in ["in/below", "out", "inside-by-name"] {
            fs::create_dir_all(path(folder)).unwrap();
        }
        fs::write(path("out/secret.csv"), "x").unwrap();
        fs::write(path("in/ads.csv"), "x").unwrap();
        fs::write(path("in/.hidden"), "x").unwrap();
        let roots = VisibleRoots::new(&[path("in").into()]).unwrap();
        for inside in ["in", "in/below", "in/ads.csv", "in/below/../ads.csv", "out/../in/ads.csv"] {
            assert!(roots.existing(&path(inside)).is_some(), "{inside}");
        }
        for outside in ["out", "out/secret.csv", "in/../out", "inside-by-name", "", "in/none", "/etc/passwd"]
        {
            assert!(roots.existing(&path(outside)).is_none(), "{outside}");
        }
        assert!(roots.existing("/etc/passwd").is_none());
        assert!(roots.new_in(&path("in"), "new.adlink").is_some());
        for name in ["", "..", ".x", "a/b", "../x", "a\\b", "a\0b"] {
            assert!(roots.new_in(&path("in"), name).is_none(), "{name}");
        }
        assert!(roots.new_in(&path("out"), "new.adlink").is_none());
        let listing = roots.list(&path("in")).unwrap();
        let names: Vec<&str> = listing.entries.iter().map(|entry| &*entry.name).collect();
        assert_eq!((names, listing.above), (vec!["below", "ads.csv"], None));
        assert!(roots.list(&path("in/below")).unwrap().above.is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_is_neither_followed_nor_shown() {
        let top = tempfile::tempdir().unwrap();
        let path = |name: &str| top.path().join(name);
        fs::create_dir_all(path("in")).unwrap();
        fs::create_dir_all(path("out")).unwrap();
        std::os::unix::fs::symlink(path("out"), path("in/link")).unwrap();
        let roots = VisibleRoots::new(&[path("in")]).unwrap();
        let inside = path("in");
        assert!(roots.list(inside.to_str().unwrap()).unwrap().entries.is_empty());
        assert!(roots.existing(path("in/link").to_str().unwrap()).is_none());
        assert!(roots.new_in(path("in/link").to_str().unwrap(), "x.csv").is_none());
    }
}
