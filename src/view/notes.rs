//! Which networks the names and notes of a case belong to now.
//!
//! A note goes where most of the ads are that it was given to: to the network that has more than half of them, so to
//! one or to none. The trap: a network may come by several names, when two that had names grow together; it goes by the
//! one that speaks for most of its ads, and of these by the latest.

use super::joined::Joined;
use super::words;
use crate::corpus::{NetworkNote, NoteKind, ShortId, short_id};
use crate::language::say;
use crate::link::Network;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The names and notes of a case by the networks they belong to.
#[derive(Debug, Clone, Default)]
pub struct NetworkNotes {
    /// By number of the network.
    of: BTreeMap<u32, Vec<PlacedNote>>,
    gone: Vec<PlacedNote>,
}

/// A note, and what became of the network that it was given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedNote {
    /// As it was given.
    pub note: NetworkNote,
    /// Numbers of the networks that have ads of it now, with how many, the most first.
    pub now_in: Vec<(u32, usize)>,
    /// Ads that its network has now; 0 when it belongs to none.
    pub size: usize,
}

impl NetworkNotes {
    /// Finds the networks of these notes. O(ads in networks), where there are any notes.
    pub fn new(joined: &Joined<'_>, notes: &[NetworkNote]) -> Self {
        let mut found = Self::default();
        if notes.is_empty() {
            return found;
        }
        let network_of = networks_of(joined, notes);
        for note in notes {
            let placed = PlacedNote::of(joined, note, &network_of);
            match placed.network() {
                Some(number) => found.of.entry(number).or_default().push(placed),
                None => found.gone.push(placed),
            }
        }
        found
    }

    /// What belongs to a network, names and notes, in the order in which it was given.
    pub fn of(&self, network: &Network) -> &[PlacedNote] {
        self.of.get(&network.number).map_or(&[], Vec::as_slice)
    }

    /// The name that a network goes by.
    pub fn name(&self, network: &Network) -> Option<&str> {
        let names = self.of(network).iter().filter(|placed| placed.note.kind == NoteKind::Name);
        // The last of several that are equal.
        let best = names.max_by_key(|placed| placed.here())?;
        Some(&*best.note.text).filter(|name| !name.is_empty())
    }

    /// `Network 3`, or `Network 3 (the name it was given)`.
    pub fn title(&self, network: &Network) -> String {
        match self.name(network) {
            Some(name) => say!("Network {number} ({name})", number = network.number, name = name),
            None => say!("Network {number}", number = network.number),
        }
    }

    /// What was given to networks that no longer exist as such; names that were taken back left out.
    pub fn gone(&self) -> impl Iterator<Item = &PlacedNote> {
        self.gone.iter().filter(|placed| !placed.note.text.is_empty())
    }

    /// All that belong to networks there are, by number of the network.
    pub fn all(&self) -> impl Iterator<Item = (u32, &PlacedNote)> {
        self.of.iter().flat_map(|(number, notes)| notes.iter().map(move |placed| (*number, placed)))
    }
}

/// The network, as a place in the findings, of every ad that a note names and that is in one.
fn networks_of(joined: &Joined<'_>, notes: &[NetworkNote]) -> HashMap<ShortId, u32> {
    let wanted: BTreeSet<ShortId> = notes.iter().flat_map(|note| note.ads.iter().copied()).collect();
    let ids = |(place, network): (u32, &Network)| {
        let ids: Vec<ShortId> = network.ads.iter().map(|&ad| short_id(&[&joined.ad(ad).key])).collect();
        ids.into_iter().map(move |id| (id, place))
    };
    let all = (0..).zip(&joined.findings.networks).flat_map(ids);
    all.filter(|(id, _)| wanted.contains(id)).collect()
}

impl PlacedNote {
    fn of(joined: &Joined<'_>, note: &NetworkNote, network_of: &HashMap<ShortId, u32>) -> Self {
        let mut ads_in: BTreeMap<u32, usize> = BTreeMap::new();
        for id in &note.ads {
            if let Some(&place) = network_of.get(id) {
                *ads_in.entry(place).or_default() += 1;
            }
        }
        let network = |place: u32| &joined.findings.networks[place as usize];
        let mut now: Vec<(u32, usize)> = ads_in.into_iter().collect();
        now.sort_by_key(|&(place, ads)| (std::cmp::Reverse(ads), network(place).number));
        let size = now.first().map_or(0, |&(place, _)| network(place).ads.len());
        let now_in = now.into_iter().map(|(place, ads)| (network(place).number, ads)).collect();
        let mut placed = Self { note: note.clone(), now_in, size };
        if placed.network().is_none() {
            placed.size = 0;
        }
        placed
    }

    /// Number of the network that it belongs to: the one with more than half of the ads it was given to.
    pub fn network(&self) -> Option<u32> {
        let &(number, ads) = self.now_in.first()?;
        (2 * ads > self.note.ads.len()).then_some(number)
    }

    /// Ads it was given to that are in its network now.
    fn here(&self) -> usize {
        self.network().map_or(0, |_| self.now_in[0].1)
    }

