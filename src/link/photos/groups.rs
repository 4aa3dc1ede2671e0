//! Hash classes that show the same photo, guarded against chaining.
//!
//! Edges are taken nearest first; two groups become one when enough of their members agree directly, or when one
//! member agrees with everybody (an original among its edits). A chain of near misses and a single bridge between
//! two dense groups do neither: such edges are *cut* and handed back. A picture that merely contains a photo
//! (a collage, a screenshot) is added to that photo's group and never joins two groups: taking parts for wholes
//! is how collages chain a corpus together.

use super::agreement::{AGREEMENT, share, spread};
use super::constraints::Constraints;
use super::grouping::{Group, Grouping};
use super::hash_gate::HashGate;
use super::lanes::{Lanes, Rest};
use super::pixel_checks::Ask;
use crate::corpus::{HashClassRow, Row, Rows};
use crate::link::candidates::HashClasses;
use crate::link::candidates::{HashEdge, is_part};
use crate::sets::Sets;
use crate::verify::Proof;

/// Members of a group that are asked.
const SAMPLE: usize = 16;

/// Groups classes along those of `edges` (sorted) that the gate lets stand, and `constraints`, which then know the groups.
/// Every class is core of exactly one group, most alone in theirs. `bonds` are classes that decisions tie.
pub(crate) fn group(
    classes: &HashClasses,
    edges: &[HashEdge],
    radius: u32,
    constraints: &mut Constraints,
    bonds: &[Vec<HashClassRow>],
    mut gate: Option<&mut HashGate>,
) -> Grouping {
    let (whole, part) = edges.split_at(edges.partition_point(|edge| !edge.cost.is_part()));
    let mut sets = Sets::new(classes.len());
    let guard = MergeGuard { classes, radius };
    let allows = |edge: &HashEdge, sets: &Sets<HashClassRow>, constraints: &Constraints| {
        let (a, b) = (sets.find(edge.a), sets.find(edge.b));
        a != b
            && constraints.allow(a, b)
            && guard.allows(edge, sets.members(a).as_slice(), sets.members(b).as_slice())
    };
    let join = |edge: &HashEdge, sets: &mut Sets<HashClassRow>, constraints: &mut Constraints| {
        let (a, b) = (sets.find(edge.a), sets.find(edge.b));
        constraints.join(a, b);
        sets.join(a, b);
    };
    let mut standing: Vec<HashEdge> = Vec::new();
    match gate.as_mut() {
        None => {
            for edge in whole {
                if allows(edge, &sets, constraints) {
                    join(edge, &mut sets, constraints);
                }
            }
            standing.extend(part.iter().filter(|edge| sets.find(edge.a) != sets.find(edge.b)));
        }
        Some(gate) => {
            let lanes = Lanes::new(classes.len(), edges, bonds);
            lanes.walk(whole, gate, |edge, gate, rest| {
                if allows(edge, &sets, constraints) && stands(gate, rest, &sets)? {
                    join(edge, &mut sets, constraints);
                }
                Ok(())
            });
            lanes.walk(part, gate, |edge, gate, rest| {
                if sets.find(edge.a) != sets.find(edge.b) && stands(gate, rest, &sets)? {
                    standing.push(*edge);
                }
                Ok(())
            });
            standing.sort_unstable();
        }
    }
    let containers = constraints.containers(guard.containers(&standing, &sets));
    let groups = collect(constraints.groups(&sets), classes.len(), containers);
    let refused = |edge: &HashEdge| gate.as_ref().is_some_and(|gate| gate.has_refused(edge));
    let allowed = edges.iter().copied().filter(|edge| constraints.allow(edge.a, edge.b) && !refused(edge));
    Grouping::new(classes.len(), groups, allowed)
}

/// Does the first of these edges stand, by all that is known? Else what has to be asked.
fn stands(gate: &mut HashGate, edges: Rest, sets: &Sets<HashClassRow>) -> Result<bool, Vec<Ask>> {
    let open = |edge: &HashEdge| {
        let (a, b) = (sets.find(edge.a), sets.find(edge.b));
        (a != b).then_some((a, b))
    };
    gate.allows(edges, &open)
}

struct MergeGuard<'a, 'b> {
    classes: &'a HashClasses<'b>,
    radius: u32,
}

