//! Pages that list: the desk's first page, the queue, the networks.

use crate::corpus::ImageRow;
use maud::{Markup, html};
use std::collections::BTreeMap;

use super::notes::gone;
use super::parts::{chip, decision_row, network_name};
use crate::language::{phrase, say};
use crate::record::{Decision, Subject};
use crate::report::{moment, period, shown};
use crate::review::http::access::Session;
use crate::review::state::course::{Course, Show, pair_path};
use crate::review::state::ledger::{DecisionState, Ledger, ReviewerAgreement, ruling_words};
use crate::review::state::model::CaseState;
use crate::review::state::photo_course::open_photos;
use crate::review::state::queue::{Item, PairOrder};
use crate::view::{STOP, ad_time, stop_and_report, words};

/// Rows of a list before the rest is only counted.
const ROWS: usize = 200;
/// Networks on the first page.
const FIRST_NETWORKS: usize = 8;

/// The first page: how far the work is, and where it goes on.
pub(crate) fn home(case: &CaseState<'_>, ledger: &Ledger, session: &Session, told: Option<&str>) -> Markup {
    let all = case.queue.in_order(PairOrder::Effect).count();
    let left = Course::default().items(case, ledger, &session.reviewer).count();
    let figures = [
        (
            words::thousands(left),
            say!("pairs not decided"),
            say!("of {number}", number = words::thousands(all)),
        ),
        (words::thousands(ledger.len()), say!("decisions"), say!("in the case, all reviewers").into()),
        (
            words::thousands(case.networks.len()),
            say!("networks"),
            words::count(case.joined.snapshot.ads.len(), "ad"),
        ),
        (
            session.reveals().to_string(),
            say!("pictures shown"),
            say!("unblurred, to you, since the start").into(),
        ),
    ];
    html! {
        h1 { (say!("Review desk")) }
        p #said role="status" { @if let Some(told) = told { (told) } }
        p.lead { (what_is_judged()) }
        dl.figures {
            @for (number, name, note) in figures { div { dt { (name) span.minor { (note) } } dd { (number) } } }
        }
        p.begin {
            @if left > 0 { a.button.first href="/next" data-key="N" aria-keyshortcuts="N" { (say!("Start with what matters most")) kbd { "N" } } }
            @else { (say!("Every pair is decided.")) }
            " " a.button href="/queue" { (say!("See the queue")) } " " a.button href="/decisions" { (say!("Decisions")) }
        }
        section aria-labelledby="strongest-title" {
            h2 #strongest-title { (say!("Strongest networks")) }
            (network_table(case, ledger, FIRST_NETWORKS))
            p { a href="/networks" { (say!("All {networks}", networks = words::count(case.networks.len(), "network"))) } }
        }
        section aria-labelledby="stop-title" {
            h2 #stop-title { (say(STOP)) }
            p { (stop_and_report(&case.joined.snapshot.header.country)) }
        }
    }
}

fn what_is_judged() -> Markup {
    let same = html! { em { (say!("same photo")) } };
    phrase!(
        "Judge whether two images show the {same}. Who or what is seen on it is not the question.",
        same = same
    )
}

/// The list of all networks.
pub(crate) fn networks(case: &CaseState<'_>, ledger: &Ledger) -> Markup {
    html! {
        h1 { (words::count(case.networks.len(), "network")) }
        p.minor { (say!("By weight: the rarer the shared photos, the surer the copies, and the more ads they tie, the higher.")) }
        (network_table(case, ledger, ROWS))
        @if case.networks.len() > ROWS { p { (say!("{number} more; search by ad to find them.", number = words::thousands(case.networks.len() - ROWS))) } }
        (gone(case))
    }
}

