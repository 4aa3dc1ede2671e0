//! A network on one printed page: for somebody who must decide whether to read on.
//!
//! What it is, how much there is, what holds it together, what speaks against it, what to check first. The trap: it must
//! stay one page, so every list is cut, and says so; the report has all of it.

use super::labels::Labels;
use super::notes::NoteRoom;
use super::text::{date, path, period, shown};
use super::{About, PAGES_FOLDER, Page, Previews, Ranked, document};
use super::{evidence, front, long_tables, network, notes, phones};
use crate::language::{phrase, say};
use crate::link::{NetworkKind, PhotoGroup};
use crate::view::{Joined, WeakestLink, words};
use maud::{Markup, PreEscaped, html};

/// Photos told; the report has all of them.
const MOST_PHOTOS: usize = 5;
/// Objections told.
const MOST_OBJECTIONS: usize = 6;
/// Sites named.
const MOST_SITES: usize = 12;

/// The page of one network.
pub(super) fn page(joined: &Joined<'_>, entry: &Ranked<'_>, about: &About<'_>) -> Page {
    let body = html! {
        p.back { a href=(entry.href_from_page()) { (say!("The network in the report")) } }
        article.brief {
            p.kicker { "adlink " (about.version) " \u{b7} " (say!("one page on one network")) }
            h1 { (entry.name()) (notes::given_name(entry)) }
            (front::held_for(joined))
            (about.previews.warning())
            (told(joined, entry, about.previews))
        }
    };
    let title = say!("adlink report: {network} on one page", network = entry.name());
    let html = document(&title, about.previews, &PreEscaped(String::new()), &body);
    Page { name: format!("{PAGES_FOLDER}/{}", entry.brief_name()), html }
}

fn told(joined: &Joined<'_>, entry: &Ranked<'_>, previews: &Previews) -> Markup {
    let labels = Labels::new(joined, entry.facts.network);
    html! {
        p.lead { (in_two_sentences(entry)) }
        (figures(joined, entry))
        h2 { (say!("The photos that hold it together")) }
        (photos(joined, &labels, previews))
        h2 { (say!("What speaks against it")) }
        (objections(joined, entry))
        h2 { (say!("What to check first")) }
        (first_checks(joined, entry, &labels))
        (notes::notes(entry, &html! { h2 { (say!("Notes of reviewers")) } }, NoteRoom::BRIEF))
        p.minor {
            strong { (say!("Links are leads, not proof.")) " " }
            (phrase!(
                "A shared photo shows that a picture travelled from one ad to another, and not who posted it. The report \
                 has every ad, photo and link of this network, which is called {network} there.",
                network = html! { code { (entry.facts.network.id) } },
            ))
        }
    }
}

fn in_two_sentences(entry: &Ranked<'_>) -> String {
    let facts = &entry.facts;
    let across = words::thousands(facts.links_across_sites);
    let links = words::count(facts.network.links.len(), "link");
    let seen = match period(&facts.first_seen, &facts.last_seen) {
        Some(period) => say!(
            "The ads were seen {period}, and {across} of {links} cross from one site to another.",
            period = period,
            across = across,
            links = links,
        ),
        None => say!(
            "When the ads were seen is not known, and {across} of {links} cross from one site to another.",
            across = across,
            links = links,
        ),
    };
    format!("{} {seen}", what_it_is(entry))
}

fn what_it_is(entry: &Ranked<'_>) -> String {
    let facts = &entry.facts;
    let (network, ads) = (entry.name(), network::ads_on_sites(facts));
    match facts.network.kind {
        NetworkKind::Contact => say!(
            "{network} is {ads} that give a contact in common and show no photo that counts, directly or through one \
             another.",
            network = network,
            ads = ads,
        ),
        NetworkKind::Template => say!(
            "{network} is {ads} that show one design with other words in it, directly or through one another.",
            network = network,
            ads = ads,
        ),
        _ => say!(
            "{network} is {ads} that show {photos} in common, directly or through one another.",
            network = network,
            ads = ads,
            photos = words::count(facts.network.groups.len(), "photo"),
        ),
    }
}

