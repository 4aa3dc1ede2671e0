//! What a service is told to do and must not forget, kept with the other facts about the file and under the seal.
//!
//! The trap: names of settings share their table with the key of the case and the like, so each stands behind a prefix of
//! its own.

use super::features;
use super::open::Case;
use crate::case::audit;
use crate::error::Result;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde_json::json;

const PREFIX: &str = "service_";

impl Case {
    /// What a setting says; `None` when it was never set.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        let name = format!("{PREFIX}{name}");
        self.in_case(|db| {
            let mut select = db.prepare("SELECT value FROM meta WHERE name = ?1")?;
            Ok(select.query_row([name], |row| row.get(0)).optional()?)
        })
    }

    /// Sets it, with an entry in the audit chain. Durable when this returns.
    ///
    /// # Errors
    /// Those of writing to the case: [`Error::Case`](crate::error::Error::Case).
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let detail = self.signed(&json!({ "name": name, "value": value }));
        self.in_case(|db| {
            let whole = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            whole.execute(
                "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)",
                params![format!("{PREFIX}{name}"), value],
            )?;
            audit::append(&whole, "set", &detail)?;
            Ok(whole.commit()?)
        })
    }

    /// Says of a case without images how many keypoints are to be stored of each that comes.
    ///
    /// # Errors
    /// Those of writing to the case: [`Error::Case`](crate::error::Error::Case).
    pub fn begin_features(&mut self, keypoints: u16) -> Result<()> {
        let detail = self.signed(&json!({ "keypoints": keypoints }));
        self.in_case(|db| {
            let whole = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            features::set_limit(&whole, keypoints)?;
            audit::append(&whole, "features", &detail)?;
            Ok(whole.commit()?)
        })
    }
}
