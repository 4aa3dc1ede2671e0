//! Must-link and cannot-link: what reviewers said about which looks show one photo, kept while photos are grouped.
//!
//! A rejection puts the looks it names into different *classes* of its own; two groups that hold different classes of
//! one rejection never become one, so a rejected pair cannot meet through a third image either. Groups grow along
//! their nearest edges first, so it is the weakest edge of a path that gives way. Confirmed looks are tied before
//! that, and those ties are never measured. The trap: ties may join groups that agree in nothing, so the guard
//! against chaining must not see them; it goes on judging what was measured, and both are merged in the end.

use super::groups::Grouping;
use crate::link::candidates::hash_classes::Looks;
use crate::link::candidates::join::{Cost, Edge};
use crate::sets::Sets;
use crate::verify::Proof;
use std::collections::{BTreeMap, BTreeSet};

/// Class of a look or group in each rejection that names it.
type Classes = BTreeMap<u32, u32>;

/// Looks of one confirmed or common photo: those that show it as a whole, and those that contain it.
#[derive(Debug, Default)]
pub(crate) struct Cast {
    pub(crate) core: Vec<u32>,
    pub(crate) holders: Vec<u32>,
}

/// Edges among the looks that decisions name.
pub(crate) struct Named<'a> {
    looks: &'a Looks<'a>,
    radius: u32,
    /// By their first ends.
    edges: BTreeMap<u32, Vec<Edge>>,
}

impl<'a> Named<'a> {
    /// Of all `edges`, those between two of `named` (sorted). O(edges log named).
    pub(crate) fn new(named: &[u32], looks: &'a Looks<'a>, edges: &[Edge], radius: u32) -> Self {
        let is_named = |look: u32| named.binary_search(&look).is_ok();
        let mut by_end: BTreeMap<u32, Vec<Edge>> = BTreeMap::new();
        for edge in edges.iter().filter(|edge| is_named(edge.a) && is_named(edge.b)) {
            by_end.entry(edge.a).or_default().push(*edge);
        }
        Self { looks, radius, edges: by_end }
    }

    /// Which of these looks (sorted) show their photo and which contain it, by the edges among them. One that agrees
    /// with nobody shows it: that is what the reviewer says.
    pub(crate) fn cast(&self, named: &[u32]) -> Cast {
        let (mut whole, mut contains) = (BTreeSet::new(), BTreeSet::new());
        let edges = named.iter().filter_map(|look| self.edges.get(look)).flatten();
        for edge in edges.filter(|edge| named.binary_search(&edge.b).is_ok()) {
            if edge.cost.is_part() {
                let proof = self.looks.verify(edge.a, edge.b, self.radius);
                let b_holds = |proof: Proof| proof.overlap_a >= proof.overlap_b;
                contains.extend(proof.map(|proof| if b_holds(proof) { edge.b } else { edge.a }));
            } else {
                whole.extend([edge.a, edge.b]);
            }
        }
        let (holders, core): (Vec<u32>, Vec<u32>) =
            named.iter().partition(|look| contains.contains(*look) && !whole.contains(*look));
        if core.is_empty() { Cast { core: holders, holders: core } } else { Cast { core, holders } }
    }
}

/// The bonds, and the groups as they are under them. Without any decision it does nothing and costs nothing.
pub(crate) struct Bonds {
    /// Measured groups and confirmed ties together; `None` when nothing was decided.
    bound: Option<Sets>,
    /// By root in `bound`.
    classes: BTreeMap<u32, Classes>,
    /// (look, look that contains its photo), as confirmed.
    holders: Vec<(u32, u32)>,
    /// Ties made.
    ties: Vec<Edge>,
}

impl Bonds {
    /// None.
    pub(crate) const fn none() -> Self {
        Self { bound: None, classes: BTreeMap::new(), holders: Vec::new(), ties: Vec::new() }
    }

    /// Over `looks` looks. Each rejection is a list of classes of looks that must stay apart.
    pub(crate) fn new(looks: usize, rejections: &[Vec<Vec<u32>>]) -> Self {
        let mut classes: BTreeMap<u32, Classes> = BTreeMap::new();
        for (rejection, apart) in (0..).zip(rejections) {
            for (class, members) in (0..).zip(apart) {
                members.iter().for_each(|&look| {
                    classes.entry(look).or_default().insert(rejection, class);
                });
            }
        }
        Self { bound: Some(Sets::new(looks)), classes, ..Self::none() }
    }

