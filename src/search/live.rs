//! Where else was this photo, in a case that grows while it is asked: what a service answers from.
//!
//! The writer adds images once they are durable; askers never wait for it longer than it takes to exchange a pointer
//! ([`LiveIndex`]) or to note a few numbers. What the indexes propose is read from the case and proven by the same
//! [`PhotoSearch`] and the same prover of parts as everywhere, so the hits are those of [`Searcher`](super::Searcher).
//! The trap: rows of an answer are rows of its own small snapshot.

use super::feature_folder::{FeatureIndexing, WORTH_INDEXING, basis_now, fitting, index_features};
use super::hashes::{PhotoSearch, oriented};
use super::live_parts::LiveParts;
use super::proposals::Proposals;
use super::searcher::Answer;
use crate::analysis::Analysis;
use crate::case::{Case, ImageKey, Whereabouts};
use crate::corpus::{ImageRow, ShortId, Snapshot};
use crate::error::Result;
use crate::features::{CANDIDATES, Features, SegmentMerge};
use crate::hash::{Hash256, Quality};
use crate::index::LiveIndex;
use crate::link::views;
use crate::record::{AdKey, Image};
use crate::verify::RADIUS;
use crate::verify::tilt::Tilted;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What is asked.
#[derive(Clone, Copy)]
pub enum SearchQuery<'a> {
    /// A picture: by hashes and by local features.
    Picture(&'a Analysis),
    /// Only its hashes are known.
    Hashes(&'a Image),
}

impl<'a> SearchQuery<'a> {
    /// The hashes.
    pub fn image(self) -> &'a Image {
        match self {
            Self::Picture(analysis) => &analysis.image,
            Self::Hashes(image) => image,
        }
    }
}

/// What answers one query.
pub struct LiveAnswer {
    /// What rows in the answer are rows of.
    pub snapshot: Snapshot,
    /// The hits.
    pub answer: Answer,
}

/// Indexes over a case, added to as the case is.
pub struct LiveSearch {
    min_quality: Quality,
    hashes: LiveIndex,
    /// The image of every row of `hashes`.
    images: RwLock<RowImages>,
    parts: Option<RwLock<LiveParts>>,
    /// Set when the index of features could not be written to: it may lack what was added then.
    parts_failed: AtomicBool,
    /// Set while somebody joins its segments.
    joining: AtomicBool,
    whereabouts: RwLock<Whereabouts>,
}

/// A list that grows without ever being moved as a whole: askers wait for whoever adds to it.
#[derive(Default)]
struct RowImages(Vec<Vec<ImageKey>>);

/// Rows of a page.
const PAGE: usize = 1 << 16;

impl RowImages {
    fn push(&mut self, key: ImageKey) {
        match self.0.last_mut() {
            Some(page) if page.len() < PAGE => page.push(key),
            _ => self.0.push(Vec::from([key])),
        }
    }

    fn at(&self, row: u32) -> ImageKey {
        self.0[row as usize / PAGE][row as usize % PAGE]
    }
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl LiveSearch {
    /// Reads what the indexes need of a case; with `parts` its local features, too, if it was made with them. Cost: about
    /// a second and 100 bytes a view for a million images, some 200 bytes a sighting, and for features that of
    /// [`FeatureIndex`](crate::features::FeatureIndex), or of a large case that of bringing the index beside it up to date,
    /// and some 150 bytes an image.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn open(case: &Case, min_quality: Quality, parts: bool) -> Result<Self> {
        Self::open_indexing(case, min_quality, parts, WORTH_INDEXING)
    }

    /// As [`Self::open`]; features are on disk from so many images on.
    fn open_indexing(case: &Case, min_quality: Quality, parts: bool, fewest: u64) -> Result<Self> {
        let held = case.view_hashes(min_quality)?;
        let mut images = RowImages::default();
        held.images.into_iter().for_each(|key| images.push(key));
        let parts = parts && case.feature_limit()?.is_some_and(|keypoints| keypoints > 0);
        let build = || -> Result<_> {
            // Where none can be made, or read, memory has to do.
            let on_disk = index_features(case, fewest).is_ok_and(|made| made != FeatureIndexing::NotWorth);
            if on_disk && let Ok(index) = fitting(case, min_quality)? {
                return Ok(RwLock::new(LiveParts::of_disk(index, min_quality)?));
            }
            let snapshot = case.snapshot_with_features()?;
            Ok(RwLock::new(LiveParts::build(&snapshot, &case.image_keys()?, min_quality)))
        };
        Ok(Self {
            min_quality,
            hashes: LiveIndex::new(&held.hashes, RADIUS),
            images: RwLock::new(images),
            parts: parts.then(build).transpose()?,
            parts_failed: AtomicBool::new(false),
            joining: AtomicBool::new(false),
            whereabouts: RwLock::new(case.whereabouts()?),
        })
    }

