//! Step 1: which images may show one photo, by their hashes. Nothing here is proven.
//!
//! Images that hash alike become one *hash class*; classes within the radius of each other, in any of the eight
//! orientations, become edges. The trap: an edge says that two hashes are near, not that two photos are one.

mod class_hashes;
mod edge;
mod hash_classes;
mod join;
mod nearest;

pub(super) use edge::{Cost, HashEdge, is_part};
#[cfg(feature = "case")]
pub(crate) use hash_classes::class_digest;
pub(crate) use hash_classes::{HashClasses, views};
#[cfg(test)]
pub(super) use join::edges;

use crate::corpus::{ImageRow, Snapshot};
use crate::error::Result;
use crate::link::options::{CandidateIndex, LinkOptions};
use crate::progress::Progress;
use join::HashEdges;

/// What step 1 hands on.
pub(super) struct Candidates<'a> {
    pub(super) classes: HashClasses<'a>,
    /// Of the tiers asked for; sorted by cost, then rows.
    pub(super) edges: Vec<HashEdge>,
    /// Hashes of dense clusters that were compared with representatives only.
    pub(super) cluster_members: u64,
    /// Share of the exact edges that an approximate index found; `None` after exact search.
    pub(super) recall: Option<f64>,
}

impl<'a> Candidates<'a> {
    /// Of a section, by the edges that were found in the whole corpus.
    pub(super) fn of_section(
        snapshot: &'a Snapshot,
        alone: &[ImageRow],
        options: &LinkOptions,
        edges: Vec<HashEdge>,
    ) -> Self {
        let classes = HashClasses::with_alone(&snapshot.images, options.min_quality, alone);
        Self { classes, edges, cluster_members: 0, recall: None }
    }
}

/// Finds the classes and their edges. The images in `alone` (sorted) are classes of their own.
pub(super) fn find<'a>(
    snapshot: &'a Snapshot,
    alone: &[ImageRow],
    options: &LinkOptions,
    progress: &dyn Progress,
) -> Result<Candidates<'a>> {
    let classes = HashClasses::with_alone(&snapshot.images, options.min_quality, alone);
    let exact =
        tracing::debug_span!("candidates").in_scope(|| join::edges(&classes, options.radius, progress))?;
    let (HashEdges { mut edges, cluster_members }, recall) = match options.index {
        CandidateIndex::Exact => (exact, None),
        CandidateIndex::Hnsw => {
            let found = join::edges_by_hnsw(&classes, options.radius, progress)?;
            let recall = join::recall(&exact.edges, &found.edges);
            (found, Some(recall))
        }
    };
    edges.retain(|edge| options.tiers.contains(&edge.cost.tier()));
    Ok(Candidates { classes, edges, cluster_members, recall })
}
