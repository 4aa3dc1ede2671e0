//! Commands and flags. One file per command: clap types -> library options -> library call -> print.
//!
//! Exit codes are part of the contract: see [`Exit`]. Clap itself exits with 2 on wrong usage.

mod compare;
mod hash;
mod ingest;
mod inputs;
mod link;
mod linking;
mod output;
mod picture;
mod progress;
mod report;
mod review;
mod search;

use adlink::Error;
use clap::{Args, Parser, Subcommand, ValueEnum};
use output::Talk;
use std::process::ExitCode;

/// Finds the ads that show the same photo, across sites, and links them into networks with evidence.
///
/// adlink compares photos, not people: no face recognition, no inference of age, sex or origin, no scores of
/// persons. It works offline and never changes the files it reads. Links are leads.
#[derive(Parser)]
#[command(name = "adlink", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some inputs were skipped.";

#[derive(Subcommand)]
enum Command {
    Link(link::LinkArgs),
    Ingest(ingest::IngestArgs),
    Report(report::ReportArgs),
    Review(review::ReviewArgs),
    Hash(hash::HashArgs),
    Compare(compare::CompareArgs),
    Search(search::SearchArgs),
}

/// Flags that every command takes.
#[derive(Args)]
struct Common {
    /// Threads to use [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print the result as JSON on stdout
    #[arg(long, global = true)]
    json: bool,
    /// Say less: errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more: what is being done and why
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Colours on the terminal
    #[arg(long, global = true, value_enum, default_value_t = When::Auto)]
    color: When,
    /// Progress display: bars on a terminal, plain lines elsewhere
    #[arg(long, global = true, value_enum, default_value_t = Show::Auto)]
    progress: Show,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Show {
    Auto,
    Never,
}

/// How a command ended; turned into a number once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Exit {
    /// Every input was used.
    Done,
    /// The run could not go on.
    Failed,
    /// A flag or parameter makes no sense.
    Usage,
    /// Done, but some inputs were skipped.
    Skipped,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Skipped => 3,
        })
    }
}

pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let talk = Talk::new(&cli.common);
    let result = match &cli.command {
        Command::Link(args) => link::run(args, &cli.common, &talk),
        Command::Ingest(args) => ingest::run(args, &cli.common, &talk),
        Command::Report(args) => report::run(args, &cli.common, &talk),
        Command::Review(args) => review::run(args, &cli.common, &talk),
        Command::Hash(args) => hash::run(args, &cli.common, &talk),
        Command::Compare(args) => compare::run(args, &cli.common, &talk),
        Command::Search(args) => search::run(args, &cli.common, &talk),
    };
    let exit = result.unwrap_or_else(|error| {
        talk.error(&error);
        if matches!(error, Error::Parameter { .. }) { Exit::Usage } else { Exit::Failed }
    });
    exit.into()
}

/// Runs `work` on as many threads as the user allows.
fn in_pool<T: Send>(common: &Common, work: impl FnOnce() -> T + Send) -> adlink::Result<T> {
    let Some(threads) = common.threads else { return Ok(work()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build();
    let pool = pool.map_err(|error| Error::Parameter {
        name: "--threads",
        value: threads.to_string(),
        expected: format!("a number of threads this machine can start ({error})"),
    })?;
    Ok(pool.install(work))
}
