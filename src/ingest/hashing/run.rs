//! The second stage: the files that wait are read, decoded and hashed on all threads; one writer stores them.
//!
//! Files are taken page by page, results come back through a short queue, so memory is bounded by the number
//! of threads. Bytes that are in the case, or that another thread is decoding right now, are not decoded again.

use super::named::Named;
use crate::analysis::{Analysed, analyse_known, digest};
use crate::case::{Case, Lookup, Pending, Read as Outcome, Tombstones, Writer};
use crate::decode::{Reservation, Scope, room_for_file};
use crate::error::{Error, ImageError, Result, SkipReason};
use crate::ingest::elsewhere::{BytesKnown, Elsewhere};
use crate::ingest::options::IngestOptions;
use crate::ingest::summary::ImageCounts;
use crate::progress::{Progress, Stage};
use crate::record::{Digests, ImageId};
use crate::source::{self, Opener, Stamp};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Files fetched from the case at a time.
const PAGE: u32 = 4096;

/// Bytes of its buffer that a thread keeps from one file to the next.
const KEPT: usize = 4 << 20;

/// What an analysed image counts for towards a commit: 256 images make one.
const WEIGHT: u32 = 16;

/// What hashing did.
#[derive(Debug, Default)]
pub(in crate::ingest) struct HashingCounts {
    /// Images decoded and hashed.
    pub(in crate::ingest) hashed: u64,
    /// Images taken as they were analysed elsewhere.
    pub(in crate::ingest) taken: u64,
    /// Analyses made elsewhere that do not fit the bytes, or were made in another way.
    pub(in crate::ingest) refused: u64,
    /// Bytes of files read.
    pub(in crate::ingest) bytes: u64,
}

/// Adds the files that an earlier, stopped run had named: they are read now too.
pub(in crate::ingest) fn left_over(writer: &Writer<'_>, named: &mut Named) -> Result<()> {
    if writer.count_pending()? > named.pending {
        for (file, times) in writer.pending_shown()? {
            named.times.entry(file).or_insert(times);
        }
    }
    Ok(())
}

/// Reads every file that waits.
pub(in crate::ingest) fn hash_pending(
    case: &Case,
    writer: &mut Writer<'_>,
    options: &IngestOptions,
    elsewhere: &Elsewhere,
    progress: &dyn Progress,
) -> Result<HashingCounts> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads.unwrap_or(0)).build().map_err(
        |error| Error::Parameter {
            name: "--threads",
            value: options.threads.unwrap_or(0).to_string(),
            expected: format!("a number of threads this machine can start ({error})"),
        },
    )?;
    progress.start(Stage::Hashing, Some(writer.count_pending()?));
    let known = KnownBytes {
        lookup: Lookup::open(case)?,
        claimed: HashSet::new(),
        keypoints: options.features,
        again: options.rehash,
    };
    let known = Mutex::new(known);
    let withdrawn = writer.tombstones()?;
    let mut storing = Storing {
        writer,
        known: &known,
        progress,
        work: HashingCounts::default(),
        fresh: vec![],
        early: HashMap::new(),
    };
    let (mut last, opener) = (0, Mutex::new(Opener::default()));
    loop {
        let mut page = storing.writer.pending(last, PAGE)?;
        let Some(end) = page.last() else { break };
        last = end.id;
        page.sort_by_key(|file| source::order(&file.path));
        let (next, (sender, receiver)) = (AtomicUsize::new(0), sync_channel(2 * pool.current_num_threads()));
        let feed = Feed { page: &page, next: &next, opener: &opener };
        let reader = Reader { feed, known: &known, withdrawn: &withdrawn, options, elsewhere, progress };
        pool.in_place_scope(|scope| {
            for _ in 0..pool.current_num_threads() {
                let sender = sender.clone();
                scope.spawn(move |_| reader.run(&sender));
            }
            drop(sender);
            storing.all(receiver)
        })?;
        if progress.stop_requested() {
            storing.writer.commit()?;
            return Err(Error::Interrupted);
        }
    }
    storing.writer.commit()?;
    let work = storing.work;
    progress.finish();
    Ok(work)
}

