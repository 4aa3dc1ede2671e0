//! `adlink search`: which ads show this photo?

use super::bank::hash_argument;
use super::terminal::{self, Talk, count, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::analysis::{Analysis, analyse_file};
use adlink::case::Case;
use adlink::corpus::{ImageRow, SeenIn, Snapshot};
use adlink::error::input_hint;
use adlink::hash::Quality;
use adlink::ingest::image_files;
use adlink::search::{Answer, Hit, PartHit, SearchOptions, SearchedCase, Searcher, hits_json};
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
  adlink search f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22 --case case.adlink     a PDQ hash

Hashes of a case are read at once, whatever its size: a second for a million images. Local features are looked up in the \
index that `adlink ingest` and `adlink link --case` keep beside a case of 5,000 images or more; where there is none, or it does \
not fit the case, the case is read whole (-v says why). --tiers without `partial` leaves local features out.

Without -k every image within the radius is found, under any transform. After that, local features find crops, pages, \
collages and tilts of the photo; where the images of the case can still be read, their pixels decide whether it is the \
same photo. What agrees in part and is not proven is a lead: perhaps the same photo, perhaps another of the same scene.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some query images could not be used.
With --exit-code: 0 some image shows the photo; 1 none does; 2 it failed, or none does and some query could not be used.")]
pub(super) struct SearchArgs {
    /// Query images, folders of them, or PDQ hashes of 64 hex digits
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
    #[arg(
        long,
        value_enum,
        value_name = "TIER,TIER",
        value_delimiter = ',',
        conflicts_with = "nearest",
        default_value = "same-file,near-copy,transformed,partial"
    )]
    tiers: Vec<Proven>,
    /// Exit with 0 when some image shows the photo, with 1 when none does, with 2 when that cannot be told
    #[arg(long)]
    exit_code: bool,
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
    /// Local features and pixels; what they do not prove is shown as a lead
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
    let outcome = super::in_pool(common, || search(args, common, talk)).and_then(|exit| exit);
    if args.exit_code { super::told(outcome, talk) } else { outcome }
}

/// What came of all queries.
#[derive(Default)]
struct SearchTally {
    answers: Vec<Value>,
    /// Queries that could not be used.
    failed: usize,
    /// Some image shows the photo of a query.
    found: bool,
}

fn search(args: &SearchArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let case = Case::open_read(&args.case)?;
    let (hashes, images): (Vec<&PathBuf>, Vec<&PathBuf>) =
        args.images.iter().partition(|query| hash_argument(query).is_some());
    let files = if images.is_empty() { Vec::new() } else { queries(&images)? };
    let mut tally = SearchTally::default();
    if !hashes.is_empty() {
        let known =
            |query: &&'_ PathBuf| Some((query.to_path_buf(), Analysis::of_hash(hash_argument(query)?)));
        let known: Vec<(PathBuf, Analysis)> = hashes.iter().filter_map(known).collect();
        // There is nothing but the hash to look for.
        let options = SearchOptions { parts: false, ..options(args, known.len()) };
        let searched = SearchedCase::read(&case, &options)?;
        let searcher = searched.searcher()?;
        for together in known.chunks(TOGETHER) {
            let queries: Vec<Query<'_>> = together.iter().map(|(name, query)| (&**name, query)).collect();
            tally.take(&queries, &searcher, args, common)?;
        }
    }
    if !files.is_empty() {
        let options = options(args, files.len());
        let searched = SearchedCase::read(&case, &options)?;
        let searcher = searched.searcher()?;
        if let Some(why) = searched.why_whole() {
            talk.detail(&format!("read the whole case, for want of an index of its local features: {why}"));
        }
        if options.parts && args.nearest.is_none() && !searcher.finds_parts() && !searcher.is_empty() {
            talk.warn("no local features in this case (see `adlink ingest --features`): crops are not found");
        }
        for paths in files.chunks(TOGETHER) {
            let read = read_queries(paths, talk);
            tally.failed += paths.len() - read.len();
            let queries: Vec<Query<'_>> = read.iter().map(|(path, query)| (*path, query)).collect();
            tally.take(&queries, &searcher, args, common)?;
        }
    }
    let SearchTally { answers, failed, found } = tally;
    if common.json {
        terminal::data(&format!("{:#}\n", Value::Array(answers)))?;
    }
    Ok(match (args.exit_code, failed) {
        (true, failed) => super::answered(found, failed == 0),
        (false, 0) => Exit::Done,
        (false, _) => Exit::Skipped,
    })
}

