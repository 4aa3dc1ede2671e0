//! Ads side by side, line by line, and why they are together or not.
//!
//! The trap: ads are named by site and id in the address, as rows change whenever networks do; a name that is no ad of
//! the case is told, and the page stands without it.

use crate::corpus::{AdRow, ImageRow, PhotoRow, Row};
use maud::{Markup, html};
use std::collections::BTreeSet;

use super::parts::{chip, network_name, reveal_button};
use crate::language::{phrase, say, word};
use crate::link::{LeftOut, Link};
use crate::record::{Ad, AdKey, ImageId};
use crate::report::{moment, shown, visible};
use crate::review::http::page::query_value;
use crate::review::state::course::pair_path;
use crate::review::state::model::CaseState;
use crate::view::{Apart, Between, Chain, ad_name, between, key_of, words};

/// Ads that can be compared at once.
pub(crate) const MOST: usize = 4;
/// Pictures of each.
const MOST_IMAGES: usize = 24;

/// The page of the ads of these names, as many as the case has.
pub(crate) fn side_by_side(case: &CaseState<'_>, names: &[String]) -> Markup {
    let wanted: Vec<&String> = names.iter().filter(|name| !name.trim().is_empty()).collect();
    let mut rows: Vec<AdRow> = Vec::new();
    let mut unknown: Vec<&str> = Vec::new();
    for name in &wanted {
        match row_of(case, name) {
            Some(row) if !rows.contains(&row) => rows.push(row),
            Some(_) => {}
            None => unknown.push(name.trim()),
        }
    }
    let more = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    html! {
        h1 { (say!("Ads side by side")) }
        (form(case, &rows))
        @for name in &unknown { p.disputed role="status" { (no_such_ad(name)) } }
        @if more > 0 { p.disputed role="status" { (say!("{ads} more than can be compared at once.", ads = words::count(more, "ad"))) } }
        @if !rows.is_empty() { (comparison(case, &rows)) }
        @for (place, &a) in rows.iter().enumerate() { @for &b in &rows[place + 1..] { (relation(case, a, b)) } }
    }
}

fn no_such_ad(name: &str) -> Markup {
    let name = html! { strong { (shown(name)) } };
    phrase!(
        "There is no ad {ad} in the case. Ads are named SITE/AD_ID, as on the page of a network.",
        ad = name
    )
}

/// The ad of a name: `SITE/AD_ID`; or of an id alone, where only one ad has it.
fn row_of(case: &CaseState<'_>, name: &str) -> Option<AdRow> {
    let ads = &case.joined.snapshot.ads;
    let by_key = |key: &AdKey| ads.binary_search_by(|ad| ad.key.cmp(key)).ok().map(AdRow::of);
    if let Some(row) = key_of(name).or_else(|| key_of(name.trim())).and_then(|key| by_key(&key)) {
        return Some(row);
    }
    let mut same = case.joined.ads().filter(|(_, ad)| ad.key.ad_id == name.trim());
    let first = same.next()?.0;
    same.next().is_none().then_some(first)
}

/// What the fields are called in which ads are named.
const FIELDS: [&str; MOST] = [word!("First ad"), word!("Second ad"), word!("Third ad"), word!("Fourth ad")];

fn form(case: &CaseState<'_>, rows: &[AdRow]) -> Markup {
    let fields = rows.len().max(2);
    let names: Vec<String> = rows.iter().map(|&row| ad_name(&case.joined.ad(row).key)).collect();
    html! {
        form.settings method="get" action="/ads" {
            @for place in 0..fields {
                label { (say(FIELDS[place])) " "
                    input name="ad" value=[names.get(place)] placeholder=(say!("SITE/AD_ID")) autocomplete="off" maxlength="8200"; }
            }
            button { (say!("Compare")) }
        }
    }
}

