//! How two ads hang together: the chain of links between them; or what keeps them apart.
//!
//! Of all chains within a network the one is told whose weakest link is the strongest, and of these one of the
//! shortest: by what is surest, not by what is nearest. The trap: two ads may have a link of their own that is weaker
//! than the chain over others; it is told besides.

use super::joined::Joined;
use super::why_not::why_apart;
use crate::corpus::{AdRow, ImageRow, LinkRow, Row, standing};
use crate::language::say;
use crate::link::{Link, Network};
use crate::record::{ImageId, Ruling, Subject};
use crate::sets::Sets;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How two ads stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Between {
    /// They are one ad.
    Same,
    /// They are in one network.
    Together(Chain),
    /// They are not.
    Apart(Apart),
}

/// Links from one ad to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// From the first ad to the second, one or more.
    pub steps: Vec<ChainStep>,
    /// Index of the link of the two themselves, where there is one and the chain goes another way.
    pub direct: Option<LinkRow>,
}

/// One link of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainStep {
    /// Row of the ad it comes from.
    pub from: AdRow,
    /// Row of the ad it leads to.
    pub to: AdRow,
    /// Index into the findings' links.
    pub link: LinkRow,
}

/// What keeps two ads apart, and what might bring them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// In sentences, the most telling first.
    pub said: Vec<String>,
    /// Index of the link between the two that was left out.
    pub left_out: Option<LinkRow>,
    /// Indices of the findings' leads between their images.
    pub leads: Vec<u32>,
    /// Pairs of their images that a decision in force tells apart.
    pub rejected: Vec<(ImageId, ImageId)>,
}

/// How two ads stand to each other, by their rows. O(links) of their network, or of all for ads that are apart.
pub fn between(joined: &Joined<'_>, a: AdRow, b: AdRow) -> Between {
    if a == b {
        return Between::Same;
    }
    match (joined.network_of_ad(a), joined.network_of_ad(b)) {
        (Some(x), Some(y)) if std::ptr::eq(x, y) => match chain(joined, x, a, b) {
            Some(chain) => Between::Together(chain),
            // A network holds together by listed links; findings that were cut say less.
            None => Between::Apart(apart(joined, a, b)),
        },
        _ => Between::Apart(apart(joined, a, b)),
    }
}

fn chain(joined: &Joined<'_>, network: &Network, a: AdRow, b: AdRow) -> Option<Chain> {
    let links = |link: &LinkRow| &joined.findings.links[*link];
    let place = |ad: AdRow| network.ads.binary_search(&ad).ok().map(|place| place as u32);
    let edges: Vec<WeighedEdge> = network
        .links
        .iter()
        .filter_map(|link| {
            let found = links(link);
            Some(WeighedEdge { ends: [place(found.a)?, place(found.b)?], weight: found.weight() })
        })
        .collect();
    let nodes = strongest_chain(network.ads.len(), &edges, place(a)?, place(b)?)?;
    let steps: Vec<ChainStep> = nodes
        .windows(2)
        .filter_map(|two| {
            let [from, to] = [network.ads[two[0] as usize], network.ads[two[1] as usize]];
            Some(ChainStep { from, to, link: link_of(joined, from, to)? })
        })
        .collect();
    let direct = link_of(joined, a, b).filter(|_| steps.len() > 1);
    (steps.len() + 1 == nodes.len()).then_some(Chain { steps, direct })
}

/// Index of the link of two ads. Links are sorted by their ads.
fn link_of(joined: &Joined<'_>, a: AdRow, b: AdRow) -> Option<LinkRow> {
    let ends = |link: &Link| (link.a, link.b);
    let found = joined.findings.links.binary_search_by_key(&(a.min(b), a.max(b)), ends);
    found.ok().map(LinkRow::of)
}

/// An edge of a graph of ads.
struct WeighedEdge {
    ends: [u32; 2],
    weight: f64,
}

/// Nodes from `from` to `to` along edges none of which is weaker than must be, as few as there can be then.
fn strongest_chain(nodes: usize, edges: &[WeighedEdge], from: u32, to: u32) -> Option<Vec<u32>> {
    let mut order: Vec<&WeighedEdge> = edges.iter().collect();
    order.sort_by(|x, y| y.weight.total_cmp(&x.weight));
    let mut parts = Sets::<u32>::new(nodes);
    let mut least = None;
    for edge in order {
        parts.join(edge.ends[0], edge.ends[1]);
        if parts.find(from) == parts.find(to) {
            least = Some(edge.weight);
            break;
        }
    }
    let least = least?;
    let mut next: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for edge in edges.iter().filter(|edge| edge.weight >= least) {
        let [x, y] = edge.ends;
        next.entry(x).or_default().insert(y);
        next.entry(y).or_default().insert(x);
    }
    shortest(&next, from, to)
}

