//! Members of a tar, by name and place; long names and sizes of all dialects are left to the `tar` crate.

use super::compressed::opened;
use super::file::Stamp;
use super::locator::Step;
use super::member::{Listing, MOST, Member};
use super::region::Region;
use std::io::{BufReader, Read};
use std::path::Path;
use tar::{Archive, Entry, EntryType};

/// A block whose checksum is right, or that names its dialect.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.get(..512) else { return false };
    let octal = |bytes: &[u8]| {
        let digits: Vec<u8> = bytes.iter().copied().filter(|byte| (b'0'..=b'7').contains(byte)).collect();
        u64::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()
    };
    let sum: u64 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) })
        .sum();
    block[0] != 0 && octal(&block[148..156]) == Some(sum)
}

/// How the bytes of a tar are had.
pub(super) enum TarBytes<'r> {
    Region(&'r Region),
    Compressed(&'r Region),
}

/// Fills a listing; the fault that ended it.
pub(super) fn list(
    path: &Path,
    stamp: Stamp,
    bytes: TarBytes<'_>,
    listing: &mut Listing,
) -> Result<(), String> {
    match bytes {
        TarBytes::Region(region) => {
            let length = region.length();
            let mut archive = Archive::new(BufReader::new(region.reader()));
            let entries = archive.entries_with_seek().map_err(|error| error.to_string())?;
            each(entries, path, stamp, Some(length), listing)
        }
        TarBytes::Compressed(region) => {
            let stream = BufReader::new(region.reader());
            let (content, _) = opened(stream).map_err(|error| error.to_string())?;
            let mut archive = Archive::new(content);
            let entries = archive.entries().map_err(|error| error.to_string())?;
            each(entries, path, stamp, None, listing)
        }
    }
}

fn each<'a, R: Read + 'a>(
    entries: impl Iterator<Item = std::io::Result<Entry<'a, R>>>,
    path: &Path,
    stamp: Stamp,
    length: Option<u64>,
    listing: &mut Listing,
) -> Result<(), String> {
    for (number, entry) in (0..).zip(entries) {
        if number >= MOST {
            return Err(format!("more than {MOST} members; the rest was not read"));
        }
        let entry = entry.map_err(|error| format!("damaged after {number} members: {error}"))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Directory => continue,
            EntryType::Link | EntryType::Symlink => {
                listing.unread.push((name, "a link to another member; links are not followed".into()));
                continue;
            }
            _ => continue,
        }
        let (offset, size) = (entry.raw_file_position(), entry.size());
        if length.is_some_and(|length| offset.checked_add(size).is_none_or(|end| end > length)) {
            return Err(format!("ends within `{name}`, after {number} members"));
        }
        let step = Step { decompressed: length.is_none(), ..Step::plain(offset, size) };
        listing.members.push(Member { path: step.below(path, &name), name, size, stamp: stamp.member(size) });
    }
    Ok(())
}
