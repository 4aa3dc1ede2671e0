//! Must-link and cannot-link: what reviewers said about which classes show one photo, kept while photos are grouped.
//!
//! A rejection puts the classes it names into different *sides* of its own; two groups that hold different sides of
//! one rejection never become one, so a rejected pair cannot meet through a third image either. Groups grow along
//! their nearest edges first, so it is the weakest edge of a path that gives way. Confirmed classes are tied before
//! that, and those ties are never measured. The trap: ties may join groups that agree in nothing, so the guard
//! against chaining must not see them; it goes on judging what was measured, and both are merged in the end.

use super::grouping::Grouping;
use crate::corpus::HashClassRow;
use crate::link::candidates::HashClasses;
use crate::link::candidates::{Cost, HashEdge};
use crate::sets::Sets;
use crate::verify::Proof;
use std::collections::{BTreeMap, BTreeSet};

/// Side of a class or group in each rejection that names it.
type Sides = BTreeMap<u32, u32>;

/// Hash classes of one confirmed or common photo: those that show it as a whole, and those that contain it.
#[derive(Debug, Default)]
pub(crate) struct Cast {
    pub(crate) core: Vec<HashClassRow>,
    pub(crate) containers: Vec<HashClassRow>,
}

/// Edges among the classes that decisions name.
pub(crate) struct NamedEdges<'a> {
    classes: &'a HashClasses<'a>,
    radius: u32,
    /// By their first ends.
    edges: BTreeMap<HashClassRow, Vec<HashEdge>>,
}

impl<'a> NamedEdges<'a> {
    /// Of all `edges`, those between two of `named` (sorted). O(edges log named).
    pub(crate) fn new(
        named: &[HashClassRow],
        classes: &'a HashClasses<'a>,
        edges: &[HashEdge],
        radius: u32,
    ) -> Self {
        let is_named = |class: HashClassRow| named.binary_search(&class).is_ok();
        let mut by_end: BTreeMap<HashClassRow, Vec<HashEdge>> = BTreeMap::new();
        for edge in edges.iter().filter(|edge| is_named(edge.a) && is_named(edge.b)) {
            by_end.entry(edge.a).or_default().push(*edge);
        }
        Self { classes, radius, edges: by_end }
    }

    /// Which of these classes (sorted) show their photo and which contain it, by the edges among them. One that agrees
    /// with nobody shows it: that is what the reviewer says.
    pub(crate) fn cast(&self, named: &[HashClassRow]) -> Cast {
        let (mut whole, mut contains) = (BTreeSet::new(), BTreeSet::new());
        let edges = named.iter().filter_map(|class| self.edges.get(class)).flatten();
        for edge in edges.filter(|edge| named.binary_search(&edge.b).is_ok()) {
            if edge.cost.is_part() {
                let proof = self.classes.verify(edge.a, edge.b, self.radius);
                let b_holds = |proof: Proof| proof.overlap_a >= proof.overlap_b;
                contains.extend(proof.map(|proof| if b_holds(proof) { edge.b } else { edge.a }));
            } else {
                whole.extend([edge.a, edge.b]);
            }
        }
        let (containers, core): (Vec<HashClassRow>, Vec<HashClassRow>) =
            named.iter().partition(|class| contains.contains(*class) && !whole.contains(*class));
        if core.is_empty() { Cast { core: containers, containers: core } } else { Cast { core, containers } }
    }
}

/// The constraints, and the groups as they are under them. Without any decision it does nothing and costs nothing.
pub(crate) struct Constraints {
    /// Measured groups and confirmed ties together; `None` when nothing was decided.
    bound: Option<Sets<HashClassRow>>,
    /// By root in `bound`.
    sides: BTreeMap<HashClassRow, Sides>,
    /// (class, class that contains its photo), as confirmed.
    containers: Vec<(HashClassRow, HashClassRow)>,
    /// Ties made.
    ties: Vec<HashEdge>,
}

impl Constraints {
    /// None.
    pub(crate) const fn none() -> Self {
        Self { bound: None, sides: BTreeMap::new(), containers: Vec::new(), ties: Vec::new() }
    }

    /// Over `classes` classes. Each rejection is a list of sides of classes that must stay apart.
    pub(crate) fn new(classes: usize, rejections: &[Vec<Vec<HashClassRow>>]) -> Self {
        let mut sides: BTreeMap<HashClassRow, Sides> = BTreeMap::new();
        for (rejection, apart) in (0..).zip(rejections) {
            for (side, members) in (0..).zip(apart) {
                members.iter().for_each(|&class| {
                    sides.entry(class).or_default().insert(rejection, side);
                });
            }
        }
        Self { bound: Some(Sets::new(classes)), sides, ..Self::none() }
    }

