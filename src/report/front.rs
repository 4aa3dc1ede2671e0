//! The first page: what was found in three sentences, the figures, and how to read it.

use super::text::{date, period};
use super::{About, Ranked};
use crate::link::{LeftOut, NetworkKind};
use crate::verify::Tier;
use crate::view::{Figures, HOTLINES, Joined, STOP, stop_and_report, words};
use maud::{Markup, html};
use std::cmp::Reverse;

/// Links to the parts of the report.
pub(super) fn contents() -> Markup {
    html! {
        nav.contents aria-label="Contents" {
            ul {
                li { a href="#findings" { "Findings" } }
                li { a href="#reading" { "How to read this" } }
                li { a href="#stop" { (STOP) } }
                li { a href="#networks" { "Networks" } }
                li { a href="#many-contacts" { "One picture, many contacts" } }
                li { a href="#common" { "Common photos" } }
                li { a href="#leads" { "Leads" } }
                li { a href="#skipped" { "Inputs left out" } }
                li { a href="#limits" { "Limits" } }
                li { a href="#method" { "How it was made" } }
            }
        }
    }
}

pub(super) fn front(
    joined: &Joined<'_>,
    about: &About<'_>,
    figures: &Figures,
    ranked: &[Ranked<'_>],
) -> Markup {
    html! {
        header.front #findings {
            p.kicker { "adlink " (about.version) " \u{b7} report" }
            h1 { (headline(figures, ranked)) }
            div.opening {
                p.lead { (sentences(joined, figures, ranked)) }
                p.note {
                    strong { "Links are leads, not proof." }
                    "A shared photo shows that a picture travelled from one ad to another. It does not show who "
                    "posted it, nor that it shows what the ad offers. Look for a second, independent tie before acting."
                }
            }
            (held_for(joined))
            (about.previews.warning())
            (super::leading::leading(joined, ranked))
            (key_figures(joined, figures))
        }
        section #reading aria-labelledby="reading-title" {
            h2 #reading-title { "How to read this" }
            (reading(ranked))
        }
        section #stop aria-labelledby="stop-title" {
            h2 #stop-title { (STOP) }
            (stop(&joined.snapshot.header.country))
        }
    }
}

/// What to do, and to whom it is reported elsewhere.
fn stop(country: &str) -> Markup {
    html! {
        p { strong { (stop_and_report(country)) } }
        details {
            summary { "Who takes reports, by country" }
            dl.files { @for office in &HOTLINES { dt { (office.name.trim_start_matches("the ")) } dd { (office.office) ", " (office.address) } } }
            p.minor { "Anywhere else: inhope.org lists national hotlines; or the police. Addresses change; look before you rely on one." }
        }
    }
}

/// Why the case is held, where somebody said so.
pub(super) fn held_for(joined: &Joined<'_>) -> Markup {
    let header = &joined.snapshot.header;
    html! {
        @if !header.is_empty() {
            p.note {
                @if !header.handling.is_empty() { strong { (header.handling) } ". " }
                @if !header.purpose.is_empty() { "Held for: " (header.purpose) ". " }
                @if !header.legal_basis.is_empty() { "Legal basis: " (header.legal_basis) ". " }
                @if !header.retain_until.is_empty() { "To be deleted after " (date(&header.retain_until)) "." }
            }
        }
    }
}

