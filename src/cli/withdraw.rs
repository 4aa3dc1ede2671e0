//! `adlink withdraw`: an image or ad out of the case for good, and what remains elsewhere.

use super::terminal::{self, Talk, count, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::analysis::{analyse, digest, read_file};
use adlink::case::{AuditEntry, Case, RemovalCounts, Withdrawal, Withdrawn};
use adlink::decode::Limits;
use adlink::hash::Quality;
use adlink::link::LinkOptions;
use adlink::record::{AdKey, Image, ImageId};
use adlink::search::{CaseSearch, Hit};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// Take an image or ad out of a case for good
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink withdraw photo.jpg --case case.adlink --reason 'asked for by the person shown'
  adlink withdraw 3b0c...64 hex digits... --case case.adlink --reason 'order 12/24'
  adlink withdraw photo.jpg --near-copies --case case.adlink --reason 'request 7'
  adlink withdraw --ad site.example/123 --case case.adlink --reason 'request 7'

An image goes with its hashes, features, file names and every place where it was seen, and a record that showed \
nothing else goes, too. An ad goes with all its records, and with images that no other ad shows. What remains is a \
keyed digest that refuses the same bytes, or the same ad, from now on (WITHDRAWN in skipped.csv), and an audit entry \
without content: keep names out of --reason.

Other copies of the same photo have other bytes, and stay. They are listed: images within 31 bits of this one, under any \
turn. --near-copies withdraws them as well, after a question that --yes answers. Crops and pages are not among them.")]
pub(super) struct WithdrawArgs {
    /// Image: a file, or the SHA-256 of one
    #[arg(value_name = "IMAGE|SHA256", required_unless_present = "ad")]
    image: Option<String>,
    /// Ad, as SITE/ID
    #[arg(long, value_name = "SITE/ID", conflicts_with = "image", value_parser = ad_key)]
    ad: Option<AdKey>,
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Why, for the audit chain; must not name what is withdrawn
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Withdraw also every image of the case that shows the same photo by its hash
    #[arg(long, conflicts_with = "ad")]
    near_copies: bool,
    /// Do not ask how many near copies may go
    #[arg(long, requires = "near_copies")]
    yes: bool,
}

fn ad_key(text: &str) -> Result<AdKey, String> {
    match text.split_once('/') {
        Some((site, ad_id)) if !ad_id.is_empty() => Ok(AdKey { site: site.into(), ad_id: ad_id.into() }),
        _ => Err("expected SITE/ID, such as site.example/123".into()),
    }
}

pub(super) fn run(args: &WithdrawArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let mut case = super::case_for_writing(&args.case, common)?;
    let (mut all, near) = match (&args.ad, &args.image) {
        (Some(key), _) => (vec![Withdrawal::Ad(key.clone())], Vec::new()),
        (None, image) => {
            let (id, image) = image_of(image.as_deref().unwrap_or_default(), &case)?;
            let near = image.map(|image| near_copies(&case, &image)).transpose()?.unwrap_or_default();
            (vec![Withdrawal::Image(id)], near)
        }
    };
    if args.near_copies && !near.is_empty() {
        if !args.yes && !agreed(near.len())? {
            talk.fault("nothing was withdrawn");
            return Ok(Exit::Failed);
        }
        all.extend(near.iter().map(|copy| Withdrawal::Image(copy.id)));
    }
    let withdrawn = case.withdraw_all(&all, &args.reason)?;
    let stay = if args.near_copies { &[][..] } else { &near };
    let outside = outside(&case)?;
    if common.json {
        terminal::data(&format!("{:#}\n", as_json(&withdrawn, stay, &outside)))?;
    } else if !common.quiet {
        terminal::data(&printable(&words(&withdrawn, stay, &outside)))?;
    }
    Ok(overwritten(&withdrawn.removed, talk))
}

/// A digest as it is; a file by its bytes; a file that is gone by what the case knows of it. With the image, when it
/// can be decoded or is in the case.
fn image_of(image: &str, case: &Case) -> adlink::Result<(ImageId, Option<Image>)> {
    if let Some(id) = ImageId::parse(image) {
        return Ok((id, in_case(case, &id)?));
    }
    let path = std::path::absolute(image).map_err(|error| Error::io("read", image, error))?;
    let limits = Limits { max_bytes: u64::MAX, ..Limits::default() };
    match read_file(&path, &limits) {
        Ok(bytes) => Ok((digest(&bytes).sha256, analyse(&bytes, &limits).ok())),
        Err(error) => {
            let unreadable = || Error::io("read", image, std::io::Error::other(error));
            let id = case.image_at(&path)?.ok_or_else(unreadable)?;
            Ok((id, in_case(case, &id)?))
        }
    }
}

fn in_case(case: &Case, id: &ImageId) -> adlink::Result<Option<Image>> {
    let Some(key) = case.image_key(id)? else { return Ok(None) };
    Ok(case.snapshot_of(&BTreeSet::from([key]))?.images.into_iter().find(|image| image.id() == *id))
}

/// Another image of the case that shows the same photo.
struct NearCopy {
    id: ImageId,
    tier: &'static str,
    distance: u32,
    /// Where it was seen.
    ads: u64,
    path: String,
}

fn near_copies(case: &Case, image: &Image) -> adlink::Result<Vec<NearCopy>> {
    let search = CaseSearch::new(case, LinkOptions::default().radius, Quality::USABLE, 1)?;
    let (snapshot, hits) = search.find(&[image])?;
    let copy = |hit: &Hit| {
        let seen: Vec<_> = snapshot.sightings.iter().filter(|seen| seen.image == hit.image).collect();
        Some(NearCopy {
            id: snapshot.images[hit.image as usize].id(),
            tier: hit.proof.as_ref()?.tier.name(),
            distance: hit.distance,
            ads: seen.iter().map(|seen| seen.ad).collect::<BTreeSet<_>>().len() as u64,
            path: seen.first().map(|seen| seen.path.to_string()).unwrap_or_default(),
        })
    };
    let copies = hits.iter().flatten().filter_map(copy);
    Ok(copies.filter(|copy| copy.id != image.id()).collect())
}

/// Asks on the terminal; where there is none, nobody agrees.
fn agreed(copies: usize) -> adlink::Result<bool> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Error::Parameter {
            name: "--near-copies",
            value: count(copies as u64, "further image"),
            expected: "--yes to withdraw that many, too, since nobody can be asked here".into(),
        });
    }
    terminal::ask(&format!(
        "Withdraw the image and {} that show the same photo for good? [y/N] ",
        count(copies as u64, "other")
    ))
}

