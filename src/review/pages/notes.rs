//! A network's name and its notes: how they are shown, and what gives one.
//!
//! The trap: a note is bound to the ads that the network has when it is given; where decisions changed the network
//! since the page was made, it is for the network as it is now, under the id the page had.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use super::saving::blocking;
use super::{DeskState, PageResult};
use crate::corpus::{NetworkNote, NoteKind, short_id};
use crate::language::{phrase, say, word};
use crate::link::Network;
use crate::report::{moment, shown};
use crate::review::http::access::Session;
use crate::review::http::guard::{FormFields, NOT_HERE, Refusal};
use crate::review::state::model::CaseState;
use crate::view::PlacedNote;

const EMPTY: Refusal =
    Refusal(StatusCode::UNPROCESSABLE_ENTITY, word!("Nothing was saved: the note is empty."));

/// The forms of a network, and what was noted of it, the latest first.
pub(crate) fn notes(case: &CaseState<'_>, session: &Session, network: &Network) -> Markup {
    let notes = case.notes();
    let action = format!("/network/{}/note", network.id);
    html! {
        form.noting method="post" action=(action) {
            input type="hidden" name="form" value=(session.form());
            input type="hidden" name="kind" value=(NoteKind::Name.name());
            label { span { (say!("Name of its own")) } input name="text" maxlength="120" autocomplete="off" value=(notes.name(network).unwrap_or_default()); }
            button { (say!("Save the name")) }
        }
        form.noting method="post" action=(action) {
            input type="hidden" name="form" value=(session.form());
            input type="hidden" name="kind" value=(NoteKind::Note.name());
            label { span { (say!("Note")) } textarea name="text" maxlength="4000" rows="3" required {} }
            button { (say!("Add the note")) }
        }
        p.minor { (say!("Kept in the case with your name and the time. Nothing is changed later, only followed by another; an empty name takes the name back.")) }
        @let given = notes.of(network);
        @if !given.is_empty() { (list(given.iter().rev())) }
    }
}

/// Names and notes, each with who gave it, when, and what changed since.
pub(crate) fn list<'n>(notes: impl Iterator<Item = &'n PlacedNote>) -> Markup {
    html! {
        ul.notes { @for placed in notes { li {
            @match placed.note.kind {
                NoteKind::Name if placed.note.text.is_empty() => p { (say!("The name was taken back.")) },
                NoteKind::Name => p { (phrase!("Named {name}.", name = html! { strong { (shown(&placed.note.text)) } })) },
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
                h2 #gone-title { (say!("Names and notes of networks that are no more")) }
                p.minor { (say!("Decisions or new ads took these networks apart: none has more than half of the ads that the note was given to.")) }
                (list(notes.gone()))
            }
        }
    }
}

/// The name that a network goes by, in quotes behind its number; nothing where it has none.
pub(crate) fn own_name(case: &CaseState<'_>, network: &Network) -> Markup {
    html! { @if let Some(name) = case.notes().name(network) { " " span.own-name { (quoted(name)) } } }
}

fn quoted(name: &str) -> Markup {
    phrase!("“{name}”", name = shown(name))
}

/// What a kind of note is called.
pub(crate) fn kind_words(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Name => say!("name"),
        NoteKind::Note => say!("note"),
    }
}

/// Gives the network a name or a note.
pub(crate) async fn annotate(
    State(desk): DeskState,
    Path(id): Path<String>,
    fields: FormFields,
) -> PageResult {
    let kind = NoteKind::from_name(fields.one("kind")).ok_or(NOT_HERE)?;
    let text = fields.one("text").trim().to_string();
    if kind == NoteKind::Note && text.is_empty() {
        return Err(EMPTY);
    }
    let (asked, reviewer) = (id.clone(), fields.session.reviewer.clone());
    let note = desk
        .model()
        .ask(move |case| {
            let network = case.network(&asked)?.network;
            let ads = network.ads.iter().map(|&ad| short_id(&[&case.joined.ad(ad).key])).collect();
            Some(NetworkNote { kind, text, reviewer, at: String::new(), network: network.number, ads })
        })
        .await?
        .ok_or(NOT_HERE)?;
    let noting = desk.clone();
    blocking(move || noting.annotate(&note)).await?;
    Ok(Redirect::to(&format!("/network/{id}?said={}#notes", kind.name())).into_response())
}
