//! The page of one network: its photos first, what it hangs on, what speaks against it, where and when, then its ads.
//!
//! Everything is in the page; filtering only hides some of it, so it reads the same without script.

use crate::corpus::AdRow;
use maud::{Markup, html};
use std::collections::BTreeSet;

use super::ads::{compare_button, tick};
use super::lists::reviewed;
use super::map::map;
use super::notes::{notes, own_name};
use super::parts::reveal_button;
use crate::corpus::addresses;
use crate::language::{phrase, say};
use crate::record::ImageId;
use crate::report::Labels;
use crate::report::{Medium, graph, objections};
use crate::report::{moment, period, shortened, shown, visible};
use crate::review::http::access::Session;
use crate::review::http::page::query_value;
use crate::review::state::course::{Course, pair_path};
use crate::review::state::ledger::Ledger;
use crate::review::state::model::CaseState;
use crate::review::state::text_query::digits;
use crate::verify::Strength;
use crate::view::{NetworkFacts, ad_time, words};

/// Ads in the table.
const MOST_ADS: usize = 1000;
/// Pairs listed of those it hangs on.
const MOST_PAIRS: usize = 12;

/// The network's page; `None` when there is no such network (any more).
pub(crate) fn network(
    case: &CaseState<'_>,
    ledger: &Ledger,
    session: &Session,
    id: &str,
    said: Option<&str>,
) -> Option<Markup> {
    let facts = case.network(id)?;
    let labels = Labels::new(&case.joined, facts.network);
    let course = Course::in_network(id);
    Some(html! {
        h1 { (say!("Network {number}", number = facts.network.number)) (own_name(case, facts.network)) }
        p #said role="status" { @if let Some(said) = said { (said) } }
        p.lead {
            (summary(facts)) " " code.id { (id) }
        }
        p.begin { a.button.first data-key="N" aria-keyshortcuts="N" href=(format!("/next{course}")) { (say!("Review its pairs")) kbd { "N" } } " "
            a.button href=(format!("/queue{course}")) { (say!("List them")) } " "
            a.button href="#notes" { (say!("Name and notes")) } }
        (how_far(case, ledger, id))
        section aria-labelledby="photos-title" { h2 #photos-title { (say!("Photos")) } (photos(case, &labels)) }
        section aria-labelledby="hangs-title" { h2 #hangs-title { (say!("What it hangs on")) } (hangs_on(case, ledger, session, facts, &course)) }
        section aria-labelledby="against-title" { h2 #against-title { (say!("What speaks against it")) } (objections(&case.joined, facts)) }
        section aria-labelledby="time-title" { h2 #time-title { (say!("In time, by site and place")) } (crate::report::timeline(&case.joined, &labels)) }
        @if let Some(map) = map(case, facts.network) { section aria-labelledby="map-title" { h2 #map-title { (say!("On the map")) } (map) } }
        section aria-labelledby="contacts-title" { h2 #contacts-title { (say!("Contacts")) } (contacts(case, facts)) }
        section #notes aria-labelledby="notes-title" { h2 #notes-title { (say!("Name and notes")) } (notes(case, session, facts.network)) }
        section aria-labelledby="ads-title" { h2 #ads-title { (say!("Ads")) } (filters(facts)) (ads(case, facts, &labels)) }
        section aria-labelledby="graph-title" {
            h2 #graph-title { (say!("Ads and photos")) }
            div.scroll tabindex="0" role="region" aria-label=(say!("Graph")) {
                (graph(&case.joined, facts.network, &say!("Network {number}", number = facts.network.number), &labels, Medium::DESK))
            }
            p.minor { (say!("Select an ad or a photo to go there.")) }
        }
    })
}

/// `3 ads on 2 sites, 2 photos, seen from 2 Jan to 5 Mar 2024.`
fn summary(facts: &NetworkFacts<'_>) -> String {
    let (ads, sites) = (words::count(facts.network.ads.len(), "ad"), words::count(facts.sites.len(), "site"));
    let photos = words::count(facts.network.groups.len(), "photo");
    match period(&facts.first_seen, &facts.last_seen) {
        Some(period) => say!(
            "{ads} on {sites}, {photos}, seen {period}.",
            ads = ads,
            sites = sites,
            photos = photos,
            period = period
        ),
        None => say!("{ads} on {sites}, {photos}.", ads = ads, sites = sites, photos = photos),
    }
}

fn how_far(case: &CaseState<'_>, ledger: &Ledger, id: &str) -> Markup {
    let share = reviewed(case, ledger).get(id).copied().unwrap_or_default();
    html! {
        @if share.pairs > 0 {
            p.minor { progress.small max=(share.pairs) value=(share.decided) aria-label=(say!("Reviewed")) {} " "
                (say!(
                    "Reviewed {share}: {decided} of {pairs}",
                    share = share.percent(),
                    decided = words::thousands(share.decided),
                    pairs = words::count(share.pairs, "pair")
                )) }
        }
    }
}

/// Phones, addresses and names that its ads give, each leading to all ads of the case that give it.
fn contacts(case: &CaseState<'_>, facts: &NetworkFacts<'_>) -> Markup {
    let ads = || facts.network.ads.iter().map(|&row| case.joined.ad(row));
    let given: BTreeSet<String> = ads().flat_map(addresses).collect();
    let posters: BTreeSet<&str> = ads().map(|ad| &*ad.poster).filter(|poster| !poster.is_empty()).collect();
    html! {
        @if facts.phones.is_empty() { p.minor { (say!("No phone is given in any of its ads.")) } }
        (contact_line(say!("Phones"), facts.phones.iter().map(|phone| (*phone, digits(phone)))))
        (contact_line(say!("Mail and messengers"), given.iter().map(|contact| (&**contact, format!("\"{contact}\"")))))
        (contact_line(say!("Poster names"), posters.iter().map(|poster| (*poster, format!("\"{poster}\"")))))
    }
}

/// `contacts`: each as it is given, and what it is searched by.
fn contact_line<'c>(name: &str, contacts: impl Iterator<Item = (&'c str, String)>) -> Markup {
    let mut contacts = contacts.peekable();
    html! {
        @if contacts.peek().is_some() {
            p { (name) ": " @for (place, (contact, query)) in contacts.enumerate() {
                @if place > 0 { " \u{b7} " } a href=(format!("/search?q={}", query_value(&query))) { (shown(contact)) }
            } }
        }
    }
}

fn hangs_on(
    case: &CaseState<'_>,
    ledger: &Ledger,
    session: &Session,
    facts: &NetworkFacts<'_>,
    course: &Course,
) -> Markup {
    let findings = case.joined.findings;
    let inside =
        |network: crate::link::NetworkRow| std::ptr::eq(&raw const findings.networks[network], facts.network);
    let mut items: Vec<_> = case
        .queue
        .in_order(course.order())
        .filter(|item| item.separated > 0 && item.network.is_some_and(inside))
        .collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.separated));
    html! {
        @if items.is_empty() { p { (say!("On no single pair of images: each can be wrong without splitting it.")) } }
        @else {
            p { (say!("{pairs} of images hold parts of it together all alone.", pairs = words::count(items.len(), "pair"))) }
            ul.hangs {
                @for item in items.iter().take(MOST_PAIRS) {
                    li {
                        @let ads = html! { a href=(format!("{}{course}", pair_path(&item.ids))) { (words::count(item.separated, "ad")) } };
                        @match &item.proof {
                            Some(proof) => { (on_a_pair(&ads, case.joined.strength(proof))) " " }
                            None => { (ads) }
                        }
                        span.minor { (say(ledger.words_for(&session.reviewer, &item.ids))) }
                    }
                }
            }
        }
    }
}

/// `2 ads on a strong pair,`; the ads lead to it.
fn on_a_pair(ads: &Markup, strength: Strength) -> Markup {
    phrase!("{ads} on a {strength} pair,", ads = ads, strength = say(strength.name()))
}

fn filters(facts: &NetworkFacts<'_>) -> Markup {
    html! {
        div.settings.filters role="search" aria-label=(say!("Filter the ads")) {
            label { (say!("Text")) " " input type="search" data-filter="text" autocomplete="off"; }
            label { (say!("Site")) " " select data-filter="site" {
                option value="" { (say!("all")) } @for site in &facts.sites { option value=(site) { (visible(site)) } }
            } }
            @if !facts.places.is_empty() {
                label { (say!("Place")) " " select data-filter="place" {
                    option value="" { (say!("all")) } @for place in &facts.places { option value=(place) { (visible(place)) } }
                } }
            }
            p #filtered.minor role="status" {}
        }
    }
}

fn ads(case: &CaseState<'_>, facts: &NetworkFacts<'_>, labels: &Labels) -> Markup {
    html! {
        form method="get" action="/ads" {
        div.scroll tabindex="0" role="region" aria-label=(say!("Ads of the network")) {
            table.ads.filtered {
                thead { tr {
                    th scope="col" { (say!("Ad")) } th scope="col" { (say!("Posted")) } th scope="col" { (say!("Place, phones")) } th scope="col" { (say!("Photos")) }
                } }
                tbody { @for &row in labels.ads.iter().take(MOST_ADS) { (ad(case, labels, row)) } }
            }
        }
        (compare_button())
        }
        @if labels.ads.len() > MOST_ADS { p { (say!("{number} more are not listed here.", number = words::thousands(facts.network.ads.len() - MOST_ADS))) } }
    }
}

fn ad(case: &CaseState<'_>, labels: &Labels, row: AdRow) -> Markup {
    let ad = case.joined.ad(row);
    let photos: BTreeSet<(usize, &str)> = case
        .joined
        .sightings_of_ad(row)
        .flat_map(|seen| case.joined.groups_of_image(seen.image))
        .filter_map(|&group| Some((labels.place_of_photo(group)?, &*case.joined.findings.groups[group].id)))
        .collect();
    html! {
        tr id=(labels.ad(row)) data-site=(ad.key.site) data-place=(ad.location) {
            th scope="row" { div.labelled { (tick(ad)) span.label { (labels.ad(row)) } div {
                div { (shown(&ad.key.site)) } div { (shown(&ad.key.ad_id)) }
                @if !ad.title.is_empty() { div.minor { (shortened(&ad.title, 90)) } }
                        @for (name, value) in words::kept(ad) { div.minor { (shown(&name)) ": " (shortened(&value, 90)) } }
            } } }
            td data-label=(say!("Posted")) { div { (moment(ad_time(ad))) } }
            td data-label=(say!("Place, phones")) { div {
                @if ad.location.is_empty() && ad.phones.is_empty() { span.minor { (say!("not given")) } }
                (shown(&ad.location)) @for phone in &ad.phones { div.phone { (shown(phone)) } }
            } }
            td data-label=(say!("Photos")) { div { @for (place, id) in &photos { a.label.photo href=(format!("/photo/{id}")) { "P" (place) } " " } } }
        }
    }
}

fn photos(case: &CaseState<'_>, labels: &Labels) -> Markup {
    html! {
        (reveal_button())
        ul.strip tabindex="0" aria-label=(say!("Photos of the network")) {
            @for (&number, place) in labels.photos.iter().zip(1..) {
                @let group = &case.joined.findings.groups[number];
                @let image: ImageId = case.joined.image(group.images[0]).id();
                li.card {
                    div.picture { img src=(format!("/image/{image}")) data-reveal=(format!("/reveal/{image}")) alt=(say!("Photo P{number}, blurred", number = place)) loading="lazy"; }
                    p { a href=(format!("/photo/{}", group.id)) { "P" (place) } ": " (words::count(group.images.len(), "image file")) ", " (words::rarity(group)) }
                }
            }
        }
    }
}
