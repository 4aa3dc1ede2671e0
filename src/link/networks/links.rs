//! Ad links with their evidence: which photos two ads share, how sure, how rare, and what else speaks for or
//! against one poster.
//!
//! Which ad pairs are listed is bounded: up to [`ALL_PAIRS`] ads a photo ties every two of them; beyond, each ad
//! is tied to the first of its community and to the first of another site, so that every network stays connected
//! by links that are listed, also when only those across sites count. The trap: a link carries *all* photos that its
//! two ads share, also those too frequent to be listed in full.

use crate::codes::EnumSet;
use crate::corpus::{AdRow, CommunityRow, ImageRow, PhotoRow, Rows, Snapshot};
use crate::link::findings::EvidenceRun;
use crate::link::findings::link_id;
use crate::link::findings::{Caveat, CaveatLimits};
use crate::link::findings::{Corroboration, Evidence, Link};
use crate::link::options::LinkOptions;
use crate::link::pairs::Prover;
use crate::link::posters::{CutPair, Facts, PhotoUse, PhotoUses, Template, sharing_ads};
use crate::verify::{Proof, Tier};
use rayon::prelude::*;

/// Ads of one photo up to which every two are linked.
const ALL_PAIRS: usize = 64;

/// Links whose evidence stands in one list.
const SHARED: usize = 1024;

/// Members of a group through which two images are joined when they do not agree directly.
const GO_BETWEENS: usize = 32;

/// Ads of each image of a cut pair that are linked.
const CUT_ADS: usize = 4;

/// What links are made from.
pub(crate) struct Maker<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) options: &'a LinkOptions,
    pub(crate) prover: &'a Prover<'a>,
    pub(crate) uses: &'a PhotoUses,
    pub(crate) facts: &'a Facts<'a>,
    /// Weight of each photo by rarity, 0 to 1.
    pub(crate) rarity: &'a Rows<PhotoRow, f64>,
    /// Is the photo common?
    pub(crate) common: &'a Rows<PhotoRow, bool>,
    /// Was the ad copied by a mirror site?
    pub(crate) mirrored: &'a Rows<AdRow, bool>,
    /// Designs that fill pictures.
    pub(crate) designs: &'a [Template],
}

