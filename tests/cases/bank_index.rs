//! The index of banks against the plainest loop there is: all eight turns, filters, what is off, additions and
//! removals.

use crate::scene::Scene;
use adlink::bank::{BankAnswer, BankFilter, BankHit, BankIndex, EntriesLeftOut};
use adlink::corpus::{
    Bank, BankChange, BankKind, DisableUntil, EntryChange, EntryHash, EntryId, NewBank, NewEntry,
};
use adlink::hash::{Dihedral, Hash256, Pdq, Quality};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

const NAMES: [&str; 3] = ["A", "B", "C"];
const NOW: i64 = 1_800_000_000;

/// Near one of two photos, under some turn.
fn near() -> impl Strategy<Value = Hash256> {
    (0..2u64, 0..8usize, vec(0..256usize, 0..40)).prop_map(|(photo, turn, flips)| {
        let seed = (photo + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let words = [seed, seed.rotate_left(13) ^ 0x55, !seed, seed.wrapping_mul(seed | 1)];
        let pdq = Pdq::from_upright(Hash256::from_words(words), Quality::new(90));
        let mut words = *pdq.oriented(Dihedral::ALL[turn]).words();
        flips.into_iter().for_each(|bit| words[bit / 64] ^= 1 << (bit % 64));
        Hash256::from_words(words)
    })
}

fn until() -> impl Strategy<Value = DisableUntil> {
    prop_oneof![
        4 => Just(DisableUntil::ON),
        1 => Just(DisableUntil::OFF),
        1 => Just(DisableUntil(NOW - 5)),
        1 => Just(DisableUntil(NOW + 5)),
    ]
}

fn entry() -> impl Strategy<Value = NewEntry> {
    (near(), prop::option::of(40..60u8), until()).prop_map(|(pdq, quality, disable_until)| NewEntry {
        quality: quality.map(Quality::new),
        disable_until,
        ..NewEntry::of_hash(pdq)
    })
}

#[derive(Debug, Clone)]
enum Step {
    Add(usize, Box<NewEntry>),
    Remove(u64),
    Disable(u64, DisableUntil),
    Rehash(u64, Hash256),
    Ratio(usize, f64),
    Expire(usize),
    Drop(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3usize, entry()).prop_map(|(bank, entry)| Step::Add(bank, Box::new(entry))),
        2 => (1..30u64).prop_map(Step::Remove),
        2 => (1..30u64, until()).prop_map(|(id, until)| Step::Disable(id, until)),
        1 => (1..30u64, near()).prop_map(|(id, hash)| Step::Rehash(id, hash)),
        1 => (0..3usize, prop_oneof![Just(0.0), Just(0.5), Just(1.0)]).prop_map(|(b, r)| Step::Ratio(b, r)),
        1 => (0..3usize).prop_map(Step::Expire),
        1 => (0..3usize).prop_map(Step::Drop),
    ]
}

fn filter() -> impl Strategy<Value = BankFilter> {
    let banks =
        prop::option::of(prop::collection::btree_set((0..3usize).prop_map(|b| NAMES[b].into()), 0..3));
    let draw = prop_oneof![Just(None), Just(Some(0.0)), Just(Some(0.5)), Just(Some(0.7))];
    (banks, draw, any::<bool>(), prop_oneof![Just(0u8), Just(50)]).prop_map(
        |(banks, draw, everything, min)| BankFilter {
            banks,
            draw,
            everything,
            min_quality: Quality::new(min),
        },
    )
}

/// The case and the index, and the entries as a plain list.
struct Both {
    case: adlink::Case,
    index: BankIndex,
    entries: BTreeMap<EntryId, EntryHash>,
}

impl Both {
    fn new(scene: &Scene, begin: Vec<(usize, NewEntry)>) -> Self {
        let mut case = scene.case();
        for name in NAMES {
            case.create_bank(&NewBank::named(name, BankKind::Known)).unwrap();
        }
        for (bank, entry) in begin {
            case.add_entry(NAMES[bank], &entry).unwrap();
        }
        let index = BankIndex::build(&case).unwrap();
        let mut both = Self { case, index, entries: BTreeMap::new() };
        both.read();
        both
    }

    fn read(&mut self) {
        let entries = &mut self.entries;
        entries.clear();
        let give = |entry: EntryHash| assert!(entries.insert(entry.entry, entry).is_none());
        self.case.all_entries(give).unwrap();
    }

    fn bank_of(&self, id: u64) -> Option<String> {
        let entry = self.entries.get(&EntryId(id))?;
        let banks = self.case.banks().unwrap();
        Some(banks.iter().find(|bank| bank.id == entry.bank)?.name().to_string())
    }

