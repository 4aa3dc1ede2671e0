//! `adlink search`: which ads show this photo?

use super::terminal::{self, Talk, count, printable};
use super::{Common, Exit, local};
use adlink::Error;
use adlink::analysis::{Analysis, analyse_file};
use adlink::case::Case;
use adlink::corpus::{SeenIn, Snapshot};
use adlink::hash::Quality;
use adlink::ingest::image_files;
use adlink::search::{Answer, Hit, PartHit, SearchOptions, SearchedCase};
use adlink::verify::{RADIUS, Tier};
use clap::{Args, ValueEnum};
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
  adlink search photo.jpg --case case.adlink --tiers same-file,near-copy,transformed     hashes only

Hashes of a case are read at once, whatever its size: a second for a million images. A case with local features is read
whole for the search by features; --tiers without `partial` leaves that out.

Without -k every image within the radius is found, under any transform. After that, local features find crops, pages,
collages and tilts of the photo; where the images of the case can still be read, their pixels decide whether it is the
same photo, or another one of the same scene (a lead, and never the same photo).
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
    #[arg(long, value_name = "BITS", default_value_t = RADIUS, value_parser = clap::value_parser!(u32).range(0..=63))]
    radius: u32,
    /// Proofs to look for; without `partial` local features are not used
    #[arg(long, value_enum, value_name = "TIERS", value_delimiter = ',', conflicts_with = "nearest",
          default_values_t = [Proven::SameFile, Proven::NearCopy, Proven::Transformed, Proven::Partial])]
    tiers: Vec<Proven>,
}

