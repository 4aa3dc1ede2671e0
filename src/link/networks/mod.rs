//! Step 5: ad links with their evidence, those set aside, and networks of ads.
//!
//! Which links are listed depends on who belongs together, so that each network stays connected by listed ones. The
//! trap: rows in the findings are places in their own lists, so nothing may be sorted again after it was pointed at.

mod judgement;
mod links;
mod photo_groups;

use super::findings::{Design, Link, Network, PhotoGroup, RemovedLink, Seen};
use super::options::LinkOptions;
use super::pairs::Prover;
use super::posters::Posters;
use crate::corpus::{PhotoRow, Rows, Snapshot};
use judgement::Judgement;
use links::Maker;

/// What step 5 makes, as the findings have it.
pub(super) struct Networks {
    pub(super) groups: Vec<PhotoGroup>,
    pub(super) designs: Vec<Design>,
    pub(super) links: Vec<Link>,
    pub(super) networks: Vec<Network>,
    pub(super) removed: Vec<RemovedLink>,
    pub(super) seen: Vec<Seen>,
}

/// Links ads along the photos of step 4.
pub(super) fn make(
    snapshot: &Snapshot,
    posters: Posters,
    prover: &Prover,
    options: &LinkOptions,
) -> Networks {
    let Posters { uses, mut facts, verdicts, community, mirrored, templates, cut } = posters;
    let common: Rows<PhotoRow, bool> =
        verdicts.values().iter().map(|verdict| verdict.reason.is_some()).collect();
    let rarity: Rows<PhotoRow, f64> = verdicts.values().iter().map(photo_groups::rarity_weight).collect();
    let maker = Maker {
        snapshot,
        options,
        prover,
        uses: &uses,
        facts: &facts,
        rarity: &rarity,
        common: &common,
        mirrored: &mirrored,
        designs: &templates,
    };
    let mut links = maker.links(&community, &cut);
    facts.forget_texts();
    let judgement = Judgement {
        snapshot,
        facts: &facts,
        uses: &uses,
        verdicts: &verdicts,
        community: &community,
        mirrored: &mirrored,
        templates: &templates,
    };
    let (networks, removed) = judgement.networks(&mut links);
    let seen = facts.seen();
    let groups = photo_groups::photo_groups(snapshot, &facts, uses.photos, &verdicts);
    let designs = templates.into_iter().map(|template| template.design()).collect();
    Networks { groups, designs, links, networks, removed, seen }
}
