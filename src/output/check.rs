//! Is a result folder still what was written? Compares it with its own `manifest-sha256.txt`.
//!
//! The manifest also lists images by the paths of the ads; those are not looked for here. The trap: a folder that was
//! changed together with its manifest agrees with itself, so the digest of the manifest is returned, to be looked up
//! in the audit chain.

use super::folder::digest_of;
use super::formats;
use super::spreadsheet;
use crate::error::{Error, Result};
use crate::report::{PAGES_FOLDER, is_page_name};
use std::fs;
use std::io;
use std::path::Path;

/// What became of a result folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderCheck {
    /// Digest of the manifest, 64 hex digits.
    pub manifest_sha256: String,
    /// Files with the bytes that were written.
    pub same: u64,
    /// Files with other bytes, by name, sorted.
    pub changed: Vec<String>,
    /// Files that are not there any more, by name, sorted.
    pub gone: Vec<String>,
}

/// Digests the files of a result folder again.
///
/// # Errors
/// [`Error::Io`] when there is no manifest in it, or something cannot be read.
pub fn check(dir: &Path) -> Result<FolderCheck> {
    let path = dir.join("manifest-sha256.txt");
    let manifest = fs::read(&path).map_err(|source| Error::io("read", &path, source))?;
    let digest = digest_of(&manifest);
    let mut check = FolderCheck { manifest_sha256: digest.clone(), ..FolderCheck::default() };
    let text = String::from_utf8_lossy(&manifest);
    for (sha256, name) in text.lines().filter_map(entry).filter(|(_, name)| is_result(name)) {
        check.file(dir, name, sha256)?;
    }
    check.run_json(dir, &digest)?;
    check.changed.sort_unstable();
    Ok(check)
}

impl FolderCheck {
    fn file(&mut self, dir: &Path, name: &str, sha256: &str) -> Result<()> {
        let path = dir.join(name);
        match fs::read(&path) {
            Ok(bytes) if digest_of(&bytes) == sha256 => self.same += 1,
            Ok(_) => self.changed.push(name.to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.gone.push(name.to_string()),
            Err(error) => return Err(Error::io("read", path, error)),
        }
        Ok(())
    }

    /// `run.json` is not in the manifest, but holds its digest.
    fn run_json(&mut self, dir: &Path, manifest: &str) -> Result<()> {
        let path = dir.join("run.json");
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.gone.push("run.json".into());
                return Ok(());
            }
            read => read.map_err(|error| Error::io("read", &path, error))?,
        };
        let run: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if run["files"]["manifest-sha256.txt"]["sha256"] != manifest {
            self.changed.push("manifest-sha256.txt or run.json, which do not fit each other".into());
        }
        Ok(())
    }
}

/// Digest and name of a line; `None` for an escaped name, which no result has.
fn entry(line: &str) -> Option<(&str, &str)> {
    line.split_once("  ").filter(|(sha256, _)| !sha256.starts_with('\\'))
}

/// Whether a name is that of a file that adlink writes, rather than the path of an image.
fn is_result(name: &str) -> bool {
    let raw = name.strip_prefix(spreadsheet::FOLDER).and_then(|rest| rest.strip_prefix('/'));
    formats::named(raw.unwrap_or(name)).is_some()
        || name == "report.html"
        || name.strip_prefix(PAGES_FOLDER).and_then(|rest| rest.strip_prefix('/')).is_some_and(is_page_name)
}
