//! The page on which one pair is judged: two pictures, the buttons, and everything known of the two.
//!
//! Text and numbers come with the page; pictures follow from `pictures`, blurred. What other reviewers said is told
//! only after one's own decision: a second opinion that knows the first is none.

use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

use super::parts::{ad_lines, chip, decision_row, hidden, network_name, no_default_button};
use crate::corpus::PhoneKey;
use crate::link::CaveatLimits;
use crate::record::{Image, Ruling};
use crate::report::{moment, shown};
use crate::review::http::access::Session;
use crate::review::state::course::{Course, Ids, pair_path};
use crate::review::state::ledger::{DecisionState, Ledger, ruling_words, state};
use crate::review::state::model::CaseState;
use crate::review::state::queue::Item;
use crate::verify::{Proof, distances, verify};
use crate::view::{ad_time, day, words};

/// Distances listed before the rest is folded away.
const DISTANCES: usize = 6;

/// Buttons of a ruling: what is sent, the key, what it says.
const RULINGS: [(Ruling, &str, &str); 4] = [
    (Ruling::Confirm, "S", "Same photo"),
    (Ruling::Reject, "D", "Different"),
    (Ruling::Common, "C", "Common photo"),
    (Ruling::Unsure, "U", "Unsure"),
];

/// What the page needs beside the view.
pub(crate) struct Asked<'q> {
    pub(crate) ids: Ids,
    pub(crate) course: &'q Course,
    pub(crate) session: &'q Session,
    pub(crate) ledger: &'q Ledger,
    /// What was just said about the pair before, in words.
    pub(crate) said: Option<&'static str>,
    /// For either image: why it cannot be shown.
    pub(crate) missing: [Option<String>; 2],
}

/// The pair's page; `None` when the case does not have both images.
pub(crate) fn pair(case: &CaseState<'_>, asked: &Asked<'_>) -> Option<Markup> {
    let (row_a, row_b) = (case.row(&asked.ids.0)?, case.row(&asked.ids.1)?);
    let (a, b) = (case.joined.image(row_a), case.joined.image(row_b));
    let item = case.queue.find(&asked.ids);
    let (radius, min_quality) = case.limits();
    let proof = item.map_or_else(|| verify(a, b, radius, min_quality), |item| item.proof.clone());
    let about = asked.ledger.about(&asked.ids);
    let place = place(case, asked);
    Some(html! {
        div.pair data-pair=(pair_path(&asked.ids)) {
            div.pair-head {
                h1 { "Do these show the same photo?" }
                p.place { (place) " \u{b7} " (asked.course.order().words()) }
            }
            p #said role="status" { @if let Some(said) = asked.said { "Saved: " (said) "." } }
            (stake(case, item))
            (stage(case, asked, [row_a, row_b], turned(proof.as_ref())))
            (rulings(asked, state(&about)))
            section.facts-of-pair aria-labelledby="why-title" {
                h2 #why-title { "Why adlink paired them" }
                (why(case, proof.as_ref(), [row_a, row_b]))
                (measured(a, b))
            }
            section aria-labelledby="ads-title" {
                h2 #ads-title { "Where they were seen" }
                div.columns {
                    @for (side, row) in [("A", row_a), ("B", row_b)] {
                        div { h3 { "Image " (side) } (ad_lines(case, row)) (file_facts(case.joined.image(row))) }
                    }
                }
                (agreement(case, row_a, row_b))
            }
            (decisions(asked))
        }
    })
}

/// Where on its course the pair stands.
fn place(case: &CaseState<'_>, asked: &Asked<'_>) -> String {
    let (mut left, mut at) = (0, None);
    for item in asked.course.items(case, asked.ledger, &asked.session.reviewer) {
        left += 1;
        if item.ids == asked.ids {
            at = Some(left);
        }
    }
    match at {
        Some(at) => format!("Pair {} of {} left", words::thousands(at), words::thousands(left)),
        None => format!("{} left", words::count(left, "pair")),
    }
}

