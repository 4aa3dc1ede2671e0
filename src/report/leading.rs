//! The strongest networks in a few sentences each: for a reader who has five minutes.
//!
//! What holds it together, when and where it was first seen, and what could be wrong. Everything is said again, with
//! the evidence, where the network is told.

use super::Ranked;
use super::notes::given_name;
use super::text::{date, shown};
use crate::link::NetworkKind;
use crate::record::Ad;
use crate::view::{Joined, ad_time, words};
use maud::{Markup, html};

/// Networks told on the first page.
const MOST: usize = 3;

pub(super) fn leading(joined: &Joined<'_>, ranked: &[Ranked<'_>]) -> Markup {
    html! {
        @if !ranked.is_empty() {
            h2.leading-title { @if ranked.len() > 1 { "The strongest first" } @else { "In short" } }
            ol.leading {
                @for entry in ranked.iter().take(MOST) {
                    li {
                        p.leading-name {
                            a href=(entry.href()) { (entry.name()) }
                            (given_name(entry))
                            span.minor { (size(entry)) }
                        }
                        dl {
                            dt { "Why" } dd { (why(joined, entry)) }
                            dt { "First seen" } dd { (first_seen(joined, entry)) }
                            dt { "Could be wrong" } dd { (doubt(joined, entry)) }
                        }
                    }
                }
            }
        }
    }
}

fn size(entry: &Ranked<'_>) -> String {
    let facts = &entry.facts;
    format!(
        "{} on {}, {}",
        words::count(facts.network.ads.len(), "ad"),
        words::count(facts.sites.len(), "site"),
        words::count(facts.network.groups.len(), "shared photo")
    )
}

/// The strongest link, and how rare its photo is.
fn why(joined: &Joined<'_>, entry: &Ranked<'_>) -> Markup {
    let strongest = entry.facts.strongest.map(|row| &joined.findings.links[row]);
    let evidence = strongest.and_then(|link| link.evidence.first());
    html! {
        @match evidence {
            Some(evidence) => {
                "Its strongest link: " (words::proof(joined, &evidence.proof)) "; that photo is in "
                (words::rarity(&joined.findings.groups[evidence.group])) "."
            }
            None if entry.facts.network.kind == NetworkKind::Template => {
                "Its pictures are one design with other words in each."
            }
            None => { "No photo; the ads' other particulars agree." }
        }
    }
}

fn first_seen(joined: &Joined<'_>, entry: &Ranked<'_>) -> Markup {
    let dated =
        entry.facts.network.ads.iter().map(|&row| joined.ad(row)).filter(|ad| !ad_time(ad).is_empty());
    let first: Option<&Ad> = dated.min_by(|p, q| ad_time(p).cmp(ad_time(q)).then(p.key.cmp(&q.key)));
    html! {
        @match first {
            Some(ad) => {
                (date(ad_time(ad))) " on " (shown(&ad.key.site))
                @if !ad.location.is_empty() { ", " (shown(&ad.location)) " by its own account" }
                "; last " (date(&entry.facts.last_seen)) "."
            }
            None => { "No ad has a date." }
        }
    }
}

fn doubt(joined: &Joined<'_>, entry: &Ranked<'_>) -> Markup {
    let facts = &entry.facts;
    let links = || facts.network.links.iter().map(|&row| &joined.findings.links[row]);
    let alone = links().filter(|link| link.corroboration.is_empty()).count();
    let all = facts.network.links.len();
    html! {
        @if let Some(weakest) = facts.weakest.filter(|weakest| weakest.is_bridge && Some(weakest.link) != facts.strongest) {
            "One link holds " (words::count(weakest.smaller, "ad")) " to the other " (words::thousands(weakest.larger))
            " (" (joined.findings.links[weakest.link].evidence.first().map_or("no photo".into(), |e| joined.strength(&e.proof).to_string()))
            " evidence). "
        }
        @if facts.links_contradicted > 0 {
            "Different phones or places in " (words::thousands(facts.links_contradicted)) " of " (words::count(all, "link")) ". "
        }
        @if alone > 0 {
            "In " (words::thousands(alone)) " of " (words::count(all, "link")) " the photo is all that is shared."
        }
        @if facts.links_with_caveats > 0 {
            " " (words::count(facts.links_with_caveats, "link")) " with a caveat."
        }
        @if !entry.cut.is_empty() {
            " " (words::count(entry.cut.iter().map(|cut| cut.links).sum(), "link")) " to ads of other networks left out."
        }
        @if !against(entry) && alone == 0 { "Nothing seen that speaks against it." }
    }
}

/// Is there anything to say against a network or one of its links?
pub(super) fn against(entry: &Ranked<'_>) -> bool {
    let facts = &entry.facts;
    let bridge =
        facts.weakest.is_some_and(|weakest| weakest.is_bridge && Some(weakest.link) != facts.strongest);
    facts.links_contradicted + facts.links_with_caveats > 0 || bridge || !entry.cut.is_empty()
}
