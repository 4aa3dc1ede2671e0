//! How much leaves: `full`, `shared`, `hash-only`.
//!
//! `shared` says which photos tie which ads together, when and across how many sites, and nothing by which an outsider
//! could find an ad, a person or a photo: every name becomes a keyed pseudonym of this case. Rows are sorted by their
//! pseudonyms; in the order of the real names, a list of known sites would give them away again.

use super::Format;
use crate::case::Keyed;
use crate::corpus::{AdRow, ImageRow, LinkRow, PhotoRow, Row, Rows, SeenIn, Snapshot};
use crate::hash::{Hash256, Pdq};
use crate::link::{
    Design, Evidence, Findings, Link, LinkId, Network, NetworkRow, Pair, PhotoGroup, RemovedLink, Seen,
};
use crate::output::formats::Content;
use crate::record::{Ad, AdKey, Digests, Image, ImageId};
use crate::verify::Proof;
use std::sync::Arc;

/// What an export lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Everything that the result folder holds.
    Full,
    /// No phones, texts, titles, names of posters, places, addresses, paths or hashes; days instead of times; sites,
    /// ads, places and images under keyed pseudonyms.
    Shared,
    /// Hashes, quality and sizes of images, and which image shows the photo of which; nothing of ads.
    HashOnly,
}

impl Profile {
    /// All of them, the smallest first.
    pub const ALL: [Self; 3] = [Self::HashOnly, Self::Shared, Self::Full];

    /// Name in flags and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Shared => "shared",
            Self::HashOnly => "hash-only",
        }
    }

    /// The profile of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    pub(super) const fn description(self) -> &'static str {
        match self {
            Self::Full => "Everything that was found, with the records of the ads as they were collected.",
            Self::Shared => {
                "Sites, ads, places and images stand under pseudonyms that mean something only to the sender: ask\n\
                 back with the pseudonym. Columns called sha256, path or image hold pseudonyms, too. Times are days."
            }
            Self::HashOnly => {
                "Hashes of images, and pairs of images that show the same photo. Nothing of the ads they stood in."
            }
        }
    }

    /// Whether the profile has something to put into that format.
    pub fn allows(self, format: Format) -> bool {
        // A package holds what its profile allows.
        let Some(export) = format.file() else { return true };
        match self {
            Self::Full => true,
            // Reasons for skipping speak of paths and lines of files: there is nothing in them to share.
            Self::Shared => {
                matches!(export.content(), Content::Findings | Content::ImagePairs | Content::Entities)
            }
            Self::HashOnly => {
                matches!(export.content(), Content::Hashes | Content::ImagePairs | Content::Entities)
            }
        }
    }

    /// The same findings with what the profile lets through.
    pub(super) fn apply(
        self,
        snapshot: &Snapshot,
        findings: &Findings,
        keyed: &Keyed,
    ) -> (Snapshot, Findings) {
        match self {
            Self::Full => (snapshot.clone(), findings.clone()),
            Self::Shared => Pseudonyms::new(snapshot, findings, keyed).apply(),
            Self::HashOnly => hashes_only(snapshot, findings),
        }
    }
}

fn hashes_only(snapshot: &Snapshot, findings: &Findings) -> (Snapshot, Findings) {
    // Ads remain as rows without content: pairs are of images in different ads.
    let ads = vec![Ad::blank(AdKey { site: String::new(), ad_id: String::new() }); snapshot.ads.len()];
    let unknown: Arc<str> = "".into();
    let sightings = snapshot.sightings.iter().map(|seen| SeenIn {
        path: snapshot.images[seen.image].id().to_string().into(),
        collected_at: Arc::clone(&unknown),
        ..*seen
    });
    let sightings = sightings.collect();
    let findings = Findings {
        pairs: findings.pairs.clone(),
        certainty: findings.certainty,
        expected_false_pairs: findings.expected_false_pairs,
        ..Findings::default()
    };
    (Snapshot { images: snapshot.images.clone(), ads, sightings, ..Snapshot::default() }, findings)
}

/// The new row of every old one.
type NewRows<K> = Rows<K, K>;

/// Findings under pseudonyms. Vectors are in the new order; [`NewRows`] lead from the old.
struct Pseudonyms<'a> {
    snapshot: &'a Snapshot,
    findings: &'a Findings,
    keyed: &'a Keyed,
    ads: (Vec<Ad>, NewRows<AdRow>),
    images: (Vec<Image>, NewRows<ImageRow>),
}

impl<'a> Pseudonyms<'a> {
    fn new(snapshot: &'a Snapshot, findings: &'a Findings, keyed: &'a Keyed) -> Self {
        let ads = snapshot.ads.iter().map(|ad| pseudonymous_ad(ad, keyed)).collect();
        let images = snapshot.images.iter().map(|image| pseudonymous_image(image, keyed)).collect();
        Self {
            snapshot,
            findings,
            keyed,
            ads: sorted(ads, |a, b| a.key.cmp(&b.key)),
            images: sorted(images, |a, b| a.id().cmp(&b.id())),
        }
    }

