//! What reviewers decided, and what became of it on these results.
//!
//! The trap: a decision names images, and the photo they show is that of these results; one on a pair names no photo.

use super::decision_bands::bands;
use super::long_tables::{LongTable, MOST_ROWS, OPEN_ROWS, more};
use super::text::shown;
use crate::language::{phrase, say};
use crate::link::{Effect, PhotoGroup};
use crate::record::{Decision, Ruling, Subject};
use crate::view::{Joined, ad_name, words};
use maud::{Markup, html};

pub(super) fn decisions(joined: &Joined<'_>) -> Markup {
    let made = &joined.snapshot.decisions;
    html! {
        p { (say!("Each was made by a person who is named, and holds until a later one on the same subject.")) }
        (table(joined))
        (more(made.len(), "decisions.csv"))
        (bands(joined))
    }
}

fn table(joined: &Joined<'_>) -> Markup {
    let head = html! {
        tr {
            th scope="col" { (say!("On")) } th scope="col" { (say!("Ruling")) } th scope="col" { (say!("By")) }
            th scope="col" { (say!("Reason")) } th scope="col" { (say!("Effect here")) }
        }
    };
    let made = joined.snapshot.decisions.iter().zip(&joined.findings.decisions);
    let rows = made.take(MOST_ROWS).map(|(decision, &effect)| row(joined, decision, effect)).collect();
    LongTable { caption: say!("Table of decisions"), class: None, head, rows, open: OPEN_ROWS }.show()
}

fn row(joined: &Joined<'_>, decision: &Decision, effect: Effect) -> Markup {
    html! {
        tr {
            th scope="row" { (subject(joined, decision)) }
            td { (ruling(decision)) }
            td { (shown(&decision.reviewer)) }
            td { (shown(&decision.reason)) }
            td { (became(joined, decision, effect)) }
        }
    }
}

/// A ruling in words; of a photo and of an ad it says another thing than of a pair.
fn ruling(decision: &Decision) -> &'static str {
    match (decision.ruling, &decision.subject) {
        (Ruling::Confirm, Subject::Pair(..)) => say!("the same photo"),
        (Ruling::Confirm, _) => say!("it counts"),
        (Ruling::Reject, Subject::Pair(..)) => say!("not the same photo"),
        (Ruling::Reject, _) => say!("not one photo"),
        (Ruling::Common, _) => say!("common"),
        (Ruling::Mirror, _) => say!("copied by a site"),
        (Ruling::Unsure, _) => say!("not settled"),
    }
}

fn subject(joined: &Joined<'_>, decision: &Decision) -> Markup {
    html! {
        @match &decision.subject {
            Subject::Pair(..) => { (say!("a pair of images")) }
            Subject::Photo(_) => {
                @match photo(joined, decision) {
                    Some(group) => { (phrase!("photo {id}", id = html! { code.id { (group.id) } })) }
                    None => { (say!("a photo")) }
                }
            }
            Subject::Ad(key) => { (phrase!("ad {name}", name = shown(&ad_name(key)))) }
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
    let effect_said = say(effect.words());
    let Some(group) = photo(joined, decision).filter(|_| effect == Effect::Applied) else {
        return effect_said.into();
    };
    let ads = words::count(group.ads.len(), "ad");
    match group.common {
        None => say!("{effect}: the photo is in {ads}, and its links count", effect = effect_said, ads = ads),
        Some(_) => {
            say!("{effect}: the photo is in {ads}, and it joins nobody", effect = effect_said, ads = ads)
        }
    }
}
