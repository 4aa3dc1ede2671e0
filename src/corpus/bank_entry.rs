//! Entries of banks: one photo as somebody lists it, by its hash, by digests of a file that shows it, or by both.
//!
//! What came with it is kept: the words of others (labels, notes, metadata) and the line or element as it was read, so
//! that a list can be handed on as it came. The trap: `disable_until` is a time, with two values that are none.

use super::bank::BankId;
use super::decision_form::refused;
use crate::error::Result;
use crate::hash::{Hash256, Quality};
use crate::record::{Image, ImageId};
use sha2::{Digest, Sha256};
use std::fmt;

/// Characters of a note: what exchanges of hashes take.
pub const MAX_NOTE: usize = 255;
/// Labels of an entry, and characters of one.
const MAX_LABELS: (usize, usize) = (64, 200);
/// Characters of an id that another office gave, and of an address.
const MAX_LINE: usize = 2048;
/// Bytes of metadata, and of what was read.
const MAX_BYTES: usize = 64 << 10;
/// Seconds that an entry may be off: five years, leap days included.
const MAX_OFF: i64 = 5 * 366 * 86_400;

/// An entry of any bank of one case: counts up from 1 over all banks, and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u64);

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Until when an entry is off: 0 for good, 1 not at all, else Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DisableUntil(pub i64);

impl DisableUntil {
    /// It matches.
    pub const ON: Self = Self(1);
    /// It does not, for good.
    pub const OFF: Self = Self(0);

    /// Whether it matches at `now`, in Unix seconds.
    pub const fn is_on(self, now: i64) -> bool {
        self.0 != 0 && now >= self.0
    }

    /// Refuses a time before 1970 and one more than five years ahead.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::error::Error::Parameter).
    pub fn check(self, now: i64) -> Result<()> {
        if (0..=now.saturating_add(MAX_OFF)).contains(&self.0) {
            return Ok(());
        }
        let expected = "0 (off for good), 1 (on), or Unix seconds within five years".into();
        Err(refused("disable_until_ts", &self.0.to_string(), expected))
    }
}

impl Default for DisableUntil {
    fn default() -> Self {
        Self::ON
    }
}

/// What an entry says. At least one of the hash and the digests is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewEntry {
    /// PDQ of the whole picture.
    pub pdq: Option<Hash256>,
    /// PDQ's quality; lists that do not say are taken at their word.
    pub quality: Option<Quality>,
    /// Digest of a file that shows it.
    pub md5: Option<[u8; 16]>,
    /// Digest of a file that shows it.
    pub sha1: Option<[u8; 20]>,
    /// Digest of a file that shows it.
    pub sha256: Option<ImageId>,
    /// Words of whoever lists it.
    pub labels: Vec<String>,
    /// One sentence about it.
    pub note: String,
    /// What whoever lists it calls it: by this a later version of the list speaks of the same entry.
    pub outside_id: String,
    /// Where whoever lists it keeps it. Never followed.
    pub uri: String,
    /// JSON that came with it; empty for none.
    pub metadata: String,
    /// The line or element that was read, where it says more than the hash alone.
    pub raw: String,
    /// Whether it matches.
    pub disable_until: DisableUntil,
}

impl NewEntry {
    /// An entry of a hash.
    pub fn of_hash(pdq: Hash256) -> Self {
        Self { pdq: Some(pdq), ..Self::default() }
    }

    /// The photo of a file that was analysed: its hash and its digests.
    pub fn of_image(image: &Image) -> Self {
        Self {
            pdq: Some(image.pdq.hash()),
            quality: Some(image.pdq.quality),
            md5: Some(image.digests.md5),
            sha1: Some(image.digests.sha1),
            sha256: Some(image.id()),
            ..Self::default()
        }
    }

    /// Whether it names anything that can be found.
    pub fn names_something(&self) -> bool {
        self.pdq.is_some() || self.md5.is_some() || self.sha1.is_some() || self.sha256.is_some()
    }

    /// Refuses what cannot be an entry.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::error::Error::Parameter) names the field.
    pub fn check(&self) -> Result<()> {
        if !self.names_something() {
            return Err(refused("entry", "", "a hash, or an MD5, SHA-1 or SHA-256".into()));
        }
        check_note(&self.note)?;
        check_labels(&self.labels)?;
        for (name, text) in [("outside_id", &self.outside_id), ("uri", &self.uri)] {
            if text.chars().count() > MAX_LINE || text.contains(char::is_control) {
                return Err(refused(name, text, format!("one line of at most {MAX_LINE} characters")));
            }
        }
        if self.raw.len() > MAX_BYTES {
            return Err(refused("raw", "", format!("at most {MAX_BYTES} bytes")));
        }
        let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        if self.metadata.len() > MAX_BYTES || !(self.metadata.is_empty() || is_json(&self.metadata)) {
            return Err(refused("metadata", &self.metadata, format!("JSON of at most {MAX_BYTES} bytes")));
        }
        Ok(())
    }

    /// What tells it from other entries of its bank: the id it came with, else its hash and digests.
    pub fn identity(&self) -> [u8; 16] {
        let mut digest = Sha256::new();
        if self.outside_id.is_empty() {
            self.digest_hashes(&mut digest);
        } else {
            digest.update([1]);
            digest.update(&self.outside_id);
        }
        first(&digest.finalize())
    }

