//! Small worlds for the result files: ads that show numbered photos, linked by a rule a reader can check.
//!
//! An image is named by photo and copy. Equal copies are one file; others are near copies `2 x copy` bits apart,
//! odd copies mirrored. This is a stand-in for linking, so nothing here says that linking is right.

use adlink::codes::EnumSet;
use adlink::corpus::{AdRow, ImageRow, LinkRow, PhotoRow, Row, SeenIn, Snapshot};
use adlink::error::SkipReason;
use adlink::hash::{Dihedral, Hash256, Pdq, Quality};
use adlink::link::{
    Caveat, Certainty, CommonReason, Contradiction, Corroboration, Evidence, Findings, LeftOut, Link, LinkId,
    Network, NetworkKind, NetworkRow, Pair, PhotoGroup, Rarity, RemovedLink, Seen,
};
use adlink::record::{Ad, AdKey, Digests, Image, ImageId, Skipped, ViewKind};
use adlink::verify::{Proof, Tier};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// An image of an ad: path, photo, copy.
pub(crate) type Shown<'s> = (&'s str, u32, u32);

type OwnedShown = (String, u32, u32);

/// Ads to be, with what they show.
#[derive(Default)]
pub(crate) struct World {
    ads: Vec<(Ad, Vec<OwnedShown>)>,
    common: BTreeSet<u32>,
    leads: Vec<[(u32, u32); 2]>,
    skipped: Vec<Skipped>,
}

pub(crate) fn ad(site: &str, ad_id: &str, posted_at: &str, location: &str, phone: &str) -> Ad {
    Ad {
        key: AdKey { site: site.into(), ad_id: ad_id.into() },
        url: format!("https://{site}/ad/{ad_id}"),
        posted_at: posted_at.into(),
        collected_at: if posted_at.is_empty() { String::new() } else { format!("{posted_at}T12:00:00Z") },
        title: format!("Ad {ad_id}"),
        text: String::new(),
        phones: if phone.is_empty() { vec![] } else { vec![phone.into()] },
        poster: String::new(),
        location: location.into(),
        category: String::new(),
        kept: String::new(),
    }
}

