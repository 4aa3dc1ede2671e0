//! Banks in a case: made, filled, changed, and brought to the next version of a list, against the plainest model.

use crate::scene::{Scene, picture};
use adlink::analysis::digest;
use adlink::case::{Case, Withdrawal};
use adlink::corpus::{
    BankChange, BankKind, DisableUntil, EntryChange, EntryCounts, EntryId, ListDiff, ListEnd, ListItem,
    ListOrigin, NewBank, NewEntry, NewList,
};
use adlink::error::{Error, Result};
use adlink::hash::Hash256;
use adlink::record::{Digests, ImageId};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn hash(n: u64) -> Hash256 {
    Hash256::from_words([n, n.rotate_left(17), !n, n.wrapping_mul(0x9e37_79b9_7f4a_7c15)])
}

fn known(name: &str) -> NewBank {
    NewBank::named(name, BankKind::Known)
}

/// The field that a refusal names.
fn refused<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result.expect_err("a refusal") {
        Error::Parameter { name, .. } => name,
        other => panic!("{other}"),
    }
}

fn actions(case: &Case) -> Vec<String> {
    let entries = case.audit_entries().expect("a chain").into_iter();
    entries.map(|entry| entry.action).filter(|action| action.starts_with("bank")).collect()
}

#[test]
fn every_change_is_a_version_and_an_entry_of_the_chain() {
    let scene = Scene::new();
    let mut case = scene.case();
    case.act_as("R. One");
    let made = case.create_bank(&NewBank { source: "Unit 3".into(), ..known("A") }).unwrap();
    assert_eq!((made.version, made.facts.ratio), (1, 1.0));
    let first = case.add_entry("A", &NewEntry::of_hash(hash(1))).unwrap();
    assert_eq!(first, EntryId(1));
    let change = EntryChange {
        disable_until: Some(DisableUntil::OFF),
        note: Some("not this one".into()),
        labels: Some(vec!["x y".into()]),
    };
    let changed = case.change_entry("A", first, &change).unwrap().unwrap();
    assert_eq!(case.entry("A", first).unwrap(), Some(changed.clone()));
    assert_eq!(changed.content.labels, ["x y"]);
    let renamed = BankChange { name: Some("B".into()), ratio: Some(0.0), ..BankChange::default() };
    let bank = case.change_bank("A", &renamed).unwrap();
    assert_eq!((bank.id, bank.name(), bank.facts.source.as_str()), (made.id, "B", "Unit 3"));
    assert_eq!((case.bank("A").unwrap(), case.banks().unwrap()), (None, vec![bank]));
    assert!(case.remove_entry("B", first).unwrap() && !case.remove_entry("B", first).unwrap());
    assert!(case.remove_bank("B").unwrap() && !case.remove_bank("B").unwrap());
    let history = case.bank_history("A").unwrap();
    assert_eq!(history, case.bank_history("B").unwrap());
    let told: Vec<_> = history.iter().map(|v| (v.version, v.name.as_str(), v.action.as_str())).collect();
    assert_eq!(
        told,
        [
            (1, "A", "create"),
            (2, "A", "add"),
            (3, "A", "change-entry"),
            (4, "B", "change"),
            (5, "B", "remove-entry"),
            (6, "B", "remove"),
        ]
    );
    assert!(history.iter().all(|version| version.by == "R. One" && version.at.ends_with('Z')));
    assert_eq!(
        actions(&case),
        ["bank-create", "bank-add", "bank-change-entry", "bank-change", "bank-remove-entry", "bank-remove"]
    );
    assert_eq!((case.check_file().unwrap(), case.check_data().unwrap().faults), (vec![], vec![]));
}

#[test]
fn ids_count_up_over_all_banks_and_never_come_back() {
    let scene = Scene::new();
    let mut case = scene.case();
    let (a, b) = (case.create_bank(&known("A")).unwrap(), case.create_bank(&known("B")).unwrap());
    let added = case.add_entries("A", (0..3).map(|n| NewEntry::of_hash(hash(n)))).unwrap();
    assert_eq!((added.first, added.count), (EntryId(1), 3));
    assert_eq!(case.add_entry("B", &NewEntry::of_hash(hash(0))).unwrap(), EntryId(4));
    assert!(case.remove_entry("B", EntryId(4)).unwrap() && case.remove_bank("A").unwrap());
    drop(case);
    let mut case = scene.case();
    assert_eq!(case.add_entry("B", &NewEntry::of_hash(hash(9))).unwrap(), EntryId(5));
    assert!(case.remove_bank("B").unwrap());
    let c = case.create_bank(&known("A")).unwrap();
    assert!(a.id < b.id && b.id < c.id);
}

