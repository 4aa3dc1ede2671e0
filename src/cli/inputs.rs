//! Flags that say where ads come from, shared by `link` and `ingest`, and how they become library options.

use super::Common;
use super::common_photos::CommonPhotos;
use adlink::decode::{Limits, memory_limit};
use adlink::ingest::{AdPer, DayOrder, IngestOptions, IngestSummary, Input};
use adlink::output::InputFile;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Bytes a pixel that the dearest format takes: a float TIFF in colour.
const MOST_PER_PIXEL: u64 = 56;

/// Where ads come from.
#[derive(Args)]
#[command(next_help_heading = "Input")]
pub(super) struct Inputs {
    /// Ads: JSON Lines, CSV, or a folder of images; `-` reads JSON Lines from stdin
    #[arg(required = true, value_name = "ADS")]
    ads: Vec<PathBuf>,
    /// Where image paths start [default: beside the manifest, then `images/` beside it]
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,
    /// In a folder: what is an ad
    #[arg(long, value_enum, default_value_t = PerAd::Folder)]
    ad_per: PerAd,
    /// Read field FIELD of the input as NAME (ad_id, site, url, posted_at, phones, images, ...); `a.b` is field b in a
    #[arg(long, value_name = "NAME=FIELD", value_parser = name_and_field)]
    map: Vec<(String, String)>,
    /// Site of records that name none [default: the host of their address, else the folder of the manifest]
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// What comes first in dates such as 02/01/2024 [default: told from the whole column where it allows one reading]
    #[arg(long, value_enum, value_name = "ORDER")]
    dates: Option<Dates>,
    /// Take PREFIX off image paths that begin with it, such as `C:\scrape`
    #[arg(long, value_name = "PREFIX")]
    strip_prefix: Vec<String>,
    /// Let image paths and links lead out of the manifest's folder and of `--images`; only for inputs that you made yourself
    #[arg(long)]
    allow_outside: bool,
    /// Look at videos, too: the first frame and one for every cut, at most 60, through the `ffmpeg` on PATH. Each is an image
    /// `clip.mp4#t=12.4`, known by its hashes and features alone
    #[arg(long)]
    videos: bool,
    /// Keep a field that is dropped by default (age, ethnicity, nationality, ...)
    #[arg(long, value_name = "FIELD")]
    keep_field: Vec<String>,
    /// Largest picture to decode, in megapixels
    #[arg(long, value_name = "MP", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=4000))]
    max_megapixels: u32,
    /// Keypoints stored per image, to find its photo in crops, pages and collages; 0 for none
    ///
    /// Each costs 20 bytes in the case; extraction takes some milliseconds a picture, however many. Images of the case
    /// that have fewer are read again, so that all have as many. Of 200, the first 100 are looked at once a case holds more
    /// than 20,000 images; any other number is used whatever the size. `--features 100` makes the case of a large corpus
    /// smaller at once; `--features 0` leaves hashes alone.
    /// [default: what the case has, else 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=1000))]
    features: Option<u16>,
    /// Analyses made elsewhere by `adlink hash --analyses`, a file or a folder of them: such images are not decoded here, and
    /// those whose files are not here are taken by their names. May be given several times
    #[arg(long, value_name = "PARQUET")]
    analysed: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PerAd {
    /// A folder that holds images is an ad; loose images are ads of their own
    Folder,
    /// Every image is an ad
    Image,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Dates {
    /// Day, month, year
    Dmy,
    /// Month, day, year
    Mdy,
}

fn name_and_field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, field)) if !name.is_empty() && !field.is_empty() => Ok((name.into(), field.into())),
        _ => Err("expected NAME=FIELD, such as ad_id=listing_no".into()),
    }
}

