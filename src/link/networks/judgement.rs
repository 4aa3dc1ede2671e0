//! Networks from links: which links hold, which are set aside and why, and what each network is made of.
//!
//! A link holds when its ads are of one community, neither is a mirror's copy, and they share a photo that is not
//! common. Networks are the connected sets under links that hold, so every ad of a network can be reached over
//! listed links. The trap: the communities decide, not the links; a link across two communities is evidence that
//! is listed and set aside, however strong it looks on its own.

use crate::corpus::Snapshot;
use crate::link::findings::network_id;
use crate::link::findings::{Corroboration, LeftOut, Link, Network, NetworkKind, NetworkRow, Removed};
use crate::link::posters::{Facts, PhotoUses, SharedPhoto, Template, Verdict};
use crate::sets::Sets;

/// What decides whether links hold.
pub(crate) struct Judgement<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) uses: &'a PhotoUses,
    pub(crate) verdicts: &'a [Verdict],
    pub(crate) community: &'a [u32],
    pub(crate) mirrored: &'a [bool],
    pub(crate) templates: &'a [Template],
}

impl Judgement<'_> {
    /// The networks, the largest first, and the links set aside. Notes in each link the network it holds together.
    pub(crate) fn networks(&self, links: &mut [Link]) -> (Vec<Network>, Vec<Removed>) {
        let _span = tracing::debug_span!("networks").entered();
        let verdicts: Vec<Option<LeftOut>> = links.iter().map(|link| self.reason_against(link)).collect();
        let mut sets = Sets::new(self.snapshot.ads.len());
        for (link, _) in links.iter().zip(&verdicts).filter(|(_, reason)| reason.is_none()) {
            sets.join(link.a, link.b);
        }
        let mut networks: Vec<Network> =
            sets.of_two_or_more().into_iter().map(|ads| self.network(ads)).collect();
        networks.sort_by(|x, y| y.ads.len().cmp(&x.ads.len()).then_with(|| x.id.cmp(&y.id)));
        (1..).zip(&mut networks).for_each(|(number, network)| network.number = number);
        let mut network_of = vec![u32::MAX; self.snapshot.ads.len()];
        for (k, network) in networks.iter().enumerate() {
            network.ads.iter().for_each(|&ad| network_of[ad as usize] = k as u32);
        }
        let mut removed = Vec::new();
        for (row, (link, verdict)) in links.iter_mut().zip(&verdicts).enumerate() {
            match *verdict {
                Some(reason) => removed.push(Removed { link: row as u32, reason }),
                None => {
                    let network = network_of[link.a as usize];
                    link.network = Some(NetworkRow::new(network));
                    let network = &mut networks[network as usize];
                    network.links.push(row as u32);
                    if network.groups.is_empty() && link.corroboration.contains(Corroboration::Design) {
                        network.kind = NetworkKind::Template;
                    }
                }
            }
        }
        (networks, removed)
    }

    fn reason_against(&self, link: &Link) -> Option<LeftOut> {
        let common = |photo: u32| self.verdicts[photo as usize].reason.is_some();
        let corroborated_only = link.evidence.is_empty();
        if !corroborated_only && link.evidence.iter().all(|item| common(item.group)) {
            Some(LeftOut::CommonImage)
        } else if self.mirrored[link.a as usize] || self.mirrored[link.b as usize] {
            Some(LeftOut::MirrorSite)
        } else if !corroborated_only && !self.share_a_photo(link) {
            Some(LeftOut::WeakPair)
        } else if self.community[link.a as usize] != self.community[link.b as usize] {
            let glue = |photo: u32| self.verdicts[photo as usize].is_glue();
            let nothing_else = !corroborated_only && !link.evidence.iter().any(|item| glue(item.group));
            Some(if nothing_else { LeftOut::ManyContacts } else { LeftOut::Bridge })
        } else {
            None
        }
    }

    /// False for links by a pair of images that belong to no common group.
    fn share_a_photo(&self, link: &Link) -> bool {
        let shown = |ad: u32, photo: u32| self.uses.photos[photo as usize].ads.binary_search(&ad).is_ok();
        link.evidence.iter().any(|item| shown(link.a, item.group) && shown(link.b, item.group))
    }

    /// Is a photo part of a design that joins all its ads?
    fn is_of_template(&self, photo: &SharedPhoto) -> bool {
        self.templates.iter().any(|template| template.explains(&photo.ads))
    }

    fn network(&self, ads: Vec<u32>) -> Network {
        let time = |ad: u32| self.facts.first_seen(ad);
        let earliest = ads.iter().copied().min_by_key(|&ad| (time(ad).is_empty(), time(ad), ad));
        let mut shown: Vec<(u32, u32)> = ads
            .iter()
            .flat_map(|&ad| self.uses.of_ad(ad).iter().map(move |photo_use| (photo_use.photo, ad)))
            .collect();
        shown.sort_unstable();
        shown.dedup();
        let (mut groups, mut common) = (Vec::new(), Vec::new());
        for ads_of_photo in shown.chunk_by(|x, y| x.0 == y.0) {
            let photo = ads_of_photo[0].0;
            if self.verdicts[photo as usize].reason.is_some() {
                common.push(photo);
            } else if ads_of_photo.len() > 1 {
                groups.push(photo);
            }
        }
        let id = earliest.map_or_else(String::new, |ad| network_id(&self.snapshot.ads[ad as usize]));
        let of_template = |photo: &u32| {
            self.verdicts[*photo as usize].ballot.same_text
                || self.is_of_template(&self.uses.photos[*photo as usize])
        };
        let kind = match groups.is_empty() {
            true => NetworkKind::Contact,
            false if groups.iter().all(of_template) => NetworkKind::Template,
            false => NetworkKind::Photo,
        };
        Network { id, number: 0, kind, ads, links: Vec::new(), groups, common }
    }
}
