//! What hangs on one pair: the ads that would leave a network if its two images were not the same photo.
//!
//! A network as a graph of ads and images, joined by sightings and by proven pairs: a pair that is a *bridge* of it
//! (Tarjan 1974) holds two parts together all alone. The trap: a pair inside a photo group whose copies all match each
//! other is no bridge, however weak.

use crate::corpus::{ImageRow, PairRow};
use crate::link::{Network, NetworkRow};
use crate::view::Joined;
use std::collections::{BTreeMap, BTreeSet};

/// For each pair inside a network: which, and how many ads hang on it.
pub(crate) fn separations(joined: &Joined<'_>) -> BTreeMap<PairRow, (NetworkRow, usize)> {
    let mut depends = BTreeMap::new();
    for (row, network) in (0..).map(NetworkRow::new).zip(&joined.findings.networks) {
        depends.extend(NetworkGraph::of(joined, network).separations().map(|(pair, ads)| (pair, (row, ads))));
    }
    depends
}

/// A network as a graph: ads first, then images; edges are sightings and pairs.
struct NetworkGraph {
    ads: usize,
    /// For each node: the other end, and the pair when it is one.
    edges: Vec<Vec<(usize, Option<PairRow>)>>,
    pairs: Vec<PairRow>,
}

impl NetworkGraph {
    fn of(joined: &Joined<'_>, network: &Network) -> Self {
        let mut edges: Vec<Vec<(usize, Option<PairRow>)>> = vec![Vec::new(); network.ads.len()];
        let mut node_of_image: BTreeMap<ImageRow, usize> = BTreeMap::new();
        let in_groups = |image| {
            let groups = joined.groups_of_image(image);
            groups.iter().any(|group| network.groups.binary_search(group).is_ok())
        };
        for (ad, &row) in network.ads.iter().enumerate() {
            let images: BTreeSet<ImageRow> = joined.sightings_of_ad(row).map(|seen| seen.image).collect();
            for image in images.into_iter().filter(|&image| in_groups(image)) {
                let node = *node_of_image.entry(image).or_insert_with(|| {
                    edges.push(Vec::new());
                    edges.len() - 1
                });
                edges[ad].push((node, None));
                edges[node].push((ad, None));
            }
        }
        let mut pairs = Vec::new();
        for (&image, &node) in &node_of_image {
            for &row in joined.pairs_of_image(image) {
                let pair = &joined.findings.pairs[row];
                let Some(&other) = node_of_image.get(&pair.b) else { continue };
                if pair.a == image && pair.b != image {
                    edges[node].push((other, Some(row)));
                    edges[other].push((node, Some(row)));
                    pairs.push(row);
                }
            }
        }
        Self { ads: network.ads.len(), edges, pairs }
    }

    /// Every pair with the ads on the smaller side of it; 0 when it is no bridge.
    fn separations(&self) -> impl Iterator<Item = (PairRow, usize)> {
        let bridges = self.bridges();
        self.pairs.iter().map(move |&pair| (pair, bridges.get(&pair).copied().unwrap_or_default()))
    }

    /// Depth first without recursion, for networks are as long as they like.
    fn bridges(&self) -> BTreeMap<PairRow, usize> {
        const NEW: usize = usize::MAX;
        let nodes = self.edges.len();
        let (mut found, mut low, mut ads_below) = (vec![NEW; nodes], vec![NEW; nodes], vec![0; nodes]);
        let mut bridges = BTreeMap::new();
        let mut clock = 0;
        for root in 0..nodes {
            if found[root] != NEW {
                continue;
            }
            let mut path = vec![(root, NEW, None, 0)];
            let mut below = Vec::new();
            while let Some((node, parent, by, next)) = path.last_mut() {
                let (node, parent, by) = (*node, *parent, *by);
                if *next == 0 {
                    (found[node], low[node]) = (clock, clock);
                    ads_below[node] = usize::from(node < self.ads);
                    clock += 1;
                }
                if let Some(&(other, pair)) = self.edges[node].get(*next) {
                    *next += 1;
                    if found[other] == NEW {
                        path.push((other, node, pair, 0));
                    } else if other != parent {
                        low[node] = low[node].min(found[other]);
                    }
                    continue;
                }
                path.pop();
                if parent == NEW {
                    continue;
                }
                low[parent] = low[parent].min(low[node]);
                ads_below[parent] += ads_below[node];
                if let (Some(pair), true) = (by, low[node] > found[parent]) {
                    below.push((pair, ads_below[node]));
                }
            }
            let all = ads_below[root];
            bridges.extend(below.into_iter().map(|(pair, ads)| (pair, ads.min(all - ads))));
        }
        bridges
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Ads 0..ads, images behind them; pairs numbered in order.
    fn graph(ads: usize, images: usize, seen: &[(usize, usize)], pairs: &[(usize, usize)]) -> NetworkGraph {
        let mut edges = vec![Vec::new(); ads + images];
        for &(ad, image) in seen {
            edges[ad].push((ads + image, None));
            edges[ads + image].push((ad, None));
        }
        for (&(a, b), row) in pairs.iter().zip((0..).map(PairRow)) {
            edges[ads + a].push((ads + b, Some(row)));
            edges[ads + b].push((ads + a, Some(row)));
        }
        NetworkGraph { ads, edges, pairs: (0..pairs.len() as u32).map(PairRow).collect() }
    }

    fn reached(photos: &NetworkGraph, from: usize, without: PairRow) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            for &(other, pair) in &photos.edges[node] {
                if pair != Some(without) && seen.insert(other) {
                    open.push(other);
                }
            }
        }
        seen
    }

    #[test]
    fn a_lone_pair_is_a_bridge_and_a_triangle_has_none() {
        let chain = graph(3, 3, &[(0, 0), (1, 1), (2, 1), (2, 2)], &[(0, 1)]);
        assert_eq!(chain.separations().collect::<Vec<_>>(), [(PairRow(0), 1)]);
        let triangle = graph(3, 3, &[(0, 0), (1, 1), (2, 2)], &[(0, 1), (1, 2), (0, 2)]);
        assert!(triangle.separations().all(|(_, ads)| ads == 0));
    }

    proptest! {
        #[test]
        fn separations_are_what_removing_the_pair_does(
            seen in prop::collection::btree_set((0usize..6, 0usize..7), 1..16),
            pairs in prop::collection::btree_set((0usize..7, 0usize..7), 0..9),
        ) {
            let seen: Vec<_> = seen.into_iter().collect();
            let pairs: Vec<_> = pairs.into_iter().filter(|(a, b)| a < b).collect();
            let photos = graph(6, 7, &seen, &pairs);
            for (row, separated) in photos.separations() {
                let (a, b) = pairs[row.index()];
                let (left, right) = (reached(&photos, 6 + a, row), reached(&photos, 6 + b, row));
                let ads = |nodes: &BTreeSet<usize>| nodes.range(..6).count();
                let expected = if left.contains(&(6 + b)) { 0 } else { ads(&left).min(ads(&right)) };
                prop_assert_eq!(separated, expected);
            }
        }
    }
}
