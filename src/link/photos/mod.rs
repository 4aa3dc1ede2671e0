//! Step 2: photo groups, the images that show one photo: by hashes first, then by local features and pixels.
//!
//! Groups are guarded against chaining, and respect what reviewers said. Every image that features can place gets its
//! place in its photo. The trap: being in one group is no proof of a pair; proofs are made in step 3.

mod agreement;
mod bare_features;
mod commonness;
mod constraints;
mod decided;
mod feature_candidates;
mod frames;
mod grouping;
mod groups;
mod hash_gate;
mod joining;
mod lanes;
mod matching;
mod path_support;
mod pixel_checks;
mod pixel_result;
mod pixels;
mod watermarks;

pub(super) use commonness::{Bearers, Commonness};
pub(super) use feature_candidates::{FeatureEdge, FeatureEdges, FoundMatch};
pub(super) use frames::{Placement, Placements};
pub(super) use grouping::{Group, Grouping};
pub(super) use hash_gate::Doubts;
pub(super) use joining::SceneCandidate;
pub(super) use matching::{is_borne_out, matched};
pub(super) use path_support::PathSupport;
pub(super) use pixel_checks::{Ask, PixelChecks};
pub(super) use pixel_result::AlignedCheck;
pub use pixels::{NoPixels, OriginalFiles, Pixels, Sources};
pub(super) use watermarks::Watermarks;

use super::candidates::{Candidates, HashClasses, HashEdge};
use super::decisions::Decisions;
use super::findings::PartialWork;
use super::options::LinkOptions;
use crate::corpus::{HashClassRow, ImageRow, Snapshot};
use crate::error::Result;
use crate::progress::Progress;
use crate::record::Ruling;
use constraints::Constraints;
use decided::{Decided, DecidedPhoto};
use hash_gate::HashGate;

/// What step 2 hands on.
pub(super) struct Photos<'a> {
    pub(super) groups: PhotoGroups<'a>,
    /// Edges between hash classes that decisions allow, with those they demand.
    pub(super) edges: Vec<HashEdge>,
    pub(super) by_features: ByFeatures,
    /// Images whose hashes are near and that share a design and no photo, as pixels say.
    pub(super) designs: Vec<(ImageRow, ImageRow)>,
    /// What near hashes are worth; `None` where they have to do.
    pub(super) doubts: Option<Doubts<'a>>,
    pub(super) pixel_checks: PixelChecks<'a>,
}

/// Which hash classes show one photo.
pub(super) struct PhotoGroups<'a> {
    pub(super) classes: HashClasses<'a>,
    pub(super) grouping: Grouping,
    /// Hash classes that show a photo which a reviewer confirms or calls common, with the ruling; the later ones later.
    pub(super) decided: Vec<(HashClassRow, Ruling)>,
}

/// What local features add to the groups; nothing without that tier.
#[derive(Default)]
pub(super) struct ByFeatures {
    /// Where each image lies in its photo.
    pub(super) placements: Option<Placements>,
    pub(super) scene_candidates: Vec<SceneCandidate>,
    pub(super) work: PartialWork,
}

/// Photo groups by hashes alone, and what is known on the way to those by features.
pub(super) struct HashGroups<'a> {
    pub(super) classes: HashClasses<'a>,
    pub(super) edges: Vec<HashEdge>,
    pub(super) grouping: Grouping,
    pub(super) pixel_checks: PixelChecks<'a>,
    doubts: Option<Doubts<'a>>,
    designs: Vec<(ImageRow, ImageRow)>,
    constraints: Constraints,
    of_photos: Vec<DecidedPhoto>,
}

/// Groups the classes of step 1 by their hashes.
pub(super) fn by_hashes<'a>(
    candidates: Candidates<'a>,
    mut pixel_checks: PixelChecks<'a>,
    decisions: &Decisions,
    options: &LinkOptions,
    doubts: Option<Doubts<'a>>,
) -> HashGroups<'a> {
    let Candidates { classes, mut edges, .. } = candidates;
    let Decided { mut constraints, of_photos, bonds } =
        Decided::of(decisions, &classes, &edges, options.radius);
    let mut gate = doubts.as_ref().map(|doubts| HashGate::new(doubts, &classes, &mut pixel_checks));
    let grouping = tracing::debug_span!("photo groups").in_scope(|| {
        groups::group(&classes, &edges, options.radius, &mut constraints, &bonds, gate.as_mut())
    });
    let designs = gate.as_mut().map_or(Vec::new(), |gate| {
        edges.retain(|edge| !gate.has_refused(edge));
        std::mem::take(&mut gate.designs)
    });
    HashGroups { classes, edges, grouping, pixel_checks, doubts, designs, constraints, of_photos }
}

/// Groups by features what hashes told apart, and notes which decisions could not be followed. `found` is what features
/// found; `None` without that tier.
pub(super) fn group<'a>(
    snapshot: &'a Snapshot,
    by_hashes: HashGroups<'a>,
    found: Option<FeatureEdges>,
    decisions: &mut Decisions,
    progress: &dyn Progress,
) -> Result<Photos<'a>> {
    let HashGroups { classes, mut edges, mut grouping, mut pixel_checks, .. } = by_hashes;
    let HashGroups { doubts, designs, mut constraints, of_photos, .. } = by_hashes;
    let mut by_features = ByFeatures::default();
    if let Some(found) = found {
        (grouping, by_features) = join_by_features(
            snapshot,
            &classes,
            grouping,
            &found,
            &mut constraints,
            &mut pixel_checks,
            progress,
        )?;
    }
    constraints.amend(&mut edges);
    decided::settle(decisions, &classes, &grouping.groups);
    let held = of_photos.into_iter().filter(|said| decisions.holds(said.place));
    let decided = held.map(|said| (said.class, said.ruling)).collect();
    let groups = PhotoGroups { classes, grouping, decided };
    Ok(Photos { groups, edges, by_features, designs, doubts, pixel_checks })
}

fn join_by_features(
    snapshot: &Snapshot,
    classes: &HashClasses,
    grouping: Grouping,
    found: &FeatureEdges,
    constraints: &mut Constraints,
    pixel_checks: &mut PixelChecks,
    progress: &dyn Progress,
) -> Result<(Grouping, ByFeatures)> {
    let work = PartialWork {
        indexed: found.rows.len() as u64,
        candidates: found.candidates,
        agreeing: found.edges.len() as u64,
        ..PartialWork::default()
    };
    let mut joined = joining::join(found, &grouping.groups, constraints, pixel_checks, progress)?;
    let class_of = classes.by_image();
    joined.scene_candidates.retain(|two| constraints.allow(class_of[two.a], class_of[two.b]));
    let (mut grouping, placements) = frames::place(snapshot, classes, grouping, found, &joined);
    constraints.admit(&mut grouping);
    let scene_candidates = joined.scene_candidates;
    Ok((grouping, ByFeatures { placements: Some(placements), scene_candidates, work }))
}
