//! `adlink compare`: one pair explained. Every view under every turn, the second hash, local features laid over
//! the pixels, the verdict.

use super::output::{self, Talk, printable};
use super::picture::{self, Drawn};
use super::{Common, Exit};
use adlink::Error;
use adlink::decode::{Limits, decode};
use adlink::evidence::Start;
use adlink::features::extract;
use adlink::hash::{Luma, Quality};
use adlink::ingest::{analyse, read_file};
use adlink::record::Image;
use adlink::verify::dense::{self, DenseCheck};
use adlink::verify::geometry::{GeometricMatch, match_any_turn};
use adlink::verify::{Proof, Strength, Tier, ViewDistance, distances, partial, verify};
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// Explain whether two images show the same photo
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink compare a.jpg b.jpg
  adlink compare a.jpg b.jpg --json
  adlink compare a.jpg b.jpg --picture evidence.png
  adlink compare a.jpg b.jpg --exit-code -q && echo same")]
pub(super) struct CompareArgs {
    /// First image
    #[arg(value_name = "A")]
    first: PathBuf,
    /// Second image
    #[arg(value_name = "B")]
    second: PathBuf,
    /// Largest Hamming distance between PDQ hashes of one photo, of 256 bits
    #[arg(long, value_name = "BITS", default_value_t = 31, value_parser = clap::value_parser!(u32).range(0..=63))]
    radius: u32,
    /// Exit with 0 when it is the same photo, with 1 when it is not
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    picture: picture::PictureArgs,
}

/// Keypoints taken from either image: two pictures can afford more than a corpus.
const KEYPOINTS: usize = 250;

/// All that is known of the pair.
struct Pair {
    a: Image,
    b: Image,
    /// Proof by hashes.
    proof: Option<Proof>,
    /// Every view against every view, nearest first.
    distances: Vec<ViewDistance>,
    /// What local features and pixels say.
    local: Option<Local>,
}

struct Local {
    found: GeometricMatch,
    pixels: Option<DenseCheck>,
    tier: Option<Tier>,
}

impl Pair {
    fn new(args: &CompareArgs) -> adlink::Result<Self> {
        let ((a, pixels_a), (b, pixels_b)) = (load(&args.first)?, load(&args.second)?);
        let proof = verify(&a, &b, args.radius, Quality::USABLE);
        let mut distances = distances(&a, &b);
        distances.sort_by_key(|line| line.distance);
        Ok(Self { proof, distances, local: local(&pixels_a, &pixels_b), a, b })
    }

    /// The first tier that proves the pair, from cheap to dear.
    fn tier(&self) -> Option<Tier> {
        let by_features = || self.local.as_ref().and_then(|local| local.tier);
        self.proof.map(|proof| proof.tier).or_else(by_features)
    }

    fn same_photo(&self) -> bool {
        self.tier().is_some_and(Tier::is_same_photo)
    }

    fn sides<'a>(&'a self, args: &'a CompareArgs) -> [(&'a Path, &'a Image); 2] {
        [(&args.first, &self.a), (&args.second, &self.b)]
    }

    /// Where the two may lie on each other. Features that prove nothing would draw nonsense.
    fn starts(&self) -> Vec<Start> {
        let size = |image: &Image| (image.width, image.height);
        let found = self.local.as_ref().filter(|local| local.tier.is_some()).map(|local| &local.found);
        let by_features = found.map(|found| Start::of_features(found, size(&self.a), size(&self.b)));
        let by_hashes = self.proof.as_ref().and_then(|proof| Start::of_proof(&self.a, &self.b, proof));
        by_features.into_iter().chain(by_hashes).collect()
    }
}

pub(super) fn run(args: &CompareArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let pair = Pair::new(args)?;
    let verdict = verdict(args, &pair);
    let drawn = match &args.picture.picture {
        Some(out) => Some(picture::draw(out, &args.picture, &pair.sides(args), &pair.starts(), &verdict)?),
        None => None,
    };
    match drawn.as_ref().filter(|drawn| drawn.to_stdout) {
        // Standard output holds the picture; what there is to say goes to the other side.
        Some(_) => talk.say((words(args, &pair) + &verdict).trim_end()),
        None if common.json => output::data(&format!("{:#}\n", explanation(args, &pair, drawn.as_ref())))?,
        None if common.quiet => {}
        None => {
            let drawn = drawn.as_ref().map(Drawn::words).unwrap_or_default();
            output::data(&printable(&(words(args, &pair) + &verdict + &drawn)))?;
        }
    }
    Ok(if args.exit_code && !pair.same_photo() { Exit::Failed } else { Exit::Done })
}

