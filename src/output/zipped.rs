//! The report as one zip, to hand on: the page, the pages of networks and their briefs, and the digests of all these.
//!
//! Made from a result folder that was just written; the same files give the same bytes, whenever and wherever. The trap: the
//! folder's own manifest lists the paths of evidence, too, so the zip has another, which `sha256sum --check` takes whole.

use super::folder::{digest_of, write_file};
use super::manifest::of_files;
use super::{ResultFile, TERMS, Written};
use crate::error::{Error, Result};
use crate::report::PAGES_FOLDER;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// What the name of a zip must end in.
const ENDING: &str = "zip";

/// Whether a zip of a report may have a name: by its ending it is told from all other outputs.
///
/// # Errors
/// [`Error::Parameter`] for another ending.
pub fn check_zip_name(path: &Path) -> Result<()> {
    match path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING)) {
        true => Ok(()),
        false => Err(Error::Parameter {
            name: "--zip",
            value: path.display().to_string(),
            expected: "a name that ends in .zip".into(),
        }),
    }
}

/// Writes the report of a result folder with its pages as one zip, whole or not at all, and notes it in `written`.
///
/// # Errors
/// [`Error::Io`] when the zip cannot be written, or a file of the folder is not what was written into it.
pub fn zip_report(written: &mut Written, path: &Path) -> Result<()> {
    let mut members = Vec::new();
    for file in written.files.iter().filter(|file| is_of_report(&file.name)) {
        members.push((file, bytes_of(&written.folder, file)?));
    }
    members.sort_by(|(x, _), (y, _)| x.name.cmp(&y.name));
    let manifest = of_files(members.iter().map(|(file, _)| *file));
    let write = |out: &mut dyn Write| {
        let mut zip = ZipWriter::new_stream(out);
        add(&mut zip, "manifest-sha256.txt", manifest.as_bytes())?;
        for (file, bytes) in &members {
            add(&mut zip, &file.name, bytes)?;
        }
        zip.set_comment(format!("adlink report; {TERMS}")).map_err(io::Error::from)?;
        zip.finish().map_err(io::Error::from).map(|_| ())
    };
    written.zip = Some(write_file(path, write, |_| Ok(()))?);
    Ok(())
}

fn is_of_report(name: &str) -> bool {
    name == "report.html" || name.strip_prefix(PAGES_FOLDER).is_some_and(|rest| rest.starts_with('/'))
}

fn bytes_of(folder: &Path, file: &ResultFile) -> Result<Vec<u8>> {
    let path = folder.join(&file.name);
    let bytes = fs::read(&path).map_err(|source| Error::io("read", &path, source))?;
    match digest_of(&bytes) == file.sha256 {
        true => Ok(bytes),
        false => Err(Error::io("zip", path, io::Error::other("it was changed since it was written"))),
    }
}

/// A member without a time of its own, so that equal reports are equal zips.
fn add<W: Write + io::Seek>(zip: &mut ZipWriter<W>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o600);
    zip.start_file(name, options).map_err(io::Error::from)?;
    zip.write_all(bytes)
}