fn options(args: &SearchArgs, queries: usize) -> SearchOptions {
    SearchOptions {
        radius: args.radius,
        min_quality: Quality::USABLE,
        parts: args.tiers.contains(&Proven::Partial),
        nearest: args.nearest.map(|k| k as usize),
        queries,
    }
}

/// A query and what it is called.
type Query<'q> = (&'q Path, &'q Analysis);

impl SearchTally {
    fn take(
        &mut self,
        queries: &[Query<'_>],
        searcher: &Searcher<'_>,
        args: &SearchArgs,
        common: &Common,
    ) -> adlink::Result<()> {
        let analyses: Vec<&Analysis> = queries.iter().map(|(_, query)| *query).collect();
        let found = searcher.find(&analyses)?;
        for ((path, query), mut answer) in queries.iter().zip(found.answers) {
            answer.hits.retain(|hit| args.wants(hit));
            self.found |= shows(&answer);
            if !common.json {
                terminal::data(&printable(&words(&found.snapshot, path, query, &answer)))?;
            }
            self.answers.push(answer_json(&found.snapshot, path, query, &answer));
        }
        Ok(())
    }
}

/// Whether any image shows the photo: not what only is near, and no lead.
fn shows(answer: &Answer) -> bool {
    let by_parts = |hit: &PartHit| hit.local.tier.is_some_and(Tier::is_same_photo);
    answer.hits.iter().any(|hit| hit.proof.is_some()) || answer.parts.iter().any(by_parts)
}

/// The queries that can be used.
fn read_queries<'p>(paths: &'p [PathBuf], talk: &Talk) -> Vec<(&'p Path, Analysis)> {
    let read = |path: &'p PathBuf| match analyse_file(path) {
        Ok(query) => Some((path.as_path(), query)),
        Err(error) => {
            talk.warn(&format!("`{}` cannot be used: {error}", path.display()));
            input_hint(path).into_iter().for_each(|hint| talk.hint(hint));
            None
        }
    };
    paths.iter().filter_map(read).collect()
}

fn queries(paths: &[&PathBuf]) -> adlink::Result<Vec<PathBuf>> {
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
    let image = &query.image;
    json!({
        "query": path.to_string_lossy(),
        "sha256": image.id().to_string(),
        "pdq": image.pdq.hash().to_string(),
        "quality": image.pdq.quality.get(),
        "keypoints": query.features.keypoints.len(),
        "hits": hits_json(snapshot, answer),
    })
}

/// Where an image row was seen.
fn seen(snapshot: &Snapshot, image: ImageRow) -> impl Iterator<Item = &SeenIn> {
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
        let _ = write!(text, ", {} by parts that agree", count(scenes as u64, "lead"));
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
            Some(Tier::SameScene) => "same-scene (lead)",
            Some(Tier::SameDesign) => "same-design (lead)",
            _ => Tier::Partial.name(),
        };
        let line = format!("score {:>5.1}  {tier}  {}", local.found.score, local.found.words());
        list(&mut text, snapshot, *image, &line);
    }
    text
}

/// A line for every sighting of an image.
fn list(text: &mut String, snapshot: &Snapshot, image: ImageRow, line: &str) {
    for sighting in seen(snapshot, image) {
        let ad = &snapshot.ads[sighting.ad].key;
        let _ = writeln!(text, "  {line}  {ad}  {}", sighting.path);
    }
}
