//! What is kept of a run beside its files: the run itself, in the case, and what pictures it showed.
//!
//! Program and desk note alike. The trap: parameters stand in `report.html`, too, so they hold neither paths nor threads.

use super::{RunFacts, Written};
use crate::case::Case;
use crate::corpus::Snapshot;
use crate::error::Result;
use crate::link::{self, Findings};
use crate::picture::PreviewForm;
use crate::report::Previews;
use serde_json::{Map, Value, json};
use std::path::Path;

/// Notes a run whose files are written; its number.
///
/// # Errors
/// When the case cannot be written.
pub fn note_run(
    case: &Case,
    snapshot: &Snapshot,
    findings: &Findings,
    facts: &RunFacts,
    written: &Written,
) -> Result<u64> {
    let manifest = written.files.iter().find(|file| file.name == "manifest-sha256.txt");
    let mut detail = json!({
        "version": facts.version,
        "parameters": facts.parameters,
        "input": {
            "sha256": link::input_digest(snapshot),
            "images": snapshot.images.len(),
            "ads": snapshot.ads.len(),
            "decisions": snapshot.decisions.len(),
        },
        "out": written.folder.display().to_string(),
        "output": {
            "manifest_sha256": manifest.map(|file| &file.sha256),
            "links": findings.links.len(),
            "networks": findings.networks.len(),
        },
    });
    if let Some(zip) = &written.zip {
        detail["zip"] = json!({ "file": zip.name, "sha256": zip.sha256, "bytes": zip.bytes });
    }
    case.record_run(&link::reported(snapshot, findings), object(detail))
}

/// Previews for a report that goes to `out`, on record before they are in any file.
///
/// # Errors
/// Those of [`super::previews()`], and of writing to the case.
pub fn noted_previews(
    case: &mut Case,
    snapshot: &Snapshot,
    findings: &Findings,
    form: PreviewForm,
    out: &Path,
) -> Result<Previews> {
    let previews = super::previews(case, snapshot, findings, form)?;
    let note = json!({
        "kind": form.name(),
        "embedded": previews.embedded(),
        "out": out.display().to_string(),
    });
    case.note("previews", &note)?;
    Ok(previews)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
