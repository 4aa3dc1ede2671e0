//! A feature index that lives in a folder: [`DiskFeatureIndex`] proposes what the one in memory proposes, from files.
//!
//! Immutable segments, a small tail in memory, and a list that names the segments and is replaced as a whole. One writer,
//! any number of readers; a reader keeps what it opened. The trap: it is made of something else, a case or whatever its
//! `basis` says, and may always be made again; nobody should trust it further than its digests, or repair it.

mod bits;
mod file;
mod held;
mod list;
mod look_up;
mod merging;
mod segment;
mod shape;
mod tail;
#[cfg(test)]
mod tests;
mod writing;

use crate::erase::erase;
use crate::error::{Error, Result};
use crate::features::Features;
use crate::features::index::reading::{Reading, TABLES};
use crate::features::index::search::{Candidate, arranged, bucket_bits, fewest_keypoints, least_evidence};
use crate::record::hex;
use file::{Writing, read_exact_at, sync};
use held::{HeldSegment, MergeSource};
pub use held::{MergedSegment, SegmentMerge};
use list::{NotesEntry, SegmentEntry, SegmentList, damaged};
use look_up::{LookUp, MOST_QUERY};
use merging::{Arrivals, RankedSource, check_count, write_merged};
use segment::file_name;
use sha2::{Digest, Sha256};
use shape::KEPT;
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tail::Tail;

/// Pictures in memory before a segment is written: some 40 KB each.
const TAIL: usize = if cfg!(test) { 20 } else { 512 };
/// A segment stands by itself while it has so many times the pictures of the next younger one.
const GROWTH: usize = 4;
/// The file that a writer locks.
const LOCK: &str = "lock";
/// Pictures in the order in which they came, while a segment is made of them.
const ARRIVALS: &str = "arrivals.new";

/// Keypoints of many pictures in a folder, found by code: what [`FeatureIndex`](crate::features::FeatureIndex) finds,
/// candidate for candidate, whatever the order of changes.
///
/// Memory: some 40 bytes a picture, and 40 KB for each of up to 512 pictures added since a segment was written. Disk: per
/// picture of 100 keypoints 2,000 bytes of records and about 3,000 that find them. What was added and removed is lost
/// unless [`Self::commit`] follows.
pub struct DiskFeatureIndex {
    folder: PathBuf,
    /// As it stands in the folder.
    committed: Option<SegmentList>,
    basis: String,
    next: u32,
    readings: Vec<Reading>,
    segments: Vec<HeldSegment>,
    tail: Tail,
    pictures: usize,
    keypoints: u64,
    notes: Option<(File, NotesEntry)>,
    /// Whether others join segments.
    merges_elsewhere: bool,
    /// Held from the first file on that is written.
    lock: Option<File>,
}

fn readings(bucket_bits: u32) -> Vec<Reading> {
    (0..TABLES).map(|number| Reading::new(number, bucket_bits)).collect()
}

/// Bits of a bucket's number for so many keypoints.
fn bits_for(keypoints: u64) -> u32 {
    bucket_bits(usize::try_from(keypoints).unwrap_or(usize::MAX))
}

impl DiskFeatureIndex {
    /// Opens the index of a folder; an empty one where none is. Reads some 40 bytes a picture and checks their digests.
    ///
    /// # Errors
    /// [`Error::FeatureIndex`] for files that are not as they were written, [`Error::Io`].
    pub fn open(folder: &Path) -> Result<Self> {
        for _ in 0..RETRIES {
            match Self::open_once(folder) {
                // A writer may have replaced the list, and removed segments, since it was read.
                Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                outcome => return outcome,
            }
        }
        Self::open_once(folder)
    }

