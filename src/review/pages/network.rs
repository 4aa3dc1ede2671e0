//! The page of one network: its photos first, what it hangs on, what speaks against it, where and when, then its ads.
//!
//! Everything is in the page; filtering only hides some of it, so it reads the same without script.

use maud::{Markup, html};
use std::collections::BTreeSet;

use super::ads::{compare_button, tick};
use super::lists::reviewed;
use super::map::map;
use super::notes::notes;
use super::parts::{own_name, reveal_button};
use crate::corpus::addresses;
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
        h1 { "Network " (facts.network.number) (own_name(case, facts.network)) }
        p #said role="status" { @if let Some(said) = said { (said) } }
        p.lead {
            (words::count(facts.network.ads.len(), "ad")) " on " (words::count(facts.sites.len(), "site")) ", "
            (words::count(facts.network.groups.len(), "photo"))
            @if let Some(period) = period(&facts.first_seen, &facts.last_seen) { ", seen " (period) }
            ". " code.id { (id) }
        }
        p.begin { a.button.first data-key="N" aria-keyshortcuts="N" href=(format!("/next{course}")) { "Review its pairs" kbd { "N" } } " "
            a.button href=(format!("/queue{course}")) { "List them" } " "
            a.button href="#notes" { "Name and notes" } }
        (how_far(case, ledger, id))
        section aria-labelledby="photos-title" { h2 #photos-title { "Photos" } (photos(case, &labels)) }
        section aria-labelledby="hangs-title" { h2 #hangs-title { "What it hangs on" } (hangs_on(case, ledger, session, facts, &course)) }
        section aria-labelledby="against-title" { h2 #against-title { "What speaks against it" } (objections(&case.joined, facts)) }
        section aria-labelledby="time-title" { h2 #time-title { "In time, by site and place" } (crate::report::timeline(&case.joined, &labels)) }
        @if let Some(map) = map(case, facts.network) { section aria-labelledby="map-title" { h2 #map-title { "On the map" } (map) } }
        section aria-labelledby="contacts-title" { h2 #contacts-title { "Contacts" } (contacts(case, facts)) }
        section #notes aria-labelledby="notes-title" { h2 #notes-title { "Name and notes" } (notes(case, session, facts.network)) }
        section aria-labelledby="ads-title" { h2 #ads-title { "Ads" } (filters(facts)) (ads(case, facts, &labels)) }
        section aria-labelledby="graph-title" {
            h2 #graph-title { "Ads and photos" }
            div.scroll tabindex="0" role="region" aria-label="Graph" {
                (graph(&case.joined, facts.network, &format!("Network {}", facts.network.number), &labels, Medium::DESK))
            }
            p.minor { "Select an ad or a photo to go there." }
        }
    })
}

fn how_far(case: &CaseState<'_>, ledger: &Ledger, id: &str) -> Markup {
    let share = reviewed(case, ledger).get(id).copied().unwrap_or_default();
    html! {
        @if share.pairs > 0 {
            p.minor { progress.small max=(share.pairs) value=(share.decided) aria-label="Reviewed" {} " "
                "Reviewed " (share.percent()) ": " (words::thousands(share.decided)) " of " (words::count(share.pairs, "pair")) }
        }
    }
}

/// Phones, addresses and names that its ads give, each leading to all ads of the case that give it.
fn contacts(case: &CaseState<'_>, facts: &NetworkFacts<'_>) -> Markup {
    let ads = || facts.network.ads.iter().map(|&row| case.joined.ad(row));
    let given: BTreeSet<String> = ads().flat_map(addresses).collect();
    let posters: BTreeSet<&str> = ads().map(|ad| &*ad.poster).filter(|poster| !poster.is_empty()).collect();
    html! {
        @if facts.phones.is_empty() { p.minor { "No phone is given in any of its ads." } }
        (contact_line("Phones", facts.phones.iter().map(|phone| (*phone, digits(phone)))))
        (contact_line("Mail and messengers", given.iter().map(|contact| (&**contact, format!("\"{contact}\"")))))
        (contact_line("Poster names", posters.iter().map(|poster| (*poster, format!("\"{poster}\"")))))
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
    let inside = |network: u32| std::ptr::eq(&raw const findings.networks[network as usize], facts.network);
    let mut items: Vec<_> = case
        .queue
        .in_order(course.order())
        .filter(|item| item.separated > 0 && item.network.is_some_and(inside))
        .collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.separated));
    html! {
        @if items.is_empty() { p { "On no single pair of images: each can be wrong without splitting it." } }
        @else {
            p { (words::count(items.len(), "pair")) " of images hold parts of it together all alone." }
            ul.hangs {
                @for item in items.iter().take(MOST_PAIRS) {
                    li {
                        a href=(format!("{}{course}", pair_path(&item.ids))) { (words::count(item.separated, "ad")) }
                        @if let Some(proof) = &item.proof { " on a " (case.joined.strength(proof)) " pair, " }
                        span.minor { (ledger.words_for(&session.reviewer, &item.ids)) }
                    }
                }
            }
        }
    }
}

fn filters(facts: &NetworkFacts<'_>) -> Markup {
    html! {
        div.settings.filters role="search" aria-label="Filter the ads" {
            label { "Text " input type="search" data-filter="text" autocomplete="off"; }
            label { "Site " select data-filter="site" {
                option value="" { "all" } @for site in &facts.sites { option value=(site) { (visible(site)) } }
            } }
            @if !facts.places.is_empty() {
                label { "Place " select data-filter="place" {
                    option value="" { "all" } @for place in &facts.places { option value=(place) { (visible(place)) } }
                } }
            }
            p #filtered.minor role="status" {}
        }
    }
}

fn ads(case: &CaseState<'_>, facts: &NetworkFacts<'_>, labels: &Labels) -> Markup {
    html! {
        form method="get" action="/ads" {
        div.scroll tabindex="0" role="region" aria-label="Ads of the network" {
            table.ads.filtered {
                thead { tr {
                    th scope="col" { "Ad" } th scope="col" { "Posted" } th scope="col" { "Place, phones" } th scope="col" { "Photos" }
                } }
                tbody { @for &row in labels.ads.iter().take(MOST_ADS) { (ad(case, labels, row)) } }
            }
        }
        (compare_button())
        }
        @if labels.ads.len() > MOST_ADS { p { (words::thousands(facts.network.ads.len() - MOST_ADS)) " more are not listed here." } }
    }
}

fn ad(case: &CaseState<'_>, labels: &Labels, row: u32) -> Markup {
    let ad = case.joined.ad(row);
    let photos: BTreeSet<(usize, &str)> = case
        .joined
        .sightings_of_ad(row)
        .flat_map(|seen| case.joined.groups_of_image(seen.image))
        .filter_map(|&group| {
            Some((labels.place_of_photo(group)?, &*case.joined.findings.groups[group as usize].id))
        })
        .collect();
    html! {
        tr id=(labels.ad(row)) data-site=(ad.key.site) data-place=(ad.location) {
            th scope="row" { div.labelled { (tick(ad)) span.label { (labels.ad(row)) } div {
                div { (shown(&ad.key.site)) } div { (shown(&ad.key.ad_id)) }
                @if !ad.title.is_empty() { div.minor { (shortened(&ad.title, 90)) } }
                        @for (name, value) in words::kept(ad) { div.minor { (shown(&name)) ": " (shortened(&value, 90)) } }
            } } }
            td data-label="Posted" { div { (moment(ad_time(ad))) } }
            td data-label="Place, phones" { div {
                @if ad.location.is_empty() && ad.phones.is_empty() { span.minor { "not given" } }
                (shown(&ad.location)) @for phone in &ad.phones { div.phone { (shown(phone)) } }
            } }
            td data-label="Photos" { div { @for (place, id) in &photos { a.label.photo href=(format!("/photo/{id}")) { "P" (place) } " " } } }
        }
    }
}

fn photos(case: &CaseState<'_>, labels: &Labels) -> Markup {
    html! {
        (reveal_button())
        ul.strip tabindex="0" aria-label="Photos of the network" {
            @for (&number, place) in labels.photos.iter().zip(1..) {
                @let group = &case.joined.findings.groups[number as usize];
                @let image: ImageId = case.joined.image(group.images[0]).id();
                li.card {
                    div.picture { img src=(format!("/image/{image}")) data-reveal=(format!("/reveal/{image}")) alt=(format!("Photo P{place}, blurred")) loading="lazy"; }
                    p { a href=(format!("/photo/{}", group.id)) { "P" (place) } ": " (words::count(group.images.len(), "image file")) ", " (words::rarity(group)) }
                }
            }
        }
    }
}
