//! Banks in memory and what the service was told about matching: changed by the writer alone, after the case.
//!
//! Kinds of hashes can be thinned out as banks can; their shares are kept in the case. The trap: videos are known by the
//! MD5 of their files alone; an entry is of a video when it has an MD5 and no PDQ.

use crate::api::http::answer::Problem;
use crate::bank::{BankEntry, BankId, BankIndex, EntryHash, EntryId, NewEntry};
use crate::case::Case;
use crate::error::{Error, Result};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A kind of hash that clients of HMA know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignalKind {
    Pdq,
    VideoMd5,
}

impl SignalKind {
    pub(crate) const ALL: [Self; 2] = [Self::Pdq, Self::VideoMd5];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pdq => "pdq",
            Self::VideoMd5 => "video_md5",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    fn setting(self) -> String {
        format!("ratio_{}", self.name())
    }
}

/// The banks of a case, ready for look-ups.
pub(crate) struct LiveBanks {
    pub(crate) index: BankIndex,
    /// Bits of the share of look-ups that each kind answers.
    ratios: [AtomicU64; 2],
    /// Entries of videos.
    videos: AtomicU64,
    /// Entries of each bank of which only digests are known.
    without_hash: Mutex<BTreeMap<BankId, u64>>,
    /// When something last changed, in Unix seconds.
    changed: AtomicI64,
}

impl LiveBanks {
    /// # Errors
    /// Those of reading the case.
    pub(crate) fn open(case: &Case) -> Result<Self> {
        let mut ratios = [1.0; 2];
        for (kind, ratio) in SignalKind::ALL.into_iter().zip(&mut ratios) {
            let kept = case.setting(&kind.setting())?;
            *ratio = kept.and_then(|text| text.parse().ok()).unwrap_or(1.0);
        }
        let index = BankIndex::build(case)?;
        let mut without_hash = BTreeMap::new();
        for bank in index.banks() {
            let entries = case.count_entries(&bank)?;
            without_hash.insert(bank.id, entries.saturating_sub(index.hashes_of(bank.id)));
        }
        Ok(Self {
            index,
            without_hash: Mutex::new(without_hash),
            ratios: ratios.map(|ratio| AtomicU64::new(f64::to_bits(ratio))),
            videos: AtomicU64::new(case.count_videos()?),
            changed: AtomicI64::new(Timestamp::now().as_second()),
        })
    }

    /// Share of look-ups that a kind answers.
    pub(crate) fn ratio(&self, kind: SignalKind) -> f64 {
        f64::from_bits(self.ratios[kind as usize].load(Ordering::Relaxed))
    }

    /// Sets it, for good.
    ///
    /// # Errors
    /// Those of writing to the case.
    pub(crate) fn set_ratio(&self, case: &mut Case, kind: SignalKind, ratio: f64) -> Result<()> {
        case.set(&kind.setting(), &ratio.to_string())?;
        self.ratios[kind as usize].store(ratio.to_bits(), Ordering::Relaxed);
        Ok(())
    }

    /// Entries of a kind.
    pub(crate) fn size(&self, kind: SignalKind) -> u64 {
        match kind {
            SignalKind::Pdq => self.index.len() as u64,
            SignalKind::VideoMd5 => self.videos.load(Ordering::Relaxed),
        }
    }

    /// When something last changed.
    pub(crate) fn changed_at(&self) -> i64 {
        self.changed.load(Ordering::Relaxed)
    }

    pub(crate) fn touched(&self) {
        self.changed.store(Timestamp::now().as_second(), Ordering::Relaxed);
    }

    /// Entries of a bank of which only digests are known.
    pub(crate) fn without_hash(&self, bank: BankId) -> u64 {
        self.counts().get(&bank).copied().unwrap_or(0)
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<BankId, u64>> {
        self.without_hash.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in entries that were added to the case, found all at once.
    fn added(&self, entries: &[BankEntry]) {
        let videos = entries.iter().filter(|entry| is_video(&entry.content)).count();
        self.videos.fetch_add(videos as u64, Ordering::Relaxed);
        let hashes: Vec<EntryHash> = entries.iter().filter_map(hash_of).collect();
        self.index.add_all(&hashes);
        for entry in entries.iter().filter(|entry| entry.content.pdq.is_none()) {
            *self.counts().entry(entry.bank).or_default() += 1;
        }
        self.touched();
    }

    /// Adds entries of one bank to the case in one transaction, then takes them in.
    pub(crate) fn add_entries(
        &self,
        case: &mut Case,
        bank: &str,
        entries: &[NewEntry],
    ) -> Result<Vec<BankEntry>, Problem> {
        let failed = |error: Error| Problem::of(&error);
        let known = case.bank(bank).map_err(failed)?;
        let bank_id = known.ok_or_else(Problem::no_bank)?.id;
        let added = case.add_entries(bank, entries.iter().cloned()).map_err(failed)?;
        let ids = (added.first.0..).map(EntryId);
        let entry =
            |(id, content): (EntryId, &NewEntry)| BankEntry { id, bank: bank_id, content: content.clone() };
        let added: Vec<BankEntry> = ids.zip(entries).map(entry).collect();
        self.added(&added);
        Ok(added)
    }

    /// Forgets an entry that is gone from the case.
    pub(crate) fn removed(&self, BankEntry { id, bank, content }: &BankEntry) {
        if is_video(content) {
            self.videos.fetch_sub(1, Ordering::Relaxed);
        }
        if content.pdq.is_none()
            && let Some(count) = self.counts().get_mut(bank)
        {
            *count = count.saturating_sub(1);
        }
        self.index.remove(*id);
        self.touched();
    }

    /// Forgets a bank that is gone from the case with its entries.
    ///
    /// # Errors
    /// Those of reading the case.
    pub(crate) fn removed_bank(&self, case: &Case, bank: BankId) -> Result<()> {
        self.index.remove_bank(bank);
        self.counts().remove(&bank);
        self.videos.store(case.count_videos()?, Ordering::Relaxed);
        self.touched();
        Ok(())
    }
}

fn hash_of(entry: &BankEntry) -> Option<EntryHash> {
    let NewEntry { quality, disable_until, pdq, .. } = entry.content;
    pdq.map(|pdq| EntryHash { bank: entry.bank, entry: entry.id, pdq, quality, disable_until })
}

/// Whether an entry is of a video.
pub(crate) fn is_video(content: &NewEntry) -> bool {
    content.pdq.is_none() && content.md5.is_some() && content.sha1.is_none() && content.sha256.is_none()
}
