//! `adlink bank import`: a list, or pictures, as the next version of a bank.

use super::BankFacts;
use crate::cli::progress::Display;
use crate::cli::terminal::{self, Talk, count};
use crate::cli::{Common, Exit, acting};
use adlink::Error;
use adlink::case::Case;
use adlink::corpus::{BankKind, ListDiff, NewBank};
use adlink::decode::{Limits, is_image};
use adlink::hashlist::{BareDigits, HashListReader, ListSource, ListTally, Missing, PictureList};
use adlink::ingest::image_files;
use adlink::source::Patient;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Faults told of one by one; the rest are counted.
const TOLD: usize = 5;

/// Make a list, or pictures, the next version of a bank
#[derive(Args)]
#[command(after_long_help = "\
Lists are told by their content: a hash a line (`hex`, `pdq hex`, `hex,quality,file`, `hash=hex,k=v`), MD5, SHA-1 and SHA-256 \
lists, CSV whose heading names a hash, JSON Lines, Parquet, Project VIC (VICS) JSON, NCMEC hash sharing v2 (XML, a page or a \
folder of them), StopNCII JSON. A picture or a folder of pictures is hashed. `-` reads a list from standard input.

A list that says all there is replaces the version before: what it does not name goes. NCMEC and StopNCII say what changed: \
there only what they withdraw goes. From a list with lines that cannot be read, or without an entry, nothing goes for being \
missing.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some lines or pictures could not be used, or the list had no entry.")]
pub(super) struct BankImportArgs {
    /// List, picture or folder; `-` for standard input
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// Bank: capitals, digits and `_`; made when it is not there
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Case file, made when it is not there
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    #[command(flatten)]
    facts: BankFacts,
    /// Entries of the bank that the list does not name
    #[arg(long, value_enum, default_value_t = MissingFlag::Auto)]
    missing: MissingFlag,
    /// What 64 hex digits are of which the list says nothing else
    #[arg(long, value_enum, default_value_t = DigitsFlag::Pdq)]
    hash: DigitsFlag,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MissingFlag {
    /// Go when the list is whole and says all there is
    Auto,
    /// Stay
    Keep,
    /// Go
    Remove,
}

impl From<MissingFlag> for Missing {
    fn from(flag: MissingFlag) -> Self {
        match flag {
            MissingFlag::Auto => Self::AsTheListSays,
            MissingFlag::Keep => Self::Keep,
            MissingFlag::Remove => Self::Remove,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DigitsFlag {
    /// A PDQ hash
    Pdq,
    /// A SHA-256 of a file
    Sha256,
}

/// What was read.
struct ImportedBank {
    diff: ListDiff,
    tally: ListTally,
    faults: Vec<String>,
}

pub(super) fn run(args: &BankImportArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let mut case = acting(Case::open_or_create(&args.case)?, common);
    let is_new = ensure_bank(&mut case, args)?;
    let imported = crate::cli::in_pool(common, || read(&mut case, args, common, talk))?;
    let imported = imported.inspect_err(|_| {
        // A name misspelt, a list that is none: no empty bank stays behind.
        if is_new {
            let _ = case.remove_bank(&args.name);
        }
    })?;
    for fault in imported.faults.iter().take(TOLD) {
        talk.warn(fault);
    }
    warn(args, &imported, talk);
    say(args, &imported, common, talk)?;
    let ImportedBank { diff, tally, .. } = &imported;
    let is_whole = tally.refused + diff.refused == 0 && !names_nothing(tally);
    Ok(if is_whole { Exit::Done } else { Exit::Skipped })
}

/// Whether a list that says all there is says nothing: more likely a wrong file than an empty list.
fn names_nothing(tally: &ListTally) -> bool {
    tally.entries + tally.withdrawn == 0 && !tally.is_feed
}

fn warn(args: &BankImportArgs, imported: &ImportedBank, talk: &Talk) {
    let ImportedBank { diff, tally, .. } = imported;
    if tally.refused as usize > TOLD {
        talk.warn(&format!("{}: {} more like these", args.list.display(), tally.refused as usize - TOLD));
    }
    if names_nothing(tally) {
        talk.warn(&format!("{}: no entry in it that could be used", args.list.display()));
    }
    if diff.missing > 0 && !tally.is_feed && args.missing == MissingFlag::Auto {
        let why = if tally.refused > 0 { "as not all of it could be read" } else { "as the list has none" };
        talk.warn(&format!(
            "{} of the bank not on the list: kept, {why} (`--missing remove` removes them)",
            super::entries(diff.missing)
        ));
    }
    if diff.unknown > 0 {
        talk.warn(&format!("{} that the bank did not have", count(diff.unknown, "withdrawal")));
    }
}

/// Makes the bank, or says of it what the flags say; whether it is new.
fn ensure_bank(case: &mut Case, args: &BankImportArgs) -> adlink::Result<bool> {
    let change = args.facts.change();
    match case.bank(&args.name)? {
        None => {
            let new = NewBank::named(&*args.name, BankKind::Known).changed(&change);
            case.create_bank(&new).map(|_| true)
        }
        Some(bank) if bank.facts.changed(&change) != bank.facts => {
            case.change_bank(&args.name, &change).map(|_| false)
        }
        Some(_) => Ok(false),
    }
}

fn read(
    case: &mut Case,
    args: &BankImportArgs,
    common: &Common,
    talk: &Talk,
) -> adlink::Result<ImportedBank> {
    match pictures(&args.list)? {
        Some(files) => read_pictures(case, args, &files, &Display::new(common, talk)),
        None => read_list(case, args),
    }
}

fn read_list(case: &mut Case, args: &BankImportArgs) -> adlink::Result<ImportedBank> {
    let source = match args.list == Path::new("-") {
        true => ListSource::Stream("standard input", Box::new(Patient::stdin())),
        false => ListSource::Path(&args.list),
    };
    let mut list = HashListReader::new(source);
    list.missing = args.missing.into();
    list.bare = match args.hash {
        DigitsFlag::Pdq => BareDigits::Pdq,
        DigitsFlag::Sha256 => BareDigits::Sha256,
    };
    let diff = case.import_list(&args.name, &mut list)?;
    let tally = list.tally;
    let faults = tally.first_refused.iter().map(ToString::to_string).collect();
    Ok(ImportedBank { diff, tally, faults })
}

fn read_pictures(
    case: &mut Case,
    args: &BankImportArgs,
    files: &[PathBuf],
    progress: &Display<'_>,
) -> adlink::Result<ImportedBank> {
    let mut list = PictureList {
        name: args.list.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        files,
        limits: &Limits::default(),
        progress,
        missing: args.missing.into(),
        refused: Vec::new(),
    };
    let diff = case.import_list(&args.name, &mut list)?;
    let refused = list.refused.len() as u64;
    let tally = ListTally { entries: files.len() as u64 - refused, refused, ..ListTally::default() };
    let faults = list.refused.iter().map(|(file, why)| format!("{}: {why}", file.display())).collect();
    Ok(ImportedBank { diff, tally, faults })
}

/// The pictures that a path names, if it names any; else it is a list.
pub(super) fn pictures(path: &Path) -> adlink::Result<Option<Vec<PathBuf>>> {
    if path.is_dir() {
        let files = image_files(path)?;
        return Ok((!files.is_empty()).then_some(files));
    }
    if !path.is_file() {
        return Ok(None);
    }
    let mut head = Vec::new();
    let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
    file.take(64).read_to_end(&mut head).map_err(|error| Error::io("read", path, error))?;
    Ok(is_image(&head).then(|| vec![path.to_path_buf()]))
}

fn say(args: &BankImportArgs, imported: &ImportedBank, common: &Common, talk: &Talk) -> adlink::Result<()> {
    let ImportedBank { diff, tally, .. } = imported;
    if common.json {
        let summary = json!({
            "bank": args.name,
            "version": diff.version,
            "added": diff.added,
            "removed": diff.removed,
            "changed": diff.changed,
            "unchanged": diff.unchanged,
            "repeated": diff.repeated,
            "missing": diff.missing,
            "withdrawn": tally.withdrawn,
            "withdrawn_unknown": diff.unknown,
            "padded": tally.padded,
            "passed_over": tally.passed_over,
            "refused": tally.refused,
            "refused_withdrawn_images": diff.refused,
        });
        return terminal::data(&format!("{summary:#}\n"));
    }
    let told = [
        (diff.repeated, "named twice"),
        (diff.missing, "kept though not named"),
        (tally.padded, "with leading zeros put back"),
        (tally.passed_over, "of films, parts or failed files passed over"),
        (tally.refused, "that could not be read"),
        (diff.refused, "of images withdrawn from this case refused"),
    ];
    let more: String = told
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!(", {count} {what}"))
        .collect();
    let ListDiff { added, removed, changed, unchanged, version, .. } = diff;
    talk.say(&format!(
        "{} version {version}: {added} added, {removed} removed, {changed} changed, {unchanged} unchanged{more}",
        args.name
    ));
    Ok(())
}
