//! Photos that hashes told apart become one where features and pixels agree.
//!
//! Kruskal's way, best match first, in rounds: what does not hang on each other's answers is laid over each other in
//! parallel, and no more than a few times for the same two sets. Groups that no match ties never change each other's rounds. Every set keeps the maps of its pictures to one frame, so that a
//! join is refused unless the pictures of both sides fall on each other. The trap: a crop lies in its original as a
//! photo lies in a collage. Only pictures of which a good part is shared *either way* are joined; else the one that
//! shows more *holds* the other, and nothing is joined through a container.

use super::agreement::{AGREEMENT, share, spread};
use super::commonness::frequencies;
use super::constraints::Constraints;
use super::feature_candidates::{FeatureEdge, FeatureEdges};
use super::grouping::Group;
use super::matching::{matched, size};
use super::path_support::PathSupport;
use super::pixel_checks::{Ask, PixelChecks};
use super::pixel_result::AlignedCheck;
use crate::corpus::{HashClassRow, ImageRow, PartRow, Rows};
use crate::error::{Error, Result};
use crate::progress::{Progress, Stage};
use crate::sets::{Roots, Sets};
use crate::verify::affine::{Affine, Overlap, Point};
use crate::verify::dense::DenseCheck;
use crate::verify::geometry::{GeometricMatch, WeightedFeatures, match_turned};
use crate::verify::{Projective, Tier, partial, partial_score};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Both pictures must share this much to be one photo.
const LEAST_SHARE: f64 = 0.4;

/// Share of all pictures that one must match to vouch for both sets.
const NEARLY_ALL: f64 = 0.75;

/// Share of the pairs across two sets that must match beside those of the picture that vouches,
const BESIDE: f64 = 0.1;

/// or else so many are laid over each other, of which one must agree: a tilted copy matches few.
const CHECKED_BESIDE: usize = 3;

/// Score of a clear match that needs neither pixels nor a look at how common it is.
const BEYOND_DOUBT: f64 = 20.0;

/// Questions that two sets may fail before no more are asked.
const MOST_FAILURES: u8 = 16;

/// Questions that one picture may fail with the pictures of another set. Fewer than two sets may: pages of one make
/// fail with each other and must not use up what an inset in one of them is to be found by.
const PICTURE_FAILURES: usize = 2;

/// Pictures of a set that must fall on those of another.
pub(super) const SAMPLE: usize = 12;

/// Questions put before it is asked whether to stop.
const BATCH: usize = 512;

/// Two photos that share a scene or a design, as far as one can tell.
#[derive(Debug, Clone)]
pub(crate) struct SceneCandidate {
    pub(crate) a: ImageRow,
    pub(crate) b: ImageRow,
    /// Scene or design.
    pub(crate) tier: Tier,
    pub(crate) found: GeometricMatch,
}

/// One picture that holds a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Containment {
    /// Group whose photo is held.
    pub(crate) photo: PartRow,
    /// Group whose picture holds it.
    pub(crate) container: PartRow,
    /// From the container's picture to the photo's.
    pub(crate) map: Affine,
    /// How well it is borne out.
    pub(crate) support: PathSupport,
}

impl Containment {
    /// The same the other way round.
    pub(crate) fn reversed(&self) -> Option<Self> {
        let map = self.map.inverse()?;
        Some(Self { photo: self.container, container: self.photo, map, support: self.support })
    }
}

/// What became of the groups.
pub(crate) struct JoinedGroups {
    /// For each group its set's name, and the map from its picture to the picture of the group of that name.
    pub(crate) frames: Rows<PartRow, (PartRow, Affine)>,
    /// For each group what bears out its place in its set: the joins through which its map goes.
    pub(crate) supports: Rows<PartRow, PathSupport>,
    pub(crate) containments: Vec<Containment>,
    pub(crate) scene_candidates: Vec<SceneCandidate>,
}

