//! A network drawn: ads as squares, photos as discs, a line where an ad shows a photo.
//!
//! Laid out here, by springs from a fixed start (Fruchterman & Reingold 1991), so the same network always looks the
//! same and no script has to compute anything; the page's script only zooms. Larger networks show their photos and
//! the ads that tie several of them; the others are counted in the photo they hang on.

use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

use crate::link::Network;
use crate::report::labels::Labels;
use crate::report::text::visible;
use crate::review::state::model::View;
use crate::view::words;

/// Ads up to which each is drawn.
const MOST_ADS: usize = 120;
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 560.0;
const MARGIN: f64 = 34.0;
const ROUNDS: usize = 220;

/// Ad and photo nodes and the lines between.
struct Drawing {
    ads: Vec<u32>,
    photos: Vec<u32>,
    /// Place in `ads`, place in `photos`.
    lines: Vec<(usize, usize)>,
    /// For each photo: ads that show no other and are not drawn.
    folded: Vec<usize>,
}

impl Drawing {
    fn new(view: &View<'_>, network: &Network, labels: &Labels) -> Self {
        let photos = labels.photos.clone();
        let place: BTreeMap<u32, usize> = photos.iter().copied().zip(0..).collect();
        let mut drawing = Self { ads: Vec::new(), folded: vec![0; photos.len()], photos, lines: Vec::new() };
        let all = network.ads.len() <= MOST_ADS;
        for &ad in &labels.ads {
            let shown: BTreeSet<usize> = view
                .joined
                .sightings_of_ad(ad)
                .flat_map(|seen| view.joined.groups_of_image(seen.image))
                .filter_map(|group| place.get(group).copied())
                .collect();
            if all || (shown.len() > 1 && drawing.ads.len() < MOST_ADS) {
                drawing.lines.extend(shown.iter().map(|&photo| (drawing.ads.len(), photo)));
                drawing.ads.push(ad);
            } else {
                shown.into_iter().for_each(|photo| drawing.folded[photo] += 1);
            }
        }
        drawing
    }

    /// A position for every ad, then for every photo.
    fn positions(&self) -> Vec<(f64, f64)> {
        let nodes = self.ads.len() + self.photos.len();
        // Sunflower: spread evenly, in the same way each time.
        let mut at: Vec<(f64, f64)> = (0..nodes)
            .map(|k| {
                let (angle, reach) = (2.399_963 * k as f64, ((k as f64 + 0.5) / nodes as f64).sqrt());
                (0.5 + 0.45 * reach * angle.cos(), 0.5 + 0.45 * reach * angle.sin())
            })
            .collect();
        let ideal = 0.9 / (nodes as f64).sqrt().max(1.0);
        for round in 0..ROUNDS {
            let heat = 0.08 * (1.0 - round as f64 / ROUNDS as f64);
            let forces = self.forces(&at, ideal);
            for (point, (x, y)) in at.iter_mut().zip(forces) {
                let length = (x * x + y * y).sqrt().max(1e-9);
                let step = length.min(heat) / length;
                *point = (point.0 + x * step, point.1 + y * step);
            }
        }
        fitted(at)
    }

    fn forces(&self, at: &[(f64, f64)], ideal: f64) -> Vec<(f64, f64)> {
        let mut forces: Vec<(f64, f64)> =
            at.iter().map(|(x, y)| ((0.5 - x) * 0.6 * ideal, (0.5 - y) * 0.6 * ideal)).collect();
        for a in 0..at.len() {
            for b in a + 1..at.len() {
                let (x, y) = (at[a].0 - at[b].0, at[a].1 - at[b].1);
                let square = (x * x + y * y).max(1e-6);
                let push = 0.5 * ideal * ideal / square * ideal.min(square.sqrt()) / square.sqrt();
                (forces[a].0, forces[a].1) = (forces[a].0 + x * push, forces[a].1 + y * push);
                (forces[b].0, forces[b].1) = (forces[b].0 - x * push, forces[b].1 - y * push);
            }
        }
        for &(ad, photo) in &self.lines {
            let photo = self.ads.len() + photo;
            let (x, y) = (at[ad].0 - at[photo].0, at[ad].1 - at[photo].1);
            let pull = 0.35 * (x * x + y * y).sqrt() / ideal;
            (forces[ad].0, forces[ad].1) = (forces[ad].0 - x * pull, forces[ad].1 - y * pull);
            (forces[photo].0, forces[photo].1) = (forces[photo].0 + x * pull, forces[photo].1 + y * pull);
        }
        forces
    }
}

