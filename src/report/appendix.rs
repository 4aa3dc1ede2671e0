//! What stands behind the networks: common photos, leads, inputs left out, what the method cannot see, how it was made.

use super::About;
use super::decisions::decisions;
use super::front::expected;
use super::leads::leads;
use super::long_tables::{LongTable, MOST_ROWS, OPEN_ROWS, example, more};
use super::many_contacts::many_contacts;
use super::network::for_a_reason;
use super::text::{path, shown, visible};
use crate::language::{phrase, say, word};
use crate::link::{CommonReason, PhotoGroup};
use crate::record::Skipped;
use crate::view::{Figures, Joined, words};
use maud::{Markup, html};
use serde_json::Value;

pub(super) fn appendix(joined: &Joined<'_>, about: &About<'_>, figures: &Figures) -> Markup {
    html! {
        section #many-contacts aria-labelledby="many-contacts-title" {
            h2 #many-contacts-title { (say!("One picture, many contacts")) }
            (many_contacts(joined))
        }
        section #common aria-labelledby="common-title" {
            h2 #common-title { (say!("Common photos")) }
            (common(joined, figures))
        }
        @if !joined.snapshot.decisions.is_empty() {
            section #decisions aria-labelledby="decisions-title" {
                h2 #decisions-title { (say!("Decisions of reviewers")) }
                (decisions(joined))
            }
        }
        section #leads aria-labelledby="leads-title" {
            h2 #leads-title { (say!("Parts agree, nothing proves one photo: leads, not links")) }
            (leads(joined))
        }
        section #skipped aria-labelledby="skipped-title" {
            h2 #skipped-title { (say!("Inputs left out")) }
            (skipped(joined, figures))
        }
        section #limits aria-labelledby="limits-title" {
            h2 #limits-title { (say!("What this cannot see")) }
            (limits(joined, figures))
        }
        section #method aria-labelledby="method-title" {
            h2 #method-title { (say!("How it was made")) }
            (method(about))
        }
    }
}

fn common(joined: &Joined<'_>, figures: &Figures) -> Markup {
    let groups: Vec<_> =
        joined.findings.groups.iter().filter_map(|group| Some((group, group.common?))).collect();
    html! {
        @if groups.is_empty() { p { (say!("No photo was found to be common.")) } }
        @else {
            p {
                (say!(
                    "These photos are in many ads for reasons that say nothing about who posted them, so they join no \
                     networks. Whether that holds for each is for you to judge."
                ))
            }
            (common_photos(joined, &groups))
            (more(groups.len(), "common.csv"))
        }
        @if figures.links_left_out > 0 {
            p {
                (phrase!(
                    "Links that were kept as evidence, but not allowed to join networks ({file}, column {column}):",
                    file = html! { code { "links.csv" } },
                    column = html! { code { "left_out" } },
                ))
            }
            ul {
                @for (reason, count) in &figures.left_out_by_reason {
                    li { (for_a_reason(&words::count(*count, "link"), reason.words())) }
                }
            }
        }
    }
}

fn common_photos(joined: &Joined<'_>, groups: &[(&PhotoGroup, CommonReason)]) -> Markup {
    let head = html! {
        tr {
            th scope="col" { (say!("Photo")) } th scope="col" { (say!("Why")) }
            th.number scope="col" { (say!("Ads")) } th.number scope="col" { (say!("Sites")) }
            th.number scope="col" { (say!("Unrelated posters")) } th scope="col" { (say!("An example")) }
        }
    };
    let row = |(group, reason): &(&PhotoGroup, CommonReason)| {
        html! {
            tr {
                th scope="row" { code.id { (group.id) } }
                td { (say(reason.words())) }
                td.number { (words::thousands(group.rarity.ads as usize)) }
                td.number { (words::thousands(group.rarity.sites as usize)) }
                td.number { (words::thousands(group.rarity.unrelated_posters as usize)) }
                td { (path(example(joined, group.images[0]))) }
            }
        }
    };
    let rows = groups.iter().take(MOST_ROWS).map(row).collect();
    LongTable { caption: say!("Table of common photos"), class: None, head, rows, open: OPEN_ROWS }.show()
}

fn skipped(joined: &Joined<'_>, figures: &Figures) -> Markup {
    let skipped = &joined.snapshot.skipped;
    html! {
        @if skipped.is_empty() { p { (say!("Every input could be used.")) } }
        @else {
            p { (say!("Nothing is known of the photos in these. The run went on without them.")) }
            ul.reasons {
                @for (reason, count) in &figures.skipped_by_reason {
                    li { (say(reason.words())) ": " strong { (words::thousands(*count)) } " " code.id { (reason.name()) } }
                }
            }
            (skipped_inputs(skipped))
            (more(skipped.len(), "skipped.csv"))
        }
    }
}

fn skipped_inputs(skipped: &[Skipped]) -> Markup {
    let head = html! {
        tr {
            th scope="col" { (say!("Path")) } th scope="col" { (say!("Ad")) } th scope="col" { (say!("Reason")) }
            th scope="col" { (say!("Detail")) }
        }
    };
    let row = |input: &Skipped| {
        html! {
            tr {
                th scope="row" { (path(&input.path)) }
                td { @if let Some(ad) = &input.ad { (shown(&ad.site)) " " (shown(&ad.ad_id)) } }
                td { (say(input.reason.words())) }
                td { (shown(&input.detail)) }
            }
        }
    };
    let rows = skipped.iter().take(MOST_ROWS).map(row).collect();
    LongTable { caption: say!("Table of inputs left out"), class: None, head, rows, open: OPEN_ROWS }.show()
}

