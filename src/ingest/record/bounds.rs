//! How far names of an input may lead: into the folders that were named, and no further.
//!
//! Names come out of scrapes, and whoever writes an ad could have adlink read any file of the analyst by its path, or by a
//! link. The trap: to refuse only what exists would tell what exists. So a name is judged by where it leads before
//! anything is looked for there, and a link that leads out is refused whether or not its end is there.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Folders whose links are remembered; beyond that they are looked at again.
const REMEMBERED: usize = 100_000;

/// The folders that names may lead into.
#[derive(Debug)]
pub(in crate::ingest) struct Bounds {
    /// As named, absolute and without `..`.
    named: Vec<PathBuf>,
    /// Where they really are.
    real: Vec<PathBuf>,
    /// No bounds at all.
    open: bool,
    /// Folders that were looked at, and whether they are within.
    known: RefCell<HashMap<PathBuf, bool>>,
}

impl Bounds {
    /// Names may lead into these folders, or, with `open`, anywhere.
    ///
    /// # Errors
    /// When there is no current folder to which a relative one could be.
    pub(in crate::ingest) fn new<'f>(
        folders: impl IntoIterator<Item = &'f Path>,
        open: bool,
    ) -> io::Result<Self> {
        let absolute = |folder: &'f Path| {
            std::path::absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
        };
        let named: Vec<PathBuf> = folders
            .into_iter()
            .map(|folder| absolute(folder).map(|path| plain(&path)))
            .collect::<Result<_, _>>()?;
        let real = named.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
        Ok(Self { named, real, open, known: RefCell::default() })
    }

    /// Names lead nowhere.
    pub(in crate::ingest) fn none() -> Self {
        Self { named: Vec::new(), real: Vec::new(), open: false, known: RefCell::default() }
    }

    /// The path to look at for a name, an absolute one; `None` for one that leads out.
    pub(in crate::ingest) fn within(&self, path: PathBuf) -> Option<PathBuf> {
        if self.open {
            return Some(path);
        }
        let ways = path.components().any(|part| part == Component::ParentDir);
        let path = if ways { plain(&path) } else { path };
        let named = self.named.iter().chain(&self.real).any(|folder| path.starts_with(folder));
        (named && self.is_real(&path)).then_some(path)
    }

    /// Whether no link on the way leads out.
    fn is_real(&self, path: &Path) -> bool {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => self.leads_within(path),
            Ok(found) if found.is_dir() => self.folder(path),
            _ => path.parent().is_none_or(|folder| self.folder(folder)),
        }
    }

    fn folder(&self, folder: &Path) -> bool {
        if let Some(within) = self.known.borrow().get(folder) {
            return *within;
        }
        // What is not there leads nowhere, unless something before it is a link.
        let within = match fs::symlink_metadata(folder) {
            Ok(_) => self.leads_within(folder),
            Err(_) => folder.parent().is_none_or(|above| self.folder(above)),
        };
        let mut known = self.known.borrow_mut();
        if known.len() < REMEMBERED {
            known.insert(folder.to_path_buf(), within);
        }
        within
    }

    /// Whether the real place of something that is there is within. A link that leads nowhere is not.
    pub(in crate::ingest) fn leads_within(&self, path: &Path) -> bool {
        self.open
            || fs::canonicalize(path).is_ok_and(|real| self.real.iter().any(|root| real.starts_with(root)))
    }
}

/// A path without `.` and `..`, as it reads.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn names_lead_no_further_than_the_folders() {
        let top = tempfile::tempdir().unwrap();
        let top = top.path();
        for name in ["in/a.jpg", "in/sub/b.jpg", "in/x/d.jpg", "out/c.jpg"] {
            fs::create_dir_all(top.join(name).parent().unwrap()).unwrap();
            fs::write(top.join(name), "x").unwrap();
        }
        for (target, link) in [
            ("out/c.jpg", "in/link.jpg"),
            ("out/none.jpg", "in/dangling.jpg"),
            ("out", "in/folder"),
            ("none", "in/nowhere"),
            ("in/sub", "in/inner"),
            ("in", "out/back"),
        ] {
            symlink(top.join(target), top.join(link)).unwrap();
        }
        let input = top.join("in");
        let bounds = Bounds::new([input.as_path()], false).unwrap();
        let leads = |name: &str| bounds.within(top.join("in").join(name));
        for within in [
            "a.jpg",
            "./sub/b.jpg",
            "sub/../a.jpg",
            "none.jpg",
            "none/none.jpg",
            "inner/b.jpg",
            "inner/none",
            "x/..",
        ] {
            assert!(leads(within).is_some(), "{within}");
        }
        for out in [
            "../out/c.jpg",
            "../out/none.jpg",
            "../out/back/a.jpg",
            "/etc/passwd",
            "/none",
            "link.jpg",
            "dangling.jpg",
            "folder/c.jpg",
            "folder/none.jpg",
            "folder/none/none.jpg",
            "nowhere/x.jpg",
            "x/../../out/c.jpg",
        ] {
            assert_eq!(leads(out), None, "{out}");
        }
        let anywhere = Bounds::new([input.as_path()], true).unwrap();
        assert!(anywhere.within(PathBuf::from("/etc/passwd")).is_some());
        // A link in a name does not change what `..` means.
        assert_eq!(leads("folder/../a.jpg"), Some(top.join("in/a.jpg")));
    }
}
