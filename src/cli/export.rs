//! `adlink export`: one file for somebody else, as small as its purpose allows, marked and on record.

use super::linking::{Clock, Linking, find};
use super::passphrase::passphrase;
use super::progress::Display;
use super::sink::STDOUT;
use super::terminal::{self, Talk, count};
use super::{Common, Exit};
use adlink::case::Case;
use adlink::output::Guard;
use adlink::share::{Format, Order, Profile, Target, disclose};
use clap::Args;
use serde_json::json;
use std::io::Stdout;
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

Formats: every file of a result folder by its name (an unknown name lists them), hashes.csv, hashes.jsonl, \
hashes.parquet, and `package`: a tar archive of all these that the profile allows. By name only:
  followthemoney.jsonl    entities for Aleph: HyperText, Image (SHA-1), Similar, UnknownLink
  vics.json               Project VIC 2.0, Category 0, MD5 and SHA-1, PDQ among the alternative hashes; not in shared
  case-uco.jsonld         a CASE/UCO graph
  misp.json, stix.json    a MISP event; a STIX 2.1 bundle
  sightings.geojson       where linked ads were whose records gave lat and lon; full only, as it is empty in shared
  NAME.parquet            every CSV table with typed columns: pairs.parquet, links.parquet, ...
  graph_all.graphml, .gexf  the graph with the links that join nobody; graph.* holds those that hold
These take what the profile lets through: in hash-only images and pairs, in shared pseudonyms and no hashes. They hold \
images that show a shared photo and their ads; vics.json holds all images that have an MD5.

Every file names recipient and purpose, and the audit chain keeps both with its digest. Hashes are personal data: \
anyone who has a photo can test whether it is in a list. The passphrase of --encrypt is read from --passphrase-file, \
else from ADLINK_PASSPHRASE, else asked for; `age -d FILE` opens the file.")]
pub(super) struct ExportArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Which file
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Format,
    /// How much leaves: hash-only, shared or full
    #[arg(long, value_name = "PROFILE", default_value = "hash-only", value_parser = profile)]
    profile: Profile,
    #[command(flatten)]
    delivery: Delivery,
    /// CSV in the form that spreadsheets do not change: a byte order mark, and a `'` before cells that they would turn into
    /// formulas, other numbers or dates. In a package, beside the raw files
    #[arg(long)]
    spreadsheet: bool,
    /// Encrypt the file under a passphrase
    #[arg(long)]
    encrypt: bool,
    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE", requires = "encrypt")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    linking: Linking,
}

/// Where something goes that is for somebody else, who gets it, and what for.
#[derive(Args)]
pub(super) struct Delivery {
    /// File to write; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Who gets it
    #[arg(long, value_name = "NAME")]
    pub(super) recipient: String,
    /// What for
    #[arg(long, value_name = "TEXT")]
    pub(super) purpose: String,
}

impl Delivery {
    pub(super) fn is_stdout(&self) -> bool {
        self.output.as_os_str() == "-"
    }

    /// Refuses a file that must stay, and says what is replaced.
    pub(super) fn guard(&self, case: &Case, common: &Common, talk: &Talk) -> adlink::Result<()> {
        if !self.is_stdout()
            && let Some(replaced) = Guard::new(common.force).case(case).file(&self.output)?
        {
            talk.warn(&format!("replaces {replaced}"));
        }
        Ok(())
    }

    pub(super) fn target<'t>(&'t self, stdout: &'t mut Stdout) -> Target<'t> {
        if self.is_stdout() { Target::Stream(STDOUT, stdout) } else { Target::File(&self.output) }
    }
}

fn format(name: &str) -> Result<Format, String> {
    let names = || Format::all().map(Format::name).collect::<Vec<_>>().join(", ");
    Format::from_name(name).ok_or_else(|| format!("expected one of {}", names()))
}

fn profile(name: &str) -> Result<Profile, String> {
    Profile::from_name(name).ok_or_else(|| "expected hash-only, shared or full".into())
}

pub(super) fn run(args: &ExportArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let file = args.passphrase_file.as_deref();
    let passphrase = args.encrypt.then(|| passphrase(file, true)).transpose()?;
    let options = args.linking.options(common, &args.linking.common_photos(talk)?);
    let mut case = super::case_for_writing(&args.case, common)?;
    args.delivery.guard(&case, common, talk)?;
    let (snapshot, findings) = find(&mut case, &options, &Display::new(common, talk), &mut Clock::start())?;
    let order = Order {
        format: args.format,
        profile: args.profile,
        recipient: args.delivery.recipient.clone(),
        purpose: args.delivery.purpose.clone(),
        spreadsheet: args.spreadsheet,
        passphrase,
    };
    let mut stdout = std::io::stdout();
    let target = args.delivery.target(&mut stdout);
    let file = disclose(&mut case, &snapshot, &findings, &order, target)?;
    if common.json && !args.delivery.is_stdout() {
        let summary = json!({"file": file.name, "sha256": file.sha256, "bytes": file.bytes});
        terminal::data(&format!("{summary:#}\n"))?;
    }
    talk.say(&format!("{} in {}, profile {}", count(file.bytes, "byte"), file.name, args.profile.name()));
    Ok(Exit::Done)
}