impl MergeGuard<'_, '_> {
    /// May the groups of an edge's ends become one?
    fn allows(&self, edge: &HashEdge, a: &[HashClassRow], b: &[HashClassRow]) -> bool {
        if a.len() == 1 && b.len() == 1 {
            return true;
        }
        self.agreement(a, b) >= AGREEMENT
            || self.agrees_with_all(edge.a, a, b)
            || self.agrees_with_all(edge.b, a, b)
    }

    fn agrees(&self, a: HashClassRow, b: HashClassRow) -> bool {
        let whole = |proof: Proof| !is_part(proof.view_a) && !is_part(proof.view_b);
        self.classes.are_near(a, b, self.radius) || self.classes.verify(a, b, self.radius).is_some_and(whole)
    }

    /// Share of the pairs across two groups that agree, by samples spread evenly over both.
    fn agreement(&self, a: &[HashClassRow], b: &[HashClassRow]) -> f64 {
        let pairs = spread(a, SAMPLE).flat_map(|x| spread(b, SAMPLE).map(move |y| (x, y)));
        share(pairs.map(|(x, y)| self.agrees(x, y)))
    }

    fn agrees_with_all(&self, one: HashClassRow, a: &[HashClassRow], b: &[HashClassRow]) -> bool {
        spread(a, SAMPLE).chain(spread(b, SAMPLE)).all(|other| other == one || self.agrees(one, other))
    }

    /// (root of a photo's group, class that contains the photo): the end of a part edge of which less is covered
    /// holds the other. It must hold most of the group, not one odd member.
    fn containers(&self, part: &[HashEdge], sets: &Sets<HashClassRow>) -> Vec<(HashClassRow, HashClassRow)> {
        let mut asked: Vec<(HashClassRow, HashClassRow)> = part
            .iter()
            .filter_map(|edge| {
                let proof = self.classes.verify(edge.a, edge.b, self.radius)?;
                let (photo, container) =
                    if proof.overlap_a >= proof.overlap_b { (edge.a, edge.b) } else { (edge.b, edge.a) };
                Some((sets.find(photo), container))
            })
            .filter(|&(root, container)| sets.find(container) != root)
            .collect();
        asked.sort_unstable();
        asked.dedup();
        asked.retain(|&(root, container)| self.holds_most(container, sets.members(root).as_slice()));
        asked
    }

    fn holds_most(&self, container: HashClassRow, group: &[HashClassRow]) -> bool {
        let held = spread(group, SAMPLE)
            .filter(|&class| self.classes.verify(container, class, self.radius).is_some())
            .count();
        2 * held > spread(group, SAMPLE).count()
    }
}

