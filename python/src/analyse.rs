//! Analyses for a case elsewhere: all that a case holds of an image, as a row of bytes and numbers.
//!
//! Made for workers of Spark, Ray or any scheduler; `Case.ingest(analysed=...)` takes them in. The trap: a picture that cannot
//! be used is a row as well, with its reason, since the case has to know of it; nothing is raised for it.

use crate::hashes::Picture;
use adlink::analysis::{Analysed, analyse_for_case, read_file};
use adlink::decode::Limits;
use adlink::features::STORED;
use adlink::packed::pack;
use adlink::{Image, ImageError};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// What came of a file: its analysis in both forms, or why it could not be read.
type Row = Result<(Analysed, Vec<u8>), ImageError>;

/// Analyses an image file, given as a path or as its bytes, as `adlink ingest` does: a dictionary with the columns of
/// `adlink hash --analyses`, for a table that `Case.ingest(analysed=...)` takes in.
///
/// `analysis` (bytes, some 300 and 20 for each of `features` keypoints, which are as many as `Case.ingest` wants; None for a file that cannot be read), `sha256` (32
/// bytes), `pdq` (32 bytes), `pdq_quality` (0 to 100), `width`, `height` (pixels as shown), `error` (None, or
/// "REASON: detail"). Never raises for a picture that cannot be used.
#[pyfunction]
#[pyo3(signature = (image, *, features=None))]
pub(crate) fn analyse<'py>(
    py: Python<'py>,
    image: &Bound<'py, PyAny>,
    features: Option<u16>,
) -> PyResult<Bound<'py, PyDict>> {
    let picture = Picture::of(image)?;
    let (limits, features) = (Limits::default(), features.unwrap_or(STORED as u16));
    let packed = |bytes: &[u8]| {
        let analysed = analyse_for_case(bytes, &limits, usize::from(features));
        let packed = pack(&analysed, &limits, features);
        (analysed, packed)
    };
    let row: Row = match &picture {
        Picture::Bytes(bytes) => Ok(py.detach(|| packed(bytes))),
        Picture::Path(path) => py.detach(|| read_file(path, &limits).map(|bytes| packed(&bytes))),
        Picture::Grey(_) | Picture::Rgb { .. } => {
            return Err(PyTypeError::new_err(
                "expected a path, or the bytes of an image file: what a case holds is of files",
            ));
        }
    };
    columns(py, &row)
}

fn columns<'py>(py: Python<'py>, row: &Row) -> PyResult<Bound<'py, PyDict>> {
    let found = row.as_ref().ok();
    let image: Option<&Image> = found.and_then(|(analysed, _)| analysed.outcome.as_ref().ok());
    let error = match row {
        Err(fault) => Some(fault),
        Ok((analysed, _)) => analysed.outcome.as_ref().err(),
    };
    let bytes = |bytes: &[u8]| PyBytes::new(py, bytes);
    let columns = PyDict::new(py);
    columns.set_item("sha256", found.map(|(analysed, _)| bytes(&analysed.digests.sha256.0)))?;
    columns.set_item("pdq", image.map(|image| bytes(&image.pdq.hash().to_bytes())))?;
    columns.set_item("pdq_quality", image.map(|image| image.pdq.quality.get()))?;
    columns.set_item("width", image.map(|image| image.width))?;
    columns.set_item("height", image.map(|image| image.height))?;
    columns.set_item("error", error.map(ToString::to_string))?;
    columns.set_item("analysis", found.map(|(_, packed)| bytes(packed)))?;
    Ok(columns)
}
