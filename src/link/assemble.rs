//! The order of work, and the findings put together from its parts.
//!
//! Candidates, photo groups by hashes, then by features, pairs, who shows what, what is common, who belongs together, and only then links: which
//! links are listed depends on the networks, so that each stays connected by listed ones. The trap: indices in
//! [`Findings`] are places in its own lists, so nothing may be sorted again after it was pointed at.

use super::candidates::hash_classes::Looks;
use super::candidates::join;
use super::candidates::join::{Candidates, Edge};
use super::decisions::Replay;
use super::findings::found::{CommonReason, Findings, Pair, PartialWork, PhotoGroup, Rarity};
use super::findings::ids;
use super::networks::judgement::Judgement;
use super::networks::links::{CutPair, Maker};
use super::options::{CandidateIndex, LinkOptions};
use super::pairs::doubt;
use super::pairs::listing;
use super::pairs::prover::Prover;
use super::pairs::together::Together;
use super::pairs::same_proofs::SameProofs;
use super::photos::constraints::Bonds;
use super::photos::feature_candidates::FeatureEdges;
use super::photos::frames;
use super::photos::frames::Places;
use super::photos::groups;
use super::photos::groups::Grouping;
use super::photos::hash_gate::{Doubts, HashGate};
use super::photos::joining;
use super::photos::joining::Lead;
use super::photos::pixel_checks::Overlays;
use super::photos::pixels::Sources;
use super::posters::common;
use super::posters::common::{Judged, Verdict};
use super::posters::communities::Communities;
use super::posters::facts::Facts;
use super::posters::hub_photos;
use super::posters::mirror;
use super::posters::photo_uses;
use super::posters::photo_uses::{Shared, Showings};
use crate::corpus::Snapshot;
use crate::error::{Error, Result};
use crate::hash::Dihedral;
use crate::progress::{Progress, Stage};
use crate::verify::Tier;
use tracing::debug_span;

/// [`link_with`] nothing but the snapshot: what only pixels can decide is left to its score.
///
/// # Errors
/// As [`link_with`].
pub fn link(snapshot: &Snapshot, options: &LinkOptions, progress: &dyn Progress) -> Result<Findings> {
    link_with(snapshot, &Sources::NONE, options, progress)
}

/// Links the ads of a snapshot.
///
/// Deterministic: the findings depend on the snapshot and the options, not on threads or on the order of ingestion.
///
/// # Errors
/// [`Error::Interrupted`] when `progress` asks to stop; [`Error::Parameter`] when a pool of `threads` cannot be made.
pub fn link_with(
    snapshot: &Snapshot,
    sources: &Sources,
    options: &LinkOptions,
    progress: &dyn Progress,
) -> Result<Findings> {
    let Some(threads) = options.threads else { return link_here(snapshot, sources, options, progress) };
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| Error::Parameter {
            name: "threads",
            value: threads.to_string(),
            expected: format!("a usable number: {error}"),
        })?;
    pool.install(|| link_here(snapshot, sources, options, progress))
}

fn link_here(
    snapshot: &Snapshot,
    sources: &Sources,
    options: &LinkOptions,
    progress: &dyn Progress,
) -> Result<Findings> {
    progress.start(Stage::Matching, Some(Dihedral::ALL.len() as u64));
    let mut replay = Replay::of(snapshot);
    let partial = options.tiers.contains(&Tier::Partial) && !snapshot.features.is_empty();
    let doubts = Doubts::new(snapshot, options);
    let alone = sorted([replay.named_images(), doubts.not_photos()].concat());
    let looks = Looks::with_alone(&snapshot.images, options.min_quality, &alone);
    let exact = debug_span!("candidates").in_scope(|| join::edges(&looks, options.radius, progress))?;
    let (Candidates { mut edges, followers }, candidate_recall) = match options.index {
        CandidateIndex::Exact => (exact, None),
        CandidateIndex::Hnsw => {
            let found = join::edges_by_hnsw(&looks, options.radius, progress)?;
            let recall = join::recall(&exact.edges, &found.edges);
            (found, Some(recall))
        }
    };
    edges.retain(|edge| options.tiers.contains(&edge.cost.tier()));
    let mut bonds = replay.bonds(&looks, &edges, options);
    let mut overlays = Overlays::new(snapshot, sources.pixels, sources.laid);
    let mut gate = HashGate::new(&doubts, &looks, &mut overlays);
    let grouping = debug_span!("photo groups").in_scope(|| {
        groups::group(&looks, &edges, options.radius, &mut bonds, partial.then_some(&mut gate))
    });
    let HashGate { refused, designs, .. } = gate;
    edges.retain(|edge| !refused.contains(&(edge.a, edge.b)));
    let (grouping, parts) = match partial {
        true => by_features(snapshot, &looks, grouping, &mut bonds, &mut overlays, progress)?,
        false => (grouping, Parts::default()),
    };
    bonds.amend(&mut edges);
    replay.settle(&looks, &grouping.groups);
    progress.finish();
    progress.start(Stage::Linking, None);
    let mut prover = Prover {
        snapshot,
        options,
        replay: &replay,
        places: parts.places,
        overlays,
        doubts: partial.then_some(&doubts),
        together: Together::new(snapshot, &looks, &grouping.groups),
        proofs: SameProofs::default(),
    };
    let listed = debug_span!("pairs")
        .in_scope(|| listing::list(snapshot, options, &looks, &edges, &grouping, &mut prover));
    // From here on photos and their ads are enough; in a large case the edges are hundreds of megabytes.
    drop(edges);
    let findings = Work { snapshot, options, looks, grouping, prover: &prover }.findings();
    progress.finish();
    let (compared, not_compared) = prover.overlays.counts();
    let work = PartialWork { compared, not_compared, over_cap: listed.not_asked, ..parts.work };
    let leads = leads(snapshot, &prover, &listed.pairs, (parts.leads, designs), options);
    Ok(Findings {
        candidate_recall,
        crowd_followers: followers,
        expected_false_pairs: doubt::expected_false_pairs(&listed.pairs, snapshot.images.len()),
        pairs: listed.pairs,
        pairs_over_cap: listed.left_out,
        leads,
        partial: if partial { work } else { PartialWork::default() },
        laid: prover.overlays.fresh(),
        ..findings
    })
}

