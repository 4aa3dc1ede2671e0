//! The feature index on disk, as it grows: `feature_index PHOTOS KEPT FOLDER SIZE...`, sizes in pictures.
//!
//! PHOTOS is a folder of photos, whose features are extracted once and kept in the file KEPT; the index is made in FOLDER,
//! anew for every size. Pictures are generated as `feature_growth` does: the layout of a real one, each code a crossing of
//! two real ones, so that codes are as common as real ones are. Prints what making, opening, verifying and asking cost;
//! look-ups are by one thread. Asked are copies of some pictures (a third of the codes other, the rest with a few other
//! bits), which must be found, and the photos themselves with 250 keypoints. Up to 200,000 pictures an index in memory is
//! made, too, and must give the same candidates. The trap: what was just written lies in the system's memory; for a cold
//! file look at the first look-ups after a restart.

mod records;
mod used;

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use adlink::decode::{Limits, decode};
use adlink::features::{
    self, CANDIDATES, Candidate, Code, DiskFeatureIndex, FeatureIndex, Features, Keypoint, QUERY, STORED,
};
use rayon::prelude::*;
use records::{Draw, generated};
use used::{cpu_seconds, resident};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Pictures generated at once.
const BLOCK: usize = 4096;
/// Copies looked up.
const COPIES: usize = 500;
/// With more pictures no index in memory is made to compare with.
const COMPARED: usize = 200_000;

fn main() -> Outcome {
    // Cargo adds `--bench` to what it runs.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [photos, kept, folder, sizes @ ..] = &arguments[..] else {
        return Err("see the head of benches/measure/feature_index.rs".into());
    };
    let real = Real::read(Path::new(photos), Path::new(kept))?;
    let mut out = std::io::stdout();
    writeln!(out, "{} photos", real.stored.len())?;
    for size in sizes {
        measure(&real, Path::new(folder), size.parse()?, &mut out)?;
    }
    Ok(())
}

