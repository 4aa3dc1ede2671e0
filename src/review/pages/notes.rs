//! A network's name and its notes: how they are shown, and the forms that give one.
//!
//! The trap: what is written here may be as hostile as an ad; it goes through `shown` like anything else.

use maud::{Markup, html};

use crate::corpus::NoteKind;
use crate::link::Network;
use crate::report::{moment, shown};
use crate::review::http::access::Session;
use crate::review::state::model::CaseState;
use crate::view::PlacedNote;

/// The forms of a network, and what was noted of it, the latest first.
pub(crate) fn notes(case: &CaseState<'_>, session: &Session, network: &Network) -> Markup {
    let notes = case.notes();
    let action = format!("/network/{}/note", network.id);
    html! {
        form.noting method="post" action=(action) {
            input type="hidden" name="form" value=(session.form());
            input type="hidden" name="kind" value=(NoteKind::Name.name());
            label { span { "Name of its own" } input name="text" maxlength="120" autocomplete="off" value=(notes.name(network).unwrap_or_default()); }
            button { "Save the name" }
        }
        form.noting method="post" action=(action) {
            input type="hidden" name="form" value=(session.form());
            input type="hidden" name="kind" value=(NoteKind::Note.name());
            label { span { "Note" } textarea name="text" maxlength="4000" rows="3" required {} }
            button { "Add the note" }
        }
        p.minor { "Kept in the case with your name and the time. Nothing is changed later, only followed by another; an empty name takes the name back." }
        @let given = notes.of(network);
        @if !given.is_empty() { (list(given.iter().rev())) }
    }
}

/// Names and notes, each with who gave it, when, and what changed since.
pub(crate) fn list<'n>(notes: impl Iterator<Item = &'n PlacedNote>) -> Markup {
    html! {
        ul.notes { @for placed in notes { li {
            @match placed.note.kind {
                NoteKind::Name if placed.note.text.is_empty() => p { "The name was taken back." },
                NoteKind::Name => p { "Named " strong { (shown(&placed.note.text)) } "." },
                NoteKind::Note => { @for line in placed.note.text.lines() { p { (shown(line)) } } },
            }
            p.minor { (shown(&placed.note.reviewer)) ", " (moment(&placed.note.at)) @if let Some(change) = placed.change() { " \u{b7} " (change) } }
        } } }
    }
}

/// What was given to networks that no longer exist as such.
pub(crate) fn gone(case: &CaseState<'_>) -> Markup {
    let notes = case.notes();
    html! {
        @if notes.gone().next().is_some() {
            section aria-labelledby="gone-title" {
                h2 #gone-title { "Names and notes of networks that are no more" }
                p.minor { "Decisions or new ads took these networks apart: none has more than half of the ads that the note was given to." }
                (list(notes.gone()))
            }
        }
    }
}
