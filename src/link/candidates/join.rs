//! Which classes lie within the radius of each other: an exact join of all views in all eight orientations.
//!
//! Four turned forms of every hash are joined with the upright hashes and with these transposed: transposing both
//! sides changes no distance, so that makes all eight. Each hash is joined once however many classes have it, and
//! every class keeps its nearest neighbours only ([`crate::link::candidates::nearest`]). Of a cluster of thousands of near copies all but
//! the representatives are *members*: compared with these, and with what is out of reach of the cluster's leader,
//! not with each other ([`crate::index::dense_clusters`]). The trap: the kept edges connect a family, they are not its
//! pairs; pairs inside a photo group are measured again when listed.

use super::class_hashes::ClassHashes;
use super::edge::HashEdge;
use super::hash_classes::HashClasses;
use super::nearest::{KEEP, NearestClasses};
use crate::corpus::{HashClassRow, Row, Rows};
use crate::error::{Error, Result};
use crate::hash::{Dihedral, Hash256, transpose};
use crate::index;
use crate::index::{HnswIndex, JoinPair};
use crate::progress::Progress;
use crate::record::ViewKind;
use rayon::prelude::*;
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The turns whose hashes a case stores; the others are these transposed.
const FORMS: [Dihedral; 4] = [Dihedral::None, Dihedral::FlipX, Dihedral::FlipY, Dihedral::Rot180];

/// What the search by hashes proposes.
#[derive(Debug, Default)]
pub(crate) struct HashEdges {
    /// Sorted by cost, then rows. Every class's nearest neighbours are among them.
    pub(crate) edges: Vec<HashEdge>,
    /// Hashes that were compared with the representatives of their cluster, not with all of it.
    pub(crate) cluster_members: u64,
}

/// The edges between classes.
pub(crate) fn edges(classes: &HashClasses, radius: u32, progress: &dyn Progress) -> Result<HashEdges> {
    let all = ClassHashes::new(classes, Dihedral::None, &[]);
    let found = Collected::new(classes, &all);
    let clusters: Vec<ClusterClasses> = index::dense_clusters(&all.hashes, radius)
        .iter()
        .map(|rows| ClusterClasses::new(&all, rows))
        .collect();
    let mut members: Vec<Hash256> =
        clusters.iter().flat_map(|cluster| &cluster.members.hashes).copied().collect();
    members.sort_unstable();
    let upright = if clusters.is_empty() { all } else { ClassHashes::new(classes, Dihedral::None, &members) };
    let [_, turned @ ..] = FORMS;
    let turned = turned.map(|turn| ClassHashes::new(classes, turn, &members));
    let right = upright.with_transposed();
    let lefts = [&right, &turned[0], &turned[1], &turned[2]];
    let join = Joining { lefts, radius, found: &found, progress };
    join.with(&right)?;
    join.negatives(&ClassHashes::negatives(classes, &members))?;
    clusters.iter().for_each(|cluster| join.cluster(cluster));
    join.outsiders(&clusters)?;
    // The tables are a third of all memory here.
    drop((right, turned));
    Ok(HashEdges {
        edges: proven(classes, radius, found.into_edges()),
        cluster_members: members.len() as u64,
    })
}

/// As [`edges`], from the [`KEEP`] nearest hashes that HNSW proposes for each: approximate, and not the same from
/// run to run. For measuring it against the exact edges.
pub(crate) fn edges_by_hnsw(
    classes: &HashClasses,
    radius: u32,
    progress: &dyn Progress,
) -> Result<HashEdges> {
    let upright = ClassHashes::new(classes, Dihedral::None, &[]);
    let graph = HnswIndex::new(&upright.hashes);
    let found = Collected::new(classes, &upright);
    for form in FORMS {
        if progress.stop_requested() {
            return Err(Error::Interrupted);
        }
        let turned = ClassHashes::new(classes, form, &[]).with_transposed();
        (0..turned.hashes.len() as u32).into_par_iter().for_each(|row| {
            let near = graph.nearest(&turned.hashes[row as usize], KEEP, HnswIndex::EF);
            let is_turned = form != Dihedral::None || turned.is_transposed(row);
            let mut found = found.lock();
            for near in near.into_iter().filter(|near| near.distance <= radius) {
                found.add(turned.of(row), upright.of(near.row), is_turned, near.distance);
            }
        });
    }
    Ok(HashEdges { edges: proven(classes, radius, found.into_edges()), cluster_members: 0 })
}

/// Edges but those of hashes that prove nothing by themselves, and that nothing else bears out.
fn proven(classes: &HashClasses, radius: u32, mut edges: Vec<HashEdge>) -> Vec<HashEdge> {
    let stands_alone = |class| classes.stands_alone(HashClassRow::of(class));
    let stands: Vec<bool> = (0..classes.len()).into_par_iter().map(stands_alone).collect();
    let stands: Rows<HashClassRow, bool> = stands.into();
    edges.retain(|edge| stands[edge.a] && stands[edge.b] || classes.verify(edge.a, edge.b, radius).is_some());
    edges
}

