//! The minimum spanning forest of a join: the few pairs that say as much about groups as all of them.
//!
//! Two rows are joined by a chain of pairs at most `t` bits apart exactly if the forest joins them by edges at most
//! `t`, for every `t` up to the radius: single linkage is kept at every threshold. Edges are ordered by
//! (distance, a, b), which makes the forest unique, so neither threads nor order of arrival show; a forest of
//! forests is again the forest of the whole, so tiles can be merged in any order.
//!
//! The point is bounded memory: a family of 4,000 mutual near copies has eight million pairs and 3,999 edges.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::exact::join_distinct;
use crate::hash::Hash256;
use crate::index::neighbor::JoinPair;
use crate::index::radius::unique::Unique;
use crate::sets::Roots;

/// Distances that occur: 0 to 256.
const DISTANCES: usize = 257;
/// Fewest edges that wait before the forest is thinned.
const WAITING: usize = 1 << 16;
/// At how many thresholds the components are remembered to turn edges away early.
const THRESHOLDS: usize = 3;

/// The minimum spanning forest of all pairs `a < b` of rows at most `radius` bits apart, by (distance, a, b).
///
/// Equal rows hang on the first of them. Cost: the join, and some 40 bytes per distinct hash more.
pub fn self_join_forest(hashes: &[Hash256], radius: u32) -> Vec<JoinPair> {
    let unique = Unique::new(hashes);
    let forest = Forest::new(unique.hashes().len());
    join_distinct(unique.hashes(), radius, &|pairs| forest.add(pairs));
    let mut edges = Vec::new();
    for group in 0..unique.hashes().len() as u32 {
        if let [first, copies @ ..] = unique.rows(group) {
            edges.extend(copies.iter().map(|&copy| JoinPair { a: *first, b: copy, distance: 0 }));
        }
    }
    // Groups are numbered by first row, so both their edges' order and `a < b` carry over to rows.
    let first = |group: u32| unique.rows(group)[0];
    edges.extend(forest.finish().into_iter().map(|edge| JoinPair {
        a: first(edge.a),
        b: first(edge.b),
        ..edge
    }));
    edges
}

/// Collects pairs and keeps their minimum spanning forest. Shared by threads; memory is bounded by the number of
/// rows, not by the number of pairs.
#[derive(Debug)]
pub struct Forest {
    edges: Mutex<Edges>,
    settled: RwLock<Arc<Settled>>,
}

/// Edges by distance, of which at most `most` wait.
#[derive(Debug)]
struct Edges {
    rows: usize,
    by_distance: Vec<Vec<(u32, u32)>>,
    count: usize,
    most: usize,
}

/// Components by edges of at most some distance: an edge longer than that inside one of them is needless.
#[derive(Debug, Default)]
struct Settled(Vec<(u32, Vec<u32>)>);

impl Settled {
    fn makes_needless(&self, pair: &JoinPair) -> bool {
        self.0.iter().any(|(threshold, component)| {
            *threshold < pair.distance && component[pair.a as usize] == component[pair.b as usize]
        })
    }
}

impl Forest {
    /// An empty forest over `rows` rows.
    pub fn new(rows: usize) -> Self {
        let by_distance = vec![Vec::new(); DISTANCES];
        let most = (2 * rows).max(WAITING);
        Self { edges: Mutex::new(Edges { rows, by_distance, count: 0, most }), settled: RwLock::default() }
    }

    /// Adds pairs `a < b` of rows.
    pub fn add(&self, pairs: &[JoinPair]) {
        let settled = self.settled.read().unwrap_or_else(PoisonError::into_inner).clone();
        let needed: Vec<&JoinPair> = pairs.iter().filter(|pair| !settled.makes_needless(pair)).collect();
        if needed.is_empty() {
            return;
        }
        let mut edges = self.edges.lock().unwrap_or_else(PoisonError::into_inner);
        edges.count += needed.len();
        for pair in needed {
            edges.by_distance[pair.distance as usize].push((pair.a, pair.b));
        }
        if edges.count > edges.most {
            let settled = Arc::new(edges.thin(true));
            *self.settled.write().unwrap_or_else(PoisonError::into_inner) = settled;
        }
    }

    /// The forest, by (distance, a, b).
    pub fn finish(self) -> Vec<JoinPair> {
        let mut edges = self.edges.into_inner().unwrap_or_else(PoisonError::into_inner);
        edges.thin(false);
        let by_distance = edges.by_distance.iter().zip(0..);
        by_distance
            .flat_map(|(edges, distance)| edges.iter().map(move |&(a, b)| JoinPair { a, b, distance }))
            .collect()
    }
}

impl Edges {
    /// Kruskal's algorithm on the edges held, leaving the forest. Edges of a distance are sorted only after those
    /// already connected are gone (filter-Kruskal).
    fn thin(&mut self, settle: bool) -> Settled {
        let mut components = Roots::new(self.rows);
        let mut settled = Settled::default();
        let longest = self.by_distance.iter().rposition(|edges| !edges.is_empty()).unwrap_or(0);
        let mut next = 1;
        self.count = 0;
        for (distance, edges) in self.by_distance.iter_mut().enumerate() {
            edges.retain(|&(a, b)| components.find(a) != components.find(b));
            edges.sort_unstable();
            edges.retain(|&(a, b)| components.join(a, b));
            edges.shrink_to(2 * edges.len());
            self.count += edges.len();
            if settle && next <= THRESHOLDS && distance >= longest * next / (THRESHOLDS + 1) {
                settled.0.push((distance as u32, components.labels()));
                next += 1;
            }
        }
        settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::join::exact::self_join;
    use crate::index::test_hashes;
    use proptest::prelude::*;

    /// Kruskal as in the book.
    fn plain_forest(rows: usize, mut pairs: Vec<JoinPair>) -> Vec<JoinPair> {
        pairs.sort_unstable_by_key(|pair| (pair.distance, pair.a, pair.b));
        let mut component: Vec<usize> = (0..rows).collect();
        pairs.retain(|pair| {
            let (a, b) = (component[pair.a as usize], component[pair.b as usize]);
            component.iter_mut().filter(|label| **label == a).for_each(|label| *label = b);
            a != b
        });
        pairs
    }

    proptest! {
        #[test]
        fn forest_is_kruskals_over_all_pairs(hashes in test_hashes::families(80), radius in 0u32..64) {
            let pairs = test_hashes::collected(|sink| self_join(&hashes, radius, sink));
            prop_assert_eq!(self_join_forest(&hashes, radius), plain_forest(hashes.len(), pairs));
        }

        /// Thinning at every step, in two parts merged at the end, changes nothing.
        #[test]
        fn thinning_and_merging_change_nothing(
            hashes in test_hashes::families(60),
            batch in 1usize..50,
            cut in any::<prop::sample::Index>(),
        ) {
            let pairs = test_hashes::collected(|sink| self_join(&hashes, 40, sink));
            let parts = pairs.split_at(cut.index(pairs.len() + 1));
            let thin = |pairs: &[JoinPair]| {
                let forest = Forest::new(hashes.len());
                forest.edges.lock().unwrap().most = 0;
                pairs.chunks(batch).for_each(|batch| forest.add(batch));
                forest.finish()
            };
            let merged = [thin(parts.1), thin(parts.0)].concat();
            prop_assert_eq!(thin(&merged), plain_forest(hashes.len(), pairs));
        }
    }
}