    /// Number of hashes that are looked through.
    pub fn len(&self) -> usize {
        self.hashes.snapshot().len()
    }

    /// True when there is no hash to be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of ads.
    pub fn ads(&self) -> usize {
        read(&self.whereabouts).ads()
    }

    /// True when local features are searched, too.
    pub fn finds_parts(&self) -> bool {
        self.parts.is_some() && !self.parts_failed.load(Ordering::Relaxed)
    }

    /// Takes in an image that was committed to the case. To be called by its one writer alone.
    pub fn add(&self, key: ImageKey, image: &Image, features: Option<&Features>) {
        let usable = views(image, self.min_quality).map(|(_, pdq)| pdq.hash());
        let hashes: Vec<Hash256> = usable.filter(|hash| !hash.is_regular()).collect();
        // First the images: whoever finds a row must find its image.
        let mut images = write(&self.images);
        hashes.iter().for_each(|_| images.push(key));
        drop(images);
        self.hashes.extend(&hashes);
        if let (Some(parts), Some(features)) = (&self.parts, features) {
            let failed = write(parts).add(key, image, features).is_err();
            self.parts_failed.fetch_or(failed, Ordering::Relaxed);
        }
    }

    /// Joins segments of the index of features where that is due, so that look-ups stay quick; in a thread of its own,
    /// which neither look-ups nor additions wait for.
    pub fn tend(self: &Arc<Self>) {
        let Some(parts) = &self.parts else { return };
        if self.joining.swap(true, Ordering::AcqRel) {
            return;
        }
        let live = self.clone();
        let join = |merge: SegmentMerge| {
            let join = move || {
                if let (Some(parts), Ok(merged)) = (&live.parts, merge.run()) {
                    write(parts).adopt(merged);
                }
                live.joining.store(false, Ordering::Release);
            };
            std::thread::Builder::new().name("feature-segments".into()).spawn(join).is_ok()
        };
        // Without a thread they are joined another time.
        if !write(parts).merging().ok().flatten().is_some_and(join) {
            self.joining.store(false, Ordering::Release);
        }
    }

    /// Makes what was added to an index of features on disk lasting. To be called by the case's one writer, with all that
    /// it committed added. What is not kept is read from the case at the next start.
    ///
    /// # Errors
    /// Those of reading the case and of writing the index.
    pub fn keep(&self, case: &Case) -> Result<()> {
        match &self.parts {
            Some(parts) if self.finds_parts() => write(parts).keep(|| basis_now(case)),
            _ => Ok(()),
        }
    }

    /// Takes in which files a committed record shows.
    pub fn note(&self, key: &AdKey, record: i64, files: &[i64]) {
        write(&self.whereabouts).note(key, record, files);
    }

