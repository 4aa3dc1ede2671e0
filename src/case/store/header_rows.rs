//! How the header of a case is kept: as some of the facts about the file.

use crate::corpus::Header;
use crate::error::CaseError;
use rusqlite::{Connection, OptionalExtension};

pub(super) fn load(db: &Connection) -> Result<Header, CaseError> {
    let mut select = db.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    let mut fact = |name: &str| -> Result<String, CaseError> {
        Ok(select.query_row([format!("case.{name}")], |row| row.get(0)).optional()?.unwrap_or_default())
    };
    Ok(Header {
        purpose: fact("purpose")?,
        legal_basis: fact("legal_basis")?,
        retain_until: fact("retain_until")?,
        handling: fact("handling")?,
        country: fact("country")?,
    })
}
