//! What a workplace answers to: its own pages, and through them those of the desk when a case is open.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;

use super::pages::{choose, hand_out, work};
use super::workplace::Workplace;
use crate::review::routes::{MOST_OF_A_FORM, entrance_routes, guarded};

/// Bytes of a list that may be dropped on the page.
const MOST_OF_A_LIST: usize = 16 << 20;

/// Everything a workplace answers to, behind the same checks as the desk.
pub fn workplace_router(place: Arc<Workplace>) -> Router {
    let door = place.door().clone();
    let own = Router::new()
        .route("/start", get(choose::start))
        .route("/start/folder", get(choose::folder))
        .route("/start/case", post(choose::case))
        .route("/start/close", post(choose::close))
        .route("/start/add", post(choose::add))
        .route("/start/remove", post(choose::remove))
        .route("/start/images", post(choose::images))
        .route("/start/list", post(choose::list).layer(DefaultBodyLimit::max(MOST_OF_A_LIST)))
        .route("/start/check", get(work::check).post(work::mapping))
        .route("/start/run", post(work::run))
        .route("/start/stop", post(work::stop))
        .route("/start/progress", get(work::progress))
        .route("/start/state", get(work::state))
        .route("/hand-out", get(hand_out::page))
        .route("/hand-out/report", post(hand_out::report))
        .route("/hand-out/export", post(hand_out::export))
        .route("/hand-out/withdraw", post(hand_out::withdraw))
        .fallback(to_desk)
        .layer(DefaultBodyLimit::max(MOST_OF_A_FORM))
        .with_state(place);
    guarded(entrance_routes(door.clone()).merge(own), door)
}

/// Whatever else is asked for is the desk's business; without a case all begins with choosing one.
async fn to_desk(State(place): State<Arc<Workplace>>, request: Request) -> Response {
    let Some(open) = place.open_case() else {
        let to = if place.is_busy() { "/start/progress" } else { "/start" };
        return Redirect::to(to).into_response();
    };
    match TowerToHyperService::new(open.routes()).call(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}