/// Share of the exact edges that the others hold too; 1 when there are none.
pub(crate) fn recall(exact: &[HashEdge], found: &[HashEdge]) -> f64 {
    let ends = |edge: &HashEdge| (edge.a, edge.b);
    let found: HashSet<(HashClassRow, HashClassRow)> = found.iter().map(ends).collect();
    let hit = exact.iter().filter(|edge| found.contains(&ends(edge))).count();
    if exact.is_empty() { 1.0 } else { hit as f64 / exact.len() as f64 }
}

/// Neighbours found so far, by many threads.
struct Collected(Mutex<NearestClasses>);

impl Collected {
    /// With the classes that share a hash.
    fn new(classes: &HashClasses, upright: &ClassHashes) -> Self {
        let mut nearest = NearestClasses::new(classes.len());
        upright.shared().for_each(|entries| nearest.add(entries, entries, false, 0));
        Self(Mutex::new(nearest))
    }

    fn lock(&self) -> MutexGuard<'_, NearestClasses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn into_edges(self) -> Vec<HashEdge> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).into_edges()
    }
}

/// Thousands of near copies, with the classes of each.
struct ClusterClasses {
    leader: Hash256,
    representatives: ClassHashes,
    members: ClassHashes,
}

impl ClusterClasses {
    fn new(all: &ClassHashes, rows: &index::DenseCluster) -> Self {
        Self {
            leader: all.hashes[rows.leader as usize],
            representatives: all.subset(&rows.representatives),
            members: all.subset(&rows.members),
        }
    }
}

/// The joins of all forms.
struct Joining<'a> {
    /// The hashes of each of [`FORMS`], without members.
    lefts: [&'a ClassHashes; 4],
    radius: u32,
    found: &'a Collected,
    progress: &'a dyn Progress,
}

