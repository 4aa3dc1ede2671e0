//! The page on which one pair is judged: two pictures, the buttons, and everything known of the two.
//!
//! Text and numbers come with the page; pictures follow from `pictures`, blurred. What other reviewers said is told
//! only after one's own decision: a second opinion that knows the first is none.

use jiff::civil::Date;
use maud::{Markup, html};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::ads::address;
use super::laying::why_not;
use super::parts::{ad_lines, chip, decision_row, hidden, network_name, no_default_button};
use crate::corpus::{AdRow, ImageRow, PhoneKey, PhotoRow};
use crate::language::{phrase, say, word};
use crate::link::{CaveatLimits, CommonReason, Network, PhotoGroup};
use crate::record::{Image, Ruling, ViewKind};
use crate::report::{moment, shown};
use crate::review::http::access::Session;
use crate::review::state::course::{Course, Ids, pair_path};
use crate::review::state::ledger::{DecisionState, Ledger, ruling_words, state};
use crate::review::state::model::CaseState;
use crate::review::state::pictures::NoPicture;
use crate::review::state::queue::Item;
use crate::verify::{Proof, Tier, distances, verify};
use crate::view::{ad_time, day, words};

/// Distances listed before the rest is folded away.
const DISTANCES: usize = 6;

/// Buttons of a ruling: what is sent, the key, what it says.
const RULINGS: [(Ruling, &str, &str); 4] = [
    (Ruling::Confirm, "S", word!("Same photo")),
    (Ruling::Reject, "D", word!("Different")),
    (Ruling::Common, "C", word!("Common photo")),
    (Ruling::Unsure, "U", word!("Unsure")),
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
    pub(crate) missing: [Option<NoPicture>; 2],
}

