//! Step 4: which ads belong together, and whose photos are: judged from who shows what, and what else they say.
//!
//! Voices from contacts, then for each photo a ballot of its ads, then communities along photos that are glue. What
//! a section of a corpus cannot know by itself, it asks of [`Totals`]. The
//! trap: copies made by a mirror site say nothing about posters, so they are found last and everything is judged
//! again without them.

mod ballot;
mod bank;
mod common;
mod communities;
mod cores;
mod designs;
mod facts;
mod flyers;
mod hub_photos;
mod mirror;
mod photo_uses;
mod said;
mod totals;
mod verdict;
mod voices;

pub(super) use designs::Template;
pub(super) use facts::Facts;
pub(super) use photo_uses::{PhotoUse, PhotoUses, SharedPhoto};
pub(super) use totals::{Total, Totals};
pub(super) use verdict::{Verdict, Verdicts};
pub(super) use voices::sharing_ads;

use super::candidates::HashEdge;
use super::decisions::Decisions;
use super::options::LinkOptions;
use super::pairs::Prover;
use super::photos::PhotoGroups;
use crate::corpus::{AdRow, CommunityRow, HashClassRow, ImageRow, PhotoRow, Rows, Snapshot};
use common::Judged;
use communities::Communities;
use flyers::Flyers;
use verdict::Said;
use voices::Voices;

/// What step 4 hands on: what is known about photos and ads before links are listed.
pub(super) struct Posters<'a> {
    pub(super) uses: PhotoUses,
    pub(super) facts: Facts<'a>,
    pub(super) verdicts: Verdicts,
    /// By the first ad of each.
    pub(super) community: Rows<AdRow, CommunityRow>,
    /// Was the ad copied by a mirror site?
    pub(super) mirrored: Rows<AdRow, bool>,
    /// Designs that fill pictures.
    pub(super) templates: Vec<Template>,
    pub(super) cut: Vec<CutPair>,
}

/// Two images that agree and belong to no common photo group.
#[derive(Debug, Clone, Copy)]
pub(super) struct CutPair {
    /// A shared photo that one of them shows.
    pub(super) photo: PhotoRow,
    pub(super) image_a: ImageRow,
    pub(super) image_b: ImageRow,
}

/// What photos and ads are judged by.
pub(super) struct GatheredAds<'a> {
    snapshot: &'a Snapshot,
    uses: PhotoUses,
    facts: Facts<'a>,
    voices: Voices,
    flyers: Flyers,
    /// What somebody said about each photo.
    said: Rows<PhotoRow, Said>,
    cut: Vec<CutPair>,
    corroborate: bool,
}

/// What was judged of them.
pub(super) struct Judgements {
    verdicts: Verdicts,
    community: Rows<AdRow, CommunityRow>,
    mirrored: Rows<AdRow, bool>,
}

/// Gathers who shows what and what else they say.
pub(super) fn gather<'a>(
    snapshot: &'a Snapshot,
    photos: PhotoGroups,
    facts: Facts<'a>,
    prover: &mut Prover,
    options: &LinkOptions,
) -> GatheredAds<'a> {
    let uses = PhotoUses::new(snapshot, &photos.classes, &photos.grouping.groups);
    let in_bank = bank::named(snapshot, &photos.classes, &uses, options);
    let said = said::said(&photos.decided, &uses, &in_bank);
    let cut = cut_pairs(&photos, &uses);
    drop(photos);
    let voices = Voices::of(snapshot, &facts, &uses);
    let flyers = Flyers::of(&uses, &voices, prover);
    GatheredAds { snapshot, uses, facts, voices, flyers, said, cut, corroborate: options.corroborate }
}

/// Judges photos and ads; `None` where the whole corpus has to be asked first, as `totals` then says.
pub(super) fn judge(
    gathered: &GatheredAds,
    decisions: &Decisions,
    totals: &mut Totals,
) -> Option<Judgements> {
    let GatheredAds { snapshot, uses, facts, .. } = gathered;
    let (mut verdicts, mut community) = gathered.verdicts(uses, totals)?;
    let mut mirrored = mirror::copied_ads(snapshot, uses, facts, &verdicts, &community, totals)?;
    decisions.mark_mirrors(&mut mirrored);
    if totals.changed(mirrored.values().contains(&true))? {
        // So that a mirror changes nothing for the others.
        (verdicts, community) = gathered.verdicts(&uses.without(&mirrored), totals)?;
    }
    Some(Judgements { verdicts, community, mirrored })
}

/// Adds designs to what was judged. `reworded` are pairs of images of which one is the other with some words changed; among
/// those of one photo the prover finds more.
pub(super) fn settle<'a>(
    gathered: GatheredAds<'a>,
    judgements: Judgements,
    prover: &mut Prover,
    reworded: &[(ImageRow, ImageRow)],
) -> Posters<'a> {
    let GatheredAds { snapshot, uses, facts, voices, flyers, cut, .. } = gathered;
    let Judgements { mut verdicts, community, mirrored } = judgements;
    let mut reworded = [reworded, &flyers.reworded].concat();
    reworded.extend(designs::reworded(&uses, &verdicts, prover));
    let templates = designs::templates(snapshot, &facts, &uses, &voices, &reworded);
    designs::settle(&uses, &templates, &mut verdicts);
    let community = designs::joined(community, &templates);
    Posters { uses, facts, verdicts, community, mirrored, templates, cut }
}

impl GatheredAds<'_> {
    /// The verdict on each photo, and the community of each ad. Hub photos found on the way are common, and all is
    /// judged anew.
    fn verdicts(
        &self,
        uses: &PhotoUses,
        totals: &mut Totals,
    ) -> Option<(Verdicts, Rows<AdRow, CommunityRow>)> {
        let mut said = self.said.clone();
        loop {
            let Judged { verdicts, cores } =
                common::judge(self.snapshot, uses, &self.facts, &self.voices, &self.flyers, &said);
            let communities = Communities::new(uses, &verdicts, &self.voices, cores, self.snapshot.ads.len());
            let reuse = totals.reuse(communities.reuse())?;
            let community = if self.corroborate {
                communities.find_with(reuse, self.snapshot, &self.facts)
            } else {
                communities.find(reuse)
            };
            let hubs = hub_photos::common(uses, &self.voices, &verdicts, &community, totals)?;
            if !totals.changed(!hubs.is_empty())? {
                return Some((verdicts, community));
            }
            hub_photos::note(&mut said, &hubs);
        }
    }
}

/// Edges that no photo group holds, told by a photo that is listed; an edge between two photos of one ad each is a
/// pair and nothing more.
fn cut_pairs(photos: &PhotoGroups, uses: &PhotoUses) -> Vec<CutPair> {
    let first = |class: HashClassRow| photos.classes.images_of(class)[0];
    let photo = |edge: &HashEdge| uses.photo_of_class(edge.a).or_else(|| uses.photo_of_class(edge.b));
    let told = |edge: &HashEdge| {
        photo(edge).map(|photo| CutPair { photo, image_a: first(edge.a), image_b: first(edge.b) })
    };
    photos.grouping.cut.iter().filter_map(told).collect()
}
