//! The nearest neighbours of every class, out of all pairs that a join delivers in any order.
//!
//! Memory is bounded: every class keeps its nearest [`KEEP`] neighbours under a total order, so what is kept does
//! not depend on the order of delivery. The trap: an edge may be among the nearest of one end only; it is kept all
//! the same.

use super::edge::{Cost, HashEdge};
use crate::corpus::{HashClassRow, Row, Rows};
use crate::record::ViewKind;
use std::ops::Range;

/// Neighbours that a class keeps; the nearest win.
pub(crate) const KEEP: usize = 64;

/// Edges in memory before those beyond [`KEEP`] are dropped: as many, and as many for each class.
const COMPACT_AT: (usize, usize) = (4 << 20, 8);

/// Neighbours that are sorted at once.
const RANKED: usize = 4 << 20;

/// A neighbour, as a class ranks it.
type Neighbour = (Cost, HashClassRow);

/// The nearest neighbours of every class so far.
pub(crate) struct NearestClasses {
    edges: Vec<HashEdge>,
    compact_at: usize,
    /// The last neighbour that each class keeps once it has [`KEEP`] of them: whatever ranks after it for both ends
    /// never will be kept, and is not even stored.
    last_kept: Rows<HashClassRow, Neighbour>,
}

impl NearestClasses {
    pub(crate) fn new(classes: usize) -> Self {
        let (least, each) = COMPACT_AT;
        Self {
            edges: Vec::new(),
            compact_at: least.max(each * classes),
            last_kept: Rows::filled((Cost::ANY, HashClassRow::NONE), classes),
        }
    }

    /// All classes of one hash against all of another. Both lists are in order of cost, so each class needs to see
    /// the first `KEEP` of the other side only (and one more, as it may meet itself).
    pub(crate) fn add(
        &mut self,
        left: &[(ViewKind, HashClassRow)],
        right: &[(ViewKind, HashClassRow)],
        turned: bool,
        distance: u32,
    ) {
        let (first, rest) = right.split_at(right.len().min(KEEP + 1));
        self.add_all(left, first, turned, distance);
        self.add_all(&left[..left.len().min(KEEP + 1)], rest, turned, distance);
        if self.edges.len() >= self.compact_at {
            self.compact();
            self.compact_at = self.compact_at.max(2 * self.edges.len());
        }
    }

    fn add_all(
        &mut self,
        left: &[(ViewKind, HashClassRow)],
        right: &[(ViewKind, HashClassRow)],
        turned: bool,
        distance: u32,
    ) {
        for &(kind_a, a) in left {
            for &(kind_b, b) in right.iter().filter(|(_, b)| *b != a) {
                let cost = Cost::new(kind_a, kind_b, turned, distance);
                if self.ranks(cost, a, b, |neighbour, last| neighbour < last) {
                    self.edges.push(HashEdge { cost, a: a.min(b), b: a.max(b) });
                }
            }
        }
    }

    /// Does either end keep the other?
    fn ranks(
        &self,
        cost: Cost,
        a: HashClassRow,
        b: HashClassRow,
        keeps: impl Fn(Neighbour, Neighbour) -> bool,
    ) -> bool {
        keeps((cost, b), self.last_kept[a]) || keeps((cost, a), self.last_kept[b])
    }

    /// Keeps the best edge to each of the `KEEP` nearest neighbours of every class, sorted by rows.
    fn compact(&mut self) {
        let ends = |edge: &HashEdge| u64::from(edge.a.0) << 32 | u64::from(edge.b.0);
        self.edges.sort_unstable_by(|x, y| ends(x).cmp(&ends(y)).then(x.cost.cmp(&y.cost)));
        self.edges.dedup_by_key(|edge| ends(edge));
        self.rank_last();
        let mut edges = std::mem::take(&mut self.edges);
        edges.retain(|edge| self.ranks(edge.cost, edge.a, edge.b, |neighbour, last| neighbour <= last));
        self.edges = edges;
    }

    /// Finds the last neighbour that each class with enough of them keeps; some classes at a time, as their neighbours
    /// have to be sorted.
    fn rank_last(&mut self) {
        let mut counts: Rows<HashClassRow, usize> = Rows::filled(0, self.last_kept.len());
        for end in self.edges.iter().flat_map(|edge| [edge.a, edge.b]) {
            counts[end] += 1;
        }
        counts.values_mut().iter_mut().filter(|count| **count < KEEP).for_each(|count| *count = 0);
        let mut from = 0;
        while from < counts.len() {
            let mut sum = 0;
            let more = counts.values()[from..].iter().take_while(|count| {
                sum += **count;
                sum <= RANKED || sum == **count
            });
            let classes = from..from + more.count();
            self.rank_last_of(classes.clone(), &counts);
            from = classes.end;
        }
    }

    fn rank_last_of(&mut self, classes: Range<usize>, counts: &Rows<HashClassRow, usize>) {
        let mut neighbours: Vec<(HashClassRow, Neighbour)> = Vec::new();
        for edge in &self.edges {
            for (class, other) in [(edge.a, edge.b), (edge.b, edge.a)] {
                if classes.contains(&class.index()) && counts[class] > 0 {
                    neighbours.push((class, (edge.cost, other)));
                }
            }
        }
        neighbours.sort_unstable();
        for of_one in neighbours.chunk_by(|x, y| x.0 == y.0) {
            let (class, last) = of_one[KEEP - 1];
            self.last_kept[class] = last;
        }
    }

    /// The edges kept, each once, sorted by cost, then rows.
    pub(crate) fn into_edges(mut self) -> Vec<HashEdge> {
        self.compact();
        drop(self.last_kept);
        // They are in order of rows, and there are few costs.
        let mut places = vec![0; usize::from(u16::MAX) + 2];
        self.edges.iter().for_each(|edge| places[usize::from(edge.cost.rank()) + 1] += 1);
        for rank in 1..places.len() {
            places[rank] += places[rank - 1];
        }
        let mut sorted = self.edges.clone();
        for edge in self.edges {
            let place: &mut usize = &mut places[usize::from(edge.cost.rank())];
            sorted[*place] = edge;
            *place += 1;
        }
        sorted
    }
}
