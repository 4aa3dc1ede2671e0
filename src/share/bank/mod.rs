//! A bank for somebody else: as a table, as lines of JSON, as columns, or as a hash set of Project VIC.
//!
//! `rows` writes CSV and JSON Lines, `columns` Parquet, `media` VICS. Every entry, or the file as a whole, says whom
//! it is for and what for, and the audit chain knows of it before the file has its name. The trap: a list is as
//! sensitive as the photos on it, since whoever has it can test any picture against it; and what others said of an
//! entry is theirs, so it leaves with the profile `full` alone.

mod columns;
mod media;
mod rows;

use super::marks::Marks;
use super::profile::Profile;
use super::target::Target;
use crate::case::Case;
use crate::corpus::{Bank, BankEntry, NewEntry};
use crate::error::{Error, Result};
use crate::output::ResultFile;
use serde_json::json;
use std::cell::RefCell;
use std::io::{self, Write};

/// A form of list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BankFormat {
    /// A row an entry.
    Csv,
    /// An object an entry.
    Jsonl,
    /// Parquet.
    Parquet,
    /// A hash set of VICS 2.0: entries that have an MD5.
    Vics,
}

impl BankFormat {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Jsonl, Self::Parquet, Self::Vics];

    /// Name in flags.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Vics => "vics",
        }
    }

    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// What is wanted, by whom and why.
#[derive(Debug)]
pub struct BankOrder {
    /// In which form.
    pub format: BankFormat,
    /// `HashOnly`: hashes, digests, and the ids by which the list speaks of them; `Full`: what is said of them, too.
    pub profile: Profile,
    /// Who gets it.
    pub recipient: String,
    /// What for.
    pub purpose: String,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankExport {
    /// The file.
    pub file: ResultFile,
    /// Entries in it.
    pub written: u64,
    /// Entries that this form has no place for.
    pub left_out: u64,
}

/// Writes a bank for somebody else, and the entry `bank-export` in the audit chain. The case must be open for writing.
/// Memory: that of one entry; Parquet, and what goes to a stream, is held whole.
///
/// # Errors
/// [`Error::Parameter`] when there is no such bank, for the profile `shared`, which has no hashes, and when recipient
/// or purpose are empty.
pub fn disclose_bank(
    case: &mut Case,
    bank: &str,
    order: &BankOrder,
    target: Target<'_>,
) -> Result<BankExport> {
    let BankOrder { format, profile, recipient, purpose } = order;
    let refused = |name, value: &str, expected: &str| {
        Err(Error::Parameter { name, value: value.into(), expected: expected.into() })
    };
    if *profile == Profile::Shared {
        return refused("--profile", profile.name(), "hash-only or full: a list without hashes is none");
    }
    let Some(bank) = case.bank(bank)? else {
        return refused("bank", bank, "a bank of the case: see `adlink bank list`");
    };
    let mut header = case.header()?;
    if !bank.facts.handling.is_empty() {
        header.handling = bank.facts.handling.clone();
    }
    let marks = Marks::of(profile.name(), recipient, purpose, &header)?;
    // Read while the file is written, written to when it is on record: never both.
    let case = RefCell::new(case);
    let (mut counts, mut broken) = (ListCounts::default(), None);
    let content = |out: &mut dyn Write| {
        let case = case.borrow();
        let list = OutgoingList { case: &case, bank: &bank, profile: *profile, marks: &marks };
        match list.write(*format, out) {
            Ok(counted) => counts = counted,
            Err(WriteFault::Write(error)) => return Err(error),
            Err(WriteFault::Read(error)) => {
                broken = Some(error);
                return Err(io::Error::other("the case could not be read"));
            }
        }
        Ok(())
    };
    let note = |file: &ResultFile| {
        let detail = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "bank": bank.name(),
            "bank_version": bank.version,
            "format": format.name(),
            "profile": profile.name(),
            "recipient": recipient,
            "purpose": purpose,
            "file": file.name,
            "sha256": file.sha256,
            "bytes": file.bytes,
        });
        case.borrow_mut().note("bank-export", &detail)
    };
    match target.write_with(content, note) {
        Ok(file) => Ok(BankExport { file, written: counts.written, left_out: counts.left_out }),
        Err(error) => Err(broken.unwrap_or(error)),
    }
}

/// How many entries went out, and how many found no place.
#[derive(Default)]
struct ListCounts {
    written: u64,
    left_out: u64,
}

/// A bank on its way out.
struct OutgoingList<'l> {
    case: &'l Case,
    bank: &'l Bank,
    profile: Profile,
    marks: &'l Marks,
}

/// Which side failed.
enum WriteFault {
    Read(Error),
    Write(io::Error),
}

impl From<io::Error> for WriteFault {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Writes entries in one form.
trait EntryWriter {
    /// False when the form has no place for it.
    fn entry(&mut self, entry: &BankEntry) -> io::Result<bool>;

    fn finish(self: Box<Self>) -> io::Result<()>;
}

impl OutgoingList<'_> {
    fn write(&self, format: BankFormat, out: &mut dyn Write) -> Result<ListCounts, WriteFault> {
        match format {
            BankFormat::Csv => self.entries(Box::new(rows::CsvEntries::new(out, self.marks)?)),
            BankFormat::Jsonl => self.entries(Box::new(rows::JsonEntries::new(out, self.marks))),
            BankFormat::Vics => self.entries(Box::new(media::Media::new(out, self.marks)?)),
            BankFormat::Parquet => {
                let bytes = columns::ColumnBytes::default();
                let counts =
                    self.entries(Box::new(columns::ParquetEntries::new(bytes.clone(), self.marks)?))?;
                bytes.copy_to(out)?;
                Ok(counts)
            }
        }
    }

    fn entries(&self, mut writer: Box<dyn EntryWriter + '_>) -> Result<ListCounts, WriteFault> {
        let (mut counts, mut failed) = (ListCounts::default(), None);
        let give = |entry: BankEntry| {
            match writer.entry(&self.allowed(entry)) {
                Ok(true) => counts.written += 1,
                Ok(false) => counts.left_out += 1,
                Err(error) => {
                    failed = Some(error);
                    return Err(Error::Interrupted);
                }
            }
            Ok(())
        };
        let read = self.case.each_entry(self.bank, give);
        if let Some(error) = failed {
            return Err(WriteFault::Write(error));
        }
        read.map_err(WriteFault::Read)?;
        writer.finish()?;
        Ok(counts)
    }

    /// What the profile lets through: built from nothing, so what is added to an entry one day stays inside.
    fn allowed(&self, entry: BankEntry) -> BankEntry {
        if self.profile == Profile::Full {
            return entry;
        }
        let NewEntry { pdq, quality, md5, sha1, sha256, outside_id, disable_until, .. } = entry.content;
        let content =
            NewEntry { pdq, quality, md5, sha1, sha256, outside_id, disable_until, ..NewEntry::default() };
        BankEntry { content, ..entry }
    }
}
