//! Writing into a folder: owner-only, and each file whole or not at all.
//!
//! A file is written under a hidden name beside its own, flushed to the disk and renamed over it, so a run that
//! is killed leaves the earlier results. Other systems than Unix have no mode bits to set: there the folder's
//! own permissions rule.

use super::ResultFile;
use crate::error::{Error, Result};
use crate::record::ImageId;
use crate::report::Page;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

pub(crate) struct Folder<'p> {
    path: &'p Path,
}

impl<'p> Folder<'p> {
    /// The folder, created with its parents when it is not there.
    pub(crate) fn create(path: &'p Path) -> Result<Self> {
        make_folder(path)?;
        Ok(Self { path })
    }

    /// Writes one file by name (relative, with `/`), replacing an earlier one.
    pub(crate) fn write(
        &self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<ResultFile> {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            make_folder(parent)?;
        }
        write_file(&path, content, |_| Ok(())).map(|file| ResultFile { name: name.into(), ..file })
    }

    /// Removes a file that an earlier run wrote and this one does not.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path, source)),
            _ => Ok(()),
        }
    }

    /// Removes network pages of an earlier run that this one does not replace.
    pub(crate) fn remove_stale_pages(&self, pages: &[Page]) -> Result<()> {
        let folder = self.path.join(crate::report::PAGES_FOLDER);
        let Ok(entries) = fs::read_dir(&folder) else { return Ok(()) };
        let kept: BTreeSet<PathBuf> = pages.iter().map(|page| self.path.join(&page.name)).collect();
        for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with("n-") && name.ends_with(".html") && !kept.contains(&path) {
                fs::remove_file(&path).map_err(|source| Error::io("remove", &path, source))?;
            }
        }
        Ok(())
    }
}

/// Writes one file, owner-only, whole or not at all, replacing an earlier one. It gets its name only after `approve`
/// has seen digest and size of what was written: the place to keep a record before anybody can use the file.
pub fn write_file(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    approve: impl FnOnce(&ResultFile) -> Result<()>,
) -> Result<ResultFile> {
    let unfinished = unfinished(path);
    let failed = |source| Error::io("write", path, source);
    let written = write_new(&unfinished, content).map_err(failed).and_then(|(sha256, bytes)| {
        let file = ResultFile { name: path.display().to_string(), sha256, bytes, rows: None };
        approve(&file)?;
        fs::rename(&unfinished, path).map_err(failed)?;
        Ok(file)
    });
    if written.is_err() {
        // Nothing more can be done about a leftover; the first error is the one to tell.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

fn make_folder(path: &Path) -> Result<()> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    owner_only_folder(&mut builder);
    builder.create(path).map_err(|source| Error::io("create folder", path, source))
}

fn unfinished(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.unfinished"))
}

/// Creates the file (never opens what lies there: it might be a link to elsewhere) and returns digest and size.
fn write_new(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<(String, u64)> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    owner_only_file(&mut options);
    let file = options.open(path)?;
    let mut out = Digesting { out: BufWriter::new(&file), sha256: Sha256::new(), bytes: 0 };
    content(&mut out)?;
    out.flush()?;
    let (digest, bytes) = (out.sha256.clone().finalize(), out.bytes);
    drop(out);
    File::sync_all(&file)?;
    Ok((ImageId(digest.into()).to_string(), bytes))
}

#[cfg(unix)]
fn owner_only_folder(builder: &mut DirBuilder) {
    use std::os::unix::fs::DirBuilderExt;
    builder.mode(0o700);
}

#[cfg(not(unix))]
fn owner_only_folder(_: &mut DirBuilder) {}

#[cfg(unix)]
fn owner_only_file(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn owner_only_file(_: &mut OpenOptions) {}

/// Counts and digests what passes through.
struct Digesting<W> {
    out: W,
    sha256: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
