//! Where each image lies in its photo: maps from images to one frame for each photo group.
//!
//! The frame is the picture that stands for the group. With every image mapped to it, the map between any two images
//! of a group follows, so that they need not have found each other. The trap: that a picture *holds* a photo is known
//! for one image at first; each of its near copies has to show it for itself, as a picture with another one laid over
//! it is a near copy of the same picture without.

use super::feature_candidates::FeatureEdges;
use super::groups::{Group, Grouping};
use super::joining::{Holding, Joined, sample};
use super::path_support::Footing;
use crate::corpus::Snapshot;
use crate::hash::Dihedral;
use crate::link::candidates::hash_classes::Looks;
use crate::verify::affine::{Affine, Overlap};
use crate::verify::geometry::{GeometricMatch, match_any_turn, match_turned};
use crate::verify::{Tier, partial, partial_score, verify};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Looks of one set that are asked whether they, too, hold a photo.
const MOST_HOLDERS: usize = 1024;

/// How far two maps of one picture may lie apart: pixels, and share of the length of what they share.
const SLACK: (f64, f64) = (10.0, 0.1);

/// How far most of what matches may lie from where another map puts it, in pixels. Of pairs of one photo one in a hundred
/// lies further off; two stickers on two photos lay 37.
const STRAY: f64 = 6.0;

/// An image in a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    /// Index in [`Grouping::groups`].
    pub(crate) group: u32,
    /// From the image's working pixels to the group's frame.
    pub(crate) map: Affine,
    /// Does the image show this photo and little else?
    pub(crate) core: bool,
    /// What bears out the steps by which it came into the group.
    pub(crate) footing: Footing,
}

/// Places of all images.
pub(crate) struct Places {
    of_image: Vec<Vec<Place>>,
    /// For each group the picture that is its frame.
    pub(crate) frames: Vec<Option<u32>>,
}

impl Places {
    /// Of an image row, by group.
    pub(crate) fn of(&self, image: u32) -> &[Place] {
        &self.of_image[image as usize]
    }
}

/// Groups put together as [`Joined`] says, with the places of their images.
pub(crate) fn place(
    snapshot: &Snapshot,
    looks: &Looks,
    grouping: Grouping,
    found: &FeatureEdges,
    joined: &Joined,
) -> (Grouping, Places) {
    let Grouping { groups: parts, cut } = grouping;
    let (groups, group_of_set) = merged(&parts, joined);
    let mapper = Mapper { snapshot, looks, parts: &parts, found, joined };
    let mut of_image: Vec<Vec<Place>> = vec![Vec::new(); snapshot.images.len()];
    let frames = {
        let mut frames = vec![None; groups.len()];
        for (&set, &group) in &group_of_set {
            frames[group as usize] = found.pictures[set as usize];
        }
        frames
    };
    let alone = |part: u32| {
        let group = &groups[group_of_set[&joined.frames[part as usize].0] as usize];
        group.holders.is_empty() && group.core.len() == 1 && looks.images_of(group.core[0]).len() == 1
    };
    let held: Vec<bool> = {
        let mut held = vec![false; parts.len()];
        joined.holdings.iter().for_each(|holding| {
            held[joined.frames[holding.photo as usize].0 as usize] = true;
            held[joined.frames[holding.holder as usize].0 as usize] = true;
        });
        held
    };
    let cores: Vec<(u32, u32, Affine, Footing)> = (0..parts.len() as u32)
        .into_par_iter()
        .filter(|&part| !alone(part) || held[joined.frames[part as usize].0 as usize])
        .flat_map_iter(|part| {
            mapper.core(part).into_iter().map(move |(image, map, footing)| (part, image, map, footing))
        })
        .collect();
    for (part, image, map, footing) in cores {
        let group = group_of_set[&joined.frames[part as usize].0];
        let footing = footing.and(joined.footings[part as usize]);
        of_image[image as usize].push(Place { group, map, core: true, footing });
    }
    let places = Places { of_image, frames };
    let holders = mapper.holders(&places, &group_of_set);
    with_holders(looks, groups, cut, places, holders)
}

/// The groups of each set as one, by first look; and the place of each set in that list.
fn merged(parts: &[Group], joined: &Joined) -> (Vec<Group>, BTreeMap<u32, u32>) {
    let mut by_set: BTreeMap<u32, Group> = BTreeMap::new();
    for (part, &(set, _)) in parts.iter().zip(&joined.frames) {
        let group = by_set.entry(set).or_insert_with(|| Group { core: Vec::new(), holders: Vec::new() });
        group.core.extend(&part.core);
        group.holders.extend(&part.holders);
    }
    let mut sets: Vec<(u32, Group)> = by_set.into_iter().collect();
    sets.iter_mut().for_each(|(_, group)| group.core.sort_unstable());
    sets.sort_unstable_by_key(|(_, group)| group.core[0]);
    let places = sets.iter().zip(0..).map(|((set, _), place)| (*set, place)).collect();
    (sets.into_iter().map(|(_, group)| group).collect(), places)
}

