//! The content box: the picture without bars, letterbox or frame.
//!
//! A border is lines of one colour up to a straight edge, where the picture begins along most of the line. A
//! photo's own plain background looks the same from outside, but what stands before it emerges bit by bit; there
//! is no straight edge, and nothing is trimmed. Each colour is trimmed in a round of its own, so a black
//! letterbox inside a white page goes in two.

use super::super::{Luma, Rect};
use super::lines::{Edge, Line, Side, TOLERANCE};

/// Frames within frames that are followed.
const ROUNDS: usize = 4;

/// A box is worth hashing when a side shrinks by one part in this many; a smaller border hardly moves PDQ.
const WORTH: u32 = 100;

/// Least side of a box.
const LEAST_SIDE: u32 = 32;

/// Where the picture is, when it has a border worth trimming.
pub(super) fn content_box(luma: &Luma) -> Option<Rect> {
    let whole = luma.bounds();
    let mut rect = whole;
    for _ in 0..ROUNDS {
        let inner = trim(luma, rect);
        if inner == rect {
            break;
        }
        rect = inner;
    }
    let narrower = (whole.width - rect.width) * WORTH >= whole.width;
    let lower = (whole.height - rect.height) * WORTH >= whole.height;
    (narrower || lower).then_some(rect)
}

/// Lines of one colour at a side.
#[derive(Debug, Clone, Copy)]
struct Bar {
    side: Side,
    lines: u32,
    colour: u8,
}

/// The rectangle without the bars that end in a straight edge.
fn trim(luma: &Luma, rect: Rect) -> Rect {
    let mut bars: Vec<Bar> = Side::ALL.into_iter().filter_map(|side| bar(luma, rect, side)).collect();
    loop {
        let inner = bars.iter().try_fold(rect, |inner, bar| shrink(inner, bar.side, bar.lines));
        let Some(inner) = inner else { return rect };
        let edge = |rect: Rect, bar: &Bar| Edge::new(luma, rect, bar.side, bar.colour);
        let inner = bars
            .iter()
            .fold(inner, |inner, bar| shrink(inner, bar.side, edge(inner, bar).noise).unwrap_or(inner));
        // Edges are measured on what is left, so giving a bar back changes the others.
        let edges: Vec<Edge> = bars.iter().map(|bar| edge(inner, bar)).collect();
        let has_twin = |bar: &Bar, edge: &Edge| {
            let mut others = bars.iter().zip(&edges);
            others.any(|(other, opposite)| bar.is_twin(other) && edge.holds_beside(*opposite))
        };
        let kept: Vec<Bar> = bars
            .iter()
            .zip(&edges)
            .filter(|(bar, edge)| edge.shows(0.95, 0.9) || has_twin(bar, edge))
            .map(|(bar, _)| *bar)
            .collect();
        if kept.len() == bars.len() {
            return inner;
        }
        bars = kept;
    }
}

impl Bar {
    /// Whether the other bar is this one's counterpart: padding comes in pairs, so where a bright sky meets a
    /// white bar, the bar opposite tells.
    fn is_twin(&self, other: &Self) -> bool {
        self.side == other.side.opposite()
            && self.lines.abs_diff(other.lines) <= 2 + self.lines / 50
            && self.colour.abs_diff(other.colour) <= TOLERANCE
    }
}

/// The lines of one colour at a side; none when the picture begins at once.
fn bar(luma: &Luma, rect: Rect, side: Side) -> Option<Bar> {
    let colour = Line::new(luma, rect, side, 0).uniform()?;
    let goes_on = |&n: &u32| {
        Line::new(luma, rect, side, n).uniform().is_some_and(|next| next.abs_diff(colour) <= TOLERANCE / 2)
    };
    let lines = 1 + (1..side.depth(rect)).take_while(goes_on).count() as u32;
    Some(Bar { side, lines, colour })
}

/// The rectangle cut at a side; `None` when too little would be left.
fn shrink(rect: Rect, side: Side, lines: u32) -> Option<Rect> {
    let left = side.depth(rect).checked_sub(lines)?;
    (left >= LEAST_SIDE).then(|| side.cut(rect, lines))
}