    fn apply(self) -> (Snapshot, Findings) {
        let findings = self.findings();
        let sightings = self.sightings();
        (Snapshot { images: self.images.0, ads: self.ads.0, sightings, ..Snapshot::default() }, findings)
    }

    fn sightings(&self) -> Vec<SeenIn> {
        let seen = self.snapshot.sightings.iter().map(|seen| {
            let image = self.image(seen.image);
            let id = self.images.0[image].id();
            SeenIn {
                ad: self.ad(seen.ad),
                position: seen.position,
                image,
                path: format!("image-{}", hex(&id.0)).into(),
                collected_at: day(&seen.collected_at).into(),
            }
        });
        let mut sightings: Vec<SeenIn> = seen.collect();
        sightings.sort_unstable();
        sightings.dedup();
        sightings
    }

    fn findings(&self) -> Findings {
        let found = self.findings;
        let (groups, group_rows) =
            sorted(found.groups.iter().map(|group| self.group(group)).collect(), |a, b| a.id.cmp(&b.id));
        let links = found.links.iter().map(|link| self.link(link, &group_rows)).collect();
        let (mut links, link_rows) = sorted(links, |a: &Link, b| (a.a, a.b, &a.id).cmp(&(b.a, b.b, &b.id)));
        let networks = found.networks.iter().map(|network| self.network(network, &group_rows, &link_rows));
        let larger_first = |a: &Network, b: &Network| (b.ads.len(), &a.id).cmp(&(a.ads.len(), &b.id));
        let (networks, network_rows): (_, NewRows<u32>) = sorted(networks.collect(), larger_first);
        for link in &mut links {
            link.network = link.network.map(|row| NetworkRow::new(network_rows[u32::of(row.index())]));
        }
        let mut removed: Vec<RemovedLink> = found.removed.clone();
        for one in &mut removed {
            one.link = link_rows[one.link];
        }
        removed.sort_by_key(|one| (one.link, one.reason));
        let mut pairs: Vec<Pair> = found.pairs.iter().map(|pair| self.pair(pair)).collect();
        pairs.sort_by_key(|pair| (pair.a, pair.b));
        let mut leads: Vec<Pair> = found.leads.iter().map(|lead| self.pair(lead)).collect();
        leads.sort_by_key(|lead| (lead.a, lead.b));
        Findings {
            pairs,
            groups,
            designs: self.designs(),
            links,
            networks,
            removed,
            seen: self.seen(),
            leads,
            partial: found.partial,
            // Names of reviewers and their reasons stay here; so does what pixels showed.
            decisions: Vec::new(),
            pixel_checks: Vec::new(),
            certainty: found.certainty,
            expected_false_pairs: found.expected_false_pairs,
            candidate_recall: found.candidate_recall,
            pairs_over_cap: found.pairs_over_cap,
            cluster_members: found.cluster_members,
        }
    }

    fn pair(&self, pair: &Pair) -> Pair {
        let (a, b) = (self.image(pair.a), self.image(pair.b));
        let swap = a > b;
        let proof = if swap { reversed(&pair.proof) } else { Arc::clone(&pair.proof) };
        Pair { a: a.min(b), b: a.max(b), proof }
    }

    fn group(&self, group: &PhotoGroup) -> PhotoGroup {
        PhotoGroup {
            id: self.id("p-", &group.id),
            images: renumbered(&group.images, &self.images.1),
            ads: renumbered(&group.ads, &self.ads.1),
            ..group.clone()
        }
    }

    fn link(&self, link: &Link, groups: &NewRows<PhotoRow>) -> Link {
        let (a, b) = (self.ad(link.a), self.ad(link.b));
        let evidence = link.evidence.iter().map(|one| {
            let (image_a, image_b) = (self.image(one.image_a), self.image(one.image_b));
            let group = groups[one.group];
            if a > b {
                Evidence {
                    group,
                    image_a: image_b,
                    image_b: image_a,
                    proof: reversed(&one.proof),
                    ..one.clone()
                }
            } else {
                Evidence { group, image_a, image_b, ..one.clone() }
            }
        });
        Link {
            id: self.link_id(link.id),
            a: a.min(b),
            b: a.max(b),
            evidence: evidence.collect(),
            ..link.clone()
        }
    }

    fn network(&self, network: &Network, groups: &NewRows<PhotoRow>, links: &NewRows<LinkRow>) -> Network {
        Network {
            id: self.id("n-", &network.id),
            number: network.number,
            kind: network.kind,
            ads: renumbered(&network.ads, &self.ads.1),
            links: renumbered(&network.links, links),
            groups: renumbered(&network.groups, groups),
            common: renumbered(&network.common, groups),
        }
    }

