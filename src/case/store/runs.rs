//! Runs: what was linked and reported, and when, so that a later run can say what is new.
//!
//! A run's parameters and digests stand in its audit entry (`link-run`). What it reported is kept as ids only, each
//! with the first and the last run that reported it, so a run that finds what the one before found adds nothing
//! but its audit entry, and what any earlier run reported can still be told exactly. The trap: runs are numbered by
//! their audit entries, not by time; a run with other parameters is a run like any other.

use super::codec::exactly;
use super::open::Case;
use super::{keyed, network_numbers, photo_groups};
use crate::case::audit;
use crate::corpus::{NetworkNumbers, Reported, ShortId, short_id};
use crate::error::{CaseError, Error, Result};
use crate::record::AdKey;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Action of a run in the audit chain.
const ACTION: &str = "link-run";

impl Case {
    /// Notes a run with what it reported and returns its number, from 1. `detail` goes into the audit chain.
    ///
    /// A case that is open for reading is opened for writing for that moment.
    ///
    /// # Errors
    /// [`CaseError::Busy`] while another process writes.
    pub fn record_run(&self, reported: &Reported, detail: Map<String, Value>) -> Result<u64> {
        if self.lock.is_none() {
            let writable = Self { by: self.by.clone(), ..Self::open(&self.path)? };
            return writable.record_run(reported, detail);
        }
        self.in_case(|db| {
            let whole = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            let number = count(&whole)? + 1;
            keep(&whole, number, reported)?;
            photo_groups::keep(&whole, &reported.photos)?;
            network_numbers::keep(&whole, &reported.networks)?;
            let mut entry = Map::from_iter([("run".to_string(), number.into())]);
            entry.extend(detail);
            audit::append(&whole, ACTION, &self.signed(&Value::Object(entry)))?;
            whole.commit()?;
            Ok(number)
        })
    }

    /// How many runs there were; the last one has this number.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`].
    pub fn runs(&self) -> Result<u64> {
        self.in_case(count)
    }

    /// By what numbers the networks of earlier runs are known.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] for a number or an id that is none.
    pub fn network_numbers(&self) -> Result<NetworkNumbers> {
        self.in_case(|db| Ok(NetworkNumbers { numbers: network_numbers::load(db)?, members: members(db)? }))
    }

    /// What a run reported but its photo groups, see [`Case::photo_group`]. Run 0 is the time before the first: nothing.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a run that has not been.
    pub fn reported(&self, run: u64) -> Result<Reported> {
        let runs = self.runs()?;
        if run > runs {
            let expected =
                if runs == 0 { "`last`: there was no run yet".into() } else { format!("at most {runs}") };
            return Err(Error::Parameter { name: "run", value: run.to_string(), expected });
        }
        self.in_case(|db| {
            let mut reported = Reported::default();
            for (id, tie) in rows(db, &format!("first <= {run} AND last >= {run}"))? {
                match tie.len() {
                    MEMBER if tie != OLD_LINK => reported.members.push((id, short(&tie)?)),
                    MEMBER => reported.links.push((id, [[0; 8]; 2])),
                    _ => reported.links.push((id, [short(&tie[..MEMBER])?, short(&tie[MEMBER..])?])),
                }
            }
            Ok(reported)
        })
    }
}

/// Bytes of the column `network` for an ad in a network: the network's id. A link has the ids of its two ads there.
const MEMBER: usize = 8;

/// Stood there for a link in older runs: no network has this id but by a chance of one in 2^64.
const OLD_LINK: [u8; MEMBER] = [0; MEMBER];