/// The pair's page; `None` when the case does not have both images.
pub(crate) fn pair(case: &CaseState<'_>, asked: &Asked<'_>) -> Option<Markup> {
    let (row_a, row_b) = (case.row(&asked.ids.0)?, case.row(&asked.ids.1)?);
    let (a, b) = (case.joined.image(row_a), case.joined.image(row_b));
    let item = case.queue.find(&asked.ids);
    let (radius, min_quality) = case.limits();
    let proof = item.map_or_else(|| verify(a, b, radius, min_quality), |item| item.proof.clone());
    let place = place(case, asked);
    Some(html! {
        div.pair data-pair=(pair_path(&asked.ids)) {
            div.pair-head {
                h1 { (say!("Do these show the same photo?")) }
                p.place { (place) " \u{b7} " (say(asked.course.order().words())) }
            }
            p #said role="status" { @if let Some(said) = asked.said { (say!("Saved: {ruling}.", ruling = said)) } }
            (stake(case, item))
            (stage(case, asked, [row_a, row_b], turned(proof.as_ref())))
            (rulings(asked))
            section.facts-of-pair aria-labelledby="why-title" {
                h2 #why-title { (say!("Why adlink paired them")) }
                (why(case, proof.as_ref(), [row_a, row_b], is_told(asked)))
                (measured(a, b))
            }
            section aria-labelledby="ads-title" {
                h2 #ads-title { (say!("Where they were seen")) }
                div.columns {
                    @for (side, row) in [("A", row_a), ("B", row_b)] {
                        div { h3 { (say!("Image {side}", side = side)) } (ad_lines(case, row)) (file_facts(case.joined.image(row))) }
                    }
                }
                (agreement(case, row_a, row_b))
                (first_ads(case, row_a, row_b))
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
        Some(at) => {
            say!("Pair {number} of {all} left", number = words::thousands(at), all = words::thousands(left))
        }
        None => say!("{pairs} left", pairs = words::count(left, "pair")),
    }
}

/// What hangs on the answer.
fn stake(case: &CaseState<'_>, item: Option<&Item>) -> Markup {
    let findings = case.joined.findings;
    html! {
        p.stake {
            @match item.and_then(|item| Some((item, &findings.networks[item.network?]))) {
                Some((item, network)) => (in_network(case, network, item.separated)),
                None if item.is_some_and(|item| item.lead) => (of_a_lead()),
                None => (say!("No network rests on this pair.")),
            }
            @if let Some(item) = item.filter(|item| item.united > 0) { " " (would_come_together(item)) }
        }
    }
}

/// `ads`: those that may leave the network if the two differ.
fn in_network(case: &CaseState<'_>, network: &Network, ads: usize) -> Markup {
    let (name, all) = (network_name(case, network), words::count(network.ads.len(), "ad"));
    if ads == 0 {
        return phrase!(
            "Part of {network} ({all}), which other pairs hold together too.",
            network = name,
            all = all
        );
    }
    phrase!(
        "If they differ, {ads} may leave {network} ({all}): nothing else holds them together.",
        ads = html! { strong { (words::count(ads, "ad")) } },
        network = name,
        all = all
    )
}

fn of_a_lead() -> Markup {
    let lead = html! { strong { (say!("lead")) } };
    phrase!(
        "A {lead}: parts of the two agree, and nothing proves that they show one photo. It links nothing until somebody says so.",
        lead = lead
    )
}

fn would_come_together(item: &Item) -> Markup {
    let ads = html! { strong { (words::count(item.united, "ad")) } };
    if item.lead {
        return phrase!("If they are the same, up to {ads} may come together.", ads = ads);
    }
    phrase!(
        "Links through it were kept from joining networks: if they are the same, up to {ads} may come together.",
        ads = ads
    )
}

/// How image B is turned against image A, in words; `None` when it lies alike.
fn turned(proof: Option<&Proof>) -> Option<&'static str> {
    words::transform(proof?.transform)
}

/// `turned`: how B is turned in its file; it is shown as A lies.
fn stage(
    case: &CaseState<'_>,
    asked: &Asked<'_>,
    rows: [ImageRow; 2],
    turned: Option<&'static str>,
) -> Markup {
    let base = format!("{}/{}", asked.ids.0, asked.ids.1);
    let picture = |kind: &str, alt: &str| {
        html! { img src=(format!("/picture/{base}/{kind}")) data-reveal=(format!("/reveal/{base}/{kind}")) alt=(alt); }
    };
    let both = asked.missing.iter().all(Option::is_none);
    html! {
        section.stage data-mode="side" aria-label=(say!("The two images")) {
            div.panes {
                @for (place, side) in ["A", "B"].into_iter().enumerate() {
                    figure.pane data-side=(side) {
                        figcaption { b { (side) } " " (first_ad(case, rows[place]))
                            @if let Some(turned) = turned.filter(|_| place == 1) { span.minor { " \u{b7} " (say!("laid like A; in its file {turned}", turned = say(turned))) } }
                        }
                        div.picture {
                            @match &asked.missing[place] {
                                Some(why) => p.missing { (shown(&why_not(why))) },
                                None => (picture(if place == 0 { "first" } else { "second" }, &say!("Image {side}, blurred; what both share is outlined", side = side))),
                            }
                        }
                    }
                }
                @if both {
                    figure.pane.laid hidden {
                        figcaption #laid-caption { (say!("B laid on A")) }
                        div.picture {
                            (picture("plain", say!("Image A, blurred")))
                            (picture("mapped", say!("Image B as image A shows it, blurred")))
                            (picture("difference", say!("Difference of the two, blurred")))
                        }
                    }
                }
            }
            @if both { p #laid-words.minor data-words=(format!("/picture/{base}/words")) {} }
            div.tools role="group" aria-label=(say!("How the pictures are shown")) {
                button type="button" data-does="reveal" aria-pressed="false" aria-keyshortcuts="Space" disabled[!asked.missing.iter().any(Option::is_none)] { (say!("Hold to show")) kbd { (say!("Space")) } }
                @if turned.is_some() {
                    button type="button" data-does="filed" aria-pressed="false" aria-keyshortcuts="T" disabled[asked.missing[1].is_some()] { (say!("B as in its file")) kbd { "T" } }
                }
                @for (does, name, key, needs_both) in [
                    ("swap", say!("Swap"), "X", false), ("blink", say!("Blink"), "B", true), ("difference", say!("Difference"), "F", true),
                    ("zoom", say!("Zoom"), "+", false), ("grey", say!("No colours"), "G", false),
                ] {
                    button type="button" data-does=(does) aria-pressed="false" aria-keyshortcuts=(key) disabled[needs_both && !both] { (name) kbd { (key) } }
                }
            }
        }
    }
}

/// Site and id of one ad that shows the image, and how many more there are.
fn first_ad(case: &CaseState<'_>, row: ImageRow) -> Markup {
    let ads: BTreeSet<AdRow> = case.joined.sightings_of_image(row).map(|seen| seen.ad).collect();
    html! {
        @if let Some(&ad) = ads.first() {
            @let ad = case.joined.ad(ad);
            (shown(&ad.key.site)) " " span.minor { (shown(&ad.key.ad_id)) }
        }
        @if ads.len() > 1 { span.minor { " " (say!("and {ads}", ads = words::count(ads.len() - 1, "more ad"))) } }
    }
}

fn rulings(asked: &Asked<'_>) -> Markup {
    let nothing_seen = asked.missing.iter().all(Option::is_some);
    html! {
        div.rulings role="group" aria-label=(say!("Decision")) {
            form method="post" action="/decide" {
                (no_default_button())
                (hidden(asked.session, asked.course))
                input type="hidden" name="a" value=(asked.ids.0);
                input type="hidden" name="b" value=(asked.ids.1);
                @if nothing_seen { input type="hidden" name="shown" value="none"; }
                div.choices {
                    @for (ruling, key, name) in RULINGS {
                        button.ruling name="ruling" value=(ruling.name()) data-key=(key) aria-keyshortcuts=(key) { (say(name)) kbd { (key) } }
                    }
                }
                label.reason { span { (say!("Why (optional)")) } input name="reason" maxlength="400" autocomplete="off"; }
            }
            div.steps-on {
                a.button data-key="N" aria-keyshortcuts="N" href=(format!("/next{}&after={}.{}", asked.course, asked.ids.0, asked.ids.1)) { (say!("Next")) kbd { "N" } }
                form method="post" action="/undo" {
                    (hidden(asked.session, asked.course))
                    button data-key="Z" aria-keyshortcuts="Z" { (say!("Take back")) kbd { "Z" } }
                }
            }
            @if asked.ledger.state(&asked.ids) != DecisionState::Open {
                p.state { (now(asked)) }
            }
        }
    }
}

/// Has this reviewer said something of the pair?
fn is_told(asked: &Asked<'_>) -> bool {
    asked.ledger.word_of(&asked.session.reviewer, &asked.ids).is_some()
}

fn now(asked: &Asked<'_>) -> Markup {
    let state = say(asked.ledger.words_for(&asked.session.reviewer, &asked.ids));
    phrase!("Now: {state}", state = html! { strong { (state) } })
}

/// Why the two were paired; what other reviewers said of them is no reason before an own word (`told`).
fn why(case: &CaseState<'_>, proof: Option<&Proof>, rows: [ImageRow; 2], told: bool) -> Markup {
    let proof = proof.filter(|proof| told || proof.tier != Tier::Confirmed);
    let known = |reason: &CommonReason| told || *reason != CommonReason::Reviewer;
    let groups: Vec<PhotoRow> = {
        let of_b = case.joined.groups_of_image(rows[1]);
        case.joined.groups_of_image(rows[0]).iter().copied().filter(|group| of_b.contains(group)).collect()
    };
    html! {
        @match proof {
            Some(proof) => {
                p { (chip(proof.tier)) " " (words::proof(&case.joined, proof)) "." }
                // A reviewer's word measures nothing.
                @if proof.tier != Tier::Confirmed { p.minor {
                    (say!(
                        "Shared part: {a} of image A, {b} of image B.",
                        a = words::percent(proof.overlap_a),
                        b = words::percent(proof.overlap_b)
                    )) " "
                    @match proof.second_distance {
                        Some(bits) => (say!("Second, independent hash: {bits} of 256 bits differ.", bits = bits)),
                        None => (say!("Second, independent hash: not compared.")),
                    }
                } }
            }
            None => p { (say!("No hash proves these two within the limits of this desk.")) },
        }
        @for group in groups {
            @let group = &case.joined.findings.groups[group];
            p {
                (in_photo(group))
                @if let Some(reason) = group.common.filter(known) { " " (say!("Held to be common: {reason}.", reason = say(reason.words()))) }
            }
        }
        (against(case, proof, rows))
    }
}

fn in_photo(group: &PhotoGroup) -> Markup {
    let address = format!("/photo/{}", group.id);
    phrase!(
        "Both are in photo group {photo}: {files}, in {ads}.",
        photo = html! { a data-key="P" aria-keyshortcuts="P" href=(address) { (group.id) } },
        files = words::count(group.images.len(), "image file"),
        ads = words::rarity(group)
    )
}

/// What may be wrong with it.
fn against(case: &CaseState<'_>, proof: Option<&Proof>, rows: [ImageRow; 2]) -> Markup {
    let (radius, min_quality) = case.limits();
    let [a, b] = rows.map(|row| case.joined.image(row));
    let caveats = CaveatLimits { radius, min_quality }.caveats(a, b, proof);
    let of_files = a.caveats.union(b.caveats);
    let against: Vec<String> = caveats
        .iter()
        .map(|caveat| say(caveat.words()).to_string())
        .chain(of_files.iter().map(|caveat| say!("one of the files: {caveat}", caveat = say(caveat.words()))))
        .collect();
    html! {
        @if !against.is_empty() {
            h3 { (say!("Against it")) }
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
                    th.number scope="col" { (say!("Bits of 256")) }
                    th scope="col" { (say!("Image A turned")) }
                    th scope="col" { (say!("Part of A")) }
                    th scope="col" { (say!("Part of B")) }
                } }
                tbody {
                    @for line in lines.iter().skip(from).take(to - from) {
                        tr {
                            td.number { (line.distance) }
                            td { (words::transform(line.transform).map_or(say!("not"), say)) }
                            td { (say(part(line.view_a))) " " span.minor { (say!("quality {number}", number = line.quality_a)) } }
                            td { (say(part(line.view_b))) " " span.minor { (say!("quality {number}", number = line.quality_b)) } }
                        }
                    }
                }
            }
        }
    };
    html! {
        h3 { (say!("Distances")) }
        (rows(0, DISTANCES))
        @if lines.len() > DISTANCES {
            details { summary { (say!("All {number} comparisons", number = words::thousands(lines.len()))) } (rows(DISTANCES, lines.len())) }
        }
    }
}

