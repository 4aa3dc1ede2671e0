//! Pieces that several pages share: ads in a line, names of networks, hidden fields, a decision in words.

use crate::corpus::{AdRow, ImageRow};
use maud::{Markup, html};
use std::collections::BTreeMap;

use super::notes::own_name;
use crate::language::say;
use crate::link::Network;
use crate::record::Decision;
use crate::report::{moment, path, shortened, shown};
use crate::review::http::access::Session;
use crate::review::state::course::Course;
use crate::review::state::model::CaseState;
use crate::verify::Tier;
use crate::view::{ad_time, words};

/// Ads listed before the rest is folded away.
const MOST_ADS: usize = 4;
/// Characters of an ad's own words.
const MOST_TEXT: usize = 160;

/// The secret of the reviewer's forms, and the course.
pub(crate) fn hidden(session: &Session, course: &Course) -> Markup {
    html! {
        input type="hidden" name="form" value=(session.form());
        @for (name, value) in course.fields() { input type="hidden" name=(name) value=(value); }
    }
}

/// First in a form with several rulings: Enter in a field presses the first button that sends, and as this one is
/// disabled, nothing is sent. A ruling has to be chosen.
pub(crate) fn no_default_button() -> Markup {
    html! { button type="submit" disabled hidden {} }
}

/// `Network 3` and the name it was given, linked to its page.
pub(crate) fn network_name(case: &CaseState<'_>, network: &Network) -> Markup {
    html! { a href=(format!("/network/{}", network.id)) { (say!("Network {number}", number = network.number)) (own_name(case, network)) } }
}

/// What shows the pictures of a page for as long as it is held.
pub(crate) fn reveal_button() -> Markup {
    html! { div.tools { button type="button" data-does="reveal" aria-pressed="false" aria-keyshortcuts="Space" { (say!("Hold to show")) kbd { (say!("Space")) } } } }
}

/// The tier as a small word.
pub(crate) fn chip(tier: Tier) -> Markup {
    html! { span class=(format!("tier {}", tier.name())) { (tier.name()) } }
}

/// The ads that show an image, with its path in each.
pub(crate) fn ad_lines(case: &CaseState<'_>, image: ImageRow) -> Markup {
    let mut ads: BTreeMap<AdRow, &str> = BTreeMap::new();
    for seen in case.joined.sightings_of_image(image) {
        ads.entry(seen.ad).or_insert(&seen.path);
    }
    let lines: Vec<Markup> = ads.iter().map(|(&ad, seen)| ad_line(case, ad, seen)).collect();
    html! {
        ul.ad-lines { @for line in lines.iter().take(MOST_ADS) { li { (line) } } }
        @if lines.len() > MOST_ADS {
            details {
                summary { (words::count(lines.len() - MOST_ADS, "more ad")) }
                ul.ad-lines { @for line in lines.iter().skip(MOST_ADS) { li { (line) } } }
            }
        }
    }
}

fn ad_line(case: &CaseState<'_>, row: AdRow, seen: &str) -> Markup {
    let ad = case.joined.ad(row);
    html! {
        p.ad-name {
            strong { (shown(&ad.key.site)) } " " (shown(&ad.key.ad_id)) " " (moment(ad_time(ad)))
            @if let Some(network) = case.joined.network_of_ad(row) { " " (network_name(case, network)) }
        }
        @if !ad.title.is_empty() { p { (shortened(&ad.title, MOST_TEXT)) } }
        @for (name, value) in words::kept(ad) { p.minor { (shown(&name)) ": " (shortened(&value, MOST_TEXT)) } }
        @if !ad.text.is_empty() { p.minor { (shortened(&ad.text, MOST_TEXT)) } }
        p.minor {
            @if ad.phones.is_empty() { (say!("no phone given")) }
            @for (place, phone) in ad.phones.iter().enumerate() { @if place > 0 { ", " } (shown(phone)) }
            @if !ad.location.is_empty() { " \u{b7} " (shown(&ad.location)) }
            " \u{b7} " (path(seen))
        }
    }
}

/// Who said what, when, and why.
pub(crate) fn decision_row(decision: &Decision, said: &str) -> Markup {
    html! {
        strong { (shown(&decision.reviewer)) } ": " (said) " " span.minor { (moment(&decision.at)) ", " (shown(&decision.shown)) }
        @if !decision.reason.is_empty() { " \u{2014} " (shown(&decision.reason)) }
    }
}
