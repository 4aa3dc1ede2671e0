//! Search by local features: pictures in, rows of those that may show the same photo out, parts and pages included.
//!
//! The trap: what it finds is worth a comparison and proves nothing; `adlink.compare` says whether it is the same photo.

use crate::errors::{AdlinkError, failed, unusable};
use crate::hashes::Picture;
use crate::work::beside;
use adlink::decode::Limits;
use adlink::features::{
    CANDIDATES, Candidate, DiskFeatureIndex, FeatureIndex as MemoryIndex, Features, QUERY, STORED,
};
use adlink::packed::unpack;
use adlink::{Error, ImageError};
use numpy::PyArray1;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use rayon::prelude::*;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// In the folder of an index: made here, not beside a case.
const BASIS: &str = "adlink.FeatureIndex";

/// Number of the query, row of the picture, weight of the matches.
type Found<'py> = (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<u32>>);

/// Pictures by their local features: finds crops, screenshots, collages and turned copies.
///
/// FeatureIndex(): in memory, some 30 kB a picture of 200 keypoints. FeatureIndex(folder): on disk, some 10 kB a picture there and 40 bytes in
/// memory; opened where it is, made where it is not. `save()` makes changes last.
#[pyclass(frozen, module = "adlink")]
pub(crate) struct FeatureIndex {
    folder: Option<PathBuf>,
    held: Mutex<Held>,
}

/// The index, and the row of the next picture.
struct Held {
    index: Index,
    next: u32,
}

enum Index {
    Memory(MemoryIndex),
    Disk(Box<DiskFeatureIndex>),
}

impl Index {
    fn insert(&mut self, row: u32, features: &Features) -> adlink::Result<()> {
        match self {
            Self::Memory(index) => {
                index.insert(row, features);
                Ok(())
            }
            Self::Disk(index) => index.insert(row, features),
        }
    }

    fn remove(&mut self, row: u32) -> adlink::Result<bool> {
        match self {
            Self::Memory(index) => Ok(index.remove(row)),
            Self::Disk(index) => index.remove(row),
        }
    }

    fn candidates(&self, query: &Features, most: usize) -> adlink::Result<Vec<Candidate>> {
        match self {
            Self::Memory(index) => Ok(index.candidates(query, most)),
            Self::Disk(index) => index.candidates(query, most),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Memory(index) => index.len(),
            Self::Disk(index) => index.len(),
        }
    }
}

impl Held {
    fn open(folder: Option<&PathBuf>) -> adlink::Result<Self> {
        let Some(folder) = folder else {
            return Ok(Self { index: Index::Memory(MemoryIndex::default()), next: 0 });
        };
        let index = DiskFeatureIndex::open(folder)?;
        let next = match (index.basis(), String::from_utf8(index.notes()?)) {
            ("", _) => Some(0),
            (BASIS, Ok(next)) => next.parse().ok(),
            _ => None,
        };
        let next = next.ok_or_else(|| Error::FeatureIndex {
            path: folder.clone(),
            reason: "it was made by something else, such as a case; name a folder of its own".into(),
        })?;
        Ok(Self { index: Index::Disk(Box::new(index)), next })
    }
}

/// Each picture once, in the turn that has most evidence, which comes first.
fn each_once(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut seen = HashSet::new();
    candidates.retain(|candidate| seen.insert(candidate.row));
    candidates
}

#[pymethods]
impl FeatureIndex {
    #[new]
    #[pyo3(signature = (folder=None))]
    fn new(py: Python<'_>, folder: Option<PathBuf>) -> PyResult<Self> {
        let held = py.detach(|| Held::open(folder.as_ref())).map_err(|error| failed(&error))?;
        Ok(Self { folder, held: Mutex::new(held) })
    }

    /// Adds pictures, each a path, the bytes of an image file, a numpy array (uint8, grey or RGB), or an `analysis` of
    /// `adlink.analyse`; the row of the first. Rows are counted up and never used again. Raises ImageError for a picture that
    /// cannot be used; then none is added.
    fn add(&self, py: Python<'_>, pictures: &Bound<'_, PyAny>) -> PyResult<u32> {
        let features = features_of(py, pictures, STORED)?;
        beside(py, None, |_| {
            let mut held = self.held();
            let first = held.next;
            for features in &features {
                let row = held.next;
                held.index.insert(row, features)?;
                held.next += 1;
            }
            Ok(first)
        })?
        .map_err(|error: Error| failed(&error))
    }

