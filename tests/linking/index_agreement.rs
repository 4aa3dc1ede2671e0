//! Every engine against the plainest loop there is, through the public API alone: all sizes from nothing up, sizes
//! where the cost model changes its mind, and the same set of pairs on any number of threads.

use std::sync::Mutex;

use adlink::hash::Hash256;
use adlink::index::{self, FlatIndex, JoinPair, MihIndex, Neighbor, RadiusIndex};

/// A small generator, so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Unrelated hashes, near copies up to 70 bits away and exact copies, in random order of creation.
fn corpus(rows: usize, seed: u64) -> Vec<Hash256> {
    let mut random = Random(seed);
    let mut hashes: Vec<Hash256> = Vec::with_capacity(rows);
    for _ in 0..rows {
        let mut words = std::array::from_fn(|_| random.next());
        if !hashes.is_empty() && random.below(10) < 4 {
            words = *hashes[random.below(hashes.len() as u64) as usize].words();
            for _ in 0..[0, random.below(8), random.below(35), random.below(70)][random.below(4) as usize] {
                words[random.below(4) as usize] ^= 1 << random.below(64);
            }
        }
        hashes.push(Hash256::from_words(words));
    }
    hashes
}

fn plain_self_join(hashes: &[Hash256], radius: u32) -> Vec<JoinPair> {
    let mut pairs = Vec::new();
    for (a, first) in hashes.iter().enumerate() {
        for (b, second) in hashes.iter().enumerate().skip(a + 1) {
            let distance = first.distance(second);
            if distance <= radius {
                pairs.push(JoinPair { a: a as u32, b: b as u32, distance });
            }
        }
    }
    pairs
}

fn plain_search(hashes: &[Hash256], query: &Hash256, radius: u32) -> Vec<Neighbor> {
    let mut found: Vec<Neighbor> = hashes
        .iter()
        .enumerate()
        .map(|(row, hash)| Neighbor { distance: hash.distance(query), row: row as u32 })
        .filter(|neighbor| neighbor.distance <= radius)
        .collect();
    found.sort_unstable();
    found
}

fn sorted(join: impl FnOnce(&(dyn Fn(&[JoinPair]) + Sync))) -> Vec<JoinPair> {
    let pairs = Mutex::new(Vec::new());
    join(&|batch| pairs.lock().unwrap().extend_from_slice(batch));
    let mut pairs = pairs.into_inner().unwrap();
    pairs.sort_unstable();
    pairs
}

#[test]
fn all_small_sizes_agree_at_all_radii() {
    for rows in (0..20).chain([63, 64, 65, 200]) {
        let hashes = corpus(rows, rows as u64);
        let (auto, mih, flat) =
            (RadiusIndex::new(&hashes, 31), MihIndex::new(hashes.clone(), 31), FlatIndex::new(&hashes));
        assert_eq!((auto.len(), mih.len(), flat.len()), (rows, rows, rows));
        for radius in [0, 1, 10, 30, 31, 32, 47, 63, 64, 100, 256] {
            let pairs = plain_self_join(&hashes, radius);
            assert_eq!(
                sorted(|sink| index::self_join(&hashes, radius, sink)),
                pairs,
                "{rows} rows, {radius}"
            );
            for query in hashes.iter().chain([&Hash256::default()]) {
                let wanted = plain_search(&hashes, query, radius);
                assert_eq!(flat.search(query, radius), wanted);
                assert_eq!(mih.search(query, radius), wanted);
                assert_eq!(auto.search(query, radius), wanted);
            }
        }
    }
}

#[test]
fn sizes_where_plans_change_agree() {
    for (rows, radius) in [(3000, 10), (12_000, 31), (12_000, 47)] {
        let hashes = corpus(rows, 7);
        let wanted = plain_self_join(&hashes, radius);
        assert!(wanted.len() > rows / 10, "the corpus has pairs to miss");
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| sorted(|sink| index::self_join(&hashes, radius, sink)));
            assert!(found == wanted, "{rows} rows at {radius} on {threads} threads");
        }
        let mih = MihIndex::new(hashes.clone(), radius);
        let queries = &hashes[..500];
        let wanted: Vec<_> = queries.iter().map(|query| plain_search(&hashes, query, radius)).collect();
        assert!(mih.search_many(queries, radius) == wanted);
        assert!(FlatIndex::new(&hashes).search_many(queries, radius) == wanted);
    }
}

#[test]
fn join_of_two_sets_agrees() {
    let hashes = corpus(9000, 3);
    for cut in [0, 1, 100, 4500, 8990, 9000] {
        let (left, right) = hashes.split_at(cut);
        let mut wanted = Vec::new();
        for (a, first) in left.iter().enumerate() {
            let found = plain_search(right, first, 31);
            wanted.extend(found.iter().map(|near| JoinPair {
                a: a as u32,
                b: near.row,
                distance: near.distance,
            }));
        }
        wanted.sort_unstable();
        assert!(sorted(|sink| index::join(left, right, 31, sink)) == wanted, "cut at {cut}");
    }
}
