//! `adlink bank export`: a bank for somebody else, marked and on record.

use super::NamedBank;
use crate::cli::export::Delivery;
use crate::cli::terminal::{self, Talk, count};
use crate::cli::{Common, Exit, case_for_writing};
use adlink::share::{BankFormat, BankOrder, Profile, disclose_bank};
use clap::Args;
use serde_json::json;

/// Write a bank for somebody else, marked and on record
#[derive(Args)]
#[command(after_long_help = "\
Formats: csv and jsonl (what `bank import` reads), parquet, and vics: a hash set of Project VIC 2.0, Category 0, of the entries \
that have an MD5.

Profiles: hash-only has hashes, quality, digests and the ids by which the list speaks of its entries; full has labels, notes, \
addresses and metadata, too. Every file names recipient and purpose, and the audit chain keeps both with its digest.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some entries have no place in this format.")]
pub(super) struct BankExportArgs {
    #[command(flatten)]
    bank: NamedBank,
    /// Form of the list: csv, jsonl, parquet, vics
    #[arg(long, value_name = "FORMAT", default_value = "csv", value_parser = format)]
    format: BankFormat,
    /// How much leaves: hash-only or full
    #[arg(long, value_name = "PROFILE", default_value = "hash-only", value_parser = profile)]
    profile: Profile,
    #[command(flatten)]
    delivery: Delivery,
}

fn format(name: &str) -> Result<BankFormat, String> {
    BankFormat::from_name(name).ok_or_else(|| "expected csv, jsonl, parquet or vics".into())
}

fn profile(name: &str) -> Result<Profile, String> {
    let profile = Profile::from_name(name).filter(|profile| *profile != Profile::Shared);
    profile.ok_or_else(|| "expected hash-only or full".into())
}

pub(super) fn run(args: &BankExportArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let mut case = case_for_writing(&args.bank.case, common)?;
    args.delivery.guard(&case, common, talk)?;
    let order = BankOrder {
        format: args.format,
        profile: args.profile,
        recipient: args.delivery.recipient.clone(),
        purpose: args.delivery.purpose.clone(),
    };
    let mut stdout = std::io::stdout();
    let done = disclose_bank(&mut case, &args.bank.name, &order, args.delivery.target(&mut stdout))?;
    if common.json && !args.delivery.is_stdout() {
        let summary = json!({
            "file": done.file.name,
            "sha256": done.file.sha256,
            "bytes": done.file.bytes,
            "entries": done.written,
            "left_out": done.left_out,
        });
        terminal::data(&format!("{summary:#}\n"))?;
    }
    talk.say(&format!("{} in {}", count(done.file.bytes, "byte"), done.file.name));
    if done.left_out > 0 {
        talk.warn(&format!("{} of {} have no MD5 and no place in it", done.left_out, args.bank.name));
        return Ok(Exit::Skipped);
    }
    Ok(Exit::Done)
}
