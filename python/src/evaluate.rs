//! Pairs against a truth, in figures.

use crate::errors::failed;
use adlink::eval::{PairFigures, PairFile, Truth};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;

/// How good the pairs of a run are: `truth` and `pairs` are CSV files as `adlink eval` reads them. A dictionary with
/// `positives`, `negatives`, `true`, `false`, `precision`, `recall` and `false_positive_rate`.
#[pyfunction]
pub(crate) fn evaluate(py: Python<'_>, truth: PathBuf, pairs: PathBuf) -> PyResult<Bound<'_, PyDict>> {
    let judged = py.detach(|| {
        let truth = Truth::read(&truth)?;
        let pairs = PairFile::read(&pairs, &truth)?;
        let figures = PairFigures::new(&truth, &pairs);
        adlink::Result::Ok((
            figures.positives,
            figures.negatives,
            figures.links(),
            figures.correct,
            figures.precision(),
            figures.recall(),
            figures.false_positive_rate(),
        ))
    });
    let (positives, negatives, links, correct, precision, recall, rate) =
        judged.map_err(|error| failed(&error))?;
    let figures = PyDict::new(py);
    figures.set_item("positives", positives)?;
    figures.set_item("negatives", negatives)?;
    figures.set_item("true", correct)?;
    figures.set_item("false", links - correct)?;
    figures.set_item("precision", precision)?;
    figures.set_item("recall", recall)?;
    figures.set_item("false_positive_rate", rate)?;
    Ok(figures)
}
