//! The list of networks: the first on `report.html`, all on a page of their own where there are more.
//!
//! The trap: the page stands in a folder beside the report, so the same row leads there by another address.

use super::long_tables::{LongTable, MOST_ROWS};
use super::notes::given_name;
use super::text::date;
use super::{LIST_NAME, PAGES_FOLDER, Page, Previews, Ranked, document, front, leading};
use crate::view::{Joined, words};
use maud::{Markup, PreEscaped, html};

/// Rows that stand open.
const OPEN_ROWS: usize = 50;

/// The first networks, and where the others are.
pub(super) fn index(ranked: &[Ranked<'_>]) -> Markup {
    if ranked.is_empty() {
        return html! { p { "No two ads are linked by a photo that is not common." } };
    }
    let apart = ranked.iter().filter(|entry| entry.apart).count();
    html! {
        (table(&ranked[..ranked.len().min(MOST_ROWS)], heaviest(ranked), OPEN_ROWS, Ranked::href))
        @if ranked.len() > MOST_ROWS {
            p.minor {
                (words::count(ranked.len() - MOST_ROWS, "network")) " more: "
                a href={ (PAGES_FOLDER) "/" (LIST_NAME) } { "the list of all " (words::thousands(ranked.len())) }
                ", and " code { "networks.csv" } "."
            }
        }
        @if apart > 0 {
            p.minor {
                "The first " (words::count(ranked.len() - apart, "network")) " of this list are told below; "
                (words::count(apart, "network")) " more on pages of their own in the folder " code { (PAGES_FOLDER) } "."
            }
        }
        p.minor.paper-only {
            "What is folded on the screen is not printed: unfold it first, or print the page of a network, which "
            code { "adlink report --brief" } " writes."
        }
    }
}

/// The page with all networks, where `report.html` does not list them all.
pub(super) fn page(joined: &Joined<'_>, ranked: &[Ranked<'_>], previews: &Previews) -> Option<Page> {
    if ranked.len() <= MOST_ROWS {
        return None;
    }
    let body = html! {
        p.back { a href="../report.html#networks" { "The report" } }
        (front::held_for(joined))
        h1 { "All " (words::count(ranked.len(), "network")) }
        (table(ranked, heaviest(ranked), ranked.len(), Ranked::href_from_page))
    };
    let html = document("adlink report: all networks", previews, &PreEscaped(String::new()), &body);
    Some(Page { name: format!("{PAGES_FOLDER}/{LIST_NAME}"), html })
}

fn heaviest(ranked: &[Ranked<'_>]) -> f64 {
    ranked.first().map_or(1.0, |first| first.facts.weight.max(f64::MIN_POSITIVE))
}

fn table<'r>(ranked: &[Ranked<'r>], heaviest: f64, open: usize, href: fn(&Ranked<'r>) -> String) -> Markup {
    let head = html! {
        tr {
            th scope="col" { "Network" }
            th.number scope="col" { "Weight" }
            th.number scope="col" { "Ads" }
            th.number scope="col" { "Sites" }
            th.number scope="col" { "Photos" }
            th scope="col" { "First seen" }
            th scope="col" { "Last seen" }
            th scope="col" { "Against it" }
        }
    };
    let rows = ranked.iter().map(|entry| row(entry, heaviest, &href(entry))).collect();
    LongTable { caption: "List of networks", class: Some("index"), head, rows, open }.show()
}

fn row(entry: &Ranked<'_>, heaviest: f64, href: &str) -> Markup {
    let facts = &entry.facts;
    let width = (100.0 * facts.weight / heaviest).clamp(1.0, 100.0);
    html! {
        tr {
            th scope="row" { a href=(href) { (entry.name()) } (given_name(entry)) }
            td.number.bar-cell {
                svg.bar width="56" height="6" aria-hidden="true" { rect width=(format!("{width:.1}%")) height="6" rx="3" {} }
                span.figure { (format!("{:.2}", facts.weight)) }
            }
            td.number { (words::thousands(facts.network.ads.len())) }
            td.number { (words::thousands(facts.sites.len())) }
            td.number { (words::thousands(facts.network.groups.len())) }
            td.date { (date(&facts.first_seen)) }
            td.date { (date(&facts.last_seen)) }
            td {
                @if facts.links_contradicted > 0 {
                    (words::thousands(facts.links_contradicted)) " of " (words::count(facts.network.links.len(), "link"))
                } @else if leading::against(entry) { "see there" }
                @else { span.minor { "nothing seen" } }
            }
        }
    }
}
