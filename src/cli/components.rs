//! `adlink components`: what the pairs of many files connect.

use super::progress::Display;
use super::sink::OutputSink;
use super::terminal::{Talk, count, data};
use super::{Common, Exit};
use adlink::output::Guard;
use adlink::tiles::{ComponentWriter, Components};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Put together what the pairs of many tiles connect
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink components pairs-*.parquet -o components.parquet
  adlink components pairs-*.parquet --within 16 -o near.parquet

Pairs of `adlink join`, all or forests, in any order. Writes `image_id` and `component`, the smallest id that it is connected \
to; an image that is near no other is in no file of pairs and not listed. Near hashes chain: a component is no photo yet. \
Memory: 24 bytes an image that has a pair.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some rows were no pairs.")]
pub(super) struct ComponentsArgs {
    /// Files of pairs
    #[arg(required = true, value_name = "PAIRS")]
    pairs: Vec<PathBuf>,
    /// File to write; `-` for standard output
    #[arg(short, long, value_name = "COMPONENTS.parquet")]
    output: PathBuf,
    /// Count pairs of at most so many bits
    #[arg(long, value_name = "BITS")]
    within: Option<u32>,
}

pub(super) fn run(args: &ComponentsArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let guard = Guard::new(common.force).inputs(args.pairs.iter().cloned());
    let sink = OutputSink::open(Some(&args.output), &guard, talk)?;
    let display = Display::new(common, talk);
    let components = Components::of(&args.pairs, args.within, &display)?;
    let within = args.within.map(|within| ("adlink.within", within.to_string()));
    ComponentWriter::new(sink.writer()?, sink.name(), within.as_slice())?.write(&components)?;
    sink.keep()?;
    if components.refused > 0 {
        talk.warn(&format!("{} were no pairs and not counted", count(components.refused, "row")));
    }
    let found = [components.count() as u64, components.images() as u64, components.pairs];
    if common.json {
        let [number, images, pairs] = found;
        let refused = components.refused;
        let done = json!({ "components": number, "images": images, "pairs": pairs, "rows_refused": refused });
        data(&format!("{done:#}\n"))?;
    } else {
        let [number, images, pairs] = found;
        talk.say(&format!(
            "{}, {}, {}",
            count(number, "component"),
            count(images, "image"),
            count(pairs, "pair")
        ));
    }
    Ok(if components.refused > 0 { Exit::Skipped } else { Exit::Done })
}