/// Joins groups along `found.edges`.
pub(crate) fn join(
    found: &FeatureEdges,
    parts: &[Group],
    constraints: &mut Constraints,
    pixel_checks: &mut PixelChecks,
    progress: &dyn Progress,
) -> Result<JoinedGroups> {
    let groups = found.pictures.len();
    let mut work = Merging {
        found,
        parts,
        constraints,
        sets: Sets::new(groups),
        frames: Rows::filled(IDENTITY, groups),
        asked: Rows::filled(BTreeMap::new(), groups),
        supports: Rows::filled(PathSupport::SELF, groups),
        failed: Rows::filled(Vec::new(), groups),
        containments: Vec::new(),
        scene_candidates: Vec::new(),
    };
    let mut hypothesis = Roots::new(groups);
    let mut pending: Vec<&FeatureEdge> = found.edges.iter().collect();
    progress.start(Stage::Comparing, Some(pending.len() as u64));
    while !pending.is_empty() {
        if progress.stop_requested() {
            return Err(Error::Interrupted);
        }
        let before = pending.len();
        let round = work.next_round(&mut pending, &mut hypothesis);
        // Those that need no look any more are done, too.
        progress.advance((before - pending.len() - round.len()) as u64);
        let asks: Vec<Ask> = round.iter().map(|edge| Ask::along(edge.a, edge.b, edge.found.plane)).collect();
        for asks in asks.chunks(BATCH) {
            if progress.stop_requested() {
                return Err(Error::Interrupted);
            }
            pixel_checks.ask(asks);
            progress.advance(asks.len() as u64);
        }
        for edge in round {
            work.settle(edge, pixel_checks);
        }
    }
    Ok(JoinedGroups {
        frames: work.frames.iter().map(|(group, &frame)| (work.set(group), frame)).collect(),
        supports: work.supports,
        containments: work.containments,
        scene_candidates: work.scene_candidates,
    })
}

const IDENTITY: Affine = Affine([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);

struct Merging<'a> {
    found: &'a FeatureEdges,
    parts: &'a [Group],
    constraints: &'a mut Constraints,
    sets: Sets<PartRow>,
    /// For each group the map from its picture to that of the group its set is named after.
    frames: Rows<PartRow, Affine>,
    supports: Rows<PartRow, PathSupport>,
    /// For each set: questions that it failed with others; [`MOST_FAILURES`] closes the matter.
    asked: Rows<PartRow, BTreeMap<PartRow, u8>>,
    /// For each group: those with whose pictures its own failed.
    failed: Rows<PartRow, Vec<PartRow>>,
    containments: Vec<Containment>,
    scene_candidates: Vec<SceneCandidate>,
}

