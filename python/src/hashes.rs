//! Hashes of pictures: from a path, from bytes of a file, or from pixels.
//!
//! The trap: pixels of an array are hashed as they are, while a file is turned upright by its EXIF orientation first; an
//! array read by another program may be lying on its side.

use crate::errors::unusable;
use crate::work::beside;
use adlink::analysis::{Analysis, analyse_with_features, read_file};
use adlink::decode::Limits;
use adlink::features::{Features, QUERY};
use adlink::hash::{Dihedral, Luma, Pdq, pdq, pdq_of_rgb};
use adlink::{Hash256, Image, ImageError};
use numpy::{PyArray1, PyReadonlyArray2, PyReadonlyArray3, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use rayon::prelude::*;
use std::path::PathBuf;

/// PDQ of one picture, in all eight orientations, with what else adlink stores of a file.
///
/// `a - b` is the Hamming distance of the upright hashes, 0 to 256; up to 31 two photos are held to be the same.
#[pyclass(frozen, module = "adlink")]
pub(crate) struct Hash {
    pdq: Pdq,
    /// What only a file has.
    image: Option<Image>,
}

#[pymethods]
impl Hash {
    /// 64 lower-case hex digits, as PDQ tools print it.
    #[getter]
    fn hex(&self) -> String {
        self.pdq.hash().to_string()
    }

    /// The 256 bits, highest first, as a numpy array of uint8 zeros and ones: the vector of `pdqhash.compute`.
    #[getter]
    fn bits<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u8>> {
        let bits = (0..256).rev().map(|k| u8::from(self.pdq.hash().bit(k)));
        PyArray1::from_iter(py, bits)
    }

    /// The 32 bytes in the order of the hex digits: a row for `RadiusIndex`.
    #[getter]
    fn bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u8>> {
        PyArray1::from_iter(py, self.pdq.hash().to_bytes())
    }

    /// How much the hash has to go by, 0 to 100; below 50 it proves nothing.
    #[getter]
    fn quality(&self) -> u8 {
        self.pdq.quality.get()
    }

    /// The hashes of the eight orientations, {name: hex}: `none`, `rot90`, ..., `flipminus1`.
    #[getter]
    fn turns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let turns = PyDict::new(py);
        for turn in Dihedral::ALL {
            turns.set_item(turn.name(), self.pdq.oriented(turn).to_string())?;
        }
        Ok(turns)
    }

    /// Hashes of parts and forms of the picture, as dictionaries with `kind`, `rect` (x, y, width, height), `hex` and
    /// `quality`. Empty for pixels.
    #[getter]
    fn views<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let views = PyList::empty(py);
        for view in self.image.iter().flat_map(|image| &image.views) {
            let one = PyDict::new(py);
            one.set_item("kind", view.kind.name())?;
            one.set_item("rect", (view.rect.x, view.rect.y, view.rect.width, view.rect.height))?;
            one.set_item("hex", view.pdq.hash().to_string())?;
            one.set_item("quality", view.pdq.quality.get())?;
            views.append(one)?;
        }
        Ok(views)
    }

    /// SHA-256 of the file in hex; `None` for pixels.
    #[getter]
    fn sha256(&self) -> Option<String> {
        self.image.as_ref().map(|image| image.id().to_string())
    }

    /// Width and height in pixels as shown; `None` for pixels.
    #[getter]
    fn size(&self) -> Option<(u32, u32)> {
        self.image.as_ref().map(|image| (image.width, image.height))
    }

    fn __sub__(&self, other: &Self) -> u32 {
        self.pdq.hash().distance(&other.pdq.hash())
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.pdq.hash() == other.pdq.hash()
    }

    fn __hash__(&self) -> u64 {
        self.pdq.hash().words().iter().fold(0, |all, word| all.rotate_left(7) ^ word)
    }

    fn __str__(&self) -> String {
        self.hex()
    }

    fn __repr__(&self) -> String {
        format!("Hash({}, quality {})", self.hex(), self.quality())
    }
}

/// A picture as it was given.
pub(crate) enum Picture {
    Path(PathBuf),
    Bytes(Vec<u8>),
    Grey(Luma),
    Rgb { width: u32, height: u32, pixels: Vec<u8> },
}

impl Picture {
    pub(crate) fn of(given: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = given.cast::<PyBytes>() {
            return Ok(Self::Bytes(bytes.as_bytes().to_vec()));
        }
        if let Ok(array) = given.cast::<PyUntypedArray>() {
            return Self::of_array(array);
        }
        let wanted =
            "expected a path, the bytes of an image file, or a numpy array of uint8 (height, width[, 3])";
        let path = given.extract::<PathBuf>().map_err(|_| PyTypeError::new_err(wanted))?;
        Ok(Self::Path(path))
    }