    /// An ad with its images, as a snapshot of its own.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn ad(&self, case: &Case, key: &AdKey) -> Result<Option<Snapshot>> {
        let records = read(&self.whereabouts).records_of(key);
        case.snapshot_of_ad(key, records)
    }

    /// The keys of ads that are known by their short ids.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn keys(&self, case: &Case, ads: &[ShortId]) -> Result<Vec<AdKey>> {
        let records = read(&self.whereabouts).a_record_of(ads);
        case.keys_of_records(&records)
    }

    /// Images that show the query's photo within a radius, or with `parts` a part of it. `case` is any connection to the
    /// case these indexes are of.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn find(&self, case: &Case, query: SearchQuery<'_>, radius: u32, parts: bool) -> Result<LiveAnswer> {
        let near = self.near(case, query.image(), radius)?;
        let proposals = match (query, &self.parts) {
            (SearchQuery::Picture(picture), Some(index)) if parts && self.finds_parts() => {
                let tilts = Tilted::all(&picture.luma);
                let (index, most) = (read(index), CANDIDATES + near.len());
                Some((picture, Proposals::new(picture, tilts, |look| index.candidates(look, most))?))
            }
            _ => None,
        };
        let mut wanted = near;
        wanted.extend(proposals.iter().flat_map(|(_, proposals)| proposals.images()));
        if wanted.is_empty() {
            return Ok(LiveAnswer { snapshot: Snapshot::default(), answer: Answer::default() });
        }
        let snapshot = case.snapshot_known(&wanted, &self.whereabouts, proposals.is_some())?;
        let hits = PhotoSearch::for_queries(&snapshot, radius, self.min_quality, 1).find(query.image());
        let known: BTreeSet<ImageRow> = hits.iter().map(|hit| hit.image).collect();
        let parts = match &proposals {
            Some((picture, proposals)) => proposals.proven(case, &snapshot, picture, &known)?,
            None => Vec::new(),
        };
        Ok(LiveAnswer { snapshot, answer: Answer { hits, parts } })
    }

    /// Images that are near by hash, or have the very bytes.
    fn near(&self, case: &Case, query: &Image, radius: u32) -> Result<BTreeSet<ImageKey>> {
        let index = self.hashes.snapshot();
        let found: Vec<u32> = oriented(query, self.min_quality)
            .flat_map(|hash| index.search(&hash, radius))
            .map(|near| near.row)
            .collect();
        let mut keys: BTreeSet<ImageKey> = case.image_key(&query.id())?.into_iter().collect();
        let images = read(&self.images);
        keys.extend(found.into_iter().map(|row| images.at(row)));
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::analyse_file;
    use crate::ingest::{IngestOptions, ingest};
    use crate::progress::Silent;
    use std::path::{Path, PathBuf};

    fn images(site: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads/images").join(site)
    }

    /// What both say of some photos of the second site and of the first, in terms of images.
    fn answers(case: &Case, live: &LiveSearch) -> Vec<String> {
        let photos = ["openboard.example/O1007_0.jpg", "lakeside.example/L1163_0.jpg"];
        let answer = |photo: &str| {
            let asked = analyse_file(images("").join(photo)).unwrap();
            let found = live.find(case, SearchQuery::Picture(&asked), RADIUS, true).unwrap();
            let id = |row: ImageRow| found.snapshot.images[row].id();
            let hits = found.answer.hits.iter().map(|hit| format!("{} {:?}", id(hit.image), hit.proof));
            let parts = found.answer.parts.iter().map(|hit| format!("{} {:?}", id(hit.image), hit.local));
            hits.chain(parts).collect::<Vec<_>>().join("\n")
        };
        photos.map(answer).to_vec()
    }

    #[test]
    fn an_index_on_disk_is_added_to_and_kept_and_answers_as_one_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let mut case = Case::open_or_create(&folder.path().join("case.adlink")).unwrap();
        let take = |case: &mut Case, site: &str| {
            ingest(case, &[images(site).into()], &IngestOptions::default(), &Silent).unwrap();
        };
        take(&mut case, "openboard.example");
        let last = case.feature_facts(None).unwrap().last;
        let open = |case: &Case, fewest| {
            Arc::new(LiveSearch::open_indexing(case, Quality::USABLE, true, fewest).unwrap())
        };
        let (memory, disk) = (open(&case, u64::MAX), open(&case, 1));
        assert!(case.features_path().exists() && disk.finds_parts());
        assert_eq!(answers(&case, &disk), answers(&case, &memory));
        take(&mut case, "lakeside.example");
        let new = case.images_after(last).unwrap();
        let keypoints = case.feature_facts(None).unwrap().keypoints;
        assert!(new.len() > 5);
        for key in new {
            let (image, features) = case.image_with_features(key, keypoints).unwrap();
            [&memory, &disk].into_iter().for_each(|live| live.add(key, &image, features.as_ref()));
            disk.tend();
        }
        let said = answers(&case, &disk);
        assert!(said[1].contains("SameFile"), "{said:?}");
        assert_eq!(said, answers(&case, &memory));
        assert!(fitting(&case, Quality::USABLE).unwrap().is_err());
        disk.keep(&case).unwrap();
        assert!(fitting(&case, Quality::USABLE).unwrap().is_ok());
        assert_eq!(index_features(&case, 1).unwrap(), FeatureIndexing::Current);
        assert_eq!(answers(&case, &open(&case, 1)), said);
    }
}
