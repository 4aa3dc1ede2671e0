//! The graph both graph formats write: ads and photo groups as nodes; who shows what, and the links, as edges.
//!
//! A photo group node stands between the ads that show it (`shows` edges), so a chart can be drawn with photos in the
//! middle, or from the ad links alone by filtering on `kind`. The trap: graph tools take whatever is connected for one
//! thing, so [`LinkScope::Held`] has only what holds networks together, and a photo of two networks is two nodes.

use super::found::Found;
use crate::corpus::{AdRow, ImageRow, LinkRow, PhotoRow};
use crate::link::{Link, Network, PhotoGroup};
use crate::view::{Joined, ad_name, bits, extent, words};
use std::collections::{BTreeMap, BTreeSet};

/// How much of what was found is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkScope {
    /// Networks, with the links and photos that hold them together: every component is a network.
    Held,
    /// All ads with a link or a shared photo; links that join nobody say why in `left_out`.
    All,
}

/// Type of an attribute, by its GraphML name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    Text,
    Whole,
    Real,
}

/// Attributes of nodes, in order; the same names and order in both formats.
pub(super) const NODE_ATTRIBUTES: [(&str, ValueType); 14] = [
    ("kind", ValueType::Text),
    ("site", ValueType::Text),
    ("ad_id", ValueType::Text),
    ("title", ValueType::Text),
    ("url", ValueType::Text),
    ("posted_at", ValueType::Text),
    ("collected_at", ValueType::Text),
    ("place", ValueType::Text),
    ("phones", ValueType::Text),
    ("network_id", ValueType::Text),
    ("images", ValueType::Whole),
    ("ads", ValueType::Whole),
    ("sites", ValueType::Whole),
    ("common", ValueType::Text),
];

/// Attributes of edges.
pub(super) const EDGE_ATTRIBUTES: [(&str, ValueType); 9] = [
    ("kind", ValueType::Text),
    ("tier", ValueType::Text),
    ("distance", ValueType::Whole),
    ("photos", ValueType::Whole),
    ("corroboration", ValueType::Text),
    ("contradictions", ValueType::Text),
    ("network_id", ValueType::Text),
    ("left_out", ValueType::Text),
    ("explanation", ValueType::Text),
];

/// Attribute names and values; absent ones are left out.
pub(super) type Values = Vec<(&'static str, String)>;

/// An ad or a photo group.
pub(super) struct GraphNode {
    pub(super) id: String,
    pub(super) label: String,
    /// First and last known time; empty when unknown.
    pub(super) span: (String, String),
    pub(super) values: Values,
}

/// A link between ads, or an ad that shows a photo.
pub(super) struct GraphEdge {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) target: String,
    pub(super) weight: f64,
    pub(super) span: (String, String),
    pub(super) values: Values,
}

fn present<const N: usize>(values: [(&'static str, String); N]) -> Values {
    values.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn ad_node_id(joined: &Joined<'_>, row: AdRow) -> String {
    format!("ad:{}", ad_name(&joined.ad(row).key))
}

fn span(joined: &Joined<'_>, ads: &[AdRow]) -> (String, String) {
    extent(ads.iter().flat_map(|&row| {
        let ad = joined.ad(row);
        [&*ad.posted_at, &*ad.collected_at]
    }))
}

/// Nodes: ads by key, then photo groups by id.
pub(super) fn nodes<'j>(joined: &'j Joined<'_>, scope: LinkScope) -> impl Iterator<Item = GraphNode> + 'j {
    let ads = Found::of(joined).ads.into_iter();
    let ads = ads.filter(move |&ad| scope == LinkScope::All || joined.network_of_ad(ad).is_some());
    let photos = photos(joined, scope);
    ads.map(|row| ad_node(joined, row)).chain(photos.into_iter().map(|photo| photo_node(joined, &photo)))
}

/// A photo group as it is drawn: with the ads that show it, all of them or those of one network.
struct Photo<'a> {
    id: String,
    group: &'a PhotoGroup,
    ads: Vec<AdRow>,
}

fn photos<'a>(joined: &Joined<'a>, scope: LinkScope) -> Vec<Photo<'a>> {
    let groups = &joined.findings.groups;
    if scope == LinkScope::All {
        let photo = |group: &'a PhotoGroup| Photo { id: group.id.clone(), group, ads: group.ads.clone() };
        return groups.iter().map(photo).collect();
    }
    let mut networks: BTreeMap<PhotoRow, Vec<&Network>> = BTreeMap::new();
    for network in &joined.findings.networks {
        network.groups.iter().for_each(|&group| networks.entry(group).or_default().push(network));
    }
    let photo = |group: &'a PhotoGroup, network: &Network, several: bool| Photo {
        id: if several { format!("{}:{}", group.id, network.id) } else { group.id.clone() },
        group,
        ads: group.ads.iter().copied().filter(|ad| network.ads.binary_search(ad).is_ok()).collect(),
    };
    let of_group = |(group, networks): (PhotoRow, Vec<&Network>)| {
        let (group, several) = (&groups[group], networks.len() > 1);
        networks.into_iter().map(|network| photo(group, network, several)).collect::<Vec<_>>()
    };
    networks.into_iter().flat_map(of_group).collect()
}