#[test]
fn an_entry_belongs_to_its_bank_alone() {
    let scene = Scene::new();
    let mut case = scene.case();
    for name in ["A", "B"] {
        case.create_bank(&known(name)).unwrap();
    }
    let id = case.add_entry("A", &NewEntry::of_hash(hash(1))).unwrap();
    assert_eq!(case.entry("B", id).unwrap(), None);
    assert_eq!(case.change_entry("B", id, &EntryChange::default()).unwrap(), None);
    assert!(!case.remove_entry("B", id).unwrap());
    assert!(case.entry("A", id).unwrap().is_some());
}

#[test]
fn what_cannot_be_is_refused_and_leaves_nothing() {
    let scene = Scene::new();
    let mut case = scene.case();
    case.create_bank(&known("A")).unwrap();
    assert_eq!(refused(case.create_bank(&known("A"))), "bank");
    assert_eq!(refused(case.create_bank(&known("a"))), "bank");
    case.create_bank(&known("B")).unwrap();
    let taken = BankChange { name: Some("B".into()), ..BankChange::default() };
    assert_eq!(refused(case.change_bank("A", &taken)), "bank");
    assert_eq!(refused(case.add_entry("C", &NewEntry::of_hash(hash(1)))), "bank");
    let entries = [NewEntry::of_hash(hash(1)), NewEntry::default()];
    assert_eq!(refused(case.add_entries("A", entries)), "entry");
    let far = EntryChange { disable_until: Some(DisableUntil(i64::MAX)), ..EntryChange::default() };
    assert_eq!(refused(case.change_entry("A", EntryId(1), &far)), "disable_until_ts");
    let bank = case.bank("A").unwrap().unwrap();
    assert_eq!((case.count_entries(&bank).unwrap(), bank.version), (0, 1));
    assert_eq!(case.add_entry("A", &NewEntry::of_hash(hash(1))).unwrap(), EntryId(1));
}

#[test]
fn an_entry_comes_back_as_it_went_in() {
    let scene = Scene::new();
    let mut case = scene.case();
    let bank = case.create_bank(&known("A")).unwrap();
    let entry = NewEntry {
        pdq: Some(hash(5)),
        quality: Some(adlink::hash::Quality::new(77)),
        md5: Some([1; 16]),
        sha1: Some([2; 20]),
        sha256: Some(ImageId([3; 32])),
        labels: vec!["one".into(), "two words".into()],
        note: "a note\nof two lines, ünd \u{202e}more".into(),
        outside_id: "NC-1".into(),
        uri: "https://x.example/a?b=c".into(),
        metadata: r#"{"a":[1,{"b":null}]}"#.into(),
        raw: "hash=..., k=v".into(),
        disable_until: DisableUntil(2),
    };
    let by_md5 = NewEntry { md5: Some([9; 16]), ..NewEntry::default() };
    case.add_entries("A", [entry.clone(), by_md5.clone()]).unwrap();
    let mut read = Vec::new();
    let mut give = |entry: adlink::corpus::BankEntry| {
        read.push(entry.content);
        Ok(())
    };
    case.each_entry(&bank, &mut give).unwrap();
    assert_eq!(read, [entry, by_md5]);
    let mut hashes = Vec::new();
    case.all_entries(|entry| hashes.push((entry.entry.0, entry.disable_until.0))).unwrap();
    assert_eq!(hashes, [(1, 2)]);
    let none = Digests { md5: [0; 16], sha1: [0; 20], sha256: ImageId([0; 32]) };
    let with = |digests: Digests| case.entries_with(&digests).unwrap();
    assert_eq!(with(Digests { md5: [9; 16], ..none }), [EntryId(2)]);
    assert_eq!(with(Digests { md5: [9; 16], sha1: [2; 20], ..none }), [EntryId(1), EntryId(2)]);
    assert_eq!(with(none), []);
}

