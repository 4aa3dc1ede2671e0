//! Which pair is looked at next: those first on which most depends.
//!
//! First the pairs that settle something, for ads hang on them or are kept apart by them; then leads, which join
//! nothing until somebody says that they are the same photo; last what changes nothing, as other pairs say the same. The
//! trap: byte-identical files are not in the queue, for there is nothing to look at; pairs that were rejected still
//! are, though linking no longer finds them, for someone else may disagree.

use super::bridges::separations;
use crate::corpus::{ImageRow, PairRow};
use crate::language::word;
use crate::link::{Findings, LeftOut, NetworkRow};
use crate::record::{Image, ImageId, Subject};
use crate::verify::{Proof, Strength};
use crate::view::{Joined, ad_time, day};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// In which order pairs come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum PairOrder {
    /// What a decision would change most.
    #[default]
    Effect,
    /// Fewest differing bits.
    Closest,
    /// By site.
    Site,
    /// Latest first.
    Date,
}

impl PairOrder {
    pub(crate) const ALL: [Self; 4] = [Self::Effect, Self::Closest, Self::Site, Self::Date];

    /// Name in addresses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Effect => "effect",
            Self::Closest => "closest",
            Self::Site => "site",
            Self::Date => "date",
        }
    }

    /// For people.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Effect => word!("largest effect first"),
            Self::Closest => word!("closest first"),
            Self::Site => word!("by site"),
            Self::Date => word!("latest first"),
        }
    }

    pub(crate) fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|order| order.name() == name).unwrap_or_default()
    }
}

/// A pair to be looked at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    /// Rows of the images.
    pub(crate) rows: [ImageRow; 2],
    pub(crate) ids: (ImageId, ImageId),
    /// Why the two were paired; `None` when nothing within the limits says so.
    pub(crate) proof: Option<Proof>,
    /// Index into the findings' networks; `None` when the pair holds none together.
    pub(crate) network: Option<NetworkRow>,
    /// Ads that would leave the network if the two are not the same photo.
    pub(crate) separated: usize,
    /// Ads that would come together if they are; 0 when nothing keeps them apart.
    pub(crate) united: usize,
    /// True when ads of different sites show them.
    pub(crate) across: bool,
    /// True for a lead: it links nothing unless somebody says that the two are the same photo.
    pub(crate) lead: bool,
    site: String,
    day: Option<jiff::civil::Date>,
    gain: f64,
    size: usize,
    score: f64,
    bits: u32,
}

impl Item {
    /// What settles something before leads, and these before what changes nothing.
    fn class(&self) -> u8 {
        match (self.lead, self.separated + self.united) {
            (true, _) => 1,
            (false, 0) => 2,
            (false, _) => 0,
        }
    }
}

/// All pairs worth a look, in every order.
pub(crate) struct Queue {
    items: Vec<Item>,
    orders: BTreeMap<PairOrder, Vec<u32>>,
    by_ids: BTreeMap<(ImageId, ImageId), u32>,
}

impl Queue {
    /// Linear in sightings and pairs, apart from sorting. `prove` says why two images were paired that are no pair
    /// of the findings any more, since somebody rejected them.
    pub(crate) fn new(joined: &Joined<'_>, prove: impl Fn(&Image, &Image) -> Option<Proof>) -> Self {
        let (depends, united) = (separations(joined), unions(joined));
        let found = joined.findings.pairs.iter().zip((0..).map(PairRow)).filter(|(pair, _)| pair.a != pair.b);
        let mut items: Vec<_> = found
            .map(|(pair, row)| {
                let holds = depends.get(&row).copied();
                let united = united.get(&(pair.a, pair.b)).copied().unwrap_or_default();
                item(joined, [pair.a, pair.b], Some(Proof::clone(&pair.proof)), holds, united)
            })
            .collect();
        items.extend(joined.findings.leads.iter().map(|lead| {
            let proof = Some(Proof::clone(&lead.proof));
            item(joined, [lead.a, lead.b], proof, None, would_unite(joined, lead.a, lead.b))
        }));
        let known: BTreeSet<[ImageRow; 2]> = items.iter().map(|item| item.rows).collect();
        let decided = decided(joined).filter(|rows| !known.contains(rows));
        items.extend(
            decided
                .map(|rows| item(joined, rows, prove(joined.image(rows[0]), joined.image(rows[1])), None, 0))
                .collect::<Vec<_>>(),
        );
        let orders = PairOrder::ALL.into_iter().map(|order| (order, sorted(&items, order))).collect();
        let by_ids = items.iter().zip(0..).map(|(item, place)| (item.ids, place)).collect();
        Self { items, orders, by_ids }
    }

    /// All items in an order.
    pub(crate) fn in_order(&self, order: PairOrder) -> impl DoubleEndedIterator<Item = &Item> + Clone {
        let order = self.orders.get(&order).map_or(&[][..], Vec::as_slice);
        order.iter().map(|&place| &self.items[place as usize])
    }

    /// The item of two images, the smaller id first.
    pub(crate) fn find(&self, ids: &(ImageId, ImageId)) -> Option<&Item> {
        Some(&self.items[*self.by_ids.get(ids)? as usize])
    }
}

/// Rows of the pairs that somebody decided.
fn decided(joined: &Joined<'_>) -> impl Iterator<Item = [ImageRow; 2]> {
    let row = |id: &ImageId| joined.snapshot.image_row(id);
    let pairs = joined.snapshot.decisions.iter().filter_map(|decision| match &decision.subject {
        Subject::Pair(a, b) => Some([row(a)?, row(b)?]),
        _ => None,
    });
    pairs.collect::<BTreeSet<_>>().into_iter()
}