    /// Ties the classes of a confirmed photo, as far as no rejection keeps them apart.
    pub(crate) fn confirm(&mut self, cast: &Cast) {
        let Some((&first, others)) = cast.core.split_first() else { return };
        for &other in others {
            if self.allow(first, other) {
                self.join(first, other);
                let (a, b) = (first.min(other), first.max(other));
                self.ties.push(HashEdge { cost: Cost::CONFIRMED, a, b });
            }
        }
        for &container in &cast.containers {
            if self.allow(first, container) {
                self.hold(first, container);
            }
        }
    }

    /// The group that gets this container takes in nothing that is to stay apart from it.
    fn hold(&mut self, class: HashClassRow, container: HashClassRow) {
        let Some(bound) = &self.bound else { return };
        if let Some(sides) = self.sides.get(&bound.find(container)).cloned() {
            self.sides.entry(bound.find(class)).or_default().extend(sides);
        }
        self.containers.push((class, container));
    }

    /// May these two classes stand in one group?
    pub(crate) fn allow(&self, a: HashClassRow, b: HashClassRow) -> bool {
        self.bound.as_ref().is_none_or(|bound| !self.at_odds(bound.find(a), bound.find(b)))
    }

    /// Notes that the groups of two classes became one.
    pub(crate) fn join(&mut self, a: HashClassRow, b: HashClassRow) {
        let Some((keep, gone)) = self.bound.as_mut().and_then(|bound| bound.join(a, b)) else { return };
        if let Some(sides) = self.sides.remove(&gone) {
            self.sides.entry(keep).or_default().extend(sides);
        }
    }

    /// The groups with all ties, given those that were measured.
    pub(crate) fn groups<'s>(&'s self, measured: &'s Sets<HashClassRow>) -> &'s Sets<HashClassRow> {
        self.bound.as_ref().unwrap_or(measured)
    }

    /// (class of a group, class that contains its photo), measured and confirmed, sorted; none that a rejection keeps
    /// out, whether by the group or by one that contains the photo too.
    pub(crate) fn containers(
        &self,
        measured: Vec<(HashClassRow, HashClassRow)>,
    ) -> Vec<(HashClassRow, HashClassRow)> {
        let Some(bound) = &self.bound else { return measured };
        let mut taken: BTreeMap<HashClassRow, Vec<HashClassRow>> = BTreeMap::new();
        for &(class, container) in self.containers.iter().chain(&measured) {
            let (group, home) = (bound.find(class), bound.find(container));
            let others = taken.entry(group).or_default();
            let apart = |&other: &HashClassRow| self.at_odds(bound.find(other), home);
            let decided = self.sides.contains_key(&home);
            if group != home && !(decided && (self.at_odds(group, home) || others.iter().any(apart))) {
                others.push(container);
            }
        }
        let mut all: Vec<(HashClassRow, HashClassRow)> = taken
            .into_iter()
            .flat_map(|(group, containers)| containers.into_iter().map(move |h| (group, h)))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Leaves containers only in groups that may have them, and out of the edges cut those that rejections forbid.
    pub(crate) fn admit(&self, grouping: &mut Grouping) {
        if self.bound.is_none() {
            return;
        }
        for group in &mut grouping.groups {
            let first = group.core[0];
            let measured = group.containers.iter().map(|&container| (first, container)).collect();
            let admitted = self.containers(measured);
            group.containers.retain(|&container| admitted.iter().any(|&(_, other)| other == container));
        }
        grouping.cut.retain(|edge| self.allow(edge.a, edge.b));
    }

    /// Takes out the edges that rejections forbid, and puts in the ties.
    pub(crate) fn amend(&self, edges: &mut Vec<HashEdge>) {
        if self.bound.is_some() {
            edges.retain(|edge| self.allow(edge.a, edge.b));
            edges.extend(&self.ties);
            edges.sort_unstable();
        }
    }

    /// Do two groups hold different sides of one rejection?
    fn at_odds(&self, a: HashClassRow, b: HashClassRow) -> bool {
        let (Some(x), Some(y)) = (self.sides.get(&a), self.sides.get(&b)) else { return false };
        let (small, large) = if x.len() <= y.len() { (x, y) } else { (y, x) };
        small.iter().any(|(rejection, side)| large.get(rejection).is_some_and(|other| other != side))
    }
}
