//! What can be said about one network: where, when, and which links it hangs on.
//!
//! A network's *weight* is the sum over its strongest spanning tree (Kruskal 1956, heaviest link first): the
//! links that hold it together, one fewer than ads. Summing all links would make one photo in ten ads outweigh
//! nine different shared photos. The tree's last link is the weakest one the network depends on.

use super::joined::{Joined, extent};
use crate::codes::NamedCode;
use crate::corpus::{AdRow, LinkRow};
use crate::link::{Caveat, Contradiction, Network};
use crate::sets::Sets;
use std::collections::BTreeSet;

/// The link that joins the last two parts when links are taken strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeakestLink {
    /// Index into the findings' links.
    pub link: LinkRow,
    /// Ads in the smaller of the two parts it joins.
    pub smaller: usize,
    /// Ads in the larger.
    pub larger: usize,
    /// Would the network fall apart without it? Otherwise other links join the same parts, and the sizes are those
    /// of the parts that stronger links make.
    pub is_bridge: bool,
}

/// One network, summed up. Text is sorted and without repeats.
#[derive(Debug, Clone)]
pub struct NetworkFacts<'a> {
    /// The network.
    pub network: &'a Network,
    /// Sites.
    pub sites: Vec<&'a str>,
    /// Places as claimed.
    pub places: Vec<&'a str>,
    /// Phones as written.
    pub phones: Vec<&'a str>,
    /// Earliest known time of an ad; empty when unknown.
    pub first_seen: String,
    /// Latest known time of an ad.
    pub last_seen: String,
    /// Sum of weights over the strongest spanning tree.
    pub weight: f64,
    /// Index of the heaviest link.
    pub strongest: Option<LinkRow>,
    /// The weakest link it depends on.
    pub weakest: Option<WeakestLink>,
    /// Links between ads of different sites.
    pub links_across_sites: usize,
    /// Links with any contradiction.
    pub links_contradicted: usize,
    /// Links of which a reader should know something beside that: caveats other than a reviewer's confirmation.
    pub links_with_caveats: usize,
    /// Links that carry this contradiction, for each that occurs.
    pub contradictions: Vec<(Contradiction, usize)>,
}

impl<'a> NetworkFacts<'a> {
    /// Sums a network up: O(n log n) in its links.
    pub fn new(joined: &Joined<'a>, network: &'a Network) -> Self {
        let ads = || network.ads.iter().map(|&row| joined.ad(row));
        let texts = |texts: BTreeSet<&'a str>| texts.into_iter().filter(|text| !text.is_empty()).collect();
        let collected =
            network.ads.iter().flat_map(|&ad| joined.sightings_of_ad(ad)).map(|seen| &*seen.collected_at);
        let (first_seen, last_seen) =
            extent(ads().flat_map(|ad| [&*ad.posted_at, &*ad.collected_at]).chain(collected));
        let tree = TreeFigures::new(joined, network);
        let links = || network.links.iter().map(|&link| &joined.findings.links[link]);
        let contradictions = Contradiction::ALL
            .iter()
            .map(|&kind| (kind, links().filter(|link| link.contradictions.contains(kind)).count()))
            .filter(|&(_, count)| count > 0)
            .collect();
        Self {
            network,
            sites: texts(ads().map(|ad| &*ad.key.site).collect()),
            places: texts(ads().map(|ad| &*ad.location).collect()),
            phones: texts(ads().flat_map(|ad| &ad.phones).map(String::as_str).collect()),
            first_seen,
            last_seen,
            weight: tree.weight,
            strongest: tree.strongest,
            weakest: tree.weakest,
            links_across_sites: links()
                .filter(|link| joined.ad(link.a).key.site != joined.ad(link.b).key.site)
                .count(),
            links_with_caveats: links()
                .filter(|link| link.caveats.iter().any(|caveat| caveat != Caveat::Confirmed))
                .count(),
            links_contradicted: links().filter(|link| !link.contradictions.is_empty()).count(),
            contradictions,
        }
    }
}

struct TreeFigures {
    weight: f64,
    strongest: Option<LinkRow>,
    weakest: Option<WeakestLink>,
}

impl TreeFigures {
    fn new(joined: &Joined<'_>, network: &Network) -> Self {
        let weight = |link: LinkRow| joined.findings.links[link].weight();
        let mut order = network.links.clone();
        order.sort_by(|&x, &y| weight(y).total_cmp(&weight(x)).then(x.cmp(&y)));
        let mut parts = Sets::<u32>::new(network.ads.len());
        let place = |ad: AdRow| network.ads.binary_search(&ad).ok().map(|place| place as u32);
        let mut tree = Self { weight: 0.0, strongest: order.first().copied(), weakest: None };
        for link in order {
            let found = &joined.findings.links[link];
            let (Some(a), Some(b)) = (place(found.a), place(found.b)) else { continue };
            let sizes = [a, b].map(|end| parts.members(parts.find(end)).len());
            if parts.join(a, b).is_some() {
                tree.weight += found.weight();
                let (smaller, larger) = (sizes[0].min(sizes[1]), sizes[0].max(sizes[1]));
                tree.weakest = Some(WeakestLink { link, smaller, larger, is_bridge: false });
            }
        }
        if let Some(weakest) = &mut tree.weakest {
            weakest.settle(joined, network);
        }
        tree
    }
}

impl WeakestLink {
    /// Whether the network holds together without it: by its other links, and by photos that three or more of its ads
    /// show, whose links are not all listed. Of a bridge, the sizes are those of the two parts.
    fn settle(&mut self, joined: &Joined<'_>, network: &Network) {
        let place = |ad: AdRow| network.ads.binary_search(&ad).ok().map(|place| place as u32);
        let mut parts = Sets::<u32>::new(network.ads.len());
        let mut join = |a: AdRow, b: AdRow| {
            if let (Some(a), Some(b)) = (place(a), place(b)) {
                parts.join(a, b);
            }
        };
        for link in network.links.iter().filter(|&&link| link != self.link) {
            let found = &joined.findings.links[*link];
            join(found.a, found.b);
        }
        for &group in &network.groups {
            let group = &joined.findings.groups[group];
            let here: Vec<AdRow> = group.ads.iter().copied().filter(|&ad| place(ad).is_some()).collect();
            if here.len() > 2 && !group.many_contacts {
                here.windows(2).for_each(|two| join(two[0], two[1]));
            }
        }
        let found = &joined.findings.links[self.link];
        let (Some(a), Some(b)) = (place(found.a), place(found.b)) else { return };
        let (a, b) = (parts.find(a), parts.find(b));
        if a != b {
            let sizes = [a, b].map(|root| parts.members(root).len());
            self.is_bridge = true;
            (self.smaller, self.larger) = (sizes[0].min(sizes[1]), sizes[0].max(sizes[1]));
        }
    }
}

/// Networks by weight, largest first; equal ones by size, then by id: the order in which they are told.
pub fn ranked<'a>(joined: &Joined<'a>) -> Vec<NetworkFacts<'a>> {
    let networks = &joined.findings.networks;
    let mut facts: Vec<_> = networks.iter().map(|network| NetworkFacts::new(joined, network)).collect();
    facts.sort_by(|a, b| {
        let size = |facts: &NetworkFacts<'_>| facts.network.ads.len();
        b.weight
            .total_cmp(&a.weight)
            .then_with(|| size(b).cmp(&size(a)))
            .then_with(|| a.network.id.cmp(&b.network.id))
    });
    facts
}