    fn designs(&self) -> Vec<Design> {
        let design = |design: &Design| Design {
            images: renumbered(&design.images, &self.images.1),
            ads: renumbered(&design.ads, &self.ads.1),
            joins: design.joins,
        };
        let mut designs: Vec<Design> = self.findings.designs.iter().map(design).collect();
        designs.sort_by(|a, b| a.images.cmp(&b.images));
        designs
    }

    fn ad(&self, row: AdRow) -> AdRow {
        self.ads.1[row]
    }

    fn image(&self, row: ImageRow) -> ImageRow {
        self.images.1[row]
    }

    fn link_id(&self, id: LinkId) -> LinkId {
        let digest = self.keyed.digest("finding", &[id.to_string().as_bytes()]);
        LinkId(digest[..8].iter().fold(0, |id, &byte| id << 8 | u64::from(byte)))
    }

    /// The days of every ad, in the new order.
    fn seen(&self) -> Vec<Seen> {
        let mut seen = vec![Seen::default(); self.ads.0.len()];
        for (times, row) in self.findings.seen.iter().zip(self.ads.1.values()) {
            seen[row.index()] = Seen { first: day(&times.first).into(), last: day(&times.last).into() };
        }
        seen
    }

    /// Ids of findings are digests of what they are about: they could be tested, so they get pseudonyms, too.
    fn id(&self, start: &str, id: &str) -> String {
        format!("{start}{}", hex(&self.keyed.digest("finding", &[id.as_bytes()])))
    }
}

fn pseudonymous_ad(ad: &Ad, keyed: &Keyed) -> Ad {
    let AdKey { site, ad_id } = &ad.key;
    let place = &ad.location;
    Ad {
        posted_at: day(&ad.posted_at),
        collected_at: day(&ad.collected_at),
        location: if place.is_empty() { String::new() } else { place_name(keyed, place) },
        ..Ad::blank(AdKey { site: site_name(keyed, site), ad_id: ad_name(keyed, site, ad_id) })
    }
}

pub(super) fn site_name(keyed: &Keyed, site: &str) -> String {
    named(keyed, "site", &[site.as_bytes()])
}

pub(super) fn ad_name(keyed: &Keyed, site: &str, ad_id: &str) -> String {
    named(keyed, "ad", &[site.as_bytes(), ad_id.as_bytes()])
}

pub(super) fn place_name(keyed: &Keyed, place: &str) -> String {
    named(keyed, "place", &[place.as_bytes()])
}

pub(super) fn image_name(keyed: &Keyed, id: &ImageId) -> ImageId {
    ImageId(keyed.digest("image", &[&id.0]))
}

fn named(keyed: &Keyed, start: &str, parts: &[&[u8]]) -> String {
    format!("{start}-{}", hex(&keyed.digest(start, parts)))
}

fn pseudonymous_image(image: &Image, keyed: &Keyed) -> Image {
    let id = image_name(keyed, &image.id());
    Image {
        digests: Digests { md5: [0; 16], sha1: [0; 20], sha256: id },
        bytes: 0,
        format: image.format.clone(),
        width: image.width,
        height: image.height,
        caveats: image.caveats,
        pdq: Pdq::from_base([Hash256::default(); 4], image.pdq.quality),
        views: Box::default(),
        second: None,
    }
}

/// Items in another order, and where each went.
fn sorted<K: Row, T>(items: Vec<T>, order: impl Fn(&T, &T) -> std::cmp::Ordering) -> (Vec<T>, NewRows<K>) {
    let mut numbered: Vec<(K, T)> = K::all(items.len()).zip(items).collect();
    numbered.sort_by(|a, b| order(&a.1, &b.1));
    let mut rows = Rows::filled(K::NONE, numbered.len());
    for (new, (old, _)) in K::all(numbered.len()).zip(&numbered) {
        rows[*old] = new;
    }
    (numbered.into_iter().map(|(_, item)| item).collect(), rows)
}

fn reversed(proof: &Proof) -> Arc<Proof> {
    Arc::new(proof.clone().reversed())
}

fn renumbered<K: Row>(old: &[K], rows: &NewRows<K>) -> Vec<K> {
    let mut new: Vec<K> = old.iter().map(|&row| rows[row]).collect();
    new.sort_unstable();
    new
}

/// The day of a time.
fn day(time: &str) -> String {
    time.get(..10).unwrap_or_default().to_string()
}

/// Sixteen hex digits: enough to tell millions of things apart.
fn hex(digest: &[u8; 32]) -> String {
    ImageId(*digest).to_string()[..16].to_string()
}
