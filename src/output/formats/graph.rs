//! The graph both graph formats write: ads and photo groups as nodes; who shows what, and the links, as edges.
//!
//! Only ads with a link are in it. A photo group node stands between the ads that show it (`shows` edges), so a
//! chart can be drawn with photos in the middle, or from the ad links alone by filtering on `kind`.

use crate::link::{Link, PhotoGroup};
use crate::view::{Joined, ad_name, bits, extent, words};
use std::collections::BTreeSet;

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

fn ad_node_id(joined: &Joined<'_>, row: u32) -> String {
    format!("ad:{}", ad_name(&joined.ad(row).key))
}

fn span(joined: &Joined<'_>, ads: &[u32]) -> (String, String) {
    extent(ads.iter().flat_map(|&row| {
        let ad = joined.ad(row);
        [&*ad.posted_at, &*ad.collected_at]
    }))
}

/// Nodes: linked ads by key, then photo groups by id.
pub(super) fn nodes(joined: &Joined<'_>) -> impl Iterator<Item = GraphNode> {
    let mut ads: BTreeSet<u32> = joined.findings.links.iter().flat_map(|link| [link.a, link.b]).collect();
    ads.extend(joined.findings.groups.iter().flat_map(|group| &group.ads));
    let ads = ads.into_iter().map(|row| ad_node(joined, row));
    ads.chain(joined.findings.groups.iter().map(|group| photo_node(joined, group)))
}

fn ad_node(joined: &Joined<'_>, row: u32) -> GraphNode {
    let ad = joined.ad(row);
    let images: BTreeSet<u32> = joined.sightings_of_ad(row).map(|seen| seen.image).collect();
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

fn photo_node(joined: &Joined<'_>, group: &PhotoGroup) -> GraphNode {
    GraphNode {
        id: format!("photo:{}", group.id),
        label: format!("photo in {}", words::count(group.rarity.ads as usize, "ad")),
        span: span(joined, &group.ads),
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
pub(super) fn edges(joined: &Joined<'_>) -> impl Iterator<Item = GraphEdge> {
    let links = (0u32..).zip(&joined.findings.links).map(|(row, link)| link_edge(joined, row, link));
    links.chain(joined.findings.groups.iter().flat_map(|group| {
        group.ads.iter().enumerate().map(|(place, &ad)| GraphEdge {
            id: format!("{}:{place}", group.id),
            source: ad_node_id(joined, ad),
            target: format!("photo:{}", group.id),
            weight: 1.0,
            span: span(joined, &[ad]),
            values: vec![("kind", "shows".into())],
        })
    }))
}

fn link_edge(joined: &Joined<'_>, row: u32, link: &Link) -> GraphEdge {
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
