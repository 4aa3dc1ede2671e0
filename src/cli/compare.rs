//! `adlink compare`: one pair explained. Every view under every transform, the second hash, local features laid over
//! the pixels, the verdict.

use super::image_name::original;
use super::picture::{self, Drawn};
use super::sink::OutputSink;
use super::terminal::{self, Talk, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::analysis::{Analysis, analyse_file};
use adlink::case::Case;
use adlink::hash::Quality;
use adlink::output::Guard;
use adlink::picture::Start;
use adlink::record::Image;
use adlink::search::local_json;
use adlink::verify::{
    Comparison, LocalMatch, RADIUS, Strength, Tier, ViewDistance, compare_within, distances,
};
use adlink::view;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// Explain whether two images show the same photo
#[derive(Args, Clone)]
#[command(after_long_help = "\
Examples:
  adlink compare a.jpg b.jpg
  adlink compare a.jpg b.jpg --json
  adlink compare a.jpg b.jpg --picture evidence.png
  adlink compare --case case.adlink 3f2a9c0011223344 77b01e5c99aabbcc --picture evidence.png
  adlink compare a.jpg b.jpg --exit-code -q && echo same")]
pub(super) struct CompareArgs {
    /// First image: a file, or with --case a SHA-256 or a beginning of it that is unique in the case
    #[arg(value_name = "A")]
    first: PathBuf,
    /// Second image, likewise
    #[arg(value_name = "B")]
    second: PathBuf,
    /// Case file whose images A and B may name
    #[arg(long, value_name = "FILE")]
    case: Option<PathBuf>,
    /// Largest Hamming distance between PDQ hashes of one photo, of 256 bits
    #[arg(long, value_name = "BITS", default_value_t = RADIUS, value_parser = clap::value_parser!(u32).range(0..=63))]
    radius: u32,
    /// Exit with 0 when it is the same photo, with 1 when it is not
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    picture: picture::PictureArgs,
}

impl CompareArgs {
    /// The same with files in place of images of a case.
    fn with_files(&self) -> adlink::Result<Self> {
        let mut found = self.clone();
        if let Some(case) = &self.case {
            let case = Case::open_read(case)?;
            let snapshot = case.snapshot()?;
            found.first = original(&case, &snapshot, &self.first)?;
            found.second = original(&case, &snapshot, &self.second)?;
        }
        Ok(found)
    }
}

/// All that is known of the pair.
struct ComparedPair {
    a: Image,
    b: Image,
    /// Every view against every view, nearest first.
    distances: Vec<ViewDistance>,
    /// What hashes prove, and what local features and pixels say.
    found: Comparison,
}

impl ComparedPair {
    fn new(args: &CompareArgs) -> adlink::Result<Self> {
        let (first, second) = (load(&args.first)?, load(&args.second)?);
        let found = compare_within(&first, &second, args.radius, Quality::USABLE);
        let (a, b) = (first.image, second.image);
        let mut distances = distances(&a, &b);
        distances.sort_by_key(|line| line.distance);
        Ok(Self { a, b, distances, found })
    }

    fn sides<'a>(&'a self, args: &'a CompareArgs) -> [(&'a Path, &'a Image); 2] {
        [(&args.first, &self.a), (&args.second, &self.b)]
    }

    /// Where the two may lie on each other. Features that prove nothing would draw nonsense.
    fn starts(&self) -> Vec<Start> {
        let size = |image: &Image| (image.width, image.height);
        let found = self.found.local.as_ref().filter(|local| local.tier.is_some()).map(|local| &local.found);
        let by_features = found.map(|found| Start::of_features(found, size(&self.a), size(&self.b)));
        let by_hashes = self.found.proof.as_ref().and_then(|proof| Start::of_proof(&self.a, &self.b, proof));
        by_features.into_iter().chain(by_hashes).collect()
    }
}

pub(super) fn run(args: &CompareArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    match compare(args, common, talk) {
        // 1 says that the photos differ, and nothing else may.
        Err(error) if args.exit_code => {
            talk.error(&error);
            Ok(Exit::Usage)
        }
        done => done,
    }
}

fn compare(args: &CompareArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let args = &args.with_files()?;
    let pair = ComparedPair::new(args)?;
    let verdict = verdict(args, &pair);
    let guard = Guard::new(common.force).inputs([args.first.clone(), args.second.clone()]);
    let drawn = match &args.picture.picture {
        Some(out) => Some(picture::draw(
            out,
            OutputSink::open(Some(out), &guard, talk)?,
            &args.picture,
            &pair.sides(args),
            &pair.starts(),
            &verdict,
        )?),
        None => None,
    };
    match drawn.as_ref().filter(|drawn| drawn.to_stdout) {
        // Standard output holds the picture; what there is to say goes to the other side.
        Some(_) => talk.say((verdict + "\n" + &words(args, &pair)).trim_end()),
        None if common.json => terminal::data(&format!("{:#}\n", explanation(args, &pair, drawn.as_ref())))?,
        None if common.quiet => {}
        None => {
            let drawn = drawn.as_ref().map(Drawn::words).unwrap_or_default();
            terminal::data(&printable(&(verdict + &drawn + "\n" + &words(args, &pair))))?;
        }
    }
    Ok(if args.exit_code && !pair.found.is_same_photo() { Exit::Failed } else { Exit::Done })
}

