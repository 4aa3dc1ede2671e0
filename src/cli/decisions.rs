//! `adlink decisions`: carry decisions from case to case, and list them.

use super::sink::OutputSink;
use super::terminal::{self, Talk, count, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::case::Case;
use adlink::corpus::{Standing, decision_line, read_decisions, standing};
use adlink::output::Guard;
use adlink::record::{Decision, Subject};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// Carry reviewers' decisions between cases, or list them
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink decisions export --case old.adlink -o decisions.jsonl
  adlink decisions import decisions.jsonl --case new.adlink     again and again: each is taken once
  adlink decisions list --case case.adlink

Decisions name images and ads by content, so they hold in any case that has them. A case from which one of these was \
withdrawn refuses them.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some lines were no decisions, or refused.")]
pub(super) struct DecisionsArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// All decisions as JSON Lines, in the order in which they were made
    Export {
        /// Case file
        #[arg(long, value_name = "FILE")]
        case: PathBuf,
        /// File to write [default: standard output]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Add decisions from JSON Lines; those that are there already are left as they are
    Import {
        /// What `export` wrote; `-` reads standard input
        #[arg(value_name = "DECISIONS")]
        file: PathBuf,
        /// Case file
        #[arg(long, value_name = "FILE")]
        case: PathBuf,
    },
    /// What is in force on each subject, and where reviewers disagree
    List {
        /// Case file
        #[arg(long, value_name = "FILE")]
        case: PathBuf,
    },
}

pub(super) fn run(args: &DecisionsArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    match &args.what {
        What::Export { case, output } => export(case, output.as_deref(), common, talk),
        What::Import { file, case } => import(file, case, common, talk),
        What::List { case } => list(case, common),
    }
}

fn export(case: &Path, output: Option<&Path>, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let case = Case::open_read(case)?;
    let decisions = case.decisions()?;
    let text: String = decisions.iter().map(|decision| decision_line(decision) + "\n").collect();
    OutputSink::open(output, &Guard::new(common.force).case(&case), talk)?.text(&text)?;
    if output.is_some() {
        talk.say(&format!("{} written", count(decisions.len() as u64, "decision")));
    }
    Ok(Exit::Done)
}

fn import(file: &Path, case: &Path, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let read = if file == Path::new("-") {
        read_decisions(io::stdin().lock())
    } else {
        File::open(file).and_then(|file| read_decisions(BufReader::new(file)))
    };
    let (decisions, bad) = read.map_err(|error| Error::io("read", file, error))?;
    for bad in &bad {
        talk.warn(&format!("{}:{}: {}", file.display(), bad.line, bad.reason));
    }
    let (lines, decisions): (Vec<u64>, Vec<Decision>) = decisions.into_iter().unzip();
    let imported = Case::open(case)?.import_decisions(&decisions)?;
    for &place in &imported.refused {
        talk.warn(&format!(
            "{}:{}: names an image or ad that was withdrawn from this case; refused (take the line out of the list)",
            file.display(),
            lines[place]
        ));
    }
    let refused = imported.refused.len();
    if common.json {
        let counts = json!({
            "added": imported.added,
            "known": imported.known,
            "refused": refused,
            "bad_lines": bad.len(),
        });
        terminal::data(&format!("{counts:#}\n"))?;
    } else {
        let added = count(imported.added, "decision");
        talk.say(&format!(
            "{added} added, {} known, {refused} refused, {} bad",
            imported.known,
            count(bad.len() as u64, "line")
        ));
    }
    Ok(if bad.is_empty() && refused == 0 { Exit::Done } else { Exit::Skipped })
}

fn list(case: &Path, common: &Common) -> adlink::Result<Exit> {
    let decisions = Case::open_read(case)?.decisions()?;
    let standing = standing(&decisions);
    if common.json {
        let all = Value::Array(standing.iter().map(as_json).collect());
        terminal::data(&format!("{all:#}\n"))?;
    } else {
        let text: String = standing.iter().map(in_words).collect();
        terminal::data(&printable(&text))?;
    }
    Ok(Exit::Done)
}

fn as_json(stands: &Standing<'_>) -> Value {
    let of = |decision: &Decision| -> Value {
        serde_json::from_str(&decision_line(decision)).expect("a decision's line is JSON")
    };
    json!({
        "in_force": of(stands.decision),
        "disputed": stands.is_disputed(),
        "decisions": stands.decisions,
        "last_of_each_reviewer": stands.last_of_each.iter().map(|last| of(last)).collect::<Vec<_>>(),
    })
}

fn in_words(stands: &Standing<'_>) -> String {
    let Decision { subject, ruling, reviewer, at, reason, .. } = stands.decision;
    let subject = match subject {
        Subject::Pair(a, b) => format!("pair {a} {b}"),
        Subject::Photo(images) => {
            format!("photo of {}, first {}", count(images.len() as u64, "image"), images[0])
        }
        Subject::Ad(key) => format!("ad {key}"),
    };
    let others = stands.last_of_each.iter().filter(|last| last.ruling != *ruling);
    let others: Vec<String> =
        others.map(|last| format!("{} by {}", last.ruling.name(), last.reviewer)).collect();
    let disputed =
        if stands.is_disputed() { format!("\n  disputed: {}", others.join(", ")) } else { String::new() };
    let reason =
        if reason.is_empty() { String::new() } else { format!("\n  {}", reason.replace('\n', "\n  ")) };
    format!("{subject}\n  {} by {reviewer} at {at}{disputed}{reason}\n", ruling.name())
}
