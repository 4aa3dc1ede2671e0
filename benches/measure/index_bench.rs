//! Measures the index for `benches/peers/search.py`: reads hashes from files, answers in one JSON line.
//!
//! A hash file is 32 bytes per hash and nothing else, in the order of [`Hash256::to_bytes`]. Times are CPU time of
//! all threads, so that a busy machine does not spoil them; where the system does not tell, wall time.
//!
//! `make KIND ROWS SEED OUT` | `query BASE QUERIES RADIUS ENGINE KERNEL OUT` | `join BASE RADIUS OUT` |
//! `forest BASE RADIUS` | `live BASE QUERIES RADIUS` | `hnsw BASE QUERIES K` | `bands BASE`

mod hashes;

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use adlink::hash::Hash256;
use adlink::index::{self, FlatIndex, HnswIndex, JoinPair, LiveIndex, Neighbor, RadiusIndex, Unique};
use adlink::internals::kernel::hamming::Hamming;
use hashes::Random;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome {
    // Cargo adds `--bench` to what it runs.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let line = match arguments[..] {
        ["make", kind, rows, seed, out] => make(kind, rows.parse()?, seed.parse()?, out)?,
        ["query", base, queries, radius, engine, kernel, out] => {
            query(&read(base)?, &read(queries)?, radius.parse()?, engine, kernel, out)?
        }
        ["join", base, radius, out] => join(&read(base)?, radius.parse()?, out)?,
        ["forest", base, radius] => forest(&read(base)?, radius.parse()?),
        ["live", base, queries, radius] => live(&read(base)?, &read(queries)?, radius.parse()?)?,
        ["hnsw", base, queries, k] => hnsw(&read(base)?, &read(queries)?, k.parse()?)?,
        ["bands", base] => bands(&read(base)?),
        _ => return Err("see the head of benches/measure/index_bench.rs".into()),
    };
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

fn read(path: &str) -> Outcome<Vec<Hash256>> {
    let bytes = fs::read(path)?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() {
        Ok(hashes.iter().map(Hash256::from_bytes).collect())
    } else {
        Err("not a hash file".into())
    }
}

/// CPU seconds of all threads of this process.
fn cpu_seconds(since: Instant) -> f64 {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds: u64 = threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .sum();
    if nanoseconds > 0 { nanoseconds as f64 / 1e9 } else { since.elapsed().as_secs_f64() }
}

/// Runs `work` and tells its CPU seconds.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begin = Instant::now();
    let before = cpu_seconds(begin);
    let result = work();
    (result, cpu_seconds(begin) - before)
}

/// CPU seconds of one call of `work`, repeated until the system's clock of CPU time is fine enough.
fn seconds_of(mut work: impl FnMut()) -> f64 {
    let mut calls = 0;
    let (_, seconds) = timed(|| {
        let begin = Instant::now();
        while calls < 3 || begin.elapsed().as_secs_f64() < 0.5 {
            work();
            calls += 1;
        }
    });
    seconds / f64::from(calls)
}

