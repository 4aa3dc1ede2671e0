//! `adlink import`: what a partner's `export` wrote, into a case.

use super::ingest::say;
use super::inputs::counts;
use super::passphrase::{is_given, passphrase};
use super::progress::Display;
use super::terminal::{self, Talk, count};
use super::{Common, Exit};
use adlink::case::Case;
use adlink::ingest::{IngestOptions, ingest};
use adlink::share::receive;
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Take a partner's package into a case
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink import partner.tar --case case.adlink --from 'Unit 3'
  adlink import partner.tar.age --case case.adlink --passphrase-file key.txt
  adlink report --case case.adlink --out result                 what now links to what

Reads what `adlink export --format package` wrote with the profile hash-only or full. Its images are hashes without a file: \
they link by hash alone, and every such link says so (SOURCE_HASH_ONLY). With hash-only every image is an ad by itself, on \
the site that --from names; with full, linked ads keep site and id. A package of the profile shared has pseudonyms and no \
hashes, so there is nothing to compare. The audit chain keeps the digest of the package, who it came from, and what it says \
it is for; keep to that.
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some of it was skipped.")]
pub(super) struct ImportArgs {
    /// The package, encrypted or not
    #[arg(value_name = "PACKAGE")]
    package: PathBuf,
    /// Case file, created when it is not there
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Who it came from
    #[arg(long, value_name = "NAME", default_value = "partner")]
    from: String,
    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

pub(super) fn run(args: &ImportArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let file = args.passphrase_file.as_deref();
    let given = is_given(file).then(|| passphrase(file, false)).transpose()?;
    let received = receive(&args.package, &args.from, given.as_ref())?;
    let mut case = super::acting(Case::open_or_create(&args.case)?, common);
    let name = args.package.display().to_string();
    let note = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "package": name,
        "sha256": received.sha256,
        "from": args.from,
        "profile": received.profile,
        "recipient": received.recipient,
        "purpose": received.purpose,
        "ads": received.ads,
        "images": received.images,
    });
    case.note("import", &note)?;
    talk.say(&format!(
        "{} and {} of {}, profile {}, for: {}",
        count(received.images as u64, "image"),
        count(received.ads as u64, "ad"),
        args.from,
        received.profile,
        received.purpose
    ));
    let before = case.counts()?.images;
    let options = IngestOptions {
        features: case.feature_limit()?.unwrap_or(IngestOptions::default().features),
        threads: common.threads.map(usize::from),
        ..IngestOptions::default()
    };
    let summary = ingest(&mut case, &[received.input(&name)], &options, &Display::new(common, talk))?;
    say(&summary, talk);
    if let Some(error) = summary.fruitless(before) {
        return Err(error);
    }
    if common.json {
        terminal::data(&format!("{:#}\n", Value::Object(counts(&summary))))?;
    }
    Ok(if summary.skipped() > 0 { Exit::Skipped } else { Exit::Done })
}
