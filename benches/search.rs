//! Time of searches and joins on seeded hashes: `cargo bench --bench search`.
//!
//! For watching changes. Comparisons with other engines are in `peers/search.py`, which also checks the answers.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use adlink::hash::Hash256;
use adlink::index::{self, FlatIndex, LiveIndex, RadiusIndex};
use adlink::internals::kernel::hamming::Hamming;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Unrelated hashes, every fourth a near copy of the one before.
fn corpus(rows: usize) -> Vec<Hash256> {
    let mut state = 42u64;
    let mut word = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ mixed >> 27
    };
    let mut last = [0; 4];
    (0..rows)
        .map(|row| {
            if row % 4 == 3 {
                last[row / 4 % 4] ^= word() & word() & word();
            } else {
                last = std::array::from_fn(|_| word());
            }
            Hash256::from_words(last)
        })
        .collect()
}

fn queries(criterion: &mut Criterion) {
    let hashes = corpus(1_000_000);
    let mut group = criterion.benchmark_group("query");
    for rows in [10_000, 100_000, 1_000_000] {
        for radius in [31, 47, 63] {
            let index = RadiusIndex::new(&hashes[..rows], radius);
            let mut next = hashes.iter().cycle();
            let name = BenchmarkId::new(format!("{}/{rows}", index.engine()), radius);
            group.bench_function(name, |bench| {
                bench.iter(|| index.search(black_box(next.next().expect("a cycle goes on")), radius));
            });
        }
    }
}

fn kernels(criterion: &mut Criterion) {
    let hashes = corpus(100_000);
    let mut group = criterion.benchmark_group("flat, 512 queries, 100,000 rows");
    group.throughput(Throughput::Elements(512 * 100_000));
    for kernel in Hamming::available() {
        let index = FlatIndex::with_kernel(&hashes, kernel);
        group.sample_size(10).bench_function(kernel.name(), |bench| {
            bench.iter(|| index.search_many(black_box(&hashes[..512]), 31));
        });
    }
}

fn joins(criterion: &mut Criterion) {
    let hashes = corpus(100_000);
    let mut group = criterion.benchmark_group("self-join, 100,000 rows");
    group.sample_size(10);
    group.bench_function("all pairs", |bench| {
        bench.iter(|| {
            let count = AtomicU64::new(0);
            index::self_join(black_box(&hashes), 31, &|pairs| {
                count.fetch_add(pairs.len() as u64, Ordering::Relaxed);
            });
            count.into_inner()
        });
    });
    group.bench_function("forest", |bench| bench.iter(|| index::self_join_forest(black_box(&hashes), 31)));
}

fn live(criterion: &mut Criterion) {
    let hashes = corpus(101_000);
    criterion.bench_function("add 1000 to 100,000 and find each", |bench| {
        bench.iter_batched(
            || LiveIndex::new(&hashes[..100_000], 31),
            |live| {
                for hash in &hashes[100_000..] {
                    live.add(*hash);
                    black_box(live.snapshot().search(hash, 31));
                }
            },
            BatchSize::PerIteration,
        );
    });
}

criterion_group! {
    name = search;
    config = Criterion::default();
    targets = queries, kernels, joins, live
}
criterion_main!(search);
