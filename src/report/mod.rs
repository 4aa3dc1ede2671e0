//! The HTML report: one file a person can read offline, print, and hand on.
//!
//! No script, no request to anywhere, no image bytes unless somebody asked for previews. Everything the ads say is hostile
//! and goes through `text`. Networks are told inside `report.html`, strongest first and shortened, until that is full; the
//! others, and those that were shortened, have pages of their own in [`PAGES_FOLDER`]. The trap: what is folded stays so on
//! paper; without that a large report prints as a book.

mod appendix;
mod brief;
mod chart;
mod decision_bands;
mod decisions;
mod evidence;
mod front;
mod graph;
mod index;
mod labels;
mod layout;
mod leading;
mod leads;
mod long_tables;
mod many_contacts;
mod matrix;
mod network;
mod notes;
mod phones;
mod photos;
mod previews;
mod room;
mod text;

pub(crate) use evidence::{pictured_copies, pictured_links};
#[cfg(feature = "serve")]
pub(crate) use graph::{Medium, graph};
#[cfg(feature = "serve")]
pub(crate) use labels::Labels;
pub use previews::{LinkPictures, Previews};
#[cfg(feature = "serve")]
pub(crate) use text::{moment, path, period, shortened, shown, visible};

use crate::corpus::AdRow;
use crate::language::{Language, current, in_language, say};
use crate::link::LeftOut;
use crate::view::{Figures, Joined, NetworkFacts, NetworkNotes, PlacedNote, ranked, words};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use room::PageRoom;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Folder of the pages that networks get when there are too many ads for one file.
pub const PAGES_FOLDER: &str = "networks";

/// The page with all networks, where `report.html` lists only the first.
const LIST_NAME: &str = "index.html";

/// Bytes of HTML in which `report.html` tells networks; with all else that it holds it stays below two million.
const ROOM_FOR_NETWORKS: usize = 1_000_000;

/// Networks that are told in `report.html` and unfolded there, however much they take.
const NETWORKS_UNFOLDED: usize = 3;

const STYLE: &str = include_str!("style.css");

/// One HTML file.
#[derive(Debug, Clone)]
pub struct Page {
    /// Name relative to the output folder, with `/`.
    pub name: String,
    /// The file's text.
    pub html: String,
}

/// What the report says about how it was made.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Version of adlink.
    pub version: &'a str,
    /// What decides the findings.
    pub parameters: &'a Map<String, Value>,
    /// Previews of photos, where somebody asked for them.
    pub previews: &'a Previews,
    /// Networks, by number, that get a page to print beside the report.
    pub briefs: &'a BTreeSet<u32>,
    /// The language that all pages are in.
    pub language: Language,
}

/// A network and its place in the ranking by weight.
struct Ranked<'a> {
    rank: usize,
    facts: NetworkFacts<'a>,
    /// True when `report.html` does not tell it.
    apart: bool,
    /// True when it has a page of its own, which tells all of it.
    has_page: bool,
    /// True when there is a page to print.
    brief: bool,
    /// Links to other networks that were not allowed to join them.
    cut: Vec<Cut>,
    /// The name that reviewers gave it.
    given: Option<String>,
    /// Names and notes of reviewers.
    notes: Vec<PlacedNote>,
}

/// Links to another network that were not allowed to join the two.
struct Cut {
    /// Number of the other network, by which it is named.
    other: u32,
    reason: LeftOut,
    links: usize,
}

impl Ranked<'_> {
    /// Where it is told first, seen from `report.html`.
    fn href(&self) -> String {
        if self.apart { self.page_from_report() } else { format!("#{}", self.facts.network.id) }
    }

    /// The same, seen from the folder of pages.
    fn href_from_page(&self) -> String {
        let id = &self.facts.network.id;
        if self.apart { format!("{id}.html") } else { format!("../report.html#{id}") }
    }

    /// Its own page, seen from `report.html`.
    fn page_from_report(&self) -> String {
        format!("{PAGES_FOLDER}/{}.html", self.facts.network.id)
    }

    fn name(&self) -> String {
        say!("Network {number}", number = self.facts.network.number)
    }

    /// Name of its page to print, in the folder of pages.
    fn brief_name(&self) -> String {
        format!("{}-brief.html", self.facts.network.id)
    }
}

/// How the titles of pages begin, in each language: by it a page is known as one of ours.
pub(crate) fn title_beginnings() -> [String; Language::ALL.len()] {
    Language::ALL.map(|language| in_language(language, || say!("adlink report: {what}", what = "")))
}

/// Whether a file of [`PAGES_FOLDER`] has a name that pages have.
pub fn is_page_name(name: &str) -> bool {
    let of_network = name.starts_with("n-") && name.ends_with(".html");
    (of_network || name == LIST_NAME) && !name.contains(['/', '\\'])
}

/// `report.html`, a page for each network that it does not tell in full, and the briefs asked for.
///
/// Linear in what is shown, apart from sorting.
pub fn pages(joined: &Joined<'_>, figures: &Figures, about: &About<'_>) -> Vec<Page> {
    in_language(about.language, || made(joined, figures, about))
}

