//! Edges in lanes: those that are tied to each other, by edges or by decisions, one after the other; lanes side by side.
//!
//! What happens in one lane never hangs on another, so a corpus gives what its connected sections give one by one. Pixels
//! are asked for all lanes at once, as many of which are a few edges long. The trap: an edge that waits for an answer is
//! walked over again, so whoever walks changes nothing before it knows.

use super::hash_gate::HashGate;
use super::pixel_checks::Ask;
use crate::corpus::HashClassRow;
use crate::grouped::Grouped;
use crate::link::candidates::HashEdge;
use crate::sets::Roots;

/// Which lane each class is in.
pub(super) struct Lanes {
    /// By the smallest class that each is tied to.
    of_class: Vec<HashClassRow>,
}

/// An edge and those after it in its lane.
#[derive(Clone)]
pub(super) struct Rest<'e> {
    edges: &'e [HashEdge],
    places: std::slice::Iter<'e, u32>,
}

impl<'e> Iterator for Rest<'e> {
    type Item = &'e HashEdge;

    fn next(&mut self) -> Option<&'e HashEdge> {
        self.places.next().map(|&place| &self.edges[place as usize])
    }
}

impl Lanes {
    /// O(edges).
    pub(super) fn new(classes: usize, edges: &[HashEdge], bonds: &[Vec<HashClassRow>]) -> Self {
        let mut sets = Roots::new(classes);
        edges.iter().for_each(|edge| {
            sets.join(edge.a, edge.b);
        });
        bonds.iter().flat_map(|bond| bond.windows(2)).for_each(|two| {
            sets.join(two[0], two[1]);
        });
        Self { of_class: sets.labels() }
    }

    /// Takes each of these edges, in the order of its lane, with the rest of the lane; one that asks is taken again when
    /// all lanes have come as far as they can and the pixels have been asked.
    pub(super) fn walk(
        &self,
        edges: &[HashEdge],
        gate: &mut HashGate,
        mut take: impl FnMut(&HashEdge, &mut HashGate, Rest) -> Result<(), Vec<Ask>>,
    ) {
        let lane = |edge: &HashEdge| self.of_class[edge.a.index()];
        let lanes = Grouped::counted(self.of_class.len(), edges.iter().map(lane).zip(0_u32..));
        let open = lanes.rows().filter(|&lane| !lanes.of(lane).is_empty());
        let mut open: Vec<(HashClassRow, usize)> = open.map(|lane| (lane, 0)).collect();
        while !open.is_empty() {
            let mut asks = Vec::new();
            open.retain_mut(|(lane, next)| {
                let places = lanes.of(*lane);
                while let Some(&place) = places.get(*next) {
                    let rest = Rest { edges, places: places[*next..].iter() };
                    match take(&edges[place as usize], gate, rest) {
                        Ok(()) => *next += 1,
                        Err(questions) => {
                            asks.extend(questions);
                            return true;
                        }
                    }
                }
                false
            });
            gate.pixel_checks.ask(&asks);
        }
    }
}
