//! The numbers by which people speak of networks, kept over all runs.
//!
//! The trap: a number goes with its network to another name, so a row is replaced by its number and never deleted.

use super::codec::exactly;
use crate::corpus::ShortId;
use crate::error::CaseError;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// All numbers by the networks that have them.
pub(in crate::case) fn load(db: &Connection) -> Result<BTreeMap<ShortId, u32>, CaseError> {
    let mut select = db.prepare("SELECT network, number FROM network_number")?;
    let mut rows = select.query([])?;
    let mut numbers = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let network = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let number: i64 = row.get(1)?;
        let number = u32::try_from(number).map_err(|_| CaseError::Damaged(format!("network {number}")))?;
        numbers.insert(exactly(network, "the id of a network")?, number);
    }
    Ok(numbers)
}

/// Keeps the numbers of a run; a network that took over a number takes the place of the one that had it.
pub(super) fn keep(db: &Connection, networks: &[(ShortId, u32)]) -> Result<(), CaseError> {
    let known = load(db)?;
    // Not `REPLACE`, which takes rows away behind the triggers that note what changed.
    let mut delete = db.prepare("DELETE FROM network_number WHERE number = ?1 OR network = ?2")?;
    let mut insert = db.prepare("INSERT INTO network_number (network, number) VALUES (?1, ?2)")?;
    for (network, number) in networks.iter().filter(|(network, number)| known.get(network) != Some(number)) {
        delete.execute(params![number, network])?;
        insert.execute(params![network, number])?;
    }
    Ok(())
}

/// Gives the network of a number another name.
pub(super) fn rename(db: &Connection, number: u32, network: &[u8]) -> Result<(), CaseError> {
    db.execute("UPDATE network_number SET network = ?2 WHERE number = ?1", params![number, network])?;
    Ok(())
}
