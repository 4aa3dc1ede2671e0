//! A list as the next version of a bank: what is new, gone, changed and the same.
//!
//! Of every entry only a digest of what tells it apart and one of what it says are held, so a list of ten million needs
//! some hundred megabytes and never lies in memory itself. The trap: a list may name an entry twice, and its later
//! word holds; and a bank may have one entry several times, by hand, and what the list says of it holds for all.

use super::entries;
use super::rows::BankStep;
use crate::case::Tombstones;
use crate::corpus::{Bank, EntryCounts, EntryId, ListDiff, ListEnd, ListItem, NewEntry, NewList};
use crate::error::Result;
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// What is held of an entry.
struct HeldEntry {
    id: EntryId,
    /// Digest of what it says, its note apart; and of what it said before this list.
    said: u64,
    before: u64,
    /// It came with this list.
    new: bool,
    /// The list named it.
    named: bool,
    /// The list gave it another note.
    renoted: bool,
}

/// A list on its way into a bank.
struct ListRun<'s> {
    step: &'s BankStep<'s>,
    bank: &'s Bank,
    withdrawn: Tombstones,
    held: HashMap<[u8; 16], HeldEntry>,
    /// Those that the bank has more than once, after the first.
    twins: HashMap<[u8; 16], Vec<HeldEntry>>,
    /// What the list took back.
    taken_back: HashSet<[u8; 16]>,
    next: EntryId,
    diff: ListDiff,
}

/// Reads a list to its end and makes it the next version of the bank.
pub(super) fn run(step: &BankStep<'_>, bank: &str, list: &mut dyn NewList) -> Result<ListDiff> {
    let bank = &step.bank(bank)?;
    let mut run = ListRun {
        step,
        bank,
        withdrawn: step.case(Tombstones::load)?,
        held: HashMap::new(),
        twins: HashMap::new(),
        taken_back: HashSet::new(),
        next: step.case(entries::next_id)?,
        diff: ListDiff { version: bank.version, ..ListDiff::default() },
    };
    run.hold()?;
    let end = list.read(&mut |item| match item {
        ListItem::Entry(entry) => run.entry(entry),
        ListItem::Withdrawn(entry) => run.withdraw(&entry),
    })?;
    run.finish(&end)
}

impl ListRun<'_> {
    /// Takes in what the bank has.
    fn hold(&mut self) -> Result<()> {
        let (held, twins, bank) = (&mut self.held, &mut self.twins, self.bank.id);
        self.step.case(|db| {
            entries::each(db, bank, |entry| {
                let (said, identity) = (short(&entry.content), entry.content.identity());
                let one =
                    HeldEntry { id: entry.id, said, before: said, new: false, named: false, renoted: false };
                match held.contains_key(&identity) {
                    true => twins.entry(identity).or_default().push(one),
                    false => drop(held.insert(identity, one)),
                }
                true
            })
        })
    }

    fn entry(&mut self, entry: NewEntry) -> Result<()> {
        entry.check()?;
        if entry.sha256.is_some_and(|image| self.withdrawn.image(&image)) {
            self.diff.refused += 1;
            return Ok(());
        }
        let (said, identity) = (short(&entry), entry.identity());
        let Some(mut first) = self.held.remove(&identity) else {
            let id = self.next;
            self.next.0 += 1;
            self.step.case(|db| entries::insert(db, id, self.bank.id, &entry))?;
            let new = HeldEntry { id, said, before: said, new: true, named: true, renoted: false };
            self.held.insert(identity, new);
            return Ok(());
        };
        self.diff.repeated += u64::from(first.named);
        self.say(&mut first, said, &entry)?;
        self.held.insert(identity, first);
        if let Some(mut twins) = self.twins.remove(&identity) {
            twins.iter_mut().try_for_each(|twin| self.say(twin, said, &entry))?;
            self.twins.insert(identity, twins);
        }
        Ok(())
    }

    /// Lets an entry of the bank say what the list says of it.
    fn say(&self, held: &mut HeldEntry, said: u64, entry: &NewEntry) -> Result<()> {
        held.named = true;
        let differs = std::mem::replace(&mut held.said, said) != said;
        let renoted = !differs && !entry.note.is_empty() && self.note_of(held.id)? != entry.note;
        held.renoted |= renoted;
        if differs || renoted { self.replace(held.id, entry.clone()) } else { Ok(()) }
    }

    fn note_of(&self, id: EntryId) -> Result<String> {
        let entry = self.step.case(|db| entries::one(db, id))?;
        Ok(entry.map(|entry| entry.content.note).unwrap_or_default())
    }

    /// Puts the word of the list in place; what was said here stays.
    fn replace(&self, id: EntryId, mut entry: NewEntry) -> Result<()> {
        self.step.case(|db| {
            if let Some(before) = entries::one(db, id)? {
                entry.disable_until = before.content.disable_until;
                if entry.note.is_empty() {
                    entry.note = before.content.note;
                }
            }
            entries::update(db, id, &entry)
        })
    }

    fn withdraw(&mut self, entry: &NewEntry) -> Result<()> {
        let identity = entry.identity();
        let twins = self.twins.remove(&identity).unwrap_or_default();
        let gone: Vec<HeldEntry> = self.held.remove(&identity).into_iter().chain(twins).collect();
        let is_first = self.taken_back.insert(identity);
        self.diff.unknown += u64::from(gone.is_empty() && is_first);
        gone.iter().try_for_each(|held| self.remove(held))
    }

    fn remove(&mut self, held: &HeldEntry) -> Result<()> {
        self.diff.removed += u64::from(!held.new);
        self.step.case(|db| entries::remove(db, held.id))
    }

    fn finish(mut self, end: &ListEnd) -> Result<ListDiff> {
        let (held, twins) = (std::mem::take(&mut self.held), std::mem::take(&mut self.twins));
        let all = || held.values().chain(twins.values().flatten());
        for held in all().filter(|held| held.named) {
            // By what it says at the end: a list may say one thing and then another.
            let counted = match (held.new, held.before != held.said || held.renoted) {
                (true, _) => &mut self.diff.added,
                (false, true) => &mut self.diff.changed,
                (false, false) => &mut self.diff.unchanged,
            };
            *counted += 1;
        }
        let mut missing: Vec<&HeldEntry> = all().filter(|held| !held.named).collect();
        if end.removes_missing {
            missing.sort_unstable_by_key(|held| held.id);
            missing.into_iter().try_for_each(|held| self.remove(held))?;
        } else {
            self.diff.missing = missing.len() as u64;
        }
        let ListDiff { added, removed, changed, unchanged, repeated, missing, unknown, refused, .. } =
            self.diff;
        if added + removed + changed > 0 {
            self.step.case(|db| entries::keep_next(db, self.next))?;
            let counts = EntryCounts { added, removed, changed };
            self.diff.version = self.step.next_version(self.bank, "import", &end.origin, counts)?;
        }
        let detail = json!({
            "bank": self.bank.name(),
            "version": self.diff.version,
            "file": end.origin.file,
            "sha256": end.origin.sha256,
            "added": added,
            "removed": removed,
            "changed": changed,
            "unchanged": unchanged,
            "repeated": repeated,
            "missing": missing,
            "unknown": unknown,
            "refused": refused,
        });
        self.step.note("bank-import", &detail)?;
        Ok(self.diff)
    }
}

/// A digest of what an entry says, its note apart: two that say something else collide once in 2^64.
fn short(entry: &NewEntry) -> u64 {
    u64::from_be_bytes(*entry.said().first_chunk().expect("a digest of 16 bytes"))
}
