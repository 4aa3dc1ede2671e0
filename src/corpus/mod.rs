//! A corpus as plain data: what was seen where, what reviewers said, what pixel checks showed. No database in here.
//!
//! Linking, search and every output read this; the case fills it. The trap: rows are places in one snapshot and mean
//! nothing outside it.

mod bank;
mod bank_entry;
mod bank_list;
mod contacts;
mod decision_form;
mod decision_json;
mod header;
#[cfg(feature = "case")]
mod names;
mod network_note;
mod originals;
mod phones;
mod pixel_check;
mod reported;
mod rows;
mod snapshot;
mod standing;

pub use bank::{
    Bank, BankChange, BankId, BankKind, BankVersion, EntryCounts, ListOrigin, NewBank, is_bank_name,
};
pub use bank_entry::{BankEntry, DisableUntil, EntryChange, EntryHash, EntryId, MAX_NOTE, NewEntry};
#[cfg(feature = "case")]
pub(crate) use bank_entry::{check_labels, check_note};
pub use bank_list::{ListDiff, ListEnd, ListItem, NewList};
pub(crate) use contacts::{addresses, handle};
#[cfg(feature = "serve")]
pub(crate) use decision_form::reviewer_name;
#[cfg(feature = "case")]
pub(crate) use decision_form::{TIME, checked, checked_with_time, cleaned, refused};
pub use decision_json::{BadDecision, decision_from_line, decision_line, read_decisions};
#[cfg(feature = "case")]
pub(crate) use decision_json::{subject_from, subject_text};
pub use header::Header;
#[cfg(feature = "case")]
pub(crate) use names::{readable, readable_bytes};
#[cfg(feature = "case")]
pub(crate) use network_note::checked_note;
pub use network_note::{NetworkNote, NoteKind};
pub use originals::Originals;
pub use phones::{PhoneBook, PhoneKey};
pub use pixel_check::PixelCheck;
pub use reported::{NetworkNumbers, Reported, ShortId, short_id};
pub use rows::{
    AdRow, CommunityRow, GroupRow, HashClassRow, ImageRow, LinkRow, PartRow, PhotoRow, Row, Rows,
};
pub use snapshot::{SeenIn, Snapshot, StoredFeatures};
pub use standing::{Standing, standing};
