//! The photos of a network: which image files show each, where, and how one was got from the other.
//!
//! Each image is compared with the group's largest one, the likeliest to be nearest to the original; where
//! those two were never proven directly, with the image that proves it best.

use super::Ranked;
use super::labels::Labels;
use super::long_tables::LongTable;
use super::previews::{Previews, source};
use super::room::PageRoom;
use super::text::{path, tier_chip};
use crate::corpus::{ImageRow, PhotoRow};
use crate::hash::Dihedral;
use crate::language::{phrase, say};
use crate::link::{Pair, PhotoGroup};
use crate::verify::Proof;
use crate::view::{Joined, bits, words};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Images of one photo that stand open.
const OPEN_IMAGES: usize = 4;

pub(super) fn photos(
    joined: &Joined<'_>,
    entry: &Ranked<'_>,
    labels: &Labels,
    previews: &Previews,
    room: PageRoom,
) -> Markup {
    html! {
        div.photos {
            @for (&number, place) in labels.photos.iter().zip(1..).take(room.photos) {
                @let name = format!("P{place}");
                div.photo-card {
                    (head(joined, number, &name))
                    (previews.show(number, &name))
                    (strip(joined, number, previews))
                    (images(joined, entry, labels, number, &name, room))
                }
            }
        }
        (room.left_out(entry, labels.photos.len().saturating_sub(room.photos), "photo"))
    }
}

fn head(joined: &Joined<'_>, number: PhotoRow, name: &str) -> Markup {
    let group = &joined.findings.groups[number];
    html! {
        p.photo-head {
            span.label.photo { (name) }
            (phrase!(
                "{images}, in {rarity}",
                images = html! { strong { (words::count(group.images.len(), "image file")) } },
                rarity = words::rarity(group),
            )) " "
            code.id { (group.id) }
        }
    }
}

/// Images of a photo, the largest first: the likeliest to be nearest to the original.
pub(super) fn largest_first(joined: &Joined<'_>, group: &PhotoGroup) -> Vec<ImageRow> {
    let mut images = group.images.clone();
    images.sort_by_key(|&row| {
        let image = joined.image(row);
        (std::cmp::Reverse(u64::from(image.width) * u64::from(image.height)), row)
    });
    images
}

/// Small pictures of all copies, where there are any, each with the number that its row has.
fn strip(joined: &Joined<'_>, number: PhotoRow, previews: &Previews) -> Markup {
    let images = largest_first(joined, &joined.findings.groups[number]);
    let shown: Vec<(usize, &Vec<u8>)> =
        (1..).zip(&images).filter_map(|(place, image)| Some((place, previews.copies.get(image)?))).collect();
    html! {
        @if shown.len() > 1 {
            div.strip {
                @for (place, jpeg) in &shown {
                    div { img src=(source(jpeg)) alt=(say!("Copy {number}", number = place)); span.minor { (place) } }
                }
            }
            @if shown.len() < images.len() {
                p.minor {
                    (say!(
                        "Pictures of {some} of {all}.",
                        some = words::thousands(shown.len()),
                        all = words::count(images.len(), "image file"),
                    ))
                }
            }
        }
    }
}

fn images(
    joined: &Joined<'_>,
    entry: &Ranked<'_>,
    labels: &Labels,
    number: PhotoRow,
    name: &str,
    room: PageRoom,
) -> Markup {
    let group = &joined.findings.groups[number];
    let images = largest_first(joined, group);
    let place: BTreeMap<ImageRow, usize> = images.iter().copied().zip(1..).collect();
    let head = html! {
        tr {
            th scope="col" { "" span.hidden { (say!("Number")) } }
            th scope="col" { (say!("Image file, and the ads that show it")) }
            th scope="col" { (say!("Size")) }
            th scope="col" { (say!("Quality")) }
            th scope="col" { (say!("Compared")) }
        }
    };
    let told = images.iter().take(room.images);
    let rows = told.map(|&image| image_row(joined, group, labels, &place, images[0], image)).collect();
    let caption = say!("Images of {photo} in {network}", photo = name, network = entry.name());
    html! {
        (LongTable { caption: &caption, class: Some("images"), head, rows, open: OPEN_IMAGES }.show())
        (room.left_out(entry, images.len().saturating_sub(room.images), "image file"))
    }
}

