//! The photos of a network: which image files show each, where, and how one was got from the other.
//!
//! Each image is compared with the group's largest one, the likeliest to be nearest to the original; where
//! those two were never proven directly, with the image that proves it best.

use super::labels::Labels;
use super::text::{path, tier_chip};
use super::{Previews, Ranked};
use crate::corpus::{ImageRow, PhotoRow};
use crate::hash::Dihedral;
use crate::link::{Pair, PhotoGroup};
use crate::verify::Proof;
use crate::view::{Joined, bits, words};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Images shown for one photo; `photo_groups.csv` has all of them.
const MOST_IMAGES: usize = 200;

pub(super) fn photos(
    joined: &Joined<'_>,
    entry: &Ranked<'_>,
    labels: &Labels,
    previews: &Previews,
) -> Markup {
    html! {
        div.photos {
            @for (&number, place) in labels.photos.iter().zip(1..) {
                @let preview = previews.show(number, &format!("P{place}"));
                (photo(joined, entry, labels, number, place, &preview))
            }
        }
    }
}

fn photo(
    joined: &Joined<'_>,
    entry: &Ranked<'_>,
    labels: &Labels,
    number: PhotoRow,
    place: usize,
    preview: &Markup,
) -> Markup {
    let name = format!("P{place}");
    let group = &joined.findings.groups[number];
    let mut images = group.images.clone();
    images.sort_by_key(|&row| {
        let image = joined.image(row);
        (std::cmp::Reverse(u64::from(image.width) * u64::from(image.height)), row)
    });
    let place: BTreeMap<ImageRow, usize> = images.iter().copied().zip(1..).collect();
    html! {
        div.photo-card {
            p.photo-head {
                span.label.photo { (name) }
                strong { (words::count(images.len(), "image file")) } ", in " (words::rarity(group)) " "
                code.id { (group.id) }
            }
            (preview)
            section.scroll tabindex="0" aria-label=(format!("Images of {name} in {}", entry.name())) {
                table.images {
                    thead { tr {
                        th scope="col" { "" span.hidden { "Number" } }
                        th scope="col" { "Image file, and the ads that show it" }
                        th scope="col" { "Size" }
                        th scope="col" { "Quality" }
                        th scope="col" { "Compared" }
                    } }
                    tbody {
                        @for &image in images.iter().take(MOST_IMAGES) {
                            (image_row(joined, group, labels, &place, images[0], image))
                        }
                    }
                }
            }
            @if images.len() > MOST_IMAGES {
                p.minor { (words::thousands(images.len() - MOST_IMAGES)) " more in photo_groups.csv." }
            }
        }
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
            td data-label="Image file" {
                @for (file, names) in &ads_by_path {
                    div.shown-in {
                        div { (path(file)) }
                        div { @for name in names { span.label { (name) } " " } }
                    }
                }
                @if elsewhere > 0 { div.minor { "and " (words::count(elsewhere, "time")) " in ads outside this network" } }
            }
            td data-label="Size" { (image.width) "\u{d7}" (image.height) }
            td data-label="Quality" { (image.pdq.quality) }
            td data-label="Compared" { div { (compared(joined, group, place, reference, row)) } }
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
            span.minor { "largest; the others are compared with it" }
            @if same_file { div { "the same file in several ads" } }
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
            html! { (proof(&pair.proof, transform)) " " span.minor { "with image " (place[&other(pair)]) ", " (joined.strength(&pair.proof)) } }
        }
        None => html! { span.minor { "not compared directly: same ad, or beyond the pair cap" } },
    }
}

fn proof(proof: &Proof, transform: Dihedral) -> Markup {
    html! {
        (tier_chip(proof.tier))
        @if let Some(bits) = bits(proof) { " " (words::count(bits as usize, "bit")) }
        @if let Some(transform) = words::transform(transform) { ", " (transform) }
        @if let Some(view) = words::view(proof.view_a).or(words::view(proof.view_b)) { ", " (view) }
        @if proof.overlap_a < 0.995 || proof.overlap_b < 0.995 {
            ", " (words::percent(proof.overlap_a)) " and " (words::percent(proof.overlap_b)) " of the two"
        }
    }
}
