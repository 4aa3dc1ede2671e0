//! Which banks answer a look-up, which of their entries, and what was left out of the answer.
//!
//! The trap: off for good, off for a while, past its day and left out by the draw are four things. Whoever gets no hit
//! wants to know which it was.

use crate::corpus::{Bank, DisableUntil, NewEntry};
use crate::hash::Quality;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::ops::AddAssign;

/// What may answer.
#[derive(Debug, Clone, PartialEq)]
pub struct BankFilter {
    /// Names of the banks asked; `None` for all.
    pub banks: Option<BTreeSet<String>>,
    /// The number drawn for this look-up, from 0 up to but not including 1: banks of a lower ratio, and those that are
    /// off, do not answer. `None`: the ratio is not looked at.
    pub draw: Option<f64>,
    /// What is off or past its day answers, too.
    pub everything: bool,
    /// Entries that say a lower quality do not answer: their hashes are near those of other plain pictures.
    pub min_quality: Quality,
}

/// All banks that are on, whatever their ratio.
impl Default for BankFilter {
    fn default() -> Self {
        Self { banks: None, draw: Some(0.0), everything: false, min_quality: Quality::USABLE }
    }
}

impl BankFilter {
    /// These banks, as far as they are on.
    pub fn of(banks: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { banks: Some(banks.into_iter().map(Into::into).collect()), ..Self::default() }
    }

    /// The number that a seed draws: always the same one.
    pub fn drawn(seed: &str) -> f64 {
        let digest = Sha256::digest(seed);
        let head = digest.first_chunk::<8>().expect("a SHA-256 has 32 bytes");
        // The first 53 bits are all that a number of this kind holds.
        (u64::from_be_bytes(*head) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whether a bank was asked at all.
    pub fn asks(&self, bank: &Bank) -> bool {
        self.banks.as_ref().is_none_or(|banks| banks.contains(bank.name()))
    }

    /// Whether an entry answers: its bank was asked, and neither of them is silent.
    pub fn answers(&self, bank: &Bank, entry: &NewEntry, now: i64) -> bool {
        self.asks(bank)
            && self.silences(bank, now).is_none()
            && self.silences_entry(entry.disable_until, None, now).is_none()
    }

    /// Why a bank that was asked does not answer; `None` when it does.
    pub(super) fn silences(&self, bank: &Bank, now: i64) -> Option<EntriesLeftOut> {
        let ratio = bank.facts.ratio;
        if self.everything {
            None
        } else if self.draw.is_some_and(|draw| ratio <= 0.0 || ratio < draw) {
            Some(EntriesLeftOut { banks_off: 1, ..EntriesLeftOut::default() })
        } else if bank.is_expired(now) {
            Some(EntriesLeftOut { banks_expired: 1, ..EntriesLeftOut::default() })
        } else {
            None
        }
    }

    /// Why an entry of a bank that answers does not; `None` when it does.
    pub(super) fn silences_entry(
        &self,
        disable_until: DisableUntil,
        quality: Option<Quality>,
        now: i64,
    ) -> Option<EntriesLeftOut> {
        if !self.everything && !disable_until.is_on(now) {
            Some(EntriesLeftOut { entries_off: 1, ..EntriesLeftOut::default() })
        } else if quality.is_some_and(|quality| quality < self.min_quality) {
            Some(EntriesLeftOut { too_plain: 1, ..EntriesLeftOut::default() })
        } else {
            None
        }
    }
}

/// Entries that were near and left out, by the first reason that holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntriesLeftOut {
    /// Of banks that are off, or were not drawn.
    pub banks_off: u64,
    /// Of banks past their day.
    pub banks_expired: u64,
    /// Off themselves, for a while or for good.
    pub entries_off: u64,
    /// With a hash of too low a quality.
    pub too_plain: u64,
}

impl EntriesLeftOut {
    /// How many.
    pub const fn all(&self) -> u64 {
        self.banks_off + self.banks_expired + self.entries_off + self.too_plain
    }

    /// Numbers of entries and why they were left out, for a person; those that are not 0.
    pub fn words(&self) -> Vec<(u64, &'static str)> {
        let all = [
            (self.banks_off, "of banks that are off"),
            (self.banks_expired, "of banks past their day"),
            (self.entries_off, "that are off"),
            (self.too_plain, "too plain to tell"),
        ];
        all.into_iter().filter(|(count, _)| *count > 0).collect()
    }
}

impl AddAssign for EntriesLeftOut {
    fn add_assign(&mut self, other: Self) {
        self.banks_off += other.banks_off;
        self.banks_expired += other.banks_expired;
        self.entries_off += other.entries_off;
        self.too_plain += other.too_plain;
    }
}
