//! Where each image lies in its photo: maps from images to one frame for each photo group.
//!
//! The frame is the picture that stands for the group. With every image mapped to it, the map between any two images
//! of a group follows, so that they need not have found each other. The trap: that a picture *holds* a photo is known
//! for one image at first; each of its near copies has to show it for itself, as a picture with another one laid over
//! it is a near copy of the same picture without.

use super::agreement::spread;
use super::feature_candidates::FeatureEdges;
use super::grouping::{Group, Grouping};
use super::joining::{Containment, JoinedGroups, SAMPLE};
use super::matching::matched;
use super::path_support::PathSupport;
use crate::corpus::{GroupRow, HashClassRow, ImageRow, PartRow, Row, Rows, Snapshot};
use crate::hash::Dihedral;
use crate::link::candidates::{HashClasses, HashEdge};
use crate::verify::affine::Affine;
use crate::verify::geometry::{GeometricMatch, match_any_turn, match_turned};
use crate::verify::{Tier, partial, partial_score, verify};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Hash classes of one set that are asked whether they, too, hold a photo.
const MOST_CONTAINERS: usize = 1024;

/// An image in a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placement {
    /// Place in [`Grouping::groups`].
    pub(crate) group: GroupRow,
    /// From the image's working pixels to the group's frame.
    pub(crate) map: Affine,
    /// Does the image show this photo and little else?
    pub(crate) core: bool,
    /// What bears out the steps by which it came into the group.
    pub(crate) support: PathSupport,
}

/// Placements of all images.
pub(crate) struct Placements {
    of_image: Rows<ImageRow, Vec<Placement>>,
    /// For each group the picture that is its frame.
    pub(crate) frames: Rows<GroupRow, Option<ImageRow>>,
}

impl Placements {
    /// Of an image, by group.
    pub(crate) fn of(&self, image: ImageRow) -> &[Placement] {
        &self.of_image[image]
    }
}

/// Groups put together as [`JoinedGroups`] says, with the placements of their images.
pub(crate) fn place(
    snapshot: &Snapshot,
    classes: &HashClasses,
    grouping: Grouping,
    found: &FeatureEdges,
    joined: &JoinedGroups,
) -> (Grouping, Placements) {
    let Grouping { groups: parts, cut } = grouping;
    let (groups, group_of_set) = merged(&parts, joined);
    let mapper = Mapper { snapshot, classes, parts: &parts, found, joined };
    let mut of_image: Rows<ImageRow, Vec<Placement>> = Rows::filled(Vec::new(), snapshot.images.len());
    let frames = {
        let mut frames = Rows::filled(None, groups.len());
        for (&set, &group) in &group_of_set {
            frames[group] = found.pictures[set];
        }
        frames
    };
    let alone = |part: PartRow| {
        let group = &groups[group_of_set[&joined.frames[part].0].index()];
        group.containers.is_empty() && group.core.len() == 1 && classes.images_of(group.core[0]).len() == 1
    };
    let held: Rows<PartRow, bool> = {
        let mut held = Rows::filled(false, parts.len());
        joined.containments.iter().for_each(|containment| {
            held[joined.frames[containment.photo].0] = true;
            held[joined.frames[containment.container].0] = true;
        });
        held
    };
    let cores: Vec<(PartRow, ImageRow, Affine, PathSupport)> = (0..parts.len())
        .into_par_iter()
        .map(PartRow::of)
        .filter(|&part| !alone(part) || held[joined.frames[part].0])
        .flat_map_iter(|part| {
            mapper.core(part).into_iter().map(move |(image, map, support)| (part, image, map, support))
        })
        .collect();
    for (part, image, map, support) in cores {
        let group = group_of_set[&joined.frames[part].0];
        let support = support.and(joined.supports[part]);
        of_image[image].push(Placement { group, map, core: true, support });
    }
    let placements = Placements { of_image, frames };
    let containers = mapper.containers(&placements, &group_of_set);
    with_containers(classes, groups, cut, placements, containers)
}