/// What was compared of an image.
const fn part(kind: ViewKind) -> &'static str {
    match kind {
        ViewKind::Whole => word!("whole"),
        ViewKind::ContentBox => word!("content-box"),
        ViewKind::Pane => word!("pane"),
        ViewKind::Frame => word!("frame"),
        ViewKind::Enlarged => word!("enlarged"),
        ViewKind::Square => word!("square"),
        ViewKind::Negative => word!("negative"),
    }
}

fn file_facts(image: &Image) -> Markup {
    html! {
        p.minor.file-facts {
            (image.width) "\u{d7}" (image.height) ", " (image.format) ", "
            (say!("{number} bytes, PDQ quality {quality}", number = words::thousands(image.bytes as usize), quality = image.pdq.quality))
            br; "SHA-256 " code { (image.id()) }
        }
    }
}

/// To the page of the first ad of either image, where these are two.
fn first_ads(case: &CaseState<'_>, row_a: ImageRow, row_b: ImageRow) -> Markup {
    let ads = |row: ImageRow| case.joined.sightings_of_image(row).map(|seen| seen.ad);
    let first = ads(row_a).next();
    let second = ads(row_b).find(|&ad| Some(ad) != first);
    html! {
        @if let (Some(a), Some(b)) = (first, second) {
            p { a href=(address([a, b].iter().map(|&ad| &case.joined.ad(ad).key))) { (say!("The ads side by side, and why they are together or not")) } }
        }
    }
}

