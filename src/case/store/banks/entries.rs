//! Entries of banks as rows: what matching needs in one table, words in another, and only where there are any.
//!
//! The trap: both rows of an entry are written together, or the old words stay with a new hash.

use super::super::codec::{exactly, hash_from};
use super::rows;
use crate::corpus::{Bank, BankEntry, BankId, DisableUntil, EntryHash, EntryId, NewEntry};
use crate::error::CaseError;
use crate::hash::{Hash256, Quality};
use crate::record::{Digests, ImageId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::{BTreeMap, BTreeSet};

/// The name under which the case keeps the greatest id that an entry ever had.
const GREATEST: &str = "bank.entries";

/// The id of the entry that comes next.
pub(super) fn next_id(db: &Connection) -> Result<EntryId, CaseError> {
    let greatest: Option<String> =
        db.query_row("SELECT value FROM meta WHERE name = ?1", [GREATEST], |row| row.get(0)).optional()?;
    let greatest = greatest.map_or(Ok(0), |text| text.parse::<u64>());
    let greatest = greatest.map_err(|_| CaseError::Damaged("the greatest id of an entry".into()))?;
    Ok(EntryId(greatest + 1))
}

/// Keeps which id comes next.
pub(super) fn keep_next(db: &Connection, next: EntryId) -> Result<(), CaseError> {
    db.execute("DELETE FROM meta WHERE name = ?1", [GREATEST])?;
    let greatest = (next.0 - 1).to_string();
    db.execute("INSERT INTO meta (name, value) VALUES (?1, ?2)", [GREATEST, &greatest])?;
    Ok(())
}

pub(super) fn insert(db: &Connection, id: EntryId, bank: BankId, entry: &NewEntry) -> Result<(), CaseError> {
    let (pdq, quality, md5, sha1, sha256, disable_until) = cells(entry);
    let mut insert = db.prepare_cached(
        "INSERT INTO bank_entry (id, bank, pdq, quality, md5, sha1, sha256, disable_until) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute((key(id), bank.0, pdq, quality, md5, sha1, sha256, disable_until))?;
    insert_text(db, id, entry)
}

/// Hash, quality, MD5, SHA-1, SHA-256 and time as the table has them.
type EntryCells = (Option<[u8; 32]>, Option<u8>, Option<[u8; 16]>, Option<[u8; 20]>, Option<[u8; 32]>, i64);

fn cells(entry: &NewEntry) -> EntryCells {
    let (pdq, quality) = (entry.pdq.map(Hash256::to_bytes), entry.quality.map(Quality::get));
    (pdq, quality, entry.md5, entry.sha1, entry.sha256.map(|image| image.0), entry.disable_until.0)
}

fn insert_text(db: &Connection, id: EntryId, entry: &NewEntry) -> Result<(), CaseError> {
    let NewEntry { labels, note, outside_id, uri, metadata, raw, .. } = entry;
    let labels = labels.join("\n");
    if [&labels, note, outside_id, uri, metadata, raw].into_iter().all(String::is_empty) {
        return Ok(());
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO bank_text (entry, labels, note, outside_id, uri, metadata, raw) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute(params![key(id), labels, note, outside_id, uri, metadata, raw])?;
    Ok(())
}

/// Puts something else in place of what an entry says.
pub(super) fn update(db: &Connection, id: EntryId, entry: &NewEntry) -> Result<(), CaseError> {
    let mut update = db.prepare_cached(
        "UPDATE bank_entry SET pdq = ?2, quality = ?3, md5 = ?4, sha1 = ?5, sha256 = ?6, disable_until = ?7 \
         WHERE id = ?1",
    )?;
    let (pdq, quality, md5, sha1, sha256, disable_until) = cells(entry);
    update.execute((key(id), pdq, quality, md5, sha1, sha256, disable_until))?;
    db.prepare_cached("DELETE FROM bank_text WHERE entry = ?1")?.execute([key(id)])?;
    insert_text(db, id, entry)
}

pub(super) fn remove(db: &Connection, id: EntryId) -> Result<(), CaseError> {
    db.prepare_cached("DELETE FROM bank_text WHERE entry = ?1")?.execute([key(id)])?;
    db.prepare_cached("DELETE FROM bank_entry WHERE id = ?1")?.execute([key(id)])?;
    Ok(())
}

/// Removes an entry if it is one of the bank; whether it was.
pub(super) fn remove_of(db: &Connection, bank: BankId, id: EntryId) -> Result<bool, CaseError> {
    let is_there = "SELECT 1 FROM bank_entry WHERE id = ?1 AND bank = ?2";
    if !db.prepare_cached(is_there)?.exists(params![key(id), bank.0])? {
        return Ok(false);
    }
    remove(db, id)?;
    Ok(true)
}

pub(super) fn count(db: &Connection, bank: BankId) -> Result<u64, CaseError> {
    let mut select = db.prepare_cached("SELECT count(*) FROM bank_entry WHERE bank = ?1")?;
    Ok(select.query_row([bank.0], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// All columns of an entry, in the order in which [`entry`] reads them.
const ENTRY: &str = "SELECT id, bank, pdq, quality, md5, sha1, sha256, disable_until, labels, note, outside_id, uri, \
     metadata, raw FROM bank_entry LEFT JOIN bank_text ON bank_text.entry = bank_entry.id";

pub(super) fn one(db: &Connection, id: EntryId) -> Result<Option<BankEntry>, CaseError> {
    let mut select = db.prepare_cached(&format!("{ENTRY} WHERE id = ?1"))?;
    let mut rows = select.query([key(id)])?;
    rows.next()?.map(entry).transpose()
}

/// Gives the entries of a bank until `give` says that it has enough.
pub(super) fn each(
    db: &Connection,
    bank: BankId,
    mut give: impl FnMut(BankEntry) -> bool,
) -> Result<(), CaseError> {
    let mut select = db.prepare(&format!("{ENTRY} WHERE bank = ?1 ORDER BY id"))?;
    let mut rows = select.query([bank.0])?;
    while let Some(row) = rows.next()? {
        if !give(entry(row)?) {
            break;
        }
    }
    Ok(())
}

pub(super) fn each_hash(db: &Connection, give: &mut dyn FnMut(EntryHash)) -> Result<(), CaseError> {
    let mut select =
        db.prepare("SELECT id, bank, pdq, quality, disable_until FROM bank_entry WHERE pdq IS NOT NULL")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        give(EntryHash {
            entry: id(row)?,
            bank: BankId(row.get(1)?),
            pdq: hash_from(row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?)?,
            quality: row.get::<_, Option<u8>>(3)?.map(Quality::new),
            disable_until: DisableUntil(row.get(4)?),
        });
    }
    Ok(())
}

pub(super) fn with_digests(db: &Connection, digests: &Digests) -> Result<Vec<EntryId>, CaseError> {
    let mut found = BTreeSet::new();
    let named: [(&str, &[u8]); 3] =
        [("md5", &digests.md5), ("sha1", &digests.sha1), ("sha256", &digests.sha256.0)];
    for (column, digest) in named.into_iter().filter(|(_, digest)| digest.iter().any(|byte| *byte != 0)) {
        let mut select = db.prepare_cached(&format!("SELECT id FROM bank_entry WHERE {column} = ?1"))?;
        let mut rows = select.query([digest])?;
        while let Some(row) = rows.next()? {
            found.insert(id(row)?);
        }
    }
    Ok(found.into_iter().collect())
}

/// Takes out what names an image by its SHA-256; how many entries of which bank.
pub(super) fn forget_image(db: &Connection, image: &ImageId) -> Result<Vec<(Bank, u64)>, CaseError> {
    let mut select = db.prepare("SELECT id, bank FROM bank_entry WHERE sha256 = ?1")?;
    let mut rows = select.query([image.0])?;
    let (mut gone, mut banks) = (Vec::new(), BTreeMap::<BankId, u64>::new());
    while let Some(row) = rows.next()? {
        gone.push(id(row)?);
        *banks.entry(BankId(row.get(1)?)).or_default() += 1;
    }
    for id in gone {
        remove(db, id)?;
    }
    let counted = |(id, count)| {
        let bank = rows::by_id(db, id)?.ok_or_else(|| CaseError::Damaged(format!("entries of bank {id}")))?;
        Ok((bank, count))
    };
    banks.into_iter().map(counted).collect()
}

/// Whether every entry can be read.
pub(in crate::case) fn readable(db: &Connection) -> Result<(), CaseError> {
    let mut select = db.prepare(ENTRY)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let read = entry(row).map_err(|error| CaseError::Damaged(format!("entry {number}: {error}")))?;
        if !read.content.names_something() {
            return Err(CaseError::Damaged(format!("entry {number} without a hash")));
        }
    }
    Ok(())
}

fn key(id: EntryId) -> i64 {
    id.0.cast_signed()
}

fn id(row: &Row<'_>) -> Result<EntryId, CaseError> {
    Ok(EntryId(row.get::<_, i64>(0)?.unsigned_abs()))
}

fn entry(row: &Row<'_>) -> Result<BankEntry, CaseError> {
    let blob = |column| -> Result<Option<&[u8]>, CaseError> {
        Ok(row.get_ref(column)?.as_blob_or_null().map_err(rusqlite::Error::from)?)
    };
    let text = |column| -> Result<String, CaseError> {
        Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
    };
    let content = NewEntry {
        pdq: blob(2)?.map(hash_from).transpose()?,
        quality: row.get::<_, Option<u8>>(3)?.map(Quality::new),
        md5: blob(4)?.map(|bytes| exactly(bytes, "an MD5")).transpose()?,
        sha1: blob(5)?.map(|bytes| exactly(bytes, "a SHA-1")).transpose()?,
        sha256: blob(6)?.map(|bytes| exactly(bytes, "a SHA-256")).transpose()?.map(ImageId),
        disable_until: DisableUntil(row.get(7)?),
        labels: text(8)?.lines().map(str::to_string).collect(),
        note: text(9)?,
        outside_id: text(10)?,
        uri: text(11)?,
        metadata: text(12)?,
        raw: text(13)?,
    };
    Ok(BankEntry { id: id(row)?, bank: BankId(row.get(1)?), content })
}