    /// What changed in its network since, in words; `None` while that has the same ads.
    pub fn change(&self) -> Option<String> {
        let given = self.note.ads.len();
        if self.network().is_none() {
            let all: Vec<String> = self
                .now_in
                .iter()
                .map(|(number, ads)| say!("{ads} in network {number}", ads = ads, number = number))
                .collect();
            let lost = given - self.now_in.iter().map(|(_, ads)| ads).sum::<usize>();
            let lost = (lost > 0).then(|| say!("{ads} in none", ads = lost));
            return Some(say!(
                "given to network {number}, which no longer exists as such: of its {ads}, {now}",
                number = self.note.network,
                ads = words::count(given, "ad"),
                now = all.into_iter().chain(lost).collect::<Vec<_>>().join(", "),
            ));
        }
        let (left, came) = (given - self.here(), self.size - self.here());
        let mut told = Vec::new();
        match left {
            0 => {}
            1 => told.push(say!("{ads} is not in it any more", ads = words::count(left, "ad"))),
            _ => told.push(say!("{ads} are not in it any more", ads = words::count(left, "ad"))),
        }
        if came > 0 {
            told.push(say!("{ads} came since", ads = words::count(came, "ad")));
        }
        let ads = words::count(given, "ad");
        (!told.is_empty()).then(|| say!("given to {ads}: {changes}", ads = ads, changes = told.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{AdRow, Snapshot};
    use crate::link::{Findings, NetworkKind};
    use crate::record::{Ad, AdKey};

    fn ads(count: usize) -> Snapshot {
        let key = |k: usize| AdKey { site: "s".into(), ad_id: format!("{k:02}") };
        Snapshot { ads: (0..count).map(|k| Ad::blank(key(k))).collect(), ..Snapshot::default() }
    }

    fn linked(networks: &[(u32, &[u32])]) -> Findings {
        let network = |&(number, ads): &(u32, &[u32])| Network {
            id: format!("n-{number:016x}"),
            number,
            kind: NetworkKind::Photo,
            ads: ads.iter().copied().map(AdRow).collect(),
            links: Vec::new(),
            groups: Vec::new(),
            common: Vec::new(),
        };
        Findings { networks: networks.iter().map(network).collect(), ..Findings::default() }
    }

    fn given(snapshot: &Snapshot, kind: NoteKind, text: &str, ads: &[u32]) -> NetworkNote {
        let mut ads: Vec<ShortId> =
            ads.iter().map(|&ad| short_id(&[&snapshot.ads[ad as usize].key])).collect();
        ads.sort_unstable();
        NetworkNote { kind, text: text.into(), reviewer: "r".into(), at: String::new(), network: 9, ads }
    }

    /// What the only note, given to these ads, belongs to now, and what it says of the change.
    fn follows(to: &[u32], networks: &[(u32, &[u32])]) -> (Option<u32>, Option<String>) {
        let (snapshot, findings) = (ads(20), linked(networks));
        let note = given(&snapshot, NoteKind::Note, "x", to);
        let notes = NetworkNotes::new(&Joined::new(&snapshot, &findings), &[note]);
        let placed = notes.all().map(|(_, placed)| placed).chain(notes.gone()).next().expect("the note");
        (placed.network(), placed.change())
    }

    #[test]
    fn a_note_follows_most_of_its_ads_and_says_what_changed() {
        let said = |words: &str| Some(words.to_string());
        assert_eq!(follows(&[1, 2, 3], &[(1, &[5, 6]), (2, &[1, 2, 3])]), (Some(2), None));
        assert_eq!(
            follows(&[1, 2, 3], &[(2, &[1, 2, 7, 8])]),
            (Some(2), said("given to 3 ads: 1 ad is not in it any more, 2 ads came since"))
        );
        assert_eq!(
            follows(&[1, 2, 3, 4], &[(2, &[1, 2]), (3, &[3, 4])]),
            (
                None,
                said(
                    "given to network 9, which no longer exists as such: of its 4 ads, 2 in network 2, 2 in network 3"
                )
            )
        );
        assert_eq!(
            follows(&[1, 2], &[(2, &[1, 7])]),
            (
                None,
                said(
                    "given to network 9, which no longer exists as such: of its 2 ads, 1 in network 2, 1 in none"
                )
            )
        );
    }

    #[test]
    fn a_network_goes_by_the_name_that_speaks_for_most_of_it_and_by_the_latest_of_equal_ones() {
        let (snapshot, findings) = (ads(20), linked(&[(1, &[1, 2, 3, 4, 5])]));
        let joined = Joined::new(&snapshot, &findings);
        let name = |given: &[NetworkNote]| {
            NetworkNotes::new(&joined, given).name(&findings.networks[0]).map(str::to_string)
        };
        let of = |text: &str, ads: &[u32]| given(&snapshot, NoteKind::Name, text, ads);
        let mut names = vec![of("North", &[1, 2, 3]), of("South", &[4, 5])];
        assert_eq!(name(&names).as_deref(), Some("North"));
        names.push(of("New North", &[1, 2, 3]));
        names.push(of("Elsewhere", &[8, 9]));
        assert_eq!(name(&names).as_deref(), Some("New North"));
        names.push(of("All", &[1, 2, 3, 4, 5]));
        assert_eq!(name(&names).as_deref(), Some("All"));
        names.push(of("", &[1, 2, 3, 4, 5]));
        assert_eq!(name(&names), None, "taken back");
        assert_eq!(name(&[given(&snapshot, NoteKind::Note, "x", &[1, 2])]), None);
    }
}