fn made(joined: &Joined<'_>, figures: &Figures, about: &About<'_>) -> Vec<Page> {
    let mut ranked = rank(joined, about.briefs);
    let told = tell(joined, &mut ranked, about.previews);
    let body = html! {
        (front::front(joined, about, figures, &ranked))
        section #networks aria-labelledby="networks-title" {
            h2 #networks-title { (say!("The networks")) }
            (index::index(&ranked))
            @for (entry, body) in ranked.iter().zip(&told) {
                details.network id=(entry.facts.network.id) open[entry.rank <= NETWORKS_UNFOLDED] {
                    summary { (network::heading(entry, 3)) }
                    (body)
                }
            }
        }
        (appendix::appendix(joined, about, figures))
    };
    let title = say!("adlink report: {what}", what = words::count(figures.networks, "network"));
    let mut pages = vec![Page {
        name: "report.html".into(),
        html: document(&title, about.previews, &front::contents(), &body),
    }];
    pages.extend(index::page(joined, &ranked, about.previews));
    pages.extend(
        ranked.iter().filter(|entry| entry.has_page).map(|entry| own_page(joined, entry, about.previews)),
    );
    pages.extend(ranked.iter().filter(|entry| entry.brief).map(|entry| brief::page(joined, entry, about)));
    pages
}

/// The networks that `report.html` tells, strongest first, as long as there is room; notes which have pages of their own.
fn tell(joined: &Joined<'_>, ranked: &mut [Ranked<'_>], previews: &Previews) -> Vec<Markup> {
    let (mut told, mut bytes) = (Vec::new(), 0);
    for entry in ranked.iter_mut() {
        entry.has_page = !PageRoom::REPORT.holds(joined, entry.facts.network);
    }
    for entry in &*ranked {
        let body = network::body(joined, entry, previews, 4, PageRoom::REPORT);
        bytes += body.0.len();
        if entry.rank > NETWORKS_UNFOLDED && bytes > ROOM_FOR_NETWORKS {
            break;
        }
        told.push(body);
    }
    for entry in &mut ranked[told.len()..] {
        (entry.apart, entry.has_page) = (true, true);
    }
    told
}

/// A network's picture in time, for pages outside the report.
#[cfg(feature = "serve")]
pub(crate) fn timeline(joined: &Joined<'_>, labels: &labels::Labels) -> Markup {
    chart::charts(joined, labels)
}

/// What speaks against a network, for pages outside the report.
#[cfg(feature = "serve")]
pub(crate) fn objections(joined: &Joined<'_>, facts: &NetworkFacts<'_>) -> Markup {
    let cut = cuts(joined).remove(&facts.network.number).unwrap_or_default();
    network::against(joined, facts, &cut)
}

/// Networks by weight, largest first; equal ones by size, then by id.
fn rank<'a>(joined: &Joined<'a>, briefs: &BTreeSet<u32>) -> Vec<Ranked<'a>> {
    let mut cuts = cuts(joined);
    let notes = NetworkNotes::new(joined, &joined.snapshot.notes);
    (1..)
        .zip(ranked(joined))
        .map(|(rank, facts)| {
            let cut = cuts.remove(&facts.network.number).unwrap_or_default();
            let brief = briefs.contains(&facts.network.number);
            let given = notes.name(facts.network).map(str::to_string);
            let notes = notes.of(facts.network).to_vec();
            Ranked { rank, facts, apart: false, has_page: false, brief, cut, given, notes }
        })
        .collect()
}

/// For each network by number: to which others links were left out, why, and how many. The trap: a rank is no number;
/// networks are named by the latter.
fn cuts(joined: &Joined<'_>) -> BTreeMap<u32, Vec<Cut>> {
    let mut counts = BTreeMap::<(u32, u32, LeftOut), usize>::new();
    for removed in &joined.findings.removed {
        let link = &joined.findings.links[removed.link];
        let number = |ad: AdRow| Some(joined.network_of_ad(ad)?.number);
        let (Some(a), Some(b)) = (number(link.a), number(link.b)) else { continue };
        if a != b {
            *counts.entry((a, b, removed.reason)).or_default() += 1;
            *counts.entry((b, a, removed.reason)).or_default() += 1;
        }
    }
    let mut cuts = BTreeMap::<u32, Vec<Cut>>::new();
    for ((network, other, reason), links) in counts {
        cuts.entry(network).or_default().push(Cut { other, reason, links });
    }
    cuts
}

fn own_page(joined: &Joined<'_>, entry: &Ranked<'_>, previews: &Previews) -> Page {
    let body = html! {
        p.back { a href="../report.html#networks" { (say!("All networks")) } }
        (front::held_for(joined))
        (previews.warning())
        article.network {
            (network::heading(entry, 1))
            (network::body(joined, entry, previews, 2, PageRoom::PAGE))
        }
    };
    let name = format!("{PAGES_FOLDER}/{}.html", entry.facts.network.id);
    let title = say!("adlink report: {what}", what = entry.name());
    Page { name, html: document(&title, previews, &PreEscaped(String::new()), &body) }
}

/// The page around a body. The policy forbids everything but the style inside the file.
fn document(title: &str, previews: &Previews, contents: &Markup, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(current().tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content={ "default-src 'none'; style-src 'unsafe-inline'" (previews.policy()) };
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { (say!("Skip to the findings")) }
                (contents)
                main #main { (body) }
            }
        }
    };
    page.into_string()
}
