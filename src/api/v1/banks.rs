//! `/v1/banks`: named lists of hashes, made, changed, looked at and removed.
//!
//! The index is told in the same turn of the writer as the case, so a look-up after the answer sees the change.

use super::given::Given;
use crate::api::http::answer::{Answered, Problem, json_answer, ok};
use crate::api::http::request::ApiRequest;
use crate::api::state::service::Service;
use crate::bank::{Bank, BankChange, BankKind, BankVersion, NewBank};
use crate::codes::NamedCode;
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// All that is said of a bank.
pub(crate) fn bank_json(bank: &Bank) -> Value {
    json!({
        "name": bank.name(),
        "kind": bank.facts.kind.name(),
        "source": bank.facts.source,
        "handling": bank.facts.handling,
        "expires": bank.facts.expires,
        "ratio": bank.facts.ratio,
        "version": bank.version,
    })
}

fn kind(given: &mut Given) -> Result<Option<BankKind>, Problem> {
    let kind = |name: String| {
        let names = || BankKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        BankKind::from_name(&name)
            .ok_or_else(|| Problem::bad("`kind` is not known").with(format!("known are {}", names())))
    };
    given.text("kind")?.map(kind).transpose()
}

pub(crate) async fn list(service: Arc<Service>, _: ApiRequest) -> Answered {
    let banks = service.ask(|_, case| case.banks()).await?;
    ok(&json!({ "banks": banks.iter().map(bank_json).collect::<Vec<_>>() }))
}

pub(crate) async fn get(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let name = asked.param("name").to_string();
    let found = service
        .ask(move |_, case| case.bank(&name)?.map(|bank| Ok((case.count_entries(&bank)?, bank))).transpose());
    let (entries, bank) = found.await?.ok_or_else(Problem::no_bank)?;
    let mut answer = bank_json(&bank);
    answer["entries"] = entries.into();
    ok(&answer)
}

pub(crate) async fn create(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let mut given = Given::new(asked.object().await?);
    let name = given.needed("name")?;
    let kind = kind(&mut given)?.unwrap_or(BankKind::Known);
    let new = NewBank {
        source: given.text("source")?.unwrap_or_default(),
        handling: given.text("handling")?.unwrap_or_default(),
        expires: given.text("expires")?.unwrap_or_default(),
        ratio: given.share("ratio")?.unwrap_or(1.0),
        ..NewBank::named(name, kind)
    };
    given.finish()?;
    let bank = service.create_bank(&asked.caller, new).await?;
    Ok(json_answer(StatusCode::CREATED, &bank_json(&bank)))
}

pub(crate) async fn change(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let mut given = Given::new(asked.object().await?);
    let change = BankChange {
        name: given.text("name")?,
        kind: kind(&mut given)?,
        source: given.text("source")?,
        handling: given.text("handling")?,
        expires: given.text("expires")?,
        ratio: given.share("ratio")?,
    };
    given.finish()?;
    let bank = service.change_bank(&asked.caller, asked.param("name"), change).await?;
    ok(&bank_json(&bank))
}

pub(crate) async fn remove(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let removed = service.remove_bank(&asked.caller, asked.param("name")).await?;
    if removed { ok(&json!({ "removed": true })) } else { Err(Problem::no_bank()) }
}

pub(crate) async fn history(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let name = asked.param("name").to_string();
    let history = service.ask(move |_, case| case.bank_history(&name)).await?;
    if history.is_empty() {
        return Err(Problem::no_bank());
    }
    ok(&json!({ "versions": history.iter().map(version_json).collect::<Vec<_>>() }))
}

fn version_json(version: &BankVersion) -> Value {
    json!({
        "name": version.name,
        "version": version.version,
        "at": version.at,
        "by": version.by,
        "action": version.action,
        "added": version.entries.added,
        "removed": version.entries.removed,
        "changed": version.entries.changed,
    })
}
