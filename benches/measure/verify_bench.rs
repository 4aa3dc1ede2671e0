//! What it costs to verify one candidate, on one core: `verify_bench IMAGES [MOST]` for a folder of pictures.
//!
//! Every picture is held against the next twenty by name, so that copies and strangers are among them. Printed are CPU
//! milliseconds a candidate: features alone (both turns known, as from the index), pixels laid over each other, and what
//! decoding both files would add, which linking mostly has in memory.

use adlink::decode::{Limits, decode};
use adlink::features::{Features, STORED, extract};
use adlink::hash::{Dihedral, Luma};
use adlink::internals::affine::Affine;
use adlink::internals::dense;
use adlink::internals::geometry::match_turned;
use adlink::verify::Projective;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{env, fs, io};

/// Pictures that each is held against.
const NEXT: usize = 20;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or(io::ErrorKind::InvalidInput)?);
    let most = arguments.next().and_then(|most| most.parse().ok()).unwrap_or(200);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    paths.truncate(most);
    let mut decoding = Duration::ZERO;
    let mut pictures: Vec<(Luma, Features)> = Vec::new();
    for path in paths {
        let bytes = fs::read(path)?;
        let start = Instant::now();
        if let Ok(decoded) = decode(&bytes, &Limits::default()) {
            decoding += start.elapsed();
            let features = extract(&decoded.luma, STORED);
            pictures.push((decoded.luma, features));
        }
    }
    let pairs: Vec<(usize, usize)> = (0..pictures.len())
        .flat_map(|a| (a + 1..pictures.len().min(a + 1 + NEXT)).map(move |b| (a, b)))
        .collect();
    let start = Instant::now();
    let maps: Vec<Option<Projective>> = pairs
        .iter()
        .map(|&(a, b)| {
            Some(match_turned((&pictures[a].1).into(), (&pictures[b].1).into(), Dihedral::None)?.plane)
        })
        .collect();
    let matching = start.elapsed();
    let start = Instant::now();
    let laid = pairs.iter().zip(&maps).filter(|((a, b), map)| {
        // Strangers cost as much as copies: any map that keeps them on each other will do.
        let upright = Projective::from_affine(&Affine::of_turn(Dihedral::None, 1.0, 1.0));
        let map = map.unwrap_or(upright);
        dense::check(&pictures[*a].0, &pictures[*b].0, &map).is_some()
    });
    let compared = laid.count();
    let laying = start.elapsed();
    let mut out = io::stdout();
    let each = |time: Duration, n: usize| time.as_secs_f64() * 1e3 / n.max(1) as f64;
    writeln!(out, "{} pictures, {} candidates", pictures.len(), pairs.len())?;
    writeln!(out, "features   {:7.3} ms a candidate", each(matching, pairs.len()))?;
    writeln!(
        out,
        "pixels     {:7.3} ms a candidate ({compared} with structure), decoded already",
        each(laying, pairs.len())
    )?;
    writeln!(out, "decoding   {:7.3} ms for both files, full size", 2.0 * each(decoding, pictures.len()))?;
    Ok(())
}