fn figures(joined: &Joined<'_>, entry: &Ranked<'_>) -> Markup {
    let facts = &entry.facts;
    let figure =
        |name: &str, number: usize| html! { div { dt { (name) } dd { (words::thousands(number)) } } };
    let day = |time: &str| if time.is_empty() { say!("not known").into() } else { date(time) };
    html! {
        dl.figures {
            (figure(say!("ads"), facts.network.ads.len()))
            (figure(say!("sites"), facts.sites.len()))
            (figure(say!("photos in common"), facts.network.groups.len()))
            (figure(say!("phone numbers given"), phones::numbers(joined, facts.network)))
        }
        dl.facts {
            dt { (say!("First seen")) } dd { (day(&facts.first_seen)) }
            dt { (say!("Last seen")) } dd { (day(&facts.last_seen)) }
            dt { (say!("Sites")) }
            dd {
                @for (place, site) in facts.sites.iter().take(MOST_SITES).enumerate() {
                    @if place > 0 { " \u{b7} " }
                    (shown(site))
                }
                @if facts.sites.len() > MOST_SITES { (long_tables::and_more(facts.sites.len() - MOST_SITES)) }
            }
        }
    }
}

fn photos(joined: &Joined<'_>, labels: &Labels, previews: &Previews) -> Markup {
    html! {
        @if labels.photos.is_empty() { p { (say!("No photo that counts: other particulars of the ads agree.")) } }
        ul.brief-photos {
            @for (&number, place) in labels.photos.iter().zip(1..).take(MOST_PHOTOS) {
                @let group = &joined.findings.groups[number];
                @let name = format!("P{place}");
                li {
                    (previews.show(number, &name))
                    (photo(joined, group, &name))
                }
            }
        }
        (left_out(labels.photos.len(), MOST_PHOTOS))
    }
}

fn photo(joined: &Joined<'_>, group: &PhotoGroup, name: &str) -> Markup {
    let photo = html! { span.label.photo { (name) } };
    let (rarity, file) = (words::rarity(group), path(long_tables::example(joined, group.images[0])));
    match group.images.len() {
        0 | 1 => phrase!(
            "{photo} is in {rarity}; its one image file is {file}.",
            photo = photo,
            rarity = rarity,
            file = file,
        ),
        images => phrase!(
            "{photo} is in {rarity}; one of its {images} is {file}.",
            photo = photo,
            rarity = rarity,
            images = words::count(images, "image file"),
            file = file,
        ),
    }
}

fn objections(joined: &Joined<'_>, entry: &Ranked<'_>) -> Markup {
    let all = network::objections(joined, &entry.facts, &entry.cut);
    html! {
        ul.against { @for objection in all.iter().take(MOST_OBJECTIONS) { li { (objection) } } }
        (left_out(all.len(), MOST_OBJECTIONS))
    }
}

/// Says how many rows are not on the page.
fn left_out(rows: usize, most: usize) -> Markup {
    html! { @if rows > most { p.minor { (say!("{rows} more in the report.", rows = words::thousands(rows - most))) } } }
}

/// Where it would break, where it contradicts itself, and what is nothing but a photo, in this order.
fn first_checks(joined: &Joined<'_>, entry: &Ranked<'_>, labels: &Labels) -> Markup {
    let facts = &entry.facts;
    let links = facts.network.links.iter().map(|&row| &joined.findings.links[row]);
    let alone = links.filter(|link| link.corroboration.is_empty()).count();
    let all = words::count(facts.network.links.len(), "link");
    html! {
        ol.steps {
            @if let Some(weakest) = facts.weakest {
                @let link = &joined.findings.links[weakest.link];
                li {
                    (weakest_link(weakest, &network::ends(labels, link))) " "
                    (shown(&words::link(joined, link)))
                    (evidence::command(joined, link))
                }
            }
            @if facts.links_contradicted > 0 {
                li {
                    (say!(
                        "Find out why {some} of {all} join ads that give different phones or places.",
                        some = words::thousands(facts.links_contradicted),
                        all = all,
                    ))
                }
            }
            @if alone > 0 {
                li {
                    (say!(
                        "Look for a second, independent tie: in {some} of {all} the photo is all that is shared.",
                        some = words::thousands(alone),
                        all = all,
                    ))
                }
            }
        }
    }
}

fn weakest_link(weakest: WeakestLink, ends: &Markup) -> Markup {
    match weakest.is_bridge {
        true => phrase!(
            "Look at the two pictures of the weakest link, {ends}: it alone joins {ads} to the other {others}.",
            ends = ends,
            ads = words::count(weakest.smaller, "ad"),
            others = words::thousands(weakest.larger),
        ),
        false => phrase!(
            "Look at the two pictures of the weakest link, {ends}: other links join the same ads, so the network would \
             hold without it.",
            ends = ends,
        ),
    }
}
