//! `adlink hash`: perceptual hashes of images or folders, as a list other tools read; or of a share of them, as a job.

use super::progress::Display;
use super::sink::OutputSink;
use super::terminal::{Talk, count};
use super::{Common, Exit};
use adlink::Error;
use adlink::analysis::PdqForm;
use adlink::decode::Limits;
use adlink::error::input_hint;
use adlink::features::STORED;
use adlink::hashlist::{
    CsvHashes, HashColumns, HashList, Hashed, JsonHashes, ParquetHashes, Shard, analyse_files, hash_files,
};
use adlink::ingest::image_files;
use adlink::output::Guard;
use adlink::progress::stop_requested;
use adlink::source::Patient;
use adlink::tiles::{JobTask, TASK};
use clap::{Args, ValueEnum};
use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

/// Print the PDQ hashes of images or folders
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink hash photo.jpg
  adlink hash photos/ -o hashes.parquet
  find . -name '*.webp' | adlink hash - --dihedral
  adlink hash photos/ --compat meta-cpp          what pdq-photo-hasher of ThreatExchange prints
  adlink hash photos/ --dihedral --shard 3/8 -o hashes-3.parquet    the third of eight jobs
  adlink hash photos/ --analyses --shard 3/8 -o analysed-3.parquet    what `adlink ingest --analysed` takes in

A share is the files whose paths have a digest of its number, so that a file that is added changes one share only; name the \
files in the same way in every job. A job whose output is there, whole, and newer than its files does nothing.

A hash list is personal data: whoever holds it can test any photo against it.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some files could not be hashed.")]
pub(super) struct HashArgs {
    /// Images or folders; `-` reads paths from stdin, one a line
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Format of the list [default: as the ending of the output says, else csv]
    #[arg(long, value_enum)]
    format: Option<HashFormat>,
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
    /// Add all that a case holds of each file (all hashes, local features), for `adlink ingest --analysed`; Parquet only
    #[arg(long, conflicts_with_all = ["exact", "compat"])]
    analyses: bool,
    /// Keypoints an image of `--analyses`, as many as the case is to have; 0 for none
    #[arg(long, value_name = "N", default_value_t = STORED as u16, requires = "analyses", value_parser = clap::value_parser!(u16).range(0..=1000))]
    features: u16,
    /// Hash the I-th of N shares of the files
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
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

impl HashArgs {
    fn form(&self) -> PdqForm {
        match (self.exact, self.compat) {
            (_, Some(Compat::MetaCpp)) => PdqForm::MetaCpp,
            (true, None) => PdqForm::Exact,
            (false, None) => PdqForm::Fast,
        }
    }

    fn format(&self, common: &Common) -> HashFormat {
        let ending = self.output.as_ref().and_then(|path| path.extension()?.to_str());
        match (common.json, self.format, ending) {
            (true, ..) => HashFormat::Jsonl,
            (false, Some(format), _) => format,
            (false, None, Some("parquet")) => HashFormat::Parquet,
            (false, None, Some("jsonl")) => HashFormat::Jsonl,
            (false, None, _) => HashFormat::Csv,
        }
    }

    fn columns(&self) -> HashColumns {
        HashColumns { dihedral: self.dihedral, views: self.views, digests: false, analyses: self.analyses }
    }