fn limits(joined: &Joined<'_>, figures: &Figures) -> Markup {
    html! {
        ul.limits {
            @for (limit, what) in LIMITS { (limit_of(say(limit), &html! { (say(what)) })) }
            @if figures.images_too_plain > 0 { (limit_of(say!("Plain pictures."), &plain_pictures(figures))) }
            (limit_of(say!("Chance."), &chance(joined, figures)))
            @if joined.findings.pairs_over_cap > 0 {
                (limit_of(say!("Very large photo groups."), &over_cap(joined.findings.pairs_over_cap as usize)))
            }
        }
    }
}

/// What holds for every report, in English.
const LIMITS: [(&str, &str); 5] = [
    (
        word!("Photos, never people."),
        word!("Two different photos of one person or one room are two photos. adlink looks at no faces."),
    ),
    (
        word!("Not every copy is found."),
        word!(
            "A strong crop, a picture inside another, a slanted view or a heavy overlay can hide a copy. That two ads are \
             not linked says nothing."
        ),
    ),
    (
        word!("A copy does not say who made it."),
        word!(
            "Photos are stolen, bought as stock, and reposted by sites that copy other sites, with another phone number \
             beside them."
        ),
    ),
    (
        word!("Times and places are the ads' own."),
        word!(
            "They are shown as claimed, and a collection date is when somebody looked, not when the ad appeared."
        ),
    ),
    (
        word!("Only what was collected."),
        word!("Ads and photos that are not in the input, or were left out above, cannot be linked."),
    ),
];

fn limit_of(limit: &str, what: &Markup) -> Markup {
    html! { li { strong { (limit) " " } (what) } }
}

fn plain_pictures(figures: &Figures) -> Markup {
    let said = say!(
        "{images} of {all} hold too little detail (PDQ quality below 50) to be told apart: only identical files among them \
         are linked.",
        images = words::count(figures.images_too_plain, "image"),
        all = words::thousands(figures.images),
    );
    html! { (said) }
}

fn chance(joined: &Joined<'_>, figures: &Figures) -> Markup {
    let said = say!(
        "Among {pairs}, {expected} would be expected to be false, by their scores, the size of this collection, and how many \
         look-alikes were refused in it: the more, the more were taken. A pair that only follows from surer ones is not \
         counted again, so one accident may stand behind several pairs.",
        pairs = words::count(figures.pairs, "pair"),
        expected = expected(joined.findings.expected_false_pairs),
    );
    html! { (said) }
}

fn over_cap(pairs: usize) -> Markup {
    phrase!(
        "{pairs} of images in groups over the cap are not listed one by one; the groups are complete in {file}.",
        pairs = words::count(pairs, "pair"),
        file = html! { code { "photo_groups.csv" } },
    )
}

/// The other files of the result folder, and what they hold, in English.
const FILES: [(&str, &str); 9] = [
    (
        "pairs.csv",
        word!("every pair of images that show the same photo in different ads, with distance and tier"),
    ),
    (
        "links.csv, links.jsonl",
        word!("every pair of ads linked by a photo, for link charts and for programs, with the explanation"),
    ),
    ("networks.csv, networks.jsonl", word!("which ad is in which network, and each network summed up")),
    (
        "leads.csv",
        word!(
            "pairs of images of which parts agree and nothing proves that they show one photo; they link nothing"
        ),
    ),
    ("photo_groups.csv, common.csv", word!("which images show the same photo, and which photos are common")),
    ("timeline.csv", word!("every sighting in a linked ad, by time")),
    (
        "graph.graphml, graph.gexf",
        word!("the graph for Cytoscape, yEd, networkx and Gephi: the links that hold"),
    ),
    ("skipped.csv, run.json", word!("what was left out and why; parameters, counts and times of the run")),
    ("manifest-sha256.txt", word!("digests of these files and of every image, for sha256sum --check")),
];

fn method(about: &About<'_>) -> Markup {
    html! {
        p {
            (say!(
                "adlink {version} computed a PDQ hash of each image, searched all pairs exactly, verified each candidate, \
                 grouped images into photos and linked ads that show the same one. The same inputs and parameters give this \
                 file again, byte for byte.",
                version = about.version,
            ))
        }
        div.columns {
            div {
                h3 { (say!("Parameters")) }
                @if about.parameters.is_empty() { p.minor { (say!("None given.")) } }
                @else {
                    table.parameters { tbody {
                        @for (name, value) in about.parameters {
                            tr { th scope="row" { (visible(name)) } td { code { (shown(&plain(value))) } } }
                        }
                    } }
                }
            }
            div {
                h3 { (say!("The other files")) }
                dl.files { @for (name, what) in FILES { dt { code { (name) } } dd { (say(what)) } } }
            }
        }
    }
}

/// A JSON value without the quotes of a string.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}
