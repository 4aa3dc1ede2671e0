//! What decisions say about hash classes: who must and who must not be one photo, and which photo was named common.
//!
//! A decision on a pair goes before one on a photo that holds both images; otherwise what was rejected stays apart,
//! and a confirmation that would bring it together is *overruled* and says so. The trap: whether a confirmation
//! holds is known only when all groups are.

use super::constraints::{Constraints, Named};
use super::grouping::Group;
use crate::link::candidates::{HashClasses, HashEdge};
use crate::link::decisions::{Decisions, InForce};
use crate::record::Ruling;
use crate::sets::{Sets, sorted_distinct};
use std::collections::{BTreeMap, BTreeSet};

/// What was decided, told of hash classes.
pub(super) struct Decided {
    pub(super) constraints: Constraints,
    /// Hash classes that show a photo which a reviewer calls common, ascending.
    pub(super) called_common: Vec<u32>,
}

impl Decided {
    /// What follows from decisions for classes with these edges.
    pub(super) fn of(decisions: &Decisions, classes: &HashClasses, edges: &[HashEdge], radius: u32) -> Self {
        if decisions.in_force().is_empty() {
            return Self { constraints: Constraints::none(), called_common: Vec::new() };
        }
        let by_image = classes.by_image();
        let class_of = |image: &u32| by_image[*image as usize];
        let all =
            sorted_distinct(decisions.in_force().iter().flat_map(|said| said.images.iter().map(class_of)));
        let named = Named::new(&all, classes, edges, radius);
        let cast = |images: &[u32]| named.cast(&sorted_distinct(images.iter().map(class_of)));
        let sides_of = |said: &InForce| {
            let apart = sides(decisions, said);
            apart.into_iter().map(|images| images.iter().map(class_of).collect()).collect()
        };
        let rejections: Vec<Vec<Vec<u32>>> = decisions.ruled(Ruling::Reject).map(sides_of).collect();
        let mut constraints = Constraints::new(classes.len(), &rejections);
        let common = decisions.ruled(Ruling::Common).flat_map(|said| cast(&said.images).core);
        let called_common = sorted_distinct(common);
        decisions.ruled(Ruling::Confirm).for_each(|said| constraints.confirm(&cast(&said.images)));
        Self { constraints, called_common }
    }
}

/// The images of a rejected photo in sets that must stay apart: each alone, but for pairs that are confirmed.
fn sides(decisions: &Decisions, said: &InForce) -> Vec<Vec<u32>> {
    let place = |row: u32| said.images.binary_search(&row).ok().map(|place| place as u32);
    let mut sets = Sets::new(said.images.len());
    for pair in decisions.ruled(Ruling::Confirm).filter(|other| other.is_pair && !said.is_pair) {
        if let (Some(a), Some(b)) = (place(pair.images[0]), place(pair.images[1])) {
            sets.join(a, b);
        }
    }
    let mut by_root: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (place, &image) in (0..).zip(&said.images) {
        by_root.entry(sets.find(place)).or_default().push(image);
    }
    by_root.into_values().collect()
}

/// Overrules the confirmations whose images ended up in no common group.
pub(super) fn settle(decisions: &mut Decisions, classes: &HashClasses, groups: &[Group]) {
    let confirmed: Vec<&InForce> = decisions.ruled(Ruling::Confirm).collect();
    if confirmed.is_empty() {
        return;
    }
    let by_image = classes.by_image();
    let mut groups_of: BTreeMap<u32, BTreeSet<u32>> = confirmed
        .iter()
        .flat_map(|said| &said.images)
        .map(|&image| (by_image[image as usize], BTreeSet::new()))
        .collect();
    for (number, group) in (0..).zip(groups) {
        for class in group.core.iter().chain(&group.containers) {
            groups_of.entry(*class).and_modify(|groups| groups.extend([number]));
        }
    }
    let together = |said: &&&InForce| {
        let mut classes = said.images.iter().map(|&image| &groups_of[&by_image[image as usize]]);
        let first = classes.next().cloned().unwrap_or_default();
        !classes.fold(first, |common, groups| &common & groups).is_empty()
    };
    let overruled: Vec<usize> =
        confirmed.iter().filter(|said| !together(said)).map(|said| said.place).collect();
    overruled.into_iter().for_each(|place| decisions.overrule(place));
}
