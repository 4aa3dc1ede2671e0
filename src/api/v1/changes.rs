//! `GET /v1/changes?since=N`: what happened to the case, in order: for partners and caches that follow it, and for webhooks.
//!
//! The feed is the audit chain, so no change can be missing from it. The trap: the chain says more than partners have to
//! know (paths, command lines); of entries that are not listed here only the action and the time come out.

use super::ad_key::key_json;
use super::given::Given;
use crate::api::http::answer::{Answered, ok};
use crate::api::http::request::ApiRequest;
use crate::api::state::service::Service;
use crate::case::{AuditEntry, Case};
use crate::error::Result;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Changes that one answer holds, unless a request wants other.
const USUAL: u64 = 100;
const MOST: u64 = 1000;

/// Actions whose details come out as they are.
const TOLD: [&str; 3] = ["decision", "feedback", "set"];

pub(crate) async fn get(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let mut given = Given::new(Map::new());
    for (name, value) in asked.queries() {
        given.add(name, value)?;
    }
    let since = given.number("since", 0, i64::MAX as u64)?.unwrap_or(0);
    let limit = given.number("limit", 1, MOST)?.unwrap_or(USUAL);
    given.finish()?;
    let page = service.ask(move |_, case| page(case, since, limit as usize)).await?;
    ok(&page.json())
}

/// Part of the feed.
pub(crate) struct ChangePage {
    pub(crate) changes: Vec<Value>,
    /// Where the next part begins.
    pub(crate) next: u64,
    /// Whether there may be a next part already.
    pub(crate) more: bool,
}

impl ChangePage {
    pub(crate) fn json(self) -> Value {
        json!({ "changes": self.changes, "next": self.next, "more": self.more })
    }
}

/// What happened after change `since`, at most so many.
pub(crate) fn page(case: &Case, since: u64, limit: usize) -> Result<ChangePage> {
    let entries = case.audit_after(since, limit)?;
    let next = entries.last().map_or(since, |entry| entry.number);
    let changes = entries.iter().map(|entry| change(case, entry)).collect::<Result<_>>()?;
    Ok(ChangePage { changes, next, more: entries.len() == limit })
}

fn change(case: &Case, entry: &AuditEntry) -> Result<Value> {
    let action = entry.action.as_str();
    let detail = if action == "post-ads" {
        posted(case, &entry.detail)?
    } else if TOLD.contains(&action) || action.starts_with("bank-") && !action.contains("import") {
        entry.detail.clone()
    } else {
        Value::Null
    };
    Ok(json!({ "number": entry.number, "at": entry.at, "action": action, "detail": detail }))
}

/// Which ads were posted; those that were withdrawn since are not told.
fn posted(case: &Case, detail: &Value) -> Result<Value> {
    let records = detail["records"].as_array().into_iter().flatten().filter_map(Value::as_i64);
    let keys = case.keys_of_records(&records.collect::<Vec<_>>())?;
    let ads = keys.iter().map(key_json);
    Ok(json!({ "ads": ads.collect::<Vec<_>>(), "tokens": detail["tokens"] }))
}
