//! How the tier of local features grows: `feature_growth PHOTOS EDITS KEPT SIZE...`, sizes in photos.
//!
//! PHOTOS is a folder of photos, EDITS what `make_reposts.py --per-edit` made of some of them (`EDIT/PHOTO.jpg`).
//! Features are extracted once and kept in the file KEPT. For every size: all photos, one in ten of the edits, and
//! generated records up to that size go into an index; every record is looked up as `link` does, and all candidates
//! are verified. Then all edits are looked up among photos and generated records: how many find their photo. Times
//! are CPU seconds of all threads. A generated record has the layout of one real picture; each code is a crossing of
//! a real code with the nearest of some others, so it is common where real codes are. The trap: copying real codes
//! with a little noise would make each of them common, and everything slow and full of chance matches. The first
//! lines compare how often codes of two unrelated pictures match.

mod records;
mod used;

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use adlink::decode::{Limits, decode};
use adlink::features::{self, CANDIDATES, Candidate, FeatureIndex, Features, STORED};
use adlink::hash::Dihedral;
use adlink::internals::geometry::match_turned;
use adlink::internals::partial;
use rayon::prelude::*;
use records::generated;
use used::{cpu_seconds, resident};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// One edit in so many is part of the corpus.
const EDITS_IN_CORPUS: usize = 10;

fn main() -> Outcome {
    // Cargo adds `--bench` to what it runs.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [photos, edits, kept, sizes @ ..] = &arguments[..] else {
        return Err("see the head of benches/measure/feature_growth.rs".into());
    };
    let real = Real::read(Path::new(photos), Path::new(edits), Path::new(kept))?;
    let mut out = std::io::stdout();
    writeln!(out, "{} photos, {} edits", real.photos.len(), real.edits.len())?;
    let sources = real.sources();
    let made: Vec<Features> = (0..sources.len() as u64).map(|number| generated(&sources, number)).collect();
    writeln!(out, "two photos: {}", chance(&sources))?;
    writeln!(out, "two generated records: {}", chance(&made.iter().collect::<Vec<_>>()))?;
    let mut last: Option<(f64, f64, f64)> = None;
    for size in sizes {
        let size: usize = size.parse()?;
        let corpus = real.corpus(size);
        let now = measure(&corpus, &mut out)?;
        if let Some(then) = last {
            let exponent = |now: f64, then: f64, growth: f64| (now / then).ln() / growth.ln();
            let growth = now.0 / then.0;
            let (time, pairs) = (exponent(now.1, then.1, growth), exponent(now.2, then.2, growth));
            writeln!(out, "  exponent since: CPU {time:.3}, candidates {pairs:.3}")?;
        }
        last = Some(now);
        real.recall(&corpus, &mut out)?;
    }
    Ok(())
}

/// What was extracted from pictures, in order of name.
struct Real {
    photos: Vec<(String, Features)>,
    /// By the photo they were made of.
    edits: Vec<(String, Features)>,
}

impl Real {
    fn read(photos: &Path, edits: &Path, kept: &Path) -> Outcome<Self> {
        if !kept.exists() {
            let mut files = files(photos)?;
            let known: Vec<_> =
                files.iter().filter_map(|file| file.file_stem()).map(ToOwned::to_owned).collect();
            for edit in self::files(edits)?.iter().filter(|edit| !edit.ends_with("original")) {
                files.extend(self::files(edit)?.into_iter().filter(|file| {
                    file.file_stem().is_some_and(|stem| known.iter().any(|photo| photo == stem))
                }));
            }
            let records: Vec<Option<Vec<u8>>> =
                files.par_iter().map(|file| record(file, file.starts_with(edits))).collect();
            fs::write(kept, records.into_iter().flatten().flatten().collect::<Vec<u8>>())?;
        }
        let bytes = fs::read(kept)?;
        let mut rest = &bytes[..];
        let mut real = Self { photos: Vec::new(), edits: Vec::new() };
        while let Some((head, tail)) = rest.split_first_chunk::<4>() {
            let [is_edit, name, low, high] = *head;
            let (name, tail) = tail.split_at(usize::from(name));
            let (features, tail) = tail.split_at(usize::from(u16::from_le_bytes([low, high])));
            let features = Features::from_bytes(features).ok_or("not what this program keeps")?;
            let into = if is_edit == 1 { &mut real.edits } else { &mut real.photos };
            if features.keypoints.is_empty() {
                rest = tail;
                continue;
            }
            into.push((String::from_utf8(name.to_vec())?, features));
            rest = tail;
        }
        Ok(real)
    }

    /// What records are generated from.
    fn sources(&self) -> Vec<&Features> {
        self.photos.iter().map(|(_, features)| features).collect()
    }

    /// Photos first, then some of the edits, then what is generated.
    fn corpus(&self, size: usize) -> Vec<Features> {
        let edits = self.edits.iter().step_by(EDITS_IN_CORPUS);
        let mut corpus: Vec<Features> =
            self.photos.iter().chain(edits).map(|(_, features)| features.clone()).take(size).collect();
        let missing = (size - corpus.len()) as u64;
        let sources = self.sources();
        corpus.par_extend((0..missing).into_par_iter().map(|number| generated(&sources, number)));
        corpus
    }

