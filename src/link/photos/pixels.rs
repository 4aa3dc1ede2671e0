//! Where linking gets pixels from, for the pairs that only pixels can decide.
//!
//! Only the working size is needed, so that is what is kept: a quarter of a megabyte at most. The trap: a file may
//! have changed since it was hashed; pixels count only when the bytes still have the digest of the image.

use crate::corpus::{ImageRow, Originals, PixelCheck, Snapshot};
use crate::decode::{Limits, decode};
use crate::features::WORKING_SIDE;
use crate::features::plane::reduce;
use crate::hash::Luma;
use crate::hash::kernel::features::GREY;
use crate::record::ImageId;
use crate::source;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Gives the pixels of images, at any size from that of the working image on. Asked from many threads.
pub trait Pixels: Sync {
    /// The pixels of an image row; `None` when they cannot be had.
    fn luma(&self, row: ImageRow) -> Option<Arc<Luma>>;
}

/// What linking needs beside a snapshot.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Where pixels come from.
    pub pixels: &'a dyn Pixels,
    /// What is known already of images laid over each other, sorted: [`Case::pixel_checks`](crate::case::Case::pixel_checks).
    pub pixel_checks: &'a [PixelCheck],
}

impl Sources<'_> {
    /// A snapshot and nothing else.
    pub const NONE: Self = Self { pixels: &NoPixels, pixel_checks: &[] };
}

/// No pixels at all: what is not known already is judged by features alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPixels;

impl Pixels for NoPixels {
    fn luma(&self, _: ImageRow) -> Option<Arc<Luma>> {
        None
    }
}

/// Pictures kept in memory; at most a quarter of a megabyte each.
const KEPT: usize = 512;

/// Original files, read when needed.
pub struct OriginalFiles {
    ids: Vec<ImageId>,
    originals: Originals,
    limits: Limits,
    kept: Mutex<PixelCache>,
    /// Where copies lie that are named by their SHA-256.
    copies: Option<PathBuf>,
    /// Images that were asked for and could not be read.
    lacking: Mutex<BTreeSet<ImageId>>,
}

/// Pictures with the time of their last use.
#[derive(Default)]
struct PixelCache {
    pictures: BTreeMap<ImageRow, (u64, Arc<Luma>)>,
    clock: u64,
}

impl OriginalFiles {
    /// `originals` are those of this snapshot.
    pub fn new(snapshot: &Snapshot, originals: Originals, limits: Limits) -> Self {
        let ids = snapshot.images.iter().map(|image| image.id()).collect();
        Self { ids, originals, limits, kept: Mutex::default(), copies: None, lacking: Mutex::default() }
    }

    /// Looks in a folder, too, for copies that are named by their SHA-256 in hex.
    #[must_use]
    pub fn with_copies(self, folder: PathBuf) -> Self {
        Self { copies: Some(folder), ..self }
    }

    /// The images whose pixels were asked for and could not be had, in order: with copies of these in a folder, linking again
    /// looks at what it could not see.
    pub fn lacking(&self) -> Vec<ImageId> {
        self.lacking.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    fn read(&self, row: ImageRow) -> Option<Arc<Luma>> {
        let id = self.ids.get(row.index())?;
        let same = |bytes: &Vec<u8>| Sha256::digest(bytes)[..] == id.0;
        let read = |path: &PathBuf| source::read_file(path, self.limits.max_bytes).ok().filter(same);
        let copy = self.copies.as_ref().map(|folder| folder.join(id.to_string()));
        let Some(bytes) = self.originals.of(row).iter().chain(&copy).find_map(read) else {
            self.lacking.lock().unwrap_or_else(PoisonError::into_inner).insert(*id);
            return None;
        };
        Some(Arc::new(working_size(decode(&bytes, &self.limits).ok()?.luma)))
    }
}

impl Pixels for OriginalFiles {
    fn luma(&self, row: ImageRow) -> Option<Arc<Luma>> {
        let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(row);
        known.or_else(|| {
            let read = self.read(row)?;
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(row, &read);
            Some(read)
        })
    }
}

impl PixelCache {
    fn get(&mut self, row: ImageRow) -> Option<Arc<Luma>> {
        self.clock += 1;
        let (used, picture) = self.pictures.get_mut(&row)?;
        *used = self.clock;
        Some(Arc::clone(picture))
    }

    /// Keeps a picture; when there are too many, the half that was used last stays.
    fn put(&mut self, row: ImageRow, picture: &Arc<Luma>) {
        if self.pictures.len() >= KEPT {
            let mut times: Vec<u64> = self.pictures.values().map(|(used, _)| *used).collect();
            times.sort_unstable();
            let middle = times[KEPT / 2];
            self.pictures.retain(|_, (used, _)| *used >= middle);
        }
        self.pictures.insert(row, (self.clock, Arc::clone(picture)));
    }
}

/// The picture as verification sees it, to a whole grey level.
fn working_size(luma: Luma) -> Luma {
    if luma.width().max(luma.height()) <= WORKING_SIDE {
        return luma;
    }
    let plane = reduce(&luma, WORKING_SIDE);
    let pixels = plane.values.iter().map(|value| ((value + GREY / 2) / GREY).min(255) as u8).collect();
    Luma::new(plane.width as u32, plane.height as u32, pixels).expect("a plane has width times height values")
}
