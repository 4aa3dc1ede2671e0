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
    let mut case = Case::open_read(&args.case)?;
    link_and_write(&mut case, &args.out, &args.linking, RunInputs::default(), Clock::start(), common, talk)
}