    fn open_once(folder: &Path) -> Result<Self> {
        let committed = SegmentList::read(folder)?;
        let list = committed.clone().unwrap_or_else(|| SegmentList::new(bits_for(0)));
        let open = |entry: SegmentEntry| HeldSegment::open(folder, entry, true);
        let segments: Vec<HeldSegment> = list.segments.into_iter().map(open).collect::<Result<_>>()?;
        let keypoints = segments.iter().map(HeldSegment::keypoints).sum();
        let bits = bits_for(keypoints);
        if list.bucket_bits != bits || segments.iter().any(|held| held.segment.bucket_bits() != bits) {
            return Err(damaged(folder, "its buckets are not those of so many keypoints"));
        }
        let notes = |entry: NotesEntry| {
            let path = folder.join(notes_name(entry.number));
            let file = File::open(&path).map_err(|error| Error::io("open", path, error))?;
            Result::Ok((file, entry))
        };
        Ok(Self {
            folder: folder.to_path_buf(),
            notes: list.notes.map(notes).transpose()?,
            committed,
            basis: list.basis,
            next: list.next,
            readings: readings(list.bucket_bits),
            pictures: segments.iter().map(HeldSegment::pictures).sum(),
            keypoints,
            segments,
            tail: Tail::default(),
            merges_elsewhere: false,
            lock: None,
        })
    }

    /// Overwrites the index of a folder with zeros and removes it, and the folder if nothing else lies there; true when
    /// there was one. What a disk keeps of it elsewhere no program reaches.
    ///
    /// # Errors
    /// [`Error::FeatureIndex`] while somebody writes to it, [`Error::Io`].
    pub fn delete(folder: &Path) -> Result<bool> {
        let files = match fs::read_dir(folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(Error::io("read", folder, error)),
        };
        let _lock = locked(folder)?;
        for file in files {
            let path = file.map_err(|error| Error::io("read", folder, error))?.path();
            if is_ours(&path) {
                erase(&path).map_err(|error| Error::io("remove", &path, error))?;
            }
        }
        // Whatever else lies there is not ours to remove.
        let _ = fs::remove_dir(folder);
        Ok(true)
    }

    /// What it was made of, in the words of whoever committed it; empty for none.
    pub fn basis(&self) -> &str {
        &self.basis
    }

    /// What its maker noted; nothing for none.
    ///
    /// # Errors
    /// [`Error::FeatureIndex`] for bytes that are not those that were written, [`Error::Io`].
    pub fn notes(&self) -> Result<Vec<u8>> {
        let Some((file, entry)) = &self.notes else { return Ok(Vec::new()) };
        let path = self.folder.join(notes_name(entry.number));
        let failed = |error| Error::io("read", &path, error);
        let length = file.metadata().map_err(failed)?.len();
        let mut notes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        read_exact_at(file, &mut notes, 0).map_err(failed)?;
        if hex(&Sha256::digest(&notes)) != entry.digest {
            return Err(damaged(&path, "its bytes are not those that were written"));
        }
        Ok(notes)
    }

    /// Number of pictures.
    pub fn len(&self) -> usize {
        self.pictures
    }

    /// True when there is no picture.
    pub fn is_empty(&self) -> bool {
        self.pictures == 0
    }

    /// Whether there is a picture in this row.
    pub fn contains(&self, row: u32) -> bool {
        let held = |held: &HeldSegment| {
            held.segment.place_of(row).is_some_and(|place| !held.removed.contains(&place))
        };
        self.tail.picture(row).is_some() || self.segments.iter().any(held)
    }

