//! `adlink bank`: named, versioned lists of hashes, and who is on them.
//!
//! One file a task; what it does belongs in the library. The trap: `match` has exit codes of its own, since a
//! platform asks it a question and a failure must never look like "not listed".

mod change;
mod export;
mod import;
mod list;
mod match_rows;
mod matching;

pub(super) use matching::hash_argument;

use super::terminal::Talk;
use super::{Common, Exit};
use adlink::codes::NamedCode;
use adlink::corpus::{BankChange, BankKind};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Keep named lists of hashes (banks), and find who is on them
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink bank import hashes.csv --name KNOWN_2026 --case banks.adlink --source 'Unit 3' --handling 'law enforcement only'
  adlink bank import photos/ --name OURS --kind ours --case case.adlink
  adlink bank match upload.jpg --case banks.adlink            exit 0: listed, 1: not, 2: could not tell
  adlink bank match --case case.adlink --bank KNOWN_2026      all images of a case against a bank
  adlink bank match --case one.adlink --against two.adlink    what two cases share
  adlink bank export KNOWN_2026 --case banks.adlink --format vics -o set.json --recipient 'Unit 5' --purpose 'case 12/24'

A bank is a name, a kind, a source, how it is to be handled, a last day, and entries: a PDQ hash, digests of files, or both. \
Every change makes a new version, which `history` tells and the audit chain keeps. docs/banks.md says which lists are read.")]
pub(super) struct BankArgs {
    #[command(subcommand)]
    what: BankCommand,
}

#[derive(Subcommand)]
enum BankCommand {
    Import(import::BankImportArgs),
    Export(export::BankExportArgs),
    List(list::BankListArgs),
    Show(list::BankShowArgs),
    History(list::BankHistoryArgs),
    Set(change::BankSetArgs),
    Remove(change::BankRemoveArgs),
    Match(matching::BankMatchArgs),
}

pub(super) fn run(args: &BankArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    match &args.what {
        BankCommand::Import(args) => import::run(args, common, talk),
        BankCommand::Export(args) => export::run(args, common, talk),
        BankCommand::List(args) => list::banks(args, common),
        BankCommand::Show(args) => list::show(args, common),
        BankCommand::History(args) => list::history(args, common),
        BankCommand::Set(args) => change::set(args, common, talk),
        BankCommand::Remove(args) => change::remove(args, common, talk),
        BankCommand::Match(args) => matching::run(args, common, talk),
    }
}

/// A bank of a case.
#[derive(Args)]
struct NamedBank {
    /// Bank
    #[arg(value_name = "NAME")]
    name: String,
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
}

/// What is said of a bank.
#[derive(Args)]
struct BankFacts {
    /// What it is a list of: common, known, ours, theirs [default of a new one: known]
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<BankKind>,
    /// Who gave it
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// How it is to be handled
    #[arg(long, value_name = "MARK")]
    handling: Option<String>,
    /// The last day on which it matches; empty for none
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
}

impl BankFacts {
    fn change(&self) -> BankChange {
        BankChange {
            kind: self.kind,
            source: self.source.clone(),
            handling: self.handling.clone(),
            expires: self.expires.clone(),
            ..BankChange::default()
        }
    }
}

/// A kind of bank by its name.
fn kind(name: &str) -> Result<BankKind, String> {
    let names = || BankKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    BankKind::from_name(name).ok_or_else(|| format!("expected one of {}", names()))
}

/// `1 entry`, `2 entries`.
fn entries(number: u64) -> String {
    if number == 1 { "1 entry".into() } else { format!("{number} entries") }
}
