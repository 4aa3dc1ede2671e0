//! `adlink search`: which ads show this photo?

use super::output::{self, Talk, count, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::case::{Case, SeenIn, Snapshot};
use adlink::decode::Limits;
use adlink::hash::Quality;
use adlink::ingest::{analyse, image_files, read_file};
use adlink::link::{Hit, NearestPhotos, PhotoSearch};
use adlink::record::Image;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Find the ads of a case that show a photo
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink search photo.jpg --case case.adlink
  adlink search folder/ --case case.adlink --json
  adlink search photo.jpg --case case.adlink -k 20     the nearest photos, however far (approximate)

Without -k the search is exact: every image within the radius, under any turn.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some query images could not be used.")]
pub(super) struct SearchArgs {
    /// Query images, or folders of them
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Show the N nearest images however far they are; only those marked with a tier show the same photo
    #[arg(short = 'k', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    nearest: Option<u32>,
    /// Largest Hamming distance between PDQ hashes of one photo, of 256 bits
    #[arg(long, value_name = "BITS", default_value_t = 31, value_parser = clap::value_parser!(u32).range(0..=63))]
    radius: u32,
}

enum Search<'s> {
    Exact(PhotoSearch<'s>),
    Nearest(NearestPhotos<'s>, usize),
}

pub(super) fn run(args: &SearchArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    super::in_pool(common, || search(args, common, talk))?
}

fn search(args: &SearchArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let snapshot = Case::open_read(&args.case)?.snapshot()?;
    let search = match args.nearest {
        None => Search::Exact(PhotoSearch::new(&snapshot, args.radius, Quality::USABLE)),
        Some(k) => Search::Nearest(NearestPhotos::new(&snapshot, args.radius, Quality::USABLE), k as usize),
    };
    let limits = Limits::default();
    let (mut failed, mut answers) = (0, Vec::new());
    for path in queries(&args.images)? {
        match read_file(&path, &limits).and_then(|bytes| analyse(&bytes, &limits)) {
            Ok(query) => answers.push(answer(&snapshot, &search, &path, &query, common)?),
            Err(error) => {
                failed += 1;
                talk.warn(&format!("`{}` cannot be used: {error}", path.display()));
            }
        }
    }
    if common.json {
        output::data(&format!("{:#}\n", Value::Array(answers)))?;
    }
    Ok(if failed > 0 { Exit::Skipped } else { Exit::Done })
}

fn queries(paths: &[PathBuf]) -> adlink::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(image_files(path)?);
    }
    if files.is_empty() {
        return Err(Error::NoInput("no image among the queries".into()));
    }
    Ok(files)
}

/// Answers one query: prints it unless JSON is wanted, and returns it for JSON.
fn answer(
    snapshot: &Snapshot,
    search: &Search<'_>,
    path: &Path,
    query: &Image,
    common: &Common,
) -> adlink::Result<Value> {
    let hits = match search {
        Search::Exact(search) => search.find(query),
        Search::Nearest(search, k) => search.find(query, *k),
    };
    if !common.json {
        output::data(&printable(&words(snapshot, path, query, &hits)))?;
    }
    let hits: Vec<Value> = hits.iter().map(|hit| hit_json(snapshot, hit)).collect();
    Ok(json!({
        "query": path.to_string_lossy(),
        "sha256": query.id().to_string(),
        "pdq": query.pdq.hash().to_string(),
        "quality": query.pdq.quality.get(),
        "hits": hits,
    }))
}

fn seen<'s>(snapshot: &'s Snapshot, hit: &Hit) -> impl Iterator<Item = &'s SeenIn> {
    let image = hit.image;
    snapshot.sightings.iter().filter(move |sighting| sighting.image == image)
}

fn words(snapshot: &Snapshot, path: &Path, query: &Image, hits: &[Hit]) -> String {
    let proven = hits.iter().filter(|hit| hit.proof.is_some()).count();
    let mut text = format!("{}: {} with this photo\n", path.display(), count(proven as u64, "image"));
    if query.pdq.quality < Quality::USABLE {
        let _ = writeln!(
            text,
            "  PDQ quality {}: too plain, only identical files can be found",
            query.pdq.quality
        );
    }
    for hit in hits {
        let (tier, transform) =
            hit.proof.map_or(("near only", "-"), |proof| (proof.tier.name(), proof.transform.name()));
        for sighting in seen(snapshot, hit) {
            let ad = &snapshot.ads[sighting.ad as usize].key;
            let _ = writeln!(
                text,
                "  {:>3} bits  {tier:<11}  {transform:<10}  {ad}  {}",
                hit.distance, sighting.path
            );
        }
    }
    text
}

fn hit_json(snapshot: &Snapshot, hit: &Hit) -> Value {
    let sightings: Vec<Value> = seen(snapshot, hit)
        .map(|sighting| {
            let ad = &snapshot.ads[sighting.ad as usize];
            json!({
                "site": ad.key.site,
                "ad_id": ad.key.ad_id,
                "url": ad.url,
                "posted_at": ad.posted_at,
                "position": sighting.position,
                "path": sighting.path,
                "collected_at": sighting.collected_at,
            })
        })
        .collect();
    json!({
        "sha256": snapshot.images[hit.image as usize].id().to_string(),
        "distance": hit.distance,
        "same_photo": hit.proof.is_some(),
        "tier": hit.proof.map(|proof| proof.tier.name()),
        "transform": hit.proof.map(|proof| proof.transform.name()),
        "score": hit.proof.map(|proof| proof.score),
        "ads": sightings,
    })
}
