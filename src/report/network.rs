//! One network: why it is one, its ads, its picture in time, what it hangs on, what speaks against it.

use super::graph::Medium;
use super::labels::Labels;
use super::long_tables::{LongTable, and_more};
use super::notes::NoteRoom;
use super::room::PageRoom;
use super::text::{date, linked, moment, path, period, shortened, shown, tier_chip};
use super::{Cut, Previews, Ranked};
use super::{chart, evidence, graph, matrix, notes, phones, photos};
use crate::corpus::{AdRow, ImageRow, LinkRow};
use crate::language::{phrase, say};
use crate::link::{Caveat, Link, Network, NetworkKind, PhotoGroup};
use crate::verify::Tier;
use crate::view::{Joined, NetworkFacts, bits, days_between, words};
use maud::{Markup, PreEscaped, html};
use std::collections::{BTreeMap, BTreeSet};

/// Ads that stand open, and are printed.
const OPEN_ADS: usize = 12;

/// Ties to other networks that are named; `links.csv` has all.
const MOST_CUTS: usize = 10;

/// A heading of the given level (HTML has six; a report needs four).
fn title(level: u8, text: &str) -> Markup {
    PreEscaped(format!("<h{level}>{}</h{level}>", html! { (text) }.into_string()))
}

/// Name, size and time in one line.
pub(super) fn heading(entry: &Ranked<'_>, level: u8) -> Markup {
    let facts = &entry.facts;
    html! {
        (title(level, &entry.name()))
        (notes::given_name(entry))
        span.gist {
            (words::count(facts.network.ads.len(), "ad")) " \u{b7} "
            (words::count(facts.sites.len(), "site")) " \u{b7} "
            (words::count(facts.network.groups.len(), "photo"))
            @if let Some(period) = period(&facts.first_seen, &facts.last_seen) { " \u{b7} " (period) }
        }
        code.id { (facts.network.id) }
    }
}

/// Everything below the heading; `level` is that of its own headings.
pub(super) fn body(
    joined: &Joined<'_>,
    entry: &Ranked<'_>,
    previews: &Previews,
    level: u8,
    room: PageRoom,
) -> Markup {
    let network = entry.facts.network;
    let labels = Labels::new(joined, network);
    html! {
        @if entry.brief { p.minor { a href=(room.address(&entry.brief_name())) { (say!("One page to print")) } } }
        (why(joined, entry))
        (part(level, network, "against", say!("What speaks against it")))
        (against(joined, &entry.facts, &entry.cut))
        (notes::notes(entry, &part(level, network, "notes", say!("Notes of reviewers")), NoteRoom::REPORT))
        (part(level, network, "when", say!("When and where")))
        (chart::charts(joined, &labels))
        (graph::graph(joined, network, &entry.name(), &labels, Medium::REPORT))
        (matrix::matrix(joined, entry, &labels))
        (part(level, network, "ties", say!("What it hangs on")))
        (ties(joined, entry, &labels, previews))
        (part(level, network, "ads", say!("Ads")))
        (ads(joined, entry, &labels, room))
        @if !network.groups.is_empty() {
            (part(level, network, "photos", say!("Photos that hold it together")))
            (photos::photos(joined, entry, &labels, previews, room))
        }
    }
}

/// The heading of a part, by which links lead to it.
fn part(level: u8, network: &Network, name: &str, text: &str) -> Markup {
    html! { div.part id={ (network.id) "-" (name) } { (title(level, text)) } }
}

/// `5 ads on 3 sites`.
pub(super) fn ads_on_sites(facts: &NetworkFacts<'_>) -> String {
    let (ads, sites) = (words::count(facts.network.ads.len(), "ad"), words::count(facts.sites.len(), "site"));
    say!("{ads} on {sites}", ads = ads, sites = sites)
}

