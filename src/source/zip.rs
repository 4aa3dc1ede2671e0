//! Members of a zip, by name and place, from its central directory.
//!
//! Read here rather than by a library, because what is wanted is where members lie, for containers that may lie about it:
//! numbers are checked before anything is allocated, and members that share bytes are refused.

use super::file::Stamp;
use super::locator::{Codec, Step};
use super::member::{Listing, MOST, Member};
use super::region::{ReadSeek, Region};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// The record that ends a zip, without its comment, and the longest comment.
const END: u64 = 22;
const COMMENT: u64 = 65_535;
/// The header of a member before its name.
const LOCAL: u64 = 30;

/// Where the directory is.
struct Directory {
    members: u64,
    offset: u64,
    /// What was put before the zip, as self-extracting ones have it: offsets do not know of it.
    shift: u64,
}

/// Fills a listing; the fault that ended it.
pub(super) fn list(region: &Region, path: &Path, stamp: Stamp, listing: &mut Listing) -> Result<(), String> {
    let mut reader = region.reader();
    let directory =
        directory(&mut reader, region.length()).map_err(|error| format!("no directory: {error}"))?;
    if directory.members > MOST {
        return Err(format!("{} members, more than {MOST}; nothing of it was read", directory.members));
    }
    let mut entries = BufReader::new(region.reader());
    entries.seek(SeekFrom::Start(directory.offset)).map_err(|error| error.to_string())?;
    let mut claimed = 0;
    for number in 0..directory.members {
        let entry = DirectoryEntry::read(&mut entries)
            .map_err(|error| format!("damaged after {number} members: {error}"))?;
        claimed = u64::saturating_add(claimed, entry.compressed);
        if claimed > region.length() {
            return Err(format!("members share their bytes; read up to the {number}th"));
        }
        if entry.name.ends_with('/') {
            continue;
        }
        match entry.step(&mut reader, directory.shift, region.length()) {
            Ok(step) => {
                let size = entry.size;
                listing.members.push(Member {
                    path: step.below(path, &entry.name),
                    name: entry.name,
                    size,
                    stamp: stamp.member(step.length),
                });
            }
            Err(reason) => listing.unread.push((entry.name, reason)),
        }
    }
    Ok(())
}

fn number(bytes: &[u8], at: usize, size: usize) -> u64 {
    bytes[at..at + size].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Finds the end record, and behind the one of 32 bits that of 64.
fn directory(reader: &mut Box<dyn ReadSeek>, length: u64) -> std::io::Result<Directory> {
    let tail_start = length.saturating_sub(END + COMMENT);
    let mut tail = Vec::new();
    reader.seek(SeekFrom::Start(tail_start))?;
    reader.take(END + COMMENT).read_to_end(&mut tail)?;
    let is_end = |at: &usize| tail[*at..].starts_with(b"PK\x05\x06") && tail.len() - at >= END as usize;
    let at = (0..tail.len())
        .rev()
        .find(is_end)
        .ok_or_else(|| std::io::Error::other("the file is cut, or is no zip"))?;
    let end = &tail[at..];
    let (mut members, mut size, mut offset) = (number(end, 10, 2), number(end, 12, 4), number(end, 16, 4));
    let mut stands_at = tail_start + at as u64;
    if (members == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF)
        && at >= 20
        && tail[at - 20..].starts_with(b"PK\x06\x07")
    {
        let mut large = vec![0; 56];
        stands_at = number(&tail, at - 20 + 8, 8);
        reader.seek(SeekFrom::Start(stands_at))?;
        reader.read_exact(&mut large)?;
        if !large.starts_with(b"PK\x06\x06") {
            return Err(std::io::Error::other("its record of 64 bits is not where it should be"));
        }
        (members, size, offset) = (number(&large, 32, 8), number(&large, 40, 8), number(&large, 48, 8));
    }
    let shift = stands_at.checked_sub(size).and_then(|start| start.checked_sub(offset));
    let shift = shift.ok_or_else(|| std::io::Error::other("its directory lies beyond its end"))?;
    Ok(Directory { members, offset: offset + shift, shift })
}

/// A member as the directory has it.
struct DirectoryEntry {
    name: String,
    flags: u64,
    method: u64,
    compressed: u64,
    size: u64,
    offset: u64,
}

impl DirectoryEntry {
    fn read(reader: &mut impl Read) -> std::io::Result<Self> {
        let mut fixed = [0; 46];
        reader.read_exact(&mut fixed)?;
        if !fixed.starts_with(b"PK\x01\x02") {
            return Err(std::io::Error::other("no member where one should be"));
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| number(&fixed, at, 2) as usize);
        let mut rest = vec![0; name + extra + comment];
        reader.read_exact(&mut rest)?;
        let mut entry = Self {
            name: String::from_utf8_lossy(&rest[..name]).into_owned(),
            flags: number(&fixed, 8, 2),
            method: number(&fixed, 10, 2),
            compressed: number(&fixed, 20, 4),
            size: number(&fixed, 24, 4),
            offset: number(&fixed, 42, 4),
        };
        entry.widen(&rest[name..name + extra]);
        Ok(entry)
    }

    /// Takes numbers of 64 bits from the extra fields, for those that do not fit into 32.
    fn widen(&mut self, mut extra: &[u8]) {
        while extra.len() >= 4 {
            let (kind, size) = (number(extra, 0, 2), number(extra, 2, 2) as usize);
            let Some(field) = extra.get(4..4 + size) else { return };
            if kind == 1 {
                let mut at = 0;
                for value in [&mut self.size, &mut self.compressed, &mut self.offset] {
                    if *value == 0xFFFF_FFFF && field.len() >= at + 8 {
                        *value = number(field, at, 8);
                        at += 8;
                    }
                }
            }
            extra = &extra[4 + size..];
        }
    }

    /// Where its bytes are; why they cannot be had.
    fn step(&self, reader: &mut Box<dyn ReadSeek>, shift: u64, length: u64) -> Result<Step, String> {
        if self.flags & 1 != 0 {
            return Err("encrypted".into());
        }
        let codecs = match self.method {
            0 => vec![],
            8 => vec![Codec::Deflate],
            93 => vec![Codec::Zstandard],
            other => return Err(format!("compressed by method {other}, which is not read")),
        };
        let beyond = || "lies beyond the end of its container".to_string();
        let header = self.offset.checked_add(shift).ok_or_else(beyond)?;
        let mut local = [0; LOCAL as usize];
        reader.seek(SeekFrom::Start(header)).map_err(|error| error.to_string())?;
        reader.read_exact(&mut local).map_err(|_| beyond())?;
        if !local.starts_with(b"PK\x03\x04") {
            return Err("not where the directory says".into());
        }
        let offset = header + LOCAL + number(&local, 26, 2) + number(&local, 28, 2);
        if offset.checked_add(self.compressed).is_none_or(|end| end > length) {
            return Err(beyond());
        }
        Ok(Step { codecs, ..Step::plain(offset, self.compressed) })
    }
}