impl SearchArgs {
    /// Whether a hit is by one of the proofs asked for; what only is near was asked for with `-k`.
    fn wants(&self, hit: &Hit) -> bool {
        let tier = hit.proof.as_ref().map(|proof| proof.tier);
        tier.is_none_or(|tier| self.tiers.iter().any(|proven| proven.tier() == tier))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Proven {
    /// The same bytes
    SameFile,
    /// PDQ of the whole images
    NearCopy,
    /// PDQ after a transform, or of a part
    Transformed,
    /// Local features and pixels; photos of the same scene are shown as leads
    Partial,
}

impl Proven {
    const fn tier(self) -> Tier {
        match self {
            Self::SameFile => Tier::SameFile,
            Self::NearCopy => Tier::NearCopy,
            Self::Transformed => Tier::Transformed,
            Self::Partial => Tier::Partial,
        }
    }
}

/// Queries answered together: they share one look at the ads of the case.
const TOGETHER: usize = 64;

pub(super) fn run(args: &SearchArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    super::in_pool(common, || search(args, common, talk))?
}

fn search(args: &SearchArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let case = Case::open_read(&args.case)?;
    let paths = queries(&args.images)?;
    let options = SearchOptions {
        radius: args.radius,
        min_quality: Quality::USABLE,
        parts: args.tiers.contains(&Proven::Partial),
        nearest: args.nearest.map(|k| k as usize),
        queries: paths.len(),
    };
    let searched = SearchedCase::read(&case, &options)?;
    let searcher = searched.searcher()?;
    if options.parts && args.nearest.is_none() && !searcher.finds_parts() && !searcher.is_empty() {
        talk.warn("no local features in this case (see `adlink ingest --features`): crops are not found");
    }
    let (mut failed, mut answers) = (0, Vec::new());
    for paths in paths.chunks(TOGETHER) {
        let queries = read_queries(paths, talk);
        failed += paths.len() - queries.len();
        let analyses: Vec<&Analysis> = queries.iter().map(|(_, query)| query).collect();
        let found = searcher.find(&analyses)?;
        for ((path, query), mut answer) in queries.iter().zip(found.answers) {
            answer.hits.retain(|hit| args.wants(hit));
            if !common.json {
                terminal::data(&printable(&words(&found.snapshot, path, query, &answer)))?;
            }
            answers.push(answer_json(&found.snapshot, path, query, &answer));
        }
    }
    if common.json {
        terminal::data(&format!("{:#}\n", Value::Array(answers)))?;
    }
    Ok(if failed > 0 { Exit::Skipped } else { Exit::Done })
}

/// The queries that can be used.
fn read_queries<'p>(paths: &'p [PathBuf], talk: &Talk) -> Vec<(&'p Path, Analysis)> {
    let read = |path: &'p PathBuf| match analyse_file(path) {
        Ok(query) => Some((path.as_path(), query)),
        Err(error) => {
            talk.warn(&format!("`{}` cannot be used: {error}", path.display()));
            None
        }
    };
    paths.iter().filter_map(read).collect()
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

fn answer_json(snapshot: &Snapshot, path: &Path, query: &Analysis, answer: &Answer) -> Value {
    let hits = answer.hits.iter().map(|hit| hit_json(snapshot, hit));
    let hits: Vec<Value> = hits.chain(answer.parts.iter().map(|hit| part_json(snapshot, hit))).collect();
    let image = &query.image;
    json!({
        "query": path.to_string_lossy(),
        "sha256": image.id().to_string(),
        "pdq": image.pdq.hash().to_string(),
        "quality": image.pdq.quality.get(),
        "keypoints": query.features.keypoints.len(),
        "hits": hits,
    })
}

/// Where an image row was seen.
fn seen(snapshot: &Snapshot, image: u32) -> impl Iterator<Item = &SeenIn> {
    snapshot.sightings.iter().filter(move |sighting| sighting.image == image)
}

fn words(snapshot: &Snapshot, path: &Path, query: &Analysis, answer: &Answer) -> String {
    let parts = || answer.parts.iter().map(|hit| hit.local.tier);
    let scenes = parts().filter(|tier| *tier == Some(Tier::SameScene)).count();
    let designs = parts().filter(|tier| *tier == Some(Tier::SameDesign)).count();
    let by_parts = parts().count() - scenes - designs;
    let proven = answer.hits.iter().filter(|hit| hit.proof.is_some()).count() + by_parts;
    let mut text = format!("{}: {} with this photo", path.display(), count(proven as u64, "image"));
    if scenes > 0 {
        let _ = write!(text, ", {} to the same scene", count(scenes as u64, "lead"));
    }
    if designs > 0 {
        let _ = write!(text, ", {} to the same design", count(designs as u64, "lead"));
    }
    text.push('\n');
    let quality = query.image.pdq.quality;
    if quality < Quality::USABLE {
        let _ = writeln!(text, "  PDQ quality {quality}: too plain, hashes find identical files only");
    }
    for hit in &answer.hits {
        let (tier, transform) = hit
            .proof
            .as_ref()
            .map_or(("near only", "-"), |proof| (proof.tier.name(), proof.transform.name()));
        list(
            &mut text,
            snapshot,
            hit.image,
            &format!("{:>3} bits  {tier:<11}  {transform:<10}", hit.distance),
        );
    }
    for PartHit { image, local } in &answer.parts {
        let tier = match local.tier {
            Some(Tier::SameScene) => "same scene, another photo",
            Some(Tier::SameDesign) => "same design, other content",
            _ => Tier::Partial.name(),
        };
        let line = format!("score {:>5.1}  {tier}  {}", local.found.score, local.found.words());
        list(&mut text, snapshot, *image, &line);
    }
    text
}

/// A line for every sighting of an image.
fn list(text: &mut String, snapshot: &Snapshot, image: u32, line: &str) {
    for sighting in seen(snapshot, image) {
        let ad = &snapshot.ads[sighting.ad as usize].key;
        let _ = writeln!(text, "  {line}  {ad}  {}", sighting.path);
    }
}

fn ads_json(snapshot: &Snapshot, image: u32) -> Value {
    let sightings = seen(snapshot, image).map(|sighting| {
        let ad = &snapshot.ads[sighting.ad as usize];
        json!({
            "site": ad.key.site,
            "ad_id": ad.key.ad_id,
            "url": ad.url,
            "posted_at": ad.posted_at,
            "position": sighting.position,
            "path": sighting.path,
            "collected_at": &*sighting.collected_at,
        })
    });
    sightings.collect()
}

fn hit_json(snapshot: &Snapshot, hit: &Hit) -> Value {
    json!({
        "sha256": snapshot.images[hit.image as usize].id().to_string(),
        "distance": hit.distance,
        "same_photo": hit.proof.is_some(),
        "tier": hit.proof.as_ref().map(|proof| proof.tier.name()),
        "transform": hit.proof.as_ref().map(|proof| proof.transform.name()),
        "score": hit.proof.as_ref().map(|proof| proof.score),
        "strength": hit.proof.as_ref().map(|proof| proof.strength().name()),
        "overlap_query": hit.proof.as_ref().map(|proof| proof.overlap_a),
        "overlap_image": hit.proof.as_ref().map(|proof| proof.overlap_b),
        "ads": ads_json(snapshot, hit.image),
    })
}

fn part_json(snapshot: &Snapshot, PartHit { image, local }: &PartHit) -> Value {
    let found = &local.found;
    json!({
        "sha256": snapshot.images[*image as usize].id().to_string(),
        "distance": Value::Null,
        "same_photo": local.tier.is_some_and(Tier::is_same_photo),
        "tier": local.tier.map(Tier::name),
        "transform": found.turn.name(),
        "score": found.score,
        "overlap_query": found.overlap.share_a,
        "overlap_image": found.overlap.share_b,
        "words": found.words(),
        "local": local::as_json(local),
        "ads": ads_json(snapshot, *image),
    })
}