/// What local features add to the groups.
#[derive(Default)]
struct Parts {
    places: Option<Places>,
    leads: Vec<Lead>,
    work: PartialWork,
}

fn by_features(
    snapshot: &Snapshot,
    looks: &Looks,
    grouping: Grouping,
    bonds: &mut Bonds,
    overlays: &mut Overlays,
    progress: &dyn Progress,
) -> Result<(Grouping, Parts)> {
    let found = FeatureEdges::of(snapshot, looks, &grouping.groups, progress)?;
    let work = PartialWork {
        indexed: found.rows.len() as u64,
        candidates: found.candidates,
        agreeing: found.edges.len() as u64,
        ..PartialWork::default()
    };
    let mut joined = joining::join(snapshot, &found, &grouping.groups, bonds, overlays, progress)?;
    let look_of = looks.by_image();
    joined.leads.retain(|lead| bonds.allow(look_of[lead.a as usize], look_of[lead.b as usize]));
    let (mut grouping, places) = frames::place(snapshot, looks, grouping, &found, &joined);
    bonds.admit(&mut grouping);
    Ok((grouping, Parts { places: Some(places), leads: joined.leads, work }))
}

/// Pairs of the same scene or design, as features and as hashes found them: of different ads, and not proven otherwise.
fn leads(
    snapshot: &Snapshot,
    prover: &Prover,
    pairs: &[Pair],
    (by_features, by_hash): (Vec<Lead>, Vec<(u32, u32)>),
    options: &LinkOptions,
) -> Vec<Pair> {
    let listed = |a: u32, b: u32| pairs.binary_search_by_key(&(a, b), |pair| (pair.a, pair.b)).is_ok();
    let seen = photo_uses::SeenIn::new(snapshot);
    let wanted = |a: u32, b: u32| !listed(a, b) && listing::in_two_ads(snapshot, &seen, options, a, b);
    let found = by_features.into_iter().filter(|lead| wanted(lead.a, lead.b));
    let found = found.map(|lead| {
        let proof = prover.lead(lead.a, lead.b, lead.tier, &lead.found).into();
        Pair { a: lead.a, b: lead.b, proof }
    });
    let designs = by_hash.into_iter().filter(|&(a, b)| wanted(a, b));
    let designs =
        designs.filter_map(|(a, b)| Some(Pair { a, b, proof: prover.same_design(a, b)?.into() }));
    let mut leads: Vec<Pair> = found.chain(designs).collect();
    leads.sort_by_key(|lead| (lead.a, lead.b));
    leads.dedup_by_key(|lead| (lead.a, lead.b));
    leads
}

fn sorted(mut rows: Vec<u32>) -> Vec<u32> {
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// What is known once photos are grouped.
struct Work<'a> {
    snapshot: &'a Snapshot,
    options: &'a LinkOptions,
    looks: Looks<'a>,
    grouping: Grouping,
    prover: &'a Prover<'a>,
}

