//! `adlink hash`: perceptual hashes of images or folders, as a list other tools read.

use super::progress::Display;
use super::sink::OutputSink;
use super::terminal::{Talk, count};
use super::{Common, Exit};
use adlink::Error;
use adlink::analysis::PdqForm;
use adlink::decode::Limits;
use adlink::hashlist::{CsvHashes, HashColumns, HashList, JsonHashes, ParquetHashes, hash_files};
use adlink::ingest::image_files;
use adlink::output::Guard;
use adlink::progress::stop_requested;
use adlink::source::Patient;
use clap::{Args, ValueEnum};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

/// Print the PDQ hashes of images or folders
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink hash photo.jpg
  adlink hash photos/ --format parquet -o hashes.parquet
  find . -name '*.webp' | adlink hash - --dihedral
  adlink hash photos/ --compat meta-cpp          what pdq-photo-hasher of ThreatExchange prints

A hash list is personal data: whoever holds it can test any photo against it.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some files could not be hashed.")]
pub(super) struct HashArgs {
    /// Images or folders; `-` reads paths from stdin, one a line
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Format of the list
    #[arg(long, value_enum, default_value_t = HashFormat::Csv)]
    format: HashFormat,
    /// File to write; `-` for standard output [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Add the hashes of the seven turned and mirrored pictures
    #[arg(long)]
    dihedral: bool,
    /// Add the content box, panes and further frames
    #[arg(long)]
    views: bool,
    /// Compute PDQ in the reference's own order of operations, from RGB
    #[arg(long, conflicts_with = "compat")]
    exact: bool,
    /// Hash files as another tool does
    #[arg(long, value_enum)]
    compat: Option<Compat>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HashFormat {
    Csv,
    Jsonl,
    Parquet,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Compat {
    /// The C++ file hasher of ThreatExchange: pixels as stored, at most 512x512 by nearest neighbour
    MetaCpp,
}

pub(super) fn run(args: &HashArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let display = Display::new(common, talk);
    let files = files(&args.paths)?;
    let form = match (args.exact, args.compat) {
        (_, Some(Compat::MetaCpp)) => PdqForm::MetaCpp,
        (true, None) => PdqForm::Exact,
        (false, None) => PdqForm::Fast,
    };
    let guard = Guard::new(common.force).inputs(files.iter().cloned());
    let sink = OutputSink::open(args.output.as_deref(), &guard, talk)?;
    let mut list = list(args, &sink, common)?;
    let work = || hash_files(&files, form, &Limits::default(), list.as_mut(), &display);
    let done = super::in_pool(common, work)??;
    list.finish()?;
    sink.keep()?;
    if done.failed > 0 {
        talk.say(&format!(
            "{} hashed, {} failed: see the column `error`",
            count(done.hashed, "file"),
            done.failed
        ));
        return Ok(Exit::Skipped);
    }
    Ok(Exit::Done)
}

fn files(paths: &[PathBuf]) -> adlink::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            for line in io::BufReader::new(Patient::stdin()).lines() {
                let line = line.map_err(|error| match stop_requested() {
                    true => Error::Interrupted,
                    false => Error::io("read", "standard input", error),
                })?;
                files.extend((!line.is_empty()).then(|| PathBuf::from(line)));
            }
        } else {
            files.extend(image_files(path)?);
        }
    }
    Ok(files)
}

fn list(args: &HashArgs, sink: &OutputSink, common: &Common) -> adlink::Result<Box<dyn HashList + Send>> {
    let columns = HashColumns { dihedral: args.dihedral, views: args.views, digests: false };
    let format = if common.json { HashFormat::Jsonl } else { args.format };
    let (out, target) = (sink.writer()?, sink.name());
    Ok(match format {
        HashFormat::Csv => Box::new(CsvHashes::new(out, target, columns)?),
        HashFormat::Jsonl => Box::new(JsonHashes::new(out, target, columns)),
        HashFormat::Parquet => Box::new(ParquetHashes::new(out, target, columns)?),
    })
}