/// What was found, and, where most links were left out of it, that they were and why.
fn headline(figures: &Figures, ranked: &[Ranked<'_>]) -> String {
    let found = match (figures.networks, figures.links) {
        (0, 0) => "No two ads show the same photo".into(),
        (0, _) => "No network of ads that share photos".into(),
        (1, _) => format!("One network of ads shares {}", what_they_share(ranked)),
        (networks, _) => {
            format!("{} networks of ads share {}", words::thousands(networks), what_they_share(ranked))
        }
    };
    let most = figures.left_out_by_reason.iter().max_by_key(|&(reason, links)| (links, Reverse(reason)));
    match most.filter(|_| 2 * figures.links_left_out > figures.links) {
        None => found,
        Some((reason, _)) => format!(
            "{found}; {} of {} left out, mostly because {}",
            words::thousands(figures.links_left_out),
            words::count(figures.links, "link"),
            why_left_out(*reason)
        ),
    }
}

/// Of all networks: photos, as a rule.
fn what_they_share(ranked: &[Ranked<'_>]) -> &'static str {
    let all = |kind| ranked.iter().all(|entry| entry.facts.network.kind == kind);
    match ranked.is_empty() || all(NetworkKind::Photo) {
        true => "photos",
        false if all(NetworkKind::Template) => "a design with other words in it",
        false if all(NetworkKind::Contact) => "contacts",
        false => "photos, designs or contacts",
    }
}

/// Why links were left out, as a clause.
const fn why_left_out(reason: LeftOut) -> &'static str {
    match reason {
        LeftOut::Bridge => "they would join groups of ads that otherwise have too little in common",
        LeftOut::CommonImage => "the photos are common",
        LeftOut::ManyContacts => "nothing is shared but one picture that many show",
        LeftOut::MirrorSite => "a site seems to copy another's ads",
        LeftOut::WeakPair => "the images are not alike enough",
    }
}

/// What was found, what is strongest, what to doubt.
fn sentences(joined: &Joined<'_>, figures: &Figures, ranked: &[Ranked<'_>]) -> Markup {
    html! {
        "Of " (words::count(figures.ads, "ad")) " on " (words::count(figures.sites, "site")) ", "
        @match ranked.first() {
            None if figures.links == 0 => { "no two were found to show the same photo. " }
            None => {
                (words::count(figures.links, "link")) " by shared photos, none of which may make a network, "
                (if figures.links == 1 { "stands" } else { "stand" }) " in " code { "links.csv" } ". "
            }
            Some(first) => {
                strong { (words::thousands(figures.ads_in_networks)) }
                " belong to " (words::count(figures.networks, "network")) " of ads that share " (what_they_share(ranked)) "; "
                @if figures.networks_across_sites == figures.networks { "all of them reach across sites. " }
                @else if figures.networks_across_sites == 0 { "none of these reaches across sites. " }
                @else { (words::thousands(figures.networks_across_sites)) " of these reach across sites. " }
                (strongest(first))
            }
        }
        @if figures.common > 0 {
            (words::count(figures.common, "common photo")) " (stock pictures, parts of a site) tied nobody together. "
        }
        @if figures.skipped > 0 { (words::count(figures.skipped, "input")) " could not be used; " }
        @else { "Every input could be used; " }
        (expected(joined.findings.expected_false_pairs)) " of " (words::count(figures.pairs, "image pair"))
        " would be expected to be false."
    }
}

fn strongest(first: &Ranked<'_>) -> Markup {
    let facts = &first.facts;
    html! {
        "The strongest, " a href=(first.href()) { (first.name()) } ", ties "
        (words::count(facts.network.ads.len(), "ad")) " on " (words::count(facts.sites.len(), "site"))
        " together by "
        @match facts.network.kind {
            NetworkKind::Contact => { "contacts" }
            NetworkKind::Template => { "one design with other words in it" }
            NetworkKind::Photo => { (words::count(facts.network.groups.len(), "photo")) }
        }
        @if let Some(period) = period(&facts.first_seen, &facts.last_seen) { ", seen " (period) }
        ". "
    }
}

/// Two digits are all that such an estimate is good for.
pub(super) fn expected(pairs: f64) -> String {
    match pairs {
        pairs if pairs < 0.01 => "under 0.01".into(),
        pairs if pairs < 10.0 => format!("{pairs:.2}"),
        pairs => words::thousands(pairs.round() as usize),
    }
}

fn key_figures(joined: &Joined<'_>, figures: &Figures) -> Markup {
    let figure = |number: String, name: &str, note: String| {
        html! { div { dt { (name) span.minor { (note) } } dd { (number) } } }
    };
    let plain = words::thousands;
    let share = |part: usize, whole: usize| words::percent(crate::view::share(part, whole));
    html! {
        dl.figures {
            (figure(plain(figures.networks), "networks", format!("{} across sites", plain(figures.networks_across_sites))))
            (figure(
                plain(figures.ads_in_networks),
                "ads in networks",
                format!("{} of {}", share(figures.ads_in_networks, figures.ads), plain(figures.ads))
            ))
            (figure(
                plain(figures.largest_network),
                "ads in the largest",
                format!("{} of all ads", share(figures.largest_network, figures.ads))
            ))
            (figure(
                plain(figures.links_across_sites),
                "links across sites",
                format!("of {}", words::count(figures.links, "link"))
            ))
            (figure(
                share(figures.reuse.ads, figures.images),
                "of images reused",
                format!("in 2 or more ads; {} on 2 or more sites", share(figures.reuse.sites, figures.images))
            ))
            (figure(plain(figures.common), "common photos", format!("{} kept out of networks", words::count(figures.links_left_out, "link"))))
            (figure(plain(figures.skipped), "inputs left out", format!("{} read", words::count(figures.images, "image"))))
            (figure(
                expected(joined.findings.expected_false_pairs),
                "false pairs expected",
                format!("among {}", plain(figures.pairs))
            ))
        }
    }
}

/// Five questions, each with the place that answers it for the strongest network.
fn reading(ranked: &[Ranked<'_>]) -> Markup {
    let tiers = [Tier::SameFile, Tier::NearCopy, Tier::Transformed, Tier::Partial];
    let has = |first: &&Ranked<'_>, part: &str| part != "photos" || !first.facts.network.groups.is_empty();
    let place = |part: &str, words: &str| match ranked.first().filter(|first| has(first, part)) {
        Some(first) => html! { a href={ "#" (first.facts.network.id) "-" (part) } { (words) } },
        None => html! { (words) },
    };
    html! {
        div.columns {
            ol.steps {
                li {
                    strong { "Which ads? " } a href="#networks" { "The list of networks" } ", by " strong { "weight" }
                    ": the rarer the shared photos, the surer the copies, and the more ads they tie, the higher. "
                    "A link of weight 1 is one sure photo that nobody else shows. Then a network's " (place("ads", "ads")) "."
                }
                li {
                    strong { "Why? " } (place("ties", "What it hangs on"))
                    ": a network is as good as the weakest link it depends on. And the " (place("photos", "photos that hold it together")) "."
                }
                li {
                    strong { "When and where? " } "The picture of " (place("when", "sites and places over time"))
                    ", as the ads claim them."
                }
                li {
                    strong { "What could be wrong? " } (place("against", "What speaks against it"))
                    ": other phones, other places, copies close to the limit. And " a href="#limits" { "what this cannot see" } "."
                }
                li {
                    strong { "Is it true? " } "Look at the two pictures of the strongest and the weakest link: "
                    (place("ties", "with them")) " stand the pictures, where previews were asked for, or else the command that shows them."
                }
            }
            div {
                p.chart-title { "How two images were proven to be one photo" }
                dl.tiers {
                    @for tier in tiers { dt { (super::text::tier_chip(tier)) } dd { (words::tier(tier)) } }
                }
                p.minor { "Bits: in how many of 256 bits two PDQ hashes differ. 0 is alike; unrelated pictures differ in about 128." }
            }
        }
    }
}