/// What the ads of both share beside the photo, and what they contradict.
fn agreement(case: &CaseState<'_>, row_a: ImageRow, row_b: ImageRow) -> Markup {
    let ads = |row: ImageRow| case.joined.sightings_of_image(row).map(|seen| case.joined.ad(seen.ad));
    let book = case.joined.phone_book();
    let numbers = |row: ImageRow| {
        let given = ads(row).flat_map(|ad| ad.phones.iter().map(|phone| (&*ad.key.site, &**phone)));
        let known = given.filter_map(|(site, phone)| Some((book.key(site, phone)?, phone)));
        known.collect::<BTreeMap<PhoneKey, &str>>()
    };
    let (phones_a, phones_b) = (numbers(row_a), numbers(row_b));
    let shared: Vec<&str> =
        phones_a.iter().filter(|(key, _)| phones_b.contains_key(key)).map(|(_, &phone)| phone).collect();
    let days = |row: ImageRow| ads(row).filter_map(|ad| day(ad_time(ad))).collect::<BTreeSet<_>>();
    let (days_a, days_b) = (days(row_a), days(row_b));
    html! {
        ul.agreement {
            @if !shared.is_empty() { li { (say!("The same phone is given with both:")) " " @for phone in &shared { (shown(phone)) " " } } }
            @else if !phones_a.is_empty() && !phones_b.is_empty() { li { (say!("Phones are given with both, and none is shared.")) } }
            @if let (Some(first_a), Some(first_b)) = (days_a.first(), days_b.first()) {
                li { (seen_first(*first_a, *first_b)) }
            }
        }
    }
}

