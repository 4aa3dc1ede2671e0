//! The whole tree computed again from the rows, held against the stored one, and every difference named.
//!
//! Reads each table once, in the order of its owners, and keeps one node at a time. The trap: a difference says that the
//! rows or their seal were changed; which of the two, the node above tells, whose digest only one of them fits.

use super::areas::{AREAS, Area, Owner};
use super::leaf::{Leaf, NONE, RowDigest, name_of};
use super::naming::about;
use super::tree::{CAPACITY, FANOUT, LEVELS, TreeNode, fold, key};
use crate::error::CaseError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Faults that are listed; the rest is counted.
const LISTED: usize = 1000;

/// What was done to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Altered {
    /// They say something else.
    Changed,
    /// They are new.
    Added,
    /// They are gone.
    Removed,
}

/// One thing that is not as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataFault {
    /// Rows of one ad, image, file or decision.
    Row {
        /// The table.
        table: &'static str,
        /// What was done to them.
        altered: Altered,
        /// What they are about.
        of: String,
    },
    /// The digests kept of a table, not the table.
    Seal(&'static str),
    /// A table or a row of it that cannot be read.
    Unreadable {
        /// The table.
        table: &'static str,
        /// Why.
        why: String,
    },
    /// Rows and digests agree, but with something else than this entry of the audit chain sealed.
    NotAsSealed(u64),
}

impl fmt::Display for DataFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row { table, altered, of } => {
                let what = match altered {
                    Altered::Changed => "changed",
                    Altered::Added => "added",
                    Altered::Removed => "removed",
                };
                write!(f, "table `{table}`, {of}: {what} since it was sealed")
            }
            Self::Seal(table) => write!(f, "the digests kept of table `{table}` were changed"),
            Self::Unreadable { table, why } => write!(f, "table `{table}` cannot be read: {why}"),
            Self::NotAsSealed(entry) => {
                write!(
                    f,
                    "the case does not hold what audit entry {entry} sealed: it was changed together with its digests"
                )
            }
        }
    }
}

/// What comparing a case with its seal found.
#[derive(Debug, Clone, Default)]
pub struct DataCheck {
    /// What differs, by table.
    pub faults: Vec<DataFault>,
    /// How many more differ.
    pub more: u64,
    /// Rows read.
    pub rows: u64,
    /// True when a run was cut short, or goes on: what it added is digested but not in the audit chain yet.
    pub open: bool,
    /// Of what the case holds now.
    pub digest: [u8; 32],
}

impl DataCheck {
    pub(in crate::case) fn fault(&mut self, fault: DataFault) {
        if self.faults.len() < LISTED {
            self.faults.push(fault);
        } else {
            self.more += 1;
        }
    }
}

/// Compares all tables with their seal.
pub(in crate::case::audit) fn recheck(db: &Connection) -> DataCheck {
    let mut check = DataCheck::default();
    let mut tops = Vec::new();
    for area in AREAS {
        let top = TableRecheck::new(db, area, &mut check).and_then(TableRecheck::rows);
        tops.push(top.unwrap_or_else(|error| {
            check.fault(DataFault::Unreadable { table: area.table, why: error.to_string() });
            NONE
        }));
    }
    if strangers(db).unwrap_or(true) {
        check.fault(DataFault::Seal("seal"));
    }
    check.digest = fold(&tops);
    check
}

/// Whether there are nodes of no area.
fn strangers(db: &Connection) -> Result<bool, CaseError> {
    let (Some(first), Some(last)) = (AREAS.first(), AREAS.last()) else { return Ok(false) };
    Ok(db
        .prepare("SELECT 1 FROM seal WHERE id < ?1 OR id >= ?2")?
        .exists([key(first, 0, 0), key(last, LEVELS, 0)])?)
}

/// One table on its way from rows to its top node.
struct TableRecheck<'w> {
    db: &'w Connection,
    area: &'static Area,
    check: &'w mut DataCheck,
    /// Places of stored nodes of level 0 that no row was met of yet.
    unmet: BTreeSet<i64>,
    /// The node that rows are being read of.
    place: i64,
    node: TreeNode,
    /// Places and digests of the nodes behind.
    done: Vec<(i64, Leaf)>,
    differs: bool,
}

impl<'w> TableRecheck<'w> {
    fn new(db: &'w Connection, area: &'static Area, check: &'w mut DataCheck) -> Result<Self, CaseError> {
        let unmet = places(db, area, 0)?;
        Ok(Self {
            db,
            area,
            check,
            unmet,
            place: -1,
            node: TreeNode::default(),
            done: Vec::new(),
            differs: false,
        })
    }

    /// Reads the table; the digest of its top node.
    fn rows(mut self) -> Result<Leaf, CaseError> {
        let Area { table, sealed, order, .. } = self.area;
        let mut select =
            self.db.prepare(&format!("SELECT * FROM {table} WHERE {sealed} ORDER BY {order}"))?;
        let columns = select.column_count();
        let mut found = select.query([])?;
        let (mut owner, mut rows, mut name) = (None, RowDigest::default(), None);
        while let Some(row) = found.next()? {
            let next = owner_of(self.area, row)?;
            if let Some(before) = owner.filter(|before| *before != next) {
                self.owner(before, std::mem::take(&mut rows).end(), name.take())?;
            }
            rows.add(self.area, row, columns)?;
            name = name_of(self.area, row)?;
            owner = Some(next);
            self.check.rows += 1;
        }
        if let Some(last) = owner {
            self.owner(last, rows.end(), name)?;
        }
        self.end_node()?;
        for place in std::mem::take(&mut self.unmet) {
            self.compare(place, &TreeNode::default())?;
        }
        self.levels()
    }

