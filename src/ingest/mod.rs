//! Ads and image files into a case: read the manifests, then decode and hash what is new, in parallel.
//!
//! The case itself is the queue between the two stages. Reading names files; hashing takes the files that were
//! named and not read yet. So a run that was stopped or killed goes on by being run again, memory does not grow
//! with the input, and nothing is hashed twice. What a newcomer would get wrong: nothing here may depend on the
//! order of the input. Facts are added to sets; [`Case::snapshot`] decides what they mean.

mod analyse;
mod declared;
mod fields;
mod files;
mod folder;
mod hashing;
mod json;
mod locate;
mod originals;
mod reading;
mod source;
mod summary;
mod table;
mod times;

pub use analyse::{Analysis, Form, analyse, analyse_as, analyse_with_features, digest};
pub use files::{image_files, original, read_file};
pub use originals::{OriginalsCheck, check_originals};
pub use summary::{ImageCounts, IngestSummary, Manifest, RecordCounts};

use crate::case::{Case, Writer};
use crate::corpus::readable;
use crate::decode::Limits;
use crate::error::{Error, Result};
use crate::features::STORED;
use crate::progress::Progress;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where ads come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A manifest (JSON Lines, JSON array, CSV, TSV) or a folder of images.
    Path(PathBuf),
    /// JSON Lines on standard input; image paths are relative to the current folder.
    Stdin,
}

/// `-` is standard input.
impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::Path(path) }
    }
}

/// What counts as one ad when the input is a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AdPer {
    /// Every folder that holds images; images directly in the input folder are ads of their own.
    #[default]
    Folder,
    /// Every image.
    Image,
}

/// How to ingest.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Folder that image paths of manifests are relative to. Without it: the manifest's folder, then `images/`
    /// in it.
    pub images: Option<PathBuf>,
    /// What counts as one ad when the input is a folder.
    pub ad_per: AdPer,
    /// Columns with names adlink does not know: (field of adlink, name in the input).
    pub map: Vec<(String, String)>,
    /// Columns to keep although adlink drops them (personal traits) or does not know them.
    pub keep_fields: Vec<String>,
    /// Threads for decoding and hashing; all cores without it.
    pub threads: Option<usize>,
    /// Decode and hash again what was analysed before.
    pub rehash: bool,
    /// Keypoints stored per image, each 20 bytes; 0 for none. Files of the case whose images have fewer are read
    /// again, so that all images have as many as the last ingest with features asked for.
    pub features: u16,
    /// What one image may cost.
    pub limits: Limits,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            images: None,
            ad_per: AdPer::default(),
            map: Vec::new(),
            keep_fields: Vec::new(),
            threads: None,
            rehash: false,
            features: STORED as u16,
            limits: Limits::default(),
        }
    }
}

/// Ingests all inputs. Bad lines and bad images are counted and kept in the case; they end nothing.
///
/// Cost: one read of every new or changed file, one decode of every new content, and both for what has too few local
/// features. Memory: some images per thread,
/// and 16 bytes per file named; some 300 more for one whose digest or hash the manifest declares. Work is committed every few seconds: after [`Error::Interrupted`], an error or a
/// kill, the same call goes on where this one stopped.
///
/// Fails with [`Error::NoInput`] when there is not one record, good or bad.
pub fn ingest(
    case: &mut Case,
    inputs: &[Input],
    options: &IngestOptions,
    progress: &dyn Progress,
) -> Result<IngestSummary> {
    let mut writer = Writer::begin(case)?;
    writer.note("ingest-start", &start_note(inputs, options))?;
    if options.features > 0 {
        let waiting = writer.want_features(options.features)?;
        if waiting > 0 {
            progress.warn(&format!(
                "{waiting} files of the case are read again: {} local features are wanted of every image",
                options.features
            ));
        }
    }
    writer.commit()?;
    let (mut summary, mut named) = reading::read(&mut writer, inputs, options, progress)?;
    if summary.records.read == 0 {
        return Err(Error::NoInput(names(inputs).join(", ")));
    }
    hashing::left_over(&writer, &mut named)?;
    let work = hashing::hash_pending(case, &mut writer, options, progress)?;
    summary.images = hashing::count(&writer, &named, summary.images, work.hashed)?;
    summary.bytes_read = work.bytes;
    summary.mismatches = declared::check(&mut writer, &named.claims)?;
    writer.note("ingest-end", &end_note(&summary))?;
    writer.commit()?;
    Ok(summary)
}

/// The inputs in words.
fn names(inputs: &[Input]) -> Vec<String> {
    let name = |input: &Input| match input {
        Input::Path(path) => readable(path.as_os_str()),
        Input::Stdin => "standard input".to_string(),
    };
    inputs.iter().map(name).collect()
}

/// What the audit chain keeps of how an ingest was asked for.
fn start_note(inputs: &[Input], options: &IngestOptions) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "inputs": names(inputs),
        "images": options.images.as_ref().map(|folder| readable(folder.as_os_str())),
        "ad_per": match options.ad_per { AdPer::Folder => "folder", AdPer::Image => "image" },
        "map": options.map.iter().map(|(field, name)| format!("{field}={name}")).collect::<Vec<_>>(),
        "keep_fields": options.keep_fields,
        "rehash": options.rehash,
        "features": options.features,
    })
}

/// What the audit chain keeps of what an ingest did.
fn end_note(summary: &IngestSummary) -> Value {
    let manifests = summary.manifests.iter().map(|one| json!({ "path": one.path, "sha256": one.sha256 }));
    json!({
        "manifests": manifests.collect::<Vec<_>>(),
        "records": summary.records.read,
        "malformed": summary.records.malformed,
        "withdrawn": summary.records.withdrawn,
        "mismatches": summary.mismatches,
        "references": summary.images.references,
        "hashed": summary.images.hashed,
        "skipped": summary.images.skipped.iter().map(|(why, n)| (why.code(), *n)).collect::<BTreeMap<_, _>>(),
    })
}
