//! `adlink export`: one file for somebody else, as small as its purpose allows, marked and on record.

use super::linking::{Clock, Linking, find};
use super::progress::Display;
use super::sink::STDOUT;
use super::terminal::{self, Talk, count};
use super::{Common, Exit};
use adlink::Error;
use adlink::output::Guard;
use adlink::share::{Format, Order, Passphrase, Profile, Target, disclose};
use clap::Args;
use serde_json::json;
use std::fs;
use std::io;
use std::path::PathBuf;

/// Write one file for somebody else, marked and on record
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink export --case case.adlink --format hashes.csv -o hashes.csv --recipient 'Unit 3' --purpose 'case 12/24'
  adlink export --case case.adlink --format links.csv --profile shared -o links.csv --recipient R --purpose P
  adlink export --case case.adlink --format package --profile full --encrypt -o case.tar.age --recipient R --purpose P

Profiles, the smallest first:
  hash-only  hashes, quality and sizes of images, and which image shows the photo of which; nothing of ads
  shared     which photos tie which ads together; sites, ads, places and images under keyed pseudonyms, days instead
             of times; no phones, texts, titles, names, places, addresses, paths or hashes
  full       everything that the result folder holds

Formats: every file of a result folder by its name (an unknown name lists them), hashes.csv, hashes.jsonl,
hashes.parquet, and `package`: a tar archive of all that the profile allows.

Every file names recipient and purpose, and the audit chain keeps both with its digest. Hashes are personal data:
anyone who has a photo can test whether it is in a list. The passphrase of --encrypt is read from --passphrase-file,
else from ADLINK_PASSPHRASE, else asked for; `age -d FILE` opens the file.")]
pub(super) struct ExportArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Which file
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Format,
    /// File to write; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// How much leaves: hash-only, shared or full
    #[arg(long, value_name = "PROFILE", default_value = "hash-only", value_parser = profile)]
    profile: Profile,
    /// Who gets it
    #[arg(long, value_name = "NAME")]
    recipient: String,
    /// What for
    #[arg(long, value_name = "TEXT")]
    purpose: String,
    /// Encrypt the file under a passphrase
    #[arg(long)]
    encrypt: bool,
    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE", requires = "encrypt")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    linking: Linking,
}

fn format(name: &str) -> Result<Format, String> {
    let names = || Format::all().map(Format::name).collect::<Vec<_>>().join(", ");
    Format::from_name(name).ok_or_else(|| format!("expected one of {}", names()))
}

fn profile(name: &str) -> Result<Profile, String> {
    Profile::from_name(name).ok_or_else(|| "expected hash-only, shared or full".into())
}

pub(super) fn run(args: &ExportArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let passphrase = args.encrypt.then(|| passphrase(args)).transpose()?;
    let options = args.linking.options(common, &args.linking.common_photos(talk)?);
    let mut case = super::case_for_writing(&args.case, common)?;
    if args.output.as_os_str() != "-"
        && let Some(replaced) = Guard::new(common.force).case(&case).file(&args.output)?
    {
        talk.warn(&format!("replaces {replaced}"));
    }
    let (snapshot, findings) = find(&mut case, &options, &Display::new(common, talk), &mut Clock::start())?;
    let order = Order {
        format: args.format,
        profile: args.profile,
        recipient: args.recipient.clone(),
        purpose: args.purpose.clone(),
        passphrase,
    };
    let mut stdout = std::io::stdout();
    let target = match args.output.as_os_str() == "-" {
        true => Target::Stream(STDOUT, &mut stdout),
        false => Target::File(&args.output),
    };
    let file = disclose(&mut case, &snapshot, &findings, &order, target)?;
    if common.json && args.output.as_os_str() != "-" {
        let summary = json!({"file": file.name, "sha256": file.sha256, "bytes": file.bytes});
        terminal::data(&format!("{summary:#}\n"))?;
    }
    talk.say(&format!("{} in {}, profile {}", count(file.bytes, "byte"), file.name, args.profile.name()));
    Ok(Exit::Done)
}

/// Never from the command line, which other users of the machine can read.
fn passphrase(args: &ExportArgs) -> adlink::Result<Passphrase> {
    if let Some(path) = &args.passphrase_file {
        let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
        return Passphrase::new(text.lines().next().unwrap_or_default());
    }
    match std::env::var("ADLINK_PASSPHRASE") {
        Ok(text) => Passphrase::new(&text),
        Err(_) => ask(),
    }
}

fn ask() -> adlink::Result<Passphrase> {
    let terminal = console::Term::stderr();
    let failed = |error| Error::io("read a passphrase from", "the terminal", error);
    let read = |prompt: &str| {
        terminal.write_str(prompt)?;
        terminal.read_secure_line()
    };
    if !terminal.is_term() {
        let error = io::Error::other("there is none; use --passphrase-file or ADLINK_PASSPHRASE");
        return Err(failed(error));
    }
    let first = read("Passphrase: ").map_err(failed)?;
    if read("Again: ").map_err(failed)? != first {
        return Err(failed(io::Error::other("the two are not the same")));
    }
    Passphrase::new(&first)
}
