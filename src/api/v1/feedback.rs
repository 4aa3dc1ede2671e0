//! `POST /v1/feedback`: what a platform says of an entry that matched, in the words of the exchanges it came from.
//!
//! Kept in the audit chain, so it is never changed and stands in the change feed for whoever passes it on. The trap:
//! feedback changes nothing that is matched; who wants that changes the entry.

use super::given::Given;
use crate::api::http::answer::{Answered, Problem, json_answer};
use crate::api::http::request::ApiRequest;
use crate::api::state::service::Service;
use crate::bank::EntryId;
use axum::http::StatusCode;
use serde_json::json;
use std::sync::Arc;

/// Words of StopNCII, of NCMEC, and of ThreatExchange.
const WORDS: [&str; 7] =
    ["PendingReview", "Blocked", "NotBlocked", "upvote", "downvote", "MALICIOUS", "NON_MALICIOUS"];
/// Characters of a reason or a tag.
const MOST_TEXT: usize = 500;
/// Tags of one feedback.
const MOST_TAGS: usize = 32;

pub(crate) async fn post(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let mut given = Given::new(asked.object().await?);
    let (bank, word) = (given.needed("bank")?, given.needed("feedback")?);
    let entry = given.number("entry", 0, u64::MAX)?.ok_or_else(|| Problem::bad("`entry` is missing"))?;
    let (reason, source) =
        (given.text("reason")?.unwrap_or_default(), given.text("source")?.unwrap_or_default());
    let tags = given.list("tags")?.unwrap_or_default();
    given.finish()?;
    if !WORDS.contains(&word.as_str()) {
        return Err(Problem::bad("`feedback` is a word that is not known")
            .with(format!("known are {}", WORDS.join(", "))));
    }
    let long = |text: &String| text.chars().count() > MOST_TEXT || text.contains(char::is_control);
    if tags.len() > MOST_TAGS || tags.iter().chain([&reason, &source]).any(long) {
        return Err(Problem::bad(format!(
            "texts may have {MOST_TEXT} characters without controls, and {MOST_TAGS} tags"
        )));
    }
    let by = asked.caller.0.clone();
    let number = service
        .writer
        .act(&asked.caller, move |case| {
            let of = |error: crate::error::Error| Problem::of(&error);
            if case.entry(&bank, EntryId(entry)).map_err(of)?.is_none() {
                return Err(Problem::missing("the bank has no such entry"));
            }
            let detail = json!({
                "bank": bank, "entry": entry, "feedback": word, "reason": reason, "source": source, "tags": tags,
                "token": by,
            });
            case.note("feedback", &detail).map_err(of)?;
            case.audit_end().map_err(of)
        })
        .await?;
    Ok(json_answer(StatusCode::CREATED, &json!({ "number": number })))
}
