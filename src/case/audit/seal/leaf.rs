//! The digest of the rows of one owner: every column of every row, its type and its length included.
//!
//! The trap: rows have to come in the order of the primary key, and with all columns of the table, so that the same
//! rows give the same digest however they got there. No rows have the digest zero.

use super::areas::{Area, LAST_PREFIX, Owner};
use crate::error::CaseError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use sha2::{Digest, Sha256};

pub(super) type Leaf = [u8; 32];

/// Of an owner without rows.
pub(super) const NONE: Leaf = [0; 32];

/// Gathers the rows of one owner.
#[derive(Default)]
pub(super) struct RowDigest {
    digest: Option<Sha256>,
}

impl RowDigest {
    pub(super) fn add(&mut self, area: &Area, row: &Row<'_>, columns: usize) -> Result<(), CaseError> {
        let digest = self.digest.get_or_insert_with(|| Sha256::new_with_prefix(area.table));
        digest.update((columns as u64).to_be_bytes());
        for column in 0..columns {
            value(digest, row.get_ref(column)?);
        }
        Ok(())
    }

    pub(super) fn end(self) -> Leaf {
        self.digest.map_or(NONE, |digest| digest.finalize().into())
    }
}

fn value(digest: &mut Sha256, value: ValueRef<'_>) {
    let mut typed = |kind: u8, bytes: &[u8]| {
        let mut head = [kind; 9];
        head[1..].copy_from_slice(&(bytes.len() as u64).to_be_bytes());
        digest.update(head);
        digest.update(bytes);
    };
    match value {
        ValueRef::Null => typed(0, &[]),
        ValueRef::Integer(number) => typed(1, &number.to_be_bytes()),
        ValueRef::Real(number) => typed(2, &number.to_bits().to_be_bytes()),
        ValueRef::Text(text) => typed(3, text),
        ValueRef::Blob(bytes) => typed(4, bytes),
    }
}

/// The digest of an owner's rows as they are now, and its name where the area keeps names.
pub(super) fn leaf(db: &Connection, area: &Area, owner: i64) -> Result<(Leaf, Option<Name>), CaseError> {
    let sql = format!(
        "SELECT * FROM {} WHERE {} AND {} ORDER BY {}",
        area.table,
        area.owner.rows(owner),
        area.sealed,
        area.order
    );
    let mut select = db.prepare_cached(&sql)?;
    let columns = select.column_count();
    let key = |prefix: i64| (prefix as u16).to_be_bytes();
    let mut found = match area.owner {
        Owner::Column(_) => select.query(params![owner])?,
        Owner::Prefix(_) if owner == LAST_PREFIX => select.query(params![key(owner)])?,
        Owner::Prefix(_) => select.query(params![key(owner), key(owner + 1)])?,
        Owner::Table => select.query(params![])?,
    };
    let (mut rows, mut name) = (RowDigest::default(), None);
    while let Some(row) = found.next()? {
        rows.add(area, row, columns)?;
        name = name_of(area, row)?;
    }
    Ok((rows.end(), name))
}

/// Site and id of an ad.
pub(super) type Name = (String, String);

/// Ads are kept by name beside their digests: who is missing could not be told otherwise. Images tell their own names
/// by whatever shows them.
pub(super) fn name_of(area: &Area, row: &Row<'_>) -> Result<Option<Name>, CaseError> {
    Ok(match area.table {
        "record" => Some((row.get("site")?, row.get("ad_id")?)),
        _ => None,
    })
}
