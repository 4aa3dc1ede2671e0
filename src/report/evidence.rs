//! The two pictures that a link rests on, side by side, or how to see them; and which copies of photos are shown.
//!
//! Only what the leading networks hang on has pictures, and only where previews were asked for. Everybody else is told the command. The trap: ids in it are those of images; short names like A3 hold in one report alone.

use super::NETWORKS_UNFOLDED;
use super::labels::Labels;
use super::photos::largest_first;
use super::previews::{Previews, source};
use crate::corpus::{ImageRow, LinkRow};
use crate::language::{phrase, say};
use crate::link::{Evidence, Link, Network};
use crate::picture::{PreviewForm, SmallPair};
use crate::view::{Joined, NetworkFacts, ranked};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Digits of an image's id that a command names: no two images of a case begin alike.
const DIGITS: usize = 16;

/// Small pictures of copies that one network gets: they must not make the report too large to send.
const MOST_COPIES: usize = 24;

/// Strongest and weakest link of each network that is unfolded whatever the size of the report.
pub(crate) fn pictured_links(joined: &Joined<'_>) -> BTreeSet<LinkRow> {
    ranked(joined).iter().take(NETWORKS_UNFOLDED).flat_map(leading_links).collect()
}

/// Copies of photos that the leading networks show, by image row: the largest of each photo, photos in the order in which
/// they are told, until there are [`MOST_COPIES`] of a network.
pub(crate) fn pictured_copies(joined: &Joined<'_>) -> BTreeSet<ImageRow> {
    let networks = ranked(joined).into_iter().take(NETWORKS_UNFOLDED);
    networks.flat_map(|facts| leading_copies(joined, facts.network)).collect()
}

fn leading_copies(joined: &Joined<'_>, network: &Network) -> Vec<ImageRow> {
    let labels = Labels::new(joined, network);
    let photos = labels.photos.iter().map(|&number| &joined.findings.groups[number]);
    let copies = photos.filter(|group| group.images.len() > 1);
    copies.flat_map(|group| largest_first(joined, group)).take(MOST_COPIES).collect()
}

fn leading_links(facts: &NetworkFacts<'_>) -> impl Iterator<Item = LinkRow> + use<> {
    facts.strongest.into_iter().chain(facts.weakest.map(|weakest| weakest.link))
}

/// The pictures of a link where there are any, and else how to see them.
pub(super) fn evidence(joined: &Joined<'_>, labels: &Labels, row: LinkRow, previews: &Previews) -> Markup {
    let link = &joined.findings.links[row];
    match previews.form.and_then(|form| Some((form, previews.links.get(&row)?))) {
        Some((form, Ok(pair))) => pictures(labels, link, pair, form),
        Some((_, Err(why))) => html! { p.minor { (say!("No pictures of this link.")) " " (why) } },
        None => command(joined, link),
    }
}

fn pictures(labels: &Labels, link: &Link, pair: &SmallPair, form: PreviewForm) -> Markup {
    let (a, b) = (labels.ad(link.a), labels.ad(link.b));
    let laid = say!("The picture of {b} laid on that of {a}", b = b, a = a);
    let second = say!("In {ad}, the common part outlined", ad = b);
    let first = match pair.b {
        Some(_) => say!("In {ad}, the common part outlined", ad = a),
        None => say!("In {a} and {b}", a = a, b = b),
    };
    html! {
        figure.pair {
            div {
                (picture(&pair.a, &first, form))
                @if let Some(jpeg) = &pair.b { (picture(jpeg, &second, form)) }
                @if let Some(jpeg) = &pair.laid { (picture(jpeg, &laid, form)) }
            }
            figcaption.minor { (pair.words) }
        }
    }
}

fn picture(jpeg: &[u8], words: &str, form: PreviewForm) -> Markup {
    html! {
        div { img src=(source(jpeg)) alt={ (words) ", " (say(form.name())) }; span.minor { (words) } }
    }
}

/// How to see the pictures of a link.
pub(super) fn command(joined: &Joined<'_>, link: &Link) -> Markup {
    html! {
        @match link.evidence.first() {
            None => { p.minor { (say!("The two ads share no photo, so there are no pictures to lay side by side.")) } }
            Some(evidence) => { (how_to_see(joined, link, evidence)) }
        }
    }
}

fn how_to_see(joined: &Joined<'_>, link: &Link, evidence: &Evidence) -> Markup {
    let id = |row: ImageRow| joined.image(row).id().to_string()[..DIGITS].to_string();
    let (a, b) = (id(evidence.image_a), id(evidence.image_b));
    html! {
        p.minor {
            (phrase!(
                "To see both pictures, with the common part outlined: {compare}, where CASE.adlink is the file of this case. \
                 The review desk shows them, too: {review}.",
                compare = html! {
                    code { "adlink compare --case CASE.adlink " (a) " " (b) " --picture " (link.id) ".png" }
                },
                review = html! { code { "adlink review --case CASE.adlink --reviewer NAME" } },
            ))
            @if evidence.image_a == evidence.image_b { " " (say!("Both ads show one and the same file.")) }
        }
    }
}