fn image_row(
    joined: &Joined<'_>,
    group: &PhotoGroup,
    labels: &Labels,
    place: &BTreeMap<ImageRow, usize>,
    reference: ImageRow,
    row: ImageRow,
) -> Markup {
    let image = joined.image(row);
    let mut ads_by_path: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut elsewhere = 0;
    for seen in joined.sightings_of_image(row) {
        let ads = ads_by_path.entry(&seen.path).or_default();
        let name = labels.ad(seen.ad);
        if name.is_empty() {
            elsewhere += 1;
        } else if ads.last() != Some(&name) {
            ads.push(name);
        }
    }
    html! {
        tr {
            th scope="row" { (place[&row]) }
            td data-label=(say!("Image file")) {
                @for (file, names) in &ads_by_path {
                    div.shown-in {
                        div { (path(file)) }
                        div { @for name in names { span.label { (name) } " " } }
                    }
                }
                @if elsewhere > 0 { div.minor { (say!("and {times} in ads outside this network", times = words::count(elsewhere, "time"))) } }
            }
            td data-label=(say!("Size")) { (image.width) "\u{d7}" (image.height) }
            td data-label=(say!("Quality")) { (image.pdq.quality) }
            td data-label=(say!("Compared")) { div { (compared(joined, group, place, reference, row)) } }
        }
    }
}

fn compared(
    joined: &Joined<'_>,
    group: &PhotoGroup,
    place: &BTreeMap<ImageRow, usize>,
    reference: ImageRow,
    row: ImageRow,
) -> Markup {
    let pairs = || joined.pairs_of_image(row).iter().map(|&pair| &joined.findings.pairs[pair]);
    if row == reference {
        let same_file = pairs().any(|pair| pair.a == pair.b);
        return html! {
            span.minor { (say!("largest; the others are compared with it")) }
            @if same_file { div.minor { (say!("the same file in several ads")) } }
        };
    }
    let other = |pair: &Pair| if pair.a == row { pair.b } else { pair.a };
    let best = pairs()
        .filter(|pair| pair.a != pair.b && group.images.binary_search(&other(pair)).is_ok())
        .max_by(|x, y| {
            let nearest = |pair: &Pair| other(pair) == reference;
            nearest(x).cmp(&nearest(y)).then(x.proof.score.total_cmp(&y.proof.score))
        });
    match best {
        Some(pair) => {
            // Told as what was done to the other image to get this one.
            let transform = pair.proof.transform;
            let transform = if pair.a == row { transform.inverse() } else { transform };
            let with = say!(
                "with image {number}, {strength}",
                number = place[&other(pair)],
                strength = say(joined.strength(&pair.proof).name()),
            );
            html! { (proof(&pair.proof, transform)) " " span.minor { (with) } }
        }
        None => html! { span.minor { (say!("not compared directly: same ad, or beyond the pair cap")) } },
    }
}

fn proof(proof: &Proof, transform: Dihedral) -> Markup {
    html! {
        (tier_chip(proof.tier))
        @if let Some(bits) = bits(proof) { " " (words::count(bits as usize, "bit")) }
        span.proof-more {
            @if let Some(transform) = words::transform(transform) { ", " (transform) }
            @if let Some(view) = words::view(proof.view_a).or(words::view(proof.view_b)) { ", " (view) }
            @if proof.overlap_a < 0.995 || proof.overlap_b < 0.995 {
                ", " (say!("{part} in common", part = words::overlap(proof.overlap_a, proof.overlap_b)))
            }
        }
    }
}