/// What makes it a network, in a sentence.
fn what_they_share(facts: &NetworkFacts<'_>) -> String {
    let ads = match facts.places.len() {
        0 => ads_on_sites(facts),
        places => say!(
            "{ads} on {sites}, in {places} by their own account,",
            ads = words::count(facts.network.ads.len(), "ad"),
            sites = words::count(facts.sites.len(), "site"),
            places = words::count(places, "place"),
        ),
    };
    match facts.network.kind {
        NetworkKind::Contact => say!(
            "{ads} give a contact in common and show no photo that counts, directly or through one another.",
            ads = ads,
        ),
        NetworkKind::Template => {
            say!("{ads} show one design with other words in it, directly or through one another.", ads = ads)
        }
        _ => say!(
            "{ads} show {photos} in common, directly or through one another.",
            ads = ads,
            photos = words::count(facts.network.groups.len(), "photo"),
        ),
    }
}

fn how_long(facts: &NetworkFacts<'_>) -> String {
    let (first, last) = (date(&facts.first_seen), date(&facts.last_seen));
    match days_between(&facts.first_seen, &facts.last_seen) {
        Some(0) => say!("All of it was seen on {day}.", day = first),
        Some(days) => say!(
            "First seen {first}, last seen {last}: {days}.",
            first = first,
            last = last,
            days = words::count(days as usize, "day"),
        ),
        None => say!("When it was seen is not known.").into(),
    }
}

fn why(joined: &Joined<'_>, entry: &Ranked<'_>) -> Markup {
    let facts = &entry.facts;
    let network = facts.network;
    html! {
        p.why {
            (what_they_share(facts)) " "
            (say!(
                "{across} of {links} cross from one site to another.",
                across = words::thousands(facts.links_across_sites),
                links = words::count(network.links.len(), "link"),
            )) " "
            (how_long(facts)) " "
        }
        dl.facts {
            dt { (say!("Sites")) } dd { (list(&facts.sites)) }
            @if !facts.places.is_empty() { dt { (say!("Places claimed")) } dd { (list(&facts.places)) } }
            @if !facts.phones.is_empty() { dt { (say!("Phones given")) } dd { (phones::phones(joined, network)) } }
        }
    }
}

/// Names with commas between; a long list is cut, for `networks.jsonl` has all of it.
fn list(names: &[&str]) -> Markup {
    const MOST: usize = 24;
    html! {
        @for (place, name) in names.iter().take(MOST).enumerate() {
            @if place > 0 { " \u{b7} " }
            span.name { (shown(name)) }
        }
        @if names.len() > MOST { (and_more(names.len() - MOST)) }
    }
}

fn ties(joined: &Joined<'_>, entry: &Ranked<'_>, labels: &Labels, previews: &Previews) -> Markup {
    let link = |row: LinkRow| &joined.findings.links[row];
    html! {
        dl.ties {
            @if let Some(row) = entry.facts.strongest {
                div {
                    dt { (say!("Strongest link")) " " (ends(labels, link(row))) (weight(link(row))) }
                    dd { (shown(&words::link(joined, link(row)))) (evidence::evidence(joined, labels, row, previews)) }
                }
            }
            @if let Some(weakest) = entry.facts.weakest.filter(|weakest| Some(weakest.link) != entry.facts.strongest) {
                div {
                dt { @if weakest.is_bridge { (say!("Weakest link it depends on")) } @else { (say!("Weakest link")) } " " (ends(labels, link(weakest.link))) (weight(link(weakest.link))) }
                dd {
                    (shown(&words::link(joined, link(weakest.link))))
                    @if weakest.is_bridge {
                        " " (say!(
                            "It is a bridge: it alone joins {ads} to the other {others}. Check it first.",
                            ads = words::count(weakest.smaller, "ad"),
                            others = words::thousands(weakest.larger),
                        ))
                    } @else { " " (say!("Other links join the same ads: without it the network would hold together.")) }
                    (evidence::evidence(joined, labels, weakest.link, previews))
                }
                }
            }
        }
    }
}

pub(super) fn ends(labels: &Labels, link: &Link) -> Markup {
    html! { span.label { (labels.ad(link.a)) } " \u{2013} " span.label { (labels.ad(link.b)) } }
}