    /// Rows need not lie close together: what is sliced or turned is copied.
    fn of_array(array: &Bound<'_, PyUntypedArray>) -> PyResult<Self> {
        let side = |length: usize| {
            u32::try_from(length).ok().filter(|&length| length > 0).ok_or_else(|| {
                PyValueError::new_err(format!(
                    "a picture has at least one pixel, got shape {:?}",
                    array.shape()
                ))
            })
        };
        if let Ok(grey) = array.extract::<PyReadonlyArray2<'_, u8>>() {
            let (height, width) = (side(array.shape()[0])?, side(array.shape()[1])?);
            let pixels = grey.as_array().iter().copied().collect();
            return Ok(Self::Grey(
                Luma::new(width, height, pixels).expect("as many pixels as the shape says"),
            ));
        }
        match array.extract::<PyReadonlyArray3<'_, u8>>() {
            Ok(rgb) if array.shape()[2] == 3 => {
                let (height, width) = (side(array.shape()[0])?, side(array.shape()[1])?);
                Ok(Self::Rgb { width, height, pixels: rgb.as_array().iter().copied().collect() })
            }
            _ => Err(PyTypeError::new_err(format!(
                "expected uint8 of shape (height, width) or (height, width, 3), RGB; got {} of shape {:?}",
                array.dtype(),
                array.shape()
            ))),
        }
    }

    /// The path in words, for errors.
    pub(crate) fn path(&self) -> Option<String> {
        match self {
            Self::Path(path) => Some(path.display().to_string()),
            _ => None,
        }
    }

    fn hash(&self) -> Result<Hash, ImageError> {
        let limits = Limits::default();
        let of_file = |image: Image| Hash { pdq: image.pdq, image: Some(image) };
        Ok(match self {
            Self::Path(path) => of_file(adlink::hash_file(path)?),
            Self::Bytes(bytes) => of_file(adlink::analysis::analyse(bytes, &limits)?),
            Self::Grey(luma) => Hash { pdq: pdq(luma), image: None },
            Self::Rgb { width, height, pixels } => {
                let pdq = pdq_of_rgb(*width, *height, pixels).expect("three bytes a pixel");
                Hash { pdq, image: None }
            }
        })
    }

    /// With features, for a comparison or a search. Pixels are taken for a file that holds just them.
    pub(crate) fn analyse(&self) -> Result<Analysis, ImageError> {
        self.analyse_with(&Limits::default(), QUERY)
    }

    /// Its local features.
    pub(crate) fn features(&self, limits: &Limits, keypoints: usize) -> Result<Features, ImageError> {
        self.analyse_with(limits, keypoints).map(|analysis| analysis.features)
    }

    fn analyse_with(&self, limits: &Limits, keypoints: usize) -> Result<Analysis, ImageError> {
        let of_file = |bytes: &[u8]| analyse_with_features(bytes, limits, keypoints);
        match self {
            Self::Path(path) => of_file(&read_file(path, limits)?),
            Self::Bytes(bytes) => of_file(bytes),
            Self::Grey(luma) => of_file(&portable(b"P5", luma.width(), luma.height(), luma.pixels())),
            Self::Rgb { width, height, pixels } => of_file(&portable(b"P6", *width, *height, pixels)),
        }
    }
}

/// A file of the portable formats: a heading, then bytes as they are.
fn portable(kind: &[u8], width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    [kind, format!("\n{width} {height}\n255\n").as_bytes(), pixels].concat()
}

/// Hash of one picture: a path, the bytes of an image file, or a numpy array of uint8, grey (height, width) or RGB
/// (height, width, 3).
///
/// Raises ImageError when it is no picture that can be used.
#[pyfunction]
pub(crate) fn hash(py: Python<'_>, image: &Bound<'_, PyAny>) -> PyResult<Hash> {
    let picture = Picture::of(image)?;
    py.detach(|| picture.hash()).map_err(|error| unusable(py, &error, picture.path().as_deref()))
}

/// Hashes of many pictures on all cores, in their order; an ImageError stands in place of each that cannot be used.
///
/// `progress(stage, done, total)` is called some times a second.
#[pyfunction]
#[pyo3(signature = (images, progress=None))]
pub(crate) fn hash_many<'py>(
    py: Python<'py>,
    images: &Bound<'py, PyAny>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let pictures: Vec<Picture> = images.try_iter()?.map(|one| Picture::of(&one?)).collect::<PyResult<_>>()?;
    let hashes = beside(py, progress.as_ref(), |told| {
        told.start(adlink::progress::Stage::Hashing, Some(pictures.len() as u64));
        let one = |picture: &Picture| {
            let hash = (!told.stop_requested()).then(|| picture.hash());
            told.advance(1);
            hash
        };
        pictures.par_iter().map(one).collect::<Vec<_>>()
    })?;
    let list = PyList::empty(py);
    for (hash, picture) in hashes.into_iter().flatten().zip(&pictures) {
        match hash {
            Ok(hash) => list.append(hash)?,
            Err(error) => list.append(unusable(py, &error, picture.path().as_deref()).into_value(py))?,
        }
    }
    Ok(list)
}

/// A hash as 64 hex digits, a `Hash`, or 32 bytes.
pub(crate) fn hash256(given: &Bound<'_, PyAny>) -> PyResult<Hash256> {
    if let Ok(hash) = given.cast::<Hash>() {
        return Ok(hash.get().pdq.hash());
    }
    let text: String =
        given.extract().map_err(|_| PyTypeError::new_err("expected a Hash, or 64 hex digits"))?;
    text.parse().map_err(|error| PyValueError::new_err(format!("{error}")))
}
