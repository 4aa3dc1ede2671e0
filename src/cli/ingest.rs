//! `adlink ingest`: ads and images into a case, nothing more.

use super::inputs::{Inputs, RunInputs};
use super::progress::Display;
use super::terminal::{self, Talk, count};
use super::{Common, Exit};
use adlink::case::Case;
use adlink::ingest::{IngestSummary, ingest};
use adlink::search::{FeatureIndexing, WORTH_INDEXING, index_features};
use clap::Args;
use serde_json::Value;
use std::path::PathBuf;

/// Hash ads into a case without linking; resumable
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink ingest monday.jsonl --case case.adlink
  adlink ingest scrape/ --case case.adlink --threads 4
  adlink ingest monday.jsonl --case case.adlink --analysed analysed/    what jobs of `adlink hash --analyses` found out
  adlink ingest scrape/ --case large.adlink --features 100   2,000 bytes of local features a picture, not 4,000

Ctrl-C keeps what is hashed; the same command goes on from there.")]
pub(super) struct IngestArgs {
    #[command(flatten)]
    inputs: Inputs,
    /// Case file, created when it is not there
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
}

pub(super) fn run(args: &IngestArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let mut case = super::acting(Case::open_or_create(&args.case)?, common);
    super::warn_of_place(&args.case, talk);
    let run = fill(&mut case, &args.inputs, common, talk)?;
    index(&case, talk);
    if common.json {
        terminal::data(&format!("{:#}\n", Value::Object(run.counts)))?;
    }
    Ok(if run.skipped > 0 { Exit::Skipped } else { Exit::Done })
}

/// Ingests, and says what came of it.
pub(super) fn fill(
    case: &mut Case,
    inputs: &Inputs,
    common: &Common,
    talk: &Talk,
) -> adlink::Result<RunInputs> {
    let display = Display::new(common, talk);
    let options = inputs.options(common, case.feature_limit()?);
    if options.ffmpeg.is_none() && inputs.wants_videos() {
        talk.warn("there is no `ffmpeg` on PATH: videos are counted and not looked at");
    }
    let before = case.counts()?;
    if before.records > 0 {
        talk.say(&format!(
            "the case holds {} and {}",
            count(before.records, "record"),
            count(before.images, "image")
        ));
    }
    let summary = ingest(case, &inputs.sources(), &options, &display)?;
    say(&summary, talk);
    let after = case.counts()?;
    if before.records > 0 {
        let (records, images) = (count(after.records, "record"), count(after.images, "image"));
        talk.say(&format!(
            "the case now holds {records} and {images}: {} and {} more",
            after.records - before.records,
            after.images.saturating_sub(before.images)
        ));
    }
    if let Some(error) = summary.fruitless(before.images) {
        return Err(error);
    }
    Ok(inputs.run(&summary))
}

/// Brings the index of local features beside a large case up to date. Without it searches read the whole case, so a run
/// goes on where it cannot be made.
pub(super) fn index(case: &Case, talk: &Talk) {
    let images = |number| count(number, "image");
    match index_features(case, WORTH_INDEXING) {
        Ok(FeatureIndexing::NotWorth | FeatureIndexing::Current) => {}
        Ok(FeatureIndexing::Made(number)) => {
            talk.say(&format!("index of local features for `adlink search`: made of {}", images(number)));
        }
        Ok(FeatureIndexing::Extended(number)) => {
            talk.say(&format!("index of local features for `adlink search`: {} added", images(number)));
        }
        Err(error) => talk
            .warn(&format!("no index of local features, so `adlink search` reads the whole case: {error}")),
    }
}

/// Tells what came of an ingest.
pub(super) fn say(summary: &IngestSummary, talk: &Talk) {
    let (records, images) = (&summary.records, &summary.images);
    talk.say(&format!(
        "{} read: {} used, {} repeated, {} malformed",
        count(records.read, "record"),
        records.used,
        records.repeated,
        records.malformed
    ));
    talk.say(&format!(
        "{} named: {} hashed now, {}{} known, {}{} skipped",
        count(images.references, "image"),
        images.hashed,
        if images.taken > 0 { format!("{} as analysed elsewhere, ", images.taken) } else { String::new() },
        images.known,
        if images.by_hash > 0 { format!("{} by the hash given, ", images.by_hash) } else { String::new() },
        images.skipped.values().sum::<u64>()
    ));
    let analyses = &summary.analyses;
    if analyses.rows > 0 {
        talk.say(&format!(
            "{} made elsewhere: {} taken, {} not used",
            count(analyses.rows, "analysis row"),
            analyses.taken,
            analyses.refused
        ));
    }
    if records.withdrawn > 0 {
        talk.say(&format!(
            "{} refused: the ad was withdrawn from this case",
            count(records.withdrawn, "record")
        ));
    }
    if !summary.dropped_fields.is_empty() {
        talk.say(&format!("dropped at import: {} (see --keep-field)", summary.dropped_fields.join(", ")));
    }
    if summary.times_unread > 0 {
        talk.say(&format!("{} could not be read and were left empty", count(summary.times_unread, "time")));
    }
    match (summary.videos, images.frames) {
        (0, 0) => {}
        (videos, 0) => {
            talk.say(&format!("{} named and not looked at (see --videos)", count(videos, "video")));
        }
        (_, frames) => talk.say(&format!("{} of videos looked at", count(frames, "frame"))),
    }
    if !summary.unused.is_empty() {
        let kinds = summary.unused.iter().map(|(kind, number)| format!("{number} x {kind}"));
        talk.say(&format!("met and not used: {}", kinds.collect::<Vec<_>>().join(", ")));
    }
    talk.detail(&format!("{} of image files read", count(summary.bytes_read, "byte")));
}
