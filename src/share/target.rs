//! Where an export goes: a file or a stream, in either case on record before anybody has it.

use crate::error::{Error, Result};
use crate::output::{ResultFile, write_file};
use crate::record::ImageId;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where an export goes.
pub enum Target<'t> {
    /// A file, whole or not at all.
    File(&'t Path),
    /// A stream, such as standard output, under its name in the audit chain.
    Stream(&'t str, &'t mut dyn Write),
}

impl Target<'_> {
    pub(super) fn path(&self) -> PathBuf {
        match self {
            Self::File(path) => path.to_path_buf(),
            Self::Stream(name, _) => PathBuf::from(name),
        }
    }

    pub(super) fn write(
        self,
        bytes: &[u8],
        note: impl FnOnce(&ResultFile) -> Result<()>,
    ) -> Result<ResultFile> {
        self.write_with(|out| out.write_all(bytes), note)
    }

    /// A file is written as it is made; a stream gets nothing before all of it is on record, so its bytes are held.
    pub(super) fn write_with(
        self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
        note: impl FnOnce(&ResultFile) -> Result<()>,
    ) -> Result<ResultFile> {
        let (name, out) = match self {
            Self::File(path) => return write_file(path, content, note),
            Self::Stream(name, out) => (name, out),
        };
        let mut bytes = Vec::new();
        content(&mut bytes).map_err(|error| Error::io("write", name, error))?;
        let sha256 = ImageId(Sha256::digest(&bytes).into()).to_string();
        let file = ResultFile { name: name.into(), sha256, bytes: bytes.len() as u64, rows: None };
        note(&file)?;
        let written = out.write_all(&bytes).and_then(|()| out.flush());
        written.map_err(|error| Error::io("write", name, error))?;
        Ok(file)
    }
}
