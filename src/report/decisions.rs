//! What reviewers decided, and what became of it on these results.
//!
//! The trap: a decision names images, and the photo they show is that of these results; one on a pair names no photo.

use super::decision_bands::bands;
use super::long_tables::{MOST_ROWS, more};
use super::text::shown;
use crate::link::{Effect, PhotoGroup};
use crate::record::{Decision, Subject};
use crate::view::{Joined, ad_name, words};
use maud::{Markup, html};

pub(super) fn decisions(joined: &Joined<'_>) -> Markup {
    let made = &joined.snapshot.decisions;
    html! {
        p { "Each was made by a person who is named, and holds until a later one on the same subject." }
        section.scroll tabindex="0" aria-label="Table of decisions" {
            table {
                thead { tr {
                    th scope="col" { "On" } th scope="col" { "Ruling" } th scope="col" { "By" } th scope="col" { "Reason" }
                    th scope="col" { "Effect here" }
                } }
                tbody {
                    @for (decision, effect) in made.iter().zip(&joined.findings.decisions).take(MOST_ROWS) {
                        tr {
                            th scope="row" { (subject(joined, decision)) }
                            td { (decision.ruling.name()) }
                            td { (shown(&decision.reviewer)) }
                            td { (shown(&decision.reason)) }
                            td { (became(joined, decision, *effect)) }
                        }
                    }
                }
            }
        }
        (more(made.len(), "decisions.csv"))
        (bands(joined))
    }
}

fn subject(joined: &Joined<'_>, decision: &Decision) -> Markup {
    html! {
        @match &decision.subject {
            Subject::Pair(..) => { "a pair of images" }
            Subject::Photo(_) => {
                @match photo(joined, decision) {
                    Some(group) => { "photo " code.id { (group.id) } }
                    None => { "a photo" }
                }
            }
            Subject::Ad(key) => { "ad " (shown(&ad_name(key))) }
        }
    }
}

/// The photo of these results that shows what a decision names.
fn photo<'j>(joined: &Joined<'j>, decision: &Decision) -> Option<&'j PhotoGroup> {
    let Subject::Photo(named) = &decision.subject else { return None };
    let rows = named.iter().filter_map(|id| joined.snapshot.image_row(id));
    let groups = rows.flat_map(|row| joined.groups_of_image(row));
    groups.min().map(|&group| &joined.findings.groups[group])
}

fn became(joined: &Joined<'_>, decision: &Decision, effect: Effect) -> String {
    let state = photo(joined, decision).filter(|_| effect == Effect::Applied).map(|group| {
        let joins = if group.common.is_none() { "its links count" } else { "it joins nobody" };
        format!(": the photo is in {}, and {joins}", words::count(group.ads.len(), "ad"))
    });
    format!("{}{}", effect.words(), state.unwrap_or_default())
}
