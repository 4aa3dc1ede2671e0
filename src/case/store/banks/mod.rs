//! Banks in the case: made, changed, filled, read. Every change is one transaction with a new version of the bank and
//! an entry of the audit chain, durable when the call returns.
//!
//! `rows` reads and writes banks and their versions, `entries` entries, `import` a whole list as the next version of a
//! bank. The audit chain says how many entries came and went and never which: it can not be shortened. The trap: ids of
//! entries count up over all banks, and the greatest one given stands in the case, so that none is given twice.

mod entries;
mod import;
mod rows;

use super::clock;
use super::connection::case_error;
use super::keyed::Tombstones;
use super::open::Case;
use crate::case::audit;
use crate::corpus::{
    Bank, BankChange, BankEntry, BankVersion, EntryChange, EntryCounts, EntryHash, EntryId, ListDiff,
    ListOrigin, NewBank, NewEntry, NewList, check_labels, check_note, refused,
};
use crate::error::{CaseError, Result};
use crate::record::{Digests, ImageId};
use rows::BankStep;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde_json::json;

pub(in crate::case) use entries::readable as readable_entries;
pub(in crate::case) use rows::readable;

/// Ids of entries, first and last, that were given together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddedEntries {
    /// Of the first.
    pub first: EntryId,
    /// How many, numbered one after the other.
    pub count: u64,
}

