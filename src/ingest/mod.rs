//! Ads and image files into a case: read the manifests, then decode and hash what is new, in parallel.
//!
//! The case itself is the queue between the two stages. Reading names files; hashing takes the files that were
//! named and not read yet. So a run that was stopped or killed goes on by being run again, memory does not grow
//! with the input, and nothing is hashed twice. What a newcomer would get wrong: nothing here may depend on the
//! order of the input. Facts are added to sets; [`Case::snapshot`] decides what they mean.

mod elsewhere;
mod hashing;
mod intake;
mod options;
mod pairing;
mod posted;
mod preview;
mod readers;
mod record;
mod scout;
mod summary;

pub use elsewhere::AnalysesGiven;
pub use hashing::{OriginalsCheck, Rehashed, check_originals, rehash};
pub use options::{AdPer, IngestOptions, Input};
pub use posted::{KeptFile, NewImage, PostedAd, PostedPicture, TakenAd, TakenImage, take_posted};
pub use preview::{ColumnFound, InputPreview, PreviewedAd, preview};
pub use readers::image_files;
pub use record::{ColumnUse, DayOrder, field_names};
pub use summary::{ImageCounts, IngestSummary, ManifestRead, RecordCounts};

use self::elsewhere::Elsewhere;
use crate::case::{Case, Writer};
use crate::corpus::readable;
use crate::error::{Error, Result};
use crate::progress::Progress;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Ingests all inputs. Bad lines and bad images are counted and kept in the case; they end nothing.
///
/// Cost: one read of every new or changed file, one decode of every new content, and both for what has too few local
/// features. Memory: some images per thread,
/// and 16 bytes per file named; some 300 more for one whose digest or hash the manifest declares. Work is committed every few seconds: after [`Error::Interrupted`], an error or a
/// kill, the same call goes on where this one stopped.
///
/// # Errors
/// [`Error::NoInput`] when there is not one record, good or bad.
pub fn ingest(
    case: &mut Case,
    inputs: &[Input],
    options: &IngestOptions,
    progress: &dyn Progress,
) -> Result<IngestSummary> {
    if let Some(folder) = options.images.as_ref().filter(|folder| !folder.is_dir()) {
        let what = format!("--images {}: there is no such folder", readable(folder.as_os_str()));
        let hint = "name the folder that image paths of the manifest start in".into();
        return Err(Error::Fruitless { what, hint });
    }
    let how = (&options.limits, options.features);
    let elsewhere = Elsewhere::read(&options.analysed, case.path(), how, progress)?;
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
    let read = intake::read(&mut writer, inputs, options, &elsewhere, progress);
    if progress.stop_requested() {
        // Whatever reading says then: what it took in stays.
        writer.commit()?;
        return Err(Error::Interrupted);
    }
    let (mut summary, mut named) = read?;
    if summary.records.read == 0 {
        return Err(Error::NoInput(names(inputs).join(", ")));
    }
    hashing::left_over(&writer, &mut named)?;
    let work = hashing::hash_pending(case, &mut writer, options, &elsewhere, progress)?;
    summary.images = hashing::count(&writer, &named, summary.images, &work)?;
    summary.bytes_read = work.bytes;
    summary.analyses = AnalysesGiven {
        taken: summary.images.taken,
        refused: elsewhere.given.refused + work.refused,
        ..elsewhere.given
    };
    summary.mismatches = hashing::check_claims(&mut writer, &named.claims)?;
    writer.note("ingest-end", &end_note(&summary))?;
    writer.commit()?;
    Ok(summary)
}

/// The inputs in words.
fn names(inputs: &[Input]) -> Vec<String> {
    let name = |input: &Input| match input {
        Input::Path(path) => readable(path.as_os_str()),
        Input::Stdin => "standard input".to_string(),
        Input::Records { name, .. } => name.clone(),
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
        "site": options.site,
        "dates": options.dates.map(DayOrder::name),
        "strip_prefixes": options.strip_prefixes,
        "allow_outside": options.allow_outside,
        "ffmpeg": options.ffmpeg.as_ref().map(|program| readable(program.as_os_str())),
        "keep_fields": options.keep_fields,
        "analysed": options.analysed.iter().map(|path| readable(path.as_os_str())).collect::<Vec<_>>(),
        "rehash": options.rehash,
        "features": options.features,
    })
}

/// What the audit chain keeps of what an ingest did.
fn end_note(summary: &IngestSummary) -> Value {
    let manifests = summary.manifests.iter().map(|one| json!({ "path": one.path, "sha256": one.sha256 }));
    let analyses =
        summary.analyses.files.iter().map(|(path, sha256)| json!({ "path": path, "sha256": sha256 }));
    json!({
        "manifests": manifests.collect::<Vec<_>>(),
        "analyses": analyses.collect::<Vec<_>>(),
        "records": summary.records.read,
        "malformed": summary.records.malformed,
        "withdrawn": summary.records.withdrawn,
        "mismatches": summary.mismatches,
        "references": summary.images.references,
        "videos": summary.videos,
        "unused": summary.unused,
        "hashed": summary.images.hashed,
        "taken": summary.images.taken,
        "frames": summary.images.frames,
        "skipped": summary.images.skipped.iter().map(|(why, n)| (why.name(), *n)).collect::<BTreeMap<_, _>>(),
    })
}