#[test]
fn a_withdrawn_image_leaves_every_bank_and_does_not_come_back() {
    let scene = Scene::new();
    scene.write("1.pgm", picture(1));
    scene.write("ads.jsonl", r#"{"site":"s","ad_id":"1","images":["1.pgm"]}"#);
    scene.ingest("ads.jsonl").unwrap();
    let mut case = scene.case();
    let image = digest(&picture(1)).sha256;
    let listed = NewEntry { sha256: Some(image), ..NewEntry::of_hash(hash(1)) };
    for name in ["A", "B"] {
        case.create_bank(&known(name)).unwrap();
        case.add_entries(name, [listed.clone(), NewEntry::of_hash(hash(2))]).unwrap();
    }
    let removed = case.withdraw(&Withdrawal::Image(image), "asked").unwrap().removed;
    assert_eq!(removed.entries, 2);
    for bank in case.banks().unwrap() {
        assert_eq!((case.count_entries(&bank).unwrap(), bank.version), (1, 3));
        assert_eq!(case.bank_history(bank.name()).unwrap().last().unwrap().action, "withdraw");
    }
    assert_eq!(refused(case.add_entry("A", &listed)), "entry");
    let diff = case.import_list("A", &mut Given::new(vec![ListItem::Entry(listed)], false)).unwrap();
    assert_eq!((diff.refused, diff.added), (1, 0));
    assert_eq!(case.check_data().unwrap().faults, []);
}

/// A list that is there already.
struct Given {
    items: std::vec::IntoIter<ListItem>,
    removes_missing: bool,
}

impl Given {
    fn new(items: Vec<ListItem>, removes_missing: bool) -> Self {
        Self { items: items.into_iter(), removes_missing }
    }
}

impl NewList for Given {
    fn read(&mut self, take: &mut dyn FnMut(ListItem) -> Result<()>) -> Result<ListEnd> {
        self.items.by_ref().try_for_each(take)?;
        let origin = ListOrigin { file: "list".into(), sha256: String::new() };
        Ok(ListEnd { origin, removes_missing: self.removes_missing })
    }
}

/// Of few ids and hashes, so that they meet; some known by their id, some by their hash.
fn item() -> impl Strategy<Value = ListItem> {
    let entry = (0..6u64, 0..4u64, 0..3u64, any::<bool>()).prop_map(|(id, word, label, named)| NewEntry {
        outside_id: if named { format!("id {id}") } else { String::new() },
        labels: (label > 0).then(|| format!("label {label}")).into_iter().collect(),
        ..NewEntry::of_hash(hash(word))
    });
    (entry, 0..6u8).prop_map(|(entry, kind)| match kind {
        0 => ListItem::Withdrawn(entry),
        _ => ListItem::Entry(entry),
    })
}

/// Entries by what tells them apart; a bank may have one more than once.
type Model = BTreeMap<[u8; 16], Vec<NewEntry>>;

/// What a list makes of a bank, the slow way, and of what it says it did.
fn modelled(before: &Model, items: &[ListItem], removes_missing: bool) -> (Model, ListDiff) {
    let (mut after, mut diff) = (before.clone(), ListDiff::default());
    let (mut named, mut gone, mut taken_back) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for item in items {
        match item {
            ListItem::Entry(entry) => {
                let identity = entry.identity();
                diff.repeated += u64::from(!named.insert(identity) && after.contains_key(&identity));
                let same = after.entry(identity).or_insert_with(|| vec![entry.clone()]);
                same.fill(entry.clone());
            }
            ListItem::Withdrawn(entry) => {
                let identity = entry.identity();
                let was_there = after.remove(&identity).is_some();
                diff.unknown += u64::from(taken_back.insert(identity) && !was_there);
                gone.extend(before.contains_key(&identity).then_some(identity));
            }
        }
    }
    if removes_missing {
        after.retain(|identity, _| named.contains(identity));
    }
    for (identity, then) in before {
        match after.get(identity).filter(|_| !gone.contains(identity)) {
            None => diff.removed += then.len() as u64,
            Some(_) if !named.contains(identity) => diff.missing += then.len() as u64,
            Some(now) => {
                let differ = then.iter().zip(now).filter(|(then, now)| then != now).count() as u64;
                diff.changed += differ;
                diff.unchanged += then.len() as u64 - differ;
            }
        }
    }
    let is_new = |identity: &[u8; 16]| !before.contains_key(identity) || gone.contains(identity);
    diff.added = after.iter().filter(|(identity, _)| is_new(identity)).map(|(_, all)| all.len() as u64).sum();
    (after, diff)
}

fn held(case: &Case) -> Model {
    let bank = case.bank("A").unwrap().unwrap();
    let mut model = Model::new();
    let give = |entry: adlink::corpus::BankEntry| {
        model.entry(entry.content.identity()).or_default().push(entry.content);
        Ok(())
    };
    case.each_entry(&bank, give).unwrap();
    model
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_list_makes_of_a_bank_what_the_slow_way_makes(
        by_hand in vec(item(), 0..6),
        lists in vec((vec(item(), 0..14), any::<bool>()), 1..5),
    ) {
        let scene = Scene::new();
        let mut case = scene.case();
        case.create_bank(&known("A")).unwrap();
        // By hand one may be added twice, and say something else.
        let entries = by_hand.into_iter().map(|(ListItem::Entry(entry) | ListItem::Withdrawn(entry))| entry);
        case.add_entries("A", entries).unwrap();
        let mut model = held(&case);
        for (items, removes_missing) in lists {
            let (after, told) = modelled(&model, &items, removes_missing);
            let version = case.bank("A").unwrap().unwrap().version;
            let diff = case.import_list("A", &mut Given::new(items, removes_missing)).unwrap();
            prop_assert_eq!(&held(&case), &after);
            let touched = told.added + told.removed + told.changed > 0;
            prop_assert_eq!(diff, ListDiff { version: version + u64::from(touched), ..told });
            prop_assert_eq!(case.bank("A").unwrap().unwrap().version, diff.version);
            model = after;
        }
        prop_assert_eq!(case.check_data().unwrap().faults, vec![]);
    }
}

#[test]
fn what_is_taken_back_goes_however_often_the_bank_has_it() {
    let scene = Scene::new();
    let mut case = scene.case();
    case.create_bank(&known("A")).unwrap();
    let entry = |word| NewEntry::of_hash(hash(word));
    case.add_entries("A", [entry(1), entry(2), entry(1), entry(3), entry(3)]).unwrap();
    let items = vec![
        ListItem::Withdrawn(entry(1)),
        ListItem::Withdrawn(entry(1)),
        ListItem::Withdrawn(entry(9)),
        ListItem::Entry(entry(2)),
    ];
    let diff = case.import_list("A", &mut Given::new(items, true)).unwrap();
    assert_eq!((diff.removed, diff.unchanged, diff.unknown), (4, 1, 1));
    assert_eq!(held(&case).into_values().flatten().collect::<Vec<_>>(), [entry(2)]);
    let noted = case.audit_entries().unwrap().pop().unwrap().detail;
    assert_eq!((&noted["removed"], &noted["unknown"]), (&4.into(), &1.into()));
}

#[test]
fn a_newer_list_is_a_difference_and_keeps_what_was_said_here() {
    let scene = Scene::new();
    let mut case = scene.case();
    case.create_bank(&known("A")).unwrap();
    let entry = |id: &str, word| NewEntry { outside_id: id.into(), ..NewEntry::of_hash(hash(word)) };
    let list = |entries: Vec<NewEntry>| Given::new(entries.into_iter().map(ListItem::Entry).collect(), true);
    case.import_list("A", &mut list(vec![entry("1", 1), entry("2", 2), entry("3", 3)])).unwrap();
    let off = EntryChange {
        disable_until: Some(DisableUntil::OFF),
        note: Some("seen".into()),
        ..EntryChange::default()
    };
    case.change_entry("A", EntryId(2), &off).unwrap();
    let diff = case
        .import_list("A", &mut list(vec![entry("4", 4), entry("2", 7), entry("1", 1), entry("1", 1)]))
        .unwrap();
    let expected = ListDiff {
        added: 1,
        removed: 1,
        changed: 1,
        unchanged: 1,
        repeated: 1,
        version: 4,
        ..ListDiff::default()
    };
    assert_eq!(diff, expected);
    let kept = case.entry("A", EntryId(2)).unwrap().unwrap().content;
    assert_eq!(
        (kept.pdq, kept.disable_until, kept.note.as_str()),
        (Some(hash(7)), DisableUntil::OFF, "seen")
    );
    let counts = EntryCounts { added: 1, removed: 1, changed: 1 };
    assert_eq!(case.bank_history("A").unwrap().last().unwrap().entries, counts);
    // One thing and then another, as before: what holds at the end has not changed.
    let turned = vec![entry("1", 9), entry("2", 7), entry("4", 4), entry("1", 1)];
    let diff = case.import_list("A", &mut list(turned)).unwrap();
    assert_eq!((diff.changed, diff.unchanged, diff.repeated, diff.version), (0, 3, 1, 4));
    // The same list again: nothing to do, and no version.
    let again = case.import_list("A", &mut list(vec![entry("1", 1), entry("2", 7), entry("4", 4)])).unwrap();
    assert_eq!((again.unchanged, again.version), (3, 4));
}

/// A list that breaks off when all of it but its end was given.
struct Broken(Given);

impl NewList for Broken {
    fn read(&mut self, take: &mut dyn FnMut(ListItem) -> Result<()>) -> Result<ListEnd> {
        self.0.read(take)?;
        Err(Error::Interrupted)
    }
}

#[test]
fn a_list_that_breaks_off_changes_nothing() {
    let scene = Scene::new();
    let mut case = scene.case();
    case.create_bank(&known("A")).unwrap();
    let first = vec![ListItem::Entry(NewEntry::of_hash(hash(1)))];
    case.import_list("A", &mut Given::new(first, true)).unwrap();
    let (before, entries) = (case.banks().unwrap(), case.audit_entries().unwrap());
    let next = (2..50).map(|n| ListItem::Entry(NewEntry::of_hash(hash(n)))).collect();
    assert!(case.import_list("A", &mut Broken(Given::new(next, true))).is_err());
    assert_eq!((case.banks().unwrap(), case.audit_entries().unwrap()), (before, entries));
    assert_eq!(held(&case).len(), 1);
    assert_eq!(case.check_data().unwrap().faults, []);
    // The next entry has the next number: none was used up.
    assert_eq!(case.add_entry("A", &NewEntry::of_hash(hash(9))).unwrap(), EntryId(2));
}
