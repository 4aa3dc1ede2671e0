//! `/status` and how current the index is. It always is, as long as the writer lives: what was added is in it before the
//! answer.

use crate::api::health::ServiceState;
use crate::api::http::answer::{Answered, Problem, ok, text_answer};
use crate::api::http::request::ApiRequest;
use crate::api::state::banks::SignalKind;
use crate::api::state::service::Service;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const ALIVE: &str = "I-AM-ALIVE";

pub(crate) async fn live(_: Arc<Service>, _: ApiRequest) -> Answered {
    Ok(text_answer(StatusCode::OK, ALIVE))
}

/// Indexes are loaded before the socket is opened; without a writer they are as old as its last word. The words are
/// HMA's.
pub(crate) async fn status(service: Arc<Service>, _: ApiRequest) -> Answered {
    Ok(match ServiceState::of(&service) {
        ServiceState::Ready => text_answer(StatusCode::OK, ALIVE),
        ServiceState::WriterGone => text_answer(StatusCode::SERVICE_UNAVAILABLE, "INDEX-STALE"),
        ServiceState::LogLost => text_answer(StatusCode::SERVICE_UNAVAILABLE, "LOG-LOST"),
        ServiceState::TokensLost => text_answer(StatusCode::SERVICE_UNAVAILABLE, "TOKENS-LOST"),
    })
}

pub(crate) async fn index(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let wanted = match asked.query("signal_type") {
        None => SignalKind::ALL.to_vec(),
        Some(name) => vec![kind_named(name)?],
    };
    let one = |kind: SignalKind| {
        let size = service.banks.size(kind);
        let present = size > 0;
        let built = if present { service.banks.changed_at() } else { -1 };
        (kind.name().to_string(), json!({ "present": present, "built_to": built, "size": size }))
    };
    ok(&Value::Object(wanted.into_iter().map(one).collect::<Map<_, _>>()))
}

/// The kind of hash of a name.
pub(crate) fn kind_named(name: &str) -> Result<SignalKind, Problem> {
    SignalKind::from_name(name).ok_or_else(|| {
        let known = SignalKind::ALL.map(SignalKind::name).join(", ");
        Problem::bad("no such signal type").with(format!("known are {known}"))
    })
}
