//! Decisions as JSON Lines, the form in which they move between cases; and subjects as the case stores them.
//!
//! `{"subject":{"pair":["<sha256>","<sha256>"]},"ruling":"reject","reviewer":"...","at":"...","reason":"...",
//! "shown":"..."}`, with `{"photo":[...]}` or `{"ad":{"site":"...","ad_id":"..."}}` as other subjects. A subject has
//! one text only, since that text is what decisions on the same thing are found by.

use super::decision_form::checked;
use crate::error::Result;
use crate::record::{AdKey, Decision, ImageId, Ruling, Subject};
use serde_json::{Map, Value, json};
use std::io::{self, BufRead, Read};

/// Bytes of a line; a decision on the largest photo group takes less.
const MAX_LINE: u64 = 4 << 20;

/// A line that is no decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadDecision {
    /// From 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

/// A decision and its line.
type Numbered = (u64, Decision);

/// One line of JSON without its line feed: the same for the same decision, always.
pub fn decision_line(decision: &Decision) -> String {
    json!({
        "subject": subject_json(&decision.subject),
        "ruling": decision.ruling.name(),
        "reviewer": decision.reviewer,
        "at": decision.at,
        "reason": decision.reason,
        "shown": decision.shown,
    })
    .to_string()
}

/// The decision of one line. `Err` says what is wrong, for a person.
///
/// # Errors
/// What is wrong with the line, for a person.
pub fn decision_from_line(line: &str) -> Result<Decision, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    let object = value.as_object().ok_or("not a JSON object")?;
    let text = |name: &str| text_of(object, name).map(str::to_string);
    let optional = |name: &str| if object.contains_key(name) { text(name) } else { Ok(String::new()) };
    let ruling = text("ruling")?;
    let decision = Decision {
        subject: subject_of(object.get("subject").ok_or("`subject` is missing")?)?,
        ruling: Ruling::from_name(&ruling).ok_or_else(|| format!("unknown ruling `{ruling}`"))?,
        reviewer: text("reviewer")?,
        at: text("at")?,
        reason: optional("reason")?,
        shown: optional("shown")?,
    };
    if decision.at.is_empty() {
        return Err("`at` is empty".into());
    }
    checked(&decision).map_err(|error| error.to_string())
}

/// Reads JSON Lines; empty lines are skipped. Good ones come with their lines, from 1; bad ones beside them.
///
/// # Errors
/// Only when `input` cannot be read.
pub fn read_decisions(mut input: impl BufRead) -> io::Result<(Vec<Numbered>, Vec<BadDecision>)> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        if input.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let whole = bytes.len() as u64 != MAX_LINE || bytes.ends_with(b"\n");
        if !whole {
            input.skip_until(b'\n')?;
        }
        let text = std::str::from_utf8(&bytes).map(str::trim).map_err(|_| "not UTF-8".to_string());
        match text {
            Ok("") => {}
            _ if !whole => bad.push(BadDecision { line, reason: format!("longer than {MAX_LINE} bytes") }),
            text => match text.and_then(decision_from_line) {
                Ok(decision) => good.push((line, decision)),
                Err(reason) => bad.push(BadDecision { line, reason }),
            },
        }
    }
    Ok((good, bad))
}

/// The one text of a subject.
#[cfg(feature = "case")]
pub(crate) fn subject_text(subject: &Subject) -> String {
    subject_json(subject).to_string()
}

#[cfg(feature = "case")]
pub(crate) fn subject_from(text: &str) -> Result<Subject, String> {
    subject_of(&serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?)
}

fn subject_json(subject: &Subject) -> Value {
    match subject {
        Subject::Pair(a, b) => json!({ "pair": [a.to_string(), b.to_string()] }),
        Subject::Photo(images) => {
            json!({ "photo": images.iter().map(ImageId::to_string).collect::<Vec<_>>() })
        }
        Subject::Ad(AdKey { site, ad_id }) => json!({ "ad": { "site": site, "ad_id": ad_id } }),
    }
}

fn subject_of(value: &Value) -> Result<Subject, String> {
    let object = value.as_object().filter(|object| object.len() == 1);
    match object.and_then(|object| object.iter().next()).map(|(kind, of)| (kind.as_str(), of)) {
        Some(("pair", of)) => match images_of(of)?.as_slice() {
            &[a, b] => Ok(Subject::Pair(a, b)),
            other => Err(format!("a pair of {} images", other.len())),
        },
        Some(("photo", of)) => images_of(of).map(Subject::Photo),
        Some(("ad", Value::Object(ad))) => {
            Ok(Subject::Ad(AdKey { site: text_of(ad, "site")?.into(), ad_id: text_of(ad, "ad_id")?.into() }))
        }
        _ => Err("`subject` is none of {\"pair\":[A,B]}, {\"photo\":[...]}, {\"ad\":{...}}".into()),
    }
}

fn images_of(list: &Value) -> Result<Vec<ImageId>, String> {
    let list = list.as_array().ok_or("the images of a subject are not a list")?;
    let id =
        |value: &Value| value.as_str().and_then(image_id).ok_or_else(|| format!("{value} is no SHA-256"));
    list.iter().map(id).collect()
}

/// 64 hex digits.
fn image_id(text: &str) -> Option<ImageId> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let digits: Vec<u8> = text.bytes().map(digit).collect::<Option<_>>()?;
    let bytes: Vec<u8> =
        digits.chunks(2).map(|two| two.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    (digits.len() == 64).then(|| bytes.try_into().ok().map(ImageId)).flatten()
}

fn text_of<'v>(object: &'v Map<String, Value>, name: &str) -> Result<&'v str, String> {
    match object.get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(format!("`{name}` is not text")),
        None => Err(format!("`{name}` is missing")),
    }
}
