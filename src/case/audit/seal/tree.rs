//! The tree over the leaves of every table: sixty digests a node, six levels, so that a change costs its path alone.
//!
//! A node of level 0 holds the digests of sixty owners; one of level 1 those of sixty nodes; the digest of the case
//! covers the top node of every table. Zeros at the end of a node are left out and empty nodes are not stored, so equal
//! cases have equal trees whatever their history. The trap: a node's digest covers the names in it, too.

use super::areas::{AREAS, Area};
use super::leaf::{Leaf, NONE, Name, leaf};
use crate::error::CaseError;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Digests of a node: two nodes fill a page of the file.
pub(super) const FANOUT: i64 = 60;
pub(super) const LEVELS: i64 = 6;
/// Owners are below this.
pub(super) const CAPACITY: i64 = FANOUT.pow(LEVELS as u32);

/// A node of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TreeNode {
    digests: Vec<Leaf>,
    /// By place, at level 0 of the table of records.
    pub(super) names: BTreeMap<usize, Name>,
}

impl TreeNode {
    pub(super) fn at(&self, place: usize) -> Leaf {
        self.digests.get(place).copied().unwrap_or(NONE)
    }

    pub(super) fn set(&mut self, place: usize, digest: Leaf) {
        self.digests.resize(self.digests.len().max(place + 1), NONE);
        self.digests[place] = digest;
        let full = self.digests.iter().rposition(|digest| *digest != NONE).map_or(0, |last| last + 1);
        self.digests.truncate(full);
    }

    pub(super) fn name(&mut self, place: usize, name: Option<Name>) {
        match name {
            Some(name) => self.names.insert(place, name),
            None => self.names.remove(&place),
        };
    }

    /// [`NONE`] for an empty node.
    pub(super) fn digest(&self) -> Leaf {
        if self.digests.is_empty() {
            return NONE;
        }
        let mut digest = Sha256::new();
        digest.update((self.digests.len() as u64).to_be_bytes());
        digest.update(self.digests.concat());
        digest.update(self.names_text());
        digest.finalize().into()
    }

    fn names_text(&self) -> String {
        if self.names.is_empty() { String::new() } else { serde_json::json!(self.names).to_string() }
    }

    /// The stored node, empty where there is none; `None` for one that no adlink wrote.
    pub(super) fn load(db: &Connection, key: i64) -> Result<Option<Self>, CaseError> {
        let stored: Option<(Vec<u8>, Vec<u8>)> = db
            .prepare_cached("SELECT digests, CAST(names AS BLOB) FROM seal WHERE id = ?1")?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((digests, names)) = stored else { return Ok(Some(Self::default())) };
        let (digests, []) = digests.as_chunks::<32>() else { return Ok(None) };
        let named = if names.is_empty() { Ok(BTreeMap::new()) } else { serde_json::from_slice(&names) };
        let node = named.map(|names| Self { digests: digests.to_vec(), names });
        Ok(node
            .ok()
            .filter(|node| node.digests.len() <= FANOUT as usize && node.names_text().as_bytes() == names))
    }

    fn store(&self, db: &Connection, key: i64) -> Result<(), CaseError> {
        if self.digests.is_empty() {
            db.prepare_cached("DELETE FROM seal WHERE id = ?1")?.execute([key])?;
        } else {
            db.prepare_cached("INSERT OR REPLACE INTO seal (id, digests, names) VALUES (?1, ?2, ?3)")?
                .execute(params![key, self.digests.concat(), self.names_text()])?;
        }
        Ok(())
    }
}

/// Key of a node: area, level and place in one number, so that the nodes of a level stand one behind the other.
pub(super) const fn key(area: &Area, level: i64, place: i64) -> i64 {
    (area.number * LEVELS + level) << 40 | place
}

/// Brings the tree up to date with what the connection changed; false when that was nothing. The caller commits.
pub(in crate::case) fn flush(db: &Connection) -> Result<bool, CaseError> {
    let mut any = false;
    for area in AREAS {
        let mut select =
            db.prepare_cached("SELECT owner FROM temp.changed WHERE area = ?1 ORDER BY owner")?;
        let owners = select.query_map([area.number], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        if !owners.is_empty() {
            any = true;
            update(db, area, &owners)?;
        }
    }
    if any {
        db.execute("DELETE FROM temp.changed", [])?;
    }
    Ok(any)
}

/// `owners` ascend.
fn update(db: &Connection, area: &Area, owners: &[i64]) -> Result<(), CaseError> {
    let inside = |owner: &i64| (0..CAPACITY).contains(owner);
    if let Some(owner) = owners.iter().find(|owner| !inside(owner)) {
        return Err(CaseError::Damaged(format!("row {owner} of table `{}`", area.table)));
    }
    let mut above = Vec::new();
    for siblings in owners.chunk_by(|a, b| a / FANOUT == b / FANOUT) {
        let place = siblings[0] / FANOUT;
        let mut node = stored(db, area, 0, place)?;
        for &owner in siblings {
            let (digest, name) = leaf(db, area, owner)?;
            node.set((owner % FANOUT) as usize, digest);
            node.name((owner % FANOUT) as usize, name);
        }
        node.store(db, key(area, 0, place))?;
        above.push((place, node.digest()));
    }
    for level in 1..LEVELS {
        above = raise(db, area, level, &above)?;
    }
    Ok(())
}

/// Takes the digests of nodes into the level above, and returns those of its nodes.
fn raise(
    db: &Connection,
    area: &Area,
    level: i64,
    below: &[(i64, Leaf)],
) -> Result<Vec<(i64, Leaf)>, CaseError> {
    let mut above = Vec::new();
    for siblings in below.chunk_by(|a, b| a.0 / FANOUT == b.0 / FANOUT) {
        let place = siblings[0].0 / FANOUT;
        let mut node = stored(db, area, level, place)?;
        for &(below, digest) in siblings {
            node.set((below % FANOUT) as usize, digest);
        }
        node.store(db, key(area, level, place))?;
        above.push((place, node.digest()));
    }
    Ok(above)
}

fn stored(db: &Connection, area: &Area, level: i64, place: i64) -> Result<TreeNode, CaseError> {
    let damaged = || CaseError::Damaged(format!("the seal of table `{}`; run `adlink verify`", area.table));
    TreeNode::load(db, key(area, level, place))?.ok_or_else(damaged)
}

/// The digest of all that the case holds, as the tree has it.
pub(in crate::case) fn root(db: &Connection) -> Result<[u8; 32], CaseError> {
    let top = |area| stored(db, area, LEVELS - 1, 0).map(|node| node.digest());
    let tops = AREAS.iter().map(top).collect::<Result<Vec<_>, _>>()?;
    Ok(fold(&tops))
}

/// The digest over the tops of all areas, in their order.
pub(super) fn fold(tops: &[Leaf]) -> [u8; 32] {
    let mut digest = Sha256::new_with_prefix("adlink case");
    for (area, top) in AREAS.iter().zip(tops) {
        digest.update((area.table.len() as u64).to_be_bytes());
        digest.update(area.table);
        digest.update(top);
    }
    digest.finalize().into()
}
