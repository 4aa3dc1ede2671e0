//! The nearest neighbours of every look, out of all pairs that a join delivers in any order.
//!
//! Memory is bounded: every look keeps its nearest [`KEEP`] neighbours under a total order, so what is kept does
//! not depend on the order of delivery. The trap: an edge may be among the nearest of one end only; it is kept all
//! the same.

use super::candidates::{Cost, Edge};
use crate::record::ViewKind;

/// Neighbours that a look keeps; the nearest win.
pub(super) const KEEP: usize = 64;

/// Half edges in memory before neighbours beyond [`KEEP`] are dropped.
const COMPACT_AT: usize = 4 << 20;

/// A neighbour of `look`, as seen from it.
#[derive(Debug, Clone, Copy)]
struct HalfEdge {
    look: u32,
    cost: Cost,
    other: u32,
}

impl HalfEdge {
    /// By look, then cost, then the other; one number compares faster than three.
    fn rank(&self) -> u128 {
        u128::from(self.look) << 48 | u128::from(self.cost.rank()) << 32 | u128::from(self.other)
    }
}

/// The nearest neighbours of every look so far.
pub(super) struct Nearest {
    half_edges: Vec<HalfEdge>,
    compact_at: usize,
    /// The last neighbour that each look keeps once it has [`KEEP`] of them: whatever ranks after it never will be
    /// kept, and is not even stored.
    last_kept: Vec<(Cost, u32)>,
}

impl Nearest {
    pub(super) fn new(looks: usize) -> Self {
        Self { half_edges: Vec::new(), compact_at: COMPACT_AT, last_kept: vec![(Cost::ANY, u32::MAX); looks] }
    }

    fn push(&mut self, edge: HalfEdge) {
        if (edge.cost, edge.other) < self.last_kept[edge.look as usize] {
            self.half_edges.push(edge);
        }
    }

    /// All looks of one hash against all of another. Both lists are in order of cost, so each look needs to see
    /// the first `KEEP` of the other side only (and one more, as it may meet itself).
    pub(super) fn add(
        &mut self,
        left: &[(ViewKind, u32)],
        right: &[(ViewKind, u32)],
        turned: bool,
        distance: u32,
    ) {
        for (some, others) in [(left, right), (right, left)] {
            for &(kind, look) in some {
                for &(other_kind, other) in others.iter().take(KEEP + 1).filter(|(_, other)| *other != look) {
                    let cost = Cost::new(kind, other_kind, turned, distance);
                    self.push(HalfEdge { look, cost, other });
                }
            }
        }
        if self.half_edges.len() >= self.compact_at {
            self.compact();
            self.compact_at = COMPACT_AT.max(2 * self.half_edges.len());
        }
    }

    /// Keeps the best edge to each of the `KEEP` nearest neighbours of every look.
    fn compact(&mut self) {
        self.half_edges.sort_unstable_by_key(HalfEdge::rank);
        let mut kept = 0;
        let mut from = 0;
        let mut seen: Vec<u32> = Vec::with_capacity(KEEP);
        while from < self.half_edges.len() {
            let look = self.half_edges[from].look;
            seen.clear();
            while let Some(&edge) = self.half_edges.get(from).filter(|edge| edge.look == look) {
                if seen.len() < KEEP && !seen.contains(&edge.other) {
                    seen.push(edge.other);
                    self.half_edges[kept] = edge;
                    kept += 1;
                    if seen.len() == KEEP {
                        self.last_kept[look as usize] = (edge.cost, edge.other);
                    }
                }
                from += 1;
            }
        }
        self.half_edges.truncate(kept);
    }

    /// The edges kept, each once, sorted by cost, then rows.
    pub(super) fn into_edges(mut self) -> Vec<Edge> {
        self.compact();
        let mut edges: Vec<Edge> = self
            .half_edges
            .into_iter()
            .map(|half| Edge { cost: half.cost, a: half.look.min(half.other), b: half.look.max(half.other) })
            .collect();
        edges.sort_unstable_by_key(|edge| {
            u128::from(edge.a) << 48 | u128::from(edge.b) << 16 | u128::from(edge.cost.rank())
        });
        edges.dedup_by_key(|edge| (edge.a, edge.b));
        edges.shrink_to_fit();
        edges.sort_unstable_by_key(|edge| {
            u128::from(edge.cost.rank()) << 64 | u128::from(edge.a) << 32 | u128::from(edge.b)
        });
        edges
    }
}
