//! Which looks lie within the radius of each other: an exact join of all views in all eight orientations.
//!
//! Upright hashes are joined with the turned ones, each hash once however many looks have it. Memory is bounded:
//! every look keeps its nearest [`KEEP`] neighbours under a total order, so what is kept does not depend on the
//! order in which a parallel join delivers. The trap: a family of a thousand near copies has half a million
//! pairs; the kept edges still connect it, and pairs inside a photo group are measured again when listed.

use super::looks::Looks;
use crate::error::{Error, Result};
use crate::hash::{Dihedral, Hash256};
use crate::index::{self, HnswIndex, JoinPair};
use crate::progress::Progress;
use crate::record::ViewKind;
use crate::verify::Tier;
use rayon::prelude::*;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Neighbours that a look keeps; the nearest win.
const KEEP: usize = 64;

/// Half edges in memory before neighbours beyond [`KEEP`] are dropped.
const COMPACT_AT: usize = 4 << 20;

/// Two looks within the radius. `a < b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    /// How plain the story is, then how near: smaller is better.
    pub(super) cost: Cost,
    pub(super) a: u32,
    pub(super) b: u32,
}

/// Order of edges: whole pictures before parts, upright before turned, near before far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost(u16);

impl Cost {
    /// That of two looks that a reviewer confirmed.
    pub(super) const CONFIRMED: Self = Self(0);

    fn new(kind_a: ViewKind, kind_b: ViewKind, turn: Dihedral, distance: u32) -> Self {
        let part = is_part(kind_a) || is_part(kind_b);
        let plain = kind_a == ViewKind::Whole && kind_b == ViewKind::Whole && turn == Dihedral::None;
        Self(u16::from(part) << 11 | u16::from(!plain) << 10 | distance.min(0x3ff) as u16)
    }

    /// What it proves.
    pub(super) fn tier(self) -> Tier {
        if self.0 >> 10 == 0 { Tier::NearCopy } else { Tier::Transformed }
    }

    /// True when a part of one picture is (a part of) the other, so that the rest may differ.
    pub(super) fn is_part(self) -> bool {
        self.0 >> 11 == 1
    }
}

/// True for views that show one of several things in an image.
pub(super) fn is_part(kind: ViewKind) -> bool {
    !matches!(kind, ViewKind::Whole | ViewKind::ContentBox | ViewKind::Enlarged)
}

/// A neighbour of `look`, as seen from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct HalfEdge {
    look: u32,
    cost: Cost,
    other: u32,
}

/// Edges between looks, sorted by cost, then rows. Every look's [`KEEP`] best neighbours are among them.
pub(super) fn edges(looks: &Looks, radius: u32, progress: &dyn Progress) -> Result<Vec<Edge>> {
    let upright = Table::new(looks, Dihedral::None);
    let join = |turn: Dihedral, turned: &Table, sink: &Sink<'_>| match turn {
        Dihedral::None => index::self_join(&upright.hashes, radius, sink),
        _ => index::join(&upright.hashes, &turned.hashes, radius, sink),
    };
    edges_of(looks, &upright, join, progress)
}

/// As [`edges`], from the [`KEEP`] nearest hashes that HNSW proposes for each: approximate, and not the same from
/// run to run. For measuring it against the exact edges.
pub(super) fn edges_by_hnsw(looks: &Looks, radius: u32, progress: &dyn Progress) -> Result<Vec<Edge>> {
    let upright = Table::new(looks, Dihedral::None);
    let graph = HnswIndex::new(&upright.hashes);
    let join = |_: Dihedral, turned: &Table, sink: &Sink<'_>| {
        (0..turned.hashes.len() as u32).into_par_iter().for_each(|b| {
            let near = graph.nearest(&turned.hashes[b as usize], KEEP, HnswIndex::EF);
            let within = near.into_iter().filter(|near| near.distance <= radius);
            let pairs: Vec<_> =
                within.map(|near| JoinPair { a: near.row, b, distance: near.distance }).collect();
            sink(&pairs);
        });
    };
    edges_of(looks, &upright, join, progress)
}

/// Share of the exact edges that the others hold too; 1 when there are none.
pub(super) fn recall(exact: &[Edge], found: &[Edge]) -> f64 {
    let ends = |edge: &Edge| (edge.a, edge.b);
    let found: HashSet<(u32, u32)> = found.iter().map(ends).collect();
    let hit = exact.iter().filter(|edge| found.contains(&ends(edge))).count();
    if exact.is_empty() { 1.0 } else { hit as f64 / exact.len() as f64 }
}

