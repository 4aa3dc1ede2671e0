//! Step 4: which ads belong together, and which photos are common: judged from who shows what, and what else they say.
//!
//! Photos are judged first, then ads are put together along those that are not common. The trap: copies made by a
//! mirror site say nothing about posters, so they are found last and everything is judged again without them.

mod common;
mod communities;
mod cores;
mod facts;
mod hub_photos;
mod mirror;
mod photo_uses;
mod said;

pub(super) use common::Verdict;
pub(super) use facts::Facts;
pub(super) use photo_uses::{Shared, Showing, Showings};

use super::candidates::HashEdge;
use super::decisions::Decisions;
use super::findings::CommonReason;
use super::options::LinkOptions;
use super::photos::PhotoGroups;
use crate::corpus::Snapshot;
use common::Judged;
use communities::Communities;

/// What step 4 hands on: what is known about photos and ads before links are listed.
pub(super) struct Posters<'a> {
    pub(super) showings: Showings,
    pub(super) facts: Facts<'a>,
    /// Of each photo.
    pub(super) verdicts: Vec<Verdict>,
    /// Of each ad, by the first ad of its community.
    pub(super) community: Vec<u32>,
    /// Was the ad copied by a mirror site?
    pub(super) mirrored: Vec<bool>,
    pub(super) cut: Vec<CutPair>,
}

/// Two images that agree and belong to no common photo group.
#[derive(Debug, Clone, Copy)]
pub(super) struct CutPair {
    /// A shared photo that one of them shows.
    pub(super) photo: u32,
    pub(super) image_a: u32,
    pub(super) image_b: u32,
}

/// Judges photos and ads.
pub(super) fn judge<'a>(
    snapshot: &'a Snapshot,
    photos: PhotoGroups,
    decisions: &Decisions,
    options: &LinkOptions,
) -> Posters<'a> {
    let showings = Showings::new(snapshot, &photos.classes, &photos.grouping.groups);
    let facts = Facts::of(snapshot);
    let in_bank = common::named_by_bank(snapshot, &photos.classes, &showings, options);
    let named = said::common(&photos.called_common, &showings, &in_bank);
    let cut = cut_pairs(&photos, &showings);
    drop(photos);
    let court = Court { snapshot, facts: &facts, named, corroborate: options.corroborate };
    let (mut verdicts, mut community) = court.verdicts(&showings);
    let mut mirrored = mirror::copied_ads(snapshot, &showings, &facts, &verdicts, &community);
    decisions.mark_mirrors(&mut mirrored);
    if mirrored.contains(&true) {
        // So that a mirror changes nothing for the others.
        (verdicts, community) = court.verdicts(&showings.without(&mirrored));
    }
    Posters { showings, facts, verdicts, community, mirrored, cut }
}

struct Court<'a> {
    snapshot: &'a Snapshot,
    facts: &'a Facts<'a>,
    /// Which photos somebody called common.
    named: Vec<Option<CommonReason>>,
    corroborate: bool,
}

impl Court<'_> {
    /// The verdict on each photo, and the community of each ad. Hub photos found on the way are common, and all is
    /// judged anew.
    fn verdicts(&self, showings: &Showings) -> (Vec<Verdict>, Vec<u32>) {
        let mut named = self.named.clone();
        loop {
            let Judged { verdicts, cores } = common::judge(self.snapshot, showings, self.facts, &named);
            let communities = Communities::new(showings, &verdicts, cores, self.snapshot.ads.len());
            let community =
                if self.corroborate { communities.find_with(self.facts) } else { communities.find() };
            let hubs = hub_photos::common(showings, self.facts, &verdicts, &community);
            if hubs.is_empty() {
                return (verdicts, community);
            }
            hubs.iter().for_each(|&photo| named[photo as usize] = Some(CommonReason::Stock));
        }
    }
}

/// Edges that no photo group holds, told by a photo that is listed; an edge between two photos of one ad each is a
/// pair and nothing more.
fn cut_pairs(photos: &PhotoGroups, showings: &Showings) -> Vec<CutPair> {
    let first = |class: u32| photos.classes.images_of(class)[0];
    let photo = |edge: &HashEdge| showings.photo_of_class(edge.a).or_else(|| showings.photo_of_class(edge.b));
    let told = |edge: &HashEdge| {
        photo(edge).map(|photo| CutPair { photo, image_a: first(edge.a), image_b: first(edge.b) })
    };
    photos.grouping.cut.iter().filter_map(told).collect()
}
