//! `GET /v1/networks/ID`: the ads of a network, as the last run of linking reported it.
//!
//! The service links nothing: a run (`adlink link`, `adlink report`) is noted in the case, and what it found is told from
//! there. The trap: ads that came since are in no network, however many photos they share; `/v1/match` finds those.

use super::ad_key::key_json;
use crate::api::http::answer::{Answered, Problem, ok};
use crate::api::http::request::ApiRequest;
use crate::api::state::service::Service;
use crate::case::Case;
use crate::corpus::{ShortId, short_id};
use crate::error::Result;
use crate::record::{AdKey, hex};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const NO_RUN: &str = "no run of linking is noted in this case yet";
const NO_NETWORK: &str = "there is no such network in the last run";

pub(crate) async fn get(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let wanted = asked.param("id").to_string();
    let found = service.ask(move |service, case| network(service, case, &wanted)).await?;
    ok(&found.map_err(Problem::missing)?)
}

/// A network, or why there is none.
fn network(service: &Service, case: &Case, wanted: &str) -> Result<Result<Value, &'static str>> {
    let runs = case.runs()?;
    if runs == 0 {
        return Ok(Err(NO_RUN));
    }
    let known = case.network_numbers()?;
    let by_number = wanted
        .parse::<u32>()
        .ok()
        .and_then(|number| known.numbers.iter().find(|(_, has)| **has == number).map(|(id, _)| *id));
    let Some(id) = by_number.or_else(|| of_text(wanted)) else { return Ok(Err(NO_NETWORK)) };
    // By the ids of the ads, so in order.
    let members = known.members.iter().filter(|(_, network)| **network == id);
    let members: Vec<ShortId> = members.map(|(ad, _)| *ad).collect();
    if members.is_empty() {
        return Ok(Err(NO_NETWORK));
    }
    let keys = service.search.keys(case, &members)?;
    let by_id: BTreeMap<ShortId, &AdKey> = keys.iter().map(|key| (short_id(&[key]), key)).collect();
    let links = case
        .reported(runs)?
        .links
        .into_iter()
        .filter_map(|(_, [a, b])| Some(json!([by_id.get(&a)?.to_string(), by_id.get(&b)?.to_string()])));
    Ok(Ok(json!({
        "id": format!("n-{}", hex(&id)),
        "number": known.numbers.get(&id),
        "run": runs,
        "as_of": "the last run of linking; ads that came since are in no network",
        "ads": keys.iter().map(key_json).collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
    })))
}

/// `n-` and 16 hex digits.
fn of_text(text: &str) -> Option<ShortId> {
    let digits = text.strip_prefix("n-").filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok().map(u64::to_be_bytes)
}
