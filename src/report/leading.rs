//! The strongest networks in a few sentences each: for a reader who has five minutes.
//!
//! What holds it together, when and where it was first seen, and what could be wrong. Everything is said again, with
//! the evidence, where the network is told.

use super::notes::given_name;
use super::text::{date, shown};
use super::{Ranked, network};
use crate::language::{phrase, say};
use crate::link::NetworkKind;
use crate::record::Ad;
use crate::view::{Joined, WeakestLink, ad_time, words};
use maud::{Markup, html};

/// Networks told on the first page.
const MOST: usize = 3;

pub(super) fn leading(joined: &Joined<'_>, ranked: &[Ranked<'_>]) -> Markup {
    html! {
        @if !ranked.is_empty() {
            h2.leading-title { @if ranked.len() > 1 { (say!("The strongest first")) } @else { (say!("In short")) } }
            ol.leading {
                @for entry in ranked.iter().take(MOST) {
                    li {
                        p.leading-name {
                            a href=(entry.href()) { (entry.name()) }
                            (given_name(entry))
                            span.minor { (size(entry)) }
                        }
                        dl {
                            dt { (say!("Why")) } dd { (why(joined, entry)) }
                            dt { (say!("First seen")) } dd { (first_seen(joined, entry)) }
                            dt { (say!("Could be wrong")) } dd { (doubt(joined, entry)) }
                        }
                    }
                }
            }
        }
    }
}

fn size(entry: &Ranked<'_>) -> String {
    let facts = &entry.facts;
    let photos = words::count(facts.network.groups.len(), "shared photo");
    format!("{}, {photos}", network::ads_on_sites(facts))
}

/// The strongest link, and how rare its photo is.
fn why(joined: &Joined<'_>, entry: &Ranked<'_>) -> Markup {
    let strongest = entry.facts.strongest.map(|row| &joined.findings.links[row]);
    let evidence = strongest.and_then(|link| link.evidence.first());
    html! {
        @match evidence {
            Some(evidence) => {
                (say!(
                    "Its strongest link: {proof}; that photo is in {rarity}.",
                    proof = words::proof(joined, &evidence.proof),
                    rarity = words::rarity(&joined.findings.groups[evidence.group]),
                ))
            }
            None if entry.facts.network.kind == NetworkKind::Template => {
                (say!("Its pictures are one design with other words in each."))
            }
            None => { (say!("No photo; the ads' other particulars agree.")) }
        }
    }
}

fn first_seen(joined: &Joined<'_>, entry: &Ranked<'_>) -> Markup {
    let dated =
        entry.facts.network.ads.iter().map(|&row| joined.ad(row)).filter(|ad| !ad_time(ad).is_empty());
    let first: Option<&Ad> = dated.min_by(|p, q| ad_time(p).cmp(ad_time(q)).then(p.key.cmp(&q.key)));
    let Some(ad) = first else { return html! { (say!("No ad has a date.")) } };
    let (day, site, last) = (date(ad_time(ad)), shown(&ad.key.site), date(&entry.facts.last_seen));
    match ad.location.is_empty() {
        true => phrase!("{day} on {site}; last {last}.", day = day, site = site, last = last),
        false => phrase!(
            "{day} on {site}, {place} by its own account; last {last}.",
            day = day,
            site = site,
            place = shown(&ad.location),
            last = last,
        ),
    }
}

fn doubt(joined: &Joined<'_>, entry: &Ranked<'_>) -> Markup {
    let facts = &entry.facts;
    let links = || facts.network.links.iter().map(|&row| &joined.findings.links[row]);
    let alone = links().filter(|link| link.corroboration.is_empty()).count();
    let all = facts.network.links.len();
    let all = words::count(all, "link");
    html! {
        @if let Some(weakest) = facts.weakest.filter(|weakest| weakest.is_bridge && Some(weakest.link) != facts.strongest) {
            (bridge(joined, weakest)) " "
        }
        @if facts.links_contradicted > 0 {
            (say!(
                "Different phones or places in {some} of {all}.",
                some = words::thousands(facts.links_contradicted),
                all = all,
            )) " "
        }
        @if alone > 0 {
            (say!("In {some} of {all} the photo is all that is shared.", some = words::thousands(alone), all = all))
        }
        @if facts.links_with_caveats > 0 {
            " " (say!("{links} with a caveat.", links = words::count(facts.links_with_caveats, "link")))
        }
        @if !entry.cut.is_empty() {
            @let cut = entry.cut.iter().map(|cut| cut.links).sum();
            " " (say!("{links} to ads of other networks left out.", links = words::count(cut, "link")))
        }
        @if !against(entry) && alone == 0 { (say!("Nothing seen that speaks against it.")) }
    }
}

fn bridge(joined: &Joined<'_>, weakest: WeakestLink) -> String {
    let evidence = joined.findings.links[weakest.link].evidence.first();
    say!(
        "One link holds {ads} to the other {others} ({evidence}).",
        ads = words::count(weakest.smaller, "ad"),
        others = words::thousands(weakest.larger),
        evidence = evidence.map_or_else(
            || say!("no photo evidence").to_string(),
            |evidence| words::evidence(joined.strength(&evidence.proof))
        ),
    )
}

/// Is there anything to say against a network or one of its links?
pub(super) fn against(entry: &Ranked<'_>) -> bool {
    let facts = &entry.facts;
    let bridge =
        facts.weakest.is_some_and(|weakest| weakest.is_bridge && Some(weakest.link) != facts.strongest);
    facts.links_contradicted + facts.links_with_caveats > 0 || bridge || !entry.cut.is_empty()
}
