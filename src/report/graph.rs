//! The graph of a network as a picture: ads on the left, photos on the right, a line for "this ad shows this photo".
//!
//! Drawn as SVG with positions across in percent and down in pixels, so that it fits a phone and a page alike. Sites
//! are told apart by shape and by name first; colour only helps. A network of more ads and photos than can be read
//! one by one is drawn by site, with the photos that are on the same sites in one node. Where lines are so many that
//! nobody can follow one, a report leaves the picture out: the matrix says the same. The desk draws the same picture,
//! where each node leads to what it stands for.

use super::labels::Labels;
use super::layout::order;
use super::text::visible;
use crate::corpus::AdRow;
use crate::language::{Language, current, say};
use crate::link::Network;
use crate::view::{Joined, words};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Where the graph is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Medium {
    /// Nodes that can still be read one by one.
    most_nodes: usize,
    /// Nodes lead to their row or page.
    linked: bool,
}

impl Medium {
    /// A page that may be printed.
    pub(super) const REPORT: Self = Self { most_nodes: MOST_NODES, linked: false };

    /// A page at the review desk, which may be longer.
    #[cfg(feature = "serve")]
    pub(crate) const DESK: Self = Self { most_nodes: 3 * MOST_NODES, linked: true };
}

/// Nodes that a report draws one by one.
const MOST_NODES: usize = 60;
/// Lines for each node beyond which a picture is a tangle.
const MOST_LINES: usize = 2;
/// From one row to the next, in pixels.
const ROW: usize = 24;
/// Characters of a site's name beside its ads.
const MOST_LETTERS: usize = 20;
/// Where the left column stands, in percent.
const LEFT: usize = 46;

/// Shapes of sites, those with most ads first; further sites share the last.
const SHAPES: [&str; 8] = [
    "M-5 -5h10v10h-10z",
    "M0 -6.5L6.5 0L0 6.5L-6.5 0z",
    "M0 -6L6.5 5.5H-6.5z",
    "M0 6L6.5 -5.5H-6.5z",
    "M-2 -6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
    "M-3 -5.5h6l3.5 5.5l-3.5 5.5h-6l-3.5 -5.5z",
    "M-6 -3h12v6h-12z",
    "M0 -5.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0 -11z",
];

struct DrawnNode {
    label: String,
    name: String,
    title: String,
    /// Place of its site among the network's; `None` for a photo.
    site: Option<usize>,
    /// Where it leads, at the desk.
    href: Option<String>,
}

struct Graph {
    left: Vec<DrawnNode>,
    right: Vec<DrawnNode>,
    /// Left, right, and how many ads it stands for.
    lines: BTreeMap<(usize, usize), usize>,
}

impl Graph {
    fn is_tangle(&self) -> bool {
        self.lines.len() > MOST_LINES * (self.left.len() + self.right.len())
    }
}

/// The graph of a network, which the page calls `name`, with a title above it.
pub(crate) fn graph(
    joined: &Joined<'_>,
    network: &Network,
    name: &str,
    labels: &Labels,
    medium: Medium,
) -> Markup {
    if labels.photos.is_empty() {
        return html! {};
    }
    let sites = sites(joined, labels);
    let whole = labels.ads.len() + labels.photos.len() <= medium.most_nodes;
    let drawn = if whole { by_ad(joined, labels, &sites, medium) } else { by_site(joined, labels, &sites) };
    if drawn.is_tangle() && !medium.linked {
        return html! {};
    }
    let (ads, photos) = (words::count(labels.ads.len(), "ad"), words::count(labels.photos.len(), "photo"));
    let summary = match whole {
        true => say!(
            "The graph of {ads} and {photos}, a line for each photo that is in an ad. The tables below list the same.",
            ads = ads,
            photos = photos,
        ),
        false => say!(
            "The graph, summed up, of {ads} and {photos}, a line for each photo that is in ads of a site. The tables below \
             list the same.",
            ads = ads,
            photos = photos,
        ),
    };
    let heading =
        if whole { say!("Ads and the photos they show") } else { say!("Sites and the photos on them") };
    html! {
        p.chart-title { (heading) }
        (picture(&drawn, &network.id, &say!("Ads and photos of {network}", network = name), &summary))
        @if !whole {
            p.minor {
                (say!(
                    "Too many ads and photos to draw one by one: the ads of a site are one node, and so are the photos that \
                     are on the same sites. Thicker lines stand for more ads."
                ))
            }
        }
    }
}