    /// What decides the list of a share: how the files are hashed, and which they are.
    fn task(&self, shard: Shard, files: &[PathBuf]) -> JobTask {
        let how = format!("hash {shard} {:?} {:?} {}", self.form(), self.columns(), self.features);
        let file = |path: &PathBuf| {
            let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
            format!("{bytes} {}", path.to_string_lossy())
        };
        JobTask::new(std::iter::once(how).chain(files.iter().map(file)))
    }
}

pub(super) fn run(args: &HashArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let display = Display::new(common, talk);
    if args.analyses && args.format(common) != HashFormat::Parquet {
        return Err(Error::Parameter {
            name: "--analyses",
            value: "asked for beside another format".into(),
            expected: "a list in Parquet, such as `-o analysed.parquet`".into(),
        });
    }
    let mut files = files(&args.paths)?;
    files.retain(|file| args.shard.is_none_or(|shard| shard.holds(file)));
    let task = args.shard.map(|shard| args.task(shard, &files));
    if let Some(done) = done_before(args.output.as_deref(), task.as_ref(), &files) {
        talk.detail("this share is hashed already: nothing to do");
        return Ok(told(args, done, talk));
    }
    let guard = Guard::new(common.force).inputs(files.iter().cloned());
    let sink = OutputSink::open(args.output.as_deref(), &guard, talk)?;
    let mut list = list(args, &sink, common)?;
    let limits = Limits::default();
    let work = || match args.analyses {
        true => analyse_files(&files, args.features, &limits, list.as_mut(), &display),
        false => hash_files(&files, args.form(), &limits, list.as_mut(), &display),
    };
    let done = super::in_pool(common, work)??;
    if let Some(task) = task {
        list.note(TASK, task.name());
        list.note(HASHED, &done.hashed.to_string());
        list.note(FAILED, &done.failed.to_string());
    }
    list.finish()?;
    sink.keep()?;
    Ok(told(args, done, talk))
}

/// Under which keys the list of a share counts its files.
const HASHED: &str = "adlink.hashed";
const FAILED: &str = "adlink.failed";

/// What the job came to when it was done before.
fn done_before(output: Option<&Path>, task: Option<&JobTask>, files: &[PathBuf]) -> Option<Hashed> {
    let output = output?;
    let noted = task?.done(output)?;
    let done = Hashed { hashed: noted.number(HASHED), failed: noted.number(FAILED) };
    JobTask::is_newer_than(output, files.iter().map(PathBuf::as_path)).then_some(done)
}

fn told(args: &HashArgs, done: Hashed, talk: &Talk) -> Exit {
    if done.failed == 0 {
        return Exit::Done;
    }
    let hashed = count(done.hashed, "file");
    talk.say(&format!("{hashed} hashed, {} failed: see the column `error`", done.failed));
    let hints: BTreeSet<&str> = args.paths.iter().filter_map(|path| input_hint(path)).collect();
    hints.into_iter().for_each(|hint| talk.hint(hint));
    Exit::Skipped
}

fn files(paths: &[PathBuf]) -> adlink::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            let mut input = io::BufReader::new(Patient::stdin());
            let failed = |error| match stop_requested() {
                true => Error::Interrupted,
                false => Error::io("read", "standard input", error),
            };
            while let Some(line) = line(&mut input).map_err(failed)? {
                files.extend((!line.is_empty()).then(|| PathBuf::from(line)));
            }
        } else {
            files.extend(image_files(path)?);
        }
    }
    Ok(files)
}

/// Bytes of the longest path.
const LONGEST: u64 = 1 << 16;

/// The next line; an error for one that no path is as long as.
fn line(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if input.take(LONGEST).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 == LONGEST && !line.ends_with(b"\n") {
        return Err(io::Error::other(format!("a line of more than {LONGEST} bytes is no path")));
    }
    let end = line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    line.truncate(end);
    String::from_utf8(line).map(Some).map_err(|_| io::Error::other("a path that is not UTF-8"))
}

fn list(args: &HashArgs, sink: &OutputSink, common: &Common) -> adlink::Result<Box<dyn HashList + Send>> {
    let columns = args.columns();
    let (out, target) = (sink.writer()?, sink.name());
    Ok(match args.format(common) {
        HashFormat::Csv => Box::new(CsvHashes::new(out, target, columns)?),
        HashFormat::Jsonl => Box::new(JsonHashes::new(out, target, columns)),
        HashFormat::Parquet => Box::new(ParquetHashes::new(out, target, columns)?),
    })
}
