//! `adlink compare`: one pair explained. Every view under every turn, the second hash, the verdict.

use super::output::{self, Talk, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::decode::Limits;
use adlink::hash::Quality;
use adlink::ingest::{analyse, read_file};
use adlink::record::Image;
use adlink::verify::{Proof, Strength, ViewDistance, distances, verify};
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
}

pub(super) fn run(args: &CompareArgs, common: &Common, _talk: &Talk) -> adlink::Result<Exit> {
    let (a, b) = (load(&args.first)?, load(&args.second)?);
    let proof = verify(&a, &b, args.radius, Quality::USABLE);
    let mut lines = distances(&a, &b);
    lines.sort_by_key(|line| line.distance);
    if common.json {
        output::data(&format!("{:#}\n", explanation(args, &a, &b, proof.as_ref(), &lines)))?;
    } else if !common.quiet {
        output::data(&printable(&words(args, &a, &b, proof.as_ref(), &lines)))?;
    }
    Ok(if args.exit_code && proof.is_none() { Exit::Failed } else { Exit::Done })
}

fn load(path: &Path) -> adlink::Result<Image> {
    let limits = Limits::default();
    read_file(path, &limits)
        .and_then(|bytes| analyse(&bytes, &limits))
        .map_err(|error| Error::io("use", path, io::Error::other(error)))
}

fn words(args: &CompareArgs, a: &Image, b: &Image, proof: Option<&Proof>, lines: &[ViewDistance]) -> String {
    let mut text = String::new();
    for (path, image) in [(&args.first, a), (&args.second, b)] {
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
    for line in lines.iter().take(8) {
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
    if let (Some(x), Some(y)) = (a.second, b.second) {
        let _ = writeln!(text, "{:>8}  none        second hash (gradient), whole images", x.distance(&y));
    }
    let _ = match proof {
        Some(proof) => writeln!(
            text,
            "\nsame photo: {}, transform {}, {} evidence (score {:.1}); covers {:.0} % and {:.0} %",
            proof.tier,
            proof.transform,
            Strength::of(proof.tier, proof.score).name(),
            proof.score,
            100.0 * proof.overlap_a,
            100.0 * proof.overlap_b
        ),
        None => writeln!(text, "\nnot shown to be the same photo: {}", why_not(args, a, b)),
    };
    text
}

fn why_not(args: &CompareArgs, a: &Image, b: &Image) -> String {
    let plain = [a, b].iter().any(|image| image.pdq.quality < Quality::USABLE);
    if plain {
        format!(
            "a picture too plain for PDQ (quality below {}) is linked by identical bytes only",
            Quality::USABLE
        )
    } else {
        format!("no view lies within {} bits under any turn", args.radius)
    }
}

fn explanation(
    args: &CompareArgs,
    a: &Image,
    b: &Image,
    proof: Option<&Proof>,
    lines: &[ViewDistance],
) -> Value {
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
    let verdict = proof.map(|proof| {
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
        "a": side(&args.first, a),
        "b": side(&args.second, b),
        "same_photo": proof.is_some_and(|proof| proof.tier.is_same_photo()),
        "proof": verdict,
        "second_hash_distance": a.second.zip(b.second).map(|(x, y)| x.distance(&y)),
        "radius": args.radius,
        "distances": lines.iter().map(line).collect::<Vec<_>>(),
    })
}