/// The weight of a link, in words and as a number.
fn weight(link: &Link) -> Markup {
    let weight = link.weight();
    let said =
        say!("{heavy} (weight {number})", heavy = words::weight(weight), number = words::decimal(weight, 2));
    html! { span.weight { (said) } }
}

fn ads(joined: &Joined<'_>, entry: &Ranked<'_>, labels: &Labels, room: PageRoom) -> Markup {
    let best = best_links(joined, entry);
    let head = html! {
        tr {
            th scope="col" { (say!("Ad")) }
            th scope="col" { (say!("Posted, collected")) }
            th scope="col" { (say!("Place, phones")) }
            th scope="col" { (say!("Images that show a shared photo")) }
            th scope="col" { (say!("Strongest tie")) }
        }
    };
    let told = labels.ads.iter().take(room.ads);
    let rows = told.map(|&row| ad_row(joined, labels, row, best.get(&row).copied())).collect();
    let caption = say!("Ads of {network}", network = entry.name());
    html! {
        (LongTable { caption: &caption, class: Some("ads"), head, rows, open: OPEN_ADS }.show())
        (room.left_out(entry, labels.ads.len().saturating_sub(room.ads), "ad"))
    }
}

/// Each ad's heaviest link.
fn best_links<'a>(joined: &Joined<'a>, entry: &Ranked<'_>) -> BTreeMap<AdRow, &'a Link> {
    let mut best: BTreeMap<AdRow, &Link> = BTreeMap::new();
    for &row in &entry.facts.network.links {
        let link = &joined.findings.links[row];
        for ad in [link.a, link.b] {
            let known = best.entry(ad).or_insert(link);
            if link.weight() > known.weight() {
                *known = link;
            }
        }
    }
    best
}

fn ad_row(joined: &Joined<'_>, labels: &Labels, row: AdRow, tie: Option<&Link>) -> Markup {
    let ad = joined.ad(row);
    let shared: BTreeSet<(usize, &str)> = joined
        .sightings_of_ad(row)
        .flat_map(|seen| {
            let photos = joined.groups_of_image(seen.image).iter();
            photos.filter_map(|&group| Some((labels.place_of_photo(group)?, &*seen.path)))
        })
        .collect();
    let images: BTreeSet<ImageRow> = joined.sightings_of_ad(row).map(|seen| seen.image).collect();
    html! {
        tr {
            th scope="row" {
                div.labelled {
                    span.label { (labels.ad(row)) }
                    div {
                        div { (shown(&ad.key.site)) }
                        div { (linked(&ad.key.ad_id, &ad.url)) }
                        @if !ad.title.is_empty() { div.minor { (shortened(&ad.title, 90)) } }
                        @for (name, value) in words::kept(ad) { div.minor { (shown(&name)) ": " (shortened(&value, 90)) } }
                    }
                }
            }
            td data-label=(say!("Posted")) {
                div { (moment(&ad.posted_at)) }
                @if !ad.collected_at.is_empty() { div.minor { (moment(&ad.collected_at)) } }
            }
            td data-label=(say!("Place, phones")) {
                @if ad.location.is_empty() && ad.phones.is_empty() { span.minor { (say!("not given")) } }
                @if !ad.location.is_empty() { div { (shown(&ad.location)) } }
                @for phone in &ad.phones { div.phone { (shown(phone)) } }
            }
            td data-label=(say!("Images")) {
                @for (place, file) in &shared { div.labelled { span.label.photo { "P" (place) } div { (path(file)) } } }
                div.minor { (say!("of {images} in the ad", images = words::count(images.len(), "image"))) }
            }
            td data-label=(say!("Strongest tie")) { @if let Some(link) = tie { (tie_cell(labels, row, link)) } }
        }
    }
}

