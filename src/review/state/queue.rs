//! Which pair is looked at next: those first on which most depends.
//!
//! What depends on a pair is read off a graph of ads and images, joined by sightings and by proven pairs: a pair that
//! is a *bridge* of it (Tarjan 1974) holds two parts of a network together all alone, and rejecting it splits the
//! smaller part off. A pair inside a photo group whose copies all match each other is no bridge, however weak. The
//! trap: byte-identical files are not in the queue, for there is nothing to look at; pairs that were rejected still
//! are, though linking no longer finds them, for someone else may disagree.

use crate::link::{Findings, LeftOut, Network};
use crate::record::{Image, ImageId, Subject};
use crate::verify::{Proof, Strength};
use crate::view::{Joined, ad_time, day};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// In which order pairs come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum PairOrder {
    /// What a decision would change most.
    #[default]
    Effect,
    /// Fewest differing bits.
    Closest,
    /// By site.
    Site,
    /// Latest first.
    Date,
}

impl PairOrder {
    pub(crate) const ALL: [Self; 4] = [Self::Effect, Self::Closest, Self::Site, Self::Date];

    /// Name in addresses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Effect => "effect",
            Self::Closest => "closest",
            Self::Site => "site",
            Self::Date => "date",
        }
    }

    /// For people.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Effect => "largest effect first",
            Self::Closest => "closest first",
            Self::Site => "by site",
            Self::Date => "latest first",
        }
    }

    pub(crate) fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|order| order.name() == name).unwrap_or_default()
    }
}

/// A pair to be looked at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    /// Rows of the images.
    pub(crate) rows: [u32; 2],
    pub(crate) ids: (ImageId, ImageId),
    /// Why the two were paired; `None` when nothing within the limits says so.
    pub(crate) proof: Option<Proof>,
    /// Index into the findings' networks; `None` when the pair holds none together.
    pub(crate) network: Option<u32>,
    /// Ads that would leave the network if the two are not the same photo.
    pub(crate) separated: usize,
    /// Ads that would come together if they are; 0 when nothing keeps them apart.
    pub(crate) united: usize,
    /// True when ads of different sites show them.
    pub(crate) across: bool,
    site: String,
    day: Option<jiff::civil::Date>,
    gain: f64,
    size: usize,
    score: f64,
    bits: u32,
}

/// All pairs worth a look, in every order.
pub(crate) struct Queue {
    items: Vec<Item>,
    orders: BTreeMap<PairOrder, Vec<u32>>,
    by_ids: BTreeMap<(ImageId, ImageId), u32>,
}

impl Queue {
    /// Linear in sightings and pairs, apart from sorting. `prove` says why two images were paired that are no pair
    /// of the findings any more, since somebody rejected them.
    pub(crate) fn new(joined: &Joined<'_>, prove: impl Fn(&Image, &Image) -> Option<Proof>) -> Self {
        let (depends, united) = (separations(joined), unions(joined));
        let found = joined.findings.pairs.iter().zip(0..).filter(|(pair, _)| pair.a != pair.b);
        let mut items: Vec<_> = found
            .map(|(pair, row)| {
                let holds = depends.get(&row).copied();
                let united = united.get(&(pair.a, pair.b)).copied().unwrap_or_default();
                item(joined, [pair.a, pair.b], Some(Proof::clone(&pair.proof)), holds, united)
            })
            .collect();
        let known: BTreeSet<[u32; 2]> = items.iter().map(|item| item.rows).collect();
        let decided = decided(joined).filter(|rows| !known.contains(rows));
        items.extend(
            decided
                .map(|rows| item(joined, rows, prove(joined.image(rows[0]), joined.image(rows[1])), None, 0))
                .collect::<Vec<_>>(),
        );
        let orders = PairOrder::ALL.into_iter().map(|order| (order, sorted(&items, order))).collect();
        let by_ids = items.iter().zip(0..).map(|(item, place)| (item.ids, place)).collect();
        Self { items, orders, by_ids }
    }

    /// All items in an order.
    pub(crate) fn in_order(&self, order: PairOrder) -> impl DoubleEndedIterator<Item = &Item> + Clone {
        let order = self.orders.get(&order).map_or(&[][..], Vec::as_slice);
        order.iter().map(|&place| &self.items[place as usize])
    }

    /// The item of two images, the smaller id first.
    pub(crate) fn find(&self, ids: &(ImageId, ImageId)) -> Option<&Item> {
        Some(&self.items[*self.by_ids.get(ids)? as usize])
    }
}

/// Rows of the pairs that somebody decided.
fn decided(joined: &Joined<'_>) -> impl Iterator<Item = [u32; 2]> {
    let row = |id: &ImageId| joined.snapshot.image_row(id);
    let pairs = joined.snapshot.decisions.iter().filter_map(|decision| match &decision.subject {
        Subject::Pair(a, b) => Some([row(a)?, row(b)?]),
        _ => None,
    });
    pairs.collect::<BTreeSet<_>>().into_iter()
}

