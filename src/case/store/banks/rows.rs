//! Banks and their versions as rows.
//!
//! The trap: a bank keeps its id when it is renamed, and versions keep the name that it had then.

use super::super::clock;
use super::super::connection::case_error;
use super::super::open::Case;
use crate::codes::NamedCode;
use crate::corpus::{Bank, BankId, BankKind, BankVersion, EntryCounts, ListOrigin, NewBank, refused};
use crate::error::{CaseError, Result};
use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};

/// A change of banks under way.
pub(super) struct BankStep<'s> {
    pub(super) db: &'s Connection,
    pub(super) case: &'s Case,
}

impl BankStep<'_> {
    /// Does something with the tables.
    pub(super) fn case<T>(&self, work: impl FnOnce(&Connection) -> Result<T, CaseError>) -> Result<T> {
        work(self.db).map_err(|source| case_error(self.case.path(), source))
    }

    /// The bank of a name, which must be there.
    pub(super) fn bank(&self, name: &str) -> Result<Bank> {
        self.case(|db| by_name(db, name))?.ok_or_else(|| {
            let names = self.case(all).unwrap_or_default();
            let names: Vec<&str> = names.iter().map(Bank::name).collect();
            let expected = match names.is_empty() {
                true => "a bank of the case; it has none yet".into(),
                false => format!("a bank of the case: {}", names.join(", ")),
            };
            refused("bank", name, expected)
        })
    }

    pub(super) fn refuse_taken(&self, name: &str) -> Result<()> {
        match self.case(|db| by_name(db, name))? {
            Some(_) => Err(refused("bank", name, "a name that no bank of the case has".into())),
            None => Ok(()),
        }
    }

    /// Writes down what made the version that `bank` is of.
    pub(super) fn version(
        &self,
        bank: &Bank,
        action: &str,
        list: &ListOrigin,
        entries: EntryCounts,
    ) -> Result<()> {
        self.case(|db| keep_version(db, bank, action, list, entries, &self.case.by))
    }

    /// Makes the next version of a bank; its number.
    pub(super) fn next_version(
        &self,
        bank: &Bank,
        action: &str,
        list: &ListOrigin,
        entries: EntryCounts,
    ) -> Result<u64> {
        self.case(|db| next_version(db, bank, action, list, entries, &self.case.by))
    }
}

const COLUMNS: &str = "id, name, kind, source, handling, expires, ratio, version";

pub(super) fn all(db: &Connection) -> Result<Vec<Bank>, CaseError> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM bank ORDER BY id"))?;
    let mut rows = select.query([])?;
    let mut banks = Vec::new();
    while let Some(row) = rows.next()? {
        banks.push(bank(row)?);
    }
    Ok(banks)
}

pub(super) fn by_name(db: &Connection, name: &str) -> Result<Option<Bank>, CaseError> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM bank WHERE name = ?1"))?;
    let mut rows = select.query([name])?;
    rows.next()?.map(bank).transpose()
}

pub(super) fn by_id(db: &Connection, id: BankId) -> Result<Option<Bank>, CaseError> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM bank WHERE id = ?1"))?;
    let mut rows = select.query([id.0])?;
    rows.next()?.map(bank).transpose()
}

fn bank(row: &Row<'_>) -> Result<Bank, CaseError> {
    let kind: String = row.get(2)?;
    Ok(Bank {
        id: BankId(row.get(0)?),
        facts: NewBank {
            name: row.get(1)?,
            kind: BankKind::from_name(&kind)
                .ok_or_else(|| CaseError::Damaged(format!("a bank of kind `{kind}`")))?,
            source: row.get(3)?,
            handling: row.get(4)?,
            expires: row.get(5)?,
            ratio: row.get(6)?,
        },
        version: row.get::<_, i64>(7)?.unsigned_abs(),
    })
}

/// What stands in the audit chain of a bank.
pub(super) fn said(bank: &Bank) -> Value {
    let NewBank { name, kind, source, handling, expires, ratio } = &bank.facts;
    json!({
        "name": name,
        "kind": kind.name(),
        "source": source,
        "handling": handling,
        "expires": expires,
        "ratio": ratio,
    })
}