    /// Ties the looks of a confirmed photo, as far as no rejection keeps them apart.
    pub(crate) fn confirm(&mut self, cast: &Cast) {
        let Some((&first, others)) = cast.core.split_first() else { return };
        for &other in others {
            if self.allow(first, other) {
                self.join(first, other);
                let (a, b) = (first.min(other), first.max(other));
                self.ties.push(Edge { cost: Cost::CONFIRMED, a, b });
            }
        }
        for &holder in &cast.holders {
            if self.allow(first, holder) {
                self.hold(first, holder);
            }
        }
    }

    /// The group that gets this holder takes in nothing that is to stay apart from it.
    fn hold(&mut self, look: u32, holder: u32) {
        let Some(bound) = &self.bound else { return };
        if let Some(classes) = self.classes.get(&bound.find(holder)).cloned() {
            self.classes.entry(bound.find(look)).or_default().extend(classes);
        }
        self.holders.push((look, holder));
    }

    /// May these two looks stand in one group?
    pub(crate) fn allow(&self, a: u32, b: u32) -> bool {
        self.bound.as_ref().is_none_or(|bound| !self.at_odds(bound.find(a), bound.find(b)))
    }

    /// Notes that the groups of two looks became one.
    pub(crate) fn join(&mut self, a: u32, b: u32) {
        let Some((keep, gone)) = self.bound.as_mut().and_then(|bound| bound.join(a, b)) else { return };
        if let Some(classes) = self.classes.remove(&gone) {
            self.classes.entry(keep).or_default().extend(classes);
        }
    }

    /// The groups with all ties, given those that were measured.
    pub(crate) fn groups<'s>(&'s self, measured: &'s Sets) -> &'s Sets {
        self.bound.as_ref().unwrap_or(measured)
    }

    /// (look of a group, look that contains its photo), measured and confirmed, sorted; none that a rejection keeps
    /// out, whether by the group or by one that contains the photo too.
    pub(crate) fn holders(&self, measured: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
        let Some(bound) = &self.bound else { return measured };
        let mut taken: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for &(look, holder) in self.holders.iter().chain(&measured) {
            let (group, home) = (bound.find(look), bound.find(holder));
            let others = taken.entry(group).or_default();
            let apart = |&other: &u32| self.at_odds(bound.find(other), home);
            let decided = self.classes.contains_key(&home);
            if group != home && !(decided && (self.at_odds(group, home) || others.iter().any(apart))) {
                others.push(holder);
            }
        }
        let mut all: Vec<(u32, u32)> = taken
            .into_iter()
            .flat_map(|(group, holders)| holders.into_iter().map(move |h| (group, h)))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Leaves holders only in groups that may have them, and out of the edges cut those that rejections forbid.
    pub(crate) fn admit(&self, grouping: &mut Grouping) {
        if self.bound.is_none() {
            return;
        }
        for group in &mut grouping.groups {
            let first = group.core[0];
            let measured = group.holders.iter().map(|&holder| (first, holder)).collect();
            let admitted = self.holders(measured);
            group.holders.retain(|&holder| admitted.iter().any(|&(_, other)| other == holder));
        }
        grouping.cut.retain(|edge| self.allow(edge.a, edge.b));
    }

    /// Takes out the edges that rejections forbid, and puts in the ties.
    pub(crate) fn amend(&self, edges: &mut Vec<Edge>) {
        if self.bound.is_some() {
            edges.retain(|edge| self.allow(edge.a, edge.b));
            edges.extend(&self.ties);
            edges.sort_unstable();
        }
    }

    /// Do two groups hold different classes of one rejection?
    fn at_odds(&self, a: u32, b: u32) -> bool {
        let (Some(x), Some(y)) = (self.classes.get(&a), self.classes.get(&b)) else { return false };
        let (small, large) = if x.len() <= y.len() { (x, y) } else { (y, x) };
        small.iter().any(|(rejection, class)| large.get(rejection).is_some_and(|other| other != class))
    }
}
