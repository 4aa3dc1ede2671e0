//! `adlink bank match`: who is on the banks, or in another case.
//!
//! The trap: the exit code is the answer. A picture that cannot be read, or a bank that cannot be opened, is no "not
//! listed".

use super::import::pictures;
use super::list::{named, now, state};
use super::match_rows::{self, MatchRow, ads_of, path_of};
use crate::cli::sink::OutputSink;
use crate::cli::terminal::{Talk, count, printable};
use crate::cli::{Common, Exit, answered, in_pool, told};
use adlink::Error;
use adlink::analysis::hash_file;
use adlink::bank::{BankFilter, BankIndex, BankMatcher, BankMatches, EntriesLeftOut};
use adlink::case::Case;
use adlink::corpus::{ImageRow, ListItem, NewEntry, NewList};
use adlink::hash::{Hash256, Quality};
use adlink::hashlist::{HashListReader, ListSource};
use adlink::link::Findings;
use adlink::output::Guard;
use adlink::record::{Image, hex};
use adlink::search::PhotoSearch;
use adlink::source::Patient;
use adlink::verify::RADIUS;
use adlink::view::Joined;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Find who is on a bank, or which photos two cases share
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink bank match upload.jpg --case banks.adlink
  adlink bank match f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22 --case banks.adlink
  adlink bank match theirs.csv --case banks.adlink --bank OURS      which entries of a list are on a bank
  adlink bank match --case case.adlink --under entry                the images of the case, by what they match
  adlink bank match --case one.adlink --against two.adlink          photos of both; none is compared within its own case

