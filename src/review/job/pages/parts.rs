//! What the pages of the whole job share: the frame, the fields of their forms, and how they refuse.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use maud::{Markup, html};
use std::path::Path;
use std::sync::Arc;

use crate::language::{Language, current, say, word};
use crate::report::visible;
use crate::review::http::access::{Session, Visit};
use crate::review::http::guard::Refusal;
use crate::review::http::page;
use crate::review::http::speech::carried;
use crate::review::job::workplace::{Occupied, Workplace};

/// The workplace, as axum hands it to a handler.
pub(super) type WorkplaceState = State<Arc<Workplace>>;

/// What a handler gives back.
pub(super) type WorkResult = Result<Response, Refusal>;

pub(super) const NOT_REACHED: Refusal = Refusal(
    StatusCode::NOT_FOUND,
    word!("This file or folder is not there, or not in a folder that the desk was started with (--root)."),
);
pub(super) const NO_CASE: Refusal = Refusal(StatusCode::CONFLICT, word!("Open a case first, or make one."));

impl From<Occupied> for Refusal {
    fn from(_: Occupied) -> Self {
        Self(StatusCode::CONFLICT, word!("Other work is going on. Wait until it is done, or stop it."))
    }
}

/// A page in the desk's frame.
pub(super) fn framed(place: &Workplace, visit: &Visit, title: &str, body: &Markup) -> Response {
    let country = place.country();
    Html(page::page(place.currency(), visit, &country, title, body).into_string()).into_response()
}

pub(super) fn to(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// The secret of the reviewer's forms.
pub(super) fn secret(session: &Session) -> Markup {
    html! { input type="hidden" name="form" value=(session.form()); }
}

/// A path for a form and for reading; of one that is no text the form gets what cannot be found.
pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A form of one button that sends one path.
pub(super) fn button(session: &Session, action: &str, path: &str, words: &str, first: bool) -> Markup {
    html! {
        form.inline method="post" action=(action) {
            (secret(session))
            input type="hidden" name="path" value=(path);
            button.first[first] aria-label=[(!path.is_empty()).then(|| say!("{button}: {path}", button = words, path = visible(path)))] { (words) }
        }
    }
}

/// A text of the program that has no translation, as that of an error: English on every page, and marked so.
pub(super) fn in_english(text: &str) -> Markup {
    let english = Language::English;
    let elsewhere = (current() != english).then_some(english.tag());
    html! { bdi lang=[elsewhere] { (visible(text)) } }
}

/// Work that reads the disk, off the threads that answer.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let failed =
        |_| Refusal(StatusCode::INTERNAL_SERVER_ERROR, word!("adlink failed here by a fault of its own."));
    tokio::task::spawn_blocking(carried(work)).await.map_err(failed)
}
