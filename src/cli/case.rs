//! `adlink case`: why a case is held.

use super::terminal::{self, printable};
use super::{Common, Exit};
use adlink::case::Case;
use adlink::corpus::Header;
use clap::Args;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Say, or read, why a case is held: purpose, legal basis, retention, handling
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink case --case case.adlink
  adlink case --case case.adlink --purpose 'investigation 12/24' --legal-basis 'Art. 10 GDPR, s. 98' --retain-until 2027-01-31

What is said stands in run.json, in the report, and in the audit chain; handling and retention in every export, too. \
A field that is not given stays as it is; an empty one is taken back.")]
pub(super) struct CaseArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// What it is held for
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// What allows it
    #[arg(long, value_name = "TEXT")]
    legal_basis: Option<String>,
    /// The day after which it is to go
    #[arg(long, value_name = "DATE")]
    retain_until: Option<String>,
    /// How results are to be handled
    #[arg(long, value_name = "MARK")]
    handling: Option<String>,
    /// Where it is worked on, as two letters (GB, US, ...): report and desk name who takes reports there when a child may
    /// be depicted
    #[arg(long, value_name = "CC")]
    country: Option<String>,
}

pub(super) fn run(args: &CaseArgs, common: &Common) -> adlink::Result<Exit> {
    let given = [&args.purpose, &args.legal_basis, &args.retain_until, &args.handling, &args.country];
    let header = if given.iter().all(|field| field.is_none()) {
        Case::open_read(&args.case)?.header()?
    } else {
        let mut case = super::case_for_writing(&args.case, common)?;
        let before = case.header()?;
        let now = |given: &Option<String>, before: String| given.clone().unwrap_or(before);
        let header = Header {
            purpose: now(&args.purpose, before.purpose),
            legal_basis: now(&args.legal_basis, before.legal_basis),
            retain_until: now(&args.retain_until, before.retain_until),
            handling: now(&args.handling, before.handling),
            country: now(&args.country, before.country).to_uppercase(),
        };
        case.set_header(&header)?;
        header
    };
    if common.json {
        let said: Map<String, Value> =
            header.said().map(|(name, value)| (name.into(), value.into())).collect();
        terminal::data(&format!("{:#}\n", Value::Object(said)))?;
    } else if !common.quiet {
        let lines = header.said().map(|(name, value)| format!("{}: {value}\n", name.replace('_', " ")));
        let text: String = lines.collect();
        terminal::data(&printable(if text.is_empty() {
            "nobody said why this case is held\n"
        } else {
            &text
        }))?;
    }
    Ok(Exit::Done)
}
