//! What goes wrong, as Python exceptions with the file and the remedy in their words.
//!
//! The trap: an unusable picture is no end of the world; `hash_many` hands its [`ImageError`] out in place of a hash.

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use std::error::Error;

pyo3::create_exception!(
    adlink,
    AdlinkError,
    pyo3::exceptions::PyException,
    "What adlink could not do, with the file and, where there is one, a remedy."
);
pyo3::create_exception!(
    adlink,
    ImageError,
    AdlinkError,
    "A picture that cannot be used. `reason` is a stable code such as MISSING, NOT_AN_IMAGE or TRUNCATED."
);

/// A failed run: each cause on a line, then the remedy.
pub(crate) fn failed(error: &adlink::Error) -> PyErr {
    if matches!(error, adlink::Error::Interrupted) {
        return PyKeyboardInterrupt::new_err("stopped; the same call goes on from there");
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!("\ncaused by: {error}");
        cause = error.source();
    }
    if let Some(hint) = error.hint() {
        text += &format!("\nhint: {hint}");
    }
    AdlinkError::new_err(text)
}

/// A picture that cannot be used, with its path in the words where it has one.
pub(crate) fn unusable(py: Python<'_>, error: &adlink::ImageError, path: Option<&str>) -> PyErr {
    let at = path.map_or(String::new(), |path| format!("{path}: "));
    let raised = ImageError::new_err(format!("{at}{}: {}", error.reason.name(), error.detail));
    // Of an exception without a dictionary nothing but the attribute is lost.
    let _ = raised.value(py).setattr("reason", error.reason.name());
    raised
}