/// What came of every reference of the run.
pub(in crate::ingest) fn count(
    writer: &Writer<'_>,
    named: &Named,
    absent: ImageCounts,
    work: &HashingCounts,
) -> Result<ImageCounts> {
    let mut counts = absent;
    let mut usable = 0;
    for (&file, &times) in &named.times {
        match writer.fault(file)? {
            None => usable += times,
            Some(reason) => *counts.skipped.entry(reason).or_default() += times,
        }
    }
    counts.hashed = work.hashed;
    counts.taken += work.taken;
    counts.known = usable.saturating_sub(counts.hashed + counts.taken);
    counts.references = usable + counts.by_hash + counts.frames + counts.skipped.values().sum::<u64>();
    Ok(counts)
}

/// Which bytes need no analysis.
struct KnownBytes {
    lookup: Lookup,
    /// Being analysed, or analysed and not committed: the lookup does not see them yet.
    claimed: HashSet<ImageId>,
    /// Local features that have to be known, too.
    keypoints: u16,
    /// Analyse once more what the case knows.
    again: bool,
}

impl KnownBytes {
    /// True for the first who asks about bytes that are not in the case, or not with all that is wanted of them.
    fn claim(&mut self, id: ImageId) -> Result<bool> {
        if self.claimed.contains(&id) || !self.again && self.lookup.contains(&id, self.keypoints)? {
            return Ok(false);
        }
        Ok(self.claimed.insert(id))
    }

    /// Forgets claims that the lookup sees by now.
    fn committed(&mut self, ids: &mut Vec<ImageId>) {
        if !self.again {
            for id in ids.iter() {
                self.claimed.remove(id);
            }
        }
        ids.clear();
    }
}

fn lock<'a>(known: &'a Mutex<KnownBytes>) -> MutexGuard<'a, KnownBytes> {
    // A panic while holding it leaves a set and a connection, both usable.
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that was read.
struct Done {
    file: i64,
    stamp: Option<Stamp>,
    bytes: u64,
    outcome: Outcome,
    /// The analysis, by whoever claimed the bytes, and where it comes from.
    analysed: Option<(Box<Analysed>, Origin)>,
}

/// Where an analysis comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Here,
    Elsewhere,
    /// Made here, since the one made elsewhere does not fit.
    HereAgain,
}

/// Gives out the files of a page. Members of a container that can only be read in order are read here, one after the
/// other; all else is read by whoever takes it.
#[derive(Clone, Copy)]
struct Feed<'a> {
    page: &'a [Pending],
    next: &'a AtomicUsize,
    opener: &'a Mutex<Opener>,
}

/// The stamp of a file whose bytes were read, and the room they take.
type LoadedFile = Result<(Stamp, Reservation), ImageError>;

impl<'a> Feed<'a> {
    /// The next file, with its bytes in `buffer` and the room they take.
    fn next(
        &self,
        own: &mut Opener,
        max_bytes: u64,
        buffer: &mut Vec<u8>,
    ) -> Option<(&'a Pending, LoadedFile)> {
        let mut shared = self.opener.lock().unwrap_or_else(PoisonError::into_inner);
        let file = self.page.get(self.next.fetch_add(1, Ordering::Relaxed))?;
        if source::order(&file.path).is_some() {
            return Some((file, with_room(&mut shared, &file.path, max_bytes, buffer)));
        }
        drop(shared);
        Some((file, with_room(own, &file.path, max_bytes, buffer)))
    }
}

/// Reads a file once there is room for it.
fn with_room(
    opener: &mut Opener,
    path: &Path,
    max_bytes: u64,
    buffer: &mut Vec<u8>,
) -> Result<(Stamp, Reservation), ImageError> {
    let size = source::stamp(path)?.map_or(0, |stamp| stamp.size.unsigned_abs());
    let room = room_for_file(size.min(max_bytes))?;
    Ok((opener.load(path, max_bytes, buffer)?, room))
}

/// One page of files, shared by the threads that read it.
#[derive(Clone, Copy)]
struct Reader<'a> {
    feed: Feed<'a>,
    known: &'a Mutex<KnownBytes>,
    withdrawn: &'a Tombstones,
    options: &'a IngestOptions,
    elsewhere: &'a Elsewhere,
    progress: &'a dyn Progress,
}

