//! `adlink verify`: is the case what it was: audit chain, file, originals, result folders.

use super::progress::Display;
use super::terminal::{self, Talk, count, printable};
use super::{Common, Exit};
use adlink::case::{AuditCheck, Case, DataCheck};
use adlink::decode::Limits;
use adlink::ingest::{OriginalsCheck, Rehashed, check_originals, rehash};
use adlink::output;
use adlink::output::FolderCheck;
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Check a case: audit chain, file, originals, result folders
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink verify --case case.adlink
  adlink verify --case case.adlink --results result --head 12:5f0c...

Walks the audit chain and names every entry that was changed, removed or inserted; digests every row of the case again \
and names what is not as the chain sealed it, by table and ad, image or file; checks the file itself; digests the \
originals that are still there again; compares result folders with their manifests and the audit chain.

The head it prints covers everything that was ever done with the case. Whoever can write to the case could forge all \
of it at once, so write the head down elsewhere or have it time-stamped, and give it back later with --head.
Exit codes: 0 all is as it was; 1 something is not, and is named; 2 wrong usage.")]
pub(super) struct VerifyArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Result folder to compare with its manifest; may be repeated
    #[arg(long, value_name = "DIR")]
    results: Vec<PathBuf>,
    /// Name the originals that are gone, too, instead of only counting them
    #[arg(long)]
    originals: bool,
    /// Do not read originals
    #[arg(long, conflicts_with = "originals")]
    no_originals: bool,
    /// Walk the audit chain alone: neither rows nor originals are read
    #[arg(long, conflicts_with_all = ["originals"])]
    quick: bool,
    /// Hash originals again, of so many images or of `all`, and compare with what the case says of them
    #[arg(long, value_name = "N|all", value_parser = sample, conflicts_with_all = ["quick", "no_originals"])]
    rehash: Option<Sample>,
    /// A head noted earlier, as NUMBER:DIGEST or the digest alone: it must be in the chain
    #[arg(long, value_name = "HEAD")]
    head: Vec<String>,
}

/// How many images are hashed again; all without a number.
#[derive(Clone, Copy)]
struct Sample(Option<usize>);

fn sample(text: &str) -> Result<Sample, String> {
    match text {
        "all" => Ok(Sample(None)),
        _ => {
            text.parse().map(|number| Sample(Some(number))).map_err(|_| "expected a number, or `all`".into())
        }
    }
}

/// Said of a case that a run left open.
const OPEN: &str = "a run was cut short or goes on, and what it added is not in the audit chain yet; any command that \
                    writes to the case puts it there";

/// All that was found.
struct CaseChecks {
    audit: AuditCheck,
    /// Not with `--quick`.
    data: Option<DataCheck>,
    file: Vec<String>,
    heads: Vec<(String, bool)>,
    rehashed: Option<Rehashed>,
    originals: Option<OriginalsCheck>,
    results: Vec<(PathBuf, Result<FolderCheck, String>, bool)>,
}

pub(super) fn run(args: &VerifyArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let case = Case::open_read(&args.case)?;
    let display = Display::new(common, talk);
    let audit = case.check_audit()?;
    let (data, file) = match args.quick {
        true => (None, Vec::new()),
        false => (Some(case.check_data()?), case.check_file()?),
    };
    let originals = if args.no_originals || args.quick {
        None
    } else {
        let files = case.file_records()?;
        Some(super::in_pool(common, || check_originals(files, &display))??)
    };
    let rehashed = args.rehash.map(|sample| again(&case, sample, common, &display)).transpose()?;
    let heads = args.head.iter().map(|head| (head.clone(), audit.holds(head))).collect();
    let results = args.results.iter().map(|folder| folder_check(folder, &audit)).collect();
    let found = CaseChecks { rehashed, audit, data, file, heads, originals, results };
    let faults = found.faults();
    if common.json {
        terminal::data(&format!("{:#}\n", found.json(&faults)))?;
    } else if !common.quiet {
        terminal::data(&printable(&found.words(args)))?;
    }
    for fault in &faults {
        talk.fault(fault);
    }
    Ok(if faults.is_empty() { Exit::Done } else { Exit::Failed })
}

fn again(
    case: &Case,
    Sample(sample): Sample,
    common: &Common,
    display: &Display<'_>,
) -> adlink::Result<Rehashed> {
    let snapshot = case.snapshot_with_features()?;
    let originals = case.all_originals(&snapshot)?;
    super::in_pool(common, || rehash(&snapshot, &originals, sample, &Limits::default(), display))?
}