    /// Bytes of all segments.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|held| held.entry.bytes).sum()
    }

    /// Number of segments; each costs a look-up another read of every bucket.
    pub fn segments(&self) -> usize {
        self.segments.len()
    }

    /// Adds a picture, or replaces the one in this row. Every few hundred a segment is written, and now and then all are
    /// written anew.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a picture of more than 2,047 keypoints; [`Error::FeatureIndex`] while somebody else writes;
    /// [`Error::Io`].
    pub fn insert(&mut self, row: u32, features: &Features) -> Result<()> {
        check_count(features)?;
        self.take_out(row)?;
        self.tail.add(row, &features.keypoints, &self.readings);
        self.count(1, features.keypoints.len() as u64);
        self.settle()?;
        if self.tail.len() >= TAIL { self.flush() } else { Ok(()) }
    }

    /// Takes a picture out; false when there is none in this row.
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub fn remove(&mut self, row: u32) -> Result<bool> {
        let found = self.take_out(row)?;
        self.settle()?;
        Ok(found)
    }

    /// Adds many pictures, of several in one row the last: one segment is written of all of them. Cost: some 200
    /// microseconds a picture of one core's time. Memory: some 60 bytes a picture, and 300 MB at the most to sort.
    ///
    /// # Errors
    /// As [`Self::insert`], and those of `pictures`.
    pub fn extend(&mut self, pictures: impl IntoIterator<Item = Result<(u32, Features)>>) -> Result<()> {
        self.lock()?;
        let arrivals = Arrivals::write(&self.folder.join(ARRIVALS), pictures)?;
        for &(row, _) in &arrivals.pictures {
            self.take_out(row)?;
        }
        let keypoints: u64 = arrivals.pictures.iter().map(|(_, own)| (own.end - own.start) as u64).sum();
        self.count(arrivals.pictures.len(), keypoints);
        let (count, bits) = (self.segments.len(), bits_for(self.keypoints));
        let anew = bits != self.bucket_bits();
        if anew {
            self.readings = readings(bits);
        }
        if anew || !arrivals.pictures.is_empty() {
            self.write_in_place_of(if anew { 0..count } else { count..count }, anew, Some(arrivals))?;
        }
        // On what is left of a killed writer the next one writes.
        let _ = fs::remove_file(self.folder.join(ARRIVALS));
        self.merge()
    }

    /// Makes what was added and removed lasting, under a basis, with some bytes that mean something to whoever made it.
    ///
    /// # Errors
    /// [`Error::FeatureIndex`] when somebody else wrote to it since it was opened, or does now; [`Error::Io`].
    pub fn commit(&mut self, basis: &str, notes: &[u8]) -> Result<()> {
        self.flush()?;
        self.lock()?;
        let path = self.folder.join(notes_name(self.next));
        let mut writing = Writing::create(&path)?;
        writing.put(notes)?;
        let (file, digest) = writing.finish()?;
        sync(&path, &file)?;
        self.segments.iter().filter(|held| !held.lasts).try_for_each(|held| held.segment.sync())?;
        self.segments.iter_mut().for_each(|held| held.lasts = true);
        let entry = NotesEntry { number: self.next, digest: hex(&digest) };
        self.notes = Some((file, entry.clone()));
        self.next += 1;
        let notes = Some(entry);
        let entry = |held: &HeldSegment| SegmentEntry {
            removed: held.removed.iter().copied().collect(),
            ..held.entry.clone()
        };
        let mut list = SegmentList::new(self.bucket_bits());
        (list.basis, list.next, list.notes) = (basis.to_string(), self.next, notes);
        list.segments = self.segments.iter().map(entry).collect();
        list.write(&self.folder)?;
        self.basis = basis.to_string();
        self.remove_others(&list)?;
        self.committed = Some(list);
        self.lock = None;
        Ok(())
    }

    /// Up to `most` pictures that may show what the query shows: what
    /// [`FeatureIndex::candidates`](crate::features::FeatureIndex::candidates) gives for the same pictures. Cost for 100
    /// query keypoints: a read of some 500 bytes for each of 12 tables and every segment, and one of 2,000 bytes for each
    /// picture that enough of them meet.
    ///
    /// # Errors
    /// [`Error::FeatureIndex`] for bytes that are not those that were written, [`Error::Io`].
    pub fn candidates(&self, query: &Features, most: usize) -> Result<Vec<Candidate>> {
        let keypoints = &query.keypoints[..query.keypoints.len().min(MOST_QUERY)];
        let least = least_evidence(self.pictures);
        let segments = self.segments.iter().map(|held| (&*held.segment, &held.removed)).collect();
        let look_up = LookUp { readings: &self.readings, segments, tail: &self.tail };
        let voted = look_up.votes(keypoints, fewest_keypoints(least))?;
        Ok(arranged(query, voted.votes, least, most, |vote| &voted.stored[vote.entry as usize]))
    }

    /// Reads every segment whole and compares it with what was written.
    ///
    /// # Errors
    /// [`Error::FeatureIndex`] for bytes that are not those that were written, [`Error::Io`].
    pub fn verify(&self) -> Result<()> {
        self.notes()?;
        self.segments.iter().try_for_each(|held| held.segment.verify(&held.entry))
    }

    fn bucket_bits(&self) -> u32 {
        self.readings[0].bucket_bits()
    }

    fn count(&mut self, pictures: usize, keypoints: u64) {
        self.pictures += pictures;
        self.keypoints += keypoints;
    }

    /// Takes a picture out wherever it is; buckets may be too coarse or too fine afterwards.
    fn take_out(&mut self, row: u32) -> Result<bool> {
        if let Some(keypoints) = self.tail.remove(row) {
            self.pictures -= 1;
            self.keypoints -= keypoints;
            return Ok(true);
        }
        for number in 0..self.segments.len() {
            let held = &mut self.segments[number];
            let place = held.segment.place_of(row).filter(|place| !held.removed.contains(place));
            let Some(place) = place else { continue };
            held.removed.insert(place);
            self.pictures -= 1;
            self.keypoints -= held.segment.keypoints_of(place);
            if self.is_exhausted(number, place)? {
                self.write_in_place_of(number..number + 1, false, None)?;
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Whether the postings kept of some bucket of a picture that was taken out may no longer be all that are looked at.
    fn is_exhausted(&self, number: usize, place: u32) -> Result<bool> {
        let HeldSegment { segment, removed, .. } = &self.segments[number];
        let (mut buffer, mut keypoints, mut found) = (Vec::new(), Vec::new(), Vec::new());
        segment.picture(place, &mut buffer, &mut keypoints)?;
        for keypoint in &keypoints {
            for (table, reading) in self.readings.iter().enumerate() {
                found.clear();
                segment.bucket(table, reading.place(keypoint.code).bucket, &mut buffer, &mut found)?;
                let gone = found.iter().filter(|posting| removed.contains(&posting.place)).count();
                if found.len() == KEPT && 2 * gone > KEPT {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Writes everything anew where buckets are too coarse or too fine by now.
    fn settle(&mut self) -> Result<()> {
        if bits_for(self.keypoints) == self.bucket_bits() {
            return Ok(());
        }
        self.readings = readings(bits_for(self.keypoints));
        if self.segments.is_empty() {
            return self.file_tail_again();
        }
        self.write_in_place_of(0..self.segments.len(), true, None)
    }

    /// Sorts the tail into other buckets.
    fn file_tail_again(&mut self) -> Result<()> {
        let tail = std::mem::take(&mut self.tail);
        for row in tail.rows() {
            self.tail.add(row, tail.picture(row).unwrap_or_default(), &self.readings);
        }
        Ok(())
    }

    /// Writes the tail as a segment.
    fn flush(&mut self) -> Result<()> {
        if self.tail.is_empty() {
            return Ok(());
        }
        self.write_in_place_of(self.segments.len()..self.segments.len(), true, None)?;
        self.merge()
    }

    /// Leaves it to others to join segments: see [`Self::merging`]. For an index that is asked while it is added to.
    pub fn merge_elsewhere(&mut self) {
        self.merges_elsewhere = true;
    }

    /// Segments that should be joined, to be run beside this index, and then [adopted](Self::adopt); `None` when all is
    /// well. Each that waits costs look-ups another read of every bucket.
    ///
    /// # Errors
    /// [`Error::FeatureIndex`] while somebody else writes; [`Error::Io`].
    pub fn merging(&mut self) -> Result<Option<SegmentMerge>> {
        let due = self.due();
        if due.len() < 2 {
            return Ok(None);
        }
        self.lock()?;
        let sources = self.segments[due].iter().map(MergeSource::of).collect();
        let (folder, number, bucket_bits) = (self.folder.clone(), self.next, self.bucket_bits());
        self.next += 1;
        Ok(Some(SegmentMerge { folder, number, bucket_bits, sources }))
    }

    /// Puts a joined segment in the place of its sources; false when these are not there any more, and nothing is done.
    pub fn adopt(&mut self, mut merged: MergedSegment) -> bool {
        let is_source = |held: &HeldSegment, source: &MergeSource| held.entry.number == source.number;
        let first = self.segments.iter().position(|held| is_source(held, &merged.sources[0]));
        let Some(first) = first.filter(|_| merged.bucket_bits == self.bucket_bits()) else { return false };
        let count = merged.sources.len();
        let Some(now) = self.segments.get(first..first + count) else { return false };
        if !now.iter().zip(&merged.sources).all(|(held, source)| is_source(held, source)) {
            return false;
        }
        merged.follow(now);
        self.segments.splice(first..first + count, [merged.held]);
        true
    }

    /// The youngest segments, until one has several times the pictures of all that are younger.
    fn due(&self) -> Range<usize> {
        let count = self.segments.len();
        let mut first = count.saturating_sub(1);
        let mut younger = self.segments.last().map_or(0, HeldSegment::pictures);
        while first > 0 && self.segments[first - 1].pictures() < GROWTH * younger {
            first -= 1;
            younger += self.segments[first].pictures();
        }
        first..count
    }

    /// Joins the youngest segments until each has several times the pictures of the next.
    fn merge(&mut self) -> Result<()> {
        let due = self.due();
        if due.len() < 2 || self.merges_elsewhere { Ok(()) } else { self.write_in_place_of(due, false, None) }
    }

    /// Writes one segment of what some have, of the tail if that is wanted, and of what arrived.
    fn write_in_place_of(
        &mut self,
        segments: Range<usize>,
        with_tail: bool,
        arrivals: Option<Arrivals>,
    ) -> Result<()> {
        self.lock()?;
        let tail = if with_tail { self.tail.sorted() } else { Vec::new() };
        let held = self.segments[segments.clone()].iter();
        let mut sources: Vec<RankedSource<'_>> =
            held.map(|held| RankedSource::of(&held.segment, &held.removed)).collect();
        sources.push(RankedSource::Listed(tail.into_iter()));
        sources.extend(arrivals.as_ref().map(RankedSource::arrived));
        let entry = write_merged(&self.folder, self.next, self.bucket_bits(), sources)?;
        self.next += 1;
        let written =
            if entry.pictures == 0 { None } else { Some(HeldSegment::open(&self.folder, entry, false)?) };
        self.segments.splice(segments, written);
        if with_tail {
            self.tail = Tail::default();
        }
        Ok(())
    }

    /// Keeps others from writing, and makes sure that nobody has since this was opened.
    fn lock(&mut self) -> Result<()> {
        if self.lock.is_some() {
            return Ok(());
        }
        make_folder(&self.folder)?;
        let lock = locked(&self.folder)?;
        if SegmentList::read(&self.folder)? != self.committed {
            return Err(damaged(&self.folder, "somebody else has written to it meanwhile"));
        }
        self.lock = Some(lock);
        Ok(())
    }

    /// Removes files of ours that the list does not name.
    fn remove_others(&self, list: &SegmentList) -> Result<()> {
        let segments = list.segments.iter().map(|entry| file_name(entry.number));
        let named: BTreeSet<String> =
            segments.chain(list.notes.iter().map(|entry| notes_name(entry.number))).collect();
        for file in fs::read_dir(&self.folder).map_err(|error| Error::io("read", &self.folder, error))? {
            let path = file.map_err(|error| Error::io("read", &self.folder, error))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if is_numbered(&name) && !named.contains(&name) {
                // Where a reader keeps it there, the next commit removes it.
                let _ = fs::remove_file(&path);
            }
        }
        Ok(())
    }
}

/// How often a folder is opened whose segments are gone by the time they are.
const RETRIES: usize = 3;

/// The file of what its maker noted.
fn notes_name(number: u32) -> String {
    format!("{number:06}.notes")
}

/// Whether a file is called as segments and notes are.
fn is_numbered(name: &str) -> bool {
    let digits = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    [".segment", ".notes"].into_iter().any(|ending| name.strip_suffix(ending).is_some_and(digits))
}

/// Whether a file is one of an index.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    is_numbered(&name) || ["segments.json", "segments.json.new", ARRIVALS, LOCK].contains(&&*name)
}

fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Error::io("create folder", folder, error))
}

/// The lock of a folder's one writer.
fn locked(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|error| Error::io("create", &path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(damaged(folder, "another adlink is writing to it")),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", path, error)),
    }
}
