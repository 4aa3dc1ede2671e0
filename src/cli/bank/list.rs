//! `adlink bank list`, `show` and `history`: which banks there are, what is on them, and how they came to it.

use super::NamedBank;
use crate::cli::terminal::{self, printable};
use crate::cli::{Common, Exit};
use adlink::Error;
use adlink::case::Case;
use adlink::corpus::{Bank, BankEntry, BankVersion, DisableUntil, EntryId};
use adlink::record::hex;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Entries shown unless more are asked for.
const SHOWN: u64 = 50;

/// Which banks a case has
#[derive(Args)]
pub(super) struct BankListArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
}

/// What is on a bank
#[derive(Args)]
pub(super) struct BankShowArgs {
    #[command(flatten)]
    bank: NamedBank,
    /// One entry, by its number
    #[arg(long, value_name = "ID")]
    entry: Option<u64>,
    /// Show at most N entries
    #[arg(long, value_name = "N", default_value_t = SHOWN)]
    limit: u64,
}

/// What made each version of a bank, and who
#[derive(Args)]
pub(super) struct BankHistoryArgs {
    /// Bank, also one that is gone
    #[arg(value_name = "NAME")]
    name: String,
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
}

pub(super) fn banks(args: &BankListArgs, common: &Common) -> adlink::Result<Exit> {
    let case = Case::open_read(&args.case)?;
    let now = now();
    let banks = case.banks()?;
    let counts = banks.iter().map(|bank| case.count_entries(bank)).collect::<adlink::Result<Vec<_>>>()?;
    let counted = banks.iter().zip(counts);
    if common.json {
        let all: Vec<Value> = counted.map(|(bank, entries)| bank_json(bank, entries, now)).collect();
        terminal::data(&format!("{:#}\n", Value::Array(all)))?;
    } else {
        let text: String = counted.map(|(bank, entries)| bank_line(bank, entries, now)).collect();
        terminal::data(&printable(if text.is_empty() { "no banks\n" } else { &text }))?;
    }
    Ok(Exit::Done)
}

pub(super) fn show(args: &BankShowArgs, common: &Common) -> adlink::Result<Exit> {
    let case = Case::open_read(&args.bank.case)?;
    let bank = named(&case, &args.bank.name)?;
    let (count, now) = (case.count_entries(&bank)?, now());
    let shown = match args.entry {
        Some(id) => case.entry(&args.bank.name, EntryId(id))?.into_iter().collect(),
        None => first_entries(&case, &bank, args.limit)?,
    };
    if common.json {
        let mut summary = bank_json(&bank, count, now);
        summary["shown"] = shown.iter().map(|entry| entry_json(entry, now)).collect();
        terminal::data(&format!("{summary:#}\n"))?;
    } else {
        let lines: String = shown.iter().map(|entry| entry_line(entry, now)).collect();
        let mut text = bank_line(&bank, count, now) + &lines;
        if args.entry.is_none() && count > shown.len() as u64 {
            let _ = writeln!(text, "  ... and {} more", count - shown.len() as u64);
        }
        terminal::data(&printable(&text))?;
    }
    Ok(if args.entry.is_some() && shown.is_empty() { Exit::Failed } else { Exit::Done })
}

fn first_entries(case: &Case, bank: &Bank, limit: u64) -> adlink::Result<Vec<BankEntry>> {
    let mut shown = Vec::new();
    if limit == 0 {
        return Ok(shown);
    }
    let read = case.each_entry(bank, |entry| {
        shown.push(entry);
        // Whoever has seen enough stops the reading.
        if shown.len() as u64 >= limit { Err(Error::Interrupted) } else { Ok(()) }
    });
    match read {
        Err(Error::Interrupted) => Ok(shown),
        read => read.map(|()| shown),
    }
}

pub(super) fn history(args: &BankHistoryArgs, common: &Common) -> adlink::Result<Exit> {
    let versions = Case::open_read(&args.case)?.bank_history(&args.name)?;
    if versions.is_empty() {
        return Err(unknown(&args.name, "a bank that the case has or had"));
    }
    if common.json {
        let all: Vec<Value> = versions.iter().map(version_json).collect();
        terminal::data(&format!("{:#}\n", Value::Array(all)))?;
    } else {
        let text: String = versions.iter().map(version_line).collect();
        terminal::data(&printable(&text))?;
    }
    Ok(Exit::Done)
}

/// The bank of a name.
pub(super) fn named(case: &Case, name: &str) -> adlink::Result<Bank> {
    case.bank(name)?.ok_or_else(|| unknown(name, "a bank of the case: see `adlink bank list`"))
}

