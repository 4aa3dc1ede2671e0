//! `adlink link`: the main job. Ingest, match, link, write the result folder.

use super::inputs::{Inputs, RunInputs};
use super::linking::{Clock, Linking, ResultArgs, link_and_write};
use super::terminal::Talk;
use super::{Common, Exit, ingest};
use adlink::case::Case;
use adlink::output;
use clap::Args;
use std::path::PathBuf;

/// Ads in, linked networks and a report out: the main job
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct LinkArgs {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    linking: Linking,
    #[command(flatten)]
    result: ResultArgs,
    /// Case file to fill; ads already in it take part [default: case.adlink in the result folder]
    #[arg(long, value_name = "FILE")]
    case: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  adlink link ads.jsonl --out result             images beside ads.jsonl or in images/ beside it
  adlink link ads.csv --images /media/scrape     images elsewhere
  adlink link scrape/                            each folder that holds images is an ad
  adlink link tuesday.jsonl --case case.adlink   add to a case and link all that is in it
  adlink link scrape/ --common stock/            photos of stock/ are common: they join nothing by themselves
  adlink link scrape/ --features 0               hashes only: faster, and no crops or pages are found later
  zcat ads.jsonl.gz | adlink link - --images .   records from another program

Ctrl-C keeps what is hashed; the same command goes on from there.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some inputs were skipped (see skipped.csv).";

pub(super) fn run(args: &LinkArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let mut clock = Clock::start();
    let photos = args.linking.common_photos(talk)?;
    // Before anything is made: the case may come to lie in the folder.
    args.result.guard(args.inputs.paths(), None, common, talk)?;
    output::create_folder(&args.result.out)?;
    let path = args.case.clone().unwrap_or_else(|| args.result.out.join("case.adlink"));
    let mut case = super::acting(Case::open_or_create(&path)?, common);
    super::warn_of_place(&path, talk);
    args.result.guard(args.inputs.paths(), Some(&case), common, talk)?;
    let run = RunInputs { photos, ..ingest::fill(&mut case, &args.inputs, common, talk)? };
    if args.case.is_some() {
        ingest::index(&case, talk);
    }
    clock.lap("ingest");
    link_and_write(&mut case, &args.result, &args.linking, run, clock, common, talk)
}
