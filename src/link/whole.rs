//! The five steps on a whole corpus, and on its sections one by one: what either does, in order.
//!
//! Candidates by hashes and by features are looked up in the whole corpus both times. From there on a section is linked as
//! a corpus of its own. The trap: sections wait for each other where they have figures to add up.

use super::candidates::{self, Candidates, HashEdge};
use super::decisions::Decisions;
use super::findings::Findings;
use super::networks::{self, Networks};
use super::options::LinkOptions;
use super::pairs::{self, Pairs};
use super::photos::{self, Doubts, FeatureEdges, HashGroups, PhotoGroups, PixelChecks, Sources, Watermarks};
use super::posters::{self, Facts, GatheredAds, Judgements, Posters, Total, Totals};
use super::sections::{CorpusFacts, Section, SectionPlaces, SectionRows, Ties, merge};
use crate::corpus::{ImageRow, Snapshot};
use crate::error::Result;
use crate::hash::Dihedral;
use crate::progress::{Progress, Stage};
use crate::sets::sorted_distinct;
use crate::verify::Tier;

/// What was looked up in a corpus.
struct LookedUp<'a> {
    decisions: Decisions,
    /// All edges, also those that did not stand; nothing unless they were asked for.
    edges: Vec<HashEdge>,
    by_hashes: HashGroups<'a>,
    /// `None` without that tier.
    features: Option<FeatureEdges>,
    recall: Option<f64>,
    cluster_members: u64,
}

fn look_up<'a>(
    snapshot: &'a Snapshot,
    sources: &Sources<'a>,
    options: &'a LinkOptions,
    keep_edges: bool,
    progress: &dyn Progress,
) -> Result<LookedUp<'a>> {
    progress.start(Stage::Matching, Some(Dihedral::ALL.len() as u64));
    let decisions = Decisions::of(snapshot);
    let by_features = options.tiers.contains(&Tier::Partial) && !snapshot.features.is_empty();
    let doubts = by_features.then(|| Doubts::new(snapshot, options));
    let candidates = candidates::find(snapshot, &alone(&decisions, doubts.as_ref()), options, progress)?;
    let (recall, cluster_members) = (candidates.recall, candidates.cluster_members);
    let edges = if keep_edges { candidates.edges.clone() } else { Vec::new() };
    let watermarks =
        if by_features { Watermarks::of(snapshot, sources.pixels) } else { Watermarks::default() };
    let pixel_checks = PixelChecks::new(snapshot, sources, watermarks);
    let mut by_hashes = photos::by_hashes(candidates, pixel_checks, &decisions, options, doubts);
    let features = match by_features {
        false => None,
        true => {
            let groups = &by_hashes.grouping.groups;
            let pixel_checks = &mut by_hashes.pixel_checks;
            Some(FeatureEdges::of(snapshot, &by_hashes.classes, groups, pixel_checks, progress)?)
        }
    };
    Ok(LookedUp { decisions, edges, by_hashes, features, recall, cluster_members })
}

/// Images that are hash classes of their own. Equal hashes do not make two forms, or two codes, one.
fn alone(decisions: &Decisions, doubts: Option<&Doubts>) -> Vec<ImageRow> {
    let not_photos = doubts.map_or(Vec::new(), Doubts::not_photos);
    sorted_distinct(decisions.named_images().into_iter().chain(not_photos))
}

/// Links a corpus at once.
pub(super) fn link(
    snapshot: &Snapshot,
    sources: &Sources,
    options: &LinkOptions,
    progress: &dyn Progress,
) -> Result<Findings> {
    let looked = look_up(snapshot, sources, options, false, progress)?;
    let LookedUp { mut decisions, by_hashes, features, recall, cluster_members, .. } = looked;
    let photos = photos::group(snapshot, by_hashes, features, &mut decisions, progress)?;
    progress.finish();
    progress.start(Stage::Linking, None);
    let listed = pairs::list(snapshot, photos, &decisions, options);
    let linking = SectionLinking::new(snapshot, listed, Facts::of(snapshot), options);
    let Some(judgements) = posters::judge(&linking.gathered, &decisions, &mut Totals::of_whole()) else {
        unreachable!("a whole corpus knows its own figures")
    };
    let found = linking.finish(judgements, &decisions, options);
    progress.finish();
    Ok(Findings { candidate_recall: recall, cluster_members, ..found })
}

/// Links the sections into which `cut` cuts a corpus.
pub(super) fn link_cut(
    snapshot: &Snapshot,
    sources: &Sources,
    options: &LinkOptions,
    progress: &dyn Progress,
    cut: &(dyn Fn(&Ties) -> Vec<SectionRows> + Sync),
) -> Result<Findings> {
    let looked = look_up(snapshot, sources, options, true, progress)?;
    let LookedUp { decisions, edges, by_hashes, features, cluster_members, .. } = looked;
    let HashGroups { classes, pixel_checks, .. } = by_hashes;
    let posters = Facts::of(snapshot);
    let rows = {
        let matches = features.as_ref().map_or(&[][..], |features| &features.edges);
        cut(&Ties {
            snapshot,
            classes: &classes,
            edges: &edges,
            matches,
            decisions: &decisions,
            facts: &posters,
        })
    };
    let candidates = features.as_ref().map_or(0, |features| features.candidates);
    let places = SectionPlaces::new(&classes, snapshot.images.len(), &rows);
    let facts = CorpusFacts { snapshot, sources, classes, edges, features, posters, pixel_checks, places };
    let found = link_sections(&facts, &rows, options, progress)?;
    Ok(Findings { cluster_members, ..merge(snapshot, &rows, found, candidates) })
}

