//! A network on one printed page: for somebody who must decide whether to read on.
//!
//! What it is, how much there is, what holds it together, what speaks against it, what to check first. The trap: it must
//! stay one page, so every list is cut, and says so; the report has all of it.

use super::labels::Labels;
use super::notes::NoteRoom;
use super::text::{date, path, period, shown};
use super::{About, PAGES_FOLDER, Page, Previews, Ranked, document};
use super::{evidence, front, long_tables, network, notes, phones};
use crate::view::{Joined, words};
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
        p.back { a href=(entry.href_from_page()) { "The network in the report" } }
        article.brief {
            p.kicker { "adlink " (about.version) " \u{b7} one page on one network" }
            h1 { (entry.name()) (notes::given_name(entry)) }
            (front::held_for(joined))
            (about.previews.warning())
            (told(joined, entry, about.previews))
        }
    };
    let title = format!("adlink report: {} on one page", entry.name());
    let html = document(&title, about.previews, &PreEscaped(String::new()), &body);
    Page { name: format!("{PAGES_FOLDER}/{}", entry.brief_name()), html }
}

fn told(joined: &Joined<'_>, entry: &Ranked<'_>, previews: &Previews) -> Markup {
    let labels = Labels::new(joined, entry.facts.network);
    html! {
        p.lead { (in_two_sentences(entry)) }
        (figures(joined, entry))
        h2 { "The photos that hold it together" }
        (photos(joined, &labels, previews))
        h2 { "What speaks against it" }
        (objections(joined, entry))
        h2 { "What to check first" }
        (first_checks(joined, entry, &labels))
        (notes::notes(entry, &html! { h2 { "Notes of reviewers" } }, NoteRoom::BRIEF))
        p.minor {
            strong { "Links are leads, not proof. " }
            "A shared photo shows that a picture travelled from one ad to another, and not who posted it. The report has "
            "every ad, photo and link of this network, which is called " code { (entry.facts.network.id) } " there."
        }
    }
}

fn in_two_sentences(entry: &Ranked<'_>) -> String {
    let facts = &entry.facts;
    let seen = match period(&facts.first_seen, &facts.last_seen) {
        Some(period) => format!("The ads were seen {period}"),
        None => "When the ads were seen is not known".into(),
    };
    format!(
        "{} is {} on {} that{}, directly or through one another. {seen}, and {} of {} cross from one site to another.",
        entry.name(),
        words::count(facts.network.ads.len(), "ad"),
        words::count(facts.sites.len(), "site"),
        network::what_they_share(facts.network),
        words::thousands(facts.links_across_sites),
        words::count(facts.network.links.len(), "link"),
    )
}

fn figures(joined: &Joined<'_>, entry: &Ranked<'_>) -> Markup {
    let facts = &entry.facts;
    let figure =
        |name: &str, number: usize| html! { div { dt { (name) } dd { (words::thousands(number)) } } };
    let day = |time: &str| if time.is_empty() { "not known".into() } else { date(time) };
    html! {
        dl.figures {
            (figure("ads", facts.network.ads.len()))
            (figure("sites", facts.sites.len()))
            (figure("photos in common", facts.network.groups.len()))
            (figure("phone numbers given", phones::numbers(joined, facts.network)))
        }
        dl.facts {
            dt { "First seen" } dd { (day(&facts.first_seen)) }
            dt { "Last seen" } dd { (day(&facts.last_seen)) }
            dt { "Sites" }
            dd {
                @for (place, site) in facts.sites.iter().take(MOST_SITES).enumerate() {
                    @if place > 0 { " \u{b7} " }
                    (shown(site))
                }
                @if facts.sites.len() > MOST_SITES { ", and " (words::thousands(facts.sites.len() - MOST_SITES)) " more" }
            }
        }
    }
}

fn photos(joined: &Joined<'_>, labels: &Labels, previews: &Previews) -> Markup {
    html! {
        @if labels.photos.is_empty() { p { "No photo that counts: other particulars of the ads agree." } }
        ul.brief-photos {
            @for (&number, place) in labels.photos.iter().zip(1..).take(MOST_PHOTOS) {
                @let group = &joined.findings.groups[number];
                @let name = format!("P{place}");
                li {
                    (previews.show(number, &name))
                    span.label.photo { (name) } " is in " (words::rarity(group)) "; "
                    @if group.images.len() > 1 { "one of its " (words::count(group.images.len(), "image file")) " is " }
                    @else { "its one image file is " }
                    (path(long_tables::example(joined, group.images[0]))) "."
                }
            }
        }
        (left_out(labels.photos.len(), MOST_PHOTOS))
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
    html! { @if rows > most { p.minor { (words::thousands(rows - most)) " more in the report." } } }
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
                    "Look at the two pictures of the weakest link, " (network::ends(labels, link)) ": "
                    @if weakest.is_bridge {
                        "it alone joins " (words::count(weakest.smaller, "ad")) " to the other " (words::thousands(weakest.larger)) ". "
                    } @else { "other links join the same ads, so the network would hold without it. " }
                    (shown(&words::link(joined, link)))
                    (evidence::command(joined, link))
                }
            }
            @if facts.links_contradicted > 0 {
                li { "Find out why " (words::thousands(facts.links_contradicted)) " of " (all) " join ads that give different phones or places." }
            }
            @if alone > 0 {
                li { "Look for a second, independent tie: in " (words::thousands(alone)) " of " (all) " the photo is all that is shared." }
            }
        }
    }
}
