//! `adlink purge`: retention. Records by age, site or source out of a case.

use super::terminal::{self, Talk, printable};
use super::withdraw::{outside, overwritten, tally, tally_json};
use super::{Common, Exit};
use adlink::Error;
use adlink::case::{Case, Purge, RemovalCounts};
use clap::Args;
use jiff::civil::Date;
use jiff::{Span, Zoned};
use serde_json::json;
use std::path::PathBuf;

/// Remove old records, a site or a source from a case
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink purge --case case.adlink                            what is due; removes nothing
  adlink purge --case case.adlink --older-than 2y --dry-run
  adlink purge --case case.adlink --older-than 2023-01-01
  adlink purge --case case.adlink --site site.example
  adlink purge --case case.adlink --source scrapes/monday.jsonl

Removes records, and images, file names and decisions that no other record needs. Several conditions narrow each \
other. Age is that of the record (collected, or else posted); records without any time stay. Nothing is left that \
would refuse the same scrape later: purge is retention. To keep something out for good, use `adlink withdraw`.")]
pub(super) struct PurgeArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Records from before this day, or older than this (2y, 6mo, 90d)
    #[arg(long, value_name = "AGE|DATE", value_parser = cutoff)]
    older_than: Option<String>,
    /// Records of this site
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    /// Records that came from this manifest or folder and from no other
    #[arg(long, value_name = "MANIFEST")]
    source: Option<PathBuf>,
    /// Say whether the retention date of the case has passed, and count what is due; removes nothing. Without any condition
    /// that is what the command does
    #[arg(long, conflicts_with_all = ["older_than", "site", "source"])]
    due: bool,
    /// Count what would go, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

/// The day before which records go.
fn cutoff(text: &str) -> Result<String, String> {
    let day = match text.parse::<Date>() {
        Ok(day) => day,
        Err(_) => {
            let age: Span =
                text.parse().map_err(|_| "expected an age such as 2y or 90d, or a day such as 2023-01-01")?;
            let now = Zoned::now();
            now.checked_sub(age.abs()).map_err(|error| error.to_string())?.date()
        }
    };
    Ok(day.strftime("%Y-%m-%d").to_string())
}

/// What the retention date of the case asks for, as a proposal.
fn due(case: &mut Case, common: &Common) -> adlink::Result<Exit> {
    let until = case.header()?.retain_until;
    let today = Zoned::now().date();
    let passed = until.parse::<Date>().is_ok_and(|until| until < today);
    // Records without any time stay; whoever deletes the case deletes them, too.
    let purge = Purge { older_than: Some(today.strftime("%Y-%m-%d").to_string()), ..Purge::default() };
    let removed = if passed { case.purge(&purge, true)? } else { RemovalCounts::default() };
    if common.json {
        let summary = json!({"retain_until": until, "due": passed, "would_be_removed": tally_json(&removed)});
        terminal::data(&format!("{summary:#}\n"))?;
    } else {
        let text = match (until.is_empty(), passed) {
            (true, _) => {
                "the case has no retention date; `adlink case --retain-until DATE` sets one\n".into()
            }
            (false, false) => format!("nothing is due before {until}\n"),
            (false, true) => format!(
                "due since {until}: {}\ndelete the case file, or run `adlink purge --older-than {today}`\n",
                tally(&removed)
            ),
        };
        terminal::data(&text)?;
    }
    Ok(Exit::Done)
}

pub(super) fn run(args: &PurgeArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let mut case = super::case_for_writing(&args.case, common)?;
    let source = args.source.as_ref().map(|path| match path.as_os_str() == "-" {
        true => Ok(path.clone()),
        false => std::path::absolute(path).map_err(|error| Error::io("find", path, error)),
    });
    let conditions = args.older_than.is_some() || args.site.is_some() || args.source.is_some();
    if args.due || !conditions {
        return due(&mut case, common);
    }
    let purge =
        Purge { older_than: args.older_than.clone(), site: args.site.clone(), source: source.transpose()? };
    if purge.source.is_some() {
        let unknown = case.records_without_source()?;
        if unknown > 0 {
            talk.warn(&format!(
                "{unknown} records do not say where they came from (an older adlink read them)"
            ));
        }
    }
    let removed = case.purge(&purge, args.dry_run)?;
    let outside = outside(&case)?;
    if common.json {
        let summary =
            json!({"dry_run": args.dry_run, "removed": tally_json(&removed), "outside": outside.json()});
        terminal::data(&format!("{summary:#}\n"))?;
    } else if !common.quiet {
        let did = if args.dry_run { "would be removed" } else { "removed" };
        let mut text = format!("{did}: {}\n", tally(&removed));
        if !args.dry_run {
            text.push_str("What remains outside the case:\n  originals, which adlink never changes\n");
            text.push_str(&outside.words());
        }
        terminal::data(&printable(&text))?;
    }
    Ok(if args.dry_run { Exit::Done } else { overwritten(&removed, talk) })
}
