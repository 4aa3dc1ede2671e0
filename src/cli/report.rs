//! `adlink report`: the result folder again, from a case.

use super::inputs::RunInputs;
use super::linking::{Clock, Linking, ResultArgs, link_and_write};
use super::terminal::Talk;
use super::{Common, Exit};
use adlink::case::Case;
use clap::Args;
use std::path::PathBuf;

/// Write the result folder again, from a case
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink report --case case.adlink --out result
  adlink report --case case.adlink --out strict --radius 20 --cross-site-only
  adlink report --case case.adlink --out result --brief 3     also a page to print on network 3
  adlink report --case case.adlink --out result --zip r.zip   also the report with all its pages as one file
  adlink report --case case.adlink --out result --lang de     the report in German")]
pub(super) struct ReportArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    #[command(flatten)]
    result: ResultArgs,
    #[command(flatten)]
    linking: Linking,
}

pub(super) fn run(args: &ReportArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let mut case = if args.result.notes() { Case::open(&args.case) } else { Case::open_read(&args.case) }?;
    case = super::acting(case, common);
    args.result.guard(&[], Some(&case), common, talk)?;
    let clock = Clock::start();
    let run = RunInputs { photos: args.linking.common_photos(talk)?, ..RunInputs::default() };
    link_and_write(&mut case, &args.result, &args.linking, run, clock, common, talk)
}