/// What became of a folder, and whether the audit chain knows its manifest.
fn folder_check(folder: &Path, audit: &AuditCheck) -> (PathBuf, Result<FolderCheck, String>, bool) {
    let check = output::check(folder);
    let known = check.as_ref().is_ok_and(|check| {
        audit
            .entries
            .iter()
            .any(|entry| entry.detail["output"]["manifest_sha256"] == check.manifest_sha256.as_str())
    });
    let reason = |error: adlink::Error| match std::error::Error::source(&error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    (folder.to_path_buf(), check.map_err(reason), known)
}

impl CaseChecks {
    /// One line for everything that is not as it was.
    fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> = self.audit.faults.iter().map(ToString::to_string).collect();
        if let Some(data) = &self.data {
            faults.extend(data.faults.iter().map(ToString::to_string));
            if data.more > 0 {
                faults.push(format!("{} more rows are not as they were sealed", data.more));
            }
        }
        faults.extend(self.file.iter().cloned());
        for (head, held) in &self.heads {
            if !held {
                faults.push(format!("the audit chain does not hold the head {head}"));
            } else if self.data.as_ref().is_some_and(|data| data.open) {
                faults
                    .push(format!("the case holds more than the head {head} and all behind it seal: {OPEN}"));
            }
        }
        if let Some(originals) = &self.originals {
            let changed = originals.changed.iter();
            faults.extend(changed.map(|path| format!("original {} was changed", path.display())));
            let unread = originals.unread.iter();
            faults.extend(
                unread.map(|(path, why)| format!("original {} cannot be read: {why}", path.display())),
            );
        }
        if let Some(rehashed) = &self.rehashed {
            let differ = rehashed.differ.iter();
            faults.extend(differ.map(|(path, what)| format!("original {} gives {what}", path.display())));
        }
        for (folder, check, known) in &self.results {
            faults.extend(folder_faults(folder, check, *known));
        }
        faults
    }

    fn words(&self, args: &VerifyArgs) -> String {
        let whole = if self.audit.faults.is_empty() { "whole" } else { "NOT whole" };
        let mut text = format!("audit chain: {whole}, {}\n", entries(self.audit.entries.len()));
        if let Some(data) = &self.data {
            let sealed = if data.faults.is_empty() { "as sealed" } else { "NOT as sealed" };
            let open = if data.open { format!("\n  {OPEN}") } else { String::new() };
            let sound = if self.file.is_empty() { "sound" } else { "NOT sound" };
            let rows = count(data.rows, "row");
            text.push_str(&format!("what the case holds: {sealed}, {rows}{open}\ncase file: {sound}\n"));
        }
        match &self.originals {
            None => text.push_str("originals: not read\n"),
            Some(check) => {
                let (changed, gone) = (check.changed.len(), check.gone.len());
                text.push_str(&format!(
                    "originals: {} the same, {changed} changed, {gone} gone, {} unreadable\n",
                    check.same,
                    check.unread.len()
                ));
                for path in check.gone.iter().filter(|_| args.originals) {
                    text.push_str(&format!("  gone: {}\n", path.display()));
                }
            }
        }
        if let Some(Rehashed { same, differ, missing }) = &self.rehashed {
            let differ = differ.len();
            text.push_str(&format!(
                "hashed again: {same} the same, {differ} others, {missing} without an original\n"
            ));
        }
        for (folder, check, _) in &self.results {
            if let Ok(check) = check {
                let (changed, gone) = (check.changed.len(), check.gone.len());
                text.push_str(&format!(
                    "results in {}: {} the same, {changed} changed, {gone} gone\n",
                    folder.display(),
                    count(check.same, "file")
                ));
            }
        }
        if self.audit.faults.is_empty() {
            text.push_str(&format!("head: {}\n", self.audit.head()));
        }
        text
    }

    fn json(&self, faults: &[String]) -> Value {
        let paths =
            |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        let originals = self.originals.as_ref().map(|check| {
            json!({
                "same": check.same,
                "changed": paths(&check.changed),
                "gone": paths(&check.gone),
                "unread": check.unread.iter().map(|(path, _)| path.display().to_string()).collect::<Vec<_>>(),
            })
        });
        let results = self.results.iter().map(|(folder, check, known)| {
            json!({
                "folder": folder.display().to_string(),
                "on_record": known,
                "same": check.as_ref().map_or(0, |check| check.same),
                "changed": check.as_ref().map_or(&[][..], |check| &check.changed),
                "gone": check.as_ref().map_or(&[][..], |check| &check.gone),
            })
        });
        json!({
            "ok": faults.is_empty(),
            "faults": faults,
            "audit_entries": self.audit.entries.len(),
            "rows": self.data.as_ref().map(|data| data.rows),
            "open": self.data.as_ref().map(|data| data.open),
            "head": self.audit.faults.is_empty().then(|| self.audit.head().to_string()),
            "originals": originals,
            "rehashed": self.rehashed.as_ref().map(|done| {
                let differ = done.differ.iter().map(|(path, what)| json!({"path": path.display().to_string(), "what": what}));
                json!({"same": done.same, "missing": done.missing, "differ": differ.collect::<Vec<_>>()})
            }),
            "results": results.collect::<Vec<_>>(),
        })
    }
}

fn entries(number: usize) -> String {
    if number == 1 { "1 entry".into() } else { format!("{number} entries") }
}

fn folder_faults(folder: &Path, check: &Result<FolderCheck, String>, known: bool) -> Vec<String> {
    let check = match check {
        Ok(check) => check,
        Err(why) => return vec![why.clone()],
    };
    let line = |what: &str, name: &String| format!("{name} in {} {what}", folder.display());
    let mut faults: Vec<String> = check.changed.iter().map(|name| line("was changed", name)).collect();
    faults.extend(check.gone.iter().map(|name| line("is gone", name)));
    if !known {
        faults.push(format!(
            "the audit chain does not know manifest-sha256.txt in {}: changed, or made from another case",
            folder.display()
        ));
    }
    faults
}
