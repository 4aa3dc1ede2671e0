//! Commands and flags. One file per command: clap types -> library options -> library call -> print.
//!
//! Exit codes are part of the contract: see [`Exit`]. Clap itself exits with 2 on wrong usage.

mod bank;
mod case;
mod common_photos;
mod compare;
mod components;
mod decide;
mod decisions;
mod desk;
mod eval;
mod export;
mod hash;
mod image_name;
mod import;
mod ingest;
mod inputs;
mod join;
mod link;
mod linking;
#[cfg(feature = "encrypt")]
mod lock;
mod manual;
mod note;
mod passphrase;
mod picture;
mod progress;
mod purge;
mod report;
mod resolve;
mod review;
mod search;
mod serve;
mod sink;
mod terminal;
mod token;
mod verify;
mod withdraw;

use adlink::Error;
use adlink::case::{Case, exposed_place, half_removed};
use clap::{Arg, ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::path::Path;
use std::process::ExitCode;
use terminal::Talk;

/// Finds the ads that show the same photo, across sites, and links them into networks with evidence.
///
/// adlink compares photos, not people: no face recognition, no inference of age, sex or origin, no scores of
/// persons. It works offline and never changes the files it reads. Links are leads.
#[derive(Parser)]
#[command(name = "adlink", version, max_term_width = 100, after_help = EXIT_CODES, disable_help_flag = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
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
    Desk(desk::DeskArgs),
    Serve(serve::ServeArgs),
    Token(token::TokenArgs),
    Hash(hash::HashArgs),
    Join(join::JoinArgs),
    Components(components::ComponentsArgs),
    Compare(compare::CompareArgs),
    Search(search::SearchArgs),
    Decide(decide::DecideArgs),
    Decisions(decisions::DecisionsArgs),
    Note(note::NoteArgs),
    Eval(eval::EvalArgs),
    Verify(verify::VerifyArgs),
    Case(case::CaseArgs),
    Bank(bank::BankArgs),
    Export(export::ExportArgs),
    Import(import::ImportArgs),
    Resolve(resolve::ResolveArgs),
    Withdraw(withdraw::WithdrawArgs),
    Purge(purge::PurgeArgs),
    #[cfg(feature = "encrypt")]
    Lock(lock::LockArgs),
    #[cfg(feature = "encrypt")]
    Unlock(lock::UnlockArgs),
    Completions(manual::CompletionsArgs),
    Man(manual::ManArgs),
}

/// Flags that every command takes; told behind its own.
#[derive(Args)]
#[command(next_help_heading = "Every command")]
struct Common {
    /// Print help; `-h` is the short one
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    /// Threads to use [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Memory that decoding pictures may take in all, such as 2G or 800M; big pictures wait for room [default: half of
    /// the machine's]
    #[arg(long, global = true, value_name = "BYTES", value_parser = bytes)]
    memory: Option<u64>,
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
    /// Replace what an output is not let replace by default: files that adlink did not write, and results of another
    /// case. Originals, inputs and cases are never replaced
    #[arg(long, global = true)]
    force: bool,
    /// Progress display: bars on a terminal, plain lines elsewhere
    #[arg(long, global = true, value_enum, default_value_t = ProgressShown::Auto)]
    progress: ProgressShown,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProgressShown {
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
    /// A question with a yes or no for an answer: no.
    NotFound,
    /// Such a question that could not be answered.
    Unknown,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed | Exit::NotFound => 1,
            Exit::Usage | Exit::Unknown => 2,
            Exit::Skipped => 3,
        })
    }
}

pub(crate) fn run() -> ExitCode {
    let cli = Cli::from_arg_matches(&helpful().get_matches()).unwrap_or_else(|error| error.exit());
    let talk = Talk::new(&cli.common);
    let Some(command) = cli.command.or_else(|| desk::of_no_arguments().map(Command::Desk)) else {
        return no_command();
    };
    let result = set_up(&cli.common).and_then(|()| match &command {
        Command::Link(args) => link::run(args, &cli.common, &talk),
        Command::Ingest(args) => ingest::run(args, &cli.common, &talk),
        Command::Report(args) => report::run(args, &cli.common, &talk),
        Command::Review(args) => review::run(args, &cli.common, &talk),
        Command::Desk(args) => desk::run(args, &cli.common, &talk),
        Command::Serve(args) => serve::run(args, &cli.common, &talk),
        Command::Token(args) => token::run(args, &cli.common, &talk),
        Command::Hash(args) => hash::run(args, &cli.common, &talk),
        Command::Join(args) => join::run(args, &cli.common, &talk),
        Command::Components(args) => components::run(args, &cli.common, &talk),
        Command::Compare(args) => compare::run(args, &cli.common, &talk),
        Command::Search(args) => search::run(args, &cli.common, &talk),
        Command::Decide(args) => decide::run(args, &cli.common, &talk),
        Command::Decisions(args) => decisions::run(args, &cli.common, &talk),
        Command::Note(args) => note::run(args, &cli.common),
        Command::Eval(args) => eval::run(args, &cli.common, &talk),
        Command::Case(args) => case::run(args, &cli.common),
        Command::Verify(args) => verify::run(args, &cli.common, &talk),
        Command::Resolve(args) => resolve::run(args, &cli.common),
        Command::Bank(args) => bank::run(args, &cli.common, &talk),
        Command::Export(args) => export::run(args, &cli.common, &talk),
        Command::Import(args) => import::run(args, &cli.common, &talk),
        Command::Withdraw(args) => withdraw::run(args, &cli.common, &talk),
        Command::Purge(args) => purge::run(args, &cli.common, &talk),
        #[cfg(feature = "encrypt")]
        Command::Lock(args) => lock::lock(args, &cli.common, &talk),
        #[cfg(feature = "encrypt")]
        Command::Unlock(args) => lock::unlock(args, &cli.common, &talk),
        Command::Completions(args) => manual::completions(args),
        Command::Man(args) => manual::man(args, &cli.common, &talk),
    });
    let exit = result.unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            return Exit::Done;
        }
        talk.error(&error);
        if matches!(error, Error::Parameter { .. }) { Exit::Usage } else { Exit::Failed }
    });
    exit.into()
}

