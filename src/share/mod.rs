//! Handing findings to somebody else: how much of them, marked for whom and what for, and on record.
//!
//! A profile decides what leaves; every file says recipient, purpose and how it may be handled; the audit chain of the
//! case gets its entry before the file gets its name, so that nothing is out that is not on record. `receive` is the way
//! in, for what a partner handed over. The trap: profiles are lists of what is let through. They build a new snapshot from
//! nothing, so a field that is added to an ad one day stays inside until somebody decides otherwise.

mod bank;
mod encrypt;
mod format;
mod make;
mod marks;
mod package;
mod profile;
mod receive;
mod resolve;
mod target;
#[cfg(feature = "encrypt")]
mod vault;

pub use bank::{BankFormat, BankOrder, disclose_bank};
pub use encrypt::Passphrase;
pub use format::Format;
pub use profile::Profile;
pub use receive::{Received, receive};
pub use resolve::{Resolved, resolve};
pub use target::Target;
#[cfg(feature = "encrypt")]
pub use vault::{lock_case, unlock_case};

use crate::case::Case;
use crate::corpus::Snapshot;
use crate::error::{Error, Result};
use crate::link::Findings;
use crate::output::{ResultFile, spreadsheet_name};
use marks::Marks;
use serde_json::json;

/// What is wanted, by whom and why.
#[derive(Debug)]
pub struct Order {
    /// Which file.
    pub format: Format,
    /// How much of it.
    pub profile: Profile,
    /// Who gets it.
    pub recipient: String,
    /// What for.
    pub purpose: String,
    /// CSV in the form that spreadsheets do not change; in a package, beside the raw files.
    pub spreadsheet: bool,
    /// Encrypts the file, in the format of `age`.
    pub passphrase: Option<Passphrase>,
}

/// Writes one file for somebody else, and the entry `export` in the audit chain. The case must be open for writing;
/// `findings` must belong to `snapshot`. Unless encrypted, the same order gives the same bytes.
///
/// Memory: the file, and for a package all of its files one after the other.
///
/// # Errors
/// [`Error::Parameter`] when the profile has no such format, or recipient or purpose are empty.
pub fn disclose(
    case: &mut Case,
    snapshot: &Snapshot,
    findings: &Findings,
    order: &Order,
    target: Target<'_>,
) -> Result<ResultFile> {
    if !order.profile.allows(order.format) {
        let names: Vec<&str> =
            Format::all().filter(|format| order.profile.allows(*format)).map(Format::name).collect();
        return Err(Error::Parameter {
            name: "--format",
            value: order.format.name().into(),
            expected: format!("with profile {}: {}", order.profile.name(), names.join(", ")),
        });
    }
    if order.spreadsheet
        && order.format.file().is_some_and(|file| spreadsheet_name(file.file_name()).is_none())
    {
        return Err(Error::Parameter {
            name: "--spreadsheet",
            value: order.format.name().into(),
            expected: "a CSV format, or package".into(),
        });
    }
    let marks = Marks::new(order, &snapshot.header)?;
    let (snapshot, findings) =
        order.profile.apply(snapshot, findings, &case.keyed()?.of_recipient(&order.recipient));
    let mut bytes = make::bytes(order, &snapshot, &findings, &marks)?;
    if let Some(passphrase) = &order.passphrase {
        bytes = encrypt::seal(&bytes, passphrase, &target.path())?;
    }
    let note = |file: &ResultFile| {
        let detail = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "format": order.format.name(),
            "profile": order.profile.name(),
            "recipient": order.recipient,
            "purpose": order.purpose,
            "spreadsheet": order.spreadsheet,
            "encrypted": order.passphrase.is_some(),
            "file": file.name,
            "sha256": file.sha256,
            "bytes": file.bytes,
        });
        case.note("export", &detail)
    };
    target.write(&bytes, note)
}
