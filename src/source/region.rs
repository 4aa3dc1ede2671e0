//! Some bytes that can be read from any place: a range of a file, or bytes in memory.

use crate::error::{ImageError, SkipReason};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Bytes, and where they are.
#[derive(Debug, Clone)]
pub(super) enum Region {
    Range { file: Arc<File>, start: u64, length: u64 },
    Memory(Arc<Vec<u8>>),
}

/// Reads a region.
pub(super) trait ReadSeek: Read + Seek + Send {}
impl<R: Read + Seek + Send> ReadSeek for R {}

impl Region {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Range { length, .. } => *length,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// A part of it; a fault where it does not have so much.
    pub(super) fn part(&self, offset: u64, length: u64) -> Result<Self, ImageError> {
        let end = offset.checked_add(length).filter(|end| *end <= self.length());
        if end.is_none() {
            return Err(ImageError::new(SkipReason::Unreadable, "its container ends before it does"));
        }
        Ok(match self {
            Self::Range { file, start, .. } => {
                Self::Range { file: Arc::clone(file), start: start + offset, length }
            }
            Self::Memory(bytes) => {
                let range = offset as usize..(offset + length) as usize;
                Self::Memory(Arc::new(bytes[range].to_vec()))
            }
        })
    }

    /// All of it, when it is no more than a limit.
    pub(super) fn bytes(&self, limit: u64) -> Result<Vec<u8>, ImageError> {
        if self.length() > limit {
            return Err(ImageError::new(
                SkipReason::TooLarge,
                format!("{} bytes, limit {limit}", self.length()),
            ));
        }
        let mut bytes = Vec::with_capacity(self.length() as usize);
        let read = self.reader().read_to_end(&mut bytes);
        read.map_err(|error| ImageError::new(SkipReason::Unreadable, error.to_string()))?;
        if (bytes.len() as u64) < self.length() {
            return Err(ImageError::new(SkipReason::Unreadable, "its container ends before it does"));
        }
        Ok(bytes)
    }

    pub(super) fn reader(&self) -> Box<dyn ReadSeek> {
        match self {
            Self::Range { file, start, length } => {
                Box::new(RangeReader { file: Arc::clone(file), start: *start, length: *length, at: 0 })
            }
            Self::Memory(bytes) => Box::new(Cursor::new(SharedBytes(Arc::clone(bytes)))),
        }
    }
}

struct SharedBytes(Arc<Vec<u8>>);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Reads a range of a file that others read, too: it never relies on where the file stands.
struct RangeReader {
    file: Arc<File>,
    start: u64,
    length: u64,
    at: u64,
}

impl Read for RangeReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.at);
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let count = read_at(&self.file, &mut buffer[..wanted], self.start + self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, place)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, place)
}

impl Seek for RangeReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or_else(|| io::Error::other("before the start"))?;
        Ok(self.at)
    }
}