/// Commands that take the flags of linking, beside `link`.
const LINKING_TOO: [&str; 3] = ["export", "report", "review"];

/// The commands as `--help` tells them: the flags of linking once, under `link`.
fn helpful() -> clap::Command {
    LINKING_TOO.into_iter().fold(Cli::command(), |all, name| all.mut_subcommand(name, without_linking))
}

fn without_linking(command: clap::Command) -> clap::Command {
    let flags = command.get_arguments().filter(|arg| of_linking(arg)).filter_map(Arg::get_long);
    let flags: Vec<String> = flags.map(|flag| format!("--{flag}")).collect();
    let said = format!("How to link: {}, as for `adlink link`, whose --help tells them.", flags.join(", "));
    let examples = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    command
        .mut_args(|arg| if of_linking(&arg) { arg.hide(true) } else { arg })
        .after_long_help(format!("{said}\n\n{examples}"))
        .after_help(said)
}

fn of_linking(arg: &Arg) -> bool {
    arg.get_help_heading() == Some(linking::HEADING)
}

/// Help where a command should have been, as clap gives it where one is required.
fn no_command() -> ExitCode {
    let help = helpful().render_help();
    terminal::usage(&help.to_string());
    Exit::Usage.into()
}

/// Threads that one core is let work on: more only wait for each other, and tens of thousands take a machine down.
const THREADS_PER_CORE: usize = 4;

/// What holds for the whole process.
fn set_up(common: &Common) -> adlink::Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if let Some(threads) = common.threads.filter(|threads| usize::from(*threads) > THREADS_PER_CORE * cores) {
        return Err(Error::Parameter {
            name: "--threads",
            value: threads.to_string(),
            expected: format!("at most {}, four for each of {cores} cores", THREADS_PER_CORE * cores),
        });
    }
    if jiff::Timestamp::try_from(std::time::SystemTime::now()).is_err() {
        return Err(Error::Parameter {
            name: "the clock of this machine",
            value: "beyond the year 9999".into(),
            expected: "the time of now".into(),
        });
    }
    if let Some(memory) = common.memory {
        adlink::decode::limit_memory(memory);
    }
    Ok(())
}

/// A size such as `800M`; units are powers of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let shift = match text.chars().last().map(|unit| unit.to_ascii_uppercase()) {
        Some('K') => 10,
        Some('M') => 20,
        Some('G') => 30,
        Some('T') => 40,
        _ => 0,
    };
    let number = if shift > 0 { &text[..text.len() - 1] } else { text };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    bytes.filter(|bytes| *bytes >= 128 << 20).ok_or_else(|| "expected 128M or more, such as 2G".into())
}

/// The answer to a question with a yes or no: an input that could not be used may have been the one, and a failure must
/// never look like a no.
fn answered(found: bool, complete: bool) -> Exit {
    match (found, complete) {
        (true, _) => Exit::Done,
        (false, true) => Exit::NotFound,
        (false, false) => Exit::Unknown,
    }
}

/// What became of such a question, a failure told and turned into [`Exit::Unknown`].
fn told(outcome: adlink::Result<Exit>, talk: &Talk) -> adlink::Result<Exit> {
    match outcome {
        Err(error) if !is_closed_pipe(&error) => {
            talk.error(&error);
            Ok(Exit::Unknown)
        }
        outcome => outcome,
    }
}

/// Whether whoever read the data has had enough of it, as `| head` does.
fn is_closed_pipe(error: &Error) -> bool {
    matches!(error, Error::Io { path, source, .. }
        if path == Path::new(sink::STDOUT) && source.kind() == std::io::ErrorKind::BrokenPipe)
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

/// Warns of a case that lies where it is copied elsewhere, or where others may replace it, and of one beside which parts
/// of it lie open.
fn warn_of_place(case: &Path, talk: &Talk) {
    if let Some(left) = half_removed(case) {
        let what =
            "is what an `adlink lock` that was stopped left of the plain file; `adlink lock` removes it";
        talk.warn(&format!("`{}` {what}", left.display()));
    }
    if let Some(why) = exposed_place(case) {
        talk.warn(&format!("{why}; move it, or keep it locked (`adlink lock`)"));
    }
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