    /// How many edits find their photo among photos and generated records.
    fn recall(&self, corpus: &[Features], out: &mut impl Write) -> Outcome {
        let photos = self.photos.len();
        let generated = photos + self.edits.len().div_ceil(EDITS_IN_CORPUS);
        let rows = || (0..photos).chain(generated..corpus.len());
        let index = FeatureIndex::build(rows().map(|row| (row as u32, &corpus[row])));
        let found = |(name, edit): &(String, Features)| {
            let photo = self.photos.iter().position(|(photo, _)| photo == name)?;
            let all = index.candidates(edit, CANDIDATES);
            let mine = all.iter().filter(|found| found.row as usize == photo);
            let proven = |found: &Candidate| {
                match_turned(edit.into(), (&corpus[photo]).into(), found.turn)
                    .is_some_and(|found| partial::is_candidate(&found))
            };
            let mine: Vec<bool> = mine.map(proven).collect();
            (!mine.is_empty()).then(|| mine.contains(&true))
        };
        let found: Vec<Option<bool>> = self.edits.par_iter().map(found).collect();
        let share = |count: usize| 100.0 * count as f64 / found.len() as f64;
        writeln!(
            out,
            "  recall: {:.2} % of edits propose their photo, {:.2} % are verified",
            share(found.iter().flatten().count()),
            share(found.iter().flatten().filter(|proven| **proven).count()),
        )?;
        Ok(())
    }
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort();
    Ok(files)
}

/// One picture as it is kept: whether it is an edit, length of name and features, name, features.
fn record(file: &Path, is_edit: bool) -> Option<Vec<u8>> {
    let decoded = decode(&fs::read(file).ok()?, &Limits::default()).ok()?;
    let features = features::extract(&decoded.luma, STORED).to_bytes();
    let name = file.file_stem()?.to_str()?.as_bytes();
    let head =
        [&[u8::from(is_edit), u8::try_from(name.len()).ok()?][..], &(features.len() as u16).to_le_bytes()];
    Some([&head.concat(), name, &features].concat())
}

/// What unrelated pictures have in common: pairs of codes per pair of pictures, and candidates a picture.
fn chance(pictures: &[&Features]) -> String {
    let mut counts = [0u64; 3];
    let mut pairs = 0;
    for (i, one) in pictures.iter().enumerate() {
        // Neighbours in order of name may be look-alikes.
        for other in pictures.iter().skip(i + 9).step_by(7) {
            pairs += 1;
            let codes = |features: &&Features| {
                features.keypoints.iter().map(|keypoint| keypoint.code).collect::<Vec<_>>()
            };
            let (one, other) = (codes(one), codes(other));
            for distance in one.iter().flat_map(|a| other.iter().map(|b| a.distance(b))) {
                counts
                    .iter_mut()
                    .zip([20, 24, 28])
                    .for_each(|(count, most)| *count += u64::from(distance <= most));
            }
        }
    }
    let index = FeatureIndex::build((0..).zip(pictures.iter().copied()));
    let candidates: usize = pictures.par_iter().map(|one| index.candidates(one, CANDIDATES).len() - 1).sum();
    let codes = counts.map(|count| count as f64 / f64::from(pairs));
    let candidates = candidates as f64 / pictures.len() as f64;
    format!("{codes:.3?} codes within 20, 24, 28 bits; {candidates:.2} candidates a picture")
}

/// Builds, looks up, verifies; returns number of pictures, CPU seconds and candidates.
fn measure(corpus: &[Features], out: &mut impl Write) -> Outcome<(f64, f64, f64)> {
    let (began, memory) = (cpu_seconds()?, resident()?);
    let index = FeatureIndex::build((0..).zip(corpus));
    let (built, memory) = (cpu_seconds()?, resident()? - memory);
    let proposals = |(row, features): (usize, &Features)| {
        let pair = |found: Candidate| match (row as u32).cmp(&found.row) {
            std::cmp::Ordering::Less => Some((row as u32, found.row, found.turn)),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some((found.row, row as u32, found.turn.inverse())),
        };
        index.candidates(features, CANDIDATES).into_iter().filter_map(pair).collect::<Vec<_>>()
    };
    let mut pairs: Vec<(u32, u32, Dihedral)> =
        corpus.par_iter().enumerate().flat_map_iter(proposals).collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    let proposed = cpu_seconds()?;
    let verified = |(a, b, turn): &(u32, u32, Dihedral)| {
        match_turned((&corpus[*a as usize]).into(), (&corpus[*b as usize]).into(), *turn)
            .is_some_and(|found| partial::is_candidate(&found))
    };
    let agreeing = pairs.par_iter().filter(|pair| verified(pair)).count();
    let done = cpu_seconds()?;
    let size = corpus.len() as f64;
    writeln!(
        out,
        "{size} photos: {:.2} s (build {:.2}, candidates {:.2}, verification {:.2}); {:.1} candidates a photo, \
         {agreeing} pairs agree; {:.0} bytes a photo",
        done - began,
        built - began,
        proposed - built,
        done - proposed,
        pairs.len() as f64 / size,
        memory / size
    )?;
    Ok((size, done - began, pairs.len() as f64))
}