    /// Digest of all that a list says of it but its note, and what was read: two writers may say the same.
    pub fn said(&self) -> [u8; 16] {
        let mut digest = Sha256::new();
        self.digest_hashes(&mut digest);
        digest.update([self.quality.map_or(255, Quality::get)]);
        let labels = self.labels.iter().map(String::as_str);
        for text in
            [&self.outside_id, &self.uri, &self.metadata].into_iter().map(String::as_str).chain(labels)
        {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
        first(&digest.finalize())
    }

    fn digest_hashes(&self, digest: &mut Sha256) {
        let pdq = self.pdq.map(Hash256::to_bytes);
        let hashes: [Option<&[u8]>; 4] = [
            pdq.as_ref().map(|hash| &hash[..]),
            self.md5.as_ref().map(|md5| &md5[..]),
            self.sha1.as_ref().map(|sha1| &sha1[..]),
            self.sha256.as_ref().map(|sha256| &sha256.0[..]),
        ];
        for hash in hashes {
            digest.update([0, u8::from(hash.is_some())]);
            digest.update(hash.unwrap_or_default());
        }
    }
}

fn first(digest: &[u8]) -> [u8; 16] {
    *digest.first_chunk().expect("a SHA-256 has 32 bytes")
}

/// Refuses a note that is too long, or no line.
pub(crate) fn check_note(note: &str) -> Result<()> {
    if note.chars().count() > MAX_NOTE || note.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(refused("note", note, format!("text of at most {MAX_NOTE} characters")));
    }
    Ok(())
}

/// Refuses labels that are too many, or no words.
pub(crate) fn check_labels(labels: &[String]) -> Result<()> {
    let (most, longest) = MAX_LABELS;
    let good = |label: &String| {
        !label.is_empty() && label.chars().count() <= longest && !label.contains(char::is_control)
    };
    if labels.len() > most || !labels.iter().all(good) {
        let expected = format!("at most {most} words of 1 to {longest} characters");
        return Err(refused("labels", &labels.join(", "), expected));
    }
    Ok(())
}

/// An entry as a bank holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankEntry {
    /// Of this case.
    pub id: EntryId,
    /// Whose it is.
    pub bank: BankId,
    /// What it says.
    pub content: NewEntry,
}

/// What is to be said of an entry from now on; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryChange {
    /// See [`NewEntry::disable_until`].
    pub disable_until: Option<DisableUntil>,
    /// See [`NewEntry::note`].
    pub note: Option<String>,
    /// See [`NewEntry::labels`].
    pub labels: Option<Vec<String>>,
}

/// What an index needs of an entry that has a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryHash {
    /// Whose it is.
    pub bank: BankId,
    /// Which it is.
    pub entry: EntryId,
    /// Its hash.
    pub pdq: Hash256,
    /// PDQ's quality, where the list said it.
    pub quality: Option<Quality>,
    /// Whether it matches.
    pub disable_until: DisableUntil,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_off_one_is_on_and_others_are_times() {
        assert!(DisableUntil::ON.is_on(1_000) && !DisableUntil::OFF.is_on(1_000));
        assert!(!DisableUntil(1_001).is_on(1_000) && DisableUntil(1_000).is_on(1_000));
        assert!(DisableUntil(-1).check(1_000).is_err() && DisableUntil(i64::MAX).check(1_000).is_err());
        assert!(DisableUntil(1_000 + MAX_OFF).check(1_000).is_ok());
        assert!(DisableUntil(1_001 + MAX_OFF).check(1_000).is_err());
    }

    #[test]
    fn what_cannot_be_an_entry_is_refused_by_its_field() {
        let good = NewEntry::of_hash(Hash256::from_words([1, 2, 3, 4]));
        assert!(good.check().is_ok());
        for (bad, field) in [
            (NewEntry::default(), "entry"),
            (NewEntry { note: "x".repeat(256), ..good.clone() }, "note"),
            (NewEntry { labels: vec!["a\nb".into()], ..good.clone() }, "labels"),
            (NewEntry { labels: vec![String::new()], ..good.clone() }, "labels"),
            (NewEntry { outside_id: "a\tb".into(), ..good.clone() }, "outside_id"),
            (NewEntry { uri: "u".repeat(2049), ..good.clone() }, "uri"),
            (NewEntry { metadata: "{".into(), ..good.clone() }, "metadata"),
            (NewEntry { raw: "r".repeat(70_000), ..good.clone() }, "raw"),
        ] {
            let error = bad.check().expect_err(field).to_string();
            assert!(error.starts_with(field), "{error}");
        }
        assert!(NewEntry { note: "ü".repeat(255), ..good }.check().is_ok());
    }

    #[test]
    fn an_outside_id_outlives_its_hash() {
        let named = |id: &str, word| NewEntry {
            outside_id: id.into(),
            ..NewEntry::of_hash(Hash256::from_words([word, 0, 0, 0]))
        };
        assert_eq!(named("a", 1).identity(), named("a", 2).identity());
        assert_ne!(named("a", 1).said(), named("a", 2).said());
        assert_ne!(named("", 1).identity(), named("", 2).identity());
        let md5 = NewEntry { md5: Some([0; 16]), ..NewEntry::default() };
        let sha1 = NewEntry { sha1: Some([0; 20]), ..NewEntry::default() };
        assert_ne!(md5.identity(), sha1.identity());
    }
}