impl Joining<'_> {
    /// The hashes of every form; those of the first stand before their transposes.
    fn forms(&self) -> [&[Hash256]; 4] {
        self.lefts.map(|left| &left.hashes[..left.rows()])
    }

    /// Everything but members.
    fn with(&self, right: &ClassHashes) -> Result<()> {
        let sink = |form: usize, pairs: &[JoinPair]| {
            let mut found = self.found.lock();
            for pair in pairs {
                let turned = form > 0 || right.is_transposed(pair.b);
                found.add(self.lefts[form].of(pair.a), right.of(pair.b), turned, pair.distance);
            }
        };
        let steps = Cell::new(0);
        let go_on = |done: usize, of: usize| {
            let step = (done * Dihedral::ALL.len() / of) as u64;
            self.progress.advance(step - steps.replace(step));
            !self.progress.stop_requested()
        };
        // Swapping rows and columns of both changes no distance, so upright hashes meet from both sides.
        let rounds = Some(right.rows() as u32).filter(|&rows| rows > 0);
        index::join_many(&self.forms(), &right.hashes, rounds, self.radius, &sink, &go_on);
        self.unless_stopped()
    }

    /// Whole pictures with dark and light exchanged, upright. Of a pair each is the other's negative: one side is enough, and
    /// that both come up changes nothing.
    fn negatives(&self, negatives: &ClassHashes) -> Result<()> {
        let right = self.lefts[0];
        index::join(&negatives.hashes, &right.hashes[..right.rows()], self.radius, &|pairs| {
            let mut found = self.found.lock();
            for pair in pairs {
                let whole = right.of(pair.b).iter().filter(|(kind, _)| *kind == ViewKind::Whole);
                let whole: Vec<(ViewKind, HashClassRow)> = whole.copied().collect();
                found.add(negatives.of(pair.a), &whole, false, pair.distance);
            }
        });
        self.unless_stopped()
    }

    fn unless_stopped(&self) -> Result<()> {
        if self.progress.stop_requested() { Err(Error::Interrupted) } else { Ok(()) }
    }

    /// Members with the representatives of their cluster: every member is near one of them, its leader.
    fn cluster(&self, cluster: &ClusterClasses) {
        let ClusterClasses { representatives, members, .. } = cluster;
        index::join(&members.hashes, &representatives.hashes, self.radius, &|pairs| {
            let mut found = self.found.lock();
            for pair in pairs {
                found.add(members.of(pair.a), representatives.of(pair.b), false, pair.distance);
            }
        });
    }

    /// Members with what a member may be near to and its leader is not. What is near the leader was joined with
    /// it, and so with the photo.
    fn outsiders(&self, clusters: &[ClusterClasses]) -> Result<()> {
        if clusters.is_empty() {
            return Ok(());
        }
        let leaders: Vec<Hash256> = clusters.iter().map(|cluster| cluster.leader).collect();
        let leaders: Vec<Hash256> =
            leaders.iter().copied().chain(leaders.iter().copied().map(transpose)).collect();
        let outside = Mutex::new(Vec::new());
        let reach = self.radius + self.radius / 2;
        let sink = |form: usize, pairs: &[JoinPair]| {
            let beyond = pairs.iter().filter(|pair| pair.distance > self.radius);
            let rows = beyond.map(|pair| (pair.b as usize, form, pair.a));
            outside.lock().unwrap_or_else(PoisonError::into_inner).extend(rows);
        };
        index::join_many(&self.forms(), &leaders, None, reach, &sink, &|_, _| {
            !self.progress.stop_requested()
        });
        let mut outside = outside.into_inner().unwrap_or_else(PoisonError::into_inner);
        outside.sort_unstable();
        for together in outside.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)) {
            let (leader, form, _) = together[0];
            let rows: Vec<u32> = together.iter().map(|&(_, _, row)| row).collect();
            let transposed = leader >= clusters.len();
            self.outsiders_of(&clusters[leader % clusters.len()].members, (form, &rows), transposed);
        }
        self.unless_stopped()
    }

    /// These rows of a form with the members, who may be transposed.
    fn outsiders_of(&self, members: &ClassHashes, (form, rows): (usize, &[u32]), transposed: bool) {
        let left = self.lefts[form];
        let hashes: Vec<Hash256> = rows.iter().map(|&row| left.hashes[row as usize]).collect();
        let turn = |hash: &Hash256| if transposed { transpose(*hash) } else { *hash };
        let turned: Vec<Hash256> = members.hashes.iter().map(turn).collect();
        index::join(&hashes, &turned, self.radius, &|pairs| {
            let mut found = self.found.lock();
            for pair in pairs {
                let entries = left.of(rows[pair.a as usize]);
                found.add(entries, members.of(pair.b), form > 0 || transposed, pair.distance);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{Pdq, Quality, Rect, View};
    use crate::link::sample;
    use crate::progress::Silent;
    use crate::record::{Image, ViewKind};
    use proptest::prelude::*;

    /// Hashes of one pool, some bits off, in all places: so copies meet turned, as panes, and beyond the radius.
    fn pdq() -> impl Strategy<Value = Pdq> {
        let hash =
            (0..5_u64, 0..40_usize).prop_map(|(seed, bits)| sample::nudge(sample::hash(seed), 0..bits));
        (prop::array::uniform4(hash), 40..100_u8, any::<bool>()).prop_map(|(base, q, is_negative)| {
            let pdq = Pdq::from_base(base, Quality::new(q));
            if is_negative { pdq.negative() } else { pdq }
        })
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
            let classes = HashClasses::of(&images, Quality::USABLE);
            let found = edges(&classes, radius, &Silent).unwrap().edges;
            let mut fast: Vec<(HashClassRow, HashClassRow)> = found.iter().map(|edge| (edge.a, edge.b)).collect();
            fast.sort_unstable();
            let pairs = classes.rows().flat_map(|a| classes.rows().skip(a.index() + 1).map(move |b| (a, b)));
            let slow: Vec<(HashClassRow, HashClassRow)> =
                pairs.filter(|&(a, b)| classes.verify(a, b, radius).is_some()).collect();
            prop_assert_eq!(fast, slow);
        }
    }

    #[test]
    fn a_large_family_keeps_the_nearest_and_stays_connected() {
        let mut images: Vec<Image> =
            (0..300).map(|k| sample::image_with(sample::nudge(sample::hash(1), k..k + 1 + k / 30))).collect();
        sample::give_ids(&mut images);
        let classes = HashClasses::of(&images, Quality::USABLE);
        let found = edges(&classes, 31, &Silent).unwrap().edges;
        assert!(found.len() <= classes.len() * KEEP);
        let mut sets = crate::sets::Sets::new(classes.len());
        for edge in &found {
            sets.join(edge.a, edge.b);
        }
        assert_eq!(sets.of_two_or_more().len(), 1);
        for class in classes.rows() {
            let mut all: Vec<u32> = classes
                .rows()
                .filter(|&other| other != class)
                .map(|other| classes.image(class).pdq.hash().distance(&classes.image(other).pdq.hash()))
                .collect();
            all.sort_unstable();
            let mine = found.iter().filter(|edge| edge.a == class || edge.b == class);
            let mut kept: Vec<u32> = mine.map(|edge| u32::from(edge.cost.rank() & 0x3ff)).collect();
            kept.sort_unstable();
            assert_eq!(kept[..KEEP], all[..KEEP], "the nearest of {class:?}");
        }
    }
}
