//! A manifest being read: its bytes, their digest, its name, and where its images are looked for.

use super::Input;
use super::table::delimiter;
use crate::corpus::readable;
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// How records are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON Lines or other JSON.
    Json,
    /// A table with this between its columns.
    Table(u8),
}

/// An open manifest.
pub(super) struct Source {
    reader: BufReader<Digesting>,
    /// As the user gave it; for opening and for errors.
    pub(super) path: PathBuf,
}

impl Source {
    /// Opens a manifest that is no folder.
    pub(super) fn open(input: &Input) -> Result<Self> {
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
    pub(super) fn shown(&self) -> String {
        readable(self.path.as_os_str())
    }

    /// The folder that relative paths in it are relative to.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// What it is: by the ending of its name where that says something, else by its first byte.
    pub(super) fn form(&mut self) -> Result<Form> {
        let head = self.reader.fill_buf().map_err(|error| Error::io("read", &self.path, error))?;
        let ending = self.path.extension().unwrap_or_default().to_ascii_lowercase();
        match ending.to_str() {
            Some("jsonl" | "ndjson" | "json") => Ok(Form::Json),
            Some("csv" | "tsv" | "tab") => Ok(Form::Table(delimiter(head))),
            _ if self.path.as_os_str() == "-" => Ok(Form::Json),
            _ if matches!(head.trim_ascii_start().first(), Some(b'{' | b'[')) => Ok(Form::Json),
            _ => Err(Error::Manifest {
                path: self.path.clone(),
                line: 0,
                reason: "neither JSON Lines nor CSV by its name, nor a folder".into(),
            }),
        }
    }

    /// The rest of it.
    pub(super) fn reader(&mut self) -> &mut impl BufRead {
        &mut self.reader
    }

    /// An error of reading it.
    pub(super) fn failed(&self, error: io::Error) -> Error {
        Error::io("read", &self.path, error)
    }

    /// Reads on to the end; the SHA-256, in hex, and the size of everything.
    pub(super) fn finish(mut self) -> Result<(String, u64)> {
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