/// Adds what was found to hold photos, and leaves out of `cut` what a group has now.
fn with_holders(
    looks: &Looks,
    mut groups: Vec<Group>,
    cut: Vec<crate::link::candidates::join::Edge>,
    mut places: Places,
    holders: Vec<(u32, u32, Vec<Place>)>,
) -> (Grouping, Places) {
    for (group, look, found) in holders {
        groups[group as usize].holders.push(look);
        for (&image, place) in looks.images_of(look).iter().zip(found) {
            places.of_image[image as usize].push(place);
        }
    }
    for group in &mut groups {
        group.holders.sort_unstable();
        group.holders.dedup();
        let core = &group.core;
        group.holders.retain(|look| core.binary_search(look).is_err());
    }
    for of_image in &mut places.of_image {
        of_image.sort_by_key(|place| (place.group, !place.core));
        of_image.dedup_by_key(|place| place.group);
    }
    (Grouping::new(looks.len(), groups, cut), places)
}

/// Finds maps.
struct Mapper<'a, 'b> {
    snapshot: &'a Snapshot,
    looks: &'a Looks<'b>,
    parts: &'a [Group],
    found: &'a FeatureEdges,
    joined: &'a Joined,
}

impl Mapper<'_, '_> {
    /// Images of one part with their maps to the frame of its set. An image that features cannot place has none.
    fn core(&self, part: u32) -> Vec<(u32, Affine, Footing)> {
        let Some(picture) = self.found.pictures[part as usize] else { return Vec::new() };
        let (_, frame) = self.joined.frames[part as usize];
        let looks = self.parts[part as usize].core.iter();
        let images = looks.flat_map(|&look| self.looks.images_of(look)).copied();
        let placed = |image: u32| {
            let (map, footing) = self.to_picture(image, picture)?;
            Some((image, map.then(&frame), footing))
        };
        images.filter_map(placed).collect()
    }

    /// The map from a near copy to the picture that stands for it, and what bears it out: the hashes, or features.
    fn to_picture(&self, image: u32, picture: u32) -> Option<(Affine, Footing)> {
        if image == picture {
            return Some((Affine::of_turn(Dihedral::None, 1.0, 1.0), Footing::SELF));
        }
        let (a, b) = (self.snapshot.features.get(image)?, self.snapshot.features.get(picture)?);
        let images = &self.snapshot.images;
        let proof = verify(&images[image as usize], &images[picture as usize], u32::MAX, Default::default());
        let by_hash = proof.as_ref().map_or(0.0, |proof| proof.score);
        let turned = proof.and_then(|proof| match_turned((&a).into(), (&b).into(), proof.transform));
        let found = turned.filter(partial::is_candidate);
        found
            .or_else(|| match_any_turn((&a).into(), (&b).into()).filter(partial::is_candidate))
            .map(|found| (found.map, Footing { score: by_features(&found).score.max(by_hash), seen: true }))
    }

    /// (group, look, places of its images) of everything that holds a photo.
    fn holders(&self, places: &Places, group_of_set: &BTreeMap<u32, u32>) -> Vec<(u32, u32, Vec<Place>)> {
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (part, &(set, _)) in (0..).zip(&self.joined.frames) {
            members.entry(set).or_default().push(part);
        }
        let joined = self.joined;
        let settled: Vec<Holding> = joined
            .holdings
            .par_iter()
            .map(|holding| {
                let mut ways = [Some(*holding), holding.reversed()].into_iter().flatten();
                ways.find(|way| self.holds_the_photo(way, &members)).unwrap_or(*holding)
            })
            .collect();
        let holders = |holding: &Holding| {
            let (set, frame) = self.joined.frames[holding.photo as usize];
            let group = group_of_set[&set];
            let (holding_set, holding_frame) = self.joined.frames[holding.holder as usize];
            let to_photo = holding_frame.inverse().map(|back| back.then(&holding.map));
            let looks = members[&holding_set].iter().flat_map(|&part| &self.parts[part as usize].core);
            looks
                .take(MOST_HOLDERS)
                .filter_map(|&look| {
                    let held = |&image: &u32| {
                        let own = places.of(image).iter().find(|place| place.core)?;
                        let map = self.holds(image, holding, &own.map.then(to_photo.as_ref()?))?;
                        let steps = own.footing.and(joined.footings[holding.holder as usize]);
                        let footing = steps.and(holding.footing).and(joined.footings[holding.photo as usize]);
                        Some(Place { group, map: map.then(&frame), core: false, footing })
                    };
                    let placed: Option<Vec<Place>> = self.looks.images_of(look).iter().map(held).collect();
                    Some((group, look, placed?))
                })
                .collect::<Vec<_>>()
        };
        let mut found: Vec<_> =
            settled.par_iter().flat_map_iter(holders).filter(|found| !found.2.is_empty()).collect();
        found.sort_by_key(|(group, look, _)| (*group, *look));
        found.dedup_by_key(|(group, look, _)| (*group, *look));
        found.extend(self.by_hash(places, group_of_set));
        found
    }