fn tie_cell(labels: &Labels, row: AdRow, link: &Link) -> Markup {
    let other = labels.ad(if link.a == row { link.b } else { link.a });
    let other = html! { span.label { (other) } };
    let to = match link.evidence.len() {
        0 | 1 => phrase!("to {ad}", ad = other),
        photos => phrase!("to {ad}, {photos}", ad = other, photos = words::count(photos, "photo")),
    };
    html! {
        div {
        @if let Some(evidence) = link.evidence.first() {
            (tier_chip(evidence.proof.tier))
            @if let Some(bits) = bits(&evidence.proof).filter(|_| evidence.proof.tier != Tier::SameFile) { " " (words::count(bits as usize, "bit")) }
        }
        }
        div { (to) }
    }
}

/// `cut`: networks that it was not joined with in spite of links.
pub(super) fn against(joined: &Joined<'_>, facts: &NetworkFacts<'_>, cut: &[Cut]) -> Markup {
    html! { ul.against { @for objection in objections(joined, facts, cut) { li { (objection) } } } }
}

/// What speaks against a network, a sentence each; never empty.
pub(super) fn objections(joined: &Joined<'_>, facts: &NetworkFacts<'_>, cut: &[Cut]) -> Vec<Markup> {
    let links = || facts.network.links.iter().map(|&row| &joined.findings.links[row]);
    let mut caveats: BTreeMap<Caveat, usize> = BTreeMap::new();
    for caveat in links().flat_map(|link| link.caveats.iter()).filter(|&caveat| caveat != Caveat::Confirmed) {
        *caveats.entry(caveat).or_default() += 1;
    }
    let alone = links().filter(|link| link.corroboration.is_empty()).count();
    let all = words::count(facts.network.links.len(), "link");
    let of = |links: usize| say!("{some} of {all}", some = words::thousands(links), all = all);
    let mut said = Vec::new();
    said.extend(facts.contradictions.iter().map(|&(kind, count)| for_a_reason(&of(count), kind.words())));
    said.extend(caveats.iter().map(|(caveat, &count)| for_a_reason(&of(count), caveat.words())));
    if alone > 0 {
        said.push(phrase!(
            "{links}: the photo is all they share; no phone, poster name or text agrees.",
            links = html! { strong { (of(alone)) } },
        ));
    }
    said.extend(kept_apart(joined, facts, cut));
    if said.is_empty() {
        said.push(html! { (say!("Nothing that adlink can see.")) });
    }
    said
}

/// `3 links: the reason.`
pub(super) fn for_a_reason(links: &str, reason: &'static str) -> Markup {
    phrase!("{links}: {reason}.", links = html! { strong { (links) } }, reason = say(reason))
}

/// Networks and common photos that links lead to, but that were not let in.
fn kept_apart(joined: &Joined<'_>, facts: &NetworkFacts<'_>, cut: &[Cut]) -> Vec<Markup> {
    let apart = |Cut { other, reason, links }: &Cut| {
        phrase!(
            "Not joined with Network {number} in spite of {links}: {reason}.",
            number = other,
            links = html! { strong { (words::count(*links, "link")) } },
            reason = say(reason.words()),
        )
    };
    let mut said: Vec<Markup> = cut.iter().take(MOST_CUTS).map(apart).collect();
    if cut.len() > MOST_CUTS {
        said.push(phrase!(
            "Nor with {networks} more; see {file}.",
            networks = words::thousands(cut.len() - MOST_CUTS),
            file = html! { code { "links.csv" } },
        ));
    }
    said.extend(facts.network.common.iter().map(|&group| common(&joined.findings.groups[group])));
    said
}

fn common(group: &PhotoGroup) -> Markup {
    let (photo, rarity) = (html! { code.id { (group.id) } }, words::rarity(group));
    match group.common {
        Some(reason) => phrase!(
            "Left out, as it is common: photo {photo}, in {rarity}; {reason}.",
            photo = photo,
            rarity = rarity,
            reason = say(reason.words()),
        ),
        None => {
            phrase!("Left out, as it is common: photo {photo}, in {rarity}.", photo = photo, rarity = rarity)
        }
    }
}