/// Stretched to the picture, with room for the nodes themselves.
fn fitted(at: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let extent = |of: fn(&(f64, f64)) -> f64| {
        let values = at.iter().map(of);
        values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
    };
    let ((left, right), (top, bottom)) = (extent(|p| p.0), extent(|p| p.1));
    let scale = |value: f64, low: f64, high: f64, room: f64| {
        if high - low < 1e-9 {
            room / 2.0
        } else {
            MARGIN + (value - low) / (high - low) * (room - 2.0 * MARGIN)
        }
    };
    at.iter().map(|&(x, y)| (scale(x, left, right, WIDTH), scale(y, top, bottom, HEIGHT))).collect()
}

/// The network as SVG, with its legend.
pub(crate) fn graph(view: &View<'_>, network: &Network, labels: &Labels) -> Markup {
    let drawing = Drawing::new(view, network, labels);
    let at = drawing.positions();
    let photo_at = |photo: usize| at[drawing.ads.len() + photo];
    html! {
        figure.graph {
            div.tools role="group" aria-label="Zoom" {
                button type="button" data-zoom="1" { "Larger" } button type="button" data-zoom="-1" { "Smaller" } button type="button" data-zoom="0" { "Whole" }
            }
            div.scroll tabindex="0" role="region" aria-label="Graph" { svg #graph viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="group" aria-label=(format!("Graph of {} and {}", words::count(network.ads.len(), "ad"), words::count(drawing.photos.len(), "photo"))) {
                @for &(ad, photo) in &drawing.lines {
                    @let (from, to) = (at[ad], photo_at(photo));
                    line.tie x1=(round(from.0)) y1=(round(from.1)) x2=(round(to.0)) y2=(round(to.1)) {}
                }
                @for (place, &group) in drawing.photos.iter().enumerate() {
                    (photo_node(view, labels, group, drawing.folded[place], photo_at(place)))
                }
                @for (place, &ad) in drawing.ads.iter().enumerate() { (ad_node(view, labels, ad, at[place])) }
            } }
            figcaption.minor {
                "Squares are ads, discs are photos; a line: this ad shows this photo. Select one to go there."
                @if drawing.ads.len() < network.ads.len() { " Ads that show one photo only are counted in it: +n." }
            }
        }
    }
}

fn photo_node(view: &View<'_>, labels: &Labels, group: u32, folded: usize, (x, y): (f64, f64)) -> Markup {
    let found = &view.joined.findings.groups[group as usize];
    let name = labels.place_of_photo(group).map_or_else(String::new, |place| format!("P{place}"));
    html! {
        a.node.photo href=(format!("/photo/{}", found.id)) aria-label=(format!("Photo {name}, {}", words::rarity(found))) {
            title { (name) ": " (words::rarity(found)) }
            circle cx=(round(x)) cy=(round(y)) r="15" {}
            text x=(round(x)) y=(round(y + 4.0)) text-anchor="middle" { (name) @if folded > 0 { "+" (folded) } }
        }
    }
}

fn ad_node(view: &View<'_>, labels: &Labels, row: u32, (x, y): (f64, f64)) -> Markup {
    let (name, key) = (labels.ad(row), &view.joined.ad(row).key);
    let told = visible(&format!("{name}: {key}"));
    html! {
        a.node.ad href=(format!("#{name}")) aria-label=(format!("Ad {told}")) {
            title { (told) }
            rect x=(round(x - 14.0)) y=(round(y - 10.0)) width="28" height="20" rx="3" {}
            text x=(round(x)) y=(round(y + 4.0)) text-anchor="middle" { (name) }
        }
    }
}

fn round(value: f64) -> String {
    format!("{value:.1}")
}
