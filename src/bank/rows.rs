//! What the index knows of every row: whose entry it is, and whether it matches.
//!
//! Ten million rows are four plain columns. The trap: rows are numbered by the live index in order of arrival, so
//! columns only ever grow; an entry that says another hash now has a new row, and its last one counts.

use crate::corpus::{Bank, BankId, DisableUntil, EntryHash, EntryId};
use crate::hash::Quality;
use std::collections::{BTreeMap, HashMap};

/// Room kept for additions, so that a column of millions is not copied while look-ups wait: at least so many rows,
/// and a share of those there are.
const ROOM: (usize, usize) = (1 << 16, 8);

/// Stands for a quality that nobody said.
const UNSAID: u8 = u8::MAX;

/// The columns, and the banks they name.
#[derive(Debug, Default)]
pub(super) struct EntryRows {
    pub(super) banks: BTreeMap<BankId, Bank>,
    bank: Vec<BankId>,
    entry: Vec<EntryId>,
    quality: Vec<u8>,
    /// Of the few that are not simply on.
    disabled: HashMap<u32, DisableUntil>,
    /// So many rows, from the first, are in the order of their entries.
    ascending: usize,
}

impl EntryRows {
    pub(super) fn new(banks: Vec<Bank>, rows: usize) -> Self {
        let room = rows + ROOM.0 + rows / ROOM.1;
        Self {
            banks: banks.into_iter().map(|bank| (bank.id, bank)).collect(),
            bank: Vec::with_capacity(room),
            entry: Vec::with_capacity(room),
            quality: Vec::with_capacity(room),
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, new: &EntryHash) {
        let row = self.entry.len();
        if self.ascending == row && self.entry.last().is_none_or(|last| *last < new.entry) {
            self.ascending += 1;
        }
        self.bank.push(new.bank);
        self.entry.push(new.entry);
        self.quality.push(new.quality.map_or(UNSAID, Quality::get));
        self.disable(row as u32, new.disable_until);
    }

    pub(super) fn disable(&mut self, row: u32, until: DisableUntil) {
        if until == DisableUntil::ON {
            self.disabled.remove(&row);
        } else {
            self.disabled.insert(row, until);
        }
    }

    pub(super) fn at(&self, row: u32) -> (BankId, EntryId, Option<Quality>, DisableUntil) {
        let place = row as usize;
        let quality = Some(self.quality[place]).filter(|quality| *quality != UNSAID).map(Quality::new);
        let until = self.disabled.get(&row).copied().unwrap_or_default();
        (self.bank[place], self.entry[place], quality, until)
    }

    /// The last row of an entry, alive or not.
    pub(super) fn row_of(&self, entry: EntryId) -> Option<u32> {
        let (ascending, later) = self.entry.split_at(self.ascending);
        let place = match later.iter().rposition(|one| *one == entry) {
            Some(place) => ascending.len() + place,
            None => ascending.binary_search(&entry).ok()?,
        };
        Some(place as u32)
    }

    pub(super) fn rows_of_bank(&self, bank: BankId) -> Vec<u32> {
        (0..).zip(&self.bank).filter(|(_, one)| **one == bank).map(|(row, _)| row).collect()
    }
}