/// A line of the comparison: what it is called, and what an ad says there.
type ComparedField = (&'static str, fn(&Ad) -> String);

const LINES: [ComparedField; 7] = [
    (word!("Place"), |ad| ad.location.clone()),
    (word!("Phones"), |ad| ad.phones.join("\n")),
    (word!("Poster"), |ad| ad.poster.clone()),
    (word!("Category"), |ad| ad.category.clone()),
    (word!("Title"), |ad| ad.title.clone()),
    (word!("Text"), |ad| ad.text.clone()),
    (word!("Address"), |ad| ad.url.clone()),
];

fn comparison(case: &CaseState<'_>, rows: &[AdRow]) -> Markup {
    let ads: Vec<&Ad> = rows.iter().map(|&row| case.joined.ad(row)).collect();
    html! {
        (reveal_button())
        div.scroll tabindex="0" role="region" aria-label=(say!("The ads side by side")) {
            table.side-by-side {
                thead { tr {
                    td {}
                    @for (&row, ad) in rows.iter().zip(&ads) {
                        th scope="col" { div { (shown(&ad.key.site)) } div { (shown(&ad.key.ad_id)) }
                            div.minor { @match case.joined.network_of_ad(row) {
                                Some(network) => (network_name(case, network)),
                                None => (say!("in no network")),
                            } }
                        }
                    }
                } }
                tbody {
                    tr { th scope="row" { (say!("Photos")) } @for &row in rows { td { (photos(case, rows, row)) } } }
                    tr { th scope="row" { (say!("Posted")) } @for ad in &ads { td { (moment(&ad.posted_at)) } } }
                    tr { th scope="row" { (say!("Collected")) } @for ad in &ads { td { (moment(&ad.collected_at)) } } }
                    @for (name, of) in LINES { (line(say(name), &ads.iter().map(|ad| of(ad)).collect::<Vec<_>>())) }
                    @for name in kept_names(&ads) {
                        (line(&name, &ads.iter().map(|ad| kept(ad, &name)).collect::<Vec<_>>()))
                    }
                }
            }
        }
    }
}

/// A line where an ad says something; what all say alike is marked.
fn line(name: &str, said: &[String]) -> Markup {
    let alike = said.len() > 1 && said.iter().all(|text| *text == said[0]);
    html! {
        @if said.iter().any(|text| !text.is_empty()) {
            tr.alike[alike] {
                th scope="row" { (visible(name)) @if alike { span.minor { " " (say!("the same")) } } }
                @for text in said { td { @if text.is_empty() { span.minor { (say!("not given")) } } @for part in text.lines() { div { (shown(part)) } } } }
            }
        }
    }
}

fn kept_names(ads: &[&Ad]) -> BTreeSet<String> {
    ads.iter().flat_map(|ad| words::kept(ad)).map(|(name, _)| name).collect()
}

fn kept(ad: &Ad, name: &str) -> String {
    words::kept(ad).into_iter().find(|(other, _)| other == name).map(|(_, value)| value).unwrap_or_default()
}

/// The pictures of an ad, those first whose photo another of the ads shows, too.
fn photos(case: &CaseState<'_>, rows: &[AdRow], row: AdRow) -> Markup {
    let groups = |ad: AdRow| {
        let images = case.joined.sightings_of_ad(ad).map(|seen| seen.image);
        images
            .flat_map(|image| case.joined.groups_of_image(image).iter().copied())
            .collect::<BTreeSet<PhotoRow>>()
    };
    let elsewhere: BTreeSet<PhotoRow> =
        rows.iter().filter(|&&other| other != row).flat_map(|&other| groups(other)).collect();
    let shared = |image: ImageRow| {
        let groups =
            case.joined.groups_of_image(image).iter().copied().find(|group| elsewhere.contains(group));
        groups.map(|group| &*case.joined.findings.groups[group].id)
    };
    let mut images: Vec<ImageRow> = case.joined.sightings_of_ad(row).map(|seen| seen.image).collect();
    let mut met = BTreeSet::new();
    images.retain(|&image| met.insert(image));
    images.sort_by_key(|&image| shared(image).is_none());
    html! {
        @if images.is_empty() { span.minor { (say!("none")) } }
        ul.small-photos {
            @for &image in images.iter().take(MOST_IMAGES) {
                @let photo = shared(image);
                li.shared[photo.is_some()] {
                    (picture(case.joined.image(image).id()))
                    @if let Some(photo) = photo { a href=(format!("/photo/{photo}")) { (say!("shown by both")) } }
                }
            }
        }
        @if images.len() > MOST_IMAGES { p.minor { (say!("{number} more", number = words::thousands(images.len() - MOST_IMAGES))) } }
    }
}

fn picture(image: ImageId) -> Markup {
    html! { img src=(format!("/image/{image}")) data-reveal=(format!("/reveal/{image}")) alt=(say!("Image, blurred")) loading="lazy"; }
}

/// Why two of the ads are together, or not.
fn relation(case: &CaseState<'_>, a: AdRow, b: AdRow) -> Markup {
    let name = |row: AdRow| html! { bdi { (visible(&ad_name(&case.joined.ad(row).key))) } };
    let (first, second) = (name(a), name(b));
    html! {
        section.relation {
            @match between(&case.joined, a, b) {
                Between::Same => {}
                Between::Together(chain) => {
                    h2 { (phrase!("Why {first} and {second} are together", first = first, second = second)) }
                    (together(case, &chain))
                }
                Between::Apart(apart) => {
                    h2 { (phrase!("Why {first} and {second} are not together", first = first, second = second)) }
                    (not_together(case, &apart))
                }
            }
        }
    }
}

fn together(case: &CaseState<'_>, chain: &Chain) -> Markup {
    let links = &case.joined.findings.links;
    html! {
        @if chain.steps.len() == 1 { p { (say!("They are linked themselves.")) } }
        @else {
            p { (say!(
                "Over {ads}, each linked to the next. Of all ways between the two this one is surest: its weakest link is stronger than that of any other.",
                ads = words::count(chain.steps.len() - 1, "other ad")
            )) }
        }
        ol.chain { @for step in &chain.steps { li { (link(case, &links[step.link])) } } }
        @if let Some(direct) = chain.direct {
            h3 { (say!("They are linked themselves, too, and more weakly")) }
            (link(case, &links[direct]))
        }
    }
}

fn not_together(case: &CaseState<'_>, apart: &Apart) -> Markup {
    let findings = case.joined.findings;
    html! {
        ul { @for line in &apart.said { li { (visible(line)) } } }
        @if let Some(row) = apart.left_out {
            h3 { (say!("The link between them")) }
            @for reason in case.joined.left_out(row).iter() { (left_out(reason)) }
            (link(case, &findings.links[row]))
        }
        @if !apart.leads.is_empty() {
            h3 { (say!("Leads between their images")) }
            @for &lead in &apart.leads {
                @let lead = &findings.leads[lead as usize];
                p { (chip(lead.proof.tier)) " " (words::proof(&case.joined, &lead.proof)) ". " (judge(case, lead.a, lead.b)) }
            }
        }
        @if !apart.rejected.is_empty() {
            h3 { (say!("Decided")) }
            @for ids in &apart.rejected { p { a href=(pair_path(ids)) { (say!("The pair that a reviewer told apart")) } } }
        }
    }
}

fn left_out(reason: LeftOut) -> Markup {
    html! { p { (say!("It was left out: {reason}.", reason = say(reason.words()))) " " code.id { (reason.name()) } } }
}

/// A link in words, with the two pictures of its strongest evidence.
fn link(case: &CaseState<'_>, link: &Link) -> Markup {
    html! {
        div.link-told {
            p { (visible(&words::link(&case.joined, link))) }
            @if let Some(strongest) = link.evidence.first() {
                div.two-pictures {
                    @for image in [strongest.image_a, strongest.image_b] { (picture(case.joined.image(image).id())) }
                }
                p { (judge(case, strongest.image_a, strongest.image_b)) " " a href=(format!("/photo/{}", case.joined.findings.groups[strongest.group].id)) { (say!("The whole photo")) } }
            }
        }
    }
}

fn judge(case: &CaseState<'_>, a: ImageRow, b: ImageRow) -> Markup {
    let (a, b) = (case.joined.image(a).id(), case.joined.image(b).id());
    html! { @if a == b { (say!("One file in both.")) } @else { a href=(pair_path(&(a.min(b), a.max(b)))) { (say!("Judge this pair")) } } }
}

/// The address of the page of some ads.
pub(super) fn address<'k>(keys: impl Iterator<Item = &'k AdKey>) -> String {
    let names: Vec<String> = keys.map(|key| format!("ad={}", query_value(&ad_name(key)))).collect();
    format!("/ads?{}", names.join("&"))
}

/// A box to pick an ad for the comparison.
pub(super) fn tick(ad: &Ad) -> Markup {
    html! { input.pick type="checkbox" name="ad" value=(ad_name(&ad.key)) aria-label=(say!("Compare ad {ad}", ad = visible(&ad_name(&ad.key)))); }
}

/// What a table of ads to pick from ends with, within its form.
pub(super) fn compare_button() -> Markup {
    html! { p { button { (say!("Picked ads side by side")) } " " span.minor { (say!("two to four of them")) } } }
}