    fn set(&mut self, bank: usize, change: BankChange) {
        if self.case.bank(NAMES[bank]).unwrap().is_some() {
            self.index.set_bank(&self.case.change_bank(NAMES[bank], &change).unwrap());
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Add(bank, entry) => {
                let Some(bank) = self.case.bank(NAMES[bank]).unwrap() else { return };
                let id = self.case.add_entry(bank.name(), &entry).unwrap();
                let NewEntry { quality, disable_until, pdq, .. } = *entry;
                let pdq = pdq.unwrap();
                self.index.add(&EntryHash { bank: bank.id, entry: id, pdq, quality, disable_until });
            }
            Step::Remove(id) => {
                let Some(bank) = self.bank_of(id) else { return };
                assert!(self.case.remove_entry(&bank, EntryId(id)).unwrap());
                assert!(self.index.remove(EntryId(id)) && !self.index.remove(EntryId(id)));
            }
            Step::Disable(id, until) => {
                let Some(bank) = self.bank_of(id) else { return };
                let change = EntryChange { disable_until: Some(until), ..EntryChange::default() };
                // A time of the test may be too far for the clock of the machine.
                if self.case.change_entry(&bank, EntryId(id), &change).is_ok() {
                    assert!(self.index.disable(EntryId(id), until));
                }
            }
            Step::Rehash(id, pdq) => {
                // As a list does that says another hash of an entry: it keeps its id.
                let Some(before) = self.entries.get(&EntryId(id)).copied() else { return };
                self.index.add(&EntryHash { pdq, ..before });
                self.index.add(&before);
            }
            Step::Ratio(bank, ratio) => {
                self.set(bank, BankChange { ratio: Some(ratio), ..BankChange::default() })
            }
            Step::Expire(bank) => {
                let expires = Some("2020-01-01".into());
                self.set(bank, BankChange { expires, ..BankChange::default() });
            }
            Step::Drop(bank) => {
                if let Some(bank) = self.case.bank(NAMES[bank]).unwrap() {
                    assert!(self.case.remove_bank(bank.name()).unwrap());
                    self.index.remove_bank(bank.id);
                }
            }
        }
        self.read();
    }

    /// Every entry under every turn, one after the other.
    fn expected(&self, turned: &[(Hash256, Dihedral)], radius: u32, filter: &BankFilter) -> BankAnswer {
        let mut answer = BankAnswer::default();
        let banks = self.case.banks().unwrap();
        for entry in self.entries.values() {
            let distances = turned.iter().map(|(hash, turn)| (hash.distance(&entry.pdq), *turn));
            let (distance, turn) = distances.min().unwrap();
            let bank = banks.iter().find(|bank| bank.id == entry.bank).unwrap();
            if distance > radius || filter.banks.as_ref().is_some_and(|asked| !asked.contains(bank.name())) {
                continue;
            }
            match why_not(bank, entry, filter) {
                None => answer.hits.push(BankHit {
                    bank: bank.id,
                    entry: entry.entry,
                    distance,
                    turn,
                    quality: entry.quality,
                }),
                Some(0) => answer.left_out.banks_off += 1,
                Some(1) => answer.left_out.banks_expired += 1,
                Some(2) => answer.left_out.entries_off += 1,
                Some(_) => answer.left_out.too_plain += 1,
            }
        }
        answer.hits.sort_by_key(|hit| (hit.distance, hit.entry));
        answer
    }
}

fn why_not(bank: &Bank, entry: &EntryHash, filter: &BankFilter) -> Option<u8> {
    let off = filter.draw.is_some_and(|draw| bank.facts.ratio == 0.0 || bank.facts.ratio < draw);
    let expired = bank.facts.expires == "2020-01-01";
    let entry_off = match entry.disable_until.0 {
        0 => true,
        1 => false,
        until => NOW < until,
    };
    let plain = entry.quality.is_some_and(|quality| quality < filter.min_quality);
    let reasons =
        [off && !filter.everything, expired && !filter.everything, entry_off && !filter.everything, plain];
    (0..).zip(reasons).find(|(_, holds)| *holds).map(|(which, _)| which)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn it_finds_what_comparing_everything_finds(
        begin in vec((0..3usize, entry()), 0..12),
        steps in vec(step(), 0..14),
        queries in vec((near(), filter(), 0..64u32), 1..5),
    ) {
        let scene = Scene::new();
        let mut both = Both::new(&scene, begin);
        steps.into_iter().for_each(|step| both.step(step));
        prop_assert_eq!(both.index.len(), both.entries.len());
        for (query, filter, radius) in queries {
            let upright = [(query, Dihedral::None)];
            let found = both.index.find(&query, radius, &filter, NOW);
            prop_assert_eq!(found, both.expected(&upright, radius, &filter));
            let pdq = Pdq::from_upright(query, Quality::new(90));
            let turned = Dihedral::ALL.map(|turn| (pdq.oriented(turn), turn));
            let found = both.index.find_turned(&pdq, radius, &filter, NOW);
            prop_assert_eq!(found, both.expected(&turned, radius, &filter));
            // Opened anew it is the same.
            let anew = BankIndex::build(&both.case).unwrap();
            prop_assert_eq!(anew.find_turned(&pdq, radius, &filter, NOW), both.expected(&turned, radius, &filter));
        }
    }
}

#[test]
fn a_seed_always_draws_the_same_number_and_thins_out_by_the_ratio() {
    let drawn: Vec<f64> = (0..1000).map(|n| BankFilter::drawn(&n.to_string())).collect();
    assert!(drawn.iter().all(|draw| (0.0..1.0).contains(draw)));
    assert_eq!(BankFilter::drawn("a"), BankFilter::drawn("a"));
    let below = drawn.iter().filter(|draw| **draw <= 0.25).count();
    assert!((200..300).contains(&below), "{below}");
}

#[test]
fn what_was_left_out_is_said_in_words() {
    let left_out = EntriesLeftOut { banks_off: 2, entries_off: 1, ..EntriesLeftOut::default() };
    assert_eq!(left_out.words(), [(2, "of banks that are off"), (1, "that are off")]);
    assert_eq!(left_out.all(), 3);
}
