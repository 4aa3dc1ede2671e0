//! Search: by a picture that is dropped, by an ad's id or site, by phone.
//!
//! A dropped picture is hashed in memory and forgotten; it is neither stored nor noted. Phones are compared by their
//! digits, so that one number written in two ways is found; at least four are needed, or every ad would match.

use maud::{Markup, html};
use std::collections::BTreeSet;

use super::parts::{ad_lines, chip, network_name, reveal_button};
use crate::analysis::Analysis;
use crate::record::{Ad, ImageId};
use crate::report::{moment, shortened, shown};
use crate::review::state::course::pair_path;
use crate::review::state::model::CaseState;
use crate::search::PartHit;
use crate::verify::Tier;
use crate::view::{ad_time, words};

/// Ads and images listed.
const ROWS: usize = 100;
/// Digits a phone query needs.
const DIGITS: usize = 4;

/// The search page, with what a text query found.
pub(crate) fn page(case: &CaseState<'_>, query: &str) -> Markup {
    html! {
        h1 { "Search" }
        form.settings method="get" action="/search" role="search" {
            label { "Words, ad id, site, place or contact " input type="search" name="q" value=(query) maxlength="200"; }
            button { "Search" }
        }
        div.drop data-drop="/search/image" {
            label { "Or an image: choose it, or drop it here " input #image-query type="file" accept="image/*"; }
            p.minor { "It is compared with the case and forgotten." }
        }
        (reveal_button())
        div #found aria-live="polite" { @if !query.trim().is_empty() { (ads(case, query)) } }
    }
}

fn ads(case: &CaseState<'_>, query: &str) -> Markup {
    let wanted = Wanted::new(query);
    let found: Vec<(u32, &Ad)> =
        (0..).zip(&case.joined.snapshot.ads).filter(|(_, ad)| wanted.fits(ad)).collect();
    html! {
        h2 { (words::count(found.len(), "ad")) " found" }
        ul.ad-lines {
            @for &(row, ad) in found.iter().take(ROWS) {
                li {
                    p.ad-name {
                        strong { (shown(&ad.key.site)) } " " (shown(&ad.key.ad_id)) " " (moment(ad_time(ad)))
                        @match case.joined.network_of_ad(row) {
                            Some(network) => { " " (network_name(case, network)) }
                            None => { " " span.minor { "in no network" } }
                        }
                    }
                    p.minor { (shortened(&ad.title, 100)) @for phone in &ad.phones { " " (shown(phone)) } }
                }
            }
        }
        @if found.len() > ROWS { p { (words::thousands(found.len() - ROWS)) " more; ask for something narrower." } }
    }
}

/// A text query, made ready.
struct Wanted {
    text: String,
    digits: String,
}

impl Wanted {
    fn new(query: &str) -> Self {
        let text = query.trim().to_lowercase();
        let phone = text.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
        let digits = if phone { digits(&text) } else { String::new() };
        Self { text, digits }
    }

    fn fits(&self, ad: &Ad) -> bool {
        let said = [&ad.key.ad_id, &ad.key.site, &ad.title, &ad.text, &ad.location, &ad.poster];
        let by_words = said.into_iter().any(|said| said.to_lowercase().contains(&self.text));
        by_words || ad.phones.iter().any(|phone| end_alike(phone, &self.digits))
    }
}

/// True when one of two numbers is the other, or its end: whoever searches may know no more than the last digits.
fn end_alike(a: &str, b: &str) -> bool {
    let (a, b) = (digits(a), digits(b));
    a.len().min(b.len()) >= DIGITS && (a.ends_with(&b) || b.ends_with(&a))
}

/// What a phone is compared and searched by.
pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Images of the case that show the photo of a query, or a part of it; then leads.
pub(crate) fn images(case: &CaseState<'_>, query: &Analysis) -> Markup {
    let search = case.search();
    let answer = match search.find(&[query]) {
        Ok(found) => found.answers.into_iter().next().unwrap_or_default(),
        Err(_) => return html! { p { "The case cannot be searched now." } },
    };
    let (parts, leads): (Vec<_>, Vec<_>) =
        answer.parts.iter().partition(|hit| hit.local.tier.is_some_and(Tier::is_same_photo));
    let rows = || answer.hits.iter().map(|hit| hit.image).chain(parts.iter().map(|hit| hit.image));
    let ads: BTreeSet<u32> =
        rows().flat_map(|row| case.joined.sightings_of_image(row)).map(|seen| seen.ad).collect();
    let asked = query.image.id();
    html! {
        h2 { (words::count(rows().count(), "image")) " with this photo, in " (words::count(ads.len(), "ad")) }
        @if !query.image.pdq.is_usable(case.limits().1) { p { "The query is nearly plain: by hashes only identical files can be found." } }
        @if !search.finds_parts() { p { "This case holds no local features: crops, pages and collages of the photo are not found." } }
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
            p.minor { "Parts agree, and nothing proves that it is the same photo: it may be, or another one of the same place or design. Look at them." }
            ul.hits { @for hit in leads.iter().take(ROWS) { (hit_line(case, asked, hit.image, &agreement(hit))) } }
        }
    }
}

fn agreement(hit: &PartHit) -> Markup {
    html! {
        @if let Some(tier) = hit.local.tier { (chip(tier)) " " }
        (hit.local.found.words()) ", score " (format!("{:.1}", hit.local.found.score))
    }
}

/// An image that answers, why, and where it was seen. What is asked for can be judged if the case holds it, too.
fn hit_line(case: &CaseState<'_>, asked: ImageId, row: u32, why: &Markup) -> Markup {
    let image = case.joined.image(row).id();
    let pair = (asked != image && case.row(&asked).is_some()).then(|| (asked.min(image), asked.max(image)));
    html! {
        li.hit {
            div.picture { img src=(format!("/image/{image}")) data-reveal=(format!("/reveal/{image}")) alt="Found image, blurred" loading="lazy"; }
            div {
                p { (why) @if let Some(pair) = pair { " " a href=(pair_path(&pair)) { "Judge this pair" } } }
                (ad_lines(case, row))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_found_however_they_are_written() {
        let key = crate::record::AdKey { site: "a.example".into(), ad_id: "L12".into() };
        let ad = |phone: &str| Ad { phones: vec![phone.into()], ..Ad::blank(key.clone()) };
        let fits = |query: &str, phone: &str| Wanted::new(query).fits(&ad(phone));
        assert!(fits("000 555-0169", "+1 (000) 555-0169"));
        assert!(fits("+1 000 555 0169", "555-0169"));
        assert!(!fits("169", "555-0169"));
        assert!(!fits("5550168", "555-0169"));
        assert!(fits("l12", ""));
        let told = Ad { text: "Near the Station".into(), location: "City 4".into(), ..ad("") };
        assert!(["station", "city 4", "the s"].iter().all(|words| Wanted::new(words).fits(&told)));
        assert!(!Wanted::new("harbour").fits(&told));
        assert!(!fits("5550169", ""));
    }
}
