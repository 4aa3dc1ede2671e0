//! Why two ads are not in one network, in sentences: what they share, what became of it, what would change it.
//!
//! The trap: an ad may be joined to another over a third, so it is not enough to look at the two; what was left out
//! between their networks is told, too.

use super::joined::{Joined, ad_name};
use super::words;
use crate::corpus::{AdRow, addresses, handle};
use crate::language::say;
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
        said.push(say!("No photo that both show was found.").into());
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
        [Some(x), Some(y)] if x.id == y.id => {
            say!("{a} and {b} are in one network, number {x}.", a = a, b = b, x = x.number)
        }
        [Some(x), Some(y)] => {
            say!("{a} is in network {x}, {b} in network {y}.", a = a, b = b, x = x.number, y = y.number)
        }
        [Some(x), None] => say!("{a} is in network {x}, {b} in none.", a = a, b = b, x = x.number),
        [None, Some(y)] => say!("{a} is in no network, {b} in network {y}.", a = a, b = b, y = y.number),
        [None, None] => say!("Neither {a} nor {b} is in a network.", a = a, b = b),
    }
}

fn photo(group: &PhotoGroup) -> String {
    let (id, rarity) = (&group.id, words::rarity(group));
    match group.common {
        Some(reason) => say!(
            "Both show photo {photo}, which is in {rarity}; it is common: {reason}.",
            photo = id,
            rarity = rarity,
            reason = say(reason.words()),
        ),
        None if group.many_contacts => say!(
            "Both show photo {photo}, which is in {rarity}, under many contacts with nothing else in common; so it joins \
             nobody who shares no more.",
            photo = id,
            rarity = rarity,
        ),
        None => say!("Both show photo {photo}, which is in {rarity}.", photo = id, rarity = rarity),
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
    let alone = sides.iter().all(|side| side.len() == 1);
    between.into_iter().map(|(reason, links)| left_out_for(reason, links, alone)).collect()
}

/// `alone`: the links are between the two ads, and not between their networks.
fn left_out_for(reason: LeftOut, links: usize, alone: bool) -> String {
    let (links, code, reason) = (words::count(links, "link"), reason.name(), say(reason.words()));
    match alone {
        true => say!(
            "{links} between them left out ({code}): {reason}.",
            links = links,
            code = code,
            reason = reason,
        ),
        false => say!(
            "{links} between their networks left out ({code}): {reason}.",
            links = links,
            code = code,
            reason = reason,
        ),
    }
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
        say!("Both give contacts and share none.").into()
    } else {
        say!("They share a contact; by itself that joins ads only with `--corroborate`.").into()
    })
}