fn load(path: &Path) -> adlink::Result<Analysis> {
    analyse_file(path).map_err(|error| Error::io("use", path, io::Error::other(error)))
}

fn words(args: &CompareArgs, pair: &ComparedPair) -> String {
    let mut text = String::new();
    for (path, image) in [(&args.first, &pair.a), (&args.second, &pair.b)] {
        let _ = writeln!(
            text,
            "{}\n  {} {}x{}, {} bytes, PDQ quality {}\n  sha256 {}\n  pdq    {}",
            path.display(),
            image.format,
            image.width,
            image.height,
            image.bytes,
            image.pdq.quality,
            image.id(),
            image.pdq.hash()
        );
    }
    let _ = writeln!(text, "\ndistance  transform   views");
    for line in pair.distances.iter().take(8) {
        let _ = writeln!(
            text,
            "{:>8}  {:<10}  {} (quality {}) / {} (quality {})",
            line.distance,
            line.transform,
            line.view_a.name(),
            line.quality_a,
            line.view_b.name(),
            line.quality_b
        );
    }
    if let (Some(x), Some(y)) = (pair.a.second, pair.b.second) {
        let _ = writeln!(text, "{:>8}  none        second hash (gradient), whole images", x.distance(&y));
    }
    if let Some(LocalMatch { found, pixels, .. }) = &pair.found.local {
        let _ = write!(
            text,
            "local features: {} agree, score {:.1}; {}",
            found.inliers.len(),
            found.score,
            found.words()
        );
        let _ = match pixels {
            Some(pixels) => {
                writeln!(text, "\npixels laid over each other: {:.0} % alike", 100.0 * pixels.sameness())
            }
            None => writeln!(text, "\npixels: not compared, too little agrees or is to be seen"),
        };
    }
    text
}

/// What the pair comes to, in a line: it stands before all that bears it out.
fn verdict(args: &CompareArgs, pair: &ComparedPair) -> String {
    match (&pair.found.proof, pair.found.tier()) {
        (Some(proof), _) => {
            let turned = view::words::transform(proof.transform);
            let overlap = view::words::overlap(proof.overlap_a, proof.overlap_b);
            format!(
                "same photo: {}{}, {} evidence (score {:.1}); {overlap} in common\n",
                proof.tier,
                turned.map(|turned| format!(", {turned}")).unwrap_or_default(),
                Strength::of(proof.tier, proof.score).name(),
                proof.score,
            )
        }
        (None, Some(Tier::SameScene)) => {
            "not shown to be the same photo, though parts agree: a lead, perhaps one photo, perhaps two of one scene\n"
                .into()
        }
        (None, Some(Tier::SameDesign)) => {
            "not shown to be the same photo: the same layout with other content, a lead\n".into()
        }
        (None, Some(tier)) => format!("same photo: {tier}, by local features and pixels\n"),
        (None, None) => format!("not shown to be the same photo: {}\n", why_not(args, pair)),
    }
}

fn why_not(args: &CompareArgs, pair: &ComparedPair) -> String {
    let plain = [&pair.a, &pair.b].iter().any(|image| image.pdq.quality < Quality::USABLE);
    if plain {
        format!(
            "a picture too plain for PDQ (quality below {}) is linked by identical bytes only",
            Quality::USABLE
        )
    } else if pair.distances.iter().any(|line| line.distance <= args.radius) {
        "hashes with so few bits of their own are near those of other stripes, checks and lattices, and nothing else \
         bears them out"
            .into()
    } else {
        format!(
            "no view lies within {} bits under any transform, and no part of one is found in the other",
            args.radius
        )
    }
}

fn explanation(args: &CompareArgs, pair: &ComparedPair, drawn: Option<&Drawn>) -> Value {
    let side = |path: &Path, image: &Image| {
        json!({
            "path": path.to_string_lossy(),
            "sha256": image.id().to_string(),
            "format": &*image.format,
            "width": image.width,
            "height": image.height,
            "bytes": image.bytes,
            "caveats": image.caveats.names(),
            "pdq": image.pdq.hash().to_string(),
            "quality": image.pdq.quality.get(),
        })
    };
    let line = |line: &ViewDistance| {
        json!({
            "view_a": line.view_a.name(),
            "quality_a": line.quality_a.get(),
            "view_b": line.view_b.name(),
            "quality_b": line.quality_b.get(),
            "transform": line.transform.name(),
            "distance": line.distance,
        })
    };
    let by_hash = pair.found.proof.as_ref().map(|proof| {
        json!({
            "tier": proof.tier.name(),
            "distance": proof.distance,
            "transform": proof.transform.name(),
            "overlap_a": proof.overlap_a,
            "overlap_b": proof.overlap_b,
            "score": proof.score,
            "strength": Strength::of(proof.tier, proof.score).name(),
        })
    });
    json!({
        "a": side(&args.first, &pair.a),
        "b": side(&args.second, &pair.b),
        "same_photo": pair.found.is_same_photo(),
        "tier": pair.found.tier().map(Tier::name),
        "proof": by_hash,
        "local": pair.found.local.as_ref().map(local_json),
        "second_hash_distance": pair.a.second.zip(pair.b.second).map(|(x, y)| x.distance(&y)),
        "radius": args.radius,
        "distances": pair.distances.iter().map(line).collect::<Vec<_>>(),
        "picture": drawn.map(Drawn::json),
    })
}