/// `holds`: the network that the pair holds together, and how many ads hang on it.
fn item(
    joined: &Joined<'_>,
    rows: [ImageRow; 2],
    proof: Option<Proof>,
    holds: Option<(NetworkRow, usize)>,
    united: usize,
) -> Item {
    let ads =
        || rows.into_iter().flat_map(|row| joined.sightings_of_image(row)).map(|seen| joined.ad(seen.ad));
    let sites: BTreeSet<&str> = ads().map(|ad| &*ad.key.site).collect();
    let (network, separated) = holds.map_or((None, 0), |(network, ads)| (Some(network), ads));
    let doubt = match proof.as_ref().map(|proof| joined.strength(proof)) {
        None | Some(Strength::Weak) => 1.0,
        Some(Strength::Moderate) => 0.5,
        Some(Strength::Strong) => 0.2,
        Some(Strength::VeryStrong | Strength::Identical) => 0.1,
    };
    let lead = proof.as_ref().is_some_and(|proof| !proof.tier.is_same_photo());
    let (score, bits) =
        proof.as_ref().map_or((0.0, u32::MAX), |proof| (proof.score, proof.distance.unwrap_or(u32::MAX)));
    Item {
        rows,
        ids: (joined.image(rows[0]).id(), joined.image(rows[1]).id()),
        proof,
        network,
        separated,
        united,
        across: sites.len() > 1,
        lead,
        site: sites.into_iter().next().unwrap_or_default().to_string(),
        day: ads().filter_map(|ad| day(ad_time(ad))).max(),
        // Whether links that were cut should stand is as open as it gets.
        gain: (separated as f64 * doubt).max(united as f64 * 0.5),
        size: network.map_or(0, |network| joined.findings.networks[network].ads.len()),
        score,
        bits,
    }
}

fn sorted(items: &[Item], order: PairOrder) -> Vec<u32> {
    let mut places: Vec<u32> = (0..items.len() as u32).collect();
    let by_effect = |a: &Item, b: &Item| {
        a.class()
            .cmp(&b.class())
            .then(b.gain.total_cmp(&a.gain))
            .then(b.size.cmp(&a.size))
            .then(a.score.total_cmp(&b.score))
            .then(a.ids.cmp(&b.ids))
    };
    places.sort_by(|&a, &b| {
        let (a, b) = (&items[a as usize], &items[b as usize]);
        let first = match order {
            PairOrder::Effect => std::cmp::Ordering::Equal,
            PairOrder::Closest => a.bits.cmp(&b.bits),
            PairOrder::Site => a.site.cmp(&b.site),
            PairOrder::Date => Reverse(a.day).cmp(&Reverse(b.day)),
        };
        first.then_with(|| by_effect(a, b))
    });
    places
}

/// For image pairs whose links were kept from joining networks: ads of the smaller one.
fn unions(joined: &Joined<'_>) -> BTreeMap<(ImageRow, ImageRow), usize> {
    let Findings { links, removed, .. } = joined.findings;
    let size = |ad| joined.network_of_ad(ad).map_or(1, |network| network.ads.len());
    let mut unions = BTreeMap::new();
    for removed in
        removed.iter().filter(|removed| matches!(removed.reason, LeftOut::Bridge | LeftOut::WeakPair))
    {
        let link = &links[removed.link];
        let together = joined
            .network_of_ad(link.a)
            .is_some_and(|a| joined.network_of_ad(link.b).is_some_and(|b| a.id == b.id));
        if together {
            continue;
        }
        for shown in &link.evidence {
            let key = (shown.image_a.min(shown.image_b), shown.image_a.max(shown.image_b));
            let most: &mut usize = unions.entry(key).or_default();
            *most = (*most).max(size(link.a).min(size(link.b)));
        }
    }
    unions
}

/// Ads of the smaller part that would come together if a lead were the same photo; 0 when all are together already.
fn would_unite(joined: &Joined<'_>, a: ImageRow, b: ImageRow) -> usize {
    let parts = |image| {
        let seen = joined.sightings_of_image(image);
        let part = seen.map(|seen| match joined.network_of_ad(seen.ad) {
            Some(network) => (Some(network.id.as_str()), network.ads.len()),
            None => (None, 1),
        });
        part.collect::<BTreeSet<_>>()
    };
    let (of_a, of_b) = (parts(a), parts(b));
    let apart = of_a.iter().flat_map(|one| of_b.iter().map(move |other| (one, other)));
    let apart = apart.filter(|(one, other)| one.0.is_none() || one.0 != other.0);
    apart.map(|(one, other)| one.1.min(other.1)).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item_with(lead: bool, separated: usize, united: usize) -> Item {
        Item {
            rows: [ImageRow(0), ImageRow(1)],
            ids: (ImageId([1; 32]), ImageId([2; 32])),
            proof: None,
            network: None,
            separated,
            united,
            across: false,
            lead,
            site: String::new(),
            day: None,
            gain: (separated + united) as f64,
            size: 0,
            score: 0.0,
            bits: 0,
        }
    }

    #[test]
    fn what_settles_something_comes_first_then_leads_then_what_changes_nothing() {
        let items = [
            item_with(false, 0, 0),
            item_with(true, 0, 9),
            item_with(false, 1, 0),
            item_with(true, 0, 0),
            item_with(false, 0, 2),
        ];
        assert_eq!(sorted(&items, PairOrder::Effect), [4, 2, 1, 3, 0]);
    }
}
