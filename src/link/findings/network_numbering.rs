//! Numbers of networks: what people say and write, kept from run to run within a case.
//!
//! A network keeps its number while its name stays, and where another name came over it, as when an earlier ad was found,
//! it takes that of the network most of its ads were in. The trap: a number is never given twice, also when the network
//! that had it is gone; notes and mails speak of it still.

use super::found::{Findings, Network};
use super::ids;
use super::news::ad_id;
use crate::corpus::{NetworkNumbers, ShortId, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// Gives networks the numbers that a case knows them by; the new ones the next, in their order. O(ads log ads).
pub fn number_networks(snapshot: &Snapshot, findings: &mut Findings, known: &NetworkNumbers) {
    let ids: Vec<ShortId> = findings.networks.iter().map(|network| ids::short(&network.id)).collect();
    let mut numbers: Vec<Option<u32>> = ids.iter().map(|id| known.numbers.get(id).copied()).collect();
    let mut taken: BTreeSet<u32> = numbers.iter().flatten().copied().collect();
    let mut heirs = heirs(snapshot, &findings.networks, &numbers, known);
    heirs.sort_by_key(|heir| (std::cmp::Reverse(heir.ads), heir.number, heir.network));
    for heir in heirs {
        if numbers[heir.network].is_none() && taken.insert(heir.number) {
            numbers[heir.network] = Some(heir.number);
        }
    }
    let mut next = known.numbers.values().max().map_or(1, |last| last + 1);
    for (network, number) in findings.networks.iter_mut().zip(numbers) {
        network.number = number.unwrap_or_else(|| {
            next += 1;
            next - 1
        });
    }
}

/// A network without a number, and one whose number it might take.
struct Heir {
    network: usize,
    number: u32,
    /// Ads that are in both.
    ads: usize,
}

fn heirs(
    snapshot: &Snapshot,
    networks: &[Network],
    numbers: &[Option<u32>],
    known: &NetworkNumbers,
) -> Vec<Heir> {
    let mut heirs = Vec::new();
    for (place, network) in networks.iter().enumerate().filter(|(place, _)| numbers[*place].is_none()) {
        let mut ads_of: BTreeMap<u32, usize> = BTreeMap::new();
        for &ad in &network.ads {
            let before = known.members.get(&ad_id(snapshot, ad));
            if let Some(&number) = before.and_then(|network| known.numbers.get(network)) {
                *ads_of.entry(number).or_default() += 1;
            }
        }
        heirs.extend(ads_of.into_iter().map(|(number, ads)| Heir { network: place, number, ads }));
    }
    heirs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::AdRow;
    use crate::link::findings::{NetworkKind, reported};
    use crate::record::{Ad, AdKey};

    fn ads(count: usize) -> Snapshot {
        let key = |k: usize| AdKey { site: "s".into(), ad_id: k.to_string() };
        let ads = (0..count).map(|k| Ad::blank(key(k))).collect();
        Snapshot { ads, ..Snapshot::default() }
    }

    /// Networks of these ads, named after their first, in this order.
    fn networks(snapshot: &Snapshot, ads: &[&[u32]]) -> Findings {
        let network = |ads: &&[u32]| Network {
            id: ids::network_id(&snapshot.ads[ads[0] as usize]),
            number: 0,
            kind: NetworkKind::Photo,
            ads: ads.iter().copied().map(AdRow).collect(),
            links: Vec::new(),
            groups: Vec::new(),
            common: Vec::new(),
        };
        Findings { networks: ads.iter().map(network).collect(), ..Findings::default() }
    }

    /// The numbers run by run, each knowing the runs before it as a case does.
    fn numbers(runs: &[&[&[u32]]]) -> Vec<Vec<u32>> {
        let snapshot = ads(20);
        let mut known = NetworkNumbers::default();
        let number = |run: &&[&[u32]]| {
            let mut findings = networks(&snapshot, run);
            number_networks(&snapshot, &mut findings, &known);
            let now = reported(&snapshot, &findings);
            for (id, number) in &now.networks {
                known.numbers.retain(|_, other| other != number);
                known.numbers.insert(*id, *number);
            }
            known.members = now.members.into_iter().collect();
            findings.networks.iter().map(|network| network.number).collect()
        };
        runs.iter().map(number).collect()
    }

    #[test]
    fn numbers_stay_whatever_becomes_larger() {
        assert_eq!(numbers(&[&[&[1, 2, 3], &[7, 8]], &[&[7, 8, 9, 10], &[1, 2, 3]]]), [[1, 2], [2, 1]]);
    }

    #[test]
    fn a_network_with_an_earlier_ad_keeps_its_number_and_a_new_one_gets_the_next() {
        assert_eq!(
            numbers(&[&[&[2, 3], &[7, 8]], &[&[11, 12, 13], &[1, 2, 3], &[7, 8]]]),
            [vec![1, 2], vec![3, 1, 2]]
        );
    }

    #[test]
    fn of_two_that_grow_together_the_name_that_stays_counts_and_the_other_number_is_not_given_again() {
        let runs: &[&[&[u32]]] = &[&[&[1, 2], &[5, 6, 7]], &[&[1, 2, 5, 6, 7]], &[&[1, 2, 5], &[10, 11]]];
        assert_eq!(numbers(runs), [vec![1, 2], vec![1], vec![1, 3]]);
    }

    #[test]
    fn the_larger_part_of_a_network_whose_name_went_keeps_its_number() {
        let runs: &[&[&[u32]]] = &[&[&[1, 2, 3, 4, 5, 6]], &[&[4, 5, 6], &[2, 3]]];
        assert_eq!(numbers(runs), [vec![1], vec![1, 2]]);
    }
}
