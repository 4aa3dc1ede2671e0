//! What decisions say about hash classes: who must and who must not be one photo, and which photo was named common.
//!
//! A decision on a pair goes before one on a photo that holds both images; otherwise what was rejected stays apart,
//! and a confirmation that would bring it together is *overruled* and says so. The trap: whether a confirmation
//! holds is known only when all groups are.

use super::constraints::{Constraints, NamedEdges};
use super::grouping::Group;
use crate::corpus::{GroupRow, HashClassRow, ImageRow, Row};
use crate::link::candidates::{HashClasses, HashEdge};
use crate::link::decisions::{Decisions, InForce};
use crate::record::Ruling;
use crate::sets::{Sets, sorted_distinct};
use std::collections::{BTreeMap, BTreeSet};

/// What was decided, told of hash classes.
pub(super) struct Decided {
    pub(super) constraints: Constraints,
    /// Hash classes that show a photo which a reviewer confirms or calls common, with the ruling; the later ones later.
    pub(super) of_photos: Vec<DecidedPhoto>,
    /// The classes that each decision names.
    pub(super) bonds: Vec<Vec<HashClassRow>>,
}

impl Decided {
    /// What follows from decisions for classes with these edges.
    pub(super) fn of(decisions: &Decisions, classes: &HashClasses, edges: &[HashEdge], radius: u32) -> Self {
        if decisions.in_force().is_empty() {
            return Self { constraints: Constraints::none(), of_photos: Vec::new(), bonds: Vec::new() };
        }
        let by_image = classes.by_image();
        let class_of = |image: &ImageRow| by_image[*image];
        let all =
            sorted_distinct(decisions.in_force().iter().flat_map(|said| said.images.iter().map(class_of)));
        let named = NamedEdges::new(&all, classes, edges, radius);
        let cast = |images: &[ImageRow]| named.cast(&sorted_distinct(images.iter().map(class_of)));
        let sides_of = |said: &InForce| {
            let apart = sides(decisions, said);
            apart.into_iter().map(|images| images.iter().map(class_of).collect()).collect()
        };
        let rejections: Vec<Vec<Vec<HashClassRow>>> = decisions.ruled(Ruling::Reject).map(sides_of).collect();
        let mut constraints = Constraints::new(classes.len(), &rejections);
        let tells = |said: &&InForce| {
            said.ruling == Ruling::Common || (said.ruling == Ruling::Confirm && !said.is_pair)
        };
        let of_photo = |said: &InForce| {
            let (ruling, place) = (said.ruling, said.place);
            cast(&said.images).core.into_iter().map(move |class| DecidedPhoto { class, ruling, place })
        };
        let of_photos = decisions.in_force().iter().rev().filter(tells).flat_map(of_photo).collect();
        decisions.ruled(Ruling::Confirm).for_each(|said| constraints.confirm(&cast(&said.images)));
        let bonds = decisions.in_force().iter().map(|said| said.images.iter().map(class_of).collect());
        Self { constraints, of_photos, bonds: bonds.collect() }
    }
}

/// What was decided of the photo that a hash class shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct DecidedPhoto {
    pub(super) class: HashClassRow,
    pub(super) ruling: Ruling,
    /// Place of the decision.
    pub(super) place: usize,
}

/// The images of a rejected photo in sets that must stay apart: each alone, but for pairs that are confirmed.
fn sides(decisions: &Decisions, said: &InForce) -> Vec<Vec<ImageRow>> {
    let place = |row: ImageRow| said.images.binary_search(&row).ok();
    let mut sets = Sets::<u32>::new(said.images.len());
    for pair in decisions.ruled(Ruling::Confirm).filter(|other| other.is_pair && !said.is_pair) {
        if let (Some(a), Some(b)) = (place(pair.images[0]), place(pair.images[1])) {
            sets.join(u32::of(a), u32::of(b));
        }
    }
    let mut by_root: BTreeMap<u32, Vec<ImageRow>> = BTreeMap::new();
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
    let mut groups_of: BTreeMap<HashClassRow, BTreeSet<GroupRow>> = confirmed
        .iter()
        .flat_map(|said| &said.images)
        .map(|&image| (by_image[image], BTreeSet::new()))
        .collect();
    for (row, group) in GroupRow::all(groups.len()).zip(groups) {
        for class in group.core.iter().chain(&group.containers) {
            groups_of.entry(*class).and_modify(|groups| groups.extend([row]));
        }
    }
    let together = |said: &&&InForce| {
        let mut classes = said.images.iter().map(|&image| &groups_of[&by_image[image]]);
        let first = classes.next().cloned().unwrap_or_default();
        !classes.fold(first, |common, groups| &common & groups).is_empty()
    };
    let overruled: Vec<usize> =
        confirmed.iter().filter(|said| !together(said)).map(|said| said.place).collect();
    overruled.into_iter().for_each(|place| decisions.overrule(place));
}
