//! `adlink resolve`: what a pseudonym in an export stands for.

use super::terminal::{self, printable};
use super::{Common, Exit};
use adlink::case::Case;
use adlink::share::{Resolved, resolve};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Say what a pseudonym of an export stands for
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink resolve ad-3f2a9c0011223344 --case case.adlink
  adlink resolve 77b01e5c --case case.adlink --recipient 'Unit 3'

Only the case that made an export can answer. What it holds no more, it does not know.
Exit codes: 0 found; 1 not found, or failed; 2 wrong usage.")]
pub(super) struct ResolveArgs {
    /// As it stands in the export: site-..., ad-..., place-..., or the digits of an image
    #[arg(value_name = "PSEUDONYM")]
    pseudonym: String,
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Who was given the export [default: all that the audit chain names]
    #[arg(long, value_name = "NAME")]
    recipient: Vec<String>,
}

pub(super) fn run(args: &ResolveArgs, common: &Common) -> adlink::Result<Exit> {
    let found = resolve(&Case::open_read(&args.case)?, &args.pseudonym, &args.recipient)?;
    if common.json {
        let rows = found.iter().map(|Resolved { kind, name, recipient }| {
            json!({ "kind": kind, "name": name, "recipient": recipient })
        });
        terminal::data(&format!("{:#}\n", json!({ "found": rows.collect::<Vec<_>>() })))?;
    } else if found.is_empty() {
        terminal::data("the case has nothing under this pseudonym\n")?;
    } else {
        let words = found.iter().map(|Resolved { kind, name, recipient }| match recipient.as_str() {
            "" => format!("{kind} {name} (in an export of an older adlink)\n"),
            recipient => format!("{kind} {name} (for {recipient})\n"),
        });
        terminal::data(&printable(&words.collect::<String>()))?;
    }
    Ok(if found.is_empty() { Exit::Failed } else { Exit::Done })
}