impl Maker<'_> {
    /// Links of all photos, sorted by ads; `community` says which ads belong together. Image pairs in `cut`, which
    /// agree but belong to no common group, make links of their own where two ads have nothing better, and so do
    /// shared phones, handles and texts when the options say so.
    pub(crate) fn links(&self, community: &Rows<AdRow, CommunityRow>, cut: &[CutPair]) -> Vec<Link> {
        let _span = tracing::debug_span!("links").entered();
        let mut pairs: Vec<(AdRow, AdRow)> =
            self.uses.photos.values().iter().flat_map(|photo| self.ad_pairs(&photo.ads, community)).collect();
        for design in self.designs.iter().filter(|design| design.joins) {
            pairs.extend(self.ad_pairs(&design.ads, community));
        }
        if self.options.corroborate {
            pairs.extend(
                sharing_ads(self.snapshot, self.facts, self.uses)
                    .iter()
                    .flat_map(|ads| self.ad_pairs(ads, community)),
            );
        }
        // Ads of one community are linked with each other mostly, so that what they show stays at hand.
        let together = |&(a, b): &(AdRow, AdRow)| (community[a], a, b);
        pairs.par_sort_unstable_by_key(together);
        pairs.dedup();
        pairs.retain(|&(a, b)| self.wanted(a, b));
        let by_cut_pair =
            self.cut_links(cut, &|pair| pairs.binary_search_by_key(&together(pair), together).is_ok());
        let mut links: Vec<Link> = Vec::with_capacity(pairs.len() + by_cut_pair.len());
        for part in pairs.chunks(64 * SHARED) {
            let made: Vec<Vec<Link>> = part.par_chunks(SHARED).map(|pairs| self.links_of(pairs)).collect();
            links.extend(made.into_iter().flatten());
        }
        drop(pairs);
        links.extend(by_cut_pair);
        links.par_sort_unstable_by_key(|link| u64::from(link.a.0) << 32 | u64::from(link.b.0));
        links
    }

    fn cut_links(&self, cut: &[CutPair], linked: &dyn Fn(&(AdRow, AdRow)) -> bool) -> Vec<Link> {
        let mut found: Vec<(AdRow, AdRow, Evidence)> = Vec::new();
        for pair in cut {
            let Some(proof) = self.prover.prove(pair.image_a, pair.image_b) else { continue };
            let weight = self.weight(pair.photo, &proof);
            let ads = |image| self.uses.ads_of_image(image).iter().copied().take(CUT_ADS);
            for (x, y) in ads(pair.image_a).flat_map(|x| ads(pair.image_b).map(move |y| (x, y))) {
                let evidence =
                    |images, proof| Evidence::of(pair.photo, images, self.prover.proofs.share(proof), weight);
                if x < y {
                    found.push((x, y, evidence((pair.image_a, pair.image_b), proof.clone())));
                } else {
                    found.push((y, x, evidence((pair.image_b, pair.image_a), proof.clone().reversed())));
                }
            }
        }
        found.retain(|&(a, b, _)| self.wanted(a, b) && !linked(&(a, b)));
        found.sort_by(|x, y| (x.0, x.1).cmp(&(y.0, y.1)).then(y.2.weight.total_cmp(&x.2.weight)));
        found.dedup_by_key(|item| (item.0, item.1));
        found
            .into_iter()
            .map(|(a, b, evidence)| self.with_evidence(a, b, vec![evidence].into(), false))
            .collect()
    }

    /// Do links between these two ads count at all?
    fn wanted(&self, a: AdRow, b: AdRow) -> bool {
        a != b && (!self.options.cross_site_only || self.site(a) != self.site(b))
    }

    fn site(&self, ad: AdRow) -> &str {
        &self.snapshot.ads[ad].key.site
    }

    /// Which ads of one photo are linked: see the head of this file.
    fn ad_pairs(&self, ads: &[AdRow], community: &Rows<AdRow, CommunityRow>) -> Vec<(AdRow, AdRow)> {
        if ads.len() <= ALL_PAIRS {
            return ads
                .iter()
                .enumerate()
                .flat_map(|(k, &a)| ads[k + 1..].iter().map(move |&b| (a, b)))
                .collect();
        }
        let mut by_community: Vec<(CommunityRow, AdRow)> =
            ads.iter().map(|&ad| (community[ad], ad)).collect();
        by_community.sort_unstable();
        let mut pairs: Vec<(AdRow, AdRow)> = Vec::with_capacity(2 * ads.len());
        let mut last = None;
        for together in by_community.chunk_by(|x, y| x.0 == y.0) {
            let first = together[0].1;
            let elsewhere = together.iter().map(|&(_, ad)| ad).find(|&ad| self.site(ad) != self.site(first));
            for hub in std::iter::once(first).chain(elsewhere) {
                pairs.extend(together.iter().map(|&(_, ad)| (hub.min(ad), hub.max(ad))));
            }
            pairs.extend(last.map(|ad: AdRow| (first.min(ad), first.max(ad))));
            last = Some(first);
        }
        pairs
    }

    /// The links of these ads, whose evidence stands in one list.
    fn links_of(&self, pairs: &[(AdRow, AdRow)]) -> Vec<Link> {
        let (mut all, mut runs) = (Vec::with_capacity(pairs.len()), Vec::with_capacity(pairs.len()));
        for &(a, b) in pairs {
            let evidence = self.evidence_of(a, b);
            runs.push((evidence.len(), !evidence.is_empty() && evidence.iter().all(|(_, direct)| !direct)));
            all.extend(evidence.into_iter().map(|(item, _)| item));
        }
        // Shrinking may leave up to half of it unused, as allocators see fit.
        let mut exact = Vec::with_capacity(all.len());
        exact.append(&mut all);
        let evidence = EvidenceRun::split(exact, runs.iter().map(|(length, _)| *length));
        let links = pairs.iter().zip(evidence.zip(&runs));
        links
            .map(|(&(a, b), (evidence, &(_, indirect)))| self.with_evidence(a, b, evidence, indirect))
            .collect()
    }

    /// What two ads share, strongest first, and whether each is of two images that agree with each other.
    fn evidence_of(&self, a: AdRow, b: AdRow) -> Vec<(Evidence, bool)> {
        let mut evidence: Vec<(Evidence, bool)> = shared(self.uses.of_ad(a), self.uses.of_ad(b))
            .into_iter()
            .map(|(x, y)| self.evidence(x[0].photo, x, y))
            .collect();
        evidence.sort_by(|(x, _), (y, _)| y.weight.total_cmp(&x.weight).then(x.group.cmp(&y.group)));
        once_per_image(&mut evidence);
        evidence
    }

    /// A link with its evidence given; everything else follows from the two ads.
    fn with_evidence(&self, a: AdRow, b: AdRow, evidence: EvidenceRun, indirect: bool) -> Link {
        let (x, y) = (&self.snapshot.ads[a], &self.snapshot.ads[b]);
        Link {
            id: link_id(x, y),
            a,
            b,
            corroboration: self.facts.corroboration(a, b).union(self.shared_design(a, b)),
            contradictions: self.facts.contradictions(a, b),
            caveats: self.caveats(a, b, &evidence, indirect),
            network: None,
            evidence,
        }
    }

    fn shared_design(&self, a: AdRow, b: AdRow) -> EnumSet<Corroboration> {
        let shows = |template: &&Template, ad: AdRow| template.ads.binary_search(&ad).is_ok();
        let shared = self.designs.iter().any(|template| shows(&template, a) && shows(&template, b));
        shared.then_some(Corroboration::Design).into_iter().collect()
    }

    /// The best two images that show one photo in two ads, and whether these two agree with each other.
    fn evidence(&self, photo: PhotoRow, in_a: &[PhotoUse], in_b: &[PhotoUse]) -> (Evidence, bool) {
        let tries = in_a.iter().flat_map(|x| in_b.iter().map(move |y| (x.image, y.image)));
        let direct = tries
            .filter_map(|(x, y)| Some((self.prover.prove(x, y)?, (x, y))))
            .max_by(|x, y| x.0.score.total_cmp(&y.0.score).then(y.1.cmp(&x.1)));
        let agree = direct.is_some();
        let (proof, images) = direct.unwrap_or_else(|| {
            let (a, b) = (in_a[0].image, in_b[0].image);
            (self.weakest_step(photo, a, b), (a, b))
        });
        let weight = self.weight(photo, &proof);
        (Evidence::of(photo, images, self.prover.proofs.share(proof), weight), agree)
    }

    /// Two images of a group that agree through others only: the surest way over one go-between, told by its weaker
    /// step; failing that, the weaker of each image's best agreement with the group.
    fn weakest_step(&self, photo: PhotoRow, a: ImageRow, b: ImageRow) -> Proof {
        let images = &self.uses.photos[photo].images;
        let n = images.len().min(GO_BETWEENS);
        let between: Vec<(Option<Proof>, Option<Proof>)> = (0..n)
            .map(|k| images[k * images.len() / n])
            .filter(|&image| image != a && image != b)
            .map(|image| (self.prover.prove(a, image), self.prover.prove(image, b)))
            .collect();
        let surest =
            |proofs: &mut dyn Iterator<Item = Proof>| proofs.max_by(|x, y| x.score.total_cmp(&y.score));
        let over_one = surest(&mut between.iter().filter_map(|(x, y)| Some(weaker(x.clone()?, y.clone()?))));
        over_one
            .or_else(|| {
                let to_a = surest(&mut between.iter().filter_map(|(x, _)| x.clone()))?;
                Some(weaker(to_a, surest(&mut between.iter().filter_map(|(_, y)| y.clone()))?))
            })
            .unwrap_or_else(|| unproven(self.options.radius))
    }

    /// How sure that it is the same photo, times how rare the photo is.
    fn weight(&self, photo: PhotoRow, proof: &Proof) -> f64 {
        certainty(proof) * self.rarity[photo]
    }

    fn caveats(&self, a: AdRow, b: AdRow, evidence: &[Evidence], indirect: bool) -> EnumSet<Caveat> {
        let image = |row: ImageRow| &self.snapshot.images[row];
        let LinkOptions { radius, min_quality, .. } = *self.options;
        let limits = CaveatLimits { radius, min_quality };
        let of = |item: &Evidence| {
            let (a, b) = item.images();
            limits.caveats(image(a), image(b), Some(&item.proof))
        };
        // What holds for one of several photos does not weaken the others.
        let of_all = evidence.iter().map(of).reduce(EnumSet::intersection).unwrap_or_default();
        let common = !evidence.is_empty() && evidence.iter().all(|item| self.common[item.photo()]);
        let confirmed = |item: &Evidence| {
            let (a, b) = item.images();
            self.prover.decisions.confirmed(a, b)
        };
        let of_link = [
            common.then_some(Caveat::CommonImage),
            evidence.iter().any(confirmed).then_some(Caveat::Confirmed),
            indirect.then_some(Caveat::Indirect),
            (self.mirrored[a] || self.mirrored[b]).then_some(Caveat::MirrorSite),
            (evidence.is_empty() && self.shared_design(a, b).is_empty()).then_some(Caveat::NoPhoto),
        ];
        of_all.union(of_link.into_iter().flatten().collect())
    }
}

