//! Pages that list: the desk's first page, the queue, the networks.

use maud::{Markup, html};

use super::parts::{chip, network_name};
use crate::report::{moment, period, shown};
use crate::review::http::access::Session;
use crate::review::state::course::{Course, Show, pair_path};
use crate::review::state::ledger::Ledger;
use crate::review::state::model::CaseState;
use crate::review::state::queue::{Item, PairOrder};
use crate::view::{NetworkFacts, ad_time, words};

/// Rows of a list before the rest is only counted.
const ROWS: usize = 200;
/// Networks on the first page.
const FIRST_NETWORKS: usize = 8;

/// The first page: how far the work is, and where it goes on.
pub(crate) fn home(
    case: &CaseState<'_>,
    ledger: &Ledger,
    session: &Session,
    told: Option<&'static str>,
) -> Markup {
    let all = case.queue.in_order(PairOrder::Effect).count();
    let left = Course::default().items(case, ledger, &session.reviewer).count();
    let figures = [
        (words::thousands(left), "pairs not decided", format!("of {}", words::thousands(all))),
        (words::thousands(ledger.len()), "decisions", "in the case, all reviewers".into()),
        (
            words::thousands(case.networks.len()),
            "networks",
            words::count(case.joined.snapshot.ads.len(), "ad"),
        ),
        (session.reveals().to_string(), "pictures shown", "unblurred, to you, since the start".into()),
    ];
    html! {
        h1 { "Review desk" }
        p #said role="status" { @if let Some(told) = told { (told) } }
        p.lead { "Judge whether two images show the " em { "same photo" } ". Who or what is seen on it is not the question." }
        dl.figures {
            @for (number, name, note) in figures { div { dt { (name) span.minor { (note) } } dd { (number) } } }
        }
        p.begin {
            @if left > 0 { a.button.first href="/next" data-key="N" aria-keyshortcuts="N" { "Start with what matters most" kbd { "N" } } }
            @else { "Every pair is decided." }
            " " a.button href="/queue" { "See the queue" }
        }
        section aria-labelledby="strongest-title" {
            h2 #strongest-title { "Strongest networks" }
            (network_table(&case.networks[..case.networks.len().min(FIRST_NETWORKS)]))
            p { a href="/networks" { "All " (words::count(case.networks.len(), "network")) } }
        }
    }
}

/// The list of all networks.
pub(crate) fn networks(case: &CaseState<'_>) -> Markup {
    html! {
        h1 { (words::count(case.networks.len(), "network")) }
        p.minor { "By weight: the rarer the shared photos, the surer the copies, and the more ads they tie, the higher." }
        (network_table(&case.networks[..case.networks.len().min(ROWS)]))
        @if case.networks.len() > ROWS { p { (words::thousands(case.networks.len() - ROWS)) " more; search by ad to find them." } }
    }
}

fn network_table(networks: &[NetworkFacts<'_>]) -> Markup {
    html! {
        @if networks.is_empty() { p { "No two ads are linked by a photo that is not common." } }
        @else {
            div.scroll tabindex="0" role="region" aria-label="Networks" {
                table.index {
                    thead { tr {
                        th scope="col" { "Network" } th.number scope="col" { "Weight" } th.number scope="col" { "Ads" }
                        th.number scope="col" { "Sites" } th.number scope="col" { "Photos" } th scope="col" { "Seen" }
                    } }
                    tbody {
                        @for facts in networks {
                            tr {
                                th scope="row" { (network_name(facts.network)) }
                                td.number { (format!("{:.1}", facts.weight)) }
                                td.number { (facts.network.ads.len()) }
                                td.number { (facts.sites.len()) }
                                td.number { (facts.network.groups.len()) }
                                td { (period(&facts.first_seen, &facts.last_seen).unwrap_or_else(|| "unknown".into())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The queue as a list, with its settings.
pub(crate) fn queue(case: &CaseState<'_>, ledger: &Ledger, session: &Session, course: &Course) -> Markup {
    let items: Vec<&Item> = course.items(case, ledger, &session.reviewer).collect();
    html! {
        h1 { (words::count(items.len(), "pair")) ", " (course.show().words()) }
        (settings(case, course))
        @if items.is_empty() { p { "Nothing here." } } @else {
            p.begin { a.button.first data-key="N" aria-keyshortcuts="N" href=(format!("/next{course}")) { "Start" kbd { "N" } } }
            div.scroll tabindex="0" role="region" aria-label="Pairs" {
                table.pairs {
                    thead { tr {
                        th scope="col" { "Pair" } th scope="col" { "How" } th scope="col" { "What hangs on it" } th scope="col" { "State" }
                    } }
                    tbody { @for (item, place) in items.iter().take(ROWS).zip(1..) { (row(case, ledger, course, item, place)) } }
                }
            }
            @if items.len() > ROWS { p { (words::thousands(items.len() - ROWS)) " more come after these." } }
        }
    }
}

fn settings(case: &CaseState<'_>, course: &Course) -> Markup {
    html! {
        form.settings method="get" action="/queue" {
            label { "Order " select name="order" {
                @for order in PairOrder::ALL { option value=(order.name()) selected[order == course.order()] { (order.words()) } }
            } }
            label { "Show " select name="show" {
                @for show in Show::ALL { option value=(show.name()) selected[show == course.show()] { (show.words()) } }
            } }
            label { input type="checkbox" name="across" value="1" checked[course.across()]; " across sites only" }
            @if let Some(facts) = case.network(course.network()) {
                label { input type="checkbox" name="network" value=(course.network()) checked; " only Network " (facts.network.number) }
            }
            button { "Apply" }
        }
    }
}

fn row(case: &CaseState<'_>, ledger: &Ledger, course: &Course, item: &Item, place: usize) -> Markup {
    let ad = |image: u32| case.joined.sightings_of_image(image).next().map(|seen| case.joined.ad(seen.ad));
    html! {
        tr {
            th scope="row" data-label="Pair" {
                div {
                a href=(format!("{}{course}", pair_path(&item.ids))) { "Pair " (place) }
                @for image in item.rows {
                    @if let Some(ad) = ad(image) { div { (shown(&ad.key.site)) " " span.minor { (shown(&ad.key.ad_id)) " " (moment(ad_time(ad))) } } }
                }
                }
            }
            td data-label="How" { div {
                @if let Some(proof) = &item.proof {
                    (chip(proof.tier)) " "
                    @if let Some(bits) = proof.distance { (words::count(bits as usize, "bit")) ", " }
                    (proof.strength())
                } @else { span.minor { "not proven by hashes" } }
            } }
            td data-label="Hangs on it" { div {
                @if let Some(network) = item.network {
                    @let network = &case.joined.findings.networks[network as usize];
                    @if item.separated > 0 { strong { (words::count(item.separated, "ad")) } " of " }
                    (network_name(network))
                } @else { span.minor { "no network" } }
                @if item.united > 0 { " may join " (words::count(item.united, "ad")) }
            } }
            td data-label="State" { div { (ledger.state(&item.ids).words()) } }
        }
    }
}