impl Work<'_> {
    fn findings(mut self) -> Findings {
        let showings = Showings::new(self.snapshot, &self.looks, &self.grouping.groups);
        self.grouping.groups = Vec::new();
        let mut facts = Facts::of(self.snapshot);
        let belonging = self.belonging(&showings, &facts);
        let Belonging { verdicts, community, mirrored } = &belonging;
        let common: Vec<bool> = verdicts.iter().map(|verdict| verdict.reason.is_some()).collect();
        let rarity: Vec<f64> = verdicts.iter().map(rarity_weight).collect();
        let (snapshot, options) = (self.snapshot, self.options);
        let maker = Maker {
            snapshot,
            options,
            prover: self.prover,
            showings: &showings,
            facts: &facts,
            rarity: &rarity,
            common: &common,
            mirrored,
        };
        let mut links = maker.links(community, &self.cut_pairs(&showings));
        facts.forget_texts();
        let judgement =
            Judgement { snapshot, facts: &facts, showings: &showings, verdicts, community, mirrored };
        let (networks, removed) = judgement.networks(&mut links);
        Findings {
            seen: facts.seen(),
            groups: photo_groups(snapshot, &facts, showings.photos, verdicts),
            links,
            networks,
            removed,
            decisions: self.prover.replay.effects(),
            ..Findings::default()
        }
    }

    /// What is common, what is copied, who belongs together. Copies by mirror sites are left out, and everything is
    /// judged again without them, so that a mirror changes nothing for the others.
    fn belonging(&self, showings: &Showings, facts: &Facts) -> Belonging {
        let (snapshot, ads) = (self.snapshot, self.snapshot.ads.len());
        let in_bank = common::named_by_bank(snapshot, &self.looks, showings, self.options);
        let named = self.prover.replay.common(showings, &in_bank);
        let judge = |showings: &Showings| {
            let mut named = named.clone();
            loop {
                let Judged { verdicts, cores } = common::judge(snapshot, showings, facts, &named);
                let communities = Communities::new(showings, &verdicts, cores, ads);
                let community =
                    if self.options.corroborate { communities.find_with(facts) } else { communities.find() };
                let backbones = hub_photos::common(showings, facts, &verdicts, &community);
                if backbones.is_empty() {
                    return (verdicts, community);
                }
                backbones.iter().for_each(|&photo| named[photo as usize] = Some(CommonReason::Stock));
            }
        };
        let (verdicts, community) = judge(showings);
        let mut mirrored = mirror::copied_ads(snapshot, showings, facts, &verdicts, &community);
        self.prover.replay.mark_mirrors(&mut mirrored);
        if mirrored.contains(&true) {
            let (verdicts, community) = judge(&showings.without(&mirrored));
            return Belonging { verdicts, community, mirrored };
        }
        Belonging { verdicts, community, mirrored }
    }

    /// Edges that no photo group holds, told by a photo that is listed; an edge between two photos of one ad each is
    /// a pair and nothing more.
    fn cut_pairs(&self, showings: &Showings) -> Vec<CutPair> {
        let first = |look: u32| self.looks.images_of(look)[0];
        let photo = |edge: &Edge| showings.photo_of_look(edge.a).or_else(|| showings.photo_of_look(edge.b));
        let told = |edge: &Edge| {
            photo(edge).map(|photo| CutPair { photo, image_a: first(edge.a), image_b: first(edge.b) })
        };
        self.grouping.cut.iter().filter_map(told).collect()
    }
}

/// What is known about photos and ads before links are listed.
struct Belonging {
    verdicts: Vec<Verdict>,
    community: Vec<u32>,
    mirrored: Vec<bool>,
}

fn photo_groups(
    snapshot: &Snapshot,
    facts: &Facts,
    photos: Vec<Shared>,
    verdicts: &[Verdict],
) -> Vec<PhotoGroup> {
    let group = |(photo, verdict): (Shared, &Verdict)| PhotoGroup {
        id: ids::photo_group(snapshot.images[photo.first_image as usize].id()),
        rarity: rarity_of(snapshot, facts, &photo.ads, verdict.posters),
        images: photo.images,
        ads: photo.ads,
        common: verdict.reason,
    };
    photos.into_iter().zip(verdicts).map(group).collect()
}

/// A photo that u unrelated posters show says 1 / log2(1 + u) of what one poster's own photo says.
fn rarity_weight(verdict: &Verdict) -> f64 {
    let weight = 1.0 / (1.0 + f64::from(verdict.posters.max(1))).log2();
    if verdict.reason.is_some() { weight.min(0.05) } else { weight }
}

fn rarity_of(snapshot: &Snapshot, facts: &Facts, ads: &[u32], posters: u32) -> Rarity {
    let distinct = |mut values: Vec<&str>| {
        values.sort_unstable();
        values.dedup();
        values.iter().filter(|value| !value.is_empty()).count() as u32
    };
    Rarity {
        ads: ads.len() as u32,
        sites: distinct(ads.iter().map(|&ad| snapshot.ads[ad as usize].key.site.as_str()).collect()),
        days: distinct(ads.iter().map(|&ad| facts.day(ad)).collect()),
        unrelated_posters: posters,
    }
}
