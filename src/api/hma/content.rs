//! `/c/bank/NAME/content` and `/c/bank/NAME/signal`: entries, from files and from hashes.
//!
//! The trap: HMA calls by "signals" what is matched, so a picture too plain to match has none; its digests are kept all the
//! same, and the very file is found.

use super::banks::bank_json;
use super::hashing::{HashedFile, REASON, hashed, no_fetching, one_file};
use super::status::kind_named;
use crate::api::http::answer::{Answered, Problem, json_answer, ok};
use crate::api::http::request::ApiRequest;
use crate::api::state::banks::{SignalKind, is_video};
use crate::api::state::service::Service;
use crate::api::v1::entries::bytes;
use crate::api::v1::given::Given;
use crate::api::v1::query::hash;
use crate::bank::{Bank, BankEntry, DisableUntil, EntryChange, EntryId, NewEntry};
use crate::hash::Quality;
use crate::record::hex;
use axum::http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What is matched of an entry.
fn signals(entry: &NewEntry) -> Map<String, Value> {
    let plain = entry.quality.is_some_and(|quality| quality < Quality::USABLE);
    let mut signals = Map::new();
    if let Some(pdq) = entry.pdq.filter(|_| !plain) {
        signals.insert(SignalKind::Pdq.name().into(), pdq.to_string().into());
    }
    if let Some(md5) = entry.md5.filter(|_| is_video(entry)) {
        signals.insert(SignalKind::VideoMd5.name().into(), hex(&md5).into());
    }
    signals
}

fn added(entry: &BankEntry) -> Value {
    json!({ "id": entry.id.0, "signals": signals(&entry.content) })
}

/// Adds what clients of HMA say beside a file or hash.
fn noted(entry: &mut NewEntry, note: Option<String>) -> Result<(), Problem> {
    entry.note = note.unwrap_or_default();
    entry.check().map_err(|error| Problem::of(&error))
}

pub(crate) async fn add_file(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let bank = asked.param("name").to_string();
    if let Some(address) = asked.query("url") {
        return Err(no_fetching(address));
    }
    let (sent, fields) = one_file(&mut asked).await?;
    let (mut note, mut metadata) = (None, None);
    for (name, value) in fields {
        match name.as_str() {
            "note" => note = Some(value),
            "metadata" => metadata = Some(value),
            _ => {}
        }
    }
    let mut said = NewEntry::default();
    if let Some(text) = metadata {
        described(&mut said, &text)?;
    }
    let known = bank.clone();
    if service.ask(move |_, case| case.bank(&known)).await?.is_none() {
        return Err(Problem::no_bank());
    }
    let hashed = hashed(&service, sent).await?;
    let NewEntry { outside_id, uri, metadata, .. } = said;
    let file = match &hashed {
        HashedFile::VideoMd5(md5) => NewEntry { md5: Some(*md5), ..NewEntry::default() },
        HashedFile::Picture(image) => NewEntry::of_image(image),
    };
    let mut entry = NewEntry { outside_id, uri, metadata, ..file };
    noted(&mut entry, note)?;
    let entry = service.add_entry(&asked.caller, &bank, entry).await?;
    let mut answer = json_answer(StatusCode::OK, &added(&entry));
    if hashed.is_plain() {
        let why = HeaderValue::from_static("PDQ quality is under 50: only the very file will match");
        answer.headers_mut().insert(REASON, why);
    }
    Ok(answer)
}

/// `content_id`, `content_uri` and `json`, and nothing else.
fn described(entry: &mut NewEntry, text: &str) -> Result<(), Problem> {
    let fields: Value = serde_json::from_str(text).map_err(|_| Problem::bad("`metadata` is not JSON"))?;
    let Value::Object(fields) = fields else { return Err(Problem::bad("`metadata` must be an object")) };
    let mut given = Given::new(fields);
    entry.outside_id = given.text("content_id")?.unwrap_or_default();
    entry.uri = given.text("content_uri")?.unwrap_or_default();
    entry.metadata = match given.value("json") {
        None => String::new(),
        Some(Value::Object(json)) => Value::Object(json).to_string(),
        Some(_) => return Err(Problem::bad("`json` must be an object")),
    };
    given.finish()
}