/// Sites of the network with their ads, those with most first.
pub(super) fn sites<'a>(joined: &Joined<'a>, labels: &Labels) -> Vec<(&'a str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for &ad in &labels.ads {
        *counts.entry(&joined.ad(ad).key.site).or_default() += 1;
    }
    let mut sites: Vec<_> = counts.into_iter().collect();
    sites.sort_by(|p, q| q.1.cmp(&p.1).then(p.0.cmp(q.0)));
    sites
}

fn site_of(joined: &Joined<'_>, sites: &[(&str, usize)], ad: AdRow) -> usize {
    let site = &joined.ad(ad).key.site;
    sites.iter().position(|(name, _)| name == site).expect("every ad's site is counted")
}

fn by_ad(joined: &Joined<'_>, labels: &Labels, sites: &[(&str, usize)], medium: Medium) -> Graph {
    let link = |to: String| medium.linked.then_some(to);
    let left = labels.ads.iter().map(|&row| {
        let key = &joined.ad(row).key;
        let title = format!("{}: {} {}", labels.ad(row), visible(&key.site), visible(&key.ad_id));
        DrawnNode {
            label: labels.ad(row),
            name: short(&key.site),
            title,
            site: Some(site_of(joined, sites, row)),
            href: link(format!("#{}", labels.ad(row))),
        }
    });
    let mut lines = BTreeMap::new();
    let right = labels.photos.iter().enumerate().map(|(photo, &number)| {
        let group = &joined.findings.groups[number];
        let shown_in = labels.ads.iter().enumerate().filter(|(_, ad)| group.ads.binary_search(ad).is_ok());
        let before = lines.len();
        lines.extend(shown_in.map(|(ad, _)| ((ad, photo), 1)));
        let here = words::count(lines.len() - before, "ad");
        let label = format!("P{}", photo + 1);
        let title = say!(
            "{photo}: in {ads} of this network; in {rarity} altogether",
            photo = label,
            ads = here,
            rarity = words::rarity(group),
        );
        DrawnNode {
            label,
            name: say!("in {ads}", ads = here),
            title,
            site: None,
            href: link(format!("/photo/{}", group.id)),
        }
    });
    Graph { left: left.collect(), right: right.collect(), lines }
}

fn by_site(joined: &Joined<'_>, labels: &Labels, sites: &[(&str, usize)]) -> Graph {
    let left = sites.iter().take(MOST_NODES / 2).enumerate().map(|(place, (name, ads))| DrawnNode {
        label: words::count(*ads, "ad"),
        name: short(name),
        title: format!("{}: {}", visible(name), words::count(*ads, "ad")),
        site: Some(place),
        href: None,
    });
    // Photos by the sites they are on, with the number of ads on each.
    let mut kinds: BTreeMap<Vec<usize>, (usize, BTreeMap<usize, usize>)> = BTreeMap::new();
    for &number in &labels.photos {
        let mut on: BTreeMap<usize, usize> = BTreeMap::new();
        for &ad in &joined.findings.groups[number].ads {
            if !labels.ad(ad).is_empty() {
                *on.entry(site_of(joined, sites, ad)).or_default() += 1;
            }
        }
        let kind = kinds.entry(on.keys().copied().collect()).or_default();
        kind.0 += 1;
        on.into_iter().for_each(|(site, ads)| *kind.1.entry(site).or_default() += ads);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by(|p, q| q.1.0.cmp(&p.1.0).then(p.0.cmp(&q.0)));
    kinds.truncate(MOST_NODES / 2);
    let right = kinds.iter().map(|(on, (photos, _))| {
        let (photos, sites) = (words::count(*photos, "photo"), words::count(on.len(), "site"));
        DrawnNode {
            name: say!("on {sites}", sites = sites),
            title: say!("{photos} on {sites}", photos = photos, sites = sites),
            label: photos,
            site: None,
            href: None,
        }
    });
    let lines = kinds.iter().enumerate().flat_map(|(kind, (_, (_, on)))| {
        let drawn = on.iter().filter(|(site, _)| **site < MOST_NODES / 2);
        drawn.map(move |(&site, &ads)| ((site, kind), ads))
    });
    Graph { left: left.collect(), right: right.collect(), lines: lines.collect() }
}

/// Where the right column stands, in percent: beside it there must be room for how often a photo is seen, on a telephone,
/// too, and other languages say that in longer words than English.
fn right_column() -> usize {
    match current() {
        Language::English => 76,
        _ => 68,
    }
}

fn short(site: &str) -> String {
    match site.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}\u{2026}", visible(&site[..end])),
        None => visible(site),
    }
}

