//! Why two ads are not in one network, in sentences: what they share, what became of it, what would change it.
//!
//! The trap: an ad may be joined to another over a third, so it is not enough to look at the two; what was left out
//! between their networks is told, too.

use super::joined::{Joined, ad_name};
use super::words;
use crate::corpus::{AdRow, addresses, handle};
use crate::link::{LeftOut, Network, PhotoGroup};
use std::collections::{BTreeMap, BTreeSet};

/// Sentences on two ads by their rows, the most telling first, and what to do about it in a terminal. O(links) for two
/// ads of different networks.
pub fn why_not(joined: &Joined<'_>, a: AdRow, b: AdRow) -> Vec<String> {
    let mut said = why_apart(joined, a, b);
    if said.len() > 1 {
        said.extend(remedy(joined, a, b));
    }
    said
}

/// The same without what to do about it.
pub(super) fn why_apart(joined: &Joined<'_>, a: AdRow, b: AdRow) -> Vec<String> {
    let names = [a, b].map(|row| ad_name(&joined.ad(row).key));
    let networks = [a, b].map(|row| joined.network_of_ad(row));
    let mut said = vec![standing(&names, networks)];
    if a == b || matches!(networks, [Some(x), Some(y)] if x.id == y.id) {
        return said;
    }
    let shared = shared(joined, a, b);
    if shared.is_empty() {
        said.push("No photo that both show was found.".into());
    }
    said.extend(shared.iter().map(|group| photo(group)));
    said.extend(left_out(joined, networks, a, b));
    said.extend(contacts(joined, a, b));
    said
}

fn remedy(joined: &Joined<'_>, a: AdRow, b: AdRow) -> Option<String> {
    let shared = shared(joined, a, b);
    if shared.iter().any(|group| group.common.is_some() || group.many_contacts) {
        let words = "If both ads are one poster's: `adlink decide --photo ID confirm` makes the photo count, and its links with it.";
        return Some(words.into());
    }
    let words = "If two of their images show one photo all the same: `adlink decide --pair A B confirm`.";
    shared.is_empty().then(|| words.into())
}

/// The photos that both show.
fn shared<'a>(joined: &Joined<'a>, a: AdRow, b: AdRow) -> Vec<&'a PhotoGroup> {
    joined.findings.groups.iter().filter(|group| shows(group, a) && shows(group, b)).collect()
}

fn shows(group: &PhotoGroup, ad: AdRow) -> bool {
    group.ads.binary_search(&ad).is_ok()
}

fn standing(names: &[String; 2], networks: [Option<&Network>; 2]) -> String {
    let [a, b] = names;
    match networks {
        [Some(x), Some(y)] if x.id == y.id => format!("{a} and {b} are in one network, number {}.", x.number),
        [Some(x), Some(y)] => format!("{a} is in network {}, {b} in network {}.", x.number, y.number),
        [Some(x), None] => format!("{a} is in network {}, {b} in none.", x.number),
        [None, Some(y)] => format!("{a} is in no network, {b} in network {}.", y.number),
        [None, None] => format!("Neither {a} nor {b} is in a network."),
    }
}

fn photo(group: &PhotoGroup) -> String {
    let rarity = words::rarity(group);
    match group.common {
        Some(reason) => {
            format!("Both show photo {}, which is in {rarity}; it is common: {}.", group.id, reason.words())
        }
        None if group.many_contacts => format!(
            "Both show photo {}, which is in {rarity}, under many contacts with nothing else in common; so it joins \
             nobody who shares no more.",
            group.id
        ),
        None => format!("Both show photo {}, which is in {rarity}.", group.id),
    }
}

/// What became of the links between the two, or between their networks when the two have none.
fn left_out(joined: &Joined<'_>, networks: [Option<&Network>; 2], a: AdRow, b: AdRow) -> Vec<String> {
    let sides = [(a, networks[0]), (b, networks[1])].map(|(ad, network)| match network {
        Some(network) => network.ads.iter().copied().collect::<BTreeSet<AdRow>>(),
        None => BTreeSet::from([ad]),
    });
    let mut between: BTreeMap<LeftOut, usize> = BTreeMap::new();
    for (row, link) in joined.links() {
        let across = sides[0].contains(&link.a) && sides[1].contains(&link.b)
            || sides[0].contains(&link.b) && sides[1].contains(&link.a);
        if across {
            joined.left_out(row).iter().for_each(|reason| *between.entry(reason).or_default() += 1);
        }
    }
    let told = |(reason, links): (LeftOut, usize)| {
        format!(
            "{} between {} left out ({}): {}.",
            words::count(links, "link"),
            if sides.iter().all(|side| side.len() == 1) { "them" } else { "their networks" },
            reason.name(),
            reason.words()
        )
    };
    between.into_iter().map(told).collect()
}

/// Whether they share contacts, which corroborate and, unless asked for, join nobody.
fn contacts(joined: &Joined<'_>, a: AdRow, b: AdRow) -> Option<String> {
    let of = |row: AdRow| {
        let ad = joined.ad(row);
        let phones = joined.phone_book().of_ad(ad).into_iter().map(|key| key.to_string());
        phones.chain(handle(ad)).chain(addresses(ad)).collect::<BTreeSet<String>>()
    };
    let (x, y) = (of(a), of(b));
    if x.is_empty() || y.is_empty() {
        return None;
    }
    Some(if x.is_disjoint(&y) {
        "Both give contacts and share none.".into()
    } else {
        "They share a contact; by itself that joins ads only with `--corroborate`.".into()
    })
}
