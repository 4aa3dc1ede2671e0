//! Commands and flags. One file per command: clap types -> library options -> library call -> print.
//!
//! Exit codes are part of the contract: see [`Exit`]. Clap itself exits with 2 on wrong usage.

mod common_photos;
mod compare;
mod decide;
mod decisions;
mod eval;
mod export;
mod hash;
mod ingest;
mod inputs;
mod link;
mod linking;
mod local;
mod picture;
mod progress;
mod purge;
mod report;
mod review;
mod search;
mod terminal;
mod verify;
mod withdraw;

use adlink::Error;
use adlink::case::Case;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::Path;
use std::process::ExitCode;
use terminal::Talk;

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
    Decide(decide::DecideArgs),
    Decisions(decisions::DecisionsArgs),
    Eval(eval::EvalArgs),
    Verify(verify::VerifyArgs),
    Export(export::ExportArgs),
    Withdraw(withdraw::WithdrawArgs),
    Purge(purge::PurgeArgs),
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
    /// Who is at work: stands in the audit chain of the case
    #[arg(long, global = true, value_name = "NAME", env = "ADLINK_BY")]
    by: Option<String>,
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
        Command::Decide(args) => decide::run(args, &cli.common, &talk),
        Command::Decisions(args) => decisions::run(args, &cli.common, &talk),
        Command::Eval(args) => eval::run(args, &cli.common, &talk),
        Command::Verify(args) => verify::run(args, &cli.common, &talk),
        Command::Export(args) => export::run(args, &cli.common, &talk),
        Command::Withdraw(args) => withdraw::run(args, &cli.common, &talk),
        Command::Purge(args) => purge::run(args, &cli.common, &talk),
    };
    let exit = result.unwrap_or_else(|error| {
        talk.error(&error);
        if matches!(error, Error::Parameter { .. }) { Exit::Usage } else { Exit::Failed }
    });
    exit.into()
}

/// The case opened for writing under the name of who is at work.
fn case_for_writing(path: &Path, common: &Common) -> adlink::Result<Case> {
    Case::open(path).map(|case| acting(case, common))
}

fn acting(mut case: Case, common: &Common) -> Case {
    if let Some(name) = &common.by {
        case.act_as(name);
    }
    case
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