/// `holds`: the network that the pair holds together, and how many ads hang on it.
fn item(
    joined: &Joined<'_>,
    rows: [u32; 2],
    proof: Option<Proof>,
    holds: Option<(u32, usize)>,
    united: usize,
) -> Item {
    let ads =
        || rows.into_iter().flat_map(|row| joined.sightings_of_image(row)).map(|seen| joined.ad(seen.ad));
    let sites: BTreeSet<&str> = ads().map(|ad| &*ad.key.site).collect();
    let (network, separated) = holds.map_or((None, 0), |(network, ads)| (Some(network), ads));
    let doubt = match proof.as_ref().map(Proof::strength) {
        None | Some(Strength::Weak) => 1.0,
        Some(Strength::Moderate) => 0.5,
        Some(Strength::Strong) => 0.2,
        Some(Strength::VeryStrong | Strength::Identical) => 0.1,
    };
    let (score, bits) =
        proof.as_ref().map_or((0.0, u32::MAX), |proof| (proof.score, proof.distance.unwrap_or(u32::MAX)));
    Item {
        rows,
        ids: (joined.image(rows[0]).id(), joined.image(rows[1]).id()),
        proof,
        network,
        separated,
        united,
        across: sites.len() > 1,
        site: sites.into_iter().next().unwrap_or_default().to_string(),
        day: ads().filter_map(|ad| day(ad_time(ad))).max(),
        // Whether links that were cut should stand is as open as it gets.
        gain: (separated as f64 * doubt).max(united as f64 * 0.5),
        size: network.map_or(0, |network| joined.findings.networks[network as usize].ads.len()),
        score,
        bits,
    }
}

fn sorted(items: &[Item], order: PairOrder) -> Vec<u32> {
    let mut places: Vec<u32> = (0..items.len() as u32).collect();
    let by_effect = |a: &Item, b: &Item| {
        b.gain
            .total_cmp(&a.gain)
            .then(b.size.cmp(&a.size))
            .then(a.score.total_cmp(&b.score))
            .then(a.ids.cmp(&b.ids))
    };
    places.sort_by(|&a, &b| {
        let (a, b) = (&items[a as usize], &items[b as usize]);
        let first = match order {
            PairOrder::Effect => std::cmp::Ordering::Equal,
            PairOrder::Closest => a.bits.cmp(&b.bits),
            PairOrder::Site => a.site.cmp(&b.site),
            PairOrder::Date => Reverse(a.day).cmp(&Reverse(b.day)),
        };
        first.then_with(|| by_effect(a, b))
    });
    places
}

/// For each pair inside a network: which, and how many ads hang on it.
fn separations(joined: &Joined<'_>) -> BTreeMap<u32, (u32, usize)> {
    let mut depends = BTreeMap::new();
    for (row, network) in (0u32..).zip(&joined.findings.networks) {
        depends.extend(NetworkGraph::of(joined, network).separations().map(|(pair, ads)| (pair, (row, ads))));
    }
    depends
}

/// For image pairs whose links were kept from joining networks: ads of the smaller one.
fn unions(joined: &Joined<'_>) -> BTreeMap<(u32, u32), usize> {
    let Findings { links, removed, .. } = joined.findings;
    let size = |ad| joined.network_of_ad(ad).map_or(1, |network| network.ads.len());
    let mut unions = BTreeMap::new();
    for removed in
        removed.iter().filter(|removed| matches!(removed.reason, LeftOut::Bridge | LeftOut::WeakPair))
    {
        let link = &links[removed.link as usize];
        let together = joined
            .network_of_ad(link.a)
            .is_some_and(|a| joined.network_of_ad(link.b).is_some_and(|b| a.id == b.id));
        if together {
            continue;
        }
        for shown in &link.evidence {
            let key = (shown.image_a.min(shown.image_b), shown.image_a.max(shown.image_b));
            let most: &mut usize = unions.entry(key).or_default();
            *most = (*most).max(size(link.a).min(size(link.b)));
        }
    }
    unions
}

/// A network as a graph: ads first, then images; edges are sightings and pairs.
struct NetworkGraph {
    ads: usize,
    /// For each node: the other end, and the pair when it is one.
    edges: Vec<Vec<(usize, Option<u32>)>>,
    pairs: Vec<u32>,
}

impl NetworkGraph {
    fn of(joined: &Joined<'_>, network: &Network) -> Self {
        let mut edges: Vec<Vec<(usize, Option<u32>)>> = vec![Vec::new(); network.ads.len()];
        let mut node_of_image: BTreeMap<u32, usize> = BTreeMap::new();
        let in_groups = |image| {
            let groups = joined.groups_of_image(image);
            groups.iter().any(|group| network.groups.binary_search(group).is_ok())
        };
        for (ad, &row) in network.ads.iter().enumerate() {
            let images: BTreeSet<u32> = joined.sightings_of_ad(row).map(|seen| seen.image).collect();
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
                let pair = &joined.findings.pairs[row as usize];
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
    fn separations(&self) -> impl Iterator<Item = (u32, usize)> {
        let bridges = self.bridges();
        self.pairs.iter().map(move |&pair| (pair, bridges.get(&pair).copied().unwrap_or_default()))
    }

    /// Depth first without recursion, for networks are as long as they like.
    fn bridges(&self) -> BTreeMap<u32, usize> {
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
        for (&(a, b), row) in pairs.iter().zip(0..) {
            edges[ads + a].push((ads + b, Some(row)));
            edges[ads + b].push((ads + a, Some(row)));
        }
        NetworkGraph { ads, edges, pairs: (0..pairs.len() as u32).collect() }
    }

    fn reached(photos: &NetworkGraph, from: usize, without: u32) -> BTreeSet<usize> {
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
        assert_eq!(chain.separations().collect::<Vec<_>>(), [(0, 1)]);
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
                let (a, b) = pairs[row as usize];
                let (left, right) = (reached(&photos, 6 + a, row), reached(&photos, 6 + b, row));
                let ads = |nodes: &BTreeSet<usize>| nodes.range(..6).count();
                let expected = if left.contains(&(6 + b)) { 0 } else { ads(&left).min(ads(&right)) };
                prop_assert_eq!(separated, expected);
            }
        }
    }
}