Banks that are off or past their day, and entries that are off, do not match; what was left out is said.
Hashes are compared under all eight turns, of every part of a picture that has a hash of its own.
Exit codes: 0 something matched; 1 nothing did; 2 it failed, or nothing matched and some input could not be used.")]
pub(super) struct BankMatchArgs {
    /// Pictures, folders of them, lists, hashes of 64 digits; `-` for a list on standard input [default: the images
    /// of the case]
    #[arg(value_name = "WHAT")]
    what: Vec<PathBuf>,
    /// Case file that holds the banks
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Bank to ask, again for more [default: all]
    #[arg(long, value_name = "NAME")]
    bank: Vec<String>,
    /// Another case: its images against those of the first or, with --bank, against banks
    #[arg(long, value_name = "FILE", conflicts_with = "what")]
    against: Option<PathBuf>,
    /// Largest Hamming distance between PDQ hashes of one photo, of 256 bits
    #[arg(long, value_name = "BITS", default_value_t = RADIUS, value_parser = clap::value_parser!(u32).range(0..=63))]
    radius: u32,
    /// What matches stand under
    #[arg(long, value_enum, default_value_t = MatchOrder::Query)]
    under: MatchOrder,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = MatchFormat::Text)]
    format: MatchFormat,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MatchOrder {
    /// What was asked
    Query,
    /// What matched
    Entry,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MatchFormat {
    Text,
    Csv,
    Json,
}

/// What was asked and found.
#[derive(Default)]
struct MatchTally {
    rows: Vec<MatchRow>,
    queries: u64,
    left_out: EntriesLeftOut,
    /// Queries too plain for their hash to tell anything.
    too_plain: u64,
    /// Pictures, and lines of lists, that could not be used.
    unusable: u64,
}

pub(super) fn run(args: &BankMatchArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let outcome = in_pool(common, || asked(args, common, talk)).and_then(|exit| exit);
    told(outcome, talk)
}

fn asked(args: &BankMatchArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let case = Case::open_read(&args.case)?;
    let mut tally = MatchTally::default();
    match &args.against {
        Some(other) if args.bank.is_empty() => {
            between_cases(&case, &Case::open_read(other)?, args.radius, &mut tally)?;
        }
        against => {
            let index = BankIndex::build(&case)?;
            let filter = filter(args, &case, talk)?;
            let matcher = BankMatcher { case: &case, index: &index, filter, radius: args.radius, now: now() };
            match against {
                Some(other) => of_case(&Case::open_read(other)?, &matcher, &mut tally)?,
                None if args.what.is_empty() => of_case(&case, &matcher, &mut tally)?,
                None => args.what.iter().try_for_each(|what| of_input(what, &matcher, &mut tally, talk))?,
            }
        }
    }
    if args.under == MatchOrder::Entry {
        tally.rows.sort_by(|a, b| a.by_entry().cmp(&b.by_entry()));
    }
    write(args, &case, &tally, common, talk)?;
    say(&tally, talk);
    Ok(answered(!tally.rows.is_empty(), tally.unusable == 0))
}

/// The banks asked; says of those that do not answer why.
fn filter(args: &BankMatchArgs, case: &Case, talk: &Talk) -> adlink::Result<BankFilter> {
    let banks = case.banks()?;
    if banks.is_empty() {
        let hint = "`adlink bank import LIST --name NAME --case FILE` makes one".into();
        return Err(Error::Fruitless { what: "the case has no banks".into(), hint });
    }
    args.bank.iter().try_for_each(|name| named(case, name).map(drop))?;
    let filter = match args.bank.is_empty() {
        true => BankFilter::default(),
        false => BankFilter::of(&args.bank),
    };
    let now = now();
    for bank in banks.iter().filter(|bank| filter.asks(bank)) {
        if bank.facts.ratio <= 0.0 || bank.is_expired(now) {
            let entries = super::entries(case.count_entries(bank)?);
            talk.warn(&format!("bank {} is {}: {entries} not asked", bank.name(), state(bank, now)));
        }
    }
    Ok(filter)
}

impl MatchTally {
    fn take(&mut self, query: &str, ads: &[String], matches: BankMatches) {
        self.queries += 1;
        self.left_out += matches.left_out;
        self.too_plain += u64::from(matches.too_plain);
        self.rows.extend(matches.found.into_iter().map(|found| MatchRow::listed(query, ads, found)));
    }
}

/// One thing that the user named.
fn of_input(
    what: &Path,
    matcher: &BankMatcher<'_>,
    tally: &mut MatchTally,
    talk: &Talk,
) -> adlink::Result<()> {
    let text = what.to_string_lossy();
    if let Some(hash) = hash_argument(what) {
        tally.take(&text, &[], matcher.listed(&NewEntry::of_hash(hash))?);
        return Ok(());
    }
    let files = if what == Path::new("-") { None } else { pictures(what)? };
    match files {
        None => of_list(what, matcher, tally, talk),
        Some(files) => files.iter().try_for_each(|file| match hash_file(file) {
            Ok(image) => {
                tally.take(&file.to_string_lossy(), &[], matcher.image(&image)?);
                Ok(())
            }
            Err(error) => {
                tally.unusable += 1;
                talk.warn(&format!("`{}` cannot be used: {error}", file.display()));
                Ok(())
            }
        }),
    }
}

/// A hash in place of a file: 64 hex digits, where no file has that name.
pub(in crate::cli) fn hash_argument(what: &Path) -> Option<Hash256> {
    let text = what.to_str().filter(|text| text.len() == 64)?;
    if what.exists() { None } else { text.parse().ok() }
}

fn of_list(
    what: &Path,
    matcher: &BankMatcher<'_>,
    tally: &mut MatchTally,
    talk: &Talk,
) -> adlink::Result<()> {
    let source = match what == Path::new("-") {
        true => ListSource::Stream("standard input", Box::new(Patient::stdin())),
        false => ListSource::Path(what),
    };
    let mut list = HashListReader::new(source);
    list.read(&mut |item| {
        if let ListItem::Entry(entry) = item {
            tally.take(&called(&entry), &[], matcher.listed(&entry)?);
        }
        Ok(())
    })?;
    for fault in list.tally.first_refused.iter().take(3) {
        talk.warn(&format!("{}, line {}: {}", fault.file.display(), fault.line, fault.reason));
    }
    tally.unusable += list.tally.refused;
    Ok(())
}

/// What an entry of a list goes by in an answer.
fn called(entry: &NewEntry) -> String {
    let names = [
        Some(entry.outside_id.clone()).filter(|id| !id.is_empty()),
        entry.pdq.map(|hash| hash.to_string()),
        entry.sha256.map(|digest| digest.to_string()),
        entry.md5.map(|digest| hex(&digest)),
        entry.sha1.map(|digest| hex(&digest)),
    ];
    names.into_iter().flatten().next().unwrap_or_default()
}

/// The images of a case against banks.
fn of_case(case: &Case, matcher: &BankMatcher<'_>, tally: &mut MatchTally) -> adlink::Result<()> {
    let (snapshot, unlinked) = (case.snapshot()?, Findings::default());
    let joined = Joined::new(&snapshot, &unlinked);
    for (row, image) in joined.images() {
        let matches = matcher.image(image)?;
        // Whose they are is only asked of those that match.
        let (query, ads) = match matches.found.is_empty() {
            true => (String::new(), Vec::new()),
            false => (name_of(&joined, row, image), ads_of(&joined, row)),
        };
        tally.take(&query, &ads, matches);
    }
    Ok(())
}

/// The images of one case in another; none is compared within its own.
fn between_cases(here: &Case, there: &Case, radius: u32, tally: &mut MatchTally) -> adlink::Result<()> {
    let (here, there, unlinked) = (here.snapshot()?, there.snapshot()?, Findings::default());
    let search = PhotoSearch::for_queries(&here, radius, Quality::USABLE, there.images.len());
    let (joined_here, joined_there) = (Joined::new(&here, &unlinked), Joined::new(&there, &unlinked));
    for (row, image) in joined_there.images() {
        let hits = search.find(image);
        tally.queries += 1;
        tally.too_plain += u64::from(image.pdq.quality < Quality::USABLE);
        if hits.is_empty() {
            continue;
        }
        let (query, ads) = (name_of(&joined_there, row, image), ads_of(&joined_there, row));
        tally.rows.extend(hits.iter().filter_map(|hit| MatchRow::in_case(&query, &ads, &joined_here, hit)));
    }
    Ok(())
}

fn name_of(joined: &Joined<'_>, row: ImageRow, image: &Image) -> String {
    let path = path_of(joined, row);
    if path.is_empty() { image.id().to_string() } else { path }
}

fn write(
    args: &BankMatchArgs,
    case: &Case,
    tally: &MatchTally,
    common: &Common,
    talk: &Talk,
) -> adlink::Result<()> {
    let format = if common.json { MatchFormat::Json } else { args.format };
    let text = match format {
        MatchFormat::Text => printable(&match_rows::text(&tally.rows, args.under == MatchOrder::Entry)),
        MatchFormat::Csv => {
            match_rows::csv(&tally.rows).map_err(|error| Error::io("write", "the table", error))?
        }
        MatchFormat::Json => format!("{:#}\n", summary(tally)),
    };
    let guard = Guard::new(common.force).case(case).inputs(args.what.iter().cloned());
    OutputSink::open(args.output.as_deref(), &guard, talk)?.text(&text)
}

fn summary(tally: &MatchTally) -> serde_json::Value {
    let EntriesLeftOut { banks_off, banks_expired, entries_off, too_plain } = tally.left_out;
    json!({
        "queries": tally.queries,
        "matches": tally.rows.iter().map(MatchRow::json).collect::<Vec<_>>(),
        "left_out": {
            "banks_off": banks_off,
            "banks_expired": banks_expired,
            "entries_off": entries_off,
            "entries_too_plain": too_plain,
        },
        "queries_too_plain": tally.too_plain,
        "unusable": tally.unusable,
    })
}

fn say(tally: &MatchTally, talk: &Talk) {
    let matches = tally.rows.len() as u64;
    let matches = if matches == 1 { "1 match".into() } else { format!("{matches} matches") };
    let queries = if tally.queries == 1 { "1 query".into() } else { format!("{} queries", tally.queries) };
    talk.say(&format!("{queries}, {matches}"));
    for (number, why) in tally.left_out.words() {
        talk.say(&format!("{} left out: {why}", super::entries(number)));
    }
    if tally.too_plain > 0 {
        let queries =
            if tally.too_plain == 1 { "1 query".into() } else { format!("{} queries", tally.too_plain) };
        talk.say(&format!("{queries} too plain: only digests were compared"));
    }
    if tally.unusable > 0 {
        talk.warn(&format!("{} could not be used", count(tally.unusable, "input")));
    }
}