/// `uniform`: 70 % unrelated, 30 % in clusters of 2 to 500 with 30 % exact copies. `skewed`: the same with bits
/// drawn from 16 latent ones. `copies`: 20 % of rows in groups of 1000 equal ones. `flood`: one photo 100,000 times
/// and 4,000 near-blank hashes at most 16 bits apart, the rest as `uniform`.
fn make(kind: &str, rows: usize, seed: u64, out: &str) -> Outcome<String> {
    let mut random = Random(seed);
    let mut hashes: Vec<Hash256> = Vec::with_capacity(rows);
    if kind == "flood" {
        let (photo, blank) = (random.hash(), random.hash());
        hashes.extend(std::iter::repeat_n(photo, 100_000));
        for _ in 0..4000 {
            let flips = random.below(9);
            hashes.push(random.near(blank, flips));
        }
    }
    if kind == "copies" {
        while hashes.len() + 1000 <= rows / 5 {
            hashes.extend(std::iter::repeat_n(random.hash(), 1000));
        }
    }
    let basis: Vec<Hash256> = (0..16).map(|_| random.hash()).collect();
    let base = |random: &mut Random| match kind {
        "skewed" => skewed(random, &basis),
        _ => random.hash(),
    };
    let planted = hashes.len() + (rows - hashes.len()) * 3 / 10;
    while hashes.len() < planted {
        let centre = base(&mut random);
        let size = (2 + random.below(499)).min((planted - hashes.len()) as u64);
        for _ in 0..size {
            let flips = if random.below(10) < 3 { 0 } else { random.below(28) };
            hashes.push(random.near(centre, flips));
        }
    }
    while hashes.len() < rows {
        hashes.push(base(&mut random));
    }
    for place in (1..hashes.len()).rev() {
        hashes.swap(place, random.below(place as u64 + 1) as usize);
    }
    let mut file = BufWriter::new(fs::File::create(out)?);
    for hash in hashes {
        file.write_all(&hash.to_bytes())?;
    }
    file.flush()?;
    Ok(format!(r#"{{"rows":{rows},"kind":"{kind}","seed":{seed}}}"#))
}

/// Each bit leans towards one of sixteen latent patterns: neighbouring bits are correlated.
fn skewed(random: &mut Random, basis: &[Hash256]) -> Hash256 {
    let pattern = basis[random.below(basis.len() as u64) as usize];
    let (noise, keep, more) = (random.hash(), random.hash(), random.hash());
    let [pattern, noise, keep, more] = [pattern, noise, keep, more].map(|hash| *hash.words());
    // Three bits in four are noise; one in four follows the pattern.
    Hash256::from_words(std::array::from_fn(|word| {
        let follows = keep[word] & more[word];
        (pattern[word] & follows) | (noise[word] & !follows)
    }))
}

fn kernel_named(name: &str) -> Outcome<Hamming> {
    let found = Hamming::available().into_iter().find(|kernel| kernel.name() == name);
    if name == "best" { Ok(Hamming::best()) } else { found.ok_or_else(|| format!("no {name} here").into()) }
}

/// Pairs as little-endian `u32` query, row, distance, sorted: what the peers' results are compared with.
fn write_pairs(path: &str, mut pairs: Vec<[u32; 3]>) -> Outcome {
    pairs.sort_unstable();
    let mut file = BufWriter::new(fs::File::create(path)?);
    for value in pairs.into_iter().flatten() {
        file.write_all(&value.to_le_bytes())?;
    }
    Ok(file.flush()?)
}

fn query(
    base: &[Hash256],
    queries: &[Hash256],
    radius: u32,
    engine: &str,
    kernel: &str,
    out: &str,
) -> Outcome<String> {
    let kernel = kernel_named(kernel)?;
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    one_thread.install(|| {
        let ((index, name), build) = match engine {
            "auto" => timed(|| {
                let index = RadiusIndex::with_kernel(base, radius, kernel);
                let name = index.engine();
                (Exact::Auto(index), name)
            }),
            "flat" => timed(|| (Exact::Flat(FlatIndex::with_kernel(base, kernel)), "flat".into())),
            _ => return Err("engines: auto, flat".into()),
        };
        let distinct = Unique::new(base).hashes().len();
        let figures = measure(&index, queries, radius, out)?;
        Ok(format!(
            r#"{{"engine":"{name}","build_cpu_s":{build:.4},"bytes":{},"distinct":{distinct},{figures}}}"#,
            index.memory(),
        ))
    })
}

enum Exact {
    Auto(RadiusIndex),
    Flat(FlatIndex),
}

impl Exact {
    fn search(&self, query: &Hash256, radius: u32) -> Vec<Neighbor> {
        match self {
            Self::Auto(index) => index.search(query, radius),
            Self::Flat(index) => index.search(query, radius),
        }
    }

    fn search_many(&self, queries: &[Hash256], radius: u32) -> Vec<Vec<Neighbor>> {
        match self {
            Self::Auto(index) => index.search_many(queries, radius),
            Self::Flat(index) => index.search_many(queries, radius),
        }
    }

    fn memory(&self) -> usize {
        match self {
            Self::Auto(index) => index.memory(),
            Self::Flat(index) => index.memory(),
        }
    }
}

fn measure(index: &Exact, queries: &[Hash256], radius: u32, out: &str) -> Outcome<String> {
    let answers = index.search_many(queries, radius);
    let batch = seconds_of(|| {
        std::hint::black_box(index.search_many(queries, radius));
    });
    let mut latencies: Vec<f64> = Vec::new();
    let single = seconds_of(|| {
        for query in queries {
            let begin = Instant::now();
            std::hint::black_box(index.search(query, radius));
            latencies.push(begin.elapsed().as_secs_f64() * 1e6);
        }
    });
    latencies.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    let pairs: Vec<[u32; 3]> = (0u32..)
        .zip(&answers)
        .flat_map(|(query, near)| near.iter().map(move |near| [query, near.row, near.distance]))
        .collect();
    let count = pairs.len();
    write_pairs(out, pairs)?;
    let rate = |seconds: f64| queries.len() as f64 / seconds;
    Ok(format!(
        r#""batch_qps":{:.1},"single_qps":{:.1},"p50_us":{:.2},"p99_us":{:.2},"pairs":{count}"#,
        rate(batch),
        rate(single),
        at(0.5),
        at(0.99),
    ))
}

/// Joins `base` with itself; `OUT` may be `-`: count only.
fn join(base: &[Hash256], radius: u32, out: &str) -> Outcome<String> {
    let (count, pairs) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let keep = out != "-";
    let (_, seconds) = timed(|| {
        index::self_join(base, radius, &|batch: &[JoinPair]| {
            count.fetch_add(batch.len() as u64, Ordering::Relaxed);
            if keep {
                let batch = batch.iter().map(|pair| [pair.a, pair.b, pair.distance]);
                pairs.lock().expect("no panic under the lock").extend(batch);
            }
        });
    });
    if keep {
        write_pairs(out, pairs.into_inner().expect("no panic under the lock"))?;
    }
    Ok(format!(r#"{{"cpu_s":{seconds:.3},"pairs":{}}}"#, count.into_inner()))
}

fn forest(base: &[Hash256], radius: u32) -> String {
    let (edges, seconds) = timed(|| index::self_join_forest(base, radius));
    let copies = edges.iter().filter(|edge| edge.distance == 0).count();
    format!(r#"{{"cpu_s":{seconds:.3},"edges":{},"copies":{copies}}}"#, edges.len())
}

/// Adds and finds every query while another thread searches; microseconds.
fn live(base: &[Hash256], queries: &[Hash256], radius: u32) -> Outcome<String> {
    let live = LiveIndex::new(base, radius);
    let (reader, stop) = (live.clone(), AtomicU64::new(0));
    let mut latencies = Vec::with_capacity(queries.len());
    let mut adding = 0.0;
    let searched = std::thread::scope(|scope| {
        let searching = scope.spawn(|| {
            let searches = queries.iter().cycle().take_while(|_| stop.load(Ordering::Relaxed) == 0);
            searches.fold(0u64, |count, query| {
                std::hint::black_box(reader.snapshot().search(query, radius));
                count + 1
            })
        });
        for query in queries {
            let begin = Instant::now();
            let row = live.add(*query);
            adding += begin.elapsed().as_secs_f64();
            let found = live.snapshot().search(query, radius);
            latencies.push(begin.elapsed().as_secs_f64() * 1e6);
            assert!(found.iter().any(|near| near.row == row), "what was added is found");
        }
        stop.store(1, Ordering::Relaxed);
        searching.join().expect("searching does not panic")
    });
    latencies.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    Ok(format!(
        r#"{{"adds":{},"adds_per_s":{:.0},"add_us":{:.1},"add_and_find_p50_us":{:.1},"p99_us":{:.1},"p999_us":{:.1},"searches_beside":{searched}}}"#,
        queries.len(),
        queries.len() as f64 / adding,
        adding * 1e6 / queries.len() as f64,
        at(0.5),
        at(0.99),
        at(0.999),
    ))
}

/// Recall of the `k` nearest distinct hashes (ties count as found) and its price, by `ef`.
fn hnsw(base: &[Hash256], queries: &[Hash256], k: usize) -> Outcome<String> {
    // Of distinct hashes, so that recall counts photos and not copies.
    let base = Unique::new(base).hashes().to_vec();
    let exact = RadiusIndex::new(&base, 31);
    let (truth, exact_seconds) =
        timed(|| queries.iter().map(|query| exact.nearest(query, k)).collect::<Vec<_>>());
    let (index, build) = timed(|| HnswIndex::new(&base));
    let mut curve = Vec::new();
    for ef in [16, 32, 64, 128, 256, 512, 1024] {
        let (answers, seconds) =
            timed(|| queries.iter().map(|query| index.nearest(query, k, ef)).collect::<Vec<_>>());
        let (mut found, mut wanted, mut itself) = (0, 0, 0);
        for (near, truth) in answers.iter().zip(&truth) {
            let farthest = truth.last().map_or(0, |near| near.distance);
            found += near.iter().filter(|near| near.distance <= farthest).count().min(truth.len());
            wanted += truth.len();
            itself += usize::from(
                near.first().map(|near| near.distance) == truth.first().map(|near| near.distance),
            );
        }
        curve.push(format!(
            r#"{{"ef":{ef},"recall":{:.4},"nearest_found":{:.4},"cpu_us":{:.1}}}"#,
            f64::from(found as u32) / f64::from(wanted as u32),
            f64::from(itself as u32) / queries.len() as f64,
            seconds * 1e6 / queries.len() as f64,
        ));
    }
    Ok(format!(
        r#"{{"build_cpu_s":{build:.1},"unreachable":{},"exact_cpu_us":{:.1},"curve":[{}]}}"#,
        index.unreachable(),
        exact_seconds * 1e6 / queries.len() as f64,
        curve.join(","),
    ))
}

/// How full the 16-bit keys of 16 bands are, over distinct hashes: what the cost model is told, and the worst.
fn bands(base: &[Hash256]) -> String {
    let unique = Unique::new(base);
    let rows = unique.hashes().len();
    let (mut histogram, mut largest) = ([0u64; 24], 0);
    let mut same = 0.0;
    for band in 0..16 {
        let mut counts = vec![0u64; 1 << 16];
        for hash in unique.hashes() {
            counts[(hash.words()[band / 4] >> (16 * (band % 4)) & 0xffff) as usize] += 1;
        }
        for count in counts {
            histogram[(u64::BITS - count.leading_zeros()) as usize] += 1;
            largest = largest.max(count);
            same += count as f64 * (count as f64 - 1.0);
        }
    }
    let share = same / (16.0 * rows as f64 * (rows as f64 - 1.0));
    format!(
        r#"{{"rows":{},"distinct":{rows},"largest_bucket":{largest},"same_key_share":{share:.3e},"even_share":{:.3e},"buckets_by_bits_of_size":{histogram:?},"engine":"{}"}}"#,
        base.len(),
        1.0 / 65536.0,
        RadiusIndex::new(base, 31).engine(),
    )
}
