//! What reviewers call a network, and what they noted of it.
//!
//! The trap: a note was given to the ads that the network had then; what became of them since is said with it. A name
//! stands behind the number and never for it, as the number is what tables and other pages know.

use super::Ranked;
use super::text::{date, shown};
use crate::corpus::NoteKind;
use crate::language::say;
use crate::view::{PlacedNote, words};
use maud::{Markup, html};

/// The name that a network was given.
pub(super) fn given_name(entry: &Ranked<'_>) -> Markup {
    html! { @if let Some(name) = &entry.given { " " span.given { (shown(name)) } } }
}

/// How much of notes is told.
#[derive(Clone, Copy)]
pub(super) struct NoteRoom {
    notes: usize,
    letters: usize,
}

impl NoteRoom {
    /// In the report: nearly always all.
    pub(super) const REPORT: Self = Self { notes: 20, letters: 4000 };
    /// On one page.
    pub(super) const BRIEF: Self = Self { notes: 2, letters: 240 };
}

/// What was noted of a network; `heading` stands above it where there is anything.
pub(super) fn notes(entry: &Ranked<'_>, heading: &Markup, room: NoteRoom) -> Markup {
    let notes: Vec<&PlacedNote> =
        entry.notes.iter().filter(|placed| placed.note.kind == NoteKind::Note).collect();
    html! {
        @if !notes.is_empty() {
            (heading)
            ul.reasons { @for placed in notes.iter().take(room.notes) { li { (told(placed, room)) } } }
            @if notes.len() > room.notes { p.minor { (say!("{notes} more at the review desk.", notes = words::thousands(notes.len() - room.notes))) } }
        }
    }
}

fn told(placed: &PlacedNote, room: NoteRoom) -> Markup {
    let note = &placed.note;
    let text: String = note.text.chars().take(room.letters).collect();
    html! {
        @for (place, line) in text.lines().enumerate() { @if place > 0 { br; } (shown(line)) }
        @if text.len() < note.text.len() { "\u{2026}" }
        " " span.minor {
            (shown(&note.reviewer)) ", " (date(&note.at))
            @if let Some(change) = placed.change() { "; " (change) }
        }
    }
}
