//! Approximate nearest neighbours by a navigable small-world graph (HNSW; Malkov and Yashunin, 2016), through
//! hnsw_rs. For looking beyond the radius; links never come from here alone.
//!
//! What that crate needs to work on our data, and gets here:
//! - distinct hashes only: a thousand copies would be each other's only neighbours, an island nothing leads out of;
//! - a distance in bits: its own Hamming distance counts unequal elements;
//! - the first points one by one: inserted in parallel, each may find the graph empty and stay without links;
//! - its connection count within bounds, or it ends the process; and never its dump or reload, which do so too;
//! - points that nothing leads to: a full neighbour list drops its farthest entry, which may have been the only way
//!   in. They are found after the build and compared one by one ([`HnswIndex::unreachable`]).
//!
//! The trap: threads race while building, so two builds differ, and so may what they miss. Everything else in
//! this room is deterministic.

use anndists::dist::Distance;
use hnsw_rs::hnsw::Hnsw;

use super::neighbor::Neighbor;
use super::radius::flat::FlatIndex;
use super::radius::unique::Groups;
use super::radius::unique::Unique;
use crate::hash::Hash256;
use crate::hash::kernel::hamming::Hamming;

/// Connections of a point; hnsw_rs allows up to 255. With 16 and half the candidates building is four times faster,
/// but one real hash in a hundred becomes unreachable and recall@10 at the default `ef` falls from 0.996 to 0.87.
const CONNECTIONS: usize = 24;
/// Layers; hnsw_rs allows up to 16.
const LAYERS: usize = 16;
/// Candidates looked at when a point is inserted.
const BUILD_EF: usize = 200;
/// Points inserted one by one before the threads start.
const SEEDS: usize = 256;

/// Counts differing bits of hashes given as four words.
#[derive(Debug, Clone, Copy)]
struct BitDistance(Hamming);

impl Distance<u64> for BitDistance {
    fn eval(&self, a: &[u64], b: &[u64]) -> f32 {
        self.0.distance(a, b) as f32
    }
}

/// An approximate index; some 2 KB per distinct hash. Build it again to change it.
pub struct HnswIndex {
    groups: Groups,
    graph: Hnsw<'static, u64, BitDistance>,
    /// Groups nothing leads to, and their hashes.
    lost: (Vec<u32>, FlatIndex),
}

impl HnswIndex {
    /// Default `ef` of [`nearest`](Self::nearest): recall@10 was 0.996 on 20,000 distinct PDQ hashes of edited photos
    /// (0.955 at 16, 0.998 at 256). Up to some hundred thousand hashes [`crate::index::radius::search::RadiusIndex::nearest`] is both exact
    /// and faster.
    pub const EF: usize = 64;

    /// Builds the graph on all threads; slow, a millisecond or more per distinct hash.
    pub fn new(hashes: &[Hash256]) -> Self {
        let kernel = Hamming::best();
        let (hashes, groups) = Unique::new(hashes).into_parts();
        let count = hashes.len();
        let mut graph = Hnsw::new(CONNECTIONS, count, LAYERS, BUILD_EF, BitDistance(kernel));
        // Without the pruned ones, points of a tight family keep two or three links and are hard to reach.
        graph.set_keeping_pruned(true);
        let points: Vec<(&[u64], usize)> =
            hashes.iter().enumerate().map(|(group, hash)| (hash.words().as_slice(), group)).collect();
        let (seeds, others) = points.split_at(count.min(SEEDS));
        seeds.iter().for_each(|seed| graph.insert_slice(*seed));
        graph.parallel_insert_slice(&others.to_vec());
        graph.set_searching_mode(true);
        let lost = lost_groups(&graph, count);
        let lost_hashes: Vec<Hash256> = lost.iter().map(|&group| hashes[group as usize]).collect();
        let lost = (lost, FlatIndex::with_kernel(&lost_hashes, kernel));
        Self { groups, graph, lost }
    }

    /// The rows of about the `k` nearest distinct hashes, nearest first, then by row. A larger `ef` looks at more
    /// candidates and misses fewer; it is raised to `k`.
    pub fn nearest(&self, query: &Hash256, k: usize, ef: usize) -> Vec<Neighbor> {
        // hnsw_rs panics on an empty candidate list.
        if k == 0 || self.is_empty() {
            return Vec::new();
        }
        let by_graph = self.graph.search(query.words(), k, ef.max(k));
        let mut groups: Vec<Neighbor> = by_graph
            .into_iter()
            .map(|found| Neighbor { distance: found.distance as u32, row: found.d_id as u32 })
            .collect();
        let (lost, hashes) = &self.lost;
        let farthest = if groups.len() < k { 256 } else { groups[groups.len() - 1].distance };
        let by_comparison = hashes.search(query, farthest);
        groups
            .extend(by_comparison.into_iter().map(|near| Neighbor { row: lost[near.row as usize], ..near }));
        groups.sort_unstable();
        groups.dedup();
        groups.truncate(k);
        self.groups.expand(groups)
    }

