//! One picture, many contacts: what is neither a network nor a common photo, and what would settle it.
//!
//! The trap: words. That a picture goes with many contacts says nothing about whose it is; both answers stand open
//! until a person decides.

use super::long_tables::{LongTable, MOST_ROWS, OPEN_ROWS, and_more, example, more};
use super::text::{path, period, shown};
use crate::language::{phrase, say};
use crate::view::{Joined, ManyContacts, words};
use maud::{Markup, html};

/// Contacts and places named in a row.
const NAMED: usize = 6;

pub(super) fn many_contacts(joined: &Joined<'_>) -> Markup {
    let all = ManyContacts::of(joined);
    html! {
        @if all.is_empty() { p { (say!("No picture goes with many contacts and nothing else in common.")) } }
        @else {
            p {
                (phrase!(
                    "{pictures}: on several ads whose contacts differ, or are not given, and that share nothing else. Each may \
                     be one poster's who changes contacts, or a picture that many take from elsewhere, so by itself it joins no \
                     network and is not called common. Once it is settled: {confirm} or {common}.",
                    pictures = words::count(all.len(), "picture"),
                    confirm = html! { code { "adlink decide --photo ID confirm" } },
                    common = html! { code { "common" } },
                ))
            }
            (table(joined, &all))
            (more(all.len(), "many_contacts.csv"))
        }
    }
}

fn table(joined: &Joined<'_>, all: &[ManyContacts<'_>]) -> Markup {
    let head = html! {
        tr {
            th scope="col" { (say!("Photo")) } th.number scope="col" { (say!("Contacts")) }
            th.number scope="col" { (say!("Ads")) } th.number scope="col" { (say!("Sites")) }
            th scope="col" { (say!("Contacts, as given")) } th scope="col" { (say!("Places")) }
            th scope="col" { (say!("Seen")) } th scope="col" { (say!("An example")) }
            th scope="col" { (say!("What would settle it")) }
        }
    };
    let rows = all.iter().take(MOST_ROWS).map(|one| row(joined, one)).collect();
    let caption = say!("Table of pictures with many contacts");
    LongTable { caption, class: None, head, rows, open: OPEN_ROWS / 2 }.show()
}

fn row(joined: &Joined<'_>, one: &ManyContacts<'_>) -> Markup {
    html! {
        tr {
            th scope="row" { code.id { (one.id) } }
            td.number { (words::thousands(one.contacts.len())) }
            td.number { (words::thousands(one.ads.len())) }
            td.number { (words::thousands(one.sites.len())) }
            td { (first_of(one.contacts.iter().map(String::as_str))) }
            td { (first_of(one.places.iter().copied())) }
            td { @if let Some(period) = period(&one.first_seen, &one.last_seen) { (period) } }
            td { (path(example(joined, one.image))) }
            td { (shown(&one.would_settle(joined))) }
        }
    }
}

/// The first few, and how many more there are.
fn first_of<'t>(texts: impl ExactSizeIterator<Item = &'t str>) -> Markup {
    let more = texts.len().saturating_sub(NAMED);
    html! {
        @for (place, text) in texts.take(NAMED).enumerate() {
            @if place > 0 { " \u{b7} " }
            span.name { (shown(text)) }
        }
        @if more > 0 { (and_more(more)) }
    }
}
