//! `adlink report`: the result folder again, from a case.

use super::inputs::RunInputs;
use super::linking::{Clock, Linking, link_and_write};
use super::output::Talk;
use super::{Common, Exit};
use adlink::case::Case;
use clap::Args;
use std::path::PathBuf;

/// Write the result folder again, from a case
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink report --case case.adlink --out result
  adlink report --case case.adlink --out strict --radius 20 --cross-site-only")]
pub(super) struct ReportArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Result folder, created when it is not there
    #[arg(short, long, value_name = "DIR", default_value = "adlink-out")]
    out: PathBuf,
    #[command(flatten)]
    linking: Linking,
}

pub(super) fn run(args: &ReportArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let case = Case::open_read(&args.case)?;
    let (exit, note) =
        link_and_write(&case, &args.out, &args.linking, RunInputs::default(), Clock::start(), common, talk)?;
    drop(case);
    // A report can be made of a case that is being written to, or that lies on read-only media.
    if let Err(error) =
        super::case_for_writing(&args.case, common).and_then(|mut case| case.note("report", &note))
    {
        talk.warn(&format!("this report is not on record in the audit chain: {error}"));
    }
    Ok(exit)
}
