//! The bytes of a list: looked at before they are taken, read line by line, counted and digested on the way.
//!
//! The trap: a reader of a document may stop before the end. The digest is that of the whole file, so the rest is
//! read when it is asked for.

use super::digits::BareDigits;
use super::tally::{ListIntake, ListSaid};
use crate::error::{Error, Result};
use crate::source::HeadFirst;
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest line; what is longer is refused without being held.
pub(super) const LONGEST: usize = 1 << 20;

/// Bytes looked at to tell what they are.
const HEAD: usize = 64 << 10;

/// A list as bytes.
pub(super) struct ListStream<'r> {
    reader: BufReader<HeadFirst<Digested<'r>>>,
    path: PathBuf,
}

struct Digested<'r> {
    inner: Box<dyn Read + 'r>,
    digest: Sha256,
}

impl Read for Digested<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.digest.update(&buffer[..read]);
        Ok(read)
    }
}

impl<'r> ListStream<'r> {
    pub(super) fn new(inner: Box<dyn Read + 'r>, path: &Path) -> Self {
        let digested = Digested { inner, digest: Sha256::new() };
        Self { reader: BufReader::with_capacity(HEAD, HeadFirst::new(digested, HEAD)), path: path.into() }
    }

    /// The first bytes, left where they are; a byte order mark is taken.
    pub(super) fn head(&mut self) -> Result<&[u8]> {
        let failed = |error| Error::io("read", &self.path, error);
        if self.reader.fill_buf().map_err(failed)?.starts_with(b"\xEF\xBB\xBF") {
            self.reader.consume(3);
        }
        self.reader.fill_buf().map_err(failed)
    }

    /// Takes lines from the start, which were looked at in the head.
    pub(super) fn skip_lines(&mut self, lines: u64) -> Result<()> {
        (0..lines).try_for_each(|_| self.skip_line())
    }

    /// Hands each line to `said` and what it says to the intake; those that `is_none` are no lines. What is longer than any
    /// line, or not text, is refused with its number.
    pub(super) fn each_line(
        &mut self,
        intake: &mut ListIntake<'_>,
        is_none: impl Fn(&str) -> bool,
        said: impl Fn(&str, BareDigits) -> Result<ListSaid, String>,
    ) -> Result<()> {
        let (mut bytes, mut number) = (Vec::new(), 0);
        while self.line(&mut bytes)? {
            number += 1;
            match std::str::from_utf8(&bytes) {
                _ if bytes.len() > LONGEST => {
                    intake.refuse(
                        number,
                        format!("longer than {} MiB, as no line of a list is", LONGEST >> 20),
                    );
                }
                Err(_) => intake.refuse(number, "it is not UTF-8 text".into()),
                Ok(line) if is_none(line.trim()) => {}
                Ok(line) => intake.take(number, said(line, intake.bare))?,
            }
        }
        Ok(())
    }

    /// Reads a line without what ends it, of one that is too long its beginning; false at the end.
    fn line(&mut self, bytes: &mut Vec<u8>) -> Result<bool> {
        bytes.clear();
        let read = (&mut self.reader).take(LONGEST as u64 + 1).read_until(b'\n', bytes);
        let read = read.map_err(|error| self.failed(error))?;
        if bytes.len() > LONGEST && bytes.last() != Some(&b'\n') {
            self.skip_line()?;
        }
        while let Some(b'\n' | b'\r') = bytes.last() {
            bytes.pop();
        }
        Ok(read > 0)
    }

    fn skip_line(&mut self) -> Result<()> {
        loop {
            let failed = |error| Error::io("read", &self.path, error);
            let buffer = self.reader.fill_buf().map_err(failed)?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let size = end.map_or(buffer.len(), |end| end + 1);
            self.reader.consume(size);
            if end.is_some() || size == 0 {
                return Ok(());
            }
        }
    }

    /// The bytes for a reader of its own.
    pub(super) fn reader(&mut self) -> &mut dyn BufRead {
        &mut self.reader
    }

    /// Reads to the end; the SHA-256 of all bytes.
    pub(super) fn digest(mut self) -> Result<[u8; 32]> {
        io::copy(&mut self.reader, &mut io::sink()).map_err(|error| Error::io("read", &self.path, error))?;
        Ok(self.reader.into_inner().into_rest().digest.finalize().into())
    }

    pub(super) fn failed(&self, error: io::Error) -> Error {
        Error::io("read", &self.path, error)
    }
}

/// Counts lines, and ends the reading where one element grows beyond all measure.
pub(super) struct WatchedReader<'r> {
    inner: &'r mut dyn BufRead,
    watch: &'r Watch,
}

/// What is watched while a document is read.
#[derive(Default)]
pub(super) struct Watch {
    line: Cell<u64>,
    /// Bytes since the last element ended.
    since: Cell<usize>,
}

/// Bytes of one element at the most.
const MOST: usize = 16 << 20;

impl Watch {
    /// The line that is being read, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line.get() + 1
    }

    /// An element ended.
    pub(super) fn element(&self) {
        self.since.set(0);
    }
}

impl<'r> WatchedReader<'r> {
    pub(super) fn new(inner: &'r mut dyn BufRead, watch: &'r Watch) -> Self {
        Self { inner, watch }
    }

    fn count(&self, bytes: &[u8]) -> io::Result<()> {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.watch.line.set(self.watch.line.get() + lines);
        let since = self.watch.since.get() + bytes.len();
        self.watch.since.set(since);
        if since > MOST {
            return Err(io::Error::other(format!("an element of more than {} MiB", MOST >> 20)));
        }
        Ok(())
    }
}

impl Read for WatchedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count(&buffer[..read])?;
        Ok(read)
    }
}

/// Lines are counted when they are taken.
impl BufRead for WatchedReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.watch.since.get() > MOST {
            return Err(io::Error::other(format!("an element of more than {} MiB", MOST >> 20)));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, size: usize) {
        if let Ok(buffer) = self.inner.fill_buf() {
            let lines = buffer[..size].iter().filter(|byte| **byte == b'\n').count() as u64;
            self.watch.line.set(self.watch.line.get() + lines);
        }
        self.watch.since.set(self.watch.since.get() + size);
        self.inner.consume(size);
    }
}