/// Forgets what was reported about ads that are gone: their links, where they were, and networks named after them,
/// which get another name. Links of older runs do not tell their ads, and go.
pub(in crate::case) fn forget(db: &Connection, ads: &BTreeSet<AdKey>) -> Result<(), CaseError> {
    if ads.is_empty() {
        return Ok(());
    }
    let ads: BTreeSet<ShortId> = ads.iter().map(|key| short_id(&[key])).collect();
    let keyed = keyed::keyed(db)?;
    let mut delete = db.prepare("DELETE FROM reported WHERE id = ?1 AND network = ?2")?;
    let mut rename = db.prepare("UPDATE reported SET network = ?3 WHERE id = ?1 AND network = ?2")?;
    for (id, tie) in rows(db, "true")? {
        let gone = |part: &[u8]| short(part).is_ok_and(|part| ads.contains(&part));
        let ad_or_link_gone = match tie.len() {
            MEMBER => tie == OLD_LINK || ads.contains(&id),
            _ => tie.chunks(MEMBER).any(gone),
        };
        if ad_or_link_gone {
            delete.execute(params![id, tie])?;
        } else if gone(&tie) {
            let other = keyed.digest("reported network", &[&tie]);
            rename.execute(params![id, tie, &other[..MEMBER]])?;
        }
    }
    for (network, number) in network_numbers::load(db)? {
        if ads.contains(&network) {
            let other = keyed.digest("reported network", &[&network]);
            network_numbers::rename(db, number, &other[..MEMBER])?;
        }
    }
    Ok(())
}

/// `last` of what the latest run still reported.
const OPEN: i64 = i64::MAX;

fn count(db: &Connection) -> Result<u64, CaseError> {
    let runs: i64 =
        db.query_row("SELECT count(*) FROM audit WHERE action = ?1", params![ACTION], |row| row.get(0))?;
    Ok(runs.unsigned_abs())
}

/// Of every ad in a network of the latest run, that network. Reads no links, of which there are far more.
fn members(db: &Connection) -> Result<BTreeMap<ShortId, ShortId>, CaseError> {
    let members = rows(db, &format!("last = {OPEN} AND length(network) = {MEMBER}"))?;
    members.into_iter().filter(|(_, tie)| *tie != OLD_LINK).map(|(id, tie)| Ok((id, short(&tie)?))).collect()
}

/// Whether every row can be read.
pub(in crate::case) fn readable(db: &Connection) -> Result<(), CaseError> {
    rows(db, "true").map(drop)
}

/// Ends what this run no longer reports, and begins what it newly reports.
fn keep(db: &Connection, number: u64, reported: &Reported) -> Result<(), CaseError> {
    let links = reported.links.iter().map(|(id, ads)| (*id, ads.concat()));
    let members = reported.members.iter().map(|(id, network)| (*id, network.to_vec()));
    let mut now: Vec<(ShortId, Vec<u8>)> = links.chain(members).collect();
    now.sort_unstable();
    let before = rows(db, &format!("last = {OPEN}"))?;
    let gone = before.iter().filter(|row| now.binary_search(row).is_err());
    let new = now.iter().filter(|row| before.binary_search(row).is_err());
    let (first, last) = (number.cast_signed(), number.cast_signed() - 1);
    let mut end = db.prepare("UPDATE reported SET last = ?3 WHERE id = ?1 AND network = ?2 AND last = ?4")?;
    for (id, network) in gone {
        end.execute(params![id, network, last, OPEN])?;
    }
    let mut begin = db.prepare("INSERT INTO reported (id, network, first, last) VALUES (?1, ?2, ?3, ?4)")?;
    for (id, network) in new {
        begin.execute(params![id, network, first, OPEN])?;
    }
    Ok(())
}

/// Rows that hold `when`, sorted.
fn rows(db: &Connection, when: &str) -> Result<Vec<(ShortId, Vec<u8>)>, CaseError> {
    let mut select =
        db.prepare(&format!("SELECT DISTINCT id, network FROM reported WHERE {when} ORDER BY id, network"))?;
    let mut found = select.query([])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let bytes = |column| -> Result<&[u8], CaseError> {
            Ok(row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?)
        };
        rows.push((short(bytes(0)?)?, bytes(1)?.to_vec()));
    }
    Ok(rows)
}

fn short(bytes: &[u8]) -> Result<ShortId, CaseError> {
    exactly(bytes, "a reported id")
}
