//! Search: by a picture that is dropped; in words: titles, texts, contacts, places, names and notes of networks.
//!
//! A dropped picture is hashed in memory and forgotten; it is neither stored nor noted. The trap: what an ad says is
//! hostile, also in the middle of a word that was found; every piece of it goes through `visible`.

use crate::corpus::{AdRow, ImageRow, Row};
use maud::{Markup, html};
use std::collections::BTreeSet;

use super::ads::{compare_button, tick};
use super::notes::kind_words;
use super::parts::{ad_lines, chip, network_name, reveal_button};
use crate::analysis::Analysis;
use crate::language::say;
use crate::link::Network;
use crate::record::{Ad, ImageId};
use crate::report::{moment, shortened, shown, visible};
use crate::review::state::course::pair_path;
use crate::review::state::model::CaseState;
use crate::review::state::text_query::{FoundIn, TextQuery};
use crate::search::PartHit;
use crate::verify::Tier;
use crate::view::{ad_time, words};

/// Ads and images listed.
const ROWS: usize = 100;
/// Characters around what was found.
const SNIPPET: usize = 90;
/// Hex digits from which on a query may be the beginning of a SHA-256.
const LEAST_DIGITS: usize = 8;

/// The search page, with what a text query found.
pub(crate) fn page(case: &CaseState<'_>, query: &str) -> Markup {
    html! {
        h1 { (say!("Search")) }
        form.settings method="get" action="/search" role="search" {
            label { (say!("Words, ad id, site, place, contact, network or SHA-256")) " " input type="search" name="q" value=(query) maxlength="200"; }
            button { (say!("Search")) }
        }
        div.drop data-drop="/search/image" {
            label { (say!("Or an image: choose it, or drop it here")) " " input #image-query type="file" accept="image/*"; }
            p.minor { (say!("It is compared with the case and forgotten.")) }
        }
        p.minor { a href="/ads" { (say!("Two ads by their names: side by side, and why they are together or not")) } }
        (reveal_button())
        div #found aria-live="polite" { @if !query.trim().is_empty() { (answers(case, query)) } }
    }
}

/// What a query in words finds: networks by name and notes, images by SHA-256, then ads.
fn answers(case: &CaseState<'_>, query: &str) -> Markup {
    let wanted = TextQuery::new(query);
    html! {
        (networks(case, &wanted, query))
        (images_named(case, query.trim()))
        (ads(case, &wanted))
    }
}

/// Networks of this number, and those whose name or notes say it.
fn networks(case: &CaseState<'_>, wanted: &TextQuery, query: &str) -> Markup {
    let number = query.trim().to_lowercase().trim_start_matches("network").trim().parse::<u32>().ok();
    let notes = case.notes();
    let said: BTreeSet<u32> = notes
        .all()
        .filter(|(_, placed)| wanted.fits_text(&placed.note.text))
        .map(|(number, _)| number)
        .collect();
    let found: Vec<&Network> = case
        .networks
        .iter()
        .map(|facts| facts.network)
        .filter(|network| {
            Some(network.number) == number || said.contains(&network.number) || network.id == query.trim()
        })
        .collect();
    html! {
        @if !found.is_empty() {
            h2 { (words::count(found.len(), "network")) }
            ul.ad-lines { @for network in found.into_iter().take(ROWS) {
                li {
                    p.ad-name { (network_name(case, network)) " " span.minor { (words::count(network.ads.len(), "ad")) } }
                    @for placed in notes.of(network).iter().filter(|placed| wanted.fits_text(&placed.note.text)) {
                        p.minor { (kind_words(placed.note.kind)) ": " (shortened(&placed.note.text, SNIPPET)) }
                    }
                }
            } }
        }
    }
}

/// Images whose SHA-256 begins so.
fn images_named(case: &CaseState<'_>, query: &str) -> Markup {
    let is_digest =
        (LEAST_DIGITS..=64).contains(&query.len()) && query.bytes().all(|b| b.is_ascii_hexdigit());
    let (digits, images) = (query.to_lowercase(), &case.joined.snapshot.images);
    let first = images.partition_point(|image| is_digest && image.id().to_string() < digits);
    let named = (first..images.len())
        .take_while(|&row| is_digest && images[row].id().to_string().starts_with(&digits));
    let rows: Vec<ImageRow> = named.take(ROWS).map(ImageRow::of).collect();
    html! {
        @if let Some(&row) = rows.first() {
            h2 { (say!("{images} by SHA-256", images = words::count(rows.len(), "image"))) }
            ul.hits { @for row in &rows { (hit_line(case, case.joined.image(*row).id(), *row, &html! { code { (case.joined.image(*row).id()) } })) } }
            @if let Some(&group) = case.joined.groups_of_image(row).first() {
                p { a href=(format!("/photo/{}", case.joined.findings.groups[group].id)) { (say!("The whole photo")) } }
            }
        }
    }
}

fn ads(case: &CaseState<'_>, wanted: &TextQuery) -> Markup {
    let found: Vec<(AdRow, &Ad)> = case.joined.ads().filter(|(_, ad)| wanted.fits(ad)).collect();
    html! {
        h2 { (say!("{ads} found", ads = words::count(found.len(), "ad"))) }
        form method="get" action="/ads" {
            ul.ad-lines { @for &(row, ad) in found.iter().take(ROWS) { (ad_found(case, wanted, row, ad)) } }
            @if found.len() > 1 { (compare_button()) }
        }
        @if found.len() > ROWS { p { (say!("{number} more; ask for something narrower.", number = words::thousands(found.len() - ROWS))) } }
    }
}

fn ad_found(case: &CaseState<'_>, wanted: &TextQuery, row: AdRow, ad: &Ad) -> Markup {
    html! {
        li.found {
            (tick(ad))
            div {
                p.ad-name {
                    strong { (shown(&ad.key.site)) } " " (shown(&ad.key.ad_id)) " " (moment(ad_time(ad)))
                    @match case.joined.network_of_ad(row) {
                        Some(network) => { " " (network_name(case, network)) }
                        None => { " " span.minor { (say!("in no network")) } }
                    }
                }
                p.minor { (shortened(&ad.title, 100)) @if !ad.location.is_empty() { " \u{b7} " (shown(&ad.location)) } @for phone in &ad.phones { " \u{b7} " (shown(phone)) } }
                @for place in wanted.found_in(ad) { (snippet(&place)) }
            }
        }
    }
}

/// What stands around a term, with the term marked. Site and id stand above it anyway.
fn snippet(found: &FoundIn) -> Markup {
    let FoundIn { field, said, at } = found;
    let before: Vec<char> = said[..at.start].chars().rev().take(SNIPPET / 2).collect();
    let cut = said[..at.start].chars().count() > before.len();
    html! {
        @if !field.is_key() {
            p.minor {
                (visible(&field.words())) ": "
                @if cut { "\u{2026}" }
                bdi { (visible(&before.into_iter().rev().collect::<String>())) mark { (visible(&said[at.clone()])) } (shortened(&said[at.end..], SNIPPET)) }
            }
        }
    }
}

/// Images of the case that show the photo of a query, or a part of it; then leads.
pub(crate) fn images(case: &CaseState<'_>, query: &Analysis) -> Markup {
    let search = case.search();
    let answer = match search.find(&[query]) {
        Ok(found) => found.answers.into_iter().next().unwrap_or_default(),
        Err(_) => return html! { p { (say!("The case cannot be searched now.")) } },
    };
    let (parts, leads): (Vec<_>, Vec<_>) =
        answer.parts.iter().partition(|hit| hit.local.tier.is_some_and(Tier::is_same_photo));
    let rows = || answer.hits.iter().map(|hit| hit.image).chain(parts.iter().map(|hit| hit.image));
    let ads: BTreeSet<AdRow> =
        rows().flat_map(|row| case.joined.sightings_of_image(row)).map(|seen| seen.ad).collect();
    let asked = query.image.id();
    html! {
        h2 { (say!(
            "{images} with this photo, in {ads}",
            images = words::count(rows().count(), "image"),
            ads = words::count(ads.len(), "ad")
        )) }
        @if !query.image.pdq.is_usable(case.limits().1) { p { (say!("The query is nearly plain: by hashes only identical files can be found.")) } }
        @if !search.finds_parts() { p { (say!("This case holds no local features: crops, pages and collages of the photo are not found.")) } }
        ul.hits {
            @for hit in answer.hits.iter().take(ROWS) {
                (hit_line(case, asked, hit.image, &html! {
                    @if let Some(proof) = &hit.proof { (chip(proof.tier)) " " (words::proof(&case.joined, proof)) }
                }))
            }
            @for hit in parts.iter().take(ROWS) { (hit_line(case, asked, hit.image, &agreement(hit))) }
        }
        @if !leads.is_empty() {
            h2 { (words::count(leads.len(), "lead")) }
            p.minor { (say!("Parts agree, and nothing proves that it is the same photo: it may be, or another one of the same place or design. Look at them.")) }
            ul.hits { @for hit in leads.iter().take(ROWS) { (hit_line(case, asked, hit.image, &agreement(hit))) } }
        }
    }
}

fn agreement(hit: &PartHit) -> Markup {
    html! {
        @if let Some(tier) = hit.local.tier { (chip(tier)) " " }
        (say!("{lie}, score {score}", lie = hit.local.found.words(), score = words::decimal(hit.local.found.score, 1)))
    }
}

/// An image that answers, why, and where it was seen. What is asked for can be judged if the case holds it, too.
fn hit_line(case: &CaseState<'_>, asked: ImageId, row: ImageRow, why: &Markup) -> Markup {
    let image = case.joined.image(row).id();
    let pair = (asked != image && case.row(&asked).is_some()).then(|| (asked.min(image), asked.max(image)));
    html! {
        li.hit {
            div.picture { img src=(format!("/image/{image}")) data-reveal=(format!("/reveal/{image}")) alt=(say!("Found image, blurred")) loading="lazy"; }
            div {
                p { (why) @if let Some(pair) = pair { " " a href=(pair_path(&pair)) { (say!("Judge this pair")) } } }
                (ad_lines(case, row))
            }
        }
    }
}