/// Breadth first, from the end, so that following it from the start gives the nodes in order.
fn shortest(next: &BTreeMap<u32, BTreeSet<u32>>, from: u32, to: u32) -> Option<Vec<u32>> {
    let mut towards = BTreeMap::from([(to, to)]);
    let mut open = VecDeque::from([to]);
    while let Some(node) = open.pop_front() {
        for &other in next.get(&node).into_iter().flatten() {
            towards.entry(other).or_insert_with(|| {
                open.push_back(other);
                node
            });
        }
    }
    let mut nodes = vec![from];
    while let Some(&last) = nodes.last().filter(|&&last| last != to) {
        nodes.push(*towards.get(&last)?);
    }
    Some(nodes)
}

fn apart(joined: &Joined<'_>, a: AdRow, b: AdRow) -> Apart {
    let images =
        |ad: AdRow| joined.sightings_of_ad(ad).map(|seen| seen.image).collect::<BTreeSet<ImageRow>>();
    let (of_a, of_b) = (images(a), images(b));
    let across = |x: ImageRow, y: ImageRow| {
        of_a.contains(&x) && of_b.contains(&y) || of_a.contains(&y) && of_b.contains(&x)
    };
    let leads = (0..).zip(&joined.findings.leads).filter(|(_, lead)| across(lead.a, lead.b));
    let leads: Vec<u32> = leads.map(|(place, _)| place).collect();
    let row = |id: &ImageId| joined.snapshot.image_row(id);
    let mut said = why_apart(joined, a, b);
    let mut rejected = Vec::new();
    for stands in standing(&joined.snapshot.decisions) {
        let Subject::Pair(x, y) = &stands.decision.subject else { continue };
        if stands.decision.ruling != Ruling::Reject || !row(x).zip(row(y)).is_some_and(|(x, y)| across(x, y))
        {
            continue;
        }
        rejected.push((*x, *y));
        let reviewer = &stands.decision.reviewer;
        said.push(match stands.decision.at.get(..10) {
            Some(day) => say!(
                "{reviewer} said on {day} that two of their images show different photos.",
                reviewer = reviewer,
                day = day,
            ),
            None => say!(
                "{reviewer} said on an unknown day that two of their images show different photos.",
                reviewer = reviewer,
            ),
        });
    }
    if !leads.is_empty() {
        said.push(
            say!("Parts of two of their images agree, and nothing proves that they show one photo: a lead.")
                .into(),
        );
    }
    let left_out = link_of(joined, a, b);
    Apart { said, left_out, leads, rejected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every way without a turn back, by the weight of its weakest edge and its length: the best of them.
    fn best(edges: &[WeighedEdge], from: u32, to: u32) -> Option<(f64, usize)> {
        fn walk(
            edges: &[WeighedEdge],
            at: u32,
            to: u32,
            seen: &mut Vec<u32>,
            least: f64,
            found: &mut Vec<(f64, usize)>,
        ) {
            if at == to {
                found.push((least, seen.len()));
                return;
            }
            for edge in edges {
                let other = match edge.ends {
                    [x, y] if x == at => y,
                    [x, y] if y == at => x,
                    _ => continue,
                };
                if !seen.contains(&other) {
                    seen.push(other);
                    walk(edges, other, to, seen, least.min(edge.weight), found);
                    seen.pop();
                }
            }
        }
        let mut found = Vec::new();
        walk(edges, from, to, &mut vec![from], f64::INFINITY, &mut found);
        found.into_iter().max_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(&x.1)))
    }

    proptest! {
        #[test]
        fn the_chain_is_the_best_of_all_ways(
            drawn in prop::collection::btree_map((0u32..7, 0u32..7), 1u8..5, 0..14),
            from in 0u32..7,
            to in 0u32..7,
        ) {
            prop_assume!(from != to);
            let drawn = drawn.into_iter().filter(|((x, y), _)| x < y);
            let edges: Vec<WeighedEdge> =
                drawn.map(|((x, y), weight)| WeighedEdge { ends: [x, y], weight: weight.into() }).collect();
            let chain = strongest_chain(7, &edges, from, to);
            let weight = |two: &[u32]| {
                let ends = [two[0].min(two[1]), two[0].max(two[1])];
                edges.iter().find(|edge| edge.ends == ends).map(|edge| edge.weight).expect("an edge")
            };
            let told = chain.as_ref().map(|nodes| {
                assert_eq!((nodes[0], nodes[nodes.len() - 1]), (from, to));
                (nodes.windows(2).map(weight).fold(f64::INFINITY, f64::min), nodes.len())
            });
            prop_assert_eq!(told, best(&edges, from, to));
        }
    }
}
