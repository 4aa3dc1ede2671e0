//! What a bank of many entries costs: to read in, to open, to ask, and to add to while it is asked.
//!
//! `cargo bench --bench bank_bench -- FOLDER ENTRIES`: a list of made-up hashes is written into FOLDER, imported into
//! a case there, opened, and asked; one JSON line on standard output. Times are wall times, memory is the peak of
//! this process. With `FOLDER` alone the case that lies there is opened and asked: that is the peak of opening.

mod hashes;

use adlink::bank::{BankFilter, BankIndex};
use adlink::case::Case;
use adlink::corpus::{BankId, BankKind, DisableUntil, EntryHash, EntryId, NewBank};
use adlink::hash::{Hash256, Pdq, Quality};
use adlink::hashlist::{HashListReader, ListSource};
use adlink::verify::RADIUS;
use hashes::Random;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Look-ups, and additions, that are timed one by one.
const ASKED: usize = 2000;

/// Look-ups whose answers are held against a comparison with every entry.
const CHECKED: usize = 20;

/// A time at which everything that is on is on.
const NOW: i64 = 2_000_000_000;

fn main() -> Outcome {
    // Cargo adds `--bench` to what it runs.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut said = serde_json::Map::new();
    let folder = match arguments[..] {
        [folder] => Path::new(folder),
        [folder, entries] => {
            let seconds = import(Path::new(folder), entries.parse()?)?;
            said.insert("import_s".into(), seconds.into());
            Path::new(folder)
        }
        _ => return Err("see the head of benches/measure/bank_bench.rs".into()),
    };
    let case = Case::open_read(&folder.join("bank.adlink"))?;
    let began = Instant::now();
    let index = BankIndex::build(&case)?;
    said.insert("open_s".into(), began.elapsed().as_secs_f64().into());
    said.insert("entries".into(), index.len().into());
    let mut some = Vec::new();
    let every = (index.len() / ASKED).max(1) as u64;
    case.all_entries(|entry| {
        if entry.entry.0.is_multiple_of(every) {
            some.push(entry.pdq);
        }
    })?;
    check(&case, &index, &some)?;
    said.insert("upright_us".into(), asked(&some, |hash| found(&index, hash, false)).into());
    said.insert("turned_us".into(), asked(&some, |hash| found(&index, hash, true)).into());
    let mut next = index.len() as u64;
    let last = EntryId(next);
    let added = asked(&some, |hash| {
        next += 1;
        let entry = EntryId(next);
        let disable_until = DisableUntil::ON;
        index.add(&EntryHash { bank: BankId(1), entry, pdq: *hash, quality: None, disable_until });
    });
    assert_eq!(index.len() as u64, next, "every addition is there");
    let twice = index.find(&some[0], 0, &BankFilter::default(), NOW);
    assert!(twice.hits.iter().any(|hit| hit.entry > last), "what was added is found");
    said.insert("add_us".into(), added.into());
    said.insert("peak_mib".into(), peak_mib().into());
    writeln!(std::io::stdout(), "{}", serde_json::Value::Object(said))?;
    Ok(())
}

fn import(folder: &Path, entries: usize) -> Outcome<f64> {
    fs::create_dir_all(folder)?;
    let (list, path) = (folder.join("list.txt"), folder.join("bank.adlink"));
    let (mut random, mut last) = (Random(7), Hash256::default());
    let mut out = BufWriter::new(File::create(&list)?);
    for _ in 0..entries {
        // One in four is a copy of the one before, up to 30 bits away.
        let flips = random.below(31);
        last = if random.below(4) == 0 { random.near(last, flips) } else { random.hash() };
        writeln!(out, "{last}")?;
    }
    out.flush()?;
    drop(out);
    let mut case = Case::open_or_create(&path)?;
    case.create_bank(&NewBank::named("MANY", BankKind::Known))?;
    let began = Instant::now();
    let diff = case.import_list("MANY", &mut HashListReader::new(ListSource::Path(&list)))?;
    assert_eq!(diff.added + diff.repeated, entries as u64);
    Ok(began.elapsed().as_secs_f64())
}

fn found(index: &BankIndex, hash: &Hash256, turned: bool) {
    let filter = BankFilter::default();
    let answer = match turned {
        true => index.find_turned(&Pdq::from_upright(*hash, Quality::USABLE), RADIUS, &filter, NOW),
        false => index.find(hash, RADIUS, &filter, NOW),
    };
    assert_eq!(answer.hits.first().map(|hit| hit.distance), Some(0), "an entry finds itself first");
}

/// Some answers are those of comparing with every entry.
fn check(case: &Case, index: &BankIndex, some: &[Hash256]) -> Outcome {
    let queries = &some[..some.len().min(CHECKED)];
    let mut near = vec![Vec::new(); queries.len()];
    case.all_entries(|entry| {
        for (query, near) in queries.iter().zip(&mut near) {
            let distance = query.distance(&entry.pdq);
            if distance <= RADIUS {
                near.push((distance, entry.entry));
            }
        }
    })?;
    for (query, mut near) in queries.iter().zip(near) {
        near.sort_unstable();
        let answer = index.find(query, RADIUS, &BankFilter::default(), NOW);
        let hits: Vec<_> = answer.hits.iter().map(|hit| (hit.distance, hit.entry)).collect();
        assert_eq!(hits, near, "entries near {query}");
    }
    Ok(())
}

/// Microseconds: median, 99th percentile, longest.
fn asked(hashes: &[Hash256], mut ask: impl FnMut(&Hash256)) -> Vec<f64> {
    let mut times: Vec<f64> = hashes
        .iter()
        .map(|hash| {
            let began = Instant::now();
            ask(hash);
            began.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
    vec![at(0.5), at(0.99), times.last().copied().unwrap_or_default()]
}

fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() >> 10
}
