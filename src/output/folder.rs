//! Writing into a folder: owner-only, and each file whole or not at all.
//!
//! Each file is a [`NewFile`], so a run that is killed leaves the earlier results. Other systems than Unix have no mode
//! bits to set: there the folder's own permissions rule.

use super::ResultFile;
use super::new_file::NewFile;
use crate::error::{Error, Result};
use crate::record::ImageId;
use crate::report::{Page, is_page_name};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A result folder that is being written: its files wait for each other, and appear together.
pub(crate) struct Folder<'p> {
    path: &'p Path,
    waiting: Vec<NewFile>,
}

impl<'p> Folder<'p> {
    /// The folder, created with its parents when it is not there.
    pub(super) fn create(path: &'p Path) -> Result<Self> {
        make_folder(path)?;
        Ok(Self { path, waiting: Vec::new() })
    }

    /// Writes one file by name (relative, with `/`); it takes the place of an earlier one when all are there.
    pub(super) fn write(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<ResultFile> {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            make_folder(parent)?;
        }
        let (mut new, file) = written(&path, content)?;
        new.close()?;
        self.waiting.push(new);
        Ok(ResultFile { name: name.into(), ..file })
    }

    /// Gives all files their names, and removes those named here, which an earlier run wrote and this one does not.
    pub(super) fn finish(self, gone: &[PathBuf]) -> Result<()> {
        self.waiting.into_iter().try_for_each(NewFile::keep)?;
        for path in gone {
            match fs::remove_file(path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", path, source));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Network pages of an earlier run that this one does not replace.
    pub(super) fn stale_pages(&self, pages: &[Page]) -> Vec<PathBuf> {
        let kept: BTreeSet<PathBuf> = pages.iter().map(|page| self.path.join(&page.name)).collect();
        pages_in(self.path).filter(|path| !kept.contains(path)).collect()
    }
}

/// What a result folder has under the names of network pages.
pub(super) fn pages_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder.join(crate::report::PAGES_FOLDER)).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        is_page_name(name)
    })
}

/// Writes one file, owner-only, whole or not at all, replacing an earlier one. It gets its name only after `approve`
/// has seen digest and size of what was written: the place to keep a record before anybody can use the file.
///
/// # Errors
/// When the file cannot be written, and what `approve` says; the target is then as before.
pub fn write_file(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    approve: impl FnOnce(&ResultFile) -> Result<()>,
) -> Result<ResultFile> {
    let (new, file) = written(path, content)?;
    approve(&file)?;
    new.keep()?;
    Ok(file)
}

/// A file with its content that waits for its name.
fn written(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(NewFile, ResultFile)> {
    let new = NewFile::create(path)?;
    let mut out = DigestWriter { out: BufWriter::new(new.writer()?), sha256: Sha256::new(), bytes: 0 };
    content(&mut out).and_then(|()| out.flush()).map_err(|source| Error::io("write", path, source))?;
    let sha256 = ImageId(out.sha256.finalize().into()).to_string();
    Ok((new, ResultFile { name: path.display().to_string(), sha256, bytes: out.bytes, rows: None }))
}

/// SHA-256 in hex.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    ImageId(Sha256::digest(bytes).into()).to_string()
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

#[cfg(unix)]
fn owner_only_folder(builder: &mut DirBuilder) {
    use std::os::unix::fs::DirBuilderExt;
    builder.mode(0o700);
}

#[cfg(not(unix))]
fn owner_only_folder(_: &mut DirBuilder) {}

/// Counts and digests what passes through.
struct DigestWriter<W> {
    out: W,
    sha256: Sha256,
    bytes: u64,
}

impl<W: Write> Write for DigestWriter<W> {
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