fn unknown(name: &str, expected: &str) -> Error {
    Error::Parameter { name: "bank", value: name.into(), expected: expected.into() }
}

/// Now, in Unix seconds.
pub(super) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// `on`, or why not.
pub(super) fn state(bank: &Bank, now: i64) -> String {
    match bank.facts.ratio {
        ratio if ratio <= 0.0 => "off".into(),
        _ if bank.is_expired(now) => format!("past its day ({})", bank.facts.expires),
        ratio if ratio < 1.0 => format!("on for {ratio} of look-ups"),
        _ => "on".into(),
    }
}

fn bank_line(bank: &Bank, entries: u64, now: i64) -> String {
    let facts = &bank.facts;
    let said = [("source", &facts.source), ("handling", &facts.handling), ("last day", &facts.expires)];
    let said: String = said
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("  {name}: {text}"))
        .collect();
    let (name, kind) = (bank.name(), facts.kind.name());
    let entries = super::entries(entries);
    format!("{name}  {kind}  version {}  {entries}  {}{said}\n", bank.version, state(bank, now))
}

fn bank_json(bank: &Bank, entries: u64, now: i64) -> Value {
    let facts = &bank.facts;
    json!({
        "name": bank.name(),
        "kind": facts.kind.name(),
        "version": bank.version,
        "entries": entries,
        "source": facts.source,
        "handling": facts.handling,
        "expires": facts.expires,
        "ratio": facts.ratio,
        "state": state(bank, now),
    })
}

fn entry_line(entry: &BankEntry, now: i64) -> String {
    let content = &entry.content;
    let digests = [
        content.pdq.map(|hash| format!("pdq {hash}")),
        content.quality.map(|quality| format!("quality {quality}")),
        content.md5.map(|digest| format!("md5 {}", hex(&digest))),
        content.sha1.map(|digest| format!("sha1 {}", hex(&digest))),
        content.sha256.map(|digest| format!("sha256 {digest}")),
    ];
    let mut line = format!("  {}", entry.id);
    for digest in digests.into_iter().flatten() {
        let _ = write!(line, "  {digest}");
    }
    let labels = content.labels.join(", ");
    let said =
        [("id", &content.outside_id), ("labels", &labels), ("note", &content.note), ("uri", &content.uri)];
    for (name, text) in said.into_iter().filter(|(_, text)| !text.is_empty()) {
        let _ = write!(line, "  {name}: {}", text.replace('\n', " "));
    }
    if !content.disable_until.is_on(now) {
        line.push_str(if content.disable_until == DisableUntil::OFF { "  off" } else { "  off for now" });
    }
    line + "\n"
}

/// What an entry says.
pub(super) fn entry_json(entry: &BankEntry, now: i64) -> Value {
    let content = &entry.content;
    json!({
        "entry": entry.id.0,
        "pdq": content.pdq.map(|hash| hash.to_string()),
        "quality": content.quality.map(|quality| quality.get()),
        "md5": content.md5.map(|digest| hex(&digest)),
        "sha1": content.sha1.map(|digest| hex(&digest)),
        "sha256": content.sha256.map(|digest| digest.to_string()),
        "outside_id": content.outside_id,
        "labels": content.labels,
        "note": content.note,
        "uri": content.uri,
        "metadata": serde_json::from_str::<Value>(&content.metadata).unwrap_or_default(),
        "raw": content.raw,
        "disable_until_ts": content.disable_until.0,
        "on": content.disable_until.is_on(now),
    })
}

fn version_line(version: &BankVersion) -> String {
    let BankVersion { name, version, at, by, action, list, entries } = version;
    let mut line = format!("{at}  {name} version {version}  {action}");
    for (number, what) in
        [(entries.added, "added"), (entries.removed, "removed"), (entries.changed, "changed")]
    {
        if number > 0 {
            let _ = write!(line, "  {} {what}", super::entries(number));
        }
    }
    for (name, text) in [("by", by), ("file", &list.file), ("sha256", &list.sha256)] {
        if !text.is_empty() {
            let _ = write!(line, "  {name} {text}");
        }
    }
    line + "\n"
}

fn version_json(version: &BankVersion) -> Value {
    let BankVersion { name, version, at, by, action, list, entries } = version;
    json!({
        "name": name,
        "version": version,
        "at": at,
        "by": by,
        "action": action,
        "file": list.file,
        "sha256": list.sha256,
        "added": entries.added,
        "removed": entries.removed,
        "changed": entries.changed,
    })
}
