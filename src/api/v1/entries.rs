//! `/v1/banks/NAME/entries`: photos on a list, by hash, by digest, or from a picture.

use super::given::Given;
use super::hash::digest_json;
use super::query::{QuerySubject, hash, read};
use crate::analysis::analyse;
use crate::api::http::answer::{Answered, Problem, json_answer, ok};
use crate::api::http::request::ApiRequest;
use crate::api::state::service::Service;
use crate::bank::{BankEntry, DisableUntil, EntryChange, EntryId, NewEntry};
use crate::hash::Quality;
use crate::record::{ImageId, hex};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// An entry as it is told.
fn entry_json(entry: &BankEntry) -> Value {
    let content = &entry.content;
    json!({
        "id": entry.id.0,
        "pdq": content.pdq.map(|hash| hash.to_string()),
        "quality": content.quality.map(Quality::get),
        "md5": content.md5.map(|md5| hex(&md5)),
        "sha1": content.sha1.map(|sha1| hex(&sha1)),
        "sha256": digest_json(content.sha256),
        "labels": content.labels,
        "note": content.note,
        "outside_id": content.outside_id,
        "uri": content.uri,
        "metadata": serde_json::from_str::<Value>(&content.metadata).unwrap_or_default(),
        "disable_until_ts": content.disable_until.0,
    })
}

fn id_of(asked: &ApiRequest) -> Result<EntryId, Problem> {
    asked.param("id").parse().map(EntryId).map_err(|_| no_entry())
}

/// 404 for an entry.
fn no_entry() -> Problem {
    Problem::missing("the bank has no such entry")
}

/// Adds one entry: of a picture, or of hashes and digests in JSON.
pub(crate) async fn add(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let bank = asked.param("name").to_string();
    let entry = if asked.kind() == "application/json" {
        let fields = asked.object().await?;
        if fields.contains_key("picture") {
            of_picture(&service, &mut asked, Some(fields)).await?
        } else {
            of_hashes(fields)?
        }
    } else {
        of_picture(&service, &mut asked, None).await?
    };
    let plain = entry.pdq.is_some() && entry.quality.is_some_and(|quality| quality < Quality::USABLE);
    let added = service.add_entry(&asked.caller, &bank, entry).await?;
    let mut answer = entry_json(&added);
    answer["not_done"] = if plain {
        json!([{ "what": "hashes", "why": "PDQ quality is too low: only files with the same bytes will match" }])
    } else {
        json!([])
    };
    Ok(json_answer(StatusCode::CREATED, &answer))
}

async fn of_picture(
    service: &Arc<Service>,
    asked: &mut ApiRequest,
    fields: Option<Map<String, Value>>,
) -> Result<NewEntry, Problem> {
    let (bytes, given) = match fields {
        Some(fields) => {
            let mut given = Given::new(fields);
            (super::query::decoded("picture", &given.needed("picture")?)?, given)
        }
        None => match read(asked).await? {
            (QuerySubject::Picture(bytes), given) => (bytes, given),
            (QuerySubject::Hash(_), _) => return Err(Problem::bad("send a picture, or JSON with hashes")),
        },
    };
    let seen = service.work(move |service| analyse(&bytes, &service.options.limits)).await?;
    let image = seen.map_err(|why| Problem::of_image(&why))?;
    described(NewEntry::of_image(&image), given)
}

fn of_hashes(fields: Map<String, Value>) -> Result<NewEntry, Problem> {
    let mut given = Given::new(fields);
    let pdq = given.text("pdq")?.map(|text| hash("pdq", &text)).transpose()?;
    let quality = given.number("quality", 0, 100)?.map(|quality| Quality::new(quality as u8));
    let entry = NewEntry {
        pdq,
        quality,
        md5: digest(&mut given, "md5")?,
        sha1: digest(&mut given, "sha1")?,
        sha256: digest(&mut given, "sha256")?.map(ImageId),
        ..NewEntry::default()
    };
    described(entry, given)
}

/// Bytes in hex.
fn digest<const N: usize>(given: &mut Given, name: &str) -> Result<Option<[u8; N]>, Problem> {
    let Some(text) = given.text(name)? else { return Ok(None) };
    bytes(&text).map(Some).ok_or_else(|| Problem::bad(format!("`{name}` must be {} hex digits", 2 * N)))
}

/// Bytes of hex digits of either case.
pub(crate) fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// What else is said of it.
fn described(entry: NewEntry, mut given: Given) -> Result<NewEntry, Problem> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let entry = NewEntry {
        labels: given.list("labels")?.unwrap_or_default(),
        note: text(given.text("note")?),
        outside_id: text(given.text("outside_id")?),
        uri: text(given.text("uri")?),
        metadata: given.value("metadata").map(|value| value.to_string()).unwrap_or_default(),
        ..entry
    };
    given.finish()?;
    Ok(entry)
}

pub(crate) async fn get(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let (bank, id) = (asked.param("name").to_string(), id_of(&asked)?);
    service.disclosures.check()?;
    let entry = service.ask(move |_, case| case.entry(&bank, id)).await?.ok_or_else(no_entry)?;
    let told = std::iter::once((entry.bank, entry.id));
    service.disclosures.note(&asked.caller, "GET /v1/banks/{name}/entries/{id}", told, 0);
    ok(&entry_json(&entry))
}

pub(crate) async fn change(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let id = id_of(&asked)?;
    let mut given = Given::new(asked.object().await?);
    let change = EntryChange {
        disable_until: given
            .number("disable_until_ts", 0, i64::MAX as u64)?
            .map(|time| DisableUntil(time.cast_signed())),
        note: given.text("note")?,
        labels: given.list("labels")?,
    };
    given.finish()?;
    let entry = service.change_entry(&asked.caller, asked.param("name"), id, change).await?;
    ok(&entry_json(&entry.ok_or_else(no_entry)?))
}

pub(crate) async fn remove(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let removed = service.remove_entry(&asked.caller, asked.param("name"), id_of(&asked)?).await?;
    if removed { ok(&json!({ "removed": true })) } else { Err(no_entry()) }
}
