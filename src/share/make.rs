//! Makes a file in the format wanted, every part of it marked.
//!
//! Formats are for programs, so they are in English, whatever the page that asked. The trap: formats that can hold a note get
//! the marking as one; all others are marked by what is put around them.

use super::Order;
use super::format::Format;
use super::marks::Marks;
use super::package;
use crate::corpus::Snapshot;
use crate::error::{Error, Result};
use crate::language::{Language, in_language};
use crate::link::Findings;
use crate::output::formats::{Export, Home};
use crate::output::{spreadsheet, spreadsheet_name};
use crate::view::Joined;

/// The file, marked.
pub(super) fn bytes(
    order: &Order,
    snapshot: &Snapshot,
    findings: &Findings,
    marks: &Marks,
) -> Result<Vec<u8>> {
    in_language(Language::English, || made(order, snapshot, findings, marks))
}

fn made(order: &Order, snapshot: &Snapshot, findings: &Findings, marks: &Marks) -> Result<Vec<u8>> {
    let joined = Joined::new(snapshot, findings);
    if let Some(export) = order.format.file() {
        let bytes = file(export, &joined, marks)?;
        return if order.spreadsheet { sheet(export.file_name(), &bytes) } else { Ok(bytes) };
    }
    let allowed = Format::all().filter(|format| order.profile.allows(*format));
    let inside = allowed.filter_map(Format::file).filter(|export| export.home() != Home::Order);
    let files = inside.flat_map(|export| match with_sheet(export, order.spreadsheet, &joined, marks) {
        Ok(files) => files.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    });
    package::tar(files, order.profile, marks)
}

/// A file of a package by name, and its form for spreadsheets where that is wanted and there is one.
fn with_sheet(
    export: &dyn Export,
    spreadsheets: bool,
    joined: &Joined<'_>,
    marks: &Marks,
) -> Result<Vec<(String, Vec<u8>)>> {
    let (name, raw) = (export.file_name(), file(export, joined, marks)?);
    let Some(sheet_name) = spreadsheet_name(name).filter(|_| spreadsheets) else {
        return Ok(vec![(name.to_string(), raw)]);
    };
    let sheet = sheet(name, &raw)?;
    Ok(vec![(name.to_string(), raw), (sheet_name, sheet)])
}

fn sheet(name: &str, raw: &[u8]) -> Result<Vec<u8>> {
    spreadsheet(raw).map_err(|error| Error::io("write", name, error))
}

fn file(export: &dyn Export, joined: &Joined<'_>, marks: &Marks) -> Result<Vec<u8>> {
    let name = export.file_name();
    let failed = |error| Error::io("write", name, error);
    let mut bytes = Vec::new();
    if let Some(written) = export.write_with_note(joined, marks.text(), &mut bytes) {
        return written.map(|_| bytes).map_err(failed);
    }
    export.write(joined, &mut bytes).map_err(failed)?;
    marks.put(name, bytes)
}