/// Receives pairs (row of the upright table, row of the turned one) from many threads.
type Sink<'a> = dyn Fn(&[JoinPair]) + Sync + 'a;

fn edges_of(
    looks: &Looks,
    upright: &Table,
    join: impl Fn(Dihedral, &Table, &Sink<'_>),
    progress: &dyn Progress,
) -> Result<Vec<Edge>> {
    let found = Mutex::new(Nearest::new(looks.len()));
    for entries in upright.hashes_with_entries() {
        lock(&found).add(entries, entries, Dihedral::None, 0);
    }
    for turn in Dihedral::ALL {
        if progress.stop_requested() {
            return Err(Error::Interrupted);
        }
        let turned = Table::new(looks, turn);
        join(turn, &turned, &|pairs| lock(&found).add_all(upright, &turned, turn, pairs));
        progress.advance(1);
    }
    let nearest = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(nearest.into_edges())
}

fn lock<'a>(found: &'a Mutex<Nearest>) -> MutexGuard<'a, Nearest> {
    found.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Distinct hashes of all looks under one turn, with the looks that have each.
struct Table {
    hashes: Vec<Hash256>,
    /// Entries of hash `k`: `entries[starts[k]..starts[k + 1]]`, plainest view first, each look once.
    starts: Vec<u32>,
    entries: Vec<(ViewKind, u32)>,
}