fn collect(
    sets: &Sets<HashClassRow>,
    classes: usize,
    containers: Vec<(HashClassRow, HashClassRow)>,
) -> Vec<Group> {
    let mut home: Rows<HashClassRow, u32> = Rows::filled(u32::NONE, classes);
    let mut list: Vec<Group> = Vec::new();
    for class in HashClassRow::all(classes) {
        if home[class] == u32::NONE {
            let mut core = sets.members(sets.find(class)).as_slice().to_vec();
            core.sort_unstable();
            core.iter().for_each(|&member| home[member] = u32::of(list.len()));
            list.push(Group { core, containers: Vec::new() });
        }
    }
    for (root, container) in containers {
        list[home[root].index()].containers.push(container);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{Hash256, Quality};
    use crate::link::candidates;
    use crate::link::candidates::Cost;
    use crate::link::candidates::HashClasses;
    use crate::link::sample;
    use crate::link::sample::nudge;
    use crate::progress::Silent;
    use crate::record::Image;
    use rayon::prelude::*;

    fn sizes(hashes: &[Hash256]) -> (Vec<usize>, usize) {
        let mut images: Vec<Image> = hashes.iter().map(|&hash| sample::image_with(hash)).collect();
        sample::give_ids(&mut images);
        let classes = HashClasses::of(&images, Quality::USABLE);
        let edges = candidates::edges(&classes, 31, &Silent).unwrap().edges;
        let found = group(&classes, &edges, 31, &mut Constraints::none(), &[], None);
        let mut sizes: Vec<usize> = found.groups.iter().map(|group| group.core.len()).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        (sizes, found.cut.len())
    }

    #[test]
    fn a_chain_of_near_misses_is_not_one_photo() {
        let start = sample::hash(1);
        let chain: Vec<Hash256> = (0..12).map(|k| nudge(start, 0..16 * k)).collect();
        let (sizes, cut) = sizes(&chain[..]);
        assert!(sizes[0] <= 3, "{sizes:?}");
        assert!(cut > 0);
    }

    #[test]
    fn a_bridge_between_two_dense_groups_is_cut() {
        let left: Vec<Hash256> = (0..30).map(|k| nudge(sample::hash(1), 100 + k..102 + k)).collect();
        let far = nudge(sample::hash(1), 0..60);
        let right: Vec<Hash256> = (0..30).map(|k| nudge(far, 140 + k..142 + k)).collect();
        let bridge = [nudge(sample::hash(1), 0..16), nudge(sample::hash(1), 0..44)];
        let (sizes, cut) = sizes(&[&left[..], &right, &bridge].concat());
        assert_eq!(sizes, [31, 31]);
        assert_eq!(cut, 1);
    }

    #[test]
    fn an_original_and_its_edits_are_one_photo() {
        let original = sample::hash(3);
        let edits = (0..8).map(|k| nudge(original, 30 * k..30 * k + 28));
        let (sizes, cut) = sizes(&std::iter::once(original).chain(edits).collect::<Vec<_>>());
        assert_eq!((sizes[0], cut), (9, 0));
    }

    /// Up to ten bits off, anywhere.
    fn near_copy(photo: Hash256, k: u64) -> Hash256 {
        (0..k % 11).fold(photo, |hash, flip| {
            let bit = sample::mix(k * 16 + flip) as usize % 256;
            nudge(hash, bit..bit + 1)
        })
    }

    /// One edge for every two classes that agree, found by asking every two.
    fn every_edge(classes: &HashClasses, radius: u32) -> Vec<HashEdge> {
        let n = classes.len();
        let edge = |(a, b): (usize, usize)| {
            let (a, b) = (HashClassRow::of(a), HashClassRow::of(b));
            let proof = classes.verify(a, b, radius)?;
            let turned = proof.transform != crate::hash::Dihedral::None;
            Some(HashEdge { cost: Cost::new(proof.view_a, proof.view_b, turned, proof.distance?), a, b })
        };
        let mut edges: Vec<HashEdge> =
            (0..n).into_par_iter().flat_map_iter(|a| (a + 1..n).filter_map(move |b| edge((a, b)))).collect();
        edges.sort_unstable();
        edges
    }

    #[test]
    fn a_dense_cluster_is_grouped_as_if_every_two_had_been_compared() {
        let (cluster, other) = (sample::hash(1), sample::hash(2));
        let mut images: Vec<Image> = (0..2_700).map(|k| sample::image_with(near_copy(cluster, k))).collect();
        images.extend((0..60).map(|k| sample::image_with(near_copy(other, k))));
        images.extend((100..300).map(sample::image));
        // Mirrored copies, and what is near a few of the cluster only.
        images.extend((0..40).map(|k| {
            let image = sample::image(1_000 + k);
            let [upright, flipped, _, half_turned] = *image.pdq.base();
            let mirrored = [upright, flipped, near_copy(cluster, k), half_turned];
            Image { pdq: crate::hash::Pdq::from_base(mirrored, Quality::new(90)), ..image }
        }));
        images.extend((0..5).map(|k| sample::image_with(nudge(cluster, 40 * k..40 * k + 36))));
        sample::give_ids(&mut images);
        let classes = HashClasses::of(&images, Quality::USABLE);
        let found = candidates::edges(&classes, 31, &Silent).unwrap();
        assert!(found.cluster_members > 1_800, "{} members", found.cluster_members);
        let fast = group(&classes, &found.edges, 31, &mut Constraints::none(), &[], None);
        let slow = group(&classes, &every_edge(&classes, 31), 31, &mut Constraints::none(), &[], None);
        assert_eq!(fast.groups, slow.groups);
        let largest = fast.groups.iter().map(|group| group.core.len()).max();
        assert!(largest >= Some(2_300), "{largest:?}");
    }
}
