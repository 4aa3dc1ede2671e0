//! Walking the audit chain and naming what was done to it.
//!
//! Fields are compared as raw bytes: a flipped bit may make text that is no text any more, and that is a finding,
//! not an error. The trap in naming: a changed seal makes the entry behind it look wrong, too. Which of the two was
//! touched is told by trying the entry behind with both seals, the stored one and the one that should be there.

use super::entry::{AuditEntry, AuditHead, link, noted_head, parted};
use crate::error::CaseError;
use crate::record::ImageId;
use rusqlite::{Connection, Row};
use std::fmt;

/// One thing that is wrong with the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditFault {
    /// What the entry says, or its seal, is not what was sealed.
    Changed(i64),
    /// These entries, first to last, are gone.
    Removed(u64, u64),
    /// An entry where the chain has none.
    Inserted(i64),
    /// The note of the chain's end is gone, unreadable, or does not fit the last entry.
    EndNote,
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(number) => write!(f, "audit entry {number} was changed"),
            Self::Removed(first, last) if first == last => write!(f, "audit entry {first} was removed"),
            Self::Removed(first, last) => write!(f, "audit entries {first} to {last} were removed"),
            Self::Inserted(number) => write!(f, "audit entry {number} was inserted"),
            Self::EndNote => f.write_str("the note of the last audit entry was changed or removed"),
        }
    }
}

/// What a walk along the chain found.
#[derive(Debug, Clone, Default)]
pub struct AuditCheck {
    /// All entries that can be read.
    pub entries: Vec<AuditEntry>,
    /// What is wrong; empty when the chain is whole.
    pub faults: Vec<AuditFault>,
    /// Number and seal of every entry, as stored.
    heads: Vec<AuditHead>,
}

impl AuditCheck {
    /// The end of the chain, meaningful when there is no fault.
    pub fn head(&self) -> AuditHead {
        self.heads.last().copied().unwrap_or(AuditHead::START)
    }

    /// Whether the chain holds a head noted earlier, as `NUMBER:DIGEST` or the digest alone.
    pub fn holds(&self, noted: &str) -> bool {
        match (AuditHead::parse(noted), ImageId::parse(noted.trim())) {
            (Some(head), _) => head == AuditHead::START || self.heads.contains(&head),
            (None, Some(digest)) => self.heads.iter().any(|head| head.digest == digest.0),
            (None, None) => false,
        }
    }
}

/// The chain, or the first fault as an error.
pub(super) fn intact(db: &Connection) -> Result<AuditCheck, CaseError> {
    let check = walk(db)?;
    match check.faults.first() {
        Some(fault) => Err(CaseError::Damaged(fault.to_string())),
        None => Ok(check),
    }
}

/// The number of the last entry that was noted.
pub(super) fn noted(db: &Connection) -> Result<u64, CaseError> {
    Ok(noted_head(db)?.map_or(0, |head| head.entries))
}

/// The entries behind one, without a look at their seals.
pub(super) fn after(db: &Connection, number: u64, most: usize) -> Result<Vec<AuditEntry>, CaseError> {
    let mut select = db.prepare_cached(
        "SELECT number, CAST(at AS BLOB), CAST(action AS BLOB), CAST(detail AS BLOB), digest FROM audit \
         WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let rows = select.query_map(rusqlite::params![number, most as i64], StoredEntry::from)?;
    let damaged = |number: i64| CaseError::Damaged(format!("audit entry {number}"));
    rows.map(|row| {
        row.map_err(CaseError::from).and_then(|row| row.entry().ok_or_else(|| damaged(row.number)))
    })
    .collect()
}

/// Walks the whole chain. Fails only when the table cannot be read at all.
pub(super) fn walk(db: &Connection) -> Result<AuditCheck, CaseError> {
    let mut select = db.prepare(
        "SELECT number, CAST(at AS BLOB), CAST(action AS BLOB), CAST(detail AS BLOB), digest FROM audit ORDER BY number",
    )?;
    let stored = select.query_map([], StoredEntry::from)?.collect::<Result<Vec<_>, _>>()?;
    let noted = noted_head(db)?;
    let mut walk = ChainWalk { noted, next: 1, before: Some([0; 32]), check: AuditCheck::default() };
    for (place, entry) in stored.iter().enumerate() {
        walk.entry(entry, stored.get(place + 1));
    }
    Ok(walk.end())
}

/// An entry as it lies in the table.
struct StoredEntry {
    number: i64,
    texts: [Vec<u8>; 3],
    digest: Vec<u8>,
}

impl StoredEntry {
    fn from(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { number: row.get(0)?, texts: [row.get(1)?, row.get(2)?, row.get(3)?], digest: row.get(4)? })
    }

    fn seal(&self, before: &[u8; 32]) -> [u8; 32] {
        link(before, self.number, [&self.texts[0], &self.texts[1], &self.texts[2]])
    }

    /// Whether this entry was sealed after one with that digest.
    fn follows(&self, before: &[u8; 32]) -> bool {
        self.digest == self.seal(before)
    }

    fn entry(&self) -> Option<AuditEntry> {
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_string);
        let (detail, case) = parted(&self.texts[2])?;
        Some(AuditEntry {
            number: u64::try_from(self.number).ok()?,
            at: text(&self.texts[0])?,
            action: text(&self.texts[1])?,
            detail,
            case,
        })
    }
}

struct ChainWalk {
    /// The end as the last writer noted it.
    noted: Option<AuditHead>,
    /// The number that has to come next.
    next: u64,
    /// The seal before it; unknown behind a gap.
    before: Option<[u8; 32]>,
    check: AuditCheck,
}

impl ChainWalk {
    fn entry(&mut self, stored: &StoredEntry, behind: Option<&StoredEntry>) {
        let beyond = |noted: AuditHead| stored.number > noted.entries.cast_signed();
        if stored.number < self.next.cast_signed() || self.noted.is_some_and(beyond) {
            self.check.faults.push(AuditFault::Inserted(stored.number));
            return;
        }
        let number = stored.number.unsigned_abs();
        if number > self.next {
            self.check.faults.push(AuditFault::Removed(self.next, number - 1));
            self.before = None;
        }
        let digest: Option<[u8; 32]> = stored.digest.as_slice().try_into().ok();
        let right = self.before.map_or(digest, |before| Some(stored.seal(&before)));
        if digest.is_none() || digest != right {
            self.check.faults.push(AuditFault::Changed(stored.number));
        }
        let follows = |seal: [u8; 32]| behind.is_some_and(|behind| behind.follows(&seal));
        self.before = match (digest, right) {
            (Some(digest), Some(right)) if digest != right && follows(right) => Some(right),
            (Some(digest), _) => Some(digest),
            (None, right) => right,
        };
        self.check.entries.extend(stored.entry());
        self.check.heads.extend(digest.map(|digest| AuditHead { entries: number, digest }));
        self.next = number + 1;
    }

    fn end(mut self) -> AuditCheck {
        match self.noted {
            Some(noted) if noted.entries >= self.next => {
                self.check.faults.push(AuditFault::Removed(self.next, noted.entries));
            }
            Some(noted) if self.check.faults.is_empty() && noted != self.check.head() => {
                self.check.faults.push(AuditFault::EndNote);
            }
            Some(_) => {}
            None => self.check.faults.push(AuditFault::EndNote),
        }
        self.check
    }
}