impl<'a> Merging<'a> {
    /// Takes the best questions whose answers do not hang on each other's; drops those that are settled.
    /// `hypothesis` holds the sets that these questions would make, if all were answered with yes.
    fn next_round(
        &self,
        pending: &mut Vec<&'a FeatureEdge>,
        hypothesis: &mut Roots<PartRow>,
    ) -> Vec<&'a FeatureEdge> {
        let mut round = Vec::new();
        pending.retain(|edge| {
            let (x, y) = (self.set(edge.group_a), self.set(edge.group_b));
            if x == y || self.is_closed(edge) {
                return false;
            }
            let free = hypothesis.join(x, y);
            if free {
                round.push(*edge);
            }
            !free
        });
        hypothesis.part(round.iter().flat_map(|edge| [self.set(edge.group_a), self.set(edge.group_b)]));
        round
    }

    fn set(&self, group: PartRow) -> PartRow {
        self.sets.find(group)
    }

    /// Did the two sets, or one of the two pictures with the other's set, fail often enough? Where one could only hold
    /// the other, the container alone is asked: a photo fails with many that show its scene, and may be in one of them.
    fn is_closed(&self, edge: &FeatureEdge) -> bool {
        let (x, y) = (self.set(edge.group_a), self.set(edge.group_b));
        let tired = |group: PartRow, set: PartRow| {
            let failed = self.failed[group].iter().filter(|&&other| self.set(other) == set);
            failed.count() >= PICTURE_FAILURES
        };
        self.asked[x].get(&y).is_some_and(|&failures| failures >= MOST_FAILURES)
            || if shares_enough(edge) {
                tired(edge.group_a, y) || tired(edge.group_b, x)
            } else {
                let (_, container) = photo_and_container(edge);
                tired(container, if container == edge.group_a { y } else { x })
            }
    }

    /// A class whose picture is the photo of this group.
    fn class(&self, group: PartRow) -> HashClassRow {
        self.parts[group.index()].core[0]
    }

    fn settle(&mut self, edge: &'a FeatureEdge, pixel_checks: &mut PixelChecks) {
        let (x, y) = (self.set(edge.group_a), self.set(edge.group_b));
        if x == y {
            return;
        }
        let checked = pixel_checks.get(edge.a, edge.b).copied();
        let checked = checked.as_ref();
        if !self.constraints.allow(self.class(edge.group_a), self.class(edge.group_b)) {
            // A reviewer keeps the two apart, whatever agrees.
            self.fail(x, y, MOST_FAILURES);
            return;
        }
        let tier = match checked {
            _ if !self.is_own(edge, checked.and_then(|checked| checked.check.as_ref())) => None,
            Some(checked) => partial::tier(&edge.found, checked.check.as_ref()),
            None => self.tier_by_features(edge),
        };
        match tier {
            Some(Tier::Partial) if shares_enough(edge) && self.allows(edge, pixel_checks) => {
                self.unite(edge, support(edge, checked));
            }
            Some(Tier::Partial) => {
                self.hold(edge, support(edge, checked));
                if shares_enough(edge) {
                    self.fail_edge(edge);
                } else {
                    // What it holds is known now.
                    let (photo, container) = photo_and_container(edge);
                    self.failed[container].extend([photo; PICTURE_FAILURES]);
                    self.fail(x, y, 1);
                }
            }
            Some(tier) => {
                self.scene_candidates.push(SceneCandidate {
                    a: edge.a,
                    b: edge.b,
                    tier,
                    found: edge.found.clone(),
                });
                self.fail_edge(edge);
            }
            None => self.fail_edge(edge),
        }
    }

    fn fail_edge(&mut self, edge: &FeatureEdge) {
        self.failed[edge.group_a].push(edge.group_b);
        self.failed[edge.group_b].push(edge.group_a);
        self.fail(self.set(edge.group_a), self.set(edge.group_b), 1);
    }

    /// Does the match hang on what only these two photos show? A match that spans little of what is shared may be of
    /// a caption, a logo, a sticker that others bear too, unless the rest is the same down to the grain.
    fn is_own(&self, edge: &FeatureEdge, pixels: Option<&DenseCheck>) -> bool {
        edge.is_clear()
            || pixels.is_some_and(partial::is_flawless)
            || self.weighed(edge).is_some_and(|found| partial::is_candidate(&found))
    }

    /// Without pixels, what is common among photos counts less always, unless there is no doubt.
    fn tier_by_features(&self, edge: &FeatureEdge) -> Option<Tier> {
        if edge.is_clear() && edge.found.score >= BEYOND_DOUBT {
            return partial::tier(&edge.found, None);
        }
        partial::tier(&self.weighed(edge)?, None)
    }

    /// The match again, with every keypoint worth the less the more photos have it beside these two.
    fn weighed(&self, edge: &FeatureEdge) -> Option<GeometricMatch> {
        let (one, other) = (self.set(edge.group_a), self.set(edge.group_b));
        let photo = |picture: ImageRow| {
            let set = self.found.group_of(picture).map_or(one, |group| self.set(group));
            if set == other { one } else { set }
        };
        let (a, b) = (self.found.features(edge.a)?, self.found.features(edge.b)?);
        let common = |picture| frequencies(self.found.bearers(picture), photo(picture), &photo);
        let (common_a, common_b) = (common(edge.a), common(edge.b));
        let side = |features, frequency| WeightedFeatures { features, frequency };
        match_turned(side(a, &common_a), side(b, &common_b), edge.found.turn)
    }

    fn fail(&mut self, x: PartRow, y: PartRow, times: u8) {
        for (one, other) in [(x, y), (y, x)] {
            let failures = self.asked[one].entry(other).or_insert(0);
            *failures = failures.saturating_add(times);
        }
    }

    /// May the sets of an edge's ends become one? All their pictures must fall on each other, and enough of them, or
    /// one of the ends with nearly all, must match. An original matches all crops of it; so does a collage, of which
    /// the photos match with nothing of each other.
    fn allows(&self, edge: &FeatureEdge, pixel_checks: &mut PixelChecks) -> bool {
        let (x, y) = (self.set(edge.group_a), self.set(edge.group_b));
        let Some(across) = self.across(edge) else { return false };
        let (left, right) = (self.some_of(x), self.some_of(y));
        let pairs: Vec<(PartRow, PartRow, Affine)> = left
            .iter()
            .flat_map(|&one| {
                right.iter().filter_map(move |&other| {
                    let back = self.frames[other].inverse()?;
                    Some((one, other, self.frames[one].then(&across).then(&back)))
                })
            })
            .collect();
        let meet = |&(one, other, map): &(PartRow, PartRow, Affine)| {
            let overlap = self.size(one).zip(self.size(other)).and_then(|(p, q)| Overlap::of(&map, p, q));
            overlap.is_some_and(|overlap| partial::follows(&overlap, None))
        };
        if pairs.len() == 1 {
            return true;
        }
        if !pairs.iter().all(meet) {
            return false;
        }
        let agreed: Vec<bool> =
            pairs.par_iter().map(|(one, other, map)| self.agrees(*one, *other, map)).collect();
        let beside = |vouching: PartRow, pixel_checks: &mut PixelChecks| {
            let others = pairs.iter().zip(&agreed).filter(|((a, b, _), _)| ![a, b].contains(&&vouching));
            share(others.clone().map(|(_, agreed)| *agreed)) >= BESIDE
                || self.agree_by_pixels(others.map(|(pair, _)| pair).collect(), pixel_checks)
        };
        share(agreed.iter().copied()) >= AGREEMENT
            || self.agrees_with_all(edge.group_a, &left, &right, &across.inverse())
                && beside(edge.group_a, pixel_checks)
            || self.agrees_with_all(edge.group_b, &right, &left, &Some(across))
                && beside(edge.group_b, pixel_checks)
    }

    /// Do any of a few of these agree as their map says?
    fn agree_by_pixels(
        &self,
        pairs: Vec<&(PartRow, PartRow, Affine)>,
        pixel_checks: &mut PixelChecks,
    ) -> bool {
        let ask = |&(one, other, map): &(PartRow, PartRow, Affine)| {
            let (a, b) = (self.found.pictures[one]?, self.found.pictures[other]?);
            let (a, b, map) = if a < b { (a, b, map) } else { (b, a, map.inverse()?) };
            Some(Ask::along(a, b, Projective::from_affine(&map)))
        };
        let step = pairs.len().div_ceil(CHECKED_BESIDE).max(1);
        let asks: Vec<Ask> = pairs.into_iter().step_by(step).filter_map(ask).collect();
        pixel_checks.ask(&asks);
        let agrees = |ask: &Ask| pixel_checks.get(ask.a, ask.b)?.check.map(|check| partial::agrees(&check));
        asks.iter().any(|ask| agrees(ask).unwrap_or(false))
    }

    fn agrees(&self, one: PartRow, other: PartRow, map: &Affine) -> bool {
        let same = self.found.pictures[one] == self.found.pictures[other];
        let pictures = self.found.picture(one).zip(self.found.picture(other));
        pictures.is_some_and(|(x, y)| same || matched(x, y, map).is_some())
    }

    /// Does an end of an edge match nearly all pictures of its own set, and of the other? `back` is from the other's
    /// frame to its own.
    fn agrees_with_all(
        &self,
        one: PartRow,
        own: &[PartRow],
        others: &[PartRow],
        back: &Option<Affine>,
    ) -> bool {
        let (Some(back), Some(from_frame)) = (back, self.frames[one].inverse()) else {
            return false;
        };
        let frame = |other: PartRow| self.frames[other];
        let own =
            own.iter().filter(|&&other| other != one).map(|&other| (other, frame(other).then(&from_frame)));
        let others = others.iter().map(|&other| (other, frame(other).then(back).then(&from_frame)));
        let pairs: Vec<(PartRow, PartRow, Affine)> =
            own.chain(others).map(|(other, map)| (other, one, map)).collect();
        let agreed: Vec<bool> =
            pairs.par_iter().map(|(other, one, map)| self.agrees(*other, *one, map)).collect();
        share(agreed.into_iter()) >= NEARLY_ALL
    }

    /// From the frame of the first end's set to that of the second's.
    fn across(&self, edge: &FeatureEdge) -> Option<Affine> {
        let (to_x, to_y) = (self.frames[edge.group_a], self.frames[edge.group_b]);
        Some(to_x.inverse()?.then(&edge.found.map).then(&to_y))
    }

    /// Some groups of a set, evenly spread.
    fn some_of(&self, set: PartRow) -> Vec<PartRow> {
        spread(self.sets.members(set).as_slice(), SAMPLE).collect()
    }

    fn size(&self, group: PartRow) -> Option<Point> {
        Some(size(self.found.picture(group)?))
    }

    fn unite(&mut self, edge: &FeatureEdge, step: PathSupport) {
        let (x, y) = (self.set(edge.group_a), self.set(edge.group_b));
        let Some(across) = self.across(edge) else { return };
        let Some(back) = across.inverse() else { return };
        self.constraints.join(self.class(edge.group_a), self.class(edge.group_b));
        let sizes = [x, y].map(|set| self.sets.members(set).len());
        let Some((keep, gone)) = self.sets.join(x, y) else { return };
        let (kept, map) = if keep == x { (sizes[0], back) } else { (sizes[1], across) };
        let ends = [edge.group_a, edge.group_b].map(|group| self.supports[group]);
        let step = step.and(ends[0]).and(ends[1]);
        for &group in &self.sets.members(keep).as_slice()[kept..] {
            self.frames[group] = self.frames[group].then(&map);
            self.supports[group] = self.supports[group].and(step);
        }
        for (other, failures) in std::mem::take(&mut self.asked[gone]) {
            self.asked[other].remove(&gone);
            if other != keep {
                self.fail(keep, other, failures);
            }
        }
    }

    fn hold(&mut self, edge: &FeatureEdge, support: PathSupport) {
        let (photo, container) = photo_and_container(edge);
        let map = if container == edge.group_a { Some(edge.found.map) } else { edge.found.map.inverse() };
        self.containments.extend(map.map(|map| Containment { photo, container, map, support }));
    }
}

/// May the two pictures be one photo? Else one can only hold the other.
fn shares_enough(edge: &FeatureEdge) -> bool {
    edge.found.overlap.share_a.min(edge.found.overlap.share_b) >= LEAST_SHARE
}

/// The groups at the ends: first the one of which more is shared, which is the photo if the other's picture holds it.
fn photo_and_container(edge: &FeatureEdge) -> (PartRow, PartRow) {
    let overlap = &edge.found.overlap;
    if overlap.share_a >= overlap.share_b {
        (edge.group_a, edge.group_b)
    } else {
        (edge.group_b, edge.group_a)
    }
}

/// What bears out one edge: its features and, if they could be laid over each other, its pixels.
fn support(edge: &FeatureEdge, checked: Option<&AlignedCheck>) -> PathSupport {
    let sameness = checked.and_then(|checked| checked.check).map(|check| check.sameness());
    PathSupport { score: partial_score(Some(edge.found.score), sameness), seen: checked.is_some() }
}
