//! Panes: the pictures on a page, in a screenshot or in a collage.
//!
//! The recursive X-Y cut of document analysis (Nagy and Seth, 1984): split a region wherever whole rows or
//! columns have one colour, and again what is left. Text, buttons and sky are split off in the same way, so a
//! region counts as a pane only when it ends in straight edges, as pictures do and paragraphs do not.

use super::super::{Luma, Rect};
use super::gutters;
use super::lines::{Edge, Line, Side, TOLERANCE};

/// Panes kept per image, largest first: a profile page of four by five and some more.
const MOST: usize = 24;

/// Cuts within cuts: page, row, cell, border.
const DEPTH: usize = 5;

/// Least side of a pane, and of anything cut further.
const LEAST_SIDE: u32 = 48;

/// A pane covers at least this part of the image ...
const LEAST_SHARE: f64 = 0.01;

/// ... and at most this: a larger one is the picture itself.
const LARGEST_SHARE: f64 = 0.95;

/// A gap is at least one part in this many of the region, and at least two lines.
const GAP: u32 = 256;

/// A pane is at most this many times as long as wide.
const LONGEST: u32 = 5;

/// The pictures within a picture, largest first; none for a photo that is just a photo.
pub(super) fn panes(luma: &Luma) -> Vec<Rect> {
    let mut found = Vec::new();
    cut(luma, luma.bounds(), DEPTH, &mut found);
    found.sort_unstable_by_key(|rect| (std::cmp::Reverse(rect.area()), rect.y, rect.x));
    found.truncate(MOST);
    found
}

/// Adds the panes of a region.
fn cut(luma: &Luma, region: Rect, depth: usize, found: &mut Vec<Rect>) {
    let Some(region) = without_plain_lines(luma, region) else { return };
    let before = found.len();
    if depth > 0 {
        let mut splits = [Side::Top, Side::Left].into_iter().map(|side| split(luma, region, side));
        match splits.find(|parts| parts.len() > 1) {
            Some(parts) => parts.into_iter().for_each(|part| cut(luma, part, depth - 1, found)),
            None => found.extend(cells(luma, region)),
        }
    }
    let is_leaf = found.len() == before;
    found.extend(as_pane(luma, region));
    if is_leaf {
        // A picture's own plain lines were taken for the page's.
        let wider = Side::ALL.iter().fold(region, |region, &side| up_to_edge(luma, region, side));
        found.extend(Some(wider).filter(|wider| *wider != region).and_then(|wider| as_pane(luma, wider)));
    }
}

/// The cells of a grid whose gutters are too thin to be of one colour; none where nothing is divided both ways.
fn cells(luma: &Luma, region: Rect) -> Vec<Rect> {
    let [rows, columns] = [Side::Top, Side::Left].map(|side| gutters::between(luma, region, side));
    if rows.len() < 2 || columns.len() < 2 {
        return Vec::new();
    }
    let cell = |row: &std::ops::Range<u32>, column: &std::ops::Range<u32>| Rect {
        x: region.x + column.start,
        y: region.y + row.start,
        width: column.len() as u32,
        height: row.len() as u32,
    };
    let all = rows.iter().flat_map(|row| columns.iter().map(move |column| cell(row, column)));
    all.filter(|cell| is_of_pane_size(*cell, luma.bounds())).collect()
}

/// The region without lines of one colour at its sides; `None` when too little is left.
fn without_plain_lines(luma: &Luma, mut region: Rect) -> Option<Rect> {
    loop {
        let before = region;
        for side in Side::ALL {
            let plain = (0..side.depth(region))
                .take_while(|&n| Line::new(luma, region, side, n).uniform().is_some())
                .count() as u32;
            region = side.cut(region, plain);
            if side.depth(region) < LEAST_SIDE {
                return None;
            }
        }
        if region == before {
            return Some(region);
        }
    }
}

/// The parts between gaps, which are plain lines parallel to `side`. Any gap wide enough contains a probed line.
fn split(luma: &Luma, region: Rect, side: Side) -> Vec<Rect> {
    let depth = side.depth(region);
    let narrowest = (depth / GAP).max(2);
    let plain = |n: &u32| Line::new(luma, region, side, *n).uniform().is_some();
    let mut parts = Vec::new();
    let (mut start, mut probe) = (0, 0);
    while probe < depth {
        if plain(&probe) {
            let before = (start..probe).rev().take_while(plain).count() as u32;
            let after = (probe + 1..depth).take_while(plain).count() as u32;
            if before + 1 + after >= narrowest {
                parts.push(start..probe - before);
                start = probe + 1 + after;
            }
            probe += after;
        }
        probe += narrowest;
    }
    parts.push(start..depth);
    parts.into_iter().map(|part| side.keep(side.cut(region, part.start), part.end - part.start)).collect()
}

/// The region as a pane, when it is of a picture's size and shape and ends in straight edges.
fn as_pane(luma: &Luma, region: Rect) -> Option<Rect> {
    if !is_of_pane_size(region, luma.bounds()) {
        return None;
    }
    let sides = Side::ALL.into_iter().filter_map(|side| Some((side, edge(luma, region, side)?)));
    let edges: Vec<(Side, Edge)> = sides.collect();
    // One edge may be lost, as where a bright sky meets a white page; not when it is the only evidence.
    let is_pane = match edges.as_slice() {
        [(_, edge)] => edge.shows(0.9, 0.75),
        edges => edges.iter().filter(|(_, edge)| edge.is_straight()).count() >= 2.max(edges.len() - 1),
    };
    is_pane.then(|| edges.iter().fold(region, |rect, (side, edge)| side.cut(rect, edge.noise)))
}

fn is_of_pane_size(region: Rect, image: Rect) -> bool {
    let (long, short) = (region.width.max(region.height), region.width.min(region.height));
    let share = region.area() as f64 / image.area() as f64;
    (LEAST_SHARE..=LARGEST_SHARE).contains(&share) && long <= LONGEST * short && short >= LEAST_SIDE
}

/// How the region begins at a side, beside the line next to it; `None` at the end of the image.
fn edge(luma: &Luma, region: Rect, side: Side) -> Option<Edge> {
    let outside = side.outside(region, luma.bounds())?;
    Some(Edge::new(luma, region, side, Line::new(luma, outside, side, 0).colour()))
}

/// The region, widened over plain lines up to a change of colour unless it has a clear edge where it is.
fn up_to_edge(luma: &Luma, region: Rect, side: Side) -> Rect {
    if edge(luma, region, side).is_none_or(|edge| edge.shows(0.75, 0.2)) {
        return region;
    }
    let (mut wider, mut colour) = (region, None);
    for _ in 0..side.depth(region) / 2 {
        let Some(outside) = side.outside(wider, luma.bounds()) else { break };
        let Some(next) = Line::new(luma, outside, side, 0).uniform() else { break };
        if colour.is_some_and(|colour| next.abs_diff(colour) > TOLERANCE) {
            return wider;
        }
        colour = Some(next);
        wider = side.grown(wider);
    }
    region
}
