//! What a case is asked about its own chain, and how something is noted in it.

use super::entry::{AuditEntry, AuditHead, append};
use super::rows;
use super::seal::{self, DataCheck, DataFault};
use super::walk::{self, AuditCheck};
use crate::case::Case;
use crate::corpus::cleaned;
use crate::error::Result;
use rusqlite::{Transaction, TransactionBehavior};
use serde_json::Value;

impl Case {
    /// All entries in order.
    ///
    /// # Errors
    /// [`CaseError::Damaged`](crate::error::CaseError::Damaged), naming the entry, when the chain is broken.
    pub fn audit_entries(&self) -> Result<Vec<AuditEntry>> {
        self.in_case(|db| walk::intact(db).map(|check| check.entries))
    }

    /// Up to `most` entries behind one of the chain, in order, as they are stored: the chain is not walked.
    ///
    /// # Errors
    /// [`CaseError::Damaged`](crate::error::CaseError::Damaged) for an entry that cannot be read.
    pub fn audit_after(&self, number: u64, most: usize) -> Result<Vec<AuditEntry>> {
        self.in_case(|db| walk::after(db, number, most))
    }

    /// The number of the last entry as it is noted, 0 for none: the chain is not walked.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn audit_end(&self) -> Result<u64> {
        self.in_case(walk::noted)
    }

    /// Walks the chain and returns its end; fails like [`Case::audit_entries`].
    ///
    /// # Errors
    /// As [`Case::audit_entries`].
    pub fn audit_head(&self) -> Result<AuditHead> {
        self.in_case(|db| walk::intact(db).map(|check| check.head()))
    }

    /// Walks the chain and names every fault instead of failing at the first.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn check_audit(&self) -> Result<AuditCheck> {
        self.in_case(walk::walk)
    }

    /// Computes the digests of all that the case holds again, and names what is not as it was sealed or cannot be read.
    /// Cost: every table is read twice; memory for one node of sixty digests at a time, and for all decisions.
    ///
    /// # Errors
    /// [`CaseError::Damaged`](crate::error::CaseError::Damaged) when the chain itself cannot be read.
    pub fn check_data(&self) -> Result<DataCheck> {
        self.in_case(|db| {
            let moment = db.unchecked_transaction()?;
            let mut check = seal::recheck(&moment);
            let last = walk::walk(&moment)?.entries.pop();
            if check.faults.is_empty() && last.as_ref().and_then(|entry| entry.case) != Some(check.digest) {
                check.open = seal::open_at(&moment)? == Some(check.digest);
                if !check.open {
                    check.fault(DataFault::NotAsSealed(last.map_or(0, |entry| entry.number)));
                }
            }
            rows::check(&moment, &mut check);
            Ok(check)
        })
    }

    /// Who is at work, as they name themselves: stands as `by` in all further entries, as one plain line of at most 200
    /// characters.
    pub fn act_as(&mut self, name: &str) {
        self.by = cleaned(name).chars().take(200).collect();
    }

    /// Notes something that was done with the case. The case must be open for writing. Durable when this returns.
    ///
    /// # Errors
    /// Those of writing to the case: [`Error::Case`](crate::error::Error::Case), also when it was opened for reading.
    pub fn note(&mut self, action: &str, detail: &Value) -> Result<()> {
        let detail = self.signed(detail);
        self.in_case(|db| {
            let whole = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            append(&whole, action, &detail)?;
            Ok(whole.commit()?)
        })
    }

    /// A detail with the name of who is at work.
    pub(in crate::case) fn signed(&self, detail: &Value) -> Value {
        let mut detail = detail.clone();
        if let (Value::Object(fields), false) = (&mut detail, self.by.is_empty()) {
            fields.insert("by".into(), self.by.clone().into());
        }
        detail
    }
}