fn network_table(case: &CaseState<'_>, ledger: &Ledger, most: usize) -> Markup {
    let networks = &case.networks[..case.networks.len().min(most)];
    let reviewed = reviewed(case, ledger);
    html! {
        @if networks.is_empty() { p { (say!("No two ads are linked by a photo that is not common.")) } }
        @else {
            div.scroll tabindex="0" role="region" aria-label=(say!("Networks")) {
                table.index {
                    thead { tr {
                        th scope="col" { (say!("Network")) } th.number scope="col" { (say!("Weight")) } th.number scope="col" { (say!("Ads")) }
                        th.number scope="col" { (say!("Sites")) } th.number scope="col" { (say!("Photos")) } th scope="col" { (say!("Seen")) } th.number scope="col" { (say!("Reviewed")) }
                    } }
                    tbody {
                        @for facts in networks {
                            tr {
                                th scope="row" { (network_name(case, facts.network)) }
                                td.number data-label=(say!("weight")) { (words::decimal(facts.weight, 1)) }
                                td.number data-label=(say!("ads")) { (facts.network.ads.len()) }
                                td.number data-label=(say!("sites")) { (facts.sites.len()) }
                                td.number data-label=(say!("photos")) { (facts.network.groups.len()) }
                                td data-label=(say!("seen")) { (period(&facts.first_seen, &facts.last_seen).unwrap_or_else(|| say!("unknown").into())) }
                                td.number data-label=(say!("reviewed")) { (reviewed.get(&*facts.network.id).copied().unwrap_or_default().percent()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How much of a network's pairs somebody decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ReviewedShare {
    pub(crate) decided: usize,
    pub(crate) pairs: usize,
}

impl ReviewedShare {
    /// `60%`; a dash where there is no pair to look at, as where all files are identical.
    pub(crate) fn percent(self) -> String {
        match self.pairs {
            0 => "\u{2013}".into(),
            pairs => words::percent(self.decided as f64 / pairs as f64),
        }
    }
}

/// For each network by its id. Linear in the queue.
pub(crate) fn reviewed<'v>(case: &'v CaseState<'_>, ledger: &Ledger) -> BTreeMap<&'v str, ReviewedShare> {
    let networks = &case.joined.findings.networks;
    let mut shares = BTreeMap::<&str, ReviewedShare>::new();
    for item in case.queue.in_order(PairOrder::Effect) {
        let Some(network) = item.network else { continue };
        let share = shares.entry(&networks[network].id).or_default();
        share.pairs += 1;
        share.decided += usize::from(ledger.state(&item.ids) != DecisionState::Open);
    }
    shares
}

/// The queue as a list, with its settings.
pub(crate) fn queue(case: &CaseState<'_>, ledger: &Ledger, session: &Session, course: &Course) -> Markup {
    let items: Vec<&Item> = course.items(case, ledger, &session.reviewer).collect();
    html! {
        h1 { (say!("{pairs}, {state}", pairs = words::count(items.len(), "pair"), state = say(course.show().words()))) }
        (settings(case, course))
        @if items.is_empty() { p { (say!("Nothing here.")) } } @else {
            @let photos = open_photos(case, ledger);
            p.begin { a.button.first data-key="N" aria-keyshortcuts="N" href=(format!("/next{course}")) { (say!("Start")) kbd { "N" } }
                @if !photos.is_empty() { " " a.button data-key="W" aria-keyshortcuts="W" href="/next-photo" { (say!("Whole photos first")) kbd { "W" } } }
            }
            @if !photos.is_empty() {
                p.minor { (say!(
                    "{photos} of three files or more: judging each at once settles {pairs}.",
                    photos = words::count(photos.len(), "photo"),
                    pairs = words::count(photos.iter().map(|photo| photo.pairs).sum(), "pair")
                )) }
            }
            div.scroll tabindex="0" role="region" aria-label=(say!("Pairs")) {
                table.pairs {
                    thead { tr {
                        th scope="col" { (say!("Pair")) } th scope="col" { (say!("How")) } th scope="col" { (say!("What hangs on it")) } th scope="col" { (say!("State")) }
                    } }
                    tbody { @for (item, place) in items.iter().take(ROWS).zip(1..) { (row(case, ledger, session, course, item, place)) } }
                }
            }
            @if items.len() > ROWS { p { (say!("{number} more come after these.", number = words::thousands(items.len() - ROWS))) } }
        }
    }
}

/// The decisions of the case that a reviewer may know, the latest first.
pub(crate) fn decisions(ledger: &Ledger, reviewer: &str) -> Markup {
    let all = ledger.all();
    let told: Vec<&Decision> = all.iter().filter(|decision| ledger.is_told(reviewer, decision)).collect();
    html! {
        h1 { (words::count(all.len(), "decision")) }
        p.minor { (say!("None is ever changed: one that was taken back is followed by another.")) }
        (reviewers(ledger))
        ul.decisions {
            @for decision in told.iter().rev().take(ROWS) {
                li {
                    (decision_row(decision, say(ruling_words(decision.ruling)))) " "
                    @match &decision.subject {
                        Subject::Pair(a, b) => { a href=(pair_path(&(*a, *b))) { (say!("The pair")) } },
                        Subject::Photo(images) => { span.minor { (say!("on {images} as one photo", images = words::count(images.len(), "image"))) } },
                        Subject::Ad(key) => { span.minor { (phrase!("on ad {ad}", ad = shown(&key.to_string()))) } },
                    }
                }
            }
        }
        @if told.len() > ROWS { p { (say!("{number} earlier ones are in decisions.csv of the result folder.", number = words::thousands(told.len() - ROWS))) } }
        @if told.len() < all.len() { p.minor { (say!("Decisions of others that are shown after your own: {number}.", number = words::thousands(all.len() - told.len()))) } }
    }
}

/// Who decided how much, and how far every two agree.
fn reviewers(ledger: &Ledger) -> Markup {
    let made = ledger.by_reviewer();
    html! {
        @if made.len() > 1 {
            p { @for (place, (reviewer, decisions)) in made.iter().enumerate() { @if place > 0 { " \u{b7} " } (shown(reviewer)) ": " (words::count(*decisions, "decision")) } }
            ul.agreements {
                @for both in ledger.agreements() { li { (agreement(&both)) } }
            }
        }
    }
}

fn agreement(both: &ReviewerAgreement<'_>) -> Markup {
    let ReviewerAgreement { reviewers: (one, other), pairs, alike, kappa } = *both;
    html! {
        (phrase!(
            "{one} and {other}: {pairs} that both ruled on, alike on {alike} ({share})",
            one = shown(one),
            other = shown(other),
            pairs = words::count(pairs, "pair"),
            alike = html! { strong { (words::thousands(alike)) } },
            share = words::percent(alike as f64 / pairs as f64)
        ))
        @if let Some(kappa) = kappa { (say!(", kappa {number}", number = words::decimal(kappa, 2))) }
        @if alike < pairs { " \u{b7} " a href="/queue?show=disputed" { (say!("where they disagree")) } }
    }
}

fn settings(case: &CaseState<'_>, course: &Course) -> Markup {
    html! {
        form.settings method="get" action="/queue" {
            label { (say!("Order")) " " select name="order" {
                @for order in PairOrder::ALL { option value=(order.name()) selected[order == course.order()] { (say(order.words())) } }
            } }
            label { (say!("Show")) " " select name="show" {
                @for show in Show::ALL { option value=(show.name()) selected[show == course.show()] { (say(show.words())) } }
            } }
            label { input type="checkbox" name="across" value="1" checked[course.across()]; " " (say!("across sites only")) }
            @if let Some(facts) = case.network(course.network()) {
                label { input type="checkbox" name="network" value=(course.network()) checked; " " (say!("only Network {number}", number = facts.network.number)) }
            }
            button { (say!("Apply")) }
        }
    }
}

/// The network that a pair holds together, and how many ads of it hang on that.
fn hangs(network: Markup, ads: usize) -> Markup {
    if ads == 0 {
        return network;
    }
    let ads = html! { strong { (words::count(ads, "ad")) } };
    phrase!("{ads} of {network}", ads = ads, network = network)
}

fn row(
    case: &CaseState<'_>,
    ledger: &Ledger,
    session: &Session,
    course: &Course,
    item: &Item,
    place: usize,
) -> Markup {
    let ad =
        |image: ImageRow| case.joined.sightings_of_image(image).next().map(|seen| case.joined.ad(seen.ad));
    html! {
        tr {
            th scope="row" data-label=(say!("Pair")) {
                div {
                a href=(format!("{}{course}", pair_path(&item.ids))) { (say!("Pair {number}", number = place)) }
                div.thumbs { @for id in [item.ids.0, item.ids.1] { img src=(format!("/image/{id}")) alt="" loading="lazy" width="64" height="64"; } }
                @for image in item.rows {
                    @if let Some(ad) = ad(image) { div { (shown(&ad.key.site)) " " span.minor { (shown(&ad.key.ad_id)) " " (moment(ad_time(ad))) } } }
                }
                }
            }
            td data-label=(say!("How")) { div {
                @if let Some(proof) = &item.proof {
                    (chip(proof.tier)) " "
                    @if item.lead {
                        (say!("lead, {a} and {b} agree", a = words::percent(proof.overlap_a), b = words::percent(proof.overlap_b)))
                    }
                    @else {
                        @if let Some(bits) = proof.distance { (words::count(bits as usize, "bit")) ", " }
                        (say(case.joined.strength(proof).name()))
                    }
                } @else { span.minor { (say!("not proven by hashes")) } }
            } }
            td data-label=(say!("Hangs on it")) { div {
                @if let Some(network) = item.network {
                    @let network = &case.joined.findings.networks[network];
                    (hangs(network_name(case, network), item.separated))
                } @else { span.minor { (say!("no network")) } }
                @if item.united > 0 { " " (say!("may join {ads}", ads = words::count(item.united, "ad"))) }
            } }
            td data-label=(say!("State")) { div { (say(ledger.words_for(&session.reviewer, &item.ids))) } }
        }
    }
}