/// The groups of each set as one, by first class; and the place of each set in that list.
fn merged(parts: &[Group], joined: &JoinedGroups) -> (Vec<Group>, BTreeMap<PartRow, GroupRow>) {
    let mut by_set: BTreeMap<PartRow, Group> = BTreeMap::new();
    for (part, &(set, _)) in parts.iter().zip(joined.frames.values()) {
        let group = by_set.entry(set).or_insert_with(|| Group { core: Vec::new(), containers: Vec::new() });
        group.core.extend(&part.core);
        group.containers.extend(&part.containers);
    }
    let mut sets: Vec<(PartRow, Group)> = by_set.into_iter().collect();
    sets.iter_mut().for_each(|(_, group)| group.core.sort_unstable());
    sets.sort_unstable_by_key(|(_, group)| group.core[0]);
    let placements = sets.iter().map(|(set, _)| *set).zip(GroupRow::all(sets.len())).collect();
    (sets.into_iter().map(|(_, group)| group).collect(), placements)
}

/// Adds what was found to hold photos, and leaves out of `cut` what a group has now.
fn with_containers(
    classes: &HashClasses,
    mut groups: Vec<Group>,
    cut: Vec<HashEdge>,
    mut placements: Placements,
    containers: Vec<PlacedContainer>,
) -> (Grouping, Placements) {
    for (group, class, found) in containers {
        groups[group.index()].containers.push(class);
        for (&image, place) in classes.images_of(class).iter().zip(found) {
            placements.of_image[image].push(place);
        }
    }
    for group in &mut groups {
        group.containers.sort_unstable();
        group.containers.dedup();
        let core = &group.core;
        group.containers.retain(|class| core.binary_search(class).is_err());
    }
    for of_image in placements.of_image.values_mut() {
        of_image.sort_by_key(|place| (place.group, !place.core));
        of_image.dedup_by_key(|place| place.group);
    }
    (Grouping::new(classes.len(), groups, cut), placements)
}

/// A class that holds the photo of a group, and where its images lie in that.
type PlacedContainer = (GroupRow, HashClassRow, Vec<Placement>);

/// Finds maps.
struct Mapper<'a, 'b> {
    snapshot: &'a Snapshot,
    classes: &'a HashClasses<'b>,
    parts: &'a [Group],
    found: &'a FeatureEdges,
    joined: &'a JoinedGroups,
}

impl Mapper<'_, '_> {
    /// Images of one part with their maps to the frame of its set. An image that features cannot place has none.
    fn core(&self, part: PartRow) -> Vec<(ImageRow, Affine, PathSupport)> {
        let Some(picture) = self.found.pictures[part] else { return Vec::new() };
        let (_, frame) = self.joined.frames[part];
        let classes = self.parts[part.index()].core.iter();
        let images = classes.flat_map(|&class| self.classes.images_of(class)).copied();
        let placed = |image: ImageRow| {
            let (map, support) = self.to_picture(image, picture)?;
            Some((image, map.then(&frame), support))
        };
        images.filter_map(placed).collect()
    }

    /// The map from a near copy to the picture that stands for it, and what bears it out: the hashes, or features.
    fn to_picture(&self, image: ImageRow, picture: ImageRow) -> Option<(Affine, PathSupport)> {
        if image == picture {
            return Some((Affine::of_turn(Dihedral::None, 1.0, 1.0), PathSupport::SELF));
        }
        let (a, b) = (self.snapshot.features.get(image)?, self.found.features(picture)?);
        let images = &self.snapshot.images;
        let proof = verify(&images[image], &images[picture], u32::MAX, Default::default());
        let by_hash = proof.as_ref().map_or(0.0, |proof| proof.score);
        let turned = proof.and_then(|proof| match_turned((&a).into(), b.into(), proof.transform));
        let found = turned.filter(partial::is_candidate);
        found.or_else(|| match_any_turn((&a).into(), b.into()).filter(partial::is_candidate)).map(|found| {
            (found.map, PathSupport { score: by_features(&found).score.max(by_hash), seen: true })
        })
    }