    /// Does the holder match any picture of the photo's set beside the one it was found with? That one may be a collage,
    /// and what the two have in common another photo than that of the set.
    fn holds_the_photo(&self, holding: &Holding, members: &BTreeMap<u32, Vec<u32>>) -> bool {
        let frame = |part: u32| self.joined.frames[part as usize];
        let (set, to_frame) = frame(holding.photo);
        let others: Vec<u32> = members[&set].iter().copied().filter(|&part| part != holding.photo).collect();
        let matches = |part: u32| {
            let (holder, other) =
                (self.found.pictures[holding.holder as usize]?, self.found.pictures[part as usize]?);
            let map = holding.map.then(&to_frame).then(&frame(part).1.inverse()?);
            Some(matched(self.snapshot, holder, other, &map).is_some())
        };
        others.is_empty() || sample(&others).into_iter().any(|part| matches(part).unwrap_or(false))
    }

    /// The map from an image to the photo that it holds as the map expected says, if it does.
    fn holds(&self, image: u32, holding: &Holding, expected: &Affine) -> Option<Affine> {
        let picture = self.found.pictures[holding.photo as usize]?;
        if self.found.pictures[holding.holder as usize] == Some(image) {
            return Some(holding.map);
        }
        let found = matched(self.snapshot, image, picture, expected)?;
        (partial::tier(&found, None) == Some(Tier::Partial)).then_some(found.map)
    }

    /// Places of what hashes found to hold a photo, where features can tell.
    fn by_hash(&self, places: &Places, group_of_set: &BTreeMap<u32, u32>) -> Vec<(u32, u32, Vec<Place>)> {
        let placed = |part: u32| {
            let (set, frame) = self.joined.frames[part as usize];
            let group = group_of_set[&set];
            let picture = self.found.pictures[part as usize];
            let known = move |image: u32| places.of(image).iter().any(|place| place.group == group);
            let holders = self.parts[part as usize].holders.iter().filter_map(move |&look| {
                let place = |&image: &u32| {
                    let (a, b) = (self.snapshot.features.get(image)?, self.snapshot.features.get(picture?)?);
                    let found = match_any_turn((&a).into(), (&b).into()).filter(partial::is_candidate)?;
                    let footing = by_features(&found).and(self.joined.footings[part as usize]);
                    Some(Place { group, map: found.map.then(&frame), core: false, footing })
                };
                let images = self.looks.images_of(look);
                if images.iter().any(|&image| known(image)) {
                    return None;
                }
                Some((group, look, images.iter().map(place).collect::<Option<Vec<Place>>>()?))
            });
            holders.collect::<Vec<_>>()
        };
        (0..self.parts.len() as u32).into_par_iter().flat_map_iter(placed).collect()
    }
}

/// What a match by features bears out, of two pictures that hashes put together: no pixels are wanted.
fn by_features(found: &GeometricMatch) -> Footing {
    Footing { score: partial_score(Some(found.score), None), seen: true }
}

/// Does what matched lie where the map expected puts it? Drawn out over all that is shared, the map of one sticker laid on
/// two photos can come near any other.
pub(crate) fn is_borne_out(
    snapshot: &Snapshot,
    a: u32,
    b: u32,
    found: &GeometricMatch,
    expected: &Affine,
) -> bool {
    let sides = snapshot.features.get(a).zip(snapshot.features.get(b));
    sides.is_some_and(|(x, y)| found.strays(&x, &y, expected) <= STRAY)
}

/// The match of two images, if it says what another map between them says.
pub(crate) fn matched(snapshot: &Snapshot, a: u32, b: u32, expected: &Affine) -> Option<GeometricMatch> {
    let (x, y) = (snapshot.features.get(a)?, snapshot.features.get(b)?);
    let found = match_turned((&x).into(), (&y).into(), expected.nearest_turn())?;
    let size = |side: &crate::features::Features| (f64::from(side.width), f64::from(side.height));
    let overlap = Overlap::of(expected, size(&x), size(&y))?;
    let (width, height) = size(&y);
    let reach = SLACK.0 + SLACK.1 * (overlap.share_b * width * height).sqrt();
    let (from_width, from_height) = size(&x);
    let apart = |&(u, v): &(f64, f64)| {
        let at = (u * from_width - 0.5, v * from_height - 0.5);
        let ((x, y), (p, q)) = (found.map.apply(at), expected.apply(at));
        ((x - p) * (x - p) + (y - q) * (y - q)).sqrt()
    };
    let corners = &overlap.polygon_a;
    let mean = corners.iter().map(apart).sum::<f64>() / corners.len().max(1) as f64;
    (mean <= reach && found.score >= partial::WEAK_SCORE).then_some(found)
}
