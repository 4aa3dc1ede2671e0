//! The order of work, and the findings put together from its parts.
//!
//! Candidates, photo groups, who shows what, what is common, who belongs together, and only then links: which
//! links are listed depends on the networks, so that each stays connected by listed ones. The trap: indices in
//! [`Findings`] are places in its own lists, so nothing may be sorted again after it was pointed at.

use super::candidates::{self, Edge};
use super::facts::Facts;
use super::links::Maker;
use super::looks::Looks;
use super::photo_groups::{self, Grouping};
use super::showings::{SeenIn, Showings};
use super::{Findings, Link, LinkOptions, Network, PhotoGroup, Rarity, Removed};
use super::{common, communities, ids, pairs};
use crate::case::Snapshot;
use crate::error::{Error, Result};
use crate::hash::Dihedral;
use crate::progress::{Progress, Stage};
use crate::verify::chance_within;
use std::collections::BTreeMap;

/// Links the ads of a snapshot.
///
/// Deterministic: the findings depend on the snapshot and the options, not on threads or on the order of ingestion.
///
/// # Errors
/// [`Error::Interrupted`] when `progress` asks to stop; [`Error::Parameter`] when a pool of `threads` cannot be made.
pub fn link(snapshot: &Snapshot, options: &LinkOptions, progress: &dyn Progress) -> Result<Findings> {
    let Some(threads) = options.threads else { return link_here(snapshot, options, progress) };
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| Error::Parameter {
            name: "threads",
            value: threads.to_string(),
            expected: format!("a usable number: {error}"),
        })?;
    pool.install(|| link_here(snapshot, options, progress))
}

fn link_here(snapshot: &Snapshot, options: &LinkOptions, progress: &dyn Progress) -> Result<Findings> {
    progress.start(Stage::Matching, Some(Dihedral::ALL.len() as u64));
    let looks = Looks::of(&snapshot.images, options.min_quality);
    let edges = candidates::edges(&looks, options.radius, progress)?;
    progress.finish();
    progress.start(Stage::Linking, None);
    let grouping = photo_groups::group(&looks, &edges, options.radius);
    let findings = Work { snapshot, options, looks, edges, grouping }.findings();
    progress.finish();
    Ok(findings)
}

/// What is known once photos are grouped.
struct Work<'a> {
    snapshot: &'a Snapshot,
    options: &'a LinkOptions,
    looks: Looks<'a>,
    edges: Vec<Edge>,
    grouping: Grouping,
}

impl Work<'_> {
    fn findings(self) -> Findings {
        let showings = Showings::new(self.snapshot, &self.looks, &self.grouping.groups);
        let facts = Facts::of(self.snapshot);
        let verdicts = common::find(&showings);
        let common: Vec<bool> = verdicts.iter().map(|(reason, _)| reason.is_some()).collect();
        let rarity: Vec<f64> =
            verdicts.iter().map(|&(reason, posters)| rarity_weight(reason.is_some(), posters)).collect();
        let community = communities::find(&showings, &common, self.snapshot.ads.len());
        let mirrored = vec![false; self.snapshot.ads.len()];
        let maker = Maker {
            snapshot: self.snapshot,
            options: self.options,
            showings: &showings,
            facts: &facts,
            rarity: &rarity,
            common: &common,
            mirrored: &mirrored,
        };
        let mut links = maker.links(&community);
        let removed = removed(&links, &community, &common);
        let networks = networks(self.snapshot, &facts, &showings, &mut links, &community, &common);
        let (pairs, pairs_over_cap) =
            pairs::list(self.snapshot, self.options, &self.looks, &self.edges, &self.grouping);
        let groups = showings
            .photos
            .iter()
            .zip(&verdicts)
            .map(|(photo, &(reason, posters))| PhotoGroup {
                id: ids::photo_group(self.snapshot.images[photo.first_image as usize].id()),
                images: photo.images.clone(),
                ads: photo.ads.clone(),
                rarity: rarity_of(self.snapshot, &facts, &photo.ads, posters),
                common: reason,
            })
            .collect();
        Findings {
            pairs,
            groups,
            links,
            networks,
            removed,
            expected_false_pairs: expected_false_pairs(&self.looks, self.options.radius),
            pairs_over_cap,
        }
    }
}

/// A photo that u unrelated posters show says 1 / log2(1 + u) of what one poster's own photo says.
fn rarity_weight(common: bool, posters: u32) -> f64 {
    let weight = 1.0 / (1.0 + f64::from(posters.max(1))).log2();
    if common { weight.min(0.05) } else { weight }
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

fn removed(links: &[Link], community: &[u32], common: &[bool]) -> Vec<Removed> {
    let mut removed = Vec::new();
    for (k, link) in links.iter().enumerate() {
        let reason = if link.evidence.iter().all(|item| common[item.group as usize]) {
            "COMMON_IMAGE"
        } else if community[link.a as usize] != community[link.b as usize] {
            "BRIDGE"
        } else {
            continue;
        };
        removed.push(Removed { link: k as u32, reason });
    }
    removed
}

fn networks(
    snapshot: &Snapshot,
    facts: &Facts,
    showings: &Showings,
    links: &mut [Link],
    community: &[u32],
    common: &[bool],
) -> Vec<Network> {
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (ad, &name) in community.iter().enumerate() {
        members.entry(name).or_default().push(ad as u32);
    }
    let mut networks: Vec<Network> = members
        .into_values()
        .filter(|ads| ads.len() > 1)
        .map(|ads| {
            let time = |ad: u32| facts.first_seen(ad);
            let earliest =
                *ads.iter().min_by_key(|&&ad| (time(ad).is_empty(), time(ad), ad)).expect("two or more ads");
            let mut shown: Vec<u32> =
                ads.iter().flat_map(|&ad| showings.of_ad(ad)).map(|showing| showing.photo).collect();
            shown.sort_unstable();
            let in_two = |photo: u32| {
                showings.photos[photo as usize]
                    .ads
                    .iter()
                    .filter(|&&ad| ads.binary_search(&ad).is_ok())
                    .count()
                    > 1
            };
            shown.dedup();
            let (out, glue): (Vec<u32>, Vec<u32>) =
                shown.into_iter().partition(|&photo| common[photo as usize]);
            Network {
                id: ids::network(&snapshot.ads[earliest as usize]),
                groups: glue.into_iter().filter(|&photo| in_two(photo)).collect(),
                common: out,
                links: Vec::new(),
                ads,
            }
        })
        .collect();
    networks.sort_by(|x, y| y.ads.len().cmp(&x.ads.len()).then_with(|| x.id.cmp(&y.id)));
    let mut network_of: Vec<Option<u32>> = vec![None; community.len()];
    for (k, network) in networks.iter().enumerate() {
        network.ads.iter().for_each(|&ad| network_of[ad as usize] = Some(k as u32));
    }
    for (k, link) in links.iter_mut().enumerate() {
        let (a, b) = (network_of[link.a as usize], network_of[link.b as usize]);
        let counts = link.evidence.iter().any(|item| !common[item.group as usize]);
        if let (Some(network), true) = (a, a == b && counts) {
            link.network = Some(network);
            networks[network as usize].links.push(k as u32);
        }
    }
    networks
}

/// Looks compared, times the chance that two unrelated ones fall within the radius under one of eight turns.
fn expected_false_pairs(looks: &Looks, radius: u32) -> f64 {
    let n = (0..looks.len() as u32)
        .filter(|&look| looks.hashes(look, Dihedral::None).next().is_some())
        .count() as f64;
    n * (n - 1.0).max(0.0) / 2.0 * Dihedral::ALL.len() as f64 * chance_within(radius)
}
