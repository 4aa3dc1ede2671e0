//! `adlink bank set` and `remove`: what is said of a bank or an entry, and taking one out.

use super::list::{entry_json, now};
use super::{BankFacts, NamedBank};
use crate::cli::terminal::{self, Talk};
use crate::cli::{Common, Exit, case_for_writing};
use adlink::Error;
use adlink::corpus::{BankChange, DisableUntil, EntryChange, EntryId};
use clap::Args;

/// Say something else of a bank, or of one entry
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink bank set KNOWN --ratio 0 --case banks.adlink          off; 1 is on
  adlink bank set KNOWN --rename KNOWN_2025 --expires 2027-01-31 --case banks.adlink
  adlink bank set KNOWN --entry 17 --until 0 --note 'a stock photo' --case banks.adlink")]
pub(super) struct BankSetArgs {
    #[command(flatten)]
    bank: NamedBank,
    /// Another name
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    #[command(flatten)]
    facts: BankFacts,
    /// Share of look-ups that it answers: 0 is off, 1 is on
    #[arg(long, value_name = "RATIO")]
    ratio: Option<f64>,
    /// The entry that is meant, and not the bank
    #[arg(long, value_name = "ID", conflicts_with_all = ["rename", "kind", "source", "handling", "expires", "ratio"])]
    entry: Option<u64>,
    /// Until when the entry is off: 0 for good, 1 not at all, else Unix seconds
    #[arg(long, value_name = "TIME", requires = "entry")]
    until: Option<i64>,
    /// What is noted of the entry, at most 255 characters
    #[arg(long, value_name = "TEXT", requires = "entry")]
    note: Option<String>,
    /// Labels of the entry, in place of those it has
    #[arg(long, value_name = "LABEL", requires = "entry")]
    label: Option<Vec<String>>,
}

/// Remove a bank with its entries, or one entry
#[derive(Args)]
pub(super) struct BankRemoveArgs {
    #[command(flatten)]
    bank: NamedBank,
    /// Only this entry
    #[arg(long, value_name = "ID")]
    entry: Option<u64>,
}

pub(super) fn set(args: &BankSetArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let mut case = case_for_writing(&args.bank.case, common)?;
    if let Some(id) = args.entry {
        let change = EntryChange {
            disable_until: args.until.map(DisableUntil),
            note: args.note.clone(),
            labels: args.label.clone(),
        };
        if change == EntryChange::default() {
            let expected = "what is to be said of it, such as --until 0".into();
            return Err(Error::Parameter { name: "bank set --entry", value: id.to_string(), expected });
        }
        let Some(entry) = case.change_entry(&args.bank.name, EntryId(id), &change)? else {
            return Err(no_entry(&args.bank.name, id));
        };
        if common.json {
            terminal::data(&format!("{:#}\n", entry_json(&entry, now())))?;
        }
        talk.say(&format!("entry {id} of {} changed", args.bank.name));
        return Ok(Exit::Done);
    }
    let change = BankChange { name: args.rename.clone(), ratio: args.ratio, ..args.facts.change() };
    if change == BankChange::default() {
        let expected = "what is to be said of it, such as --ratio 0".into();
        return Err(Error::Parameter { name: "bank set", value: args.bank.name.clone(), expected });
    }
    let bank = case.change_bank(&args.bank.name, &change)?;
    talk.say(&format!("{} version {}", bank.name(), bank.version));
    Ok(Exit::Done)
}

pub(super) fn remove(args: &BankRemoveArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let mut case = case_for_writing(&args.bank.case, common)?;
    match args.entry {
        Some(id) if case.remove_entry(&args.bank.name, EntryId(id))? => {
            talk.say(&format!("entry {id} of {} removed", args.bank.name));
        }
        Some(id) => return Err(no_entry(&args.bank.name, id)),
        None => {
            super::list::named(&case, &args.bank.name)?;
            case.remove_bank(&args.bank.name)?;
            talk.say(&format!(
                "{} removed; `adlink bank history {}` still tells of it",
                args.bank.name, args.bank.name
            ));
        }
    }
    Ok(Exit::Done)
}

fn no_entry(bank: &str, id: u64) -> Error {
    Error::Parameter { name: "entry", value: id.to_string(), expected: format!("an entry of bank {bank}") }
}