impl Reader<'_> {
    /// Takes files until there are none, or nobody wants them.
    fn run(&self, sender: &SyncSender<Result<Done>>) {
        let (mut buffer, mut opener) = (Vec::new(), Opener::default());
        while !self.progress.stop_requested() {
            // Pixels stay until features are extracted, and the file's bytes until then.
            let scope = Scope::open();
            let Some((file, loaded)) =
                self.feed.next(&mut opener, self.options.limits.max_bytes, &mut buffer)
            else {
                return;
            };
            let done = self.file(file, loaded, &buffer);
            drop(scope);
            if sender.send(done).is_err() {
                return;
            }
            // Nobody counts a buffer that is kept.
            buffer.clear();
            buffer.shrink_to(KEPT);
        }
    }

    fn file(&self, file: &Pending, loaded: LoadedFile, buffer: &[u8]) -> Result<Done> {
        let (stamp, _room) = match loaded {
            Ok(loaded) => loaded,
            Err(fault) => {
                let outcome = Outcome::Failed(fault);
                return Ok(Done { file: file.id, stamp: None, bytes: 0, outcome, analysed: None });
            }
        };
        let digests = digest(buffer);
        let bytes = buffer.len() as u64;
        if self.withdrawn.image(&digests.sha256) {
            let outcome = Outcome::Failed(ImageError::new(SkipReason::Withdrawn, ""));
            return Ok(Done { file: file.id, stamp: None, bytes, outcome, analysed: None });
        }
        let claimed = lock(self.known).claim(digests.sha256)?;
        let analysed = if claimed { Some(self.analysed(digests, buffer)?) } else { None };
        let outcome = Outcome::Content(digests.sha256);
        Ok(Done { file: file.id, stamp: Some(stamp), bytes, outcome, analysed })
    }

    /// What is known about bytes that were claimed: as it was found elsewhere, else as it is found now.
    fn analysed(&self, digests: Digests, buffer: &[u8]) -> Result<(Box<Analysed>, Origin)> {
        let IngestOptions { limits, features: keypoints, .. } = self.options;
        let bytes = buffer.len() as u64;
        let origin = match self.elsewhere.of_bytes(&digests, bytes, limits, *keypoints)? {
            BytesKnown::Yes(analysed) => return Ok((analysed, Origin::Elsewhere)),
            BytesKnown::No => Origin::Here,
            BytesKnown::Refused => Origin::HereAgain,
        };
        Ok((Box::new(analyse_known(digests, buffer, limits, usize::from(*keypoints))), origin))
    }
}

/// The writing end.
struct Storing<'a, 'w, 'c> {
    writer: &'a mut Writer<'w>,
    known: &'c Mutex<KnownBytes>,
    progress: &'a dyn Progress,
    work: HashingCounts,
    /// Contents stored and not committed.
    fresh: Vec<ImageId>,
    /// Files whose bytes another thread is still analysing.
    early: HashMap<ImageId, Vec<(i64, Option<Stamp>)>>,
}

impl Storing<'_, '_, '_> {
    fn all(&mut self, receiver: Receiver<Result<Done>>) -> Result<()> {
        receiver.into_iter().try_for_each(|done| self.one(done?))
    }

    fn one(&mut self, done: Done) -> Result<()> {
        self.work.bytes += done.bytes;
        if let Some((analysed, origin)) = &done.analysed {
            self.work.refused += u64::from(*origin == Origin::HereAgain);
            let counted =
                if *origin == Origin::Elsewhere { &mut self.work.taken } else { &mut self.work.hashed };
            *counted += u64::from(analysed.outcome.is_ok());
            self.writer.content(analysed)?;
            self.fresh.push(analysed.digests.sha256);
            for (file, stamp) in self.early.remove(&analysed.digests.sha256).unwrap_or_default() {
                self.writer.read(file, stamp, &done.outcome)?;
            }
        }
        if let Outcome::Failed(fault) = &done.outcome
            && fault.reason == SkipReason::Withdrawn
        {
            self.writer.refuse(done.file)?;
        } else if !self.writer.read(done.file, done.stamp, &done.outcome)?
            && let Outcome::Content(id) = done.outcome
        {
            self.early.entry(id).or_default().push((done.file, done.stamp));
        }
        self.progress.advance(1);
        if self.writer.step(WEIGHT)? {
            lock(self.known).committed(&mut self.fresh);
        }
        Ok(())
    }
}

#[cfg(test)]
mod large;