fn measure(real: &Real, folder: &Path, size: usize, out: &mut impl Write) -> Outcome {
    DiskFeatureIndex::delete(folder)?;
    let (began, cpu) = (Instant::now(), cpu_seconds()?);
    let mut index = DiskFeatureIndex::open(folder)?;
    let blocks = (0..size).step_by(BLOCK).flat_map(|first| real.block(first..size.min(first + BLOCK)));
    index.extend(blocks.map(Ok))?;
    index.commit("measured", &[])?;
    let (wall, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
    let each = |bytes: f64| bytes / size as f64;
    writeln!(
        out,
        "{size} pictures: made in {wall:.1} s, {cpu:.1} CPU s with generating them; peak {:.0} MB",
        peak()?
    )?;
    writeln!(
        out,
        "  {:.0} bytes a picture on disk, {} segment(s)",
        each(index.bytes() as f64),
        index.segments()
    )?;
    drop(index);
    let (began, memory) = (Instant::now(), resident()?);
    let index = DiskFeatureIndex::open(folder)?;
    let opened = began.elapsed().as_secs_f64();
    let memory = resident()? - memory;
    writeln!(
        out,
        "  opened in {opened:.3} s; {:.1} MB, {:.0} bytes a picture in memory",
        memory / 1e6,
        each(memory)
    )?;
    let began = Instant::now();
    index.verify()?;
    writeln!(out, "  verified in {:.1} s", began.elapsed().as_secs_f64())?;
    let copies: Vec<(u32, Features)> = (0..COPIES)
        .map(|number| (number * (size / COPIES)) as u32)
        .map(|row| (row, copy(&generated(&real.sources(), row.into()), row)))
        .collect();
    let asked: Vec<&Features> = copies.iter().map(|(_, copy)| copy).collect();
    let of_copies = ask(&index, "copies of 100 keypoints", &asked, out)?;
    let is_found =
        |((row, _), found): &(&(u32, Features), &Vec<Candidate>)| found.iter().any(|one| one.row == *row);
    let found = copies.iter().zip(&of_copies).filter(is_found).count();
    writeln!(out, "  {found} of {COPIES} copies found")?;
    let asked: Vec<&Features> = real.queries.iter().take(COPIES).collect();
    let of_photos = ask(&index, "photos of 250 keypoints", &asked, out)?;
    if size <= COMPARED {
        compare(real, size, &copies, &of_copies, &of_photos)?;
        writeln!(out, "  the index in memory gives the same candidates for all")?;
    }
    Ok(())
}

/// Looks up one after the other, and tells how long each took.
fn ask(
    index: &DiskFeatureIndex,
    what: &str,
    queries: &[&Features],
    out: &mut impl Write,
) -> Outcome<Vec<Vec<Candidate>>> {
    let (mut walls, mut busy, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for query in queries {
        let (began, cpu) = (Instant::now(), own_cpu_seconds()?);
        all.push(index.candidates(query, CANDIDATES)?);
        busy.push((own_cpu_seconds()? - cpu) * 1000.0);
        walls.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let candidates = all.iter().map(Vec::len).sum::<usize>() as f64 / queries.len() as f64;
    writeln!(
        out,
        "  {what}: {} by the clock, {} of one core; {candidates:.1} candidates",
        shares(walls),
        shares(busy)
    )?;
    Ok(all)
}

/// What half of the times are below, and what nearly all.
fn shares(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!("p50 {:.2} ms, p99 {:.2} ms", at(0.5), at(0.99))
}

fn compare(
    real: &Real,
    size: usize,
    copies: &[(u32, Features)],
    of_copies: &[Vec<Candidate>],
    of_photos: &[Vec<Candidate>],
) -> Outcome {
    let pictures: Vec<(u32, Features)> =
        (0..size).step_by(BLOCK).flat_map(|first| real.block(first..size.min(first + BLOCK))).collect();
    let index = FeatureIndex::build(pictures.iter().map(|(row, features)| (*row, features)));
    let asked = copies.iter().map(|(_, copy)| copy).chain(real.queries.iter().take(COPIES));
    for (query, found) in asked.zip(of_copies.iter().chain(of_photos)) {
        if index.candidates(query, CANDIDATES) != *found {
            return Err("the index in memory gives other candidates".into());
        }
    }
    Ok(())
}

/// A record with a third of the codes other and the rest up to six bits away.
fn copy(of: &Features, row: u32) -> Features {
    let mut draw = Draw(u64::from(row) << 32 | 7);
    let changed = |keypoint: &Keypoint| {
        let [a, b] = *keypoint.code.words();
        let code = match draw.below(3) {
            0 => [draw.next(), draw.next()],
            _ => {
                [a ^ 1 << draw.below(64) ^ 1 << draw.below(64), b ^ 1 << draw.below(64) ^ 1 << draw.below(64)]
            }
        };
        Keypoint { code: Code::from_words(code), ..*keypoint }
    };
    Features { keypoints: of.keypoints.iter().map(changed).collect(), ..of.clone() }
}

/// What was extracted from photos, in order of name.
struct Real {
    stored: Vec<Features>,
    /// Of each with as many keypoints as a query has.
    queries: Vec<Features>,
}

impl Real {
    fn read(photos: &Path, kept: &Path) -> Outcome<Self> {
        if !kept.exists() {
            let mut files: Vec<PathBuf> = fs::read_dir(photos)?
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<_, _>>()?;
            files.sort();
            let records: Vec<Option<Vec<u8>>> = files.par_iter().map(|file| record(file)).collect();
            fs::write(kept, records.into_iter().flatten().flatten().collect::<Vec<u8>>())?;
        }
        let bytes = fs::read(kept)?;
        let mut rest = &bytes[..];
        let mut queries = Vec::new();
        while let Some((length, tail)) = rest.split_first_chunk::<4>() {
            let (features, tail) = tail.split_at(u32::from_le_bytes(*length) as usize);
            let features = Features::from_bytes(features).ok_or("not what this program keeps")?;
            queries.extend(Some(features).filter(|features| !features.keypoints.is_empty()));
            rest = tail;
        }
        Ok(Self { stored: queries.iter().map(|features| features.prefix(STORED)).collect(), queries })
    }

    /// What records are generated from.
    fn sources(&self) -> Vec<&Features> {
        self.stored.iter().collect()
    }

    fn block(&self, rows: std::ops::Range<usize>) -> Vec<(u32, Features)> {
        let sources = self.sources();
        rows.into_par_iter().map(|row| (row as u32, generated(&sources, row as u64))).collect()
    }
}

/// The features of a file, with their length before them.
fn record(file: &Path) -> Option<Vec<u8>> {
    let decoded = decode(&fs::read(file).ok()?, &Limits::default()).ok()?;
    let features = features::extract(&decoded.luma, QUERY).to_bytes();
    Some([&(features.len() as u32).to_le_bytes()[..], &features].concat())
}

/// CPU seconds of this thread so far: other programs on the machine do not count.
fn own_cpu_seconds() -> Outcome<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().ok_or("schedstat")?.parse::<u64>()? as f64 / 1e9)
}

/// The most memory that was in use, in MB.
fn peak() -> Outcome<f64> {
    let text = fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find(|line| line.starts_with("VmHWM")).ok_or("VmHWM")?;
    Ok(line.split_whitespace().nth(1).ok_or("VmHWM")?.parse::<f64>()? / 1e3)
}
