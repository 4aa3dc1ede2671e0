//! What linking found: tables for pyarrow and pandas, files for everybody else.
//!
//! Every table and file is written by the same code as `adlink link` uses. The trap: it is what the case held when it was
//! linked; decisions made since are not in it.

use crate::errors::{AdlinkError, failed};
use adlink::Snapshot;
use adlink::link::{Findings, LinkOptions};
use adlink::link_case::LinkedCase;
use adlink::output::formats::{self, Export};
use adlink::output::{self, Guard, RunFacts};
use adlink::view::{Figures, Joined};
use jiff::Timestamp;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// Links, pairs, photo groups and networks of a case.
#[pyclass(frozen, module = "adlink")]
pub(crate) struct Linked {
    snapshot: Snapshot,
    findings: Findings,
    lacking: Vec<String>,
    parameters: Map<String, Value>,
    case: PathBuf,
    case_id: String,
    started_at: String,
    threads: usize,
}

impl Linked {
    pub(crate) fn new(
        linked: LinkedCase,
        options: &LinkOptions,
        case: &adlink::Case,
    ) -> adlink::Result<Self> {
        let LinkedCase { snapshot, findings, originals } = linked;
        Ok(Self {
            lacking: originals.lacking().iter().map(ToString::to_string).collect(),
            snapshot,
            findings,
            parameters: options.parameters(),
            case: case.path().to_path_buf(),
            case_id: case.id()?,
            started_at: Timestamp::now().to_string(),
            threads: options.threads.unwrap_or_else(rayon::current_num_threads),
        })
    }

    /// Writes the result folder; says what that replaced when it is worth telling. Refuses what the program refuses.
    fn write_folder(&self, out: &Path, force: bool) -> adlink::Result<Option<String>> {
        let case = adlink::Case::open_read(&self.case)?;
        let replaced = Guard::new(force).case(&case).folder(out, &output::file_names())?;
        let joined = Joined::new(&self.snapshot, &self.findings);
        output::write(out, &joined, &Figures::new(&joined), &self.facts())?;
        Ok(replaced)
    }

    fn facts(&self) -> RunFacts {
        RunFacts {
            version: env!("CARGO_PKG_VERSION").into(),
            parameters: self.parameters.clone(),
            case_id: self.case_id.clone(),
            started_at: self.started_at.clone(),
            finished_at: Timestamp::now().to_string(),
            threads: self.threads,
            ..RunFacts::default()
        }
    }
}

#[pymethods]
impl Linked {
    /// Number of ad links.
    #[getter]
    fn link_count(&self) -> usize {
        self.findings.links.len()
    }

    /// Number of networks.
    #[getter]
    fn network_count(&self) -> usize {
        self.findings.networks.len()
    }

    /// SHA-256, in hex, of the images whose pixels linking wanted to see and whose files could not be read. With copies of
    /// these in a folder, `Case.link(originals=folder)` sees them.
    #[getter]
    fn lacking(&self) -> Vec<String> {
        self.lacking.clone()
    }

    /// How many of the listed pairs are expected to be false.
    #[getter]
    fn expected_false_pairs(&self) -> f64 {
        self.findings.expected_false_pairs
    }

    /// One file in any format of `adlink export` (links.csv, pairs.parquet, networks.jsonl, ...), as bytes.
    fn file<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyBytes>> {
        let export = known(name)?;
        let bytes = py.detach(|| {
            let mut bytes = Vec::new();
            export.write(&Joined::new(&self.snapshot, &self.findings), &mut bytes).map(|_| bytes)
        });
        // Memory takes everything.
        Ok(PyBytes::new(py, &bytes.expect("a vector can be written to")))
    }

    /// Names that `file` knows.
    #[staticmethod]
    fn file_names() -> Vec<&'static str> {
        formats::ALL.iter().map(|export| export.file_name()).collect()
    }

    /// Writes the result folder: report.html, the tables, run.json and the manifest, as `adlink link --out` does.
    ///
    /// What was not written by adlink, and results of another case, are replaced with `force=True` only, and a warning then
    /// says what; originals, inputs and cases never are.
    #[pyo3(signature = (out, *, force=false))]
    fn write(&self, py: Python<'_>, out: PathBuf, force: bool) -> PyResult<()> {
        let replaced = py.detach(|| self.write_folder(&out, force)).map_err(|error| failed(&error))?;
        if let Some(replaced) = replaced {
            py.import("warnings")?.call_method1("warn", (format!("replaces {replaced}"),))?;
        }
        Ok(())
    }

    fn __repr__(&self) -> String {
        format!("Linked({} links, {} networks)", self.link_count(), self.network_count())
    }
}

fn known(name: &str) -> PyResult<&'static dyn Export> {
    formats::ALL.into_iter().find(|export| export.file_name() == name).ok_or_else(|| {
        AdlinkError::new_err(format!("there is no `{name}`; known: {}", Linked::file_names().join(", ")))
    })
}
