//! The first page: what was found in three sentences, the figures, and how to read it.

use super::text::{date, period};
use super::{About, Ranked};
use crate::language::{phrase, say, word};
use crate::link::{LeftOut, NetworkKind};
use crate::verify::Tier;
use crate::view::{Figures, HOTLINES, Joined, STOP, stop_and_report, words};
use maud::{Markup, html};
use std::cmp::Reverse;

/// Links to the parts of the report.
pub(super) fn contents() -> Markup {
    html! {
        nav.contents aria-label=(say!("Contents")) {
            ul {
                li { a href="#findings" { (say!("Findings")) } }
                li { a href="#reading" { (say!("How to read this")) } }
                li { a href="#stop" { (say(STOP)) } }
                li { a href="#networks" { (say!("Networks")) } }
                li { a href="#many-contacts" { (say!("One picture, many contacts")) } }
                li { a href="#common" { (say!("Common photos")) } }
                li { a href="#leads" { (say!("Leads")) } }
                li { a href="#skipped" { (say!("Inputs left out")) } }
                li { a href="#limits" { (say!("Limits")) } }
                li { a href="#method" { (say!("How it was made")) } }
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
            p.kicker { "adlink " (about.version) " \u{b7} " (say!("report")) }
            h1 { (headline(figures, ranked)) }
            div.opening {
                p.lead { (sentences(joined, figures, ranked)) }
                p.note {
                    strong { (say!("Links are leads, not proof.")) }
                    (say!(
                        "A shared photo shows that a picture travelled from one ad to another. It does not show who posted it, \
                         nor that it shows what the ad offers. Look for a second, independent tie before acting."
                    ))
                }
            }
            (held_for(joined))
            (about.previews.warning())
            (super::leading::leading(joined, ranked))
            (key_figures(joined, figures))
        }
        section #reading aria-labelledby="reading-title" {
            h2 #reading-title { (say!("How to read this")) }
            (reading(ranked))
        }
        section #stop aria-labelledby="stop-title" {
            h2 #stop-title { (say(STOP)) }
            (stop(&joined.snapshot.header.country))
        }
    }
}

/// What to do, and to whom it is reported elsewhere.
fn stop(country: &str) -> Markup {
    html! {
        p { strong { (stop_and_report(country)) } }
        details {
            summary { (say!("Who takes reports, by country")) }
            dl.files {
                @for office in &HOTLINES {
                    dt { (say(office.name).trim_start_matches("the ")) } dd { (say(office.office)) ", " (office.address) }
                }
            }
            p.minor {
                (say!(
                    "Anywhere else: inhope.org lists national hotlines; or the police. Addresses change; look before you rely \
                     on one."
                ))
            }
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
                @if !header.purpose.is_empty() { (say!("Held for: {purpose}.", purpose = header.purpose)) " " }
                @if !header.legal_basis.is_empty() { (say!("Legal basis: {basis}.", basis = header.legal_basis)) " " }
                @if !header.retain_until.is_empty() { (say!("To be deleted after {day}.", day = date(&header.retain_until))) }
            }
        }
    }
}