/// What hangs on the answer.
fn stake(case: &CaseState<'_>, item: Option<&Item>) -> Markup {
    let findings = case.joined.findings;
    html! {
        p.stake {
            @match item.and_then(|item| Some((item, &findings.networks[item.network? as usize]))) {
                Some((item, network)) if item.separated > 0 => {
                    "If they differ, " strong { (words::count(item.separated, "ad")) } " may leave "
                    (network_name(case, network)) " (" (words::count(network.ads.len(), "ad")) "): nothing else holds them together."
                }
                Some((_, network)) => {
                    "Part of " (network_name(case, network)) " (" (words::count(network.ads.len(), "ad"))
                    "), which other pairs hold together too."
                }
                None if item.is_some_and(|item| item.lead) => {
                    "A " strong { "lead" } ": parts of the two agree, and nothing proves that they show one photo. It links "
                    "nothing until somebody says so."
                }
                None => { "No network rests on this pair." }
            }
            @if let Some(item) = item.filter(|item| item.lead && item.united > 0) {
                " If they are the same, up to " strong { (words::count(item.united, "ad")) } " may come together."
            }
            @if let Some(item) = item.filter(|item| !item.lead && item.united > 0) {
                " Links through it were kept from joining networks: if they are the same, up to "
                strong { (words::count(item.united, "ad")) } " may come together."
            }
        }
    }
}

/// How image B is turned against image A, in words; `None` when it lies alike.
fn turned(proof: Option<&Proof>) -> Option<&'static str> {
    words::transform(proof?.transform)
}

