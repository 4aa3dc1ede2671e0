//! Looks that show the same photo, guarded against chaining.
//!
//! Edges are taken nearest first; two groups become one when enough of their members agree directly, or when one
//! member agrees with everybody (an original among its edits). A chain of near misses and a single bridge between
//! two dense groups do neither: such edges are *cut* and handed back. A picture that merely contains a photo
//! (a collage, a screenshot) is added to that photo's group and never joins two groups: taking parts for wholes
//! is how collages chain a corpus together.

use super::constraints::Bonds;
use super::hash_gate::HashGate;
use crate::link::candidates::hash_classes::Looks;
use crate::link::candidates::join::{Edge, is_part};
use crate::sets::Sets;
use crate::verify::Proof;

/// Share of pairs across two groups that must agree before the groups become one.
const AGREEMENT: f64 = 0.4;

/// Members of a group that are asked.
const SAMPLE: usize = 16;

/// One photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// Looks whose whole picture is the photo, ascending. No look is core of two groups.
    pub(crate) core: Vec<u32>,
    /// Looks that contain it beside other things, ascending.
    pub(crate) holders: Vec<u32>,
}

/// Photo groups by their first core look, and the edges whose ends ended up in no common group.
pub(crate) struct Grouping {
    pub(crate) groups: Vec<Group>,
    pub(crate) cut: Vec<Edge>,
}

impl Grouping {
    /// The groups (by first core look) and those of the edges that none of them holds.
    pub(crate) fn new(looks: usize, groups: Vec<Group>, edges: impl IntoIterator<Item = Edge>) -> Self {
        let mut home = vec![u32::MAX; looks];
        for (group, place) in groups.iter().zip(0..) {
            group.core.iter().for_each(|&look| home[look as usize] = place);
        }
        let holds = |group: u32, look: u32| groups[group as usize].holders.binary_search(&look).is_ok();
        let apart = |edge: &Edge| {
            let (a, b) = (home[edge.a as usize], home[edge.b as usize]);
            a != b && !holds(a, edge.b) && !holds(b, edge.a)
        };
        let cut = edges.into_iter().filter(apart).collect();
        Self { groups, cut }
    }
}

/// Groups looks along those of `edges` (sorted) that the gate lets stand, and `bonds`, which then know the groups. Every
/// look is core of exactly one group, most alone in theirs.
pub(crate) fn group(
    looks: &Looks,
    edges: &[Edge],
    radius: u32,
    bonds: &mut Bonds,
    mut gate: Option<&mut HashGate>,
) -> Grouping {
    let (whole, part) = edges.split_at(edges.partition_point(|edge| !edge.cost.is_part()));
    let mut sets = Sets::new(looks.len());
    let guard = Guard { looks, radius };
    for (place, edge) in whole.iter().enumerate() {
        let (a, b) = (sets.find(edge.a), sets.find(edge.b));
        let allowed = a != b
            && bonds.allow(a, b)
            && guard.allows(edge, sets.members(a).as_slice(), sets.members(b).as_slice());
        if allowed && stands(&mut gate, &whole[place..], &sets) {
            bonds.join(a, b);
            sets.join(a, b);
        }
    }
    let standing: Vec<Edge> = (0..part.len())
        .filter(|&place| sets.find(part[place].a) != sets.find(part[place].b))
        .filter(|&place| stands(&mut gate, &part[place..], &sets))
        .map(|place| part[place])
        .collect();
    let holders = bonds.holders(guard.holders(&standing, &sets));
    let groups = collect(bonds.groups(&sets), looks.len(), holders);
    let refused = |edge: &Edge| gate.as_ref().is_some_and(|gate| gate.refused.contains(&(edge.a, edge.b)));
    let allowed = edges.iter().copied().filter(|edge| bonds.allow(edge.a, edge.b) && !refused(edge));
    Grouping::new(looks.len(), groups, allowed)
}

/// Does the first of these edges stand, by all that is known and can be asked?
fn stands(gate: &mut Option<&mut HashGate>, edges: &[Edge], sets: &Sets) -> bool {
    let open = |edge: &Edge| {
        let (a, b) = (sets.find(edge.a), sets.find(edge.b));
        (a != b).then_some((a, b))
    };
    gate.as_mut().is_none_or(|gate| gate.allows(edges, &open))
}

struct Guard<'a, 'b> {
    looks: &'a Looks<'b>,
    radius: u32,
}

impl Guard<'_, '_> {
    /// May the groups of an edge's ends become one?
    fn allows(&self, edge: &Edge, a: &[u32], b: &[u32]) -> bool {
        if a.len() == 1 && b.len() == 1 {
            return true;
        }
        self.agreement(a, b) >= AGREEMENT
            || self.agrees_with_all(edge.a, a, b)
            || self.agrees_with_all(edge.b, a, b)
    }

    fn agrees(&self, a: u32, b: u32) -> bool {
        let whole = |proof: Proof| !is_part(proof.view_a) && !is_part(proof.view_b);
        self.looks.are_near(a, b, self.radius) || self.looks.verify(a, b, self.radius).is_some_and(whole)
    }

    /// Share of the pairs across two groups that agree, by samples spread evenly over both.
    fn agreement(&self, a: &[u32], b: &[u32]) -> f64 {
        let pairs = sample(a).flat_map(|x| sample(b).map(move |y| (x, y)));
        let (agreed, asked) = pairs.fold((0_u32, 0_u32), |(agreed, asked), (x, y)| {
            (agreed + u32::from(self.agrees(x, y)), asked + 1)
        });
        f64::from(agreed) / f64::from(asked.max(1))
    }

