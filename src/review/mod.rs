//! The review desk: pages on which reviewers judge pairs, served to a browser on the same machine.
//!
//! [`Desk`] holds the case and what is known; [`router`] answers requests; [`serve`] puts it on a socket. Pages are
//! whole documents and decisions plain forms: script adds keys, holding and blinking, and nothing depends on it but
//! those. The trap: no part of an address ever reaches the file system. Images are named by SHA-256, looked up in
//! the case, and read from where the case says they were.

mod http;
mod pages;
mod state;

pub use http::listen::serve;
pub use state::desk::Desk;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware;
use axum::routing::{get, post};
use http::{guard, page};
use pages::{acts, views};
use std::sync::Arc;

/// Bytes of an image that may be dropped on the search page.
pub const MOST_UPLOADED: usize = 32 << 20;

/// Bytes of a form.
const MOST_OF_A_FORM: usize = 256 << 10;

/// Everything the desk answers to. Each request passes the same checks first: host, origin, reviewer, time.
pub fn router(desk: Arc<Desk>) -> Router {
    let style = || async { ([(CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE) };
    let script = || async { ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], page::SCRIPT) };
    Router::new()
        .route("/", get(views::home))
        .route("/queue", get(views::queue))
        .route("/next", get(views::next))
        .route("/pair/{a}/{b}", get(views::pair))
        .route("/photo/{id}", get(views::photo).post(acts::decide_photo))
        .route("/networks", get(views::networks))
        .route("/network/{id}", get(views::network))
        .route("/search", get(views::search))
        .route("/status", get(views::status))
        .route("/image/{id}", get(views::image))
        .route("/picture/{a}/{b}/{kind}", get(views::picture))
        .route("/decide", post(acts::decide))
        .route("/undo", post(acts::undo))
        .route("/reveal/{id}", post(acts::reveal_image))
        .route("/reveal/{a}/{b}/{kind}", post(acts::reveal))
        .route("/search/image", post(acts::search_image).layer(DefaultBodyLimit::max(MOST_UPLOADED)))
        .route("/enter", get(views::enter))
        .route(page::STYLE_PATH, get(style))
        .route(page::SCRIPT_PATH, get(script))
        .route(page::ICON_PATH, get(|| async { StatusCode::NO_CONTENT }))
        .fallback(|| async { guard::NOT_HERE })
        .layer(DefaultBodyLimit::max(MOST_OF_A_FORM))
        .layer(middleware::from_fn_with_state(desk.door().clone(), guard::guard))
        .with_state(desk)
}
