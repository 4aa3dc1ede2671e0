//! Pages, and the requests that change something.

pub(crate) mod acts;
pub(crate) mod ads;
pub(crate) mod find;
pub(crate) mod foot;
mod laying;
pub(crate) mod lists;
mod map;
pub(crate) mod network;
pub(crate) mod notes;
pub(crate) mod pair;
pub(crate) mod parts;
pub(crate) mod photo;
mod saving;
pub(crate) mod views;

use super::http::guard::Refusal;
use super::state::desk::Desk;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;

/// What a handler gives back.
type PageResult = Result<Response, Refusal>;

/// The desk, as axum hands it to a handler.
type DeskState = State<Arc<Desk>>;
