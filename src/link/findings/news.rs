//! What is new since an earlier run: links that it did not report, networks that began or grew.
//!
//! Results never depend on earlier runs; this only compares. Ids are content, so a link is the same link however
//! often it is found again. The trap: a network is named after its earliest ad, so when two networks become one
//! a name goes; ads are compared, not names.

use super::found::{Design, Findings, NetworkRow};
use super::ids;
use crate::corpus::{AdRow, ImageRow, LinkRow, Reported, Row, ShortId};
use crate::corpus::{Snapshot, decision_line};
use crate::record::{Ad, ImageId};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A network that is new or grew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkNews {
    /// Index into [`Findings::networks`].
    pub network: NetworkRow,
    /// Ad rows that were in no network, or in another than most of the ads here were.
    pub added: Vec<AdRow>,
    /// Ads here that were in one network before; none: the network is new.
    pub before: u32,
}

/// What an earlier run did not report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News {
    /// Number of that run; 0: there was none.
    pub since: u64,
    /// Indices of new links, ascending.
    pub links: Vec<LinkRow>,
    /// New and grown networks, by index.
    pub networks: Vec<NetworkNews>,
    /// Links that were reported then and are no more.
    pub links_gone: u64,
}

impl News {
    /// How many of the networks are new; the others grew.
    pub fn networks_new(&self) -> usize {
        self.networks.iter().filter(|network| network.before == 0).count()
    }
}

/// Digest of what was linked: images, ads, which ad shows which image, decisions. 64 hex digits.
pub fn input_digest(snapshot: &Snapshot) -> String {
    let mut digest = Sha256::new();
    let mut add = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    snapshot.images.iter().for_each(|image| add(&image.id().0));
    for Ad { key, posted_at, collected_at, phones, poster, location, text, .. } in &snapshot.ads {
        let fields = [&key.site, &key.ad_id, posted_at, collected_at, poster, location, text];
        fields.into_iter().chain(phones).for_each(|field| add(field.as_bytes()));
    }
    for seen in &snapshot.sightings {
        [seen.ad.0, seen.position, seen.image.0].iter().for_each(|number| add(&number.to_be_bytes()));
    }
    snapshot.decisions.iter().for_each(|decision| add(decision_line(decision).as_bytes()));
    ImageId(digest.finalize().into()).to_string()
}

/// The findings as ids, for [`Case::record_run`](crate::case::Case::record_run).
pub fn reported(snapshot: &Snapshot, findings: &Findings) -> Reported {
    let with_ads = |link: &crate::link::findings::Link| {
        (link_id(snapshot, link), [ad_id(snapshot, link.a), ad_id(snapshot, link.b)])
    };
    let mut links: Vec<(ShortId, [ShortId; 2])> = findings.links.iter().map(with_ads).collect();
    links.sort_unstable();
    let of_network = |network: &crate::link::findings::Network| {
        let id = ids::short(&network.id);
        network.ads.iter().map(move |&ad| (ad_id(snapshot, ad), id)).collect::<Vec<_>>()
    };
    let mut members: Vec<(ShortId, ShortId)> = findings.networks.iter().flat_map(of_network).collect();
    members.sort_unstable();
    let images = |rows: &[ImageRow]| rows.iter().map(|&row| snapshot.images[row].id()).collect();
    let photos = findings.groups.iter().map(|group| (ids::short(&group.id), images(&group.images)));
    let designs = findings.designs.iter().filter(|design| !design.joins);
    let id = |design: &Design| ids::design_id(snapshot.images[design.images[0]].id());
    let designs = designs.map(|design| (ids::short(&id(design)), images(&design.images)));
    let mut photos: Vec<(ShortId, Vec<ImageId>)> = photos.chain(designs).collect();
    photos.sort_unstable();
    let mut networks: Vec<(ShortId, u32)> =
        findings.networks.iter().map(|network| (ids::short(&network.id), network.number)).collect();
    networks.sort_unstable();
    Reported { links, members, photos, networks }
}

/// What these findings hold that run number `since`, which reported `before`, did not. O(n log n).
pub fn news(snapshot: &Snapshot, findings: &Findings, since: u64, before: &Reported) -> News {
    let now: Vec<ShortId> = findings.links.iter().map(|link| link_id(snapshot, link)).collect();
    let known = |id: &ShortId| before.links.binary_search_by_key(id, |link| link.0).is_ok();
    let links = LinkRow::all(now.len()).zip(&now).filter(|(_, id)| !known(id)).map(|(row, _)| row).collect();
    let now: BTreeSet<ShortId> = now.into_iter().collect();
    let member: BTreeMap<ShortId, ShortId> = before.members.iter().copied().collect();
    let networks = (0..)
        .map(NetworkRow::new)
        .zip(&findings.networks)
        .map(|(network, found)| {
            let was = |ad: &AdRow| member.get(&ad_id(snapshot, *ad)).copied();
            let main = most_frequent(found.ads.iter().filter_map(was));
            let added: Vec<AdRow> =
                found.ads.iter().copied().filter(|ad| main.is_none() || was(ad) != main).collect();
            NetworkNews { network, before: (found.ads.len() - added.len()) as u32, added }
        })
        .filter(|news| !news.added.is_empty())
        .collect();
    let links_gone = before.links.iter().filter(|link| !now.contains(&link.0)).count() as u64;
    News { since, links, networks, links_gone }
}

fn link_id(snapshot: &Snapshot, link: &crate::link::findings::Link) -> ShortId {
    ids::of_ads(&[&snapshot.ads[link.a], &snapshot.ads[link.b]])
}

pub(super) fn ad_id(snapshot: &Snapshot, ad: AdRow) -> ShortId {
    ids::of_ads(&[&snapshot.ads[ad]])
}

/// The most frequent id, the smallest of several.
fn most_frequent(ids: impl Iterator<Item = ShortId>) -> Option<ShortId> {
    let mut counts: BTreeMap<ShortId, u32> = BTreeMap::new();
    ids.for_each(|id| *counts.entry(id).or_default() += 1);
    counts.into_iter().max_by_key(|&(id, count)| (count, std::cmp::Reverse(id))).map(|(id, _)| id)
}
