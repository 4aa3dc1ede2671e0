//! `POST /v1/decisions`: a reviewer's judgement, in the form in which decisions move between cases.
//!
//! The trap: whoever holds a token says who decided, as everywhere in adlink; which token it was stands beside it.

use crate::api::http::answer::{Answered, Problem, json_answer};
use crate::api::http::request::ApiRequest;
use crate::api::state::service::Service;
use crate::corpus::decision_from_line;
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// A time for the reader of decisions, which wants one; it is taken out again, and the case gives its own.
const NO_TIME: &str = "2000-01-01T00:00:00Z";

pub(crate) async fn post(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let mut fields = asked.object().await?;
    let timed = fields.get("at").is_some_and(|at| !at.is_null());
    if !timed {
        fields.insert("at".into(), NO_TIME.into());
    }
    let shown = fields.get("shown").and_then(Value::as_str).unwrap_or("unknown");
    let version = env!("CARGO_PKG_VERSION");
    let shown = format!("{shown}; by the service, {}, adlink {version}", asked.caller.0);
    fields.insert("shown".into(), shown.into());
    let decision = decision_from_line(&Value::Object(fields).to_string());
    let mut decision = decision.map_err(|why| Problem::bad("this is no decision").with(why))?;
    if !timed {
        decision.at = String::new();
    }
    let number = service
        .writer
        .act(&asked.caller, move |case| case.decide(&decision).map_err(|error| Problem::of(&error)))
        .await?;
    Ok(json_answer(StatusCode::CREATED, &json!({ "number": number })))
}
