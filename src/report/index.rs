//! The list of networks: the first on `report.html`, all on a page of their own where there are more.
//!
//! The trap: the page stands in a folder beside the report, so the same row leads there by another address.

use super::long_tables::{LongTable, MOST_ROWS};
use super::notes::given_name;
use super::text::date;
use super::{LIST_NAME, PAGES_FOLDER, Page, Previews, Ranked, document, front, leading};
use crate::language::{phrase, say};
use crate::view::{Joined, words};
use maud::{Markup, PreEscaped, html};

/// Rows that stand open.
const OPEN_ROWS: usize = 50;

/// The first networks, and where the others are.
pub(super) fn index(ranked: &[Ranked<'_>]) -> Markup {
    if ranked.is_empty() {
        return html! { p { (say!("No two ads are linked by a photo that is not common.")) } };
    }
    let apart = ranked.iter().filter(|entry| entry.apart).count();
    html! {
        (table(&ranked[..ranked.len().min(MOST_ROWS)], heaviest(ranked), OPEN_ROWS, Ranked::href))
        @if ranked.len() > MOST_ROWS {
            p.minor {
                (phrase!(
                    "{networks} more: {list}, and {file}.",
                    networks = words::count(ranked.len() - MOST_ROWS, "network"),
                    list = html! {
                        a href={ (PAGES_FOLDER) "/" (LIST_NAME) } {
                            (say!("the list of all {networks}", networks = words::thousands(ranked.len())))
                        }
                    },
                    file = html! { code { "networks.csv" } },
                ))
            }
        }
        @if apart > 0 {
            p.minor {
                (phrase!(
                    "The first {networks} of this list are told below; {others} more on pages of their own in the folder \
                     {folder}.",
                    networks = words::count(ranked.len() - apart, "network"),
                    others = words::count(apart, "network"),
                    folder = html! { code { (PAGES_FOLDER) } },
                ))
            }
        }
        p.minor.paper-only {
            (phrase!(
                "What is folded on the screen is not printed: unfold it first, or print the page of a network, which \
                 {command} writes.",
                command = html! { code { "adlink report --brief" } },
            ))
        }
    }
}

/// The page with all networks, where `report.html` does not list them all.
pub(super) fn page(joined: &Joined<'_>, ranked: &[Ranked<'_>], previews: &Previews) -> Option<Page> {
    if ranked.len() <= MOST_ROWS {
        return None;
    }
    let body = html! {
        p.back { a href="../report.html#networks" { (say!("The report")) } }
        (front::held_for(joined))
        h1 { (say!("All {networks}", networks = words::count(ranked.len(), "network"))) }
        (table(ranked, heaviest(ranked), ranked.len(), Ranked::href_from_page))
    };
    let html = document(say!("adlink report: all networks"), previews, &PreEscaped(String::new()), &body);
    Some(Page { name: format!("{PAGES_FOLDER}/{LIST_NAME}"), html })
}

fn heaviest(ranked: &[Ranked<'_>]) -> f64 {
    ranked.first().map_or(1.0, |first| first.facts.weight.max(f64::MIN_POSITIVE))
}

fn table<'r>(ranked: &[Ranked<'r>], heaviest: f64, open: usize, href: fn(&Ranked<'r>) -> String) -> Markup {
    let head = html! {
        tr {
            th scope="col" { (say!("Network")) }
            th.number scope="col" { (say!("Weight")) }
            th.number scope="col" { (say!("Ads")) }
            th.number scope="col" { (say!("Sites")) }
            th.number scope="col" { (say!("Photos")) }
            th scope="col" { (say!("First seen")) }
            th scope="col" { (say!("Last seen")) }
            th scope="col" { (say!("Against it")) }
        }
    };
    let rows = ranked.iter().map(|entry| row(entry, heaviest, &href(entry))).collect();
    LongTable { caption: say!("List of networks"), class: Some("index"), head, rows, open }.show()
}

fn row(entry: &Ranked<'_>, heaviest: f64, href: &str) -> Markup {
    let facts = &entry.facts;
    let width = (100.0 * facts.weight / heaviest).clamp(1.0, 100.0);
    html! {
        tr {
            th scope="row" { a href=(href) { (entry.name()) } (given_name(entry)) }
            td.number.bar-cell {
                svg.bar width="56" height="6" aria-hidden="true" { rect width=(format!("{width:.1}%")) height="6" rx="3" {} }
                span.figure { (words::decimal(facts.weight, 2)) }
            }
            td.number { (words::thousands(facts.network.ads.len())) }
            td.number { (words::thousands(facts.sites.len())) }
            td.number { (words::thousands(facts.network.groups.len())) }
            td.date { (date(&facts.first_seen)) }
            td.date { (date(&facts.last_seen)) }
            td {
                @if facts.links_contradicted > 0 {
                    (say!(
                        "{some} of {all}",
                        some = words::thousands(facts.links_contradicted),
                        all = words::count(facts.network.links.len(), "link"),
                    ))
                } @else if leading::against(entry) { (say!("see there")) }
                @else { span.minor { (say!("nothing seen")) } }
            }
        }
    }
}