/// What was found, and, where most links were left out of it, that they were and why.
fn headline(figures: &Figures, ranked: &[Ranked<'_>]) -> String {
    let found = match (figures.networks, figures.links) {
        (0, 0) => say!("No two ads show the same photo").into(),
        (0, _) => say!("No network of ads that share photos").into(),
        (1, _) => say!("One network of ads shares {what}", what = what_they_share(ranked)),
        (networks, _) => say!(
            "{networks} networks of ads share {what}",
            networks = words::thousands(networks),
            what = what_they_share(ranked),
        ),
    };
    let most = figures.left_out_by_reason.iter().max_by_key(|&(reason, links)| (links, Reverse(reason)));
    match most.filter(|_| 2 * figures.links_left_out > figures.links) {
        None => found,
        Some((reason, _)) => say!(
            "{found}; {some} of {all} left out, mostly because {why}",
            found = found,
            some = words::thousands(figures.links_left_out),
            all = words::count(figures.links, "link"),
            why = say(why_left_out(*reason)),
        ),
    }
}

/// Of all networks: photos, as a rule.
fn what_they_share(ranked: &[Ranked<'_>]) -> &'static str {
    let all = |kind| ranked.iter().all(|entry| entry.facts.network.kind == kind);
    match ranked.is_empty() || all(NetworkKind::Photo) {
        true => say!("photos"),
        false if all(NetworkKind::Template) => say!("a design with other words in it"),
        false if all(NetworkKind::Contact) => say!("contacts"),
        false => say!("photos, designs or contacts"),
    }
}

/// Why links were left out, as a clause, in English.
const fn why_left_out(reason: LeftOut) -> &'static str {
    match reason {
        LeftOut::Bridge => word!("they would join groups of ads that otherwise have too little in common"),
        LeftOut::CommonImage => word!("the photos are common"),
        LeftOut::ManyContacts => word!("nothing is shared but one picture that many show"),
        LeftOut::MirrorSite => word!("a site seems to copy another's ads"),
        LeftOut::WeakPair => word!("the images are not alike enough"),
    }
}

/// What was found, what is strongest, what to doubt.
fn sentences(joined: &Joined<'_>, figures: &Figures, ranked: &[Ranked<'_>]) -> Markup {
    html! {
        @match ranked.first() {
            None => { (nothing_joins(figures)) " " }
            Some(first) => { (how_many(figures, what_they_share(ranked))) " " (strongest(first)) " " }
        }
        @if figures.common > 0 {
            (say!(
                "{photos} (stock pictures, parts of a site) tied nobody together.",
                photos = words::count(figures.common, "common photo"),
            )) " "
        }
        (how_sure(joined, figures))
    }
}

fn nothing_joins(figures: &Figures) -> Markup {
    let (ads, sites) = (words::count(figures.ads, "ad"), words::count(figures.sites, "site"));
    let (links, file) = (words::count(figures.links, "link"), html! { code { "links.csv" } });
    match figures.links {
        0 => phrase!(
            "Of {ads} on {sites}, no two were found to show the same photo.",
            ads = ads,
            sites = sites
        ),
        1 => phrase!(
            "Of {ads} on {sites}, {links} by shared photos, none of which may make a network, stands in {file}.",
            ads = ads,
            sites = sites,
            links = links,
            file = file,
        ),
        _ => phrase!(
            "Of {ads} on {sites}, {links} by shared photos, none of which may make a network, stand in {file}.",
            ads = ads,
            sites = sites,
            links = links,
            file = file,
        ),
    }
}

fn how_many(figures: &Figures, what: &str) -> Markup {
    let (ads, sites) = (words::count(figures.ads, "ad"), words::count(figures.sites, "site"));
    let inside = html! { strong { (words::thousands(figures.ads_in_networks)) } };
    let networks = words::count(figures.networks, "network");
    match figures.networks_across_sites {
        all if all == figures.networks => phrase!(
            "Of {ads} on {sites}, {inside} belong to {networks} of ads that share {what}; all of them reach across sites.",
            ads = ads,
            sites = sites,
            inside = inside,
            networks = networks,
            what = what,
        ),
        0 => phrase!(
            "Of {ads} on {sites}, {inside} belong to {networks} of ads that share {what}; none of these reaches across sites.",
            ads = ads,
            sites = sites,
            inside = inside,
            networks = networks,
            what = what,
        ),
        some => phrase!(
            "Of {ads} on {sites}, {inside} belong to {networks} of ads that share {what}; {across} of these reach across sites.",
            ads = ads,
            sites = sites,
            inside = inside,
            networks = networks,
            what = what,
            across = words::thousands(some),
        ),
    }
}

fn strongest(first: &Ranked<'_>) -> Markup {
    let facts = &first.facts;
    let network = html! { a href=(first.href()) { (first.name()) } };
    let (ads, sites) = (words::count(facts.network.ads.len(), "ad"), words::count(facts.sites.len(), "site"));
    let what = match facts.network.kind {
        NetworkKind::Contact => say!("contacts").to_string(),
        NetworkKind::Template => say!("one design with other words in it").to_string(),
        NetworkKind::Photo => words::count(facts.network.groups.len(), "photo"),
    };
    match period(&facts.first_seen, &facts.last_seen) {
        Some(period) => phrase!(
            "The strongest, {network}, ties {ads} on {sites} together by {what}, seen {period}.",
            network = network,
            ads = ads,
            sites = sites,
            what = what,
            period = period,
        ),
        None => phrase!(
            "The strongest, {network}, ties {ads} on {sites} together by {what}.",
            network = network,
            ads = ads,
            sites = sites,
            what = what,
        ),
    }
}

fn how_sure(joined: &Joined<'_>, figures: &Figures) -> String {
    let expected = expected(joined.findings.expected_false_pairs);
    let pairs = words::count(figures.pairs, "image pair");
    match figures.skipped {
        0 => say!(
            "Every input could be used; {expected} of {pairs} would be expected to be false.",
            expected = expected,
            pairs = pairs,
        ),
        skipped => say!(
            "{inputs} could not be used; {expected} of {pairs} would be expected to be false.",
            inputs = words::count(skipped, "input"),
            expected = expected,
            pairs = pairs,
        ),
    }
}

/// Two digits are all that such an estimate is good for.
pub(super) fn expected(pairs: f64) -> String {
    match pairs {
        pairs if pairs < 0.01 => say!("under {number}", number = words::decimal(0.01, 2)),
        pairs if pairs < 10.0 => words::decimal(pairs, 2),
        pairs => words::thousands(pairs.round() as usize),
    }
}

fn key_figures(joined: &Joined<'_>, figures: &Figures) -> Markup {
    let figure = |number: String, name: &str, note: String| {
        html! { div { dt { (name) span.minor { (note) } } dd { (number) } } }
    };
    let plain = words::thousands;
    let share = |part: usize, whole: usize| words::percent(crate::view::share(part, whole));
    let inside = share(figures.ads_in_networks, figures.ads);
    let largest = share(figures.largest_network, figures.ads);
    let on_sites = share(figures.reuse.sites, figures.images);
    let left_out = words::count(figures.links_left_out, "link");
    html! {
        dl.figures {
            (figure(
                plain(figures.networks),
                say!("networks"),
                say!("{networks} across sites", networks = plain(figures.networks_across_sites))
            ))
            (figure(
                plain(figures.ads_in_networks),
                say!("ads in networks"),
                say!("{some} of {all}", some = inside, all = plain(figures.ads))
            ))
            (figure(
                plain(figures.largest_network),
                say!("ads in the largest"),
                say!("{share} of all ads", share = largest)
            ))
            (figure(
                plain(figures.links_across_sites),
                say!("links across sites"),
                say!("of {links}", links = words::count(figures.links, "link"))
            ))
            (figure(
                share(figures.reuse.ads, figures.images),
                say!("of images reused"),
                say!("in 2 or more ads; {share} on 2 or more sites", share = on_sites)
            ))
            (figure(
                plain(figures.common),
                say!("common photos"),
                say!("{links} kept out of networks", links = left_out)
            ))
            (figure(
                plain(figures.skipped),
                say!("inputs left out"),
                say!("{images} read", images = words::count(figures.images, "image"))
            ))
            (figure(
                expected(joined.findings.expected_false_pairs),
                say!("false pairs expected"),
                say!("among {pairs}", pairs = plain(figures.pairs))
            ))
        }
    }
}

/// Five questions, each with the place that answers it for the strongest network.
fn reading(ranked: &[Ranked<'_>]) -> Markup {
    let tiers = [Tier::SameFile, Tier::NearCopy, Tier::Transformed, Tier::Partial];
    html! {
        div.columns {
            ol.steps {
                li { strong { (say!("Which ads?")) " " } (which_ads(ranked)) }
                li {
                    strong { (say!("Why?")) " " }
                    (phrase!(
                        "{ties}: a network is as good as the weakest link it depends on. And the {photos}.",
                        ties = place(ranked, "ties", say!("What it hangs on")),
                        photos = place(ranked, "photos", say!("photos that hold it together")),
                    ))
                }
                li {
                    strong { (say!("When and where?")) " " }
                    (phrase!(
                        "The picture of {places}, as the ads claim them.",
                        places = place(ranked, "when", say!("sites and places over time")),
                    ))
                }
                li {
                    strong { (say!("What could be wrong?")) " " }
                    (phrase!(
                        "{against}: other phones, other places, copies close to the limit. And {limits}.",
                        against = place(ranked, "against", say!("What speaks against it")),
                        limits = html! { a href="#limits" { (say!("what this cannot see")) } },
                    ))
                }
                li {
                    strong { (say!("Is it true?")) " " }
                    (phrase!(
                        "Look at the two pictures of the strongest and the weakest link: {ties} stand the pictures, where \
                         previews were asked for, or else the command that shows them.",
                        ties = place(ranked, "ties", say!("with them")),
                    ))
                }
            }
            div {
                p.chart-title { (say!("How two images were proven to be one photo")) }
                dl.tiers {
                    @for tier in tiers { dt { (super::text::tier_chip(tier)) } dd { (words::tier(tier)) } }
                }
                p.minor {
                    (say!(
                        "Bits: in how many of 256 bits two PDQ hashes differ. 0 is alike; unrelated pictures differ in about 128."
                    ))
                }
            }
        }
    }
}

fn which_ads(ranked: &[Ranked<'_>]) -> Markup {
    phrase!(
        "{list}, by {weight}: the rarer the shared photos, the surer the copies, and the more ads they tie, the higher. A link \
         of weight 1 is one sure photo that nobody else shows. Then a network's {ads}.",
        list = html! { a href="#networks" { (say!("The list of networks")) } },
        weight = html! { strong { (say!("weight")) } },
        ads = place(ranked, "ads", say!("ads")),
    )
}

/// Words that lead to a part of the strongest network, where it has that.
fn place(ranked: &[Ranked<'_>], part: &str, words: &str) -> Markup {
    let has = |first: &&Ranked<'_>| part != "photos" || !first.facts.network.groups.is_empty();
    match ranked.first().filter(has) {
        Some(first) => html! { a href={ "#" (first.facts.network.id) "-" (part) } { (words) } },
        None => html! { (words) },
    }
}