impl Inputs {
    /// As named on the command line.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.ads
    }

    pub(super) fn sources(&self) -> Vec<Input> {
        self.ads.iter().cloned().map(Input::from).collect()
    }

    pub(super) fn wants_videos(&self) -> bool {
        self.videos
    }

    /// The inputs and what came of them, for `run.json`.
    pub(super) fn run(&self, summary: &IngestSummary) -> RunInputs {
        let folder = |path: &PathBuf| InputFile { path: path.display().to_string(), ..InputFile::default() };
        let manifest = |manifest: &adlink::ingest::ManifestRead| InputFile {
            path: manifest.path.clone(),
            sha256: manifest.sha256.clone(),
            bytes: manifest.bytes,
        };
        let folders = self.ads.iter().filter(|path| path.is_dir()).map(folder);
        RunInputs {
            inputs: summary.manifests.iter().map(manifest).chain(folders).collect(),
            counts: counts(summary),
            skipped: summary.skipped(),
            ..RunInputs::default()
        }
    }

    /// How to ingest into a case whose images have `stored` keypoints.
    pub(super) fn options(&self, common: &Common, stored: Option<u16>) -> IngestOptions {
        let defaults = IngestOptions::default();
        let (plain, max_pixels) = (Limits::default(), u64::from(self.max_megapixels) * 1_000_000);
        // Who asks for larger pictures gets the memory that they need, as far as there is some.
        let max_memory = match max_pixels > plain.max_pixels {
            true => (max_pixels * MOST_PER_PIXEL).min(memory_limit()).max(plain.max_memory),
            false => plain.max_memory,
        };
        let limits = Limits { max_pixels, max_memory, ..plain };
        IngestOptions {
            images: self.images.clone(),
            ad_per: match self.ad_per {
                PerAd::Folder => AdPer::Folder,
                PerAd::Image => AdPer::Image,
            },
            map: self.map.clone(),
            site: self.site.clone(),
            dates: self.dates.map(|order| match order {
                Dates::Dmy => DayOrder::DayFirst,
                Dates::Mdy => DayOrder::MonthFirst,
            }),
            strip_prefixes: self.strip_prefix.clone(),
            allow_outside: self.allow_outside,
            ffmpeg: self.videos.then(ffmpeg).flatten(),
            keep_fields: self.keep_field.clone(),
            threads: common.threads.map(usize::from),
            features: self.features.or(stored).unwrap_or(defaults.features),
            analysed: self.analysed.clone(),
            limits,
            ..defaults
        }
    }
}

/// The `ffmpeg` of this machine, by its absolute path; never one of the current folder.
fn ffmpeg() -> Option<PathBuf> {
    let name = if cfg!(windows) { "ffmpeg.exe" } else { "ffmpeg" };
    let path = std::env::var_os("PATH")?;
    let candidates = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    candidates.map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// What a run read.
#[derive(Default)]
pub(super) struct RunInputs {
    pub(super) inputs: Vec<InputFile>,
    pub(super) counts: Map<String, Value>,
    pub(super) skipped: u64,
    /// Photos that the user knows to be common.
    pub(super) photos: CommonPhotos,
}

/// What an ingest counted.
pub(super) fn counts(summary: &IngestSummary) -> Map<String, Value> {
    let (records, images) = (&summary.records, &summary.images);
    let skipped: Map<String, Value> =
        images.skipped.iter().map(|(reason, number)| (reason.name().into(), (*number).into())).collect();
    let records = json!({
        "read": records.read,
        "used": records.used,
        "repeated": records.repeated,
        "malformed": records.malformed,
        "withdrawn": records.withdrawn,
    });
    let images = json!({
        "references": images.references,
        "hashed_now": images.hashed,
        "taken": images.taken,
        "known": images.known,
        "by_hash": images.by_hash,
        "frames": images.frames,
        "skipped": skipped,
    });
    [
        ("records", records),
        ("images", images),
        ("analyses", json!({ "rows": summary.analyses.rows, "refused": summary.analyses.refused })),
        ("bytes_read", summary.bytes_read.into()),
        ("unknown_fields", summary.unknown_fields.clone().into()),
        ("dropped_fields", summary.dropped_fields.clone().into()),
        ("times_unread", summary.times_unread.into()),
        ("videos", summary.videos.into()),
        ("not_used", json!(summary.unused)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_string(), value))
    .collect()
}