fn picture(graph: &Graph, id: &str, title: &str, summary: &str) -> Markup {
    let ends: Vec<(usize, usize)> = graph.lines.keys().copied().collect();
    let columns = order(graph.left.len(), graph.right.len(), &ends);
    let height = ROW * graph.left.len().max(graph.right.len());
    // The shorter column is spread over the whole height.
    let rows = |order: &[usize]| {
        let mut rows = vec![0; order.len()];
        for (place, &node) in order.iter().enumerate() {
            rows[node] = (2 * place + 1) * height / (2 * order.len());
        }
        rows
    };
    let (left, right) = (rows(&columns.left), rows(&columns.right));
    let most = graph.lines.values().copied().max().unwrap_or(1);
    // What holds links is no single picture to a screen reader.
    let leads_on = graph.left.iter().chain(&graph.right).any(|node| node.href.is_some());
    let role = if leads_on { "group" } else { "img" };
    html! {
        svg.graph width="100%" height=(height) role=(role) aria-labelledby={ "graph-title-" (id) } aria-describedby={ "graph-desc-" (id) } {
            title id={ "graph-title-" (id) } { (title) }
            desc id={ "graph-desc-" (id) } { (summary) }
            @for (&(from, to), &ads) in &graph.lines {
                line x1={ (LEFT) "%" } y1=(left[from]) x2={ (right_column()) "%" } y2=(right[to])
                    stroke-width=[(most > 1).then(|| format!("{:.1}", 1.0 + 4.0 * ads as f64 / most as f64))] {}
            }
            @for &node in &columns.left { (left_node(&graph.left[node], left[node])) }
            @for &node in &columns.right { (right_node(&graph.right[node], right[node])) }
        }
    }
}

/// Percent across and pixels down meet in an SVG inside the SVG; a group cannot stand at a percentage.
fn left_node(node: &DrawnNode, y: usize) -> Markup {
    let site = node.site.unwrap_or(0).min(SHAPES.len() - 1);
    html! {
        svg x={ (LEFT) "%" } y=(y) overflow="visible" {
            title { (node.title) }
            (leading(node, html! {
                path class={ "node site-" (site + 1) } d=(SHAPES[site]) {}
                text x="-12" y="4" text-anchor="end" { tspan.minor-text { (node.name) " " } tspan.node-label { (node.label) } }
            }))
        }
    }
}

/// What is drawn of a node, as a link where it leads somewhere.
fn leading(node: &DrawnNode, drawn: Markup) -> Markup {
    match &node.href {
        Some(href) => html! { a href=(href) { (drawn) } },
        None => drawn,
    }
}

fn right_node(node: &DrawnNode, y: usize) -> Markup {
    html! {
        svg x={ (right_column()) "%" } y=(y) overflow="visible" {
            title { (node.title) }
            (leading(node, html! {
                circle.node.photo r="5" {}
                text x="12" y="4" { tspan.node-label { (node.label) } " " tspan.minor-text { (node.name) } }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(ads: usize, photos: usize) -> Graph {
        let node = |label: String, site| DrawnNode {
            label,
            name: "a.example".into(),
            title: String::new(),
            site,
            href: None,
        };
        Graph {
            left: (0..ads).map(|k| node(format!("A{k}"), Some(k % 11))).collect(),
            right: (0..photos).map(|k| node(format!("P{k}"), None)).collect(),
            lines: (0..ads).map(|k| ((k, k * 7 % photos), 1)).collect(),
        }
    }

    #[test]
    fn labels_do_not_touch() {
        for (ads, photos) in [(2, 1), (6, 5), (40, 20), (3, 57), (59, 1)] {
            let text = picture(&graph(ads, photos), "n-1", "t", "s").into_string();
            for side in [format!("x=\"{LEFT}%\" y=\""), format!("x=\"{}%\" y=\"", right_column())] {
                let mut rows: Vec<usize> = text
                    .split(&side)
                    .skip(1)
                    .map(|rest| rest[..rest.find('"').expect("closed")].parse().expect("a row"))
                    .collect();
                rows.sort_unstable();
                assert!(
                    !rows.is_empty() && rows.windows(2).all(|pair| pair[1] - pair[0] >= ROW - 1),
                    "{rows:?}"
                );
            }
        }
    }

    #[test]
    fn long_names_are_cut_and_hidden_characters_shown() {
        assert_eq!(short("a\u{202e}b"), "a\u{27e8}U+202E\u{27e9}b");
        assert_eq!(short(&"x".repeat(30)).chars().count(), MOST_LETTERS + 1);
    }
}
