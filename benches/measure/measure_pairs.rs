//! Writes what is measured on pairs of images for `benches/calibrate.py`: `measure_pairs CORPUS OUT.csv [KEYPOINTS]`.
//!
//! CORPUS holds `truth.csv` and `images/`, as the repost generator writes them. Every pair that the truth judges is
//! compared as linking does, but far beyond its radius. A row for each true pair and for each other pair with any
//! sign of likeness, those that verification refuses included: what is refused near the thresholds is what a fit
//! learns accidents from. `verdict` is the tier that verification gives the pair, with pixels, and empty when it
//! refuses; the columns behind it are those of [`DenseCheck`](adlink::verify::dense::DenseCheck), for whoever looks for
//! better rules. A first row holds the counts of all pairs, so that shares can be told.

use adlink::analysis::analyse;
use adlink::decode::{Limits, decode};
use adlink::eval::Truth;
use adlink::features::{Features, STORED, extract};
use adlink::hash::{Luma, Quality};
use adlink::internals::geometry::{GeometricMatch, match_any_turn};
use adlink::record::{Image, ViewKind};
use adlink::verify::dense::DenseCheck;
use adlink::verify::{Tier, ViewDistance, dense, distances, partial};
use rayon::prelude::*;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The radius of linking, within which the plainest view wins; beyond, the nearest.
const RADIUS: u32 = 31;
/// Pairs that do not match are written up to this many bits apart,
const FARTHEST: u32 = 100;
/// or from this feature score on.
const LEAST_SCORE: f64 = 3.0;

struct Measured {
    image: Image,
    luma: Luma,
    features: Features,
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(corpus), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "usage: measure_pairs CORPUS OUT.csv [KEYPOINTS]",
        ));
    };
    let keypoints = arguments.next().and_then(|number| number.to_str()?.parse().ok()).unwrap_or(STORED);
    let truth = Truth::read(&corpus.join("truth.csv")).map_err(io::Error::other)?;
    let images: Vec<Option<Measured>> = truth
        .images()
        .par_iter()
        .map(|image| measure(&corpus.join("images").join(&image.path), keypoints))
        .collect::<io::Result<_>>()?;
    let n = images.len() as u32;
    let rows: Vec<Vec<String>> = (0..n)
        .into_par_iter()
        .map(|a| (a + 1..n).filter_map(|b| row(&truth, &images, a, b)).collect())
        .collect();
    let mut out = io::BufWriter::new(fs::File::create(out)?);
    writeln!(out, "# same {} different {} images {n}", truth.positives().len(), truth.negatives())?;
    writeln!(
        out,
        "same,image_a,image_b,tier,distance,quality,second,overlap,features,coverage,share,sameness,verdict,{PIXELS}"
    )?;
    rows.iter().flatten().try_for_each(|row| writeln!(out, "{row}"))?;
    out.flush()
}

fn measure(path: &Path, keypoints: usize) -> io::Result<Option<Measured>> {
    let (bytes, limits) = (fs::read(path)?, Limits::default());
    let (Ok(image), Ok(decoded)) = (analyse(&bytes, &limits), decode(&bytes, &limits)) else {
        return Ok(None);
    };
    let features = extract(&decoded.luma, keypoints);
    Ok(Some(Measured { image, luma: decoded.luma, features }))
}

fn row(truth: &Truth, images: &[Option<Measured>], a: u32, b: u32) -> Option<String> {
    let same = truth.verdict(a, b)?;
    let (x, y) = (images[a as usize].as_ref()?, images[b as usize].as_ref()?);
    if x.image.id() == y.image.id() {
        return None;
    }
    let best = nearest(&x.image, &y.image);
    let found = match_any_turn((&x.features).into(), (&y.features).into());
    let score = found.as_ref().map_or(0.0, |found| found.score);
    let near = best.is_some_and(|best| best.distance <= FARTHEST);
    if !same && !near && score < LEAST_SCORE {
        return None;
    }
    Some(format!(
        "{},{},{},{},{}",
        u8::from(same),
        truth.images()[a as usize].path,
        truth.images()[b as usize].path,
        best.map_or(",".into(), |best| format!("{},{}", best.tier(), best.distance)),
        [by_hash(&x.image, &y.image, best), by_features(x, y, best, found)].join(","),
    ))
}

/// Quality, bits between the second hashes, least share covered.
fn by_hash(a: &Image, b: &Image, best: Option<ViewDistance>) -> String {
    let Some(best) = best else { return ",,".into() };
    let share = |image: &Image, view: ViewKind, area: u64| match view {
        ViewKind::Whole => 1.0,
        _ => area as f64 / (f64::from(image.width) * f64::from(image.height)),
    };
    let overlap = share(a, best.view_a, best.rect_a.area()).min(share(b, best.view_b, best.rect_b.area()));
    let second = match (best.tier(), a.second, b.second) {
        (Tier::NearCopy, Some(x), Some(y)) => x.distance(&y).to_string(),
        _ => String::new(),
    };
    format!("{},{second},{overlap:.3}", best.quality_a.min(best.quality_b))
}

/// Feature score, coverage, least share of the overlap, sameness of the pixels, and the verdict of both and the hashes.
fn by_features(
    a: &Measured,
    b: &Measured,
    best: Option<ViewDistance>,
    found: Option<GeometricMatch>,
) -> String {
    let by_hash = best.filter(|best| best.distance <= RADIUS).map(|best| best.tier());
    let name = |tier: Option<Tier>| tier.map_or("", Tier::name);
    let Some(found) = found else { return format!("0,,,,{},{}", name(by_hash), by_pixels(1.0, None)) };
    let pixels = (found.score >= LEAST_SCORE).then(|| dense::check(&a.luma, &b.luma, &found.plane)).flatten();
    let sameness = pixels.map_or(String::new(), |pixels| format!("{:.4}", pixels.sameness()));
    let share = found.overlap.share_a.max(found.overlap.share_b);
    let by_parts = || partial::tier(&found, pixels.as_ref()).filter(|_| partial::is_candidate(&found));
    let verdict = name(by_hash.or_else(by_parts));
    let seen = by_pixels(found.whole, pixels.as_ref());
    format!("{:.3},{:.3},{share:.3},{sameness},{verdict},{seen}", found.score, found.coverage)
}

/// Columns of [`by_pixels`].
const PIXELS: &str =
    "whole,tone,tone_not,mixed,mixed_not,ink,ink_not,around,around_not,fine,grain,drift,full,half,enlarged";

/// Share of the photo of the smaller, and what pixels show.
fn by_pixels(whole: f64, pixels: Option<&DenseCheck>) -> String {
    let Some(seen) = pixels else { return format!("{whole:.3}{}", ",".repeat(14)) };
    let counts = [seen.photo, seen.mixed, seen.design, seen.around];
    let counts = counts.map(|count| format!("{},{}", count.agree, count.differ)).join(",");
    let [full, half] = seen.correlation;
    let measures =
        [seen.fine, seen.grain, seen.drift, full, half].map(|value| format!("{value:.4}")).join(",");
    format!("{whole:.3},{counts},{measures},{}", u8::from(seen.enlarged))
}

fn nearest(a: &Image, b: &Image) -> Option<ViewDistance> {
    let usable = |line: &ViewDistance| line.quality_a >= Quality::USABLE && line.quality_b >= Quality::USABLE;
    let order = |line: &ViewDistance| {
        let within = line.distance <= RADIUS;
        let plain = if within { line.tier() } else { Tier::SameScene };
        (!within, plain, line.distance, line.transform, line.view_a, line.view_b)
    };
    distances(a, b).into_iter().filter(usable).min_by_key(order)
}
