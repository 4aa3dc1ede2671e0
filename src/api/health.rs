//! Is it there, is it ready, how is it doing, what does it answer to.

use super::http::answer::{Answered, json_answer, ok, text_answer, typed};
use super::http::request::ApiRequest;
use super::state::service::Service;
use axum::http::StatusCode;
use serde_json::json;
use std::sync::Arc;

/// The OpenAPI document, as it is committed.
pub(crate) const OPENAPI: &str = include_str!("../../docs/openapi.json");

pub(crate) async fn healthz(_: Arc<Service>, _: ApiRequest) -> Answered {
    ok(&json!({ "status": "alive" }))
}

/// What the service can do now. Indexes are read before the socket is opened, so it is ready from the first answer on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceState {
    Ready,
    /// Look-ups are answered from what there was; nothing new comes in.
    WriterGone,
    /// The file of tokens is gone or damaged.
    TokensLost,
    /// What look-ups reveal cannot be written down.
    LogLost,
}

impl ServiceState {
    pub(crate) fn of(service: &Service) -> Self {
        if !service.writer.is_alive() {
            Self::WriterGone
        } else if service.gate.lost().is_some() {
            Self::TokensLost
        } else if service.disclosures.is_failing() {
            Self::LogLost
        } else {
            Self::Ready
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::WriterGone => "the case is not written to any more: start the service again",
            Self::LogLost => "the log of what look-ups reveal cannot be written: make room for it",
            Self::TokensLost => "the file of tokens is gone or damaged: restore it",
        }
    }
}

pub(crate) async fn readyz(service: Arc<Service>, _: ApiRequest) -> Answered {
    let state = ServiceState::of(&service);
    let status = if state == ServiceState::Ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(json_answer(status, &json!({ "status": state.name(), "parts": service.search.finds_parts() })))
}

pub(crate) async fn openapi(_: Arc<Service>, _: ApiRequest) -> Answered {
    Ok(typed(StatusCode::OK, "application/json", OPENAPI.into()))
}

pub(crate) async fn metrics(service: Arc<Service>, _: ApiRequest) -> Answered {
    let (delivered, failed) = service.webhooks.deliveries();
    let gauges = [
        ("ads", "Ads held.", service.search.ads() as u64),
        ("photo_hashes", "Hashes of posts that are looked through.", service.search.len() as u64),
        ("bank_hashes", "Hashes of banks that are looked through.", service.banks.index.len() as u64),
        ("work_under_way", "Pieces of work at hand or waiting.", service.pool.under_way() as u64),
        ("turned_away_total", "Requests told to come again.", service.pool.turned_away()),
        ("commits_total", "Transactions written.", service.writer.commits()),
        ("webhook_deliveries_total", "Deliveries to webhooks that were taken.", delivered),
        ("webhook_failures_total", "Deliveries to webhooks that were not taken.", failed),
    ];
    let counted = service.metrics.get().map(|metrics| metrics.text(&gauges));
    Ok(text_answer(StatusCode::OK, counted.unwrap_or_default()))
}
