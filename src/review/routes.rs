//! What the desk answers to, and the checks before any of it.
//!
//! The trap: a route is safe only behind [`guarded`], which is put around everything once, at the outside.

use super::http::access::Door;
use super::http::guard::{self, MOST_UPLOADED};
use super::http::page;
use super::pages::{acts, foot, notes, views};
use super::state::desk::Desk;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware;
use axum::routing::{get, post};
use std::sync::Arc;

/// Bytes of a form.
pub(super) const MOST_OF_A_FORM: usize = 256 << 10;

/// Everything the desk answers to. Each request passes the same checks first: host, origin, reviewer, time.
pub fn router(desk: Arc<Desk>) -> Router {
    let door = desk.door().clone();
    guarded(entrance_routes(door.clone()).merge(routes(desk)), door)
}

/// The pages of a case, and what they send.
pub(super) fn routes(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(views::home))
        .route("/queue", get(views::queue))
        .route("/next", get(views::next))
        .route("/pair/{a}/{b}", get(views::pair))
        .route("/photo/{id}", get(views::photo).post(acts::decide_photo))
        .route("/next-photo", get(views::next_photo))
        .route("/networks", get(views::networks))
        .route("/network/{id}", get(views::network))
        .route("/network/{id}/note", post(notes::annotate))
        .route("/ads", get(views::ads))
        .route("/decisions", get(views::decisions))
        .route("/search", get(views::search))
        .route("/status", get(views::status))
        .route("/image/{id}", get(views::image))
        .route("/picture/{a}/{b}/{kind}", get(views::picture))
        .route("/decide", post(acts::decide))
        .route("/undo", post(acts::undo))
        .route("/reveal/{id}", post(acts::reveal_image))
        .route("/reveal/{a}/{b}/{kind}", post(acts::reveal))
        .route("/search/image", post(acts::search_image).layer(DefaultBodyLimit::max(MOST_UPLOADED)))
        .fallback(|| async { guard::NOT_HERE })
        .layer(DefaultBodyLimit::max(MOST_OF_A_FORM))
        .with_state(desk)
}

/// The way in, and what every page needs.
pub(super) fn entrance_routes(door: Arc<Door>) -> Router {
    let style = || async { ([(CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE) };
    let script = || async { ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], page::SCRIPT) };
    Router::new()
        // A look ahead, as browsers and mail programs take, must not use the address up.
        .route("/enter", get(views::enter).head(|| async { StatusCode::NO_CONTENT }))
        .route(page::STYLE_PATH, get(style))
        .route(page::SCRIPT_PATH, get(script))
        .route(page::LANGUAGE_PATH, post(foot::choose_language))
        .route(page::ICON_PATH, get(|| async { StatusCode::NO_CONTENT }))
        .with_state(door)
}

/// Nothing is answered before the checks are passed.
pub(super) fn guarded(router: Router, door: Arc<Door>) -> Router {
    router.layer(middleware::from_fn_with_state(door, guard::guard))
}