impl Case {
    /// All banks, in the order in which they were made.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn banks(&self) -> Result<Vec<Bank>> {
        self.in_case(rows::all)
    }

    /// The bank of a name.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn bank(&self, name: &str) -> Result<Option<Bank>> {
        self.in_case(|db| rows::by_name(db, name))
    }

    /// How many entries a bank has. Reads an index.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn count_entries(&self, bank: &Bank) -> Result<u64> {
        self.in_case(|db| entries::count(db, bank.id))
    }

    /// What made every version of the banks that have, or had, this name; oldest first.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn bank_history(&self, name: &str) -> Result<Vec<BankVersion>> {
        self.in_case(|db| rows::history(db, name))
    }

    /// Makes an empty bank.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::error::Error::Parameter) for what cannot be said of a bank, and for a name that is
    /// taken.
    pub fn create_bank(&mut self, new: &NewBank) -> Result<Bank> {
        new.check()?;
        self.in_one_step(|step| {
            step.refuse_taken(&new.name)?;
            let bank = step.case(|db| rows::create(db, new))?;
            step.version(&bank, "create", &ListOrigin::default(), EntryCounts::default())?;
            step.note("bank-create", &json!({"bank": new.name, "kind": new.kind.name()}))?;
            Ok(bank)
        })
    }

    /// Says something else of a bank; its new state.
    ///
    /// # Errors
    /// As [`Case::create_bank`], and when there is no such bank.
    pub fn change_bank(&mut self, name: &str, change: &BankChange) -> Result<Bank> {
        self.in_one_step(|step| {
            let before = step.bank(name)?;
            let facts = before.facts.changed(change);
            facts.check()?;
            if facts.name != before.facts.name {
                step.refuse_taken(&facts.name)?;
            }
            let bank = Bank { facts, version: before.version + 1, ..before.clone() };
            step.case(|db| rows::update(db, &bank))?;
            step.version(&bank, "change", &ListOrigin::default(), EntryCounts::default())?;
            step.note(
                "bank-change",
                &json!({"bank": before.name(), "version": bank.version, "before": rows::said(&before), "now": rows::said(&bank)}),
            )?;
            Ok(bank)
        })
    }

    /// Removes a bank with its entries; false when there is none. Its history stays.
    ///
    /// # Errors
    /// Those of writing to the case: [`Error::Case`](crate::error::Error::Case).
    pub fn remove_bank(&mut self, name: &str) -> Result<bool> {
        self.in_one_step(|step| {
            let Some(bank) = step.case(|db| rows::by_name(db, name))? else { return Ok(false) };
            let removed = step.case(|db| rows::remove(db, bank.id))?;
            let gone = Bank { version: bank.version + 1, ..bank };
            let counts = EntryCounts { removed, ..EntryCounts::default() };
            step.version(&gone, "remove", &ListOrigin::default(), counts)?;
            step.note("bank-remove", &json!({"bank": name, "entries": removed}))?;
            Ok(true)
        })
    }

    /// Adds an entry to a bank. The same hash may be added again: it is another entry.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::error::Error::Parameter) for what cannot be an entry, when there is no such bank,
    /// and for an image that was withdrawn from this case.
    pub fn add_entry(&mut self, bank: &str, entry: &NewEntry) -> Result<EntryId> {
        self.add_entries(bank, [entry.clone()]).map(|added| added.first)
    }

    /// Adds entries in one step, numbered in their order.
    ///
    /// # Errors
    /// As [`Case::add_entry`]; then none is added.
    pub fn add_entries(
        &mut self,
        bank: &str,
        entries: impl IntoIterator<Item = NewEntry>,
    ) -> Result<AddedEntries> {
        self.in_one_step(|step| {
            let bank = step.bank(bank)?;
            let withdrawn = step.case(Tombstones::load)?;
            let first = step.case(entries::next_id)?;
            let mut next = first;
            for entry in entries {
                entry.check()?;
                if entry.sha256.is_some_and(|image| withdrawn.image(&image)) {
                    let expected = "an image that was not withdrawn from this case".into();
                    return Err(refused("entry", "something withdrawn", expected));
                }
                step.case(|db| entries::insert(db, next, bank.id, &entry))?;
                next.0 += 1;
            }
            let count = next.0 - first.0;
            if count > 0 {
                step.case(|db| entries::keep_next(db, next))?;
                let counts = EntryCounts { added: count, ..EntryCounts::default() };
                let version = step.next_version(&bank, "add", &ListOrigin::default(), counts)?;
                let detail =
                    json!({"bank": bank.name(), "version": version, "first": first.0, "added": count});
                step.note("bank-add", &detail)?;
            }
            Ok(AddedEntries { first, count })
        })
    }

    /// Makes a list the next version of a bank: see [`ListDiff`]. One step, whatever its length. Memory: some 50
    /// bytes an entry of the bank and of the list.
    ///
    /// What somebody said here of an entry, whether it matches and its note, stays unless the list has a note itself.
    ///
    /// # Errors
    /// Those of the list, those of [`Case::add_entry`]; then nothing is changed.
    pub fn import_list(&mut self, bank: &str, list: &mut dyn NewList) -> Result<ListDiff> {
        self.in_one_step(|step| import::run(step, bank, list))
    }

    /// An entry of a bank.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn entry(&self, bank: &str, id: EntryId) -> Result<Option<BankEntry>> {
        self.in_case(|db| match rows::by_name(db, bank)? {
            Some(bank) => Ok(entries::one(db, id)?.filter(|entry| entry.bank == bank.id)),
            None => Ok(None),
        })
    }

    /// An entry of any bank.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn any_entry(&self, id: EntryId) -> Result<Option<BankEntry>> {
        self.in_case(|db| entries::one(db, id))
    }

    /// Says something else of an entry; its new state, `None` when the bank has no such entry.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::error::Error::Parameter) for what cannot be said of an entry.
    pub fn change_entry(
        &mut self,
        bank: &str,
        id: EntryId,
        change: &EntryChange,
    ) -> Result<Option<BankEntry>> {
        let now = self.in_case(|_| clock::now())?.as_second();
        change.disable_until.map_or(Ok(()), |until| until.check(now))?;
        change.note.as_deref().map_or(Ok(()), check_note)?;
        change.labels.as_deref().map_or(Ok(()), check_labels)?;
        self.in_one_step(|step| {
            let bank = step.bank(bank)?;
            let Some(mut entry) = step.case(|db| entries::one(db, id))?.filter(|entry| entry.bank == bank.id)
            else {
                return Ok(None);
            };
            let content = &mut entry.content;
            content.disable_until = change.disable_until.unwrap_or(content.disable_until);
            content.note = change.note.clone().unwrap_or_else(|| content.note.clone());
            content.labels = change.labels.clone().unwrap_or_else(|| content.labels.clone());
            step.case(|db| entries::update(db, id, content))?;
            let counts = EntryCounts { changed: 1, ..EntryCounts::default() };
            let version = step.next_version(&bank, "change-entry", &ListOrigin::default(), counts)?;
            let detail = json!({"bank": bank.name(), "version": version, "entry": id.0, "disable_until": entry.content.disable_until.0});
            step.note("bank-change-entry", &detail)?;
            Ok(Some(entry))
        })
    }

    /// Removes an entry from a bank; false when the bank has no such entry.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::error::Error::Parameter) when there is no such bank.
    pub fn remove_entry(&mut self, bank: &str, id: EntryId) -> Result<bool> {
        self.in_one_step(|step| {
            let bank = step.bank(bank)?;
            if !step.case(|db| entries::remove_of(db, bank.id, id))? {
                return Ok(false);
            }
            let counts = EntryCounts { removed: 1, ..EntryCounts::default() };
            let version = step.next_version(&bank, "remove-entry", &ListOrigin::default(), counts)?;
            step.note("bank-remove-entry", &json!({"bank": bank.name(), "version": version, "entry": id.0}))?;
            Ok(true)
        })
    }

    /// Gives every entry that has a hash, of all banks, in the order of their ids: what an index is built of. Reads no
    /// text.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] for a row that cannot be read.
    pub fn all_entries(&self, mut give: impl FnMut(EntryHash)) -> Result<()> {
        self.in_case(|db| entries::each_hash(db, &mut give))
    }

    /// Gives every entry of a bank, in the order of their ids.
    ///
    /// # Errors
    /// Those of reading the case, and those of `give`.
    pub fn each_entry(&self, bank: &Bank, mut give: impl FnMut(BankEntry) -> Result<()>) -> Result<()> {
        let mut refused = None;
        let read = self.in_case(|db| {
            entries::each(db, bank.id, |entry| {
                refused = give(entry).err();
                refused.is_none()
            })
        });
        refused.map_or(read, Err)
    }

    /// Entries of any bank that name a file by one of its digests, in the order of their ids. Digests that are all zero
    /// are unknown. Reads indexes.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn entries_with(&self, digests: &Digests) -> Result<Vec<EntryId>> {
        self.in_case(|db| entries::with_digests(db, digests))
    }

    /// One transaction around `work`, undone when it fails.
    fn in_one_step<T>(&mut self, work: impl FnOnce(&BankStep<'_>) -> Result<T>) -> Result<T> {
        let in_case = |source: CaseError| case_error(&self.path, source);
        let whole = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
        let whole = whole.map_err(|error| in_case(error.into()))?;
        let done = work(&BankStep { db: &whole, case: self })?;
        whole.commit().map_err(|error| in_case(error.into()))?;
        Ok(done)
    }
}

impl BankStep<'_> {
    /// Notes in the audit chain what this step does.
    fn note(&self, action: &str, detail: &serde_json::Value) -> Result<()> {
        self.case(|db| audit::append(db, action, &self.case.signed(detail)))
    }
}

/// Takes an image that is withdrawn out of all banks; how many entries that were.
pub(in crate::case) fn forget(db: &Connection, image: &ImageId) -> Result<u64, CaseError> {
    let mut removed = 0;
    for (bank, entries) in entries::forget_image(db, image)? {
        let counts = EntryCounts { removed: entries, ..EntryCounts::default() };
        rows::next_version(db, &bank, "withdraw", &ListOrigin::default(), counts, "")?;
        removed += entries;
    }
    Ok(removed)
}
