//! Names in folders, for references that differ from them in letter case or leave their folder out.
//!
//! Folders are read when first asked about and remembered. The trap: where two files would do, neither does.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Names remembered in all; beyond that, references are found by their exact names only.
const REMEMBERED: usize = 2_000_000;

/// What lies in folders.
#[derive(Debug)]
pub(super) struct Listings {
    /// How many folders deep bare names are looked for.
    deep: usize,
    known: RefCell<KnownFiles>,
}

#[derive(Debug, Default)]
struct KnownFiles {
    /// By folder: names in lower case, and the one name that has this form.
    folders: HashMap<PathBuf, HashMap<String, Option<OsString>>>,
    /// By root: names in lower case, and all files that have this name.
    below: HashMap<PathBuf, HashMap<String, Vec<PathBuf>>>,
    names: usize,
}

impl Listings {
    pub(super) fn new(deep: usize) -> Self {
        Self { deep, known: RefCell::default() }
    }

    /// The path below a folder that is this one but for letter case.
    pub(super) fn any_case(&self, folder: &Path, relative: &Path) -> Option<PathBuf> {
        let mut known = self.known.borrow_mut();
        let mut path = folder.to_path_buf();
        for part in relative.components() {
            match part {
                Component::Normal(name) => {
                    let name = known.in_folder(&path)?.get(&name.to_str()?.to_lowercase())?.clone()?;
                    path.push(name);
                }
                Component::CurDir => {}
                _ => return None,
            }
        }
        Some(path)
    }

    /// The one file below a folder that has this name, in any letter case where none has it exactly; how many have it
    /// when it is not one.
    pub(super) fn below(&self, folder: &Path, name: &str) -> Option<Result<PathBuf, usize>> {
        let mut known = self.known.borrow_mut();
        if !known.below.contains_key(folder) {
            let mut found = HashMap::new();
            known.gather(folder, self.deep, &mut found);
            known.below.insert(folder.to_path_buf(), found);
        }
        let files = known.below.get(folder)?.get(&name.to_lowercase())?;
        let exact: Vec<_> =
            files.iter().filter(|file| file.file_name().is_some_and(|own| own == name)).collect();
        match (&exact[..], &files[..]) {
            ([one], _) => Some(Ok((*one).clone())),
            ([], [one]) => Some(Ok(one.clone())),
            _ => Some(Err(exact.len().max(files.len()))),
        }
    }
}

impl KnownFiles {
    fn in_folder(&mut self, folder: &Path) -> Option<&HashMap<String, Option<OsString>>> {
        if !self.folders.contains_key(folder) {
            let mut names: HashMap<String, Option<OsString>> = HashMap::new();
            if self.names < REMEMBERED {
                for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                    let name = entry.file_name();
                    let Some(lower) = name.to_str().map(str::to_lowercase) else { continue };
                    let several = names.contains_key(&lower);
                    names.insert(lower, (!several).then_some(name));
                }
            }
            self.names += names.len();
            self.folders.insert(folder.to_path_buf(), names);
        }
        self.folders.get(folder)
    }

    /// Files below a folder; links to folders are not followed.
    fn gather(&mut self, folder: &Path, deep: usize, found: &mut HashMap<String, Vec<PathBuf>>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (name, path) = (entry.file_name(), entry.path());
            let Ok(kind) = entry.file_type() else { continue };
            if self.names >= REMEMBERED || name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if kind.is_dir() && deep > 0 {
                self.gather(&path, deep - 1, found);
            } else if !kind.is_dir()
                && let Some(lower) = name.to_str().map(str::to_lowercase)
            {
                self.names += 1;
                found.entry(lower).or_default().push(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_found_and_two_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["Img/A.JPG", "one/x.jpg", "two/x.jpg", "two/Y.jpg", "two/y.JPG", "two/deep/z.jpg"] {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), "").unwrap();
        }
        let listings = Listings::new(1);
        assert_eq!(listings.any_case(root, Path::new("./img/a.jpg")), Some(root.join("Img/A.JPG")));
        assert_eq!(listings.any_case(root, Path::new("two/Y.JPG")), None);
        assert_eq!(listings.any_case(root, Path::new("../x")), None);
        assert_eq!(listings.below(root, "a.jpg"), Some(Ok(root.join("Img/A.JPG"))));
        assert_eq!(listings.below(root, "x.jpg"), Some(Err(2)));
        assert_eq!(listings.below(root, "Y.jpg"), Some(Ok(root.join("two/Y.jpg"))));
        assert_eq!(listings.below(root, "z.jpg"), None);
        assert_eq!(Listings::new(2).below(root, "z.jpg"), Some(Ok(root.join("two/deep/z.jpg"))));
    }
}