/// What left the case earlier, by its audit chain.
pub(super) struct Outside {
    folders: Vec<String>,
    exports: Vec<String>,
}

pub(super) fn outside(case: &Case) -> adlink::Result<Outside> {
    let entries = case.audit_entries()?;
    let of = |action: &[&str], line: fn(&AuditEntry) -> String| {
        let mut lines: Vec<String> =
            entries.iter().filter(|entry| action.contains(&&*entry.action)).map(line).collect();
        let mut seen = std::collections::BTreeSet::new();
        lines.retain(|line| seen.insert(line.clone()));
        lines
    };
    Ok(Outside {
        folders: of(&["link-run"], |entry| field(entry, "out")),
        exports: of(&["export"], |entry| {
            format!(
                "{} to {} ({}, {}), {}",
                field(entry, "file"),
                field(entry, "recipient"),
                field(entry, "profile"),
                field(entry, "purpose"),
                entry.at
            )
        }),
    })
}

fn field(entry: &AuditEntry, name: &str) -> String {
    entry.detail[name].as_str().unwrap_or_default().to_string()
}

impl Outside {
    /// What the user has to see to; says so even when there is nothing.
    pub(super) fn words(&self) -> String {
        let mut text = String::new();
        for (what, lines) in [
            ("result folders, to be made again or deleted", &self.folders),
            ("exports made earlier", &self.exports),
        ] {
            if lines.is_empty() {
                text.push_str(&format!("  {what}: none on record\n"));
            } else {
                text.push_str(&format!("  {what}:\n"));
                lines.iter().for_each(|line| text.push_str(&format!("    {line}\n")));
            }
        }
        text.push_str("  copies and backups of the case, and blocks that a disk still holds, which no program reaches\n");
        text
    }

    pub(super) fn json(&self) -> Value {
        json!({"result_folders": self.folders, "exports": self.exports})
    }
}

/// `3 records, 1 image, ...`.
pub(super) fn tally(removed: &RemovalCounts) -> String {
    [
        (removed.ads, "ad"),
        (removed.records, "record"),
        (removed.sightings, "sighting"),
        (removed.images, "image"),
        (removed.files, "file name"),
        (removed.decisions, "decision"),
        (removed.notes, "note"),
        (removed.entries, "listed photo"),
    ]
    .map(|(number, one)| count(number, one))
    .join(", ")
}

pub(super) fn tally_json(removed: &RemovalCounts) -> Value {
    json!({
        "ads": removed.ads,
        "records": removed.records,
        "sightings": removed.sightings,
        "images": removed.images,
        "files": removed.files,
        "decisions": removed.decisions,
        "notes": removed.notes,
        "entries": removed.entries,
        "overwritten": removed.overwritten,
    })
}

/// Fails when a reader keeps removed bytes alive.
pub(super) fn overwritten(removed: &RemovalCounts, talk: &Talk) -> Exit {
    if removed.overwritten {
        return Exit::Done;
    }
    talk.fault(
        "removed, but another adlink that reads the case keeps the old bytes in its log; end it and run this again",
    );
    Exit::Failed
}

fn words(withdrawn: &Withdrawn, stay: &[NearCopy], outside: &Outside) -> String {
    let mut text = match withdrawn.removed.sightings + withdrawn.removed.records {
        0 => "the case held nothing of it; it is refused from now on\n".to_string(),
        _ => format!("withdrawn: {}; it is refused from now on\n", tally(&withdrawn.removed)),
    };
    if !stay.is_empty() {
        text.push_str("Near copies that stay in the case (--near-copies withdraws them, too):\n");
    }
    for copy in stay {
        let NearCopy { id, tier, distance, ads, path } = copy;
        text.push_str(&format!("  {id}  {distance:>2} bits  {tier}  {}  {path}\n", count(*ads, "ad")));
    }
    text.push_str("What remains outside the case:\n");
    let there = |path: &&PathBuf| Path::exists(path);
    let originals: Vec<&PathBuf> = withdrawn.originals.iter().filter(there).collect();
    if originals.is_empty() {
        text.push_str("  originals: none where the case knew them\n");
    } else {
        text.push_str("  originals, which adlink never changes:\n");
        originals.iter().for_each(|path| text.push_str(&format!("    {}\n", path.display())));
    }
    text + &outside.words()
}

fn as_json(withdrawn: &Withdrawn, stay: &[NearCopy], outside: &Outside) -> Value {
    let stay = stay.iter().map(|NearCopy { id, tier, distance, ads, path }| {
        json!({"sha256": id.to_string(), "tier": tier, "distance": distance, "ads": ads, "path": path})
    });
    json!({
        "removed": tally_json(&withdrawn.removed),
        "near_copies_left": stay.collect::<Vec<_>>(),
        "originals": withdrawn.originals.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "outside": outside.json(),
    })
}