/// `a` and `b`: the first day of either image.
fn seen_first(a: Date, b: Date) -> Markup {
    let order = a.cmp(&b);
    let (a, b) = (moment(&a.to_string()), moment(&b.to_string()));
    match order {
        Ordering::Less => phrase!("A was seen first, on {a}; B on {b}.", a = a, b = b),
        Ordering::Greater => phrase!("B was seen first, on {b}; A on {a}.", a = a, b = b),
        Ordering::Equal => phrase!("Both were first seen on {day}.", day = a),
    }
}

fn decisions(asked: &Asked<'_>) -> Markup {
    let about = asked.ledger.about(&asked.ids);
    let (own, others): (Vec<_>, Vec<_>) =
        about.iter().partition(|decision| decision.reviewer == asked.session.reviewer);
    let told = is_told(asked);
    html! {
        @if !about.is_empty() {
            section aria-labelledby="decisions-title" {
                h2 #decisions-title { (say!("Decisions so far")) }
                @if told && state(&about) == DecisionState::Disputed {
                    p.disputed role="note" { strong { (say!("Reviewers disagree.")) } " " (say!("All decisions are kept; the latest one counts for the networks.")) }
                }
                @if !told && !others.is_empty() {
                    p.minor { (say!("Another reviewer has looked at this pair. What they said is shown after your own decision.")) }
                }
                ul.decisions {
                    @for decision in about.iter().filter(|d| told || own.contains(d)) {
                        li { (decision_row(decision, say(ruling_words(decision.ruling)))) }
                    }
                }
            }
        }
    }
}
