//! Networks from links: which links hold, which are set aside and why, and what each network is made of.
//!
//! A link holds when its ads are of one community, neither is a mirror's copy, and they share a photo that is not
//! common. Networks are the connected sets under links that hold, so every ad of a network can be reached over
//! listed links. The trap: the communities decide, not the links; a link across two communities is evidence that
//! is listed and set aside, however strong it looks on its own.

use crate::corpus::{AdRow, CommunityRow, LinkRow, PhotoRow, Row, Rows, Snapshot};
use crate::link::findings::network_id;
use crate::link::findings::{Corroboration, LeftOut, Link, Network, NetworkKind, NetworkRow, RemovedLink};
use crate::link::posters::{Facts, PhotoUses, SharedPhoto, Template, Verdicts};
use crate::sets::Sets;

/// What decides whether links hold.
pub(crate) struct Judgement<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) uses: &'a PhotoUses,
    pub(crate) verdicts: &'a Verdicts,
    pub(crate) community: &'a Rows<AdRow, CommunityRow>,
    pub(crate) mirrored: &'a Rows<AdRow, bool>,
    pub(crate) templates: &'a [Template],
}

impl Judgement<'_> {
    /// The networks, the largest first, and the links set aside. Notes in each link the network it holds together.
    pub(crate) fn networks(&self, links: &mut [Link]) -> (Vec<Network>, Vec<RemovedLink>) {
        let _span = tracing::debug_span!("networks").entered();
        let verdicts: Vec<Option<LeftOut>> = links.iter().map(|link| self.reason_against(link)).collect();
        let mut sets = Sets::new(self.snapshot.ads.len());
        for (link, _) in links.iter().zip(&verdicts).filter(|(_, reason)| reason.is_none()) {
            let (a, b) = link.ads();
            sets.join(a, b);
        }
        let mut networks: Vec<Network> =
            sets.of_two_or_more().into_iter().map(|ads| self.network(ads)).collect();
        networks.sort_by(|x, y| y.ads.len().cmp(&x.ads.len()).then_with(|| x.id.cmp(&y.id)));
        (1..).zip(&mut networks).for_each(|(number, network)| network.number = number);
        let mut network_of: Rows<AdRow, u32> = Rows::filled(u32::NONE, self.snapshot.ads.len());
        for (place, network) in (0..).zip(&networks) {
            network.ads.iter().for_each(|&ad| network_of[ad] = place);
        }
        let mut removed = Vec::new();
        for (row, (link, verdict)) in LinkRow::all(verdicts.len()).zip(links.iter_mut().zip(&verdicts)) {
            match *verdict {
                Some(reason) => removed.push(RemovedLink { link: row, reason }),
                None => {
                    let network = network_of[link.ads().0];
                    link.network = Some(NetworkRow::new(network));
                    let network = &mut networks[network.index()];
                    network.links.push(row);
                    if network.groups.is_empty() && link.corroboration.contains(Corroboration::Design) {
                        network.kind = NetworkKind::Template;
                    }
                }
            }
        }
        (networks, removed)
    }

    fn reason_against(&self, link: &Link) -> Option<LeftOut> {
        let common = |photo: PhotoRow| self.verdicts[photo].reason.is_some();
        let (a, b) = link.ads();
        let corroborated_only = link.evidence.is_empty();
        if !corroborated_only && link.evidence.iter().all(|item| common(item.photo())) {
            Some(LeftOut::CommonImage)
        } else if self.mirrored[a] || self.mirrored[b] {
            Some(LeftOut::MirrorSite)
        } else if !corroborated_only && !self.share_a_photo(link) {
            Some(LeftOut::WeakPair)
        } else if self.community[a] != self.community[b] {
            let glue = |photo: PhotoRow| self.verdicts[photo].is_glue();
            let nothing_else = !corroborated_only && !link.evidence.iter().any(|item| glue(item.photo()));
            Some(if nothing_else { LeftOut::ManyContacts } else { LeftOut::Bridge })
        } else {
            None
        }
    }

    /// False for links by a pair of images that belong to no common group.
    fn share_a_photo(&self, link: &Link) -> bool {
        let (a, b) = link.ads();
        let shown = |ad, photo| self.uses.photos[photo].ads.binary_search(&ad).is_ok();
        link.evidence.iter().any(|item| shown(a, item.photo()) && shown(b, item.photo()))
    }

    /// Is a photo part of a design that joins all its ads?
    fn is_of_template(&self, photo: &SharedPhoto) -> bool {
        self.templates.iter().any(|template| template.explains(&photo.ads))
    }

    fn network(&self, ads: Vec<AdRow>) -> Network {
        let time = |ad: AdRow| self.facts.first_seen(ad);
        let earliest = ads.iter().copied().min_by_key(|&ad| (time(ad).is_empty(), time(ad), ad));
        let mut shown: Vec<(PhotoRow, AdRow)> = ads
            .iter()
            .flat_map(|&ad| self.uses.of_ad(ad).iter().map(move |photo_use| (photo_use.photo, ad)))
            .collect();
        shown.sort_unstable();
        shown.dedup();
        let (mut groups, mut common) = (Vec::new(), Vec::new());
        for ads_of_photo in shown.chunk_by(|x, y| x.0 == y.0) {
            let photo = ads_of_photo[0].0;
            if self.verdicts[photo].reason.is_some() {
                common.push(photo);
            } else if ads_of_photo.len() > 1 {
                groups.push(photo);
            }
        }
        let id = earliest.map_or_else(String::new, |ad| network_id(&self.snapshot.ads[ad]));
        let of_template = |photo: &PhotoRow| {
            self.verdicts[*photo].ballot.same_text || self.is_of_template(&self.uses.photos[*photo])
        };
        let kind = match groups.is_empty() {
            true => NetworkKind::Contact,
            false if groups.iter().all(of_template) => NetworkKind::Template,
            false => NetworkKind::Photo,
        };
        Network { id, number: 0, kind, ads, links: Vec::new(), groups, common }
    }
}
