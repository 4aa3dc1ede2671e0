//! A manifest being read: its bytes, their digest, its name, and where its images are looked for.

use crate::case::readable;
use crate::error::{Error, Result};
use crate::ingest::options::Input;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// An open manifest.
pub(in crate::ingest) struct Manifest {
    reader: BufReader<Digesting>,
    /// As the user gave it; for opening and for errors.
    pub(in crate::ingest) path: PathBuf,
}

impl Manifest {
    /// Opens a manifest that is no folder.
    pub(in crate::ingest) fn open(input: &Input) -> Result<Self> {
        let (inner, path): (Box<dyn Read>, _) = match input {
            Input::Stdin => (Box::new(io::stdin().lock()), PathBuf::from("-")),
            Input::Path(path) => {
                let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
                (Box::new(file), path.clone())
            }
        };
        let digesting = Digesting { inner, digest: Sha256::new(), bytes: 0 };
        Ok(Self { reader: BufReader::with_capacity(1 << 16, digesting), path })
    }

    /// As the user gave it, in readable form.
    pub(in crate::ingest) fn shown(&self) -> String {
        readable(self.path.as_os_str())
    }

    /// The folder that relative paths in it are relative to.
    pub(in crate::ingest) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Its first bytes, without taking them.
    pub(super) fn head(&mut self) -> Result<&[u8]> {
        self.reader.fill_buf().map_err(|error| Error::io("read", &self.path, error))
    }

    /// The rest of it.
    pub(super) fn reader(&mut self) -> &mut impl BufRead {
        &mut self.reader
    }

    /// An error of reading it.
    pub(in crate::ingest) fn failed(&self, error: io::Error) -> Error {
        Error::io("read", &self.path, error)
    }

    /// Reads on to the end; the SHA-256, in hex, and the size of everything.
    pub(in crate::ingest) fn finish(mut self) -> Result<(String, u64)> {
        io::copy(&mut self.reader, &mut io::sink()).map_err(|error| Error::io("read", &self.path, error))?;
        let digesting = self.reader.into_inner();
        let hex = digesting.digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((hex, digesting.bytes))
    }
}

struct Digesting {
    inner: Box<dyn Read>,
    digest: Sha256,
    bytes: u64,
}

impl Read for Digesting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}