/// Probability-like: 0.63 for the least moderate evidence, 0.8 at the radius, 1 for the same file. It ranks links and
/// decides nothing.
fn certainty(proof: &Proof) -> f64 {
    1.0 - (-proof.score.max(0.0) / 8.0).exp()
}

fn weaker(x: Proof, y: Proof) -> Proof {
    if y.score < x.score { y } else { x }
}

/// A group member that agrees with none of the go-betweens asked: claims no more than the radius allows.
fn unproven(radius: u32) -> Proof {
    Proof {
        tier: Tier::Transformed,
        distance: Some(radius),
        transform: crate::hash::Dihedral::None,
        view_a: crate::record::ViewKind::Whole,
        view_b: crate::record::ViewKind::Whole,
        overlap_a: 1.0,
        overlap_b: 1.0,
        second_distance: None,
        score: 0.0,
        local: None,
    }
}

/// Runs of both sorted lists that show the same photo.
fn shared<'a>(a: &'a [PhotoUse], b: &'a [PhotoUse]) -> Vec<(&'a [PhotoUse], &'a [PhotoUse])> {
    let same = |x: &PhotoUse, y: &PhotoUse| x.photo == y.photo;
    let (mut left, mut right) = (a.chunk_by(same).peekable(), b.chunk_by(same).peekable());
    let mut found = Vec::new();
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        match x[0].photo.cmp(&y[0].photo) {
            std::cmp::Ordering::Less => drop(left.next()),
            std::cmp::Ordering::Greater => drop(right.next()),
            std::cmp::Ordering::Equal => {
                found.push((*x, *y));
                left.next();
                right.next();
            }
        }
    }
    found
}

/// One image is one piece of evidence, however many photos of a collage it shows: the strongest stays.
fn once_per_image(evidence: &mut Vec<(Evidence, bool)>) {
    let mut used: Vec<(ImageRow, ImageRow)> = Vec::new();
    evidence.retain(|(item, _)| {
        let images = item.images();
        let fresh = !used.iter().any(|&(a, b)| a == images.0 || b == images.1);
        used.push(images);
        fresh
    });
}