    /// Pictures that may show what each query shows, or a part of it, in any turn: (query, row, evidence), three uint32 arrays
    /// of one length, by query, then most evidence first, then by row; each picture once, at most `most` a query. Evidence: 100 for each match of
    /// average nearness that agrees on place and scale beyond chance. Queries are what `add` takes.
    #[pyo3(signature = (queries, *, most=CANDIDATES))]
    fn search<'py>(&self, py: Python<'py>, queries: &Bound<'py, PyAny>, most: usize) -> PyResult<Found<'py>> {
        let queries = features_of(py, queries, QUERY)?;
        let found = beside(py, None, |_| {
            let held = self.held();
            let index = &held.index;
            let look_up = |query| index.candidates(query, most).map(each_once);
            queries.par_iter().map(look_up).collect::<adlink::Result<Vec<_>>>()
        })?
        .map_err(|error| failed(&error))?;
        let of_all = || (0u32..).zip(&found).flat_map(|(query, all)| all.iter().map(move |one| (query, one)));
        Ok((
            PyArray1::from_iter(py, of_all().map(|(query, _)| query)),
            PyArray1::from_iter(py, of_all().map(|(_, one)| one.row)),
            PyArray1::from_iter(py, of_all().map(|(_, one)| one.evidence)),
        ))
    }

    /// Removes the picture of a row; False when there is none.
    fn remove(&self, py: Python<'_>, row: u32) -> PyResult<bool> {
        py.detach(|| self.held().index.remove(row)).map_err(|error| failed(&error))
    }

    /// Makes what was added and removed last in the folder. Until then it is in this process only.
    fn save(&self, py: Python<'_>) -> PyResult<()> {
        let saved = beside(py, None, |_| {
            let mut held = self.held();
            let next = held.next.to_string();
            match &mut held.index {
                Index::Memory(_) => None,
                Index::Disk(index) => Some(index.commit(BASIS, next.as_bytes())),
            }
        })?;
        match saved {
            None => {
                Err(PyValueError::new_err("an index in memory has no folder: FeatureIndex(folder) has one"))
            }
            Some(saved) => saved.map_err(|error| failed(&error)),
        }
    }

    fn __len__(&self) -> usize {
        self.held().index.len()
    }

    fn __repr__(&self) -> String {
        let place = self.folder.as_ref().map_or("in memory".into(), |folder| format!("{folder:?}"));
        format!("FeatureIndex({} pictures, {place})", self.__len__())
    }
}

impl FeatureIndex {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What features are taken from.
enum Given {
    Picture(Picture),
    Analysis(Features),
}

fn features_of(py: Python<'_>, given: &Bound<'_, PyAny>, keypoints: usize) -> PyResult<Vec<Features>> {
    if given.is_instance_of::<pyo3::types::PyBytes>() || given.is_instance_of::<pyo3::types::PyString>() {
        return Err(PyTypeError::new_err("expected a list of pictures; put a single one in brackets"));
    }
    let given: Vec<Given> = given.try_iter()?.map(|one| of_one(&one?, keypoints)).collect::<PyResult<_>>()?;
    let limits = Limits::default();
    let found: Vec<Result<Features, ImageError>> = beside(py, None, |_| {
        let one = |given: &Given| match given {
            Given::Analysis(features) => Ok(features.clone()),
            Given::Picture(picture) => picture.features(&limits, keypoints),
        };
        given.par_iter().map(one).collect()
    })?;
    let path = |given: &Given| match given {
        Given::Picture(picture) => picture.path(),
        Given::Analysis(_) => None,
    };
    let named = |(features, given): (Result<Features, ImageError>, &Given)| {
        features.map_err(|error| unusable(py, &error, path(given).as_deref()))
    };
    found.into_iter().zip(&given).map(named).collect()
}

fn of_one(given: &Bound<'_, PyAny>, keypoints: usize) -> PyResult<Given> {
    let picture = Picture::of(given)?;
    let Picture::Bytes(bytes) = &picture else { return Ok(Given::Picture(picture)) };
    let Ok(found) = unpack(bytes) else { return Ok(Given::Picture(picture)) };
    match found.analysed.features {
        Some(features) => Ok(Given::Analysis(features.prefix(keypoints))),
        None => Err(AdlinkError::new_err("an analysis without local features: make it without `features=0`")),
    }
}