fn link_sections(
    facts: &CorpusFacts,
    rows: &[SectionRows],
    options: &LinkOptions,
    progress: &dyn Progress,
) -> Result<Vec<Findings>> {
    let sections: Vec<Section> = rows.iter().map(|rows| facts.section(rows)).collect();
    let mut decisions: Vec<Decisions> =
        sections.iter().map(|section| Decisions::of(&section.snapshot)).collect();
    let (edges, matches) = facts.shared_out(sections.len());
    let mut photos = Vec::new();
    for (((section, decisions), edges), matches) in
        sections.iter().zip(&mut decisions).zip(edges).zip(matches)
    {
        let mut by_hashes = of_section(facts, section, decisions, edges, options);
        let features = facts.features.is_some().then(|| {
            let commonness = facts.commonness(section.rows, &matches);
            let groups = &by_hashes.grouping.groups;
            let (classes, pixel_checks) = (&by_hashes.classes, &mut by_hashes.pixel_checks);
            let found = (matches, commonness);
            FeatureEdges::of_section(&section.snapshot, classes, groups, pixel_checks, found)
        });
        photos.push(photos::group(&section.snapshot, by_hashes, features, decisions, progress)?);
    }
    progress.finish();
    progress.start(Stage::Linking, None);
    let mut linking = Vec::new();
    for ((section, decisions), photos) in sections.iter().zip(&decisions).zip(photos) {
        let pairs = pairs::list(&section.snapshot, photos, decisions, options);
        let posters = facts.posters.section(&section.snapshot, &section.rows.ads);
        linking.push(SectionLinking::new(&section.snapshot, pairs, posters, options));
    }
    let judgements = judged(&linking, &decisions);
    let finished = linking.into_iter().zip(judgements).zip(&decisions);
    let found =
        finished.map(|((linking, judgements), decisions)| linking.finish(judgements, decisions, options));
    let found = found.collect();
    progress.finish();
    Ok(found)
}

fn of_section<'s>(
    facts: &'s CorpusFacts,
    section: &'s Section,
    decisions: &Decisions,
    edges: Vec<HashEdge>,
    options: &'s LinkOptions,
) -> HashGroups<'s> {
    let doubts = facts.features.is_some().then(|| Doubts::new(&section.snapshot, options));
    let alone = alone(decisions, doubts.as_ref());
    let candidates = Candidates::of_section(&section.snapshot, &alone, options, edges);
    photos::by_hashes(candidates, facts.pixel_checks(section), decisions, options, doubts)
}

/// What is judged of each section, again and again until all that has to be added up is.
fn judged(linking: &[SectionLinking], decisions: &[Decisions]) -> Vec<Judgements> {
    let mut known: Vec<Total> = Vec::new();
    loop {
        let (mut all, mut total): (Vec<Judgements>, Option<Total>) = (Vec::new(), None);
        for (linking, decisions) in linking.iter().zip(decisions) {
            let mut totals = Totals::of_section(&known);
            all.extend(posters::judge(&linking.gathered, decisions, &mut totals));
            total = match (total, totals.own) {
                (Some(total), Some(own)) => Some(total.with(own)),
                (total, own) => total.or(own),
            };
        }
        match total {
            None => return all,
            Some(total) => known.push(total),
        }
    }
}

/// A corpus, or a section, on its way from pairs to networks.
struct SectionLinking<'a> {
    snapshot: &'a Snapshot,
    pairs: Pairs<'a>,
    gathered: GatheredAds<'a>,
}

impl<'a> SectionLinking<'a> {
    fn new(
        snapshot: &'a Snapshot,
        (mut pairs, photos): (Pairs<'a>, PhotoGroups<'a>),
        facts: Facts<'a>,
        options: &LinkOptions,
    ) -> Self {
        let gathered = posters::gather(snapshot, photos, facts, &mut pairs.prover, options);
        Self { snapshot, pairs, gathered }
    }

    fn finish(self, judgements: Judgements, decisions: &Decisions, options: &LinkOptions) -> Findings {
        let Self { snapshot, mut pairs, gathered } = self;
        let posters: Posters = posters::settle(gathered, judgements, &mut pairs.prover, &pairs.reworded);
        let Networks { groups, designs, links, networks, removed, seen } =
            networks::make(snapshot, posters, &pairs.prover, options);
        Findings {
            pairs: pairs.pairs,
            groups,
            designs,
            links,
            seen,
            networks,
            removed,
            certainty: pairs.certainty,
            expected_false_pairs: pairs.expected_false,
            candidate_recall: None,
            cluster_members: 0,
            decisions: decisions.effects(),
            pairs_over_cap: pairs.over_cap,
            leads: pairs.leads,
            partial: pairs.work,
            pixel_checks: pairs.prover.pixel_checks.fresh(),
        }
    }
}