impl Table {
    fn new(looks: &Looks, turn: Dihedral) -> Self {
        let mut all: Vec<(Hash256, ViewKind, u32)> = (0..looks.len() as u32)
            .flat_map(|look| looks.hashes(look, turn).map(move |(kind, hash)| (hash, kind, look)))
            .collect();
        all.sort_unstable();
        let mut table = Self { hashes: Vec::new(), starts: vec![0], entries: Vec::with_capacity(all.len()) };
        let mut run: Vec<(u32, ViewKind)> = Vec::new();
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            run.clear();
            run.extend(same.iter().map(|&(_, kind, look)| (look, kind)));
            run.sort_unstable();
            run.dedup_by_key(|(look, _)| *look);
            run.sort_unstable_by_key(|&(look, kind)| (kind, look));
            table.hashes.push(same[0].0);
            table.entries.extend(run.iter().map(|&(look, kind)| (kind, look)));
            table.starts.push(table.entries.len() as u32);
        }
        table
    }

    fn of(&self, row: u32) -> &[(ViewKind, u32)] {
        let row = row as usize;
        &self.entries[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    fn hashes_with_entries(&self) -> impl Iterator<Item = &[(ViewKind, u32)]> {
        (0..self.hashes.len() as u32).map(|row| self.of(row)).filter(|entries| entries.len() > 1)
    }
}

/// The nearest neighbours of every look so far.
struct Nearest {
    half_edges: Vec<HalfEdge>,
    compact_at: usize,
    /// The last neighbour that each look keeps once it has [`KEEP`] of them: whatever ranks after it never will be
    /// kept, and is not even stored. So a photo in twenty thousand ads costs two hundred million comparisons, but
    /// not as many edges.
    last_kept: Vec<(Cost, u32)>,
}

impl Nearest {
    fn new(looks: usize) -> Self {
        let any = (Cost(u16::MAX), u32::MAX);
        Self { half_edges: Vec::new(), compact_at: COMPACT_AT, last_kept: vec![any; looks] }
    }

    fn push(&mut self, edge: HalfEdge) {
        if (edge.cost, edge.other) < self.last_kept[edge.look as usize] {
            self.half_edges.push(edge);
        }
    }

    fn add_all(&mut self, left: &Table, right: &Table, turn: Dihedral, pairs: &[JoinPair]) {
        for pair in pairs {
            self.add(left.of(pair.a), right.of(pair.b), turn, pair.distance);
        }
    }

    /// All looks of one hash against all of another. Both lists are in order of cost, so each look needs to see
    /// the first `KEEP` of the other side only (and one more, as it may meet itself).
    fn add(&mut self, left: &[(ViewKind, u32)], right: &[(ViewKind, u32)], turn: Dihedral, distance: u32) {
        for &(kind_a, a) in left {
            for &(kind_b, b) in right.iter().take(KEEP + 1).filter(|(_, b)| *b != a) {
                let cost = Cost::new(kind_a, kind_b, turn, distance);
                self.push(HalfEdge { look: a, cost, other: b });
            }
        }
        for &(kind_b, b) in right {
            for &(kind_a, a) in left.iter().take(KEEP + 1).filter(|(_, a)| *a != b) {
                let cost = Cost::new(kind_a, kind_b, turn, distance);
                self.push(HalfEdge { look: b, cost, other: a });
            }
        }
        if self.half_edges.len() >= self.compact_at {
            self.compact();
            self.compact_at = COMPACT_AT.max(2 * self.half_edges.len());
        }
    }

    /// Keeps the best edge to each of the `KEEP` nearest neighbours of every look.
    fn compact(&mut self) {
        self.half_edges.sort_unstable();
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

    fn into_edges(mut self) -> Vec<Edge> {
        self.compact();
        let mut edges: Vec<Edge> = self
            .half_edges
            .into_iter()
            .map(|half| Edge { cost: half.cost, a: half.look.min(half.other), b: half.look.max(half.other) })
            .collect();
        edges.sort_unstable_by_key(|edge| (edge.a, edge.b, edge.cost));
        edges.dedup_by_key(|edge| (edge.a, edge.b));
        edges.sort_unstable();
        edges
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{Pdq, Quality, Rect, View};
    use crate::link::sample;
    use crate::progress::Silent;
    use crate::record::Image;
    use proptest::prelude::*;

    /// Hashes of one pool, some bits off, in all places: so copies meet turned, as panes, and beyond the radius.
    fn pdq() -> impl Strategy<Value = Pdq> {
        let hash =
            (0..5_u64, 0..40_usize).prop_map(|(seed, bits)| sample::nudge(sample::hash(seed), 0..bits));
        (prop::array::uniform4(hash), 40..100_u8).prop_map(|(base, q)| Pdq::from_base(base, Quality::new(q)))
    }

    fn image() -> impl Strategy<Value = Image> {
        (pdq(), prop::option::of(pdq())).prop_map(|(pdq, pane)| {
            let rect = Rect { x: 0, y: 0, width: 9, height: 9 };
            let views = pane.map(|pdq| View { kind: ViewKind::Pane, rect, pdq }).into_iter().collect();
            Image { pdq, views, ..sample::image(0) }
        })
    }

    proptest! {
        #[test]
        fn edges_are_those_of_comparing_everything(images in prop::collection::vec(image(), 0..12), radius in 0..40_u32) {
            let mut images = images;
            sample::give_ids(&mut images);
            let looks = Looks::of(&images, Quality::USABLE);
            let fast: Vec<(u32, u32)> = edges(&looks, radius, &Silent).unwrap().iter().map(|edge| (edge.a, edge.b)).collect();
            let n = looks.len() as u32;
            let pairs = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
            let slow: Vec<(u32, u32)> = pairs.filter(|&(a, b)| looks.verify(a, b, radius).is_some()).collect();
            let mut sorted = fast.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, slow);
        }
    }

    #[test]
    fn a_large_family_keeps_the_nearest_and_stays_connected() {
        let mut images: Vec<Image> =
            (0..300).map(|k| sample::image_with(sample::nudge(sample::hash(1), k..k + 1 + k / 30))).collect();
        sample::give_ids(&mut images);
        let looks = Looks::of(&images, Quality::USABLE);
        let found = edges(&looks, 31, &Silent).unwrap();
        assert!(found.len() <= looks.len() * KEEP);
        let mut sets = crate::link::union_find::Sets::new(looks.len());
        for edge in &found {
            sets.join(edge.a, edge.b);
        }
        assert_eq!(sets.of_two_or_more().len(), 1);
        for look in 0..looks.len() as u32 {
            let mut all: Vec<u32> = (0..looks.len() as u32)
                .filter(|&other| other != look)
                .map(|other| looks.image(look).pdq.hash().distance(&looks.image(other).pdq.hash()))
                .collect();
            all.sort_unstable();
            let mine = found.iter().filter(|edge| edge.a == look || edge.b == look);
            let mut kept: Vec<u32> = mine.map(|edge| u32::from(edge.cost.0 & 0x3ff)).collect();
            kept.sort_unstable();
            assert_eq!(kept[..KEEP], all[..KEEP], "the nearest of look {look}");
        }
    }
}
