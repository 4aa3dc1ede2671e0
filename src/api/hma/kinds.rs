//! `/c/signal_type`, `/c/content_type`, and the exchanges that adlink does not poll.

use super::status::kind_named;
use crate::api::http::answer::{Answered, Problem, ok};
use crate::api::http::request::ApiRequest;
use crate::api::state::banks::SignalKind;
use crate::api::state::service::Service;
use crate::api::v1::given::Given;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) async fn list(service: Arc<Service>, _: ApiRequest) -> Answered {
    let one = |kind: SignalKind| json!({ "name": kind.name(), "enabled_ratio": service.banks.ratio(kind) });
    ok(&SignalKind::ALL.into_iter().map(one).collect::<Value>())
}

pub(crate) async fn change(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let kind = kind_named(asked.param("name"))?;
    let mut given = Given::new(asked.object().await?);
    let ratio = given.share("enabled_ratio")?.ok_or_else(|| Problem::bad("`enabled_ratio` is missing"))?;
    let banks = service.banks.clone();
    let set = move |case: &mut crate::case::Case| {
        banks.set_ratio(case, kind, ratio).map_err(|error| Problem::of(&error))
    };
    service.writer.act(&asked.caller, set).await?;
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    Ok(answer)
}

pub(crate) async fn index(service: Arc<Service>, _: ApiRequest) -> Answered {
    let one = |kind: SignalKind| {
        let (size, changed) = (service.banks.size(kind), service.banks.changed_at());
        let at = if size > 0 { changed } else { -1 };
        let index = json!({
            "db_size": size,
            "index_size": size,
            "index_out_of_date": false,
            "newest_db_item": at,
            "index_built_to": at,
        });
        (kind.name().to_string(), index)
    };
    ok(&Value::Object(SignalKind::ALL.into_iter().map(one).collect::<Map<_, _>>()))
}

pub(crate) async fn contents(_: Arc<Service>, _: ApiRequest) -> Answered {
    ok(&json!([{ "name": "photo", "enabled": true }, { "name": "video", "enabled": true }]))
}

pub(crate) async fn exchanges(_: Arc<Service>, _: ApiRequest) -> Answered {
    let message = "adlink polls no exchange: read a list with `adlink bank import`";
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, message))
}
