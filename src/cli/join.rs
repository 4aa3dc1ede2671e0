//! `adlink join`: the near pairs of one hash file, or between two, as a file of pairs; a job for any scheduler.

use super::progress::Display;
use super::sink::OutputSink;
use super::terminal::{Talk, count, data};
use super::{Common, Exit};
use adlink::hash::Quality;
use adlink::output::Guard;
use adlink::tiles::{
    HashFile, HashFileTally, JobTask, PAIRS, PairWriter, TASK, TileMode, TileOptions, join_tile,
};
use adlink::verify::RADIUS;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Find the near pairs of a hash file, or between two: one tile of a job array
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink join hashes.parquet hashes.parquet -o pairs.parquet            one file with itself
  adlink join hashes-1.parquet hashes-2.parquet -o pairs-1-2.parquet    one tile
  adlink join a.parquet b.parquet --forest -o pairs.parquet             only what connects

The tiles of all files with themselves and with each other, in any order, have the pairs of everything: of three files six \
tiles. docs/scale.md has a job array by plain shell. Images are near in any of eight orientations; equal hashes are compared \
once. Pairs are two near hashes, a lead for whoever looks on; `adlink link` asks features and pixels, too.

Reads Parquet: `image_id` (64 bits), `pdq` (32 bytes, of fixed length or not, or hex digits), where they are there \
`pdq_quality`, `flipx`, `flipy`, `rot180`. Without the last three (`adlink hash --dihedral`) turned hashes are derived from \
the upright one, and turned copies near the limit may be missed. Writes `a` < `b` (ids) and `d` (bits), sorted. \
A job whose output is there and whole does nothing.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some rows could not be read.")]
pub(super) struct JoinArgs {
    /// Hashes: Parquet by `adlink hash --dihedral`, or of others
    #[arg(value_name = "A")]
    left: PathBuf,
    /// Hashes to join with; the same file for the pairs within it
    #[arg(value_name = "B")]
    right: PathBuf,
    /// File to write; `-` for standard output
    #[arg(short, long, value_name = "PAIRS.parquet")]
    output: PathBuf,
    /// List a spanning forest, nearest pairs first: as few pairs as connect what all of them connect
    #[arg(long)]
    forest: bool,
    /// Compare hashes as they are only: a quarter of the work, and no turned or mirrored copies
    #[arg(long)]
    upright: bool,
    /// Largest Hamming distance, of 256 bits
    #[arg(long, value_name = "BITS", default_value_t = RADIUS, value_parser = clap::value_parser!(u32).range(0..=63))]
    radius: u32,
    /// Least PDQ quality; rows below it are left out
    #[arg(long, value_name = "0-100", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
    min_quality: u8,
}

/// The key under which a file of pairs counts the rows that were refused.
const REFUSED: &str = "adlink.refused";

impl JoinArgs {
    fn options(&self) -> TileOptions {
        let beside = self.output.parent().filter(|folder| !folder.as_os_str().is_empty());
        let to_stdout = self.output == Path::new("-");
        TileOptions {
            radius: self.radius,
            min_quality: Quality::new(self.min_quality),
            upright: self.upright,
            mode: if self.forest { TileMode::Forest } else { TileMode::All },
            spill: match beside {
                _ if to_stdout => std::env::temp_dir(),
                Some(folder) => folder.into(),
                None => ".".into(),
            },
        }
    }

    /// What a file of pairs says of how it was made.
    fn notes(&self, options: &TileOptions, task: &JobTask) -> [(&'static str, String); 5] {
        let orientations = if self.upright { 1 } else { 8 };
        [
            ("adlink.mode", options.mode.name().into()),
            ("adlink.radius", self.radius.to_string()),
            ("adlink.orientations", orientations.to_string()),
            ("adlink.min_quality", self.min_quality.to_string()),
            (TASK, task.name().into()),
        ]
    }
}

pub(super) fn run(args: &JoinArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let inputs = [args.left.clone(), args.right.clone()];
    let options = args.options();
    let how = format!("{} {} {} {}", options.mode.name(), args.radius, args.min_quality, args.upright);
    let task = JobTask::of_files(&["join", &how], &inputs)?;
    if let Some(noted) = task.done(&args.output) {
        talk.detail("this tile is joined already: nothing to do");
        return told(noted.number(PAIRS), noted.number(REFUSED), true, common, talk);
    }
    let guard = Guard::new(common.force).inputs(inputs);
    let sink = OutputSink::open(Some(&args.output), &guard, talk)?;
    let display = Display::new(common, talk);
    let left = read(&args.left, &options, talk)?;
    let itself = args.left == args.right;
    let right = if itself { None } else { Some(read(&args.right, &options, talk)?) };
    let mut pairs = PairWriter::new(sink.writer()?, sink.name(), &args.notes(&options, &task))?;
    super::in_pool(common, || {
        join_tile(&left, right.as_ref(), &options, &display, |pair| pairs.push(pair))
    })??;
    let refused = left.tally.refused + right.as_ref().map_or(0, |right| right.tally.refused);
    pairs.note(REFUSED, &refused.to_string());
    let found = pairs.finish()?;
    sink.keep()?;
    told(found, refused, false, common, talk)
}

/// Reads a hash file and tells what of it is not used.
fn read(path: &Path, options: &TileOptions, talk: &Talk) -> adlink::Result<HashFile> {
    let file = HashFile::read(path, options)?;
    let HashFileTally { rows, without_hash, plain, refused, told, derived } = &file.tally;
    for row in told {
        talk.warn(&format!("`{}`, row {}: {}", path.display(), row.row, row.reason));
    }
    if *refused > told.len() as u64 {
        talk.warn(&format!("`{}`: {} in all could not be read", path.display(), count(*refused, "row")));
    }
    if *derived && !options.upright {
        talk.warn(&format!(
            "`{}` holds no turned hashes; they are derived, and turned copies near the limit may be missed",
            path.display()
        ));
    }
    talk.detail(&format!(
        "`{}`: {}, {} distinct hashes; {without_hash} without a hash, {plain} too plain to tell anything",
        path.display(),
        count(*rows, "row"),
        file.pdqs().len()
    ));
    Ok(file)
}

fn told(pairs: u64, refused: u64, before: bool, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    if common.json {
        let done = json!({ "pairs": pairs, "rows_refused": refused, "done_before": before });
        data(&format!("{done:#}\n"))?;
    } else {
        talk.say(&count(pairs, "pair"));
    }
    Ok(if refused > 0 { Exit::Skipped } else { Exit::Done })
}
