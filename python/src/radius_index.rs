//! Exact search among many hashes: numpy arrays in, numpy arrays out.
//!
//! Hashes are rows of 32 bytes, highest first, as `Hash.bytes` and `faiss.IndexBinaryFlat` have them. The trap: rows keep
//! their numbers for good; one that was removed leaves a gap.

use crate::hashes::hash256;
use crate::work::beside;
use adlink::Hash256;
use adlink::index::{JoinPair, LiveIndex, join, self_join};
use numpy::{PyArray1, PyReadonlyArray2, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use rayon::prelude::*;
use std::sync::Mutex;

/// Rows of the first and the second side, and bits between them.
type Pairs<'py> = (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<u32>>);

/// Exact radius search over 256-bit hashes, from many threads and while others add and remove.
///
/// RadiusIndex(hashes, radius=31): `hashes` uint8 of shape (n, 32), or a list of `Hash` or hex digits. `radius` is the one
/// that the index is laid out for; every radius is answered exactly.
#[pyclass(frozen, module = "adlink")]
pub(crate) struct RadiusIndex {
    live: LiveIndex,
    radius: u32,
}

#[pymethods]
impl RadiusIndex {
    #[new]
    #[pyo3(signature = (hashes=None, radius=31))]
    fn new(py: Python<'_>, hashes: Option<&Bound<'_, PyAny>>, radius: u32) -> PyResult<Self> {
        let hashes = hashes.map_or(Ok(Vec::new()), rows)?;
        Ok(Self { live: py.detach(|| LiveIndex::new(&hashes, radius)), radius })
    }

    /// All rows within `radius` bits of each query: (query, row, distance), three uint32 arrays of one length, by query, then
    /// nearest first, then by row.
    #[pyo3(signature = (queries, radius=None))]
    fn search<'py>(
        &self,
        py: Python<'py>,
        queries: &Bound<'py, PyAny>,
        radius: Option<u32>,
    ) -> PyResult<Pairs<'py>> {
        let (queries, radius) = (rows(queries)?, radius.unwrap_or(self.radius));
        let found: Vec<Vec<_>> = py.detach(|| {
            let snapshot = self.live.snapshot();
            queries.par_iter().map(|query| snapshot.search(query, radius)).collect()
        });
        let of_all = || (0u32..).zip(&found).flat_map(|(query, all)| all.iter().map(move |one| (query, one)));
        Ok((
            PyArray1::from_iter(py, of_all().map(|(query, _)| query)),
            PyArray1::from_iter(py, of_all().map(|(_, one)| one.row)),
            PyArray1::from_iter(py, of_all().map(|(_, one)| one.distance)),
        ))
    }

    /// Adds hashes, which are searchable when this returns; the row of the first.
    fn add(&self, py: Python<'_>, hashes: &Bound<'_, PyAny>) -> PyResult<u32> {
        let hashes = rows(hashes)?;
        Ok(py.detach(|| self.live.extend(&hashes)).start)
    }

    /// Removes a row; False when there is none.
    fn remove(&self, row: u32) -> bool {
        self.live.remove(row)
    }

    fn __len__(&self) -> usize {
        self.live.snapshot().len()
    }

    fn __repr__(&self) -> String {
        format!("RadiusIndex({} hashes, radius {})", self.__len__(), self.radius)
    }

    /// All pairs within `radius` bits: of one list, a before b, or with `other` of two. (row of a, row of b, distance), three
    /// uint32 arrays, sorted by rows. Builds no index that stays.
    #[staticmethod]
    #[pyo3(signature = (hashes, radius=31, other=None))]
    fn join<'py>(
        py: Python<'py>,
        hashes: &Bound<'py, PyAny>,
        radius: u32,
        other: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Pairs<'py>> {
        let left = rows(hashes)?;
        let right = other.map(rows).transpose()?;
        let pairs = beside(py, None, |_| {
            let pairs = Mutex::new(Vec::new());
            let sink = |batch: &[JoinPair]| {
                pairs.lock().expect("nobody panics with it").extend_from_slice(batch);
            };
            match &right {
                Some(right) => join(&left, right, radius, &sink),
                None => self_join(&left, radius, &sink),
            }
            let mut pairs = pairs.into_inner().expect("nobody panicked with it");
            pairs.par_sort_unstable_by_key(|pair| (pair.a, pair.b));
            pairs
        })?;
        Ok((
            PyArray1::from_iter(py, pairs.iter().map(|pair| pair.a)),
            PyArray1::from_iter(py, pairs.iter().map(|pair| pair.b)),
            PyArray1::from_iter(py, pairs.iter().map(|pair| pair.distance)),
        ))
    }
}

/// Hashes as rows of an array, or as a list.
fn rows(given: &Bound<'_, PyAny>) -> PyResult<Vec<Hash256>> {
    if let Ok(array) = given.cast::<PyUntypedArray>() {
        return of_array(array);
    }
    given.try_iter()?.map(|one| hash256(&one?)).collect()
}

fn of_array(array: &Bound<'_, PyUntypedArray>) -> PyResult<Vec<Hash256>> {
    let bytes: PyReadonlyArray2<'_, u8> = array.extract().map_err(|_| {
        PyTypeError::new_err(format!(
            "expected uint8 of shape (n, 32), got {} of shape {:?}",
            array.dtype(),
            array.shape()
        ))
    })?;
    if array.shape()[1] != 32 {
        return Err(PyValueError::new_err(format!("a hash has 32 bytes, got shape {:?}", array.shape())));
    }
    let row = |row: numpy::ndarray::ArrayView1<'_, u8>| {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(row).for_each(|(byte, &given)| *byte = given);
        Hash256::from_bytes(&bytes)
    };
    Ok(bytes.as_array().outer_iter().map(row).collect())
}