    fn agrees_with_all(&self, one: u32, a: &[u32], b: &[u32]) -> bool {
        sample(a).chain(sample(b)).all(|other| other == one || self.agrees(one, other))
    }

    /// (root of a photo's group, look that contains the photo): the end of a part edge of which less is covered
    /// holds the other. It must hold most of the group, not one odd member.
    fn holders(&self, part: &[Edge], sets: &Sets) -> Vec<(u32, u32)> {
        let mut asked: Vec<(u32, u32)> = part
            .iter()
            .filter_map(|edge| {
                let proof = self.looks.verify(edge.a, edge.b, self.radius)?;
                let (photo, holder) =
                    if proof.overlap_a >= proof.overlap_b { (edge.a, edge.b) } else { (edge.b, edge.a) };
                Some((sets.find(photo), holder))
            })
            .filter(|&(root, holder)| sets.find(holder) != root)
            .collect();
        asked.sort_unstable();
        asked.dedup();
        asked.retain(|&(root, holder)| self.holds_most(holder, sets.members(root).as_slice()));
        asked
    }

    fn holds_most(&self, holder: u32, group: &[u32]) -> bool {
        let held =
            sample(group).filter(|&look| self.looks.verify(holder, look, self.radius).is_some()).count();
        2 * held > sample(group).count()
    }
}

/// At most [`SAMPLE`] members, evenly spread.
fn sample(rows: &[u32]) -> impl Iterator<Item = u32> + '_ {
    let n = rows.len().min(SAMPLE);
    (0..n).map(move |k| rows[k * rows.len() / n])
}

fn collect(sets: &Sets, looks: usize, holders: Vec<(u32, u32)>) -> Vec<Group> {
    let mut home = vec![u32::MAX; looks];
    let mut list: Vec<Group> = Vec::new();
    for look in 0..looks as u32 {
        if home[look as usize] == u32::MAX {
            let mut core = sets.members(sets.find(look)).as_slice().to_vec();
            core.sort_unstable();
            core.iter().for_each(|&member| home[member as usize] = list.len() as u32);
            list.push(Group { core, holders: Vec::new() });
        }
    }
    for (root, holder) in holders {
        list[home[root as usize] as usize].holders.push(holder);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{Hash256, Quality};
    use crate::link::candidates::hash_classes::Looks;
    use crate::link::candidates::join;
    use crate::link::candidates::join::Cost;
    use crate::link::sample;
    use crate::link::sample::nudge;
    use crate::progress::Silent;
    use crate::record::Image;
    use rayon::prelude::*;

    fn sizes(hashes: &[Hash256]) -> (Vec<usize>, usize) {
        let mut images: Vec<Image> = hashes.iter().map(|&hash| sample::image_with(hash)).collect();
        sample::give_ids(&mut images);
        let looks = Looks::of(&images, Quality::USABLE);
        let edges = join::edges(&looks, 31, &Silent).unwrap().edges;
        let found = group(&looks, &edges, 31, &mut Bonds::none(), None);
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

    /// One edge for every two looks that agree, found by asking every two.
    fn every_edge(looks: &Looks, radius: u32) -> Vec<Edge> {
        let n = looks.len() as u32;
        let edge = |(a, b): (u32, u32)| {
            let proof = looks.verify(a, b, radius)?;
            let turned = proof.transform != crate::hash::Dihedral::None;
            Some(Edge { cost: Cost::new(proof.view_a, proof.view_b, turned, proof.distance?), a, b })
        };
        let mut edges: Vec<Edge> =
            (0..n).into_par_iter().flat_map_iter(|a| (a + 1..n).filter_map(move |b| edge((a, b)))).collect();
        edges.sort_unstable();
        edges
    }

    #[test]
    fn a_crowd_is_grouped_as_if_every_two_had_been_compared() {
        let (crowd, other) = (sample::hash(1), sample::hash(2));
        let mut images: Vec<Image> = (0..2_700).map(|k| sample::image_with(near_copy(crowd, k))).collect();
        images.extend((0..60).map(|k| sample::image_with(near_copy(other, k))));
        images.extend((100..300).map(sample::image));
        // Mirrored copies, and what is near a few of the crowd only.
        images.extend((0..40).map(|k| {
            let image = sample::image(1_000 + k);
            let [upright, flipped, _, half_turned] = *image.pdq.base();
            let mirrored = [upright, flipped, near_copy(crowd, k), half_turned];
            Image { pdq: crate::hash::Pdq::from_base(mirrored, Quality::new(90)), ..image }
        }));
        images.extend((0..5).map(|k| sample::image_with(nudge(crowd, 40 * k..40 * k + 36))));
        sample::give_ids(&mut images);
        let looks = Looks::of(&images, Quality::USABLE);
        let found = join::edges(&looks, 31, &Silent).unwrap();
        assert!(found.followers > 1_800, "{} followers", found.followers);
        let fast = group(&looks, &found.edges, 31, &mut Bonds::none(), None);
        let slow = group(&looks, &every_edge(&looks, 31), 31, &mut Bonds::none(), None);
        assert_eq!(fast.groups, slow.groups);
        let largest = fast.groups.iter().map(|group| group.core.len()).max();
        assert!(largest >= Some(2_300), "{largest:?}");
    }
}