    /// How many distinct hashes the graph does not lead to; they are compared with every query instead.
    pub fn unreachable(&self) -> usize {
        self.lost.0.len()
    }

    /// Number of rows, duplicates counted.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl std::fmt::Debug for HnswIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HnswIndex")
            .field("rows", &self.len())
            .field("unreachable", &self.unreachable())
            .finish()
    }
}

/// Groups without a way to them from the top of the graph along its lowest layer, which is what a search walks.
fn lost_groups(graph: &Hnsw<'static, u64, BitDistance>, count: usize) -> Vec<u32> {
    if count == 0 {
        return Vec::new();
    }
    let points = graph.get_point_indexation();
    let mut links = vec![Vec::new(); count];
    for point in points {
        let layers = point.get_neighborhood_id();
        links[point.get_origin_id()] =
            layers.first().map_or(Vec::new(), |lowest| lowest.iter().map(|link| link.d_id as u32).collect());
    }
    let top = points.get_layer_iterator(points.get_max_level_observed().into()).next();
    let mut waiting: Vec<u32> = top.map(|point| point.get_origin_id() as u32).into_iter().collect();
    let mut reached = vec![false; count];
    while let Some(group) = waiting.pop() {
        if !std::mem::replace(&mut reached[group as usize], true) {
            waiting.append(&mut links[group as usize]);
        }
    }
    (0..count as u32).filter(|&group| !reached[group as usize]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::test_hashes;
    use super::*;
    use crate::index::radius::search::RadiusIndex;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// With `ef` no smaller than the graph, a search sees everything reachable: only the unreachable could be
        /// missed, and they are compared.
        #[test]
        fn a_search_of_everything_misses_nothing(hashes in test_hashes::families(120), k in 0usize..12) {
            let (index, exact) = (HnswIndex::new(&hashes), RadiusIndex::new(&hashes, 31));
            prop_assert_eq!(index.len(), hashes.len());
            for query in hashes.iter().take(10).chain([&Hash256::default()]) {
                let (found, wanted) = (index.nearest(query, k, 4096), exact.nearest(query, k));
                let distances = |found: &[Neighbor]| {
                    let distinct: BTreeSet<(u32, Hash256)> =
                        found.iter().map(|near| (near.distance, hashes[near.row as usize])).collect();
                    distinct.into_iter().map(|(distance, _)| distance).collect::<Vec<_>>()
                };
                prop_assert!(found.iter().all(|near| hashes[near.row as usize].distance(query) == near.distance));
                prop_assert_eq!(distances(&found), distances(&wanted));
            }
        }
    }

    #[test]
    fn copies_do_not_crowd_out_the_rest() {
        let photo = Hash256::from_words([7; 4]);
        let mut hashes = vec![photo; 1000];
        hashes.extend((1u64..400).map(|n| Hash256::from_words([7 ^ n, 7 ^ n << 20, 7 ^ n << 40, 7])));
        let found = HnswIndex::new(&hashes).nearest(&photo, 10, HnswIndex::EF);
        let copies = found.iter().filter(|near| near.distance == 0).count();
        assert_eq!(copies, 1000);
        assert!(found.len() >= 1009);
    }

    #[test]
    fn recall_at_ten_is_high() {
        let mut state = 9u64;
        let mut word = || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (state ^ state >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        };
        // Eight latent words: unrelated 256-bit noise has no neighbourhoods to navigate.
        let latent: [[u64; 4]; 8] = std::array::from_fn(|_| std::array::from_fn(|_| word()));
        let hashes: Vec<Hash256> = (0..3000)
            .map(|_| {
                let chosen = word();
                let mut words = [0; 4];
                for (n, base) in latent.iter().enumerate().filter(|(n, _)| chosen >> n & 1 == 1) {
                    let keep = word() | word() | n as u64;
                    words.iter_mut().zip(base).for_each(|(bits, base)| *bits ^= base & keep);
                }
                Hash256::from_words(words)
            })
            .collect();
        let (index, exact) = (HnswIndex::new(&hashes), RadiusIndex::new(&hashes, 31));
        let (mut found, mut wanted) = (0, 0);
        for query in hashes.iter().step_by(30) {
            let truth = exact.nearest(query, 10);
            let farthest = truth.last().map_or(0, |near| near.distance);
            let near = index.nearest(query, 10, HnswIndex::EF);
            found += near.iter().filter(|near| near.distance <= farthest).count().min(truth.len());
            wanted += truth.len();
        }
        assert!(found * 100 >= wanted * 95, "{found} of {wanted}");
    }
}