    /// Takes the digest of one owner. Owners come in ascending order.
    fn owner(&mut self, owner: i64, digest: Leaf, name: Option<(String, String)>) -> Result<(), CaseError> {
        if !(0..CAPACITY).contains(&owner) {
            self.differs = true;
            self.row(owner, Altered::Added, name.as_ref());
            return Ok(());
        }
        if owner / FANOUT != self.place {
            self.end_node()?;
            self.place = owner / FANOUT;
        }
        self.node.set((owner % FANOUT) as usize, digest);
        self.node.name((owner % FANOUT) as usize, name);
        Ok(())
    }

    fn end_node(&mut self) -> Result<(), CaseError> {
        let node = std::mem::take(&mut self.node);
        if self.place >= 0 {
            self.unmet.remove(&self.place);
            self.compare(self.place, &node)?;
            self.done.push((self.place, node.digest()));
        }
        Ok(())
    }

    /// Holds a node of level 0 against the stored one.
    fn compare(&mut self, place: i64, node: &TreeNode) -> Result<(), CaseError> {
        let stored = TreeNode::load(self.db, key(self.area, 0, place))?;
        if stored.as_ref() == Some(node) {
            return Ok(());
        }
        self.differs = true;
        let above = TreeNode::load(self.db, key(self.area, 1, place / FANOUT))?.unwrap_or_default();
        let fits = above.at((place % FANOUT) as usize) == node.digest();
        let Some(stored) = stored.filter(|_| !fits) else {
            self.check.fault(DataFault::Seal(self.area.table));
            return Ok(());
        };
        for slot in 0..FANOUT as usize {
            let (before, now) = (stored.at(slot), node.at(slot));
            let altered = match (before == NONE, now == NONE) {
                _ if before == now => continue,
                (true, _) => Altered::Added,
                (_, true) => Altered::Removed,
                _ => Altered::Changed,
            };
            let name = stored.names.get(&slot).or(node.names.get(&slot));
            self.row(place * FANOUT + slot as i64, altered, name);
        }
        Ok(())
    }

    fn row(&mut self, owner: i64, altered: Altered, name: Option<&(String, String)>) {
        let sealed = match (name, self.area.table) {
            (None, "sighting" | "absent" | "mismatch" | "origin") => self.sealed_name(owner),
            (name, _) => name.cloned(),
        };
        let of = about(self.db, self.area, owner, sealed.as_ref());
        self.check.fault(DataFault::Row { table: self.area.table, altered, of });
    }

    /// The name that the ad of a record was sealed under.
    fn sealed_name(&self, record: i64) -> Option<(String, String)> {
        let records = Area::of("record")?;
        let node = TreeNode::load(self.db, key(records, 0, record / FANOUT)).ok()??;
        node.names.get(&((record % FANOUT) as usize)).cloned()
    }

    /// Folds the nodes of level 0 up to the top, and compares what stands there while no leaf differs.
    fn levels(mut self) -> Result<Leaf, CaseError> {
        let mut below = std::mem::take(&mut self.done);
        for level in 1..LEVELS {
            let mut nodes = BTreeMap::<i64, TreeNode>::new();
            for (place, digest) in below {
                nodes.entry(place / FANOUT).or_default().set((place % FANOUT) as usize, digest);
            }
            self.level(level, &nodes)?;
            below = nodes.into_iter().map(|(place, node)| (place, node.digest())).collect();
        }
        Ok(below.first().map_or(NONE, |(_, digest)| *digest))
    }

    fn level(&mut self, level: i64, nodes: &BTreeMap<i64, TreeNode>) -> Result<(), CaseError> {
        if self.differs {
            return Ok(());
        }
        let mut same = places(self.db, self.area, level)?.iter().eq(nodes.keys());
        for (place, node) in nodes {
            same &= TreeNode::load(self.db, key(self.area, level, *place))?.as_ref() == Some(node);
        }
        if !same {
            self.differs = true;
            self.check.fault(DataFault::Seal(self.area.table));
        }
        Ok(())
    }
}

/// Places of the stored nodes of a level.
fn places(db: &Connection, area: &Area, level: i64) -> Result<BTreeSet<i64>, CaseError> {
    let (from, to) = (key(area, level, 0), key(area, level + 1, 0));
    let mut select = db.prepare("SELECT id - ?1 FROM seal WHERE id >= ?1 AND id < ?2")?;
    Ok(select.query_map([from, to], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

fn owner_of(area: &Area, row: &Row<'_>) -> Result<i64, CaseError> {
    Ok(match area.owner {
        Owner::Column(column) => row.get(column)?,
        Owner::Prefix(column) => match row.get_ref(column)? {
            ValueRef::Blob(bytes) => {
                let byte = |at: usize| bytes.get(at).copied().map_or(0, i64::from);
                byte(0) << 8 | byte(1)
            }
            _ => 0,
        },
        Owner::Table => 0,
    })
}