    /// Everything that holds a photo.
    fn containers(
        &self,
        placements: &Placements,
        group_of_set: &BTreeMap<PartRow, GroupRow>,
    ) -> Vec<PlacedContainer> {
        let mut members: BTreeMap<PartRow, Vec<PartRow>> = BTreeMap::new();
        for (part, &(set, _)) in self.joined.frames.iter() {
            members.entry(set).or_default().push(part);
        }
        let joined = self.joined;
        let settled: Vec<Containment> = joined
            .containments
            .par_iter()
            .map(|containment| {
                let mut ways = [Some(*containment), containment.reversed()].into_iter().flatten();
                ways.find(|way| self.holds_the_photo(way, &members)).unwrap_or(*containment)
            })
            .collect();
        let containers = |containment: &Containment| {
            let (set, frame) = self.joined.frames[containment.photo];
            let group = group_of_set[&set];
            let (containment_set, containment_frame) = self.joined.frames[containment.container];
            let to_photo = containment_frame.inverse().map(|back| back.then(&containment.map));
            let classes = members[&containment_set].iter().flat_map(|&part| &self.parts[part.index()].core);
            classes
                .take(MOST_CONTAINERS)
                .filter_map(|&class| {
                    let held = |&image: &ImageRow| {
                        let own = placements.of(image).iter().find(|place| place.core)?;
                        let map = self.holds(image, containment, &own.map.then(to_photo.as_ref()?))?;
                        let steps = own.support.and(joined.supports[containment.container]);
                        let support = steps.and(containment.support).and(joined.supports[containment.photo]);
                        Some(Placement { group, map: map.then(&frame), core: false, support })
                    };
                    let placed: Option<Vec<Placement>> =
                        self.classes.images_of(class).iter().map(held).collect();
                    Some((group, class, placed?))
                })
                .collect::<Vec<_>>()
        };
        let mut found: Vec<_> =
            settled.par_iter().flat_map_iter(containers).filter(|found| !found.2.is_empty()).collect();
        found.sort_by_key(|(group, class, _)| (*group, *class));
        found.dedup_by_key(|(group, class, _)| (*group, *class));
        found.extend(self.by_hash(placements, group_of_set));
        found
    }

    /// Does the container match any picture of the photo's set beside the one it was found with? That one may be a collage,
    /// and what the two have in common another photo than that of the set.
    fn holds_the_photo(&self, containment: &Containment, members: &BTreeMap<PartRow, Vec<PartRow>>) -> bool {
        let frame = |part: PartRow| self.joined.frames[part];
        let (set, to_frame) = frame(containment.photo);
        let others: Vec<PartRow> =
            members[&set].iter().copied().filter(|&part| part != containment.photo).collect();
        let matches = |part: PartRow| {
            let (container, other) = (self.found.picture(containment.container)?, self.found.picture(part)?);
            let map = containment.map.then(&to_frame).then(&frame(part).1.inverse()?);
            Some(matched(container, other, &map).is_some())
        };
        others.is_empty() || spread(&others, SAMPLE).any(|part| matches(part).unwrap_or(false))
    }

    /// The map from an image to the photo that it holds as the map expected says, if it does.
    fn holds(&self, image: ImageRow, containment: &Containment, expected: &Affine) -> Option<Affine> {
        let picture = self.found.pictures[containment.photo]?;
        if self.found.pictures[containment.container] == Some(image) {
            return Some(containment.map);
        }
        let found = matched(&self.snapshot.features.get(image)?, self.found.features(picture)?, expected)?;
        (partial::tier(&found, None) == Some(Tier::Partial)).then_some(found.map)
    }

    /// Placements of what hashes found to hold a photo, where features can tell.
    fn by_hash(
        &self,
        placements: &Placements,
        group_of_set: &BTreeMap<PartRow, GroupRow>,
    ) -> Vec<PlacedContainer> {
        let placed = |part: PartRow| {
            let (set, frame) = self.joined.frames[part];
            let group = group_of_set[&set];
            let picture = self.found.pictures[part];
            let known = move |image: ImageRow| placements.of(image).iter().any(|place| place.group == group);
            let containers = self.parts[part.index()].containers.iter().filter_map(move |&class| {
                let place = |&image: &ImageRow| {
                    let (a, b) = (self.snapshot.features.get(image)?, self.found.features(picture?)?);
                    let found = match_any_turn((&a).into(), b.into()).filter(partial::is_candidate)?;
                    let support = by_features(&found).and(self.joined.supports[part]);
                    Some(Placement { group, map: found.map.then(&frame), core: false, support })
                };
                let images = self.classes.images_of(class);
                if images.iter().any(|&image| known(image)) {
                    return None;
                }
                Some((group, class, images.iter().map(place).collect::<Option<Vec<Placement>>>()?))
            });
            containers.collect::<Vec<_>>()
        };
        (0..self.parts.len()).into_par_iter().map(PartRow::of).flat_map_iter(placed).collect()
    }
}

/// What a match by features bears out, of two pictures that hashes put together: no pixels are wanted.
fn by_features(found: &GeometricMatch) -> PathSupport {
    PathSupport { score: partial_score(Some(found.score), None), seen: true }
}