fn load(path: &Path) -> adlink::Result<(Image, Luma)> {
    let limits = Limits::default();
    read_file(path, &limits)
        .and_then(|bytes| Ok((analyse(&bytes, &limits)?, decode(&bytes, &limits)?.luma)))
        .map_err(|error| Error::io("use", path, io::Error::other(error)))
}

fn local(a: &Luma, b: &Luma) -> Option<Local> {
    let (features_a, features_b) = (extract(a, KEYPOINTS), extract(b, KEYPOINTS));
    let found = match_any_turn((&features_a).into(), (&features_b).into())?;
    let pixels = dense::check(a, b, &found.map);
    Some(Local { tier: partial::tier(&found, pixels.as_ref()), found, pixels })
}

fn words(args: &CompareArgs, pair: &Pair) -> String {
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
    if let Some(Local { found, pixels, .. }) = &pair.local {
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
            None => writeln!(text, "\npixels: too little structure to compare"),
        };
    }
    text
}

fn verdict(args: &CompareArgs, pair: &Pair) -> String {
    match (pair.proof, pair.tier()) {
        (Some(proof), _) => format!(
            "\nsame photo: {}, transform {}, {} evidence (score {:.1}); covers {:.0} % and {:.0} %\n",
            proof.tier,
            proof.transform,
            Strength::of(proof.tier, proof.score).name(),
            proof.score,
            100.0 * proof.overlap_a,
            100.0 * proof.overlap_b
        ),
        (None, Some(Tier::SameScene)) => {
            "\nthe same scene, as it seems, in another photo: a lead, not the same photo\n".into()
        }
        (None, Some(tier)) => format!("\nsame photo: {tier}, by local features and pixels\n"),
        (None, None) => format!("\nnot shown to be the same photo: {}\n", why_not(args, pair)),
    }
}

fn why_not(args: &CompareArgs, pair: &Pair) -> String {
    let plain = [&pair.a, &pair.b].iter().any(|image| image.pdq.quality < Quality::USABLE);
    if plain {
        format!(
            "a picture too plain for PDQ (quality below {}) is linked by identical bytes only",
            Quality::USABLE
        )
    } else {
        format!(
            "no view lies within {} bits under any turn, and no part of one is found in the other",
            args.radius
        )
    }
}

fn explanation(args: &CompareArgs, pair: &Pair, drawn: Option<&Drawn>) -> Value {
    let side = |path: &Path, image: &Image| {
        json!({
            "path": path.to_string_lossy(),
            "sha256": image.id().to_string(),
            "format": image.format,
            "width": image.width,
            "height": image.height,
            "bytes": image.bytes,
            "caveats": image.caveats,
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
    let local = pair.local.as_ref().map(|Local { found, pixels, tier }| {
        json!({
            "tier": tier.map(Tier::name),
            "score": found.score,
            "inliers": found.inliers.len(),
            "words": found.words(),
            "map": found.map.0,
            "overlap_a": found.overlap.share_a,
            "overlap_b": found.overlap.share_b,
            "polygon_a": found.overlap.polygon_a,
            "polygon_b": found.overlap.polygon_b,
            "coverage": found.coverage,
            "pixel_agreement": pixels.map(|pixels| pixels.agreement),
            "pixel_exactness": pixels.map(|pixels| pixels.exactness),
        })
    });
    let by_hash = pair.proof.map(|proof| {
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
        "same_photo": pair.same_photo(),
        "tier": pair.tier().map(Tier::name),
        "proof": by_hash,
        "local": local,
        "second_hash_distance": pair.a.second.zip(pair.b.second).map(|(x, y)| x.distance(&y)),
        "radius": args.radius,
        "distances": pair.distances.iter().map(line).collect::<Vec<_>>(),
        "picture": drawn.map(Drawn::json),
    })
}
