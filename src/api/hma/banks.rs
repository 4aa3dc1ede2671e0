//! `/c/banks` and `/c/bank/NAME`.

use crate::api::http::answer::{Answered, Problem, json_answer, ok};
use crate::api::http::request::ApiRequest;
use crate::api::state::service::Service;
use crate::api::v1::given::Given;
use crate::bank::{Bank, BankChange, BankKind, NewBank};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// A bank as clients of HMA know it.
pub(crate) fn bank_json(bank: &Bank) -> Value {
    json!({ "name": bank.name(), "matching_enabled_ratio": bank.facts.ratio })
}

/// A name that is taken is 403 there.
fn as_there(mut problem: Problem) -> Problem {
    if problem.status == StatusCode::CONFLICT {
        problem.status = StatusCode::FORBIDDEN;
    }
    problem
}

/// The share of look-ups that a bank is to answer; on or off is 1 or 0.
fn ratio(given: &mut Given) -> Result<Option<f64>, Problem> {
    let (ratio, enabled) = (given.share("enabled_ratio")?, given.switch("enabled")?);
    Ok(ratio.or(enabled.map(f64::from)))
}

pub(crate) async fn list(service: Arc<Service>, _: ApiRequest) -> Answered {
    let banks = service.ask(|_, case| case.banks()).await?;
    ok(&banks.iter().map(bank_json).collect::<Value>())
}

pub(crate) async fn create(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let mut given = Given::new(asked.object().await?);
    let name = given.needed("name")?;
    let ratio = ratio(&mut given)?.unwrap_or(1.0);
    let new = NewBank { ratio, ..NewBank::named(name, BankKind::Known) };
    let bank = service.create_bank(&asked.caller, new).await.map_err(as_there)?;
    Ok(json_answer(StatusCode::CREATED, &bank_json(&bank)))
}

pub(crate) async fn get(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let name = asked.param("name").to_string();
    let bank = service.ask(move |_, case| case.bank(&name)).await?;
    ok(&bank_json(&bank.ok_or_else(Problem::no_bank)?))
}

pub(crate) async fn change(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let mut given = Given::new(asked.object().await?);
    let change = BankChange { name: given.text("name")?, ratio: ratio(&mut given)?, ..BankChange::default() };
    let bank = service.change_bank(&asked.caller, asked.param("name"), change).await.map_err(as_there)?;
    ok(&bank_json(&bank))
}

pub(crate) async fn remove(service: Arc<Service>, asked: ApiRequest) -> Answered {
    service.remove_bank(&asked.caller, asked.param("name")).await?;
    ok(&json!({ "message": "Done" }))
}
