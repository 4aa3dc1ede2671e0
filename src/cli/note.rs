//! `adlink note`: names and notes of networks, as the desk gives and lists them.
//!
//! The trap: a note is bound to the ads that the network has when it is given, so the case is linked first, as `adlink
//! report` does it; its number alone would lead astray once networks change.

use super::terminal::{self, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::case::Case;
use adlink::corpus::{NetworkNote, NoteKind, short_id};
use adlink::link::{LinkOptions, Network};
use adlink::link_case;
use adlink::progress::Silent;
use adlink::view::{Joined, NetworkNotes, PlacedNote, ranked};
use clap::{ArgGroup, Args};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Name networks and note things of them, or list names and notes
#[derive(Args)]
#[command(group = ArgGroup::new("given"), after_long_help = "\
Examples:
  adlink note --case c.adlink                                              all names and notes
  adlink note --case c.adlink 3                                            those of network 3
  adlink note --case c.adlink 3 'The same flat in all' --reviewer 'R. One'
  adlink note --case c.adlink 3 --name 'The harbour ads' --reviewer 'R. One'
  adlink note --case c.adlink n-3f2a9c0011223344 --name '' --reviewer 'R. One'   takes the name back

A network goes by the number or the id that `adlink report` gives it without flags of linking. A note belongs to the ads that the network has now, \
and follows most of them when decisions or new ads change networks. Nothing is changed later, only followed by another.
Exit codes: 0 done; 1 failed; 2 wrong usage, also where there is no such network.")]
pub(super) struct NoteArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Network by its number or id [default: all, where names and notes are listed]
    #[arg(value_name = "NETWORK")]
    network: Option<String>,
    /// What to note of it
    #[arg(value_name = "WORDS", group = "given", requires = "reviewer")]
    words: Option<String>,
    /// A name of its own, by which report and desk call it from then on; an empty one takes the name back
    #[arg(long, value_name = "NAME", group = "given", requires_all = ["network", "reviewer"])]
    name: Option<String>,
    /// Who gives it
    #[arg(long, value_name = "NAME", requires = "given")]
    reviewer: Option<String>,
}

pub(super) fn run(args: &NoteArgs, common: &Common) -> adlink::Result<Exit> {
    let mut case = Case::open_read(&args.case)?;
    let linked = link_case(&mut case, &LinkOptions::default(), &Silent)?;
    drop(case);
    let joined = Joined::new(&linked.snapshot, &linked.findings);
    let network = args.network.as_deref().map(|name| named(&joined, name)).transpose()?;
    let given = match (&args.name, &args.words) {
        (Some(name), _) => Some((NoteKind::Name, name)),
        (None, Some(words)) => Some((NoteKind::Note, words)),
        (None, None) => None,
    };
    match (network, given) {
        (Some(network), Some((kind, text))) => {
            let ads = network.ads.iter().map(|&ad| short_id(&[&joined.ad(ad).key])).collect();
            let reviewer = args.reviewer.clone().expect("clap asks for it");
            let (text, at, network) = (text.clone(), String::new(), network.number);
            give(args, &NetworkNote { kind, text, reviewer, at, network, ads }, common)
        }
        _ => list(&joined, network, common),
    }
}

/// The network of a number or an id.
fn named<'a>(joined: &Joined<'a>, name: &str) -> adlink::Result<&'a Network> {
    let mut networks = joined.findings.networks.iter();
    let found = networks.find(|network| network.id == name || name.parse() == Ok(network.number));
    found.ok_or_else(|| Error::Parameter {
        name: "NETWORK",
        value: name.into(),
        expected: "the number or id of a network that `adlink report` finds in the case".into(),
    })
}

fn give(args: &NoteArgs, note: &NetworkNote, common: &Common) -> adlink::Result<Exit> {
    let number = super::case_for_writing(&args.case, common)?.annotate(note)?;
    if common.json {
        terminal::data(&format!("{:#}\n", json!({ "note": number, "network": note.network })))?;
    } else if !common.quiet {
        let what = match note.kind {
            NoteKind::Name if note.text.trim().is_empty() => "name taken back",
            NoteKind::Name => "named",
            NoteKind::Note => "noted",
        };
        let said = format!("network {}: {what} by {}\n", note.network, note.reviewer);
        terminal::data(&printable(&said))?;
    }
    Ok(Exit::Done)
}

/// Names and notes of one network or of all, these as the report ranks them; then what networks that are no more had.
fn list(joined: &Joined<'_>, only: Option<&Network>, common: &Common) -> adlink::Result<Exit> {
    let notes = NetworkNotes::new(joined, &joined.snapshot.notes);
    let all = ranked(joined).into_iter().map(|facts| facts.network);
    let told: Vec<&Network> = all
        .filter(|network| only.map_or(!notes.of(network).is_empty(), |only| only.id == network.id))
        .collect();
    let gone: Vec<&PlacedNote> = if only.is_none() { notes.gone().collect() } else { Vec::new() };
    if common.json {
        let of = |network: &&Network| {
            let given: Vec<Value> = notes.of(network).iter().map(as_json).collect();
            json!({ "network": network.number, "id": network.id, "name": notes.name(network), "notes": given })
        };
        let networks: Vec<Value> = told.iter().map(of).collect();
        let gone: Vec<Value> = gone.into_iter().map(as_json).collect();
        terminal::data(&format!("{:#}\n", json!({ "networks": networks, "gone": gone })))?;
        return Ok(Exit::Done);
    }
    let mut text = String::new();
    for network in told {
        text += &format!("{}\n", notes.title(network));
        text.extend(notes.of(network).iter().map(in_words));
    }
    if !gone.is_empty() {
        text += "Networks that are no more\n";
        text.extend(gone.into_iter().map(in_words));
    }
    terminal::data(&printable(&text))?;
    Ok(Exit::Done)
}

fn as_json(placed: &PlacedNote) -> Value {
    let NetworkNote { kind, text, reviewer, at, network, .. } = &placed.note;
    let (kind, change) = (kind.name(), placed.change());
    json!({
        "kind": kind,
        "text": text,
        "reviewer": reviewer,
        "at": at,
        "given_to_network": network,
        "change": change,
    })
}

fn in_words(placed: &PlacedNote) -> String {
    let note = &placed.note;
    let said = match note.kind {
        NoteKind::Name if note.text.is_empty() => "the name was taken back".to_string(),
        NoteKind::Name => format!("named {}", note.text),
        NoteKind::Note => note.text.replace('\n', "\n  "),
    };
    let change = placed.change().map(|change| format!("; {change}")).unwrap_or_default();
    format!("  {said}\n    {} at {}{change}\n", note.reviewer, note.at)
}