impl World {
    pub(crate) fn add(&mut self, ad: Ad, images: &[Shown<'_>]) -> &mut Self {
        let images = images.iter().map(|&(path, photo, copy)| (path.to_string(), photo, copy)).collect();
        self.ads.push((ad, images));
        self
    }

    pub(crate) fn common(&mut self, photo: u32) -> &mut Self {
        self.common.insert(photo);
        self
    }

    /// Two images, by photo and copy, that seem to show one scene.
    pub(crate) fn lead(&mut self, one: (u32, u32), other: (u32, u32)) -> &mut Self {
        self.leads.push([one, other]);
        self
    }

    pub(crate) fn skip(&mut self, path: &str, reason: SkipReason, detail: &str) -> &mut Self {
        self.skipped.push(Skipped { path: path.into(), ad: None, reason, detail: detail.into() });
        self
    }

    pub(crate) fn build(&self) -> (Snapshot, Findings) {
        let snapshot = self.snapshot();
        let findings = self.findings(&snapshot);
        (snapshot, findings)
    }

    fn names(&self) -> BTreeMap<ImageId, (u32, u32)> {
        let shown = self.ads.iter().flat_map(|(_, images)| images);
        shown.map(|&(_, photo, copy)| (id(photo, copy), (photo, copy))).collect()
    }

    fn snapshot(&self) -> Snapshot {
        let names = self.names();
        let images: Vec<Image> = names.iter().map(|(&id, &(photo, copy))| image(id, photo, copy)).collect();
        let mut ads: Vec<Ad> = self.ads.iter().map(|(ad, _)| ad.clone()).collect();
        ads.sort_by(|a, b| a.key.cmp(&b.key));
        let mut sightings = Vec::new();
        for (ad, shown) in &self.ads {
            let row = ads.binary_search_by(|other| other.key.cmp(&ad.key)).unwrap();
            sightings.extend(shown.iter().enumerate().map(|(position, (path, photo, copy))| SeenIn {
                ad: AdRow::of(row),
                position: position as u32,
                image: ImageRow::of(images.binary_search_by_key(&id(*photo, *copy), Image::id).unwrap()),
                path: path.as_str().into(),
                collected_at: ad.collected_at.as_str().into(),
            }));
        }
        sightings.sort();
        let mut skipped = self.skipped.clone();
        skipped.sort();
        Snapshot { images, ads, sightings, skipped, ..Snapshot::default() }
    }

    fn findings(&self, snapshot: &Snapshot) -> Findings {
        let names: Vec<(u32, u32)> = self.names().into_values().collect();
        let mut by_photo: BTreeMap<u32, (BTreeSet<ImageRow>, BTreeSet<AdRow>)> = BTreeMap::new();
        for seen in &snapshot.sightings {
            let (images, ads) = by_photo.entry(names[seen.image.index()].0).or_default();
            images.insert(seen.image);
            ads.insert(seen.ad);
        }
        by_photo.retain(|_, (_, ads)| ads.len() > 1);
        let certainty = Certainty::new(snapshot.images.len(), 0, [].into_iter());
        let mut found = Findings { expected_false_pairs: 0.0123, certainty, ..Findings::default() };
        let mut groups: Vec<(u32, PhotoGroup)> = by_photo
            .iter()
            .map(|(&photo, (images, ads))| (photo, self.group(snapshot, photo, images, ads)))
            .collect();
        groups.sort_by(|a, b| a.1.id.cmp(&b.1.id));
        for (_, group) in &groups {
            for (i, &a) in group.images.iter().enumerate() {
                for &b in &group.images[i..] {
                    let ads =
                        |image| snapshot.sightings.iter().filter(move |s| s.image == image).map(|s| s.ad);
                    if ads(a).any(|x| ads(b).any(|y| x != y)) {
                        found.pairs.push(Pair {
                            a,
                            b,
                            proof: proof(names[a.index()], names[b.index()]).into(),
                        });
                    }
                }
            }
        }
        found.pairs.sort_by_key(|pair| (pair.a, pair.b));
        found.leads = self.leads.iter().map(|&pair| lead(&names, pair)).collect();
        found.leads.sort_by_key(|pair| (pair.a, pair.b));
        found.links = links(snapshot, &groups, &names);
        let seen = |ad: &Ad| Seen { first: (*ad.posted_at).into(), last: (*ad.collected_at).into() };
        found.seen = snapshot.ads.iter().map(seen).collect();
        found.groups = groups.into_iter().map(|(_, group)| group).collect();
        form_networks(&mut found, snapshot.ads.len());
        found
    }

    fn group(
        &self,
        s: &Snapshot,
        photo: u32,
        images: &BTreeSet<ImageRow>,
        ads: &BTreeSet<AdRow>,
    ) -> PhotoGroup {
        let distinct =
            |of: fn(&Ad) -> &str| ads.iter().map(|&ad| of(&s.ads[ad])).collect::<BTreeSet<_>>().len() as u32;
        PhotoGroup {
            id: format!("p-{}", hex16(&format!("photo {photo}"))),
            images: images.iter().copied().collect(),
            ads: ads.iter().copied().collect(),
            rarity: Rarity {
                ads: ads.len() as u32,
                sites: distinct(|ad| &ad.key.site),
                days: distinct(|ad| &ad.posted_at),
                unrelated_posters: if self.common.contains(&photo) { ads.len() as u32 } else { 1 },
            },
            common: self.common.contains(&photo).then_some(CommonReason::Stock),
            many_contacts: false,
        }
    }
}

fn hex16(text: &str) -> String {
    Sha256::digest(text)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn id(photo: u32, copy: u32) -> ImageId {
    ImageId(Sha256::digest(format!("photo {photo} copy {copy}")).into())
}

/// Three digests that differ from image to image.
fn digests(id: ImageId) -> Digests {
    let (md5, sha1) = (id.0.first_chunk().unwrap(), id.0.last_chunk().unwrap());
    Digests { md5: *md5, sha1: *sha1, sha256: id }
}

fn image(id: ImageId, photo: u32, copy: u32) -> Image {
    let hash = Hash256::from_words([u64::from(photo), u64::from(copy), 3, 4]);
    Image {
        digests: digests(id),
        bytes: 1000,
        format: "jpeg".into(),
        width: 640 - 40 * copy.min(10),
        height: 480 - 30 * copy.min(10),
        caveats: EnumSet::default(),
        pdq: Pdq::from_base([hash; 4], Quality::new(90)),
        views: Box::default(),
        second: None,
    }
}

fn proof(a: (u32, u32), b: (u32, u32)) -> Proof {
    let bits = 2 * a.1.abs_diff(b.1);
    let mirrored = a.1 % 2 != b.1 % 2;
    Proof {
        tier: match (bits, mirrored) {
            (0, _) => Tier::SameFile,
            (_, false) => Tier::NearCopy,
            _ => Tier::Transformed,
        },
        distance: Some(bits),
        transform: if mirrored { Dihedral::FlipY } else { Dihedral::None },
        view_a: ViewKind::Whole,
        view_b: ViewKind::Whole,
        overlap_a: 1.0,
        overlap_b: 1.0,
        second_distance: None,
        score: 60.0 - f64::from(bits),
        local: None,
    }
}

fn lead(names: &[(u32, u32)], pair: [(u32, u32); 2]) -> Pair {
    let mut rows = pair.map(|name| names.iter().position(|other| *other == name).map(ImageRow::of).unwrap());
    rows.sort_unstable();
    let [a, b] = rows;
    let partly = Proof { overlap_a: 0.82, overlap_b: 0.6, score: 2.7, ..proof(pair[0], pair[0]) };
    Pair { a, b, proof: Proof { tier: Tier::SameScene, distance: None, ..partly }.into() }
}

fn links(snapshot: &Snapshot, groups: &[(u32, PhotoGroup)], names: &[(u32, u32)]) -> Vec<Link> {
    let mut shared: BTreeMap<(AdRow, AdRow), Vec<Evidence>> = BTreeMap::new();
    let mut shown: BTreeMap<(AdRow, u32), ImageRow> = BTreeMap::new();
    for seen in &snapshot.sightings {
        shown.entry((seen.ad, names[seen.image.index()].0)).or_insert(seen.image);
    }
    for (number, (photo, group)) in groups.iter().enumerate() {
        for (i, &a) in group.ads.iter().enumerate() {
            for &b in &group.ads[i + 1..] {
                let (image_a, image_b) = (shown[&(a, *photo)], shown[&(b, *photo)]);
                let proof = proof(names[image_a.index()], names[image_b.index()]);
                let weight = if group.common.is_some() {
                    0.01
                } else {
                    proof.score / 60.0 / f64::from(group.rarity.ads - 1)
                };
                let evidence =
                    Evidence { group: PhotoRow::of(number), image_a, image_b, proof: proof.into(), weight };
                shared.entry((a, b)).or_default().push(evidence);
            }
        }
    }
    shared.into_iter().map(|((a, b), evidence)| link(snapshot, groups, a, b, evidence)).collect()
}

fn network_id(ads: &[AdRow]) -> String {
    let rows: Vec<u32> = ads.iter().map(|ad| ad.0).collect();
    format!("n-{}", hex16(&format!("{rows:?}")))
}

fn link(s: &Snapshot, groups: &[(u32, PhotoGroup)], a: AdRow, b: AdRow, mut evidence: Vec<Evidence>) -> Link {
    let (ad_a, ad_b) = (&s.ads[a], &s.ads[b]);
    evidence.sort_by(|x, y| y.weight.total_cmp(&x.weight).then(x.group.cmp(&y.group)));
    let same_phone = ad_a.phones.iter().any(|phone| ad_b.phones.contains(phone));
    let both_phones = !ad_a.phones.is_empty() && !ad_b.phones.is_empty();
    let common = evidence.iter().all(|e| groups[e.group.index()].1.common.is_some());
    let near_limit = evidence[0].proof.distance.is_some_and(|bits| bits > 24);
    let mut caveats = Vec::new();
    caveats.extend(common.then_some(Caveat::CommonImage));
    caveats.extend(near_limit.then_some(Caveat::NearThreshold));
    Link {
        id: LinkId(u64::from_str_radix(&hex16(&format!("{}\n{}", ad_a.key, ad_b.key)), 16).unwrap()),
        a,
        b,
        evidence: evidence.into(),
        corroboration: same_phone.then_some(Corroboration::Phone).into_iter().collect(),
        contradictions: (both_phones && !same_phone).then_some(Contradiction::Phone).into_iter().collect(),
        caveats: caveats.into_iter().collect(),
        network: None,
    }
}

/// Connected components over the links that have a photo which is not common.
fn form_networks(found: &mut Findings, ads: usize) {
    let mut root: Vec<usize> = (0..ads).collect();
    fn top(root: &[usize], mut at: usize) -> usize {
        while root[at] != at {
            at = root[at];
        }
        at
    }
    for (number, link) in found.links.iter().enumerate() {
        if link.caveats.contains(Caveat::CommonImage) {
            found.removed.push(RemovedLink { link: LinkRow::of(number), reason: LeftOut::CommonImage });
        } else {
            let (a, b) = (top(&root, link.a.index()), top(&root, link.b.index()));
            root[a.max(b)] = a.min(b);
        }
    }
    let mut members: BTreeMap<usize, Vec<AdRow>> = BTreeMap::new();
    for ad in 0..ads {
        members.entry(top(&root, ad)).or_default().push(AdRow::of(ad));
    }
    let mut networks: Vec<Network> = members
        .into_values()
        .filter(|ads| ads.len() > 1)
        .map(|ads| Network { id: network_id(&ads), ads, ..EMPTY })
        .collect();
    networks.sort_by(|a, b| b.ads.len().cmp(&a.ads.len()).then(a.id.cmp(&b.id)));
    for (number, network) in networks.iter_mut().enumerate() {
        network.number = number as u32 + 1;
        for (row, link) in found.links.iter_mut().enumerate() {
            let inside = network.ads.binary_search(&link.a).is_ok();
            if inside && !link.caveats.contains(Caveat::CommonImage) {
                link.network = Some(NetworkRow::new(number as u32));
                network.links.push(LinkRow::of(row));
            }
        }
        for (row, group) in found.groups.iter().enumerate() {
            if group.ads.iter().any(|ad| network.ads.binary_search(ad).is_ok()) {
                let list = if group.common.is_some() { &mut network.common } else { &mut network.groups };
                list.push(PhotoRow::of(row));
            }
        }
    }
    found.networks = networks;
}

const EMPTY: Network = Network {
    id: String::new(),
    number: 0,
    kind: NetworkKind::Photo,
    ads: Vec::new(),
    links: Vec::new(),
    groups: Vec::new(),
    common: Vec::new(),
};