pub(crate) async fn add_signal(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let mut fields = asked.object().await?;
    let note = match fields.shift_remove("note") {
        None | Some(Value::Null) => None,
        Some(Value::String(note)) => Some(note),
        Some(_) => return Err(Problem::bad("`note` must be text")),
    };
    let mut entry = NewEntry::default();
    for (name, value) in &fields {
        let text = value.as_str().ok_or_else(|| Problem::bad(format!("`{name}` must be text")))?;
        match kind_named(name)? {
            SignalKind::Pdq => entry.pdq = Some(hash(name, text)?),
            SignalKind::VideoMd5 => {
                let md5 = bytes(text).ok_or_else(|| Problem::bad("`video_md5` must be 32 hex digits"))?;
                entry.md5 = Some(md5);
            }
        }
    }
    if fields.is_empty() {
        return Err(Problem::bad("there is no signal in the request"));
    }
    noted(&mut entry, note)?;
    let entry = service.add_entry(&asked.caller, asked.param("name"), entry).await?;
    ok(&added(&entry))
}

/// The id of the path; one that is no number names nothing.
fn id_of(asked: &ApiRequest) -> Result<EntryId, Problem> {
    asked.param("id").parse().map(EntryId).map_err(|_| no_content())
}

fn no_content() -> Problem {
    Problem::missing("the bank has no such content")
}

fn content_json(bank: &Bank, entry: &BankEntry, with_signals: bool, with_metadata: bool) -> Value {
    let content = &entry.content;
    let mut all = json!({
        "id": entry.id.0,
        "disable_until_ts": content.disable_until.0,
        "original_media_uri": Value::Null,
        "bank": bank_json(bank),
    });
    if with_signals {
        all["signals"] = Value::Object(signals(content));
    }
    let texts = [&content.outside_id, &content.uri, &content.metadata];
    if with_metadata && texts.iter().any(|text| !text.is_empty()) {
        let text = |text: &String| if text.is_empty() { Value::Null } else { text.clone().into() };
        all["metadata"] = json!({
            "content_id": text(&content.outside_id),
            "content_uri": text(&content.uri),
            "json": serde_json::from_str::<Value>(&content.metadata).unwrap_or_default(),
        });
    }
    if !content.note.is_empty() {
        all["note"] = content.note.clone().into();
    }
    all
}

pub(crate) async fn get(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let with_signals = asked.switch("include_signals")?.unwrap_or(false);
    let with_metadata = asked.switch("include_metadata")?.unwrap_or(true);
    let (name, id) = (asked.param("name").to_string(), id_of(&asked)?);
    service.disclosures.check()?;
    let found = service.ask(move |_, case| Ok(case.bank(&name)?.zip(case.entry(&name, id)?))).await?;
    let (bank, entry) = found.ok_or_else(no_content)?;
    let told = std::iter::once((entry.bank, entry.id));
    service.disclosures.note(&asked.caller, "GET /c/bank/{name}/content/{id}", told, 0);
    ok(&content_json(&bank, &entry, with_signals, with_metadata))
}

pub(crate) async fn change(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let id = id_of(&asked)?;
    let mut given = Given::new(asked.object().await?);
    let disable_until = given.number("disable_until_ts", 0, i64::MAX as u64)?;
    let change = EntryChange {
        disable_until: disable_until.map(|time| DisableUntil(time.cast_signed())),
        note: given.text("note")?,
        labels: None,
    };
    let name = asked.param("name").to_string();
    let entry = service.change_entry(&asked.caller, &name, id, change).await?.ok_or_else(no_content)?;
    let bank = service.banks.index.bank(entry.bank).ok_or_else(no_content)?;
    ok(&content_json(&bank, &entry, false, true))
}

pub(crate) async fn remove(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let removed = service.remove_entry(&asked.caller, asked.param("name"), id_of(&asked)?).await?;
    ok(&json!({ "deleted": u8::from(removed) }))
}
