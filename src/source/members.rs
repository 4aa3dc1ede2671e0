//! What is in a container: its members by name and place, found by reading through it once.
//!
//! The container is known by its content. Nothing is unpacked, and nothing is believed: sizes are held against the
//! container, numbers against limits. The trap: a damaged container still has good members; they come first, the fault
//! after them.

use super::compressed::opened;
use super::file::Stamp;
use super::member::Listing;
use super::opener::{region_of, stamp};
use super::tar::{self, TarBytes};
use super::zip;
use crate::error::ImageError;
use std::io::{BufReader, Read};
use std::path::Path;

/// A kind of container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Zip,
    Tar,
    /// A tar that is compressed as a whole.
    CompressedTar,
    /// A web archive; its records are compressed one by one, or not at all.
    Warc,
}

impl Container {
    /// The kind of what a path names; `None` for anything else.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let region = region_of(path).ok()?;
        let mut head = Vec::new();
        region.reader().take(1024).read_to_end(&mut head).ok()?;
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Some(Self::Zip);
        }
        if tar::is_tar(&head) {
            return Some(Self::Tar);
        }
        let (content, compression) = opened(BufReader::new(region.reader())).ok()?;
        let mut head = Vec::new();
        // What is broken after its start is still of this kind.
        let _ = content.take(1024).read_to_end(&mut head);
        match (compression, &head[..]) {
            (_, [b'W', b'A', b'R', b'C', b'/', ..]) => Some(Self::Warc),
            (Some(_), head) if tar::is_tar(head) => Some(Self::CompressedTar),
            _ => None,
        }
    }
}

/// All members of a zip or tar, in its order.
pub(crate) fn list(path: &Path, kind: Container) -> Result<Listing, ImageError> {
    let region = region_of(path)?;
    let stamp = stamp(path)?.unwrap_or(Stamp { size: 0, modified: 0, inode: 0, changed: 0 });
    let mut listing = Listing::default();
    let outcome = match kind {
        Container::Zip => zip::list(&region, path, stamp, &mut listing),
        Container::Tar => tar::list(path, stamp, TarBytes::Region(&region), &mut listing),
        Container::CompressedTar => tar::list(path, stamp, TarBytes::Compressed(&region), &mut listing),
        Container::Warc => Err("a web archive has no members but records".into()),
    };
    listing.fault = outcome.err();
    Ok(listing)
}
