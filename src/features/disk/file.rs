//! A file of the index: made for its owner alone, written once from front to end, read anywhere.
//!
//! Reads name their place, so that any number of threads read one file without a lock. The trap: what is written lies in
//! memory until [`Writing::flush`], and must be flushed before it is read back.

use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Bytes written at once.
const BLOCK: usize = 1 << 20;

/// A file that is being written.
pub(super) struct Writing {
    path: PathBuf,
    file: File,
    digest: Sha256,
    waiting: Vec<u8>,
    flushed: u64,
}

impl Writing {
    /// An empty file in place of what may have been left there.
    pub(super) fn create(path: &Path) -> Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", path, error));
            }
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| Error::io("create", path, error))?;
        let (digest, waiting) = (Sha256::new(), Vec::with_capacity(BLOCK));
        Ok(Self { path: path.to_path_buf(), file, digest, waiting, flushed: 0 })
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> u64 {
        self.flushed + self.waiting.len() as u64
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.waiting).map_err(|error| Error::io("write", &self.path, error))?;
        self.digest.update(&self.waiting);
        self.flushed += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }

    /// Reads what was flushed.
    pub(super) fn read(&self, place: u64, into: &mut [u8]) -> Result<()> {
        read_exact_at(&self.file, into, place).map_err(|error| Error::io("read", &self.path, error))
    }

    /// The file, and the digest of its bytes. They do not outlive a power cut yet: see [`sync`].
    pub(super) fn finish(mut self) -> Result<(File, [u8; 32])> {
        self.flush()?;
        Ok((self.file, self.digest.finalize().into()))
    }
}

/// Sees to it that what was written outlives a power cut.
pub(super) fn sync(path: &Path, file: &File) -> Result<()> {
    file.sync_all().map_err(|error| Error::io("write", path, error))
}

/// The digest of a file's bytes.
pub(super) fn digest_of(path: &Path, file: &File) -> Result<[u8; 32]> {
    let failed = |error| Error::io("read", path, error);
    let length = file.metadata().map_err(failed)?.len();
    let (mut digest, mut at, mut block) = (Sha256::new(), 0, vec![0; BLOCK]);
    while at < length {
        let count = (length - at).min(BLOCK as u64) as usize;
        read_exact_at(file, &mut block[..count], at).map_err(failed)?;
        digest.update(&block[..count]);
        at += count as u64;
    }
    Ok(digest.finalize().into())
}

/// Fills a buffer from a place on.
#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, into: &mut [u8], place: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, place)
}

/// Fills a buffer from a place on.
#[cfg(windows)]
pub(super) fn read_exact_at(file: &File, mut into: &mut [u8], mut place: u64) -> io::Result<()> {
    while !into.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, into, place)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                into = &mut into[count..];
                place += count as u64;
            }
        }
    }
    Ok(())
}
