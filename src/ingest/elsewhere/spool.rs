//! Packed analyses, laid aside in a file that has no name, found by the SHA-256 of what they are of.
//!
//! A list of them is read once, in its own order; images come in another. The trap: two lists may say two things of one
//! image. Then none of them is believed.

use crate::error::{Error, Result};
use crate::record::ImageId;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Analyses by image.
pub(super) struct Spool {
    /// Read from many threads.
    file: Mutex<File>,
    end: u64,
    places: HashMap<ImageId, SpoolPlace>,
    folder: PathBuf,
}

/// Where an analysis lies.
struct SpoolPlace {
    at: u64,
    length: u32,
    /// Its digest: the end of its bytes.
    check: [u8; 16],
    /// Another one says something else.
    contradicted: bool,
}

/// What became of an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpoolOutcome {
    /// It is found from now on.
    New,
    /// The same was there.
    Known,
    /// Another one of the same bytes was there: neither is found from now on.
    Contradicts,
}

impl Spool {
    /// An empty one, in a folder.
    pub(super) fn beside(folder: &Path) -> Result<Self> {
        let failed = |error| Error::io("lay analyses aside in", folder, error);
        let file = tempfile::tempfile_in(folder).map_err(failed)?;
        Ok(Self { file: Mutex::new(file), end: 0, places: HashMap::new(), folder: folder.into() })
    }

    /// Lays an analysis aside, which [`unpack`](crate::packed::unpack) took.
    pub(super) fn put(&mut self, id: ImageId, packed: &[u8]) -> Result<SpoolOutcome> {
        let check = *packed.last_chunk().expect("an analysis ends with its digest");
        if let Some(known) = self.places.get_mut(&id) {
            known.contradicted |= known.check != check;
            return Ok(if known.contradicted { SpoolOutcome::Contradicts } else { SpoolOutcome::Known });
        }
        // Nobody else has it while this is borrowed.
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        file.write_all(packed).map_err(|error| Error::io("lay analyses aside in", &self.folder, error))?;
        let length = packed.len() as u32;
        self.places.insert(id, SpoolPlace { at: self.end, length, check, contradicted: false });
        self.end += u64::from(length);
        Ok(SpoolOutcome::New)
    }

    /// The analysis of some bytes, if there is one and only one.
    pub(super) fn get(&self, id: &ImageId) -> Result<Option<Vec<u8>>> {
        let Some(place) = self.places.get(id).filter(|place| !place.contradicted) else { return Ok(None) };
        let mut packed = vec![0; place.length as usize];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        read_at(&mut file, place.at, &mut packed)
            .map_err(|error| Error::io("read analyses laid aside in", &self.folder, error))?;
        Ok(Some(packed))
    }
}

fn read_at(file: &mut File, at: u64, into: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(into)
}