/// `turned`: how B is turned in its file; it is shown as A lies.
fn stage(case: &CaseState<'_>, asked: &Asked<'_>, rows: [u32; 2], turned: Option<&str>) -> Markup {
    let base = format!("{}/{}", asked.ids.0, asked.ids.1);
    let picture = |kind: &str, alt: &str| {
        html! { img src=(format!("/picture/{base}/{kind}")) data-reveal=(format!("/reveal/{base}/{kind}")) alt=(alt); }
    };
    let both = asked.missing.iter().all(Option::is_none);
    html! {
        section.stage data-mode="side" aria-label="The two images" {
            div.panes {
                @for (place, side) in ["A", "B"].into_iter().enumerate() {
                    figure.pane data-side=(side) {
                        figcaption { b { (side) } " " (first_ad(case, rows[place]))
                            @if let Some(turned) = turned.filter(|_| place == 1) { span.minor { " \u{b7} laid like A; in its file " (turned) } }
                        }
                        div.picture {
                            @match &asked.missing[place] {
                                Some(why) => p.missing { (shown(why)) },
                                None => (picture(if place == 0 { "first" } else { "second" }, &format!("Image {side}, blurred; what both share is outlined"))),
                            }
                        }
                    }
                }
                @if both {
                    figure.pane.laid hidden {
                        figcaption #laid-caption { "B laid on A" }
                        div.picture {
                            (picture("plain", "Image A, blurred"))
                            (picture("mapped", "Image B as image A shows it, blurred"))
                            (picture("difference", "Difference of the two, blurred"))
                        }
                    }
                }
            }
            @if both { p #laid-words.minor data-words=(format!("/picture/{base}/words")) {} }
            div.tools role="group" aria-label="How the pictures are shown" {
                button type="button" data-does="reveal" aria-pressed="false" aria-keyshortcuts="Space" disabled[!asked.missing.iter().any(Option::is_none)] { "Hold to show" kbd { "Space" } }
                @if turned.is_some() {
                    button type="button" data-does="filed" aria-pressed="false" aria-keyshortcuts="T" disabled[asked.missing[1].is_some()] { "B as in its file" kbd { "T" } }
                }
                @for (does, name, key, needs_both) in [
                    ("swap", "Swap", "X", false), ("blink", "Blink", "B", true), ("difference", "Difference", "F", true),
                    ("zoom", "Zoom", "+", false), ("grey", "No colours", "G", false),
                ] {
                    button type="button" data-does=(does) aria-pressed="false" aria-keyshortcuts=(key) disabled[needs_both && !both] { (name) kbd { (key) } }
                }
            }
        }
    }
}

/// Site and id of one ad that shows the image, and how many more there are.
fn first_ad(case: &CaseState<'_>, row: u32) -> Markup {
    let ads: BTreeSet<u32> = case.joined.sightings_of_image(row).map(|seen| seen.ad).collect();
    html! {
        @if let Some(&ad) = ads.first() {
            @let ad = case.joined.ad(ad);
            (shown(&ad.key.site)) " " span.minor { (shown(&ad.key.ad_id)) }
        }
        @if ads.len() > 1 { span.minor { " and " (words::count(ads.len() - 1, "more ad")) } }
    }
}

fn rulings(asked: &Asked<'_>, state: DecisionState) -> Markup {
    let nothing_seen = asked.missing.iter().all(Option::is_some);
    html! {
        div.rulings role="group" aria-label="Decision" {
            form method="post" action="/decide" {
                (no_default_button())
                (hidden(asked.session, asked.course))
                input type="hidden" name="a" value=(asked.ids.0);
                input type="hidden" name="b" value=(asked.ids.1);
                @if nothing_seen { input type="hidden" name="shown" value="none"; }
                div.choices {
                    @for (ruling, key, name) in RULINGS {
                        button.ruling name="ruling" value=(ruling.name()) data-key=(key) aria-keyshortcuts=(key) { (name) kbd { (key) } }
                    }
                }
                label.reason { span { "Why (optional)" } input name="reason" maxlength="400" autocomplete="off"; }
            }
            div.steps-on {
                a.button data-key="N" aria-keyshortcuts="N" href=(format!("/next{}&after={}.{}", asked.course, asked.ids.0, asked.ids.1)) { "Next" kbd { "N" } }
                form method="post" action="/undo" {
                    (hidden(asked.session, asked.course))
                    button data-key="Z" aria-keyshortcuts="Z" { "Take back" kbd { "Z" } }
                }
            }
            @if state != DecisionState::Open { p.state { "Now: " strong { (state.words()) } } }
        }
    }
}

fn why(case: &CaseState<'_>, proof: Option<&Proof>, rows: [u32; 2]) -> Markup {
    let groups: Vec<u32> = {
        let of_b = case.joined.groups_of_image(rows[1]);
        case.joined.groups_of_image(rows[0]).iter().copied().filter(|group| of_b.contains(group)).collect()
    };
    html! {
        @match proof {
            Some(proof) => {
                p { (chip(proof.tier)) " " (words::proof(&case.joined, proof)) "." }
                p.minor {
                    "Shared part: " (words::percent(proof.overlap_a)) " of image A, " (words::percent(proof.overlap_b))
                    " of image B. Second, independent hash: "
                    @match proof.second_distance { Some(bits) => { (bits) " of 256 bits differ." } None => { "not compared." } }
                }
            }
            None => p { "No hash proves these two within the limits of this desk." },
        }
        @for group in groups {
            @let group = &case.joined.findings.groups[group as usize];
            p {
                "Both are in photo group " a data-key="P" aria-keyshortcuts="P" href=(format!("/photo/{}", group.id)) { (group.id) }
                ": " (words::count(group.images.len(), "image file")) ", in " (words::rarity(group)) "."
                @if let Some(reason) = group.common { " Held to be common: " (reason.words()) "." }
            }
        }
        (against(case, proof, rows))
    }
}

/// What may be wrong with it.
fn against(case: &CaseState<'_>, proof: Option<&Proof>, rows: [u32; 2]) -> Markup {
    let (radius, min_quality) = case.limits();
    let [a, b] = rows.map(|row| case.joined.image(row));
    let caveats = CaveatLimits { radius, min_quality }.caveats(a, b, proof);
    let of_files = a.caveats.union(b.caveats);
    let against: Vec<String> = caveats
        .iter()
        .map(|caveat| caveat.words().to_string())
        .chain(of_files.iter().map(|caveat| format!("one of the files: {}", caveat.words())))
        .collect();
    html! {
        @if !against.is_empty() {
            h3 { "Against it" }
            ul.against { @for line in against { li { (line) "." } } }
        }
    }
}

/// Every distance, nearest first.
fn measured(a: &Image, b: &Image) -> Markup {
    let mut lines = distances(a, b);
    lines.sort_by_key(|line| line.distance);
    let rows = |from: usize, to: usize| {
        html! {
            table.distances {
                thead { tr {
                    th.number scope="col" { "Bits of 256" }
                    th scope="col" { "Image A turned" }
                    th scope="col" { "Part of A" }
                    th scope="col" { "Part of B" }
                } }
                tbody {
                    @for line in lines.iter().skip(from).take(to - from) {
                        tr {
                            td.number { (line.distance) }
                            td { (words::transform(line.transform).unwrap_or("not")) }
                            td { (line.view_a.name()) " " span.minor { "quality " (line.quality_a) } }
                            td { (line.view_b.name()) " " span.minor { "quality " (line.quality_b) } }
                        }
                    }
                }
            }
        }
    };
    html! {
        h3 { "Distances" }
        (rows(0, DISTANCES))
        @if lines.len() > DISTANCES {
            details { summary { "All " (words::thousands(lines.len())) " comparisons" } (rows(DISTANCES, lines.len())) }
        }
    }
}

fn file_facts(image: &Image) -> Markup {
    html! {
        p.minor.file-facts {
            (image.width) "\u{d7}" (image.height) ", " (image.format) ", " (words::thousands(image.bytes as usize)) " bytes, PDQ quality "
            (image.pdq.quality) br; "SHA-256 " code { (image.id()) }
        }
    }
}

/// What the ads of both share beside the photo, and what they contradict.
fn agreement(case: &CaseState<'_>, row_a: u32, row_b: u32) -> Markup {
    let ads = |row: u32| case.joined.sightings_of_image(row).map(|seen| case.joined.ad(seen.ad));
    let book = case.joined.phone_book();
    let numbers = |row: u32| {
        let given = ads(row).flat_map(|ad| ad.phones.iter().map(|phone| (&*ad.key.site, &**phone)));
        let known = given.filter_map(|(site, phone)| Some((book.key(site, phone)?, phone)));
        known.collect::<BTreeMap<PhoneKey, &str>>()
    };
    let (phones_a, phones_b) = (numbers(row_a), numbers(row_b));
    let shared: Vec<&str> =
        phones_a.iter().filter(|(key, _)| phones_b.contains_key(key)).map(|(_, &phone)| phone).collect();
    let days = |row: u32| ads(row).filter_map(|ad| day(ad_time(ad))).collect::<BTreeSet<_>>();
    let (days_a, days_b) = (days(row_a), days(row_b));
    html! {
        ul.agreement {
            @if !shared.is_empty() { li { "The same phone is given with both: " @for phone in &shared { (shown(phone)) " " } } }
            @else if !phones_a.is_empty() && !phones_b.is_empty() { li { "Phones are given with both, and none is shared." } }
            @if let (Some(first_a), Some(first_b)) = (days_a.first(), days_b.first()) {
                li { @match first_a.cmp(first_b) {
                    std::cmp::Ordering::Less => { "A was seen first, on " (moment(&first_a.to_string())) "; B on " (moment(&first_b.to_string())) "." }
                    std::cmp::Ordering::Greater => { "B was seen first, on " (moment(&first_b.to_string())) "; A on " (moment(&first_a.to_string())) "." }
                    std::cmp::Ordering::Equal => { "Both were first seen on " (moment(&first_a.to_string())) "." }
                } }
            }
        }
    }
}

fn decisions(asked: &Asked<'_>) -> Markup {
    let about = asked.ledger.about(&asked.ids);
    let (own, others): (Vec<_>, Vec<_>) =
        about.iter().partition(|decision| decision.reviewer == asked.session.reviewer);
    let told = asked.ledger.word_of(&asked.session.reviewer, &asked.ids).is_some();
    html! {
        @if !about.is_empty() {
            section aria-labelledby="decisions-title" {
                h2 #decisions-title { "Decisions so far" }
                @if told && state(&about) == DecisionState::Disputed {
                    p.disputed role="note" { strong { "Reviewers disagree." } " All decisions are kept; the latest one counts for the networks." }
                }
                @if !told && !others.is_empty() {
                    p.minor { "Another reviewer has looked at this pair. What they said is shown after your own decision." }
                }
                ul.decisions {
                    @for decision in about.iter().filter(|d| told || own.contains(d)) {
                        li { (decision_row(decision, ruling_words(decision.ruling))) }
                    }
                }
            }
        }
    }
}