fn ad_node(joined: &Joined<'_>, row: AdRow) -> GraphNode {
    let ad = joined.ad(row);
    let images: BTreeSet<ImageRow> = joined.sightings_of_ad(row).map(|seen| seen.image).collect();
    GraphNode {
        id: ad_node_id(joined, row),
        label: ad_name(&ad.key),
        span: span(joined, &[row]),
        values: present([
            ("kind", "ad".into()),
            ("site", ad.key.site.clone()),
            ("ad_id", ad.key.ad_id.clone()),
            ("title", ad.title.clone()),
            ("url", ad.url.clone()),
            ("posted_at", ad.posted_at.clone()),
            ("collected_at", ad.collected_at.clone()),
            ("place", ad.location.clone()),
            ("phones", ad.phones.join("; ")),
            ("network_id", joined.network_of_ad(row).map(|network| network.id.clone()).unwrap_or_default()),
            ("images", images.len().to_string()),
        ]),
    }
}

fn photo_node(joined: &Joined<'_>, photo: &Photo<'_>) -> GraphNode {
    let group = photo.group;
    GraphNode {
        id: format!("photo:{}", photo.id),
        label: format!("photo in {}", words::count(group.rarity.ads as usize, "ad")),
        span: span(joined, &photo.ads),
        values: present([
            ("kind", "photo-group".into()),
            ("images", group.images.len().to_string()),
            ("ads", group.rarity.ads.to_string()),
            ("sites", group.rarity.sites.to_string()),
            ("common", group.common.map(|reason| reason.name().to_string()).unwrap_or_default()),
        ]),
    }
}

/// Edges: links in their order, then who shows which photo group.
pub(super) fn edges<'j>(joined: &'j Joined<'_>, scope: LinkScope) -> impl Iterator<Item = GraphEdge> + 'j {
    let links = joined.links();
    let links = links.filter(move |(_, link)| scope == LinkScope::All || link.network.is_some());
    let links = links.map(|(row, link)| link_edge(joined, row, link));
    let shows = |photo: Photo<'_>| {
        let edges = photo.ads.iter().enumerate().map(|(place, &ad)| GraphEdge {
            id: format!("{}:{place}", photo.id),
            source: ad_node_id(joined, ad),
            target: format!("photo:{}", photo.id),
            weight: 1.0,
            span: span(joined, &[ad]),
            values: vec![("kind", "shows".into())],
        });
        edges.collect::<Vec<_>>()
    };
    links.chain(photos(joined, scope).into_iter().flat_map(shows))
}

fn link_edge(joined: &Joined<'_>, row: LinkRow, link: &Link) -> GraphEdge {
    let proof = link.evidence.first().map(|evidence| &*evidence.proof);
    GraphEdge {
        id: link.id.to_string(),
        source: ad_node_id(joined, link.a),
        target: ad_node_id(joined, link.b),
        weight: link.weight(),
        span: (joined.findings.first_seen(link).into(), joined.findings.last_seen(link).into()),
        values: present([
            ("kind", "link".into()),
            ("tier", proof.map(|proof| proof.tier.name().to_string()).unwrap_or_default()),
            ("distance", proof.and_then(bits).map(|bits| bits.to_string()).unwrap_or_default()),
            ("photos", link.evidence.len().to_string()),
            ("corroboration", link.corroboration.names().join("; ")),
            ("contradictions", link.contradictions.names().join("; ")),
            (
                "network_id",
                joined.network_of_link(link).map(|network| network.id.clone()).unwrap_or_default(),
            ),
            ("left_out", joined.left_out(row).names().join("; ")),
            ("explanation", words::link(joined, link)),
        ]),
    }
}
