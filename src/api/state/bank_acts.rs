//! Changes of banks: in the case first, then in the index, in one turn of the writer.
//!
//! The trap: whatever fails in the case must not reach the index, and whoever asks must be told which of "no such bank",
//! "taken" and "cannot be" it was: clients of HMA tell those apart.

use super::service::Service;
use crate::api::http::access::Caller;
use crate::api::http::answer::Problem;
use crate::bank::{Bank, BankChange, BankEntry, EntryChange, EntryId, NewBank, NewEntry};
use crate::case::Case;
use crate::corpus::is_bank_name;
use crate::error::{Error, Result};
use axum::http::StatusCode;

fn failed(error: Error) -> Problem {
    Problem::of(&error)
}

fn free_name(case: &Case, name: &str) -> Result<(), Problem> {
    if !is_bank_name(name) {
        return Err(Problem::bad("a bank's name is of capitals, digits and `_`, and begins with no digit"));
    }
    match case.bank(name).map_err(failed)? {
        None => Ok(()),
        Some(_) => Err(Problem::new(StatusCode::CONFLICT, "there is a bank of this name already")),
    }
}

impl Service {
    /// Makes a bank. 400 for what cannot be, 409 for a name that is taken.
    pub(crate) async fn create_bank(&self, by: &Caller, new: NewBank) -> Result<Bank, Problem> {
        let banks = self.banks.clone();
        self.writer
            .act(by, move |case| {
                free_name(case, &new.name)?;
                let bank = case.create_bank(&new).map_err(failed)?;
                banks.index.set_bank(&bank);
                banks.touched();
                Ok(bank)
            })
            .await
    }

    /// Changes what is said of a bank. As [`Service::create_bank`], and 404.
    pub(crate) async fn change_bank(
        &self,
        by: &Caller,
        name: &str,
        change: BankChange,
    ) -> Result<Bank, Problem> {
        let (banks, name) = (self.banks.clone(), name.to_string());
        self.writer
            .act(by, move |case| {
                case.bank(&name).map_err(failed)?.ok_or_else(Problem::no_bank)?;
                if let Some(new) = change.name.as_ref().filter(|new| **new != name) {
                    free_name(case, new)?;
                }
                let bank = case.change_bank(&name, &change).map_err(failed)?;
                banks.index.set_bank(&bank);
                banks.touched();
                Ok(bank)
            })
            .await
    }

    /// Removes a bank with its entries; false when there is none.
    pub(crate) async fn remove_bank(&self, by: &Caller, name: &str) -> Result<bool, Problem> {
        let (banks, name) = (self.banks.clone(), name.to_string());
        self.writer
            .act(by, move |case| {
                let Some(bank) = case.bank(&name).map_err(failed)? else { return Ok(false) };
                let removed = case.remove_bank(&name).map_err(failed)?;
                banks.removed_bank(case, bank.id).map_err(failed)?;
                Ok(removed)
            })
            .await
    }

    /// Adds an entry; many that wait for one bank share a transaction.
    pub(crate) async fn add_entry(
        &self,
        by: &Caller,
        bank: &str,
        entry: NewEntry,
    ) -> Result<BankEntry, Problem> {
        entry.check().map_err(failed)?;
        self.writer.entry(by, bank.to_string(), entry).await
    }

    /// Says something else of an entry; `None` when the bank has none such.
    pub(crate) async fn change_entry(
        &self,
        by: &Caller,
        bank: &str,
        id: EntryId,
        change: EntryChange,
    ) -> Result<Option<BankEntry>, Problem> {
        let (banks, bank) = (self.banks.clone(), bank.to_string());
        self.writer
            .act(by, move |case| {
                case.bank(&bank).map_err(failed)?.ok_or_else(Problem::no_bank)?;
                let entry = case.change_entry(&bank, id, &change).map_err(failed)?;
                if let Some(entry) = &entry {
                    banks.index.disable(id, entry.content.disable_until);
                    banks.touched();
                }
                Ok(entry)
            })
            .await
    }

    /// Removes an entry; false when the bank has none such.
    pub(crate) async fn remove_entry(&self, by: &Caller, bank: &str, id: EntryId) -> Result<bool, Problem> {
        let (banks, bank) = (self.banks.clone(), bank.to_string());
        self.writer
            .act(by, move |case| {
                case.bank(&bank).map_err(failed)?.ok_or_else(Problem::no_bank)?;
                let Some(entry) = case.entry(&bank, id).map_err(failed)? else { return Ok(false) };
                let removed = case.remove_entry(&bank, id).map_err(failed)?;
                if removed {
                    banks.removed(&entry);
                }
                Ok(removed)
            })
            .await
    }
}
