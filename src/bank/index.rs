//! The hashes of all banks in memory, found within a radius, exactly, and followed through every change.
//!
//! Look-ups never wait for an addition longer than its few microseconds, and find it as soon as `add` returns. Turned
//! copies are found by turning the query, so a list needs one hash a photo. The trap: the index follows what it is
//! told; whoever changes a bank in the case tells it, too.

use super::filter::{BankFilter, EntriesLeftOut};
use super::rows::EntryRows;
use crate::case::Case;
use crate::corpus::{Bank, BankId, DisableUntil, EntryHash, EntryId};
use crate::error::Result;
use crate::hash::{Dihedral, Hash256, Pdq, Quality};
use crate::index::LiveIndex;
use crate::verify::RADIUS;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// An entry near a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BankHit {
    /// Whose it is.
    pub bank: BankId,
    /// Which it is.
    pub entry: EntryId,
    /// PDQ bits between the two.
    pub distance: u32,
    /// The turn that maps the query on it.
    pub turn: Dihedral,
    /// PDQ's quality of the entry, where its list said it.
    pub quality: Option<Quality>,
}

/// What the banks say of a query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BankAnswer {
    /// Nearest first, then by entry; each entry once.
    pub hits: Vec<BankHit>,
    /// What else was near.
    pub left_out: EntriesLeftOut,
}

/// All entries that have a hash.
#[derive(Debug)]
pub struct BankIndex {
    live: LiveIndex,
    /// Never locked while anything is searched. A row is here before any search can meet it.
    rows: RwLock<EntryRows>,
}

impl BankIndex {
    /// Reads the hashes of all banks of a case. Ten million take some 1.3 GB while it is built.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn build(case: &Case) -> Result<Self> {
        let banks = case.banks()?;
        let counts = banks.iter().map(|bank| case.count_entries(bank));
        let count = counts.sum::<Result<u64>>()? as usize;
        let (mut rows, mut hashes) = (EntryRows::new(banks, count), Vec::with_capacity(count));
        case.all_entries(|entry| {
            rows.push(&entry);
            hashes.push(entry.pdq);
        })?;
        Ok(Self { live: LiveIndex::of(hashes, RADIUS), rows: RwLock::new(rows) })
    }

    /// Takes in an entry that was added to a bank, or that says another hash now.
    pub fn add(&self, entry: &EntryHash) {
        self.add_all(std::slice::from_ref(entry));
    }

    /// Takes in entries, found all at once.
    pub fn add_all(&self, entries: &[EntryHash]) {
        let hashes: Vec<Hash256> = entries.iter().map(|entry| entry.pdq).collect();
        let mut rows = self.write();
        let before: Vec<u32> = entries.iter().filter_map(|entry| rows.row_of(entry.entry)).collect();
        entries.iter().for_each(|entry| rows.push(entry));
        // While the columns are locked: who meets a new row waits for what it means. The old rows go last, so that
        // nobody meets neither.
        self.live.extend(&hashes);
        self.live.remove_all(&before);
    }

    /// Forgets an entry; false when it was not there.
    pub fn remove(&self, entry: EntryId) -> bool {
        let row = self.read().row_of(entry);
        row.is_some_and(|row| self.live.remove(row))
    }

    /// Switches an entry off or on; false when it was never there.
    pub fn disable(&self, entry: EntryId, until: DisableUntil) -> bool {
        let mut rows = self.write();
        let row = rows.row_of(entry);
        row.into_iter().for_each(|row| rows.disable(row, until));
        row.is_some()
    }

    /// Takes in a bank that is new, or has another name, day or ratio now.
    pub fn set_bank(&self, bank: &Bank) {
        self.write().banks.insert(bank.id, bank.clone());
    }

    /// Forgets a bank with its entries. Reads a column of all rows.
    pub fn remove_bank(&self, bank: BankId) {
        let rows = self.read().rows_of_bank(bank);
        self.live.remove_all(&rows);
        self.write().banks.remove(&bank);
    }

    /// A bank by its id.
    pub fn bank(&self, id: BankId) -> Option<Bank> {
        self.read().banks.get(&id).cloned()
    }

    /// All banks, in the order of their ids.
    pub fn banks(&self) -> Vec<Bank> {
        self.read().banks.values().cloned().collect()
    }

    /// Entries of a bank that ever had a hash here. Reads a column of all rows.
    pub fn hashes_of(&self, bank: BankId) -> u64 {
        self.read().rows_of_bank(bank).len() as u64
    }

    /// Entries that can be found, whether or not they are on.
    pub fn len(&self) -> usize {
        self.live.snapshot().len()
    }

    /// True without entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Entries at most `radius` bits from a hash as it is.
    pub fn find(&self, query: &Hash256, radius: u32, filter: &BankFilter, now: i64) -> BankAnswer {
        self.answer(&[(*query, Dihedral::None)], radius, filter, now)
    }

    /// Entries at most `radius` bits from a picture's hash under any of the eight turns, each with the turn under
    /// which it is nearest.
    pub fn find_turned(&self, query: &Pdq, radius: u32, filter: &BankFilter, now: i64) -> BankAnswer {
        self.answer(&Dihedral::ALL.map(|turn| (query.oriented(turn), turn)), radius, filter, now)
    }

    fn answer(
        &self,
        queries: &[(Hash256, Dihedral)],
        radius: u32,
        filter: &BankFilter,
        now: i64,
    ) -> BankAnswer {
        let snapshot = self.live.snapshot();
        let mut nearest = BTreeMap::<u32, (u32, Dihedral)>::new();
        for (hash, turn) in queries {
            for near in snapshot.search(hash, radius) {
                let found = (near.distance, *turn);
                nearest.entry(near.row).and_modify(|best| *best = found.min(*best)).or_insert(found);
            }
        }
        if nearest.is_empty() {
            return BankAnswer::default();
        }
        self.read().answer(nearest, filter, now)
    }

    fn read(&self) -> RwLockReadGuard<'_, EntryRows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, EntryRows> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EntryRows {
    fn answer(&self, nearest: BTreeMap<u32, (u32, Dihedral)>, filter: &BankFilter, now: i64) -> BankAnswer {
        let mut answer = BankAnswer::default();
        for (row, (distance, turn)) in nearest {
            let (bank, entry, quality, until) = self.at(row);
            let Some(known) = self.banks.get(&bank).filter(|bank| filter.asks(bank)) else { continue };
            if self.row_of(entry) != Some(row) {
                // It says another hash since.
                continue;
            }
            let silenced = filter.silences(known, now).or_else(|| filter.silences_entry(until, quality, now));
            match silenced {
                Some(why) => answer.left_out += why,
                None => answer.hits.push(BankHit { bank, entry, distance, turn, quality }),
            }
        }
        answer.hits.sort_unstable_by_key(|hit| (hit.distance, hit.entry));
        answer
    }
}