pub(super) fn create(db: &Connection, new: &NewBank) -> Result<Bank, CaseError> {
    let greatest = "SELECT max(coalesce((SELECT max(id) FROM bank), 0), coalesce((SELECT max(bank) FROM bank_version), 0))";
    let id = 1 + db.query_row(greatest, [], |row| row.get::<_, u32>(0))?;
    let bank = Bank { id: BankId(id), facts: new.clone(), version: 1 };
    db.execute(
        &format!("INSERT INTO bank ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)"),
        params![id, new.name, new.kind.name(), new.source, new.handling, new.expires, new.ratio],
    )?;
    Ok(bank)
}

pub(super) fn update(db: &Connection, bank: &Bank) -> Result<(), CaseError> {
    let NewBank { name, kind, source, handling, expires, ratio } = &bank.facts;
    db.execute(
        "UPDATE bank SET name = ?2, kind = ?3, source = ?4, handling = ?5, expires = ?6, ratio = ?7, version = ?8 \
         WHERE id = ?1",
        params![bank.id.0, name, kind.name(), source, handling, expires, ratio, bank.version.cast_signed()],
    )?;
    Ok(())
}

/// Removes a bank and its entries; how many.
pub(super) fn remove(db: &Connection, id: BankId) -> Result<u64, CaseError> {
    db.execute("DELETE FROM bank_text WHERE entry IN (SELECT id FROM bank_entry WHERE bank = ?1)", [id.0])?;
    let removed = db.execute("DELETE FROM bank_entry WHERE bank = ?1", [id.0])?;
    db.execute("DELETE FROM bank WHERE id = ?1", [id.0])?;
    Ok(removed as u64)
}

/// See [`BankStep::next_version`].
pub(super) fn next_version(
    db: &Connection,
    bank: &Bank,
    action: &str,
    list: &ListOrigin,
    entries: EntryCounts,
    by: &str,
) -> Result<u64, CaseError> {
    let next = Bank { version: bank.version + 1, ..bank.clone() };
    update(db, &next)?;
    keep_version(db, &next, action, list, entries, by)?;
    Ok(next.version)
}

fn keep_version(
    db: &Connection,
    bank: &Bank,
    action: &str,
    list: &ListOrigin,
    entries: EntryCounts,
    by: &str,
) -> Result<(), CaseError> {
    let at = clock::now()?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let EntryCounts { added, removed, changed } = entries;
    let mut insert = db.prepare_cached(
        "INSERT INTO bank_version (bank, name, version, at, actor, action, file, sha256, added, removed, changed) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    insert.execute(params![
        bank.id.0,
        bank.name(),
        bank.version.cast_signed(),
        at,
        by,
        action,
        list.file,
        list.sha256,
        added.cast_signed(),
        removed.cast_signed(),
        changed.cast_signed(),
    ])?;
    Ok(())
}

const VERSION: &str =
    "SELECT name, version, at, actor, action, file, sha256, added, removed, changed FROM bank_version";

/// Versions of the banks that ever had this name.
pub(super) fn history(db: &Connection, name: &str) -> Result<Vec<BankVersion>, CaseError> {
    let of_name = "WHERE bank IN (SELECT bank FROM bank_version WHERE name = ?1) ORDER BY bank, version";
    let mut select = db.prepare(&format!("{VERSION} {of_name}"))?;
    Ok(select.query_map([name], version)?.collect::<Result<_, _>>()?)
}

fn version(row: &Row<'_>) -> rusqlite::Result<BankVersion> {
    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    Ok(BankVersion {
        name: row.get(0)?,
        version: count(1)?,
        at: row.get(2)?,
        by: row.get(3)?,
        action: row.get(4)?,
        list: ListOrigin { file: row.get(5)?, sha256: row.get(6)? },
        entries: EntryCounts { added: count(7)?, removed: count(8)?, changed: count(9)? },
    })
}

/// Whether every bank and every version can be read.
pub(in crate::case) fn readable(db: &Connection) -> Result<(), CaseError> {
    all(db)?;
    let mut select = db.prepare(VERSION)?;
    Ok(select.query_map([], version)?.try_for_each(|version| version.map(drop))?)
}
